"""The demo commune at a moment, as an action sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from bot.clock import LOCAL, local_date
from bot.dialogue.outcome import Env
from bot.knowledge.library import Library
from bot.knowledge.loader import load
from bot.knowledge.model import Commune, Holidays
from bot.messages import Channel
from tests.knowledge.conftest import FAQ

PLACE = "hoa-mai"
TUESDAY = date(2026, 11, 24)


@cache
def library() -> Library:
    """All that is shipped."""
    return load(FAQ)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """An instant by Vietnam's clocks, in UTC as the bot is given it."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL).astimezone(UTC)


def here(
    now: datetime | None = None,
    channel: Channel = "zalo",
    holidays: Holidays | None = None,
    commune: Commune | None = None,
) -> Env:
    """The demo commune, on Tuesday morning when nothing else is said."""
    now = now or at(TUESDAY)
    knowledge = library().on(local_date(now), PLACE)
    if holidays is not None:
        knowledge = replace(knowledge, holidays=holidays)
    place = commune or library().commune(PLACE)
    return Env(knowledge, place, channel, now, local_date(now))


def weekday_after(day: date, count: int, off: Sequence[date] = ()) -> date:
    """Counted on the fingers: the working day that is ``count`` of them after a working day."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5 and day not in off
    return day
