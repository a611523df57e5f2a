"""Login attempts, counted in memory: a restart forgets them, a guesser does not profit."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

LIMIT = 10
WINDOW = timedelta(minutes=10)
_MOST_KEYS = 10_000


class Attempts:
    """Counts attempts per key within a sliding window.

    An attempt counts from its start, so that many at once do not slip through; a right
    password takes it back.
    """

    def __init__(self, limit: int = LIMIT, window: timedelta = WINDOW) -> None:
        self._limit, self._window = limit, window
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def begin(self, now: datetime, *keys: str) -> bool:
        """Count one attempt under each key; False (and none counted) when any is full."""
        if any(self._live(key, now) >= self._limit for key in keys):
            return False
        for key in keys:
            self._seen.setdefault(key, deque()).append(now)
            self._seen.move_to_end(key)
        while len(self._seen) > _MOST_KEYS:
            self._seen.popitem(last=False)
        return True

    def take_back(self, *keys: str) -> None:
        """The latest attempt under each key was right."""
        for key in keys:
            if self._seen.get(key):
                self._seen[key].pop()

    def _live(self, key: str, now: datetime) -> int:
        seen = self._seen.get(key)
        if seen is None:
            return 0
        while seen and now - seen[0] >= self._window:
            seen.popleft()
        if not seen:
            del self._seen[key]
        return len(seen)
