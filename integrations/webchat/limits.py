"""How much one person may send: a token bucket in memory for each key."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The web chat's bounds; the defaults fit one commune on a small machine."""

    session_per_minute: int = 20
    address_per_minute: int = 120
    polls_per_minute: int = 600
    """Reads of one IP address; many phones of one village share an address."""
    polls_per_session: int = 4
    """Reads that may wait at the same time; one more is answered without waiting."""
    body_bytes: int = 64 * 1024
    wait_seconds: float = 25.0
    poll_interval: float = 0.5
    session_days: int = 30


class Buckets:
    """Token buckets by key: ``per_minute`` tokens at most, refilled evenly."""

    def __init__(
        self,
        per_minute: int,
        now: Callable[[], float] = time.monotonic,
        max_keys: int = 10_000,
    ) -> None:
        self._size = float(per_minute)
        self._rate = per_minute / 60
        self._now = now
        self._max_keys = max_keys
        self._levels: dict[str, tuple[float, float]] = {}

    def take(self, key: str) -> int:
        """Take one token of ``key``; 0 when there was one, else seconds until the next."""
        now = self._now()
        level = self._level(key, now)
        if level < 1:
            self._levels[key] = (level, now)
            return max(1, math.ceil((1 - level) / self._rate))
        if key not in self._levels and len(self._levels) >= self._max_keys:
            self._forget(now)
        self._levels[key] = (level - 1, now)
        return 0

    def _level(self, key: str, now: float) -> float:
        level, at = self._levels.get(key, (self._size, now))
        return min(self._size, level + (now - at) * self._rate)

    def _forget(self, now: float) -> None:
        """Drop the full buckets, and half of the rest when that frees nothing."""
        kept = {k: v for k, v in self._levels.items() if self._level(k, now) < self._size}
        if len(kept) >= self._max_keys:
            kept = dict(list(kept.items())[len(kept) // 2 :])
        self._levels = kept
