"""A file of dossiers between its dry run and its confirmation, and how far it was applied.

One at a time for each officer, encrypted, for a day at most.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import notes
from bot.store.conversations import rows_changed
from bot.store.engine import vault_of
from bot.store.models import Note

LIFE = timedelta(days=1)
_FILE = "dossier-file:"
_PROGRESS = "dossier-progress:"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that an officer gave."""

    name: str
    data: bytes
    all_agreed: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file was applied; nothing in it is about anybody."""

    name: str
    at: datetime
    """When it was last touched: one that is under way and is not, has stopped."""
    lines: int = 0
    """Of the file, with its faulty ones."""
    faulty: int = 0
    started: bool = False
    done: bool = False
    line: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    planned: int = 0
    problem: str = ""
    """In Vietnamese; "": none."""


async def keep(
    session: AsyncSession, commune: str, officer_id: int, upload: Upload, progress: Progress
) -> None:
    """Keep it in place of the officer's last one."""
    packed = base64.b64encode(zlib.compress(upload.data)).decode()
    tree = {"name": upload.name, "data": packed, "all_agreed": upload.all_agreed}
    await notes.put(session, f"{_FILE}{officer_id}", vault_of(session).seal(tree), commune)
    await go_on(session, commune, officer_id, progress)


async def get(session: AsyncSession, commune: str, officer_id: int) -> Upload | None:
    """The officer's last one, while it is not done."""
    sealed = await notes.get(session, f"{_FILE}{officer_id}", commune)
    if sealed is None:
        return None
    tree = vault_of(session).open(sealed)
    data = zlib.decompress(base64.b64decode(tree["data"]))
    return Upload(tree["name"], data, tree["all_agreed"])


async def progress_of(session: AsyncSession, commune: str, officer_id: int) -> Progress | None:
    """How far the officer's last one has come."""
    said = await notes.get(session, f"{_PROGRESS}{officer_id}", commune)
    if said is None:
        return None
    tree = json.loads(said)
    return Progress(**tree | {"at": datetime.fromisoformat(tree["at"])})


async def go_on(session: AsyncSession, commune: str, officer_id: int, progress: Progress) -> None:
    """Note how far it has come; when it is done the file goes."""
    tree = asdict(progress) | {"at": progress.at.isoformat()}
    await notes.put(session, f"{_PROGRESS}{officer_id}", json.dumps(tree), commune)
    if progress.done:
        await _delete(session, Note.commune == commune, Note.name == f"{_FILE}{officer_id}")


async def forget(session: AsyncSession, commune: str, officer_id: int) -> None:
    """It is not wanted any more."""
    names = (f"{_FILE}{officer_id}", f"{_PROGRESS}{officer_id}")
    await _delete(session, Note.commune == commune, Note.name.in_(names))


async def drop_old(session: AsyncSession, now: datetime) -> int:
    """Files that nobody confirmed, and what was noted of others; how many."""
    rows = await session.scalars(select(Note).where(Note.name.startswith(_PROGRESS)))
    dropped = 0
    for row in list(rows):
        if datetime.fromisoformat(json.loads(row.value)["at"]) < now - LIFE:
            officer = row.name.removeprefix(_PROGRESS)
            names = Note.name.in_((row.name, f"{_FILE}{officer}"))
            dropped += await _delete(session, Note.commune == row.commune, names)
    return dropped


async def _delete(session: AsyncSession, *wanted: ColumnElement[bool]) -> int:
    result = await session.execute(
        delete(Note).where(*wanted).execution_options(synchronize_session="fetch")
    )
    return rows_changed(result)
