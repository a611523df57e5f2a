"""Counts calls of the last minute."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

_SPAN = timedelta(minutes=1)


class Meter:
    """A sliding minute."""

    def __init__(self) -> None:
        self._calls: deque[datetime] = deque()

    def left(self, now: datetime, most: int) -> int:
        """How many calls may still come in this minute."""
        # A demo's clock may be moved back: calls "from the future" do not count.
        while self._calls and not timedelta() <= now - self._calls[0] < _SPAN:
            self._calls.popleft()
        return max(most - len(self._calls), 0)

    def count(self, now: datetime) -> None:
        """One call was admitted."""
        self._calls.append(now)
