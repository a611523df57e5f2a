"""Clocks. Nothing in ``bot/`` asks the system for "now"; it is handed a Clock.

All instants are timezone-aware UTC; :data:`LOCAL` (Asia/Ho_Chi_Minh, UTC+7, no
daylight saving) is applied only where a person reads or writes a time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Return the current instant, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """Another clock, moved by a settable offset (the demo's movable clock)."""

    def __init__(self, base: Clock, offset: timedelta = timedelta()) -> None:
        self._base = base
        self.offset = offset

    def now(self) -> datetime:
        return self._base.now() + self.offset


class FixedClock:
    """A clock that stands still until it is set or advanced (tests, ``--on``)."""

    def __init__(self, at: datetime) -> None:
        self.set(at)

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        """Move to ``at``.

        Raises:
            ValueError: if ``at`` carries no time zone.
        """
        if at.tzinfo is None:
            raise ValueError("a clock needs a timezone-aware instant")
        self._at = at.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move forward by ``by``."""
        self._at += by


def local_date(instant: datetime) -> date:
    """The calendar day of ``instant`` in Vietnam."""
    return instant.astimezone(LOCAL).date()
