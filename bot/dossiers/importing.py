"""Many dossiers at once: what a file would change, then the change itself.

A file only adds: what it does not say of a dossier stays as it is, and the same file again
changes nothing. It is applied in small transactions, so that citizens' messages are not kept
waiting; who was interrupted applies it again and goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from itertools import islice
from typing import Any, Final, Literal, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date
from bot.dossiers import saving
from bot.dossiers.sheet import Line, Sheet
from bot.knowledge.library import Knowledge
from bot.store import dossiers
from bot.store.dossiers import Draft, Record, code_key
from bot.store.engine import Store

T = TypeVar("T")

LOOK_BATCH: Final = 400
WRITE_BATCH: Final = 20
"""So many dossiers in one transaction."""
SHOWN: Final = 300
"""So many changes are told one by one."""

Effect = Literal["new", "changed", "unchanged", "older"]
"""What a line does; ``older``: the dossier has a newer state than the file."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that a line says otherwise."""

    name: str
    """Of :class:`Draft`, or ``consent``."""
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """What one line does."""

    line: int
    code: str
    effect: Effect
    differences: tuple[Difference, ...] = ()
    foreign: str = ""

    @property
    def backwards(self) -> bool:
        """The state goes back to an earlier one: the file may be older than the desk."""
        order = {"received": 0, "processing": 1, "need_papers": 1, "ready": 2, "returned": 3}
        for one in self.differences:
            if one.name == "state" and one.before in order and one.after in order:
                return order[one.after] < order[one.before]
        return False


@dataclass(slots=True)
class Report:
    """What a file does, or did."""

    counts: dict[Effect, int] = field(
        default_factory=lambda: {"new": 0, "changed": 0, "unchanged": 0, "older": 0}
    )
    changes: list[Change] = field(default_factory=list)
    """The first of those that change something."""
    planned: int = 0
    """Reminders that are to come of the dossiers that were written."""
    last_line: int = 0
    """Up to here the file was applied."""

    def note(self, change: Change) -> None:
        """One more line."""
        self.counts[change.effect] += 1
        self.last_line = change.line
        if change.effect != "unchanged" and len(self.changes) < SHOWN:
            self.changes.append(change)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some lines, with what the store has of them."""

    lines: list[Line]
    there: dict[str, Record]
    unwilling: set[str]
    """Numbers that no file may bring to agree."""


async def _batch(
    session: AsyncSession, knowledge: Knowledge, lines: list[Line], all_agreed: bool
) -> _Batch:
    commune = saving.commune_of(knowledge).id
    there = await dossiers.find(session, commune, (line.code for line in lines))
    asked = (line.given.get("phone") for line in lines if _agreed(line, all_agreed))
    known = (record.told.phone for record in there.values())
    phones = {phone for phone in (*asked, *known) if phone}
    silent = await dossiers.unwilling(session, commune, phones, saving.PURPOSE) if phones else set()
    return _Batch(lines, there, silent)


async def look(
    store: Store, knowledge: Knowledge, sheet: Sheet, now: datetime, *, all_agreed: bool = False
) -> Report:
    """A dry run: nothing is written.

    Args:
        all_agreed: an officer says that those of whom the file tells nothing have agreed, too.
    """
    report = Report()
    for lines in _batches(sheet.lines, LOOK_BATCH):
        async with store.read() as session:
            batch = await _batch(session, knowledge, lines, all_agreed)
            for line in lines:
                report.note(await _change(session, knowledge, line, batch, now, all_agreed))
    return report


async def apply(
    store: Store,
    knowledge: Knowledge,
    sheet: Sheet,
    officer_id: int | None,
    now: datetime,
    *,
    all_agreed: bool = False,
    progress: Callable[[Report], Awaitable[None]] | None = None,
) -> Report:
    """Write what the file says; lines with faults are left out.

    Args:
        progress: told after each transaction how far it has come.
    """
    report = Report()
    for lines in _batches(sheet.lines, WRITE_BATCH):
        done: list[tuple[Change, int]] = []
        async with store.write() as session:
            batch = await _batch(session, knowledge, lines, all_agreed)
            for line in lines:
                change = await _change(session, knowledge, line, batch, now, all_agreed)
                planned = 0
                if change.effect in ("new", "changed"):
                    record = batch.there.get(code_key(line.code))
                    planned = await _write(
                        session, knowledge, line, record, officer_id, now, all_agreed
                    )
                done.append((change, planned))
        # Only what is committed is told.
        for change, planned in done:
            report.note(change)
            report.planned += planned
        if progress is not None:
            await progress(report)
    return report


async def _write(
    session: AsyncSession,
    knowledge: Knowledge,
    line: Line,
    record: Record | None,
    officer_id: int | None,
    now: datetime,
    all_agreed: bool,
) -> int:
    draft = merged(line, record, local_date(now))
    agreed = _agreed(line, all_agreed)
    saved = await saving.save(
        session, knowledge, draft, officer_id, now, agreed=agreed, source="import"
    )
    return len(saved.planned)


def _agreed(line: Line, all_agreed: bool) -> bool | None:
    return True if line.consent is None and all_agreed else line.consent


def merged(line: Line, record: Record | None, today: date) -> Draft:
    """The dossier as it is, with what the line says of it."""
    given = dict(line.given)
    if record is None:
        return Draft(line.code, line.state, **({"state_on": today} | given))
    if record.erased:
        given.pop("phone", None)  # its person wanted it to be forgotten
    if "state_on" not in given:
        given["state_on"] = record.told.state_on if line.state == record.told.state else today
    return replace(record.told, state=line.state, **given)


async def _change(
    session: AsyncSession,
    knowledge: Knowledge,
    line: Line,
    batch: _Batch,
    now: datetime,
    all_agreed: bool,
) -> Change:
    record = batch.there.get(code_key(line.code))
    if record is not None and _is_older(line, record):
        return Change(line.line, line.code, "older")
    draft = saving.completed(merged(line, record, local_date(now)), knowledge, now)
    new = _differences(record.told if record else None, draft)
    if _agreed(line, all_agreed) and _consents(draft, record, batch):
        new.append(Difference("consent", False, True))
    elif line.consent is False and record and await _takes_back(session, record):
        new.append(Difference("consent", True, False))
    effect: Effect = "new" if record is None else "changed" if new else "unchanged"
    return Change(line.line, line.code, effect, tuple(new), line.foreign)


def _is_older(line: Line, record: Record) -> bool:
    """The desk knows of a later change of the state than the file."""
    told, on = record.told, line.given.get("state_on")
    return on is not None and line.state != told.state and on < told.state_on


def _differences(before: Draft | None, after: Draft) -> list[Difference]:
    names = [one.name for one in fields(Draft) if one.name != "code"]
    pairs = ((name, getattr(before, name, None), getattr(after, name)) for name in names)
    return [Difference(n, old, new) for n, old, new in pairs if (old or None) != (new or None)]


def _consents(draft: Draft, record: Record | None, batch: _Batch) -> bool:
    """Whether a consent is not there yet and may be taken from a file."""
    if draft.phone is None or draft.phone in batch.unwilling:
        return False
    same = record is not None and record.told.phone == draft.phone
    return not (same and record is not None and record.consent_id is not None)


async def _takes_back(session: AsyncSession, record: Record) -> bool:
    """Whether a "no" of the file ends a consent: never one that its person sent."""
    held = await dossiers.consent_of(session, record)
    return held is not None and held.source != "message"


def _batches(lines: Sequence[T], size: int) -> Iterator[list[T]]:
    left = iter(lines)
    while batch := list(islice(left, size)):
        yield batch
