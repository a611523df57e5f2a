"""The time of a simulator: whoever builds one hands it a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Return the current instant, timezone-aware."""
        ...


class MachineClock:
    """The machine's own clock, for a simulator that runs alone."""

    def now(self) -> datetime:
        return datetime.now(UTC)
