"""Who may poll a bot: an update goes to whoever asks first, so only one process may ask."""

from __future__ import annotations

import asyncio
from typing import Protocol

LEASE_SECONDS = 60.0
"""How long a lease must hold: longer than one long poll with its grace."""


class PollLease(Protocol):
    """Shared by all processes that may poll."""

    async def acquire(self, commune: str, owner: str) -> bool:
        """Take or prolong the lease on the commune's bot for :data:`LEASE_SECONDS`.

        False while another ``owner`` holds it. Asked before each poll; whatever it raises
        counts as False, so that nobody polls when that cannot be told.
        """
        ...


class MemoryPollLease(PollLease):
    """For a single process, and for tests of several pollers in one."""

    def __init__(self, seconds: float = LEASE_SECONDS) -> None:
        self._seconds = seconds
        self._held: dict[str, tuple[str, float]] = {}

    async def acquire(self, commune: str, owner: str) -> bool:
        now = asyncio.get_running_loop().time()
        holder, until = self._held.get(commune, (owner, now))
        if holder != owner and until > now:
            return False
        self._held[commune] = (owner, now + self._seconds)
        return True
