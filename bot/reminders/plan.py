"""From a date that the citizen gave to the instants at which to remind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.clock import LOCAL, local_date
from bot.reminders.quiet import Days

HOUR = time(8, 30)
"""In the morning, when the office is about to open."""
APPOINTMENT_LEADS = (3, 1)
"""Two reminders beat one (facts/sms_privacy.md 4.1: 4.4 % missed against 5.8 and 5.3 %)."""


@dataclass(frozen=True, slots=True)
class Due:
    """One moment: remind ``days_before`` the day, pointless after ``expires_at``."""

    days_before: int
    at: datetime
    expires_at: datetime


def moments(day: date, days_before: Iterable[int], now: datetime) -> tuple[Due, ...]:
    """When to remind of ``day``, soonest first; moments that have passed are left out.

    A reminder is pointless once its day is over (00:00 of the next day in Vietnam).
    """
    expires = _at(day + timedelta(days=1), time(0, 0))
    dues = (Due(n, _at(day - timedelta(days=n), HOUR), expires) for n in days_before)
    return tuple(sorted((d for d in dues if d.at > now), key=lambda d: d.at))


def moments_on(
    day: date,
    days_before: Iterable[int],
    now: datetime,
    calendar: Days,
    hour: time = HOUR,
) -> tuple[Due, ...]:
    """The same, on no public holiday: what would fall on one moves to the day before it.

    Of two that come to stand on one day the later one stays. A ``Due`` keeps the number of
    days before that was asked for, and its expiry.
    """
    expires = _at(day + timedelta(days=1), time(0, 0))
    dues: dict[date, Due] = {}
    for n in sorted(set(days_before), reverse=True):
        due = Due(n, _at(_no_holiday(day - timedelta(days=n), calendar), hour), expires)
        if due.at > now:
            dues[local_date(due.at)] = due
    return tuple(sorted(dues.values(), key=lambda due: due.at))


def _no_holiday(day: date, calendar: Days) -> date:
    while calendar.is_holiday(day):
        day -= timedelta(days=1)
    return day


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, LOCAL).astimezone(UTC)
