"""When something that we start by ourselves may reach a phone: not at night, not on holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from bot.clock import LOCAL

OPENS = time(7, 0)
CLOSES = time(21, 0)
"""Reminders leave within 07:00-21:00 in Vietnam, stricter than NĐ 91/2020 (07:00-22:00)."""
_DAY = timedelta(days=1)


class Days(Protocol):
    """Which days are public holidays (bot.knowledge.workdays.Calendar)."""

    def is_holiday(self, day: date) -> bool:
        """Whether nobody is written to on that day."""
        ...

    def is_working(self, day: date) -> bool:
        """Whether the office is open on that day."""
        ...


class EveryDay:
    """No holidays are known."""

    def is_holiday(self, day: date) -> bool:
        """Never."""
        return False

    def is_working(self, day: date) -> bool:
        """Always."""
        return True


class OfficeDays:
    """For what calls people to the office: every day on which it is shut is like a holiday."""

    def __init__(self, days: Days) -> None:
        self._days = days

    def is_holiday(self, day: date) -> bool:
        """Whether the office is shut."""
        return not self._days.is_working(day)

    def is_working(self, day: date) -> bool:
        """Whether the office is open."""
        return self._days.is_working(day)


def allowed(at: datetime, days: Days | None = None) -> bool:
    """Whether a reminder may leave at that instant."""
    local = at.astimezone(LOCAL)
    return OPENS <= local.time() < CLOSES and not (days or EveryDay()).is_holiday(local.date())


def next_allowed(at: datetime, days: Days | None = None) -> datetime:
    """``at`` itself, or the next 07:00 in Vietnam that is no holiday's (aware UTC)."""
    if allowed(at, days):
        return at.astimezone(UTC)
    local = at.astimezone(LOCAL)
    day = local.date() if local.time() < OPENS else local.date() + _DAY
    if OPENS <= local.time() < CLOSES:
        day = local.date() + _DAY  # a holiday, at daytime
    while (days or EveryDay()).is_holiday(day):
        day += _DAY
    return datetime.combine(day, OPENS, LOCAL).astimezone(UTC)
