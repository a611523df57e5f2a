"""A simulated year of a commune's reminders and announcements, with a SIGKILL in every week.

``python -m tests.acceptance.year --days 365 --people 5300``. The database, the scheduler, the
announcer, the sender, the pace and the gateway (another process, over HTTP) are the real ones;
only the clock is not. What arrived is read from the gateway's own list.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import structlog
from sqlalchemy import select

from bot.clock import LOCAL
from bot.knowledge.workdays import Calendar
from bot.reminders.quiet import allowed
from bot.store.engine import Store
from bot.store.migrate import upgrade
from bot.store.models import (
    AnnouncementRecipient,
    Conversation,
    OptOut,
    OutboxRow,
    Reminder,
)
from bot.store.vault import Vault
from tests.acceptance.local_gateway import running
from tests.acceptance.year_child import CAPS, SECRET, Place, forked, settle
from tests.acceptance.year_life import Event, Life, events
from tests.factories import HOME, library
from tests.peers import free_port

START = datetime(2026, 12, 20, 17, 0, tzinfo=UTC)
"""A Monday, 00:00 in Vietnam; the year holds Tết 2027."""
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Arrival:
    """One SMS that the gateway took."""

    id: int
    to: str
    at: datetime


@dataclass
class Report:
    """What became of the year."""

    seconds: float = 0.0
    kills: int = 0
    reminders: Counter[str] = field(default_factory=Counter)
    """What became of them: sent, expired, replaced by a newer one, cancelled (HUY, new state)."""
    kinds: Counter[str] = field(default_factory=Counter)
    outbox: Counter[str] = field(default_factory=Counter)
    recipients: Counter[str] = field(default_factory=Counter)
    arrived: int = 0
    faults: list[str] = field(default_factory=list)
    """What must not be: empty."""

    def lines(self) -> list[str]:
        """For a person."""
        return [
            f"{self.kills} SIGKILLs, {self.seconds:.0f} s",
            f"reminders due {self.reminders.total()}: {_told(self.reminders)}",
            f"by kind: {_told(self.kinds)}",
            f"people of announcements {self.recipients.total()}: {_told(self.recipients)}",
            f"messages: {_told(self.outbox)}; arrived {self.arrived}",
            *(f"FAULT {fault}" for fault in self.faults[:20]),
            f"faults: {len(self.faults)}",
        ]


def _told(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counter.items()))


def live(folder: Path, life: Life, database: str = "") -> Report:
    """Let the time pass; returns what became of it."""
    began = time.monotonic()
    url = database or f"sqlite:///{folder / 'year.db'}"
    place = Place(url, folder / "clock", "")
    place.write_clock(life.start)
    log = folder / "arrived.jsonl"
    asyncio.run(_prepare(place, life))
    all_events = events(life)
    library()  # read once: children are copies of this process
    report = Report()
    with running(free_port(), log, place.clock) as address:
        place = Place(url, place.clock, address)
        rng = random.Random(life.seed)
        for kill_at in [*_kills(life, rng), None]:
            report.kills += _until(place, life, all_events, kill_at, rng)
    report.seconds = time.monotonic() - began
    asyncio.run(_examine(place, life, log, report))
    return report


async def _prepare(place: Place, life: Life) -> None:
    store = Store(place.database, Vault(SECRET))
    await upgrade(store)
    await store.close()
    await settle(place, life)


def _kills(life: Life, rng: random.Random) -> Iterable[datetime]:
    """A moment in each week, mostly at an hour at which something is sent."""
    for week in range(life.days // 7):
        day = life.start + week * WEEK + timedelta(days=rng.randrange(7))
        yield day + timedelta(hours=7, minutes=rng.randrange(5 * 60))


def _until(
    place: Place,
    life: Life,
    all_events: list[Event],
    kill_at: datetime | None,
    rng: random.Random,
) -> int:
    """Live until the simulated ``kill_at``, then SIGKILL; 1 when it hit."""
    if kill_at is not None and place.read_clock() >= kill_at:
        return 0  # an outage has passed over it
    with forked(place, life, all_events) as number:
        while True:
            done, status = os.waitpid(number, os.WNOHANG)
            if done:
                if status:
                    raise RuntimeError(f"the child failed: {status}")
                return 0
            if kill_at is not None and place.read_clock() >= kill_at:
                time.sleep(rng.random() * 0.05)  # in the middle of whatever it does
                os.kill(number, signal.SIGKILL)
                os.waitpid(number, 0)
                return 1
            time.sleep(0.002)


# --- what must be true of it ------------------------------------------------------------


async def _examine(place: Place, life: Life, log: Path, report: Report) -> None:
    store = Store(place.database, Vault(SECRET))
    told = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    arrivals = [
        Arrival(int(one["id"].removeprefix("hotro-")), one["to"], datetime.fromisoformat(one["at"]))
        for one in told
    ]
    report.arrived = len(arrivals)
    async with store.read() as session:
        reminders = {row.id: row for row in await session.scalars(select(Reminder))}
        rows = {row.id: row for row in await session.scalars(select(OutboxRow))}
        people = list(await session.scalars(select(AnnouncementRecipient)))
        stops = [
            (store.vault.decrypt(address), at, lifted)
            for address, at, lifted in await session.execute(
                select(Conversation.address_enc, OptOut.at, OptOut.lifted_at).join(
                    Conversation, Conversation.address_hash == OptOut.subject_hash
                )
            )
        ]
    await store.close()
    due = [row for row in reminders.values() if row.due_at <= life.end - timedelta(days=3)]
    ways = {row.reminder_id: row.state for row in rows.values() if row.reminder_id is not None}
    report.reminders.update(
        ways.get(row.id, row.state) if row.state == "queued" else row.state for row in due
    )
    report.kinds.update(row.kind for row in due)
    report.outbox.update(row.state for row in rows.values())
    report.recipients.update(row.state for row in people)
    report.faults += _nothing_twice(arrivals, rows)
    report.faults += _in_permitted_hours(arrivals)
    report.faults += _when_open(arrivals, rows, reminders)
    report.faults += _within_caps(arrivals)
    report.faults += _obeyed(arrivals, stops)
    report.faults += _nothing_lost(arrivals, due, rows, life)


def _nothing_twice(arrivals: list[Arrival], rows: dict[int, OutboxRow]) -> Iterable[str]:
    """Each message once, each reminder once, each announcement once a person."""
    names: dict[str, Callable[[Arrival], object]] = {
        "message": lambda one: one.id,
        "reminder": lambda one: rows[one.id].reminder_id,
        "notice": lambda one: _recipient(rows[one.id]),
    }
    for what, name in names.items():
        for number, count in Counter(name(one) for one in arrivals).items():
            if number is not None and count > 1:
                yield f"{what} {number} arrived {count} times"


def _recipient(row: OutboxRow) -> str | None:
    return row.key.split(":")[1] if row.author == "notice" else None


def _in_permitted_hours(arrivals: list[Arrival]) -> Iterable[str]:
    for one in arrivals:
        local = one.at.astimezone(LOCAL)
        days = Calendar(library().on(local.date(), HOME).holidays)
        if not allowed(one.at, days):
            yield f"message {one.id} arrived at {local:%a %d/%m %H:%M}"


def _when_open(
    arrivals: list[Arrival], rows: dict[int, OutboxRow], reminders: dict[int, Reminder]
) -> Iterable[str]:
    """What calls people to the office comes on a day on which it is open."""
    for one in arrivals:
        reminder = reminders.get(rows[one.id].reminder_id or 0)
        day = one.at.astimezone(LOCAL).date()
        known = library().on(day, HOME)
        assert known.reminders is not None
        if reminder is None or reminder.kind not in known.reminders.calling_in():
            continue
        if not Calendar(known.holidays).is_working(day):
            yield f"{reminder.kind} {reminder.id} arrived on {day:%a %d/%m}"


def _within_caps(arrivals: list[Arrival]) -> Iterable[str]:
    by_person: dict[str, list[datetime]] = defaultdict(list)
    for one in sorted(arrivals, key=lambda one: one.at):
        lately = [at for at in by_person[one.to] if at > one.at - timedelta(hours=24)]
        by_person[one.to] = [*lately, one.at]
        if len(lately) >= 3:
            yield f"{one.to[-3:]} got {len(lately) + 1} messages in a day"
    times = sorted(one.at for one in arrivals)
    start = 0
    for end, at in enumerate(times):
        while times[start] <= at - timedelta(hours=1):
            start += 1
        if end - start + 1 > CAPS.per_hour:
            yield f"{end - start + 1} messages within an hour until {at}"
    # A SIM's day is the calendar's, as its operator counts it.
    for day, count in Counter(at.astimezone(LOCAL).date() for at in times).items():
        if count > CAPS.per_day:
            yield f"{count} messages on {day}"


def _obeyed(
    arrivals: list[Arrival], stops: list[tuple[str, datetime, datetime | None]]
) -> Iterable[str]:
    for number, at, lifted in stops:
        for one in arrivals:
            if one.to == number and at < one.at and (lifted is None or one.at < lifted):
                yield f"message {one.id} arrived after HUY"


def _nothing_lost(
    arrivals: list[Arrival], due: list[Reminder], rows: dict[int, OutboxRow], life: Life
) -> Iterable[str]:
    """What was due is over, and what hotro holds for sent is what the gateway took."""
    for row in due:
        if row.state == "scheduled":
            yield f"reminder {row.id} was due at {row.due_at} and is still scheduled"
        ways = [one for one in rows.values() if one.reminder_id == row.id]
        if row.state == "queued" and not ways:
            yield f"reminder {row.id} is queued without a message"
    taken = {one.id for one in arrivals}
    for number, one in rows.items():
        if one.state in ("queued", "sending") and one.created_at < life.end - timedelta(days=4):
            yield f"message {number} is still {one.state}"
        if (one.state == "sent") != (number in taken) and one.state not in ("queued", "sending"):
            yield f"message {number} is {one.state}, arrived: {number in taken}"


@click.command()
@click.option("--days", default=365, show_default=True)
@click.option("--people", default=5_300, show_default=True)
@click.option("--each", default=1 / 3, help="Dossiers of a person in a year.")
@click.option("--seed", default=7, show_default=True)
@click.option("--database", default="", help="postgresql://..., an empty one; SQLite without it.")
@click.option("--from", "first", type=click.DateTime(["%Y-%m-%d"]), help="The first day.")
@click.option("--json", "out", type=click.Path(path_type=Path), help="The report as a file.")
def main(
    days: int,
    people: int,
    each: float,
    seed: int,
    database: str,
    first: datetime | None,
    out: Path | None,
) -> None:
    """Live through it and say what became of it."""
    start = first.replace(tzinfo=LOCAL).astimezone(UTC) if first else START
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        report = live(Path(folder), Life(start, days, people, seed, each), database)
    sys.stdout.write("\n".join(report.lines()) + "\n")
    if out is not None:
        out.write_text(json.dumps(vars(report), ensure_ascii=False, indent=1))
    raise SystemExit(1 if report.faults else 0)


if __name__ == "__main__":
    main()
