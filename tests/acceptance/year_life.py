"""What happens in a commune in a year, drawn from a seed: dossiers, announcements, HUY, outages.

Pure: a list of events in the order of their days. Applying one is up to ``year_child``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from bot.clock import LOCAL

PROCEDURES = (
    *("khai_sinh", "khai_tu", "ket_hon", "tinh_trang_hon_nhan", "cai_chinh", "trich_luc"),
    *("tam_tru", "thuong_tru"),
)
VILLAGES = 4
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that somebody does; ``what`` says which of the fields count."""

    at: datetime
    what: Literal["dossier", "notice", "stop", "outage"]
    person: int = 0
    code: str = ""
    procedure: str = ""
    state: str = ""
    received_on: date | None = None
    due_on: date | None = None
    appointment_at: datetime | None = None
    event_on: date | None = None
    agreed: bool = True
    village: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """How much happens."""

    start: datetime
    days: int
    people: int
    seed: int = 7
    each: float = 1 / 3
    """Dossiers of a person in a year."""

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + self.days * DAY

    @property
    def subscribers(self) -> range:
        """People who agreed to announcements before it begins."""
        return range(0, self.people, 4)


def phone(person: int) -> str:
    """E.164."""
    return f"+8491{person:07}"


def events(life: Life) -> list[Event]:
    """Everything, in order."""
    rng = random.Random(life.seed)
    found = [*_dossiers(life, rng), *_notices(life, rng), *_stops(life, rng), *_outages(life, rng)]
    inside = [event for event in found if life.start <= event.at < life.end]
    return sorted(inside, key=lambda event: (event.at, event.code, event.what, event.person))


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), LOCAL).astimezone(UTC)


def _day(life: Life, rng: random.Random) -> date:
    return (life.start.astimezone(LOCAL) + rng.randrange(life.days) * DAY).date()


def _dossiers(life: Life, rng: random.Random) -> Iterator[Event]:
    """Some appointments move, some dossiers lack a paper."""
    for number in range(int(life.people * life.days * life.each / 365)):
        yield from _dossier(number, life, rng)


def _dossier(number: int, life: Life, rng: random.Random) -> Iterator[Event]:
    person, day = rng.randrange(life.people), _day(life, rng)
    procedure = rng.choice(PROCEDURES)
    due = day + rng.randrange(3, 20) * DAY
    come = _at(day + rng.randrange(2, 9) * DAY, 9) if rng.random() < 0.3 else None
    said = {
        "what": "dossier",
        "person": person,
        "code": f"H56-26{number:04}-{rng.randrange(10**4):04}",
        "procedure": procedure,
        "received_on": day,
        "agreed": rng.random() < 0.85,
        "event_on": day - rng.randrange(40) * DAY if procedure in PROCEDURES[:2] else None,
    }

    def told(on: date, state: str, come: datetime | None, due: date) -> Event:
        at = _at(on, rng.randrange(8, 17), rng.randrange(60))
        return Event(at, state=state, appointment_at=come, due_on=due, **said)  # type: ignore[arg-type]

    yield told(day, "received", come, due)
    if come is not None and rng.random() < 0.3:
        come += rng.randrange(-1, 5) * DAY  # moved
        yield told(day + DAY, "processing", come, due)
    if rng.random() < 0.2:
        yield told(day + 2 * DAY, "need_papers", come, due)
        yield told(day + rng.randrange(3, 12) * DAY, "processing", None, due)
    ready = max(due + rng.randrange(-2, 3) * DAY, day + 13 * DAY)
    yield told(ready, "ready", None, due)
    if rng.random() < 0.9:
        yield told(ready + rng.randrange(1, 15) * DAY, "returned", None, due)


def _notices(life: Life, rng: random.Random) -> Iterator[Event]:
    """One in six weeks, to a village or, each third one, to all."""
    for number in range(life.days // 42 + 1):
        day = (life.start + (number * 42 + rng.randrange(30)) * DAY).astimezone(LOCAL).date()
        village = None if number % 3 == 0 else rng.randrange(VILLAGES)
        yield Event(_at(day, 15), "notice", code=f"n{number}", village=village)


def _stops(life: Life, rng: random.Random) -> Iterator[Event]:
    for _ in range(life.people * life.days // (365 * 40)):
        hour = rng.randrange(24)
        yield Event(_at(_day(life, rng), hour, 7), "stop", person=rng.randrange(life.people))


def _outages(life: Life, rng: random.Random) -> Iterator[Event]:
    """Nothing runs for up to four days, a few times."""
    for number in range(life.days // 90 + 1):
        day = (life.start + (number * 90 + rng.randrange(20, 80)) * DAY).astimezone(LOCAL).date()
        at = _at(day, rng.randrange(24))
        yield Event(at, "outage", until=at + timedelta(hours=rng.randrange(6, 96)))
