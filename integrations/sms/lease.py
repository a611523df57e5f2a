"""Who may listen to a gateway: what it hands out goes to whoever asks first."""

from __future__ import annotations

import asyncio
from typing import Protocol

LEASE_SECONDS = 60.0
"""How long a lease must hold: several times as long as between two renewals."""


class ListenLease(Protocol):
    """Shared by all processes that may listen."""

    async def acquire(self, commune: str, name: str, owner: str) -> bool:
        """Take or prolong the lease on a gateway for :data:`LEASE_SECONDS`.

        False while another ``owner`` holds it; whatever it raises counts as False, so that
        nobody listens when that cannot be told.
        """
        ...


class MemoryListenLease(ListenLease):
    """For a single process, and for tests of several listeners in one."""

    def __init__(self, seconds: float = LEASE_SECONDS) -> None:
        self._seconds = seconds
        self._held: dict[tuple[str, str], tuple[str, float]] = {}

    async def acquire(self, commune: str, name: str, owner: str) -> bool:
        now = asyncio.get_running_loop().time()
        holder, until = self._held.get((commune, name), (owner, now))
        if holder != owner and until > now:
            return False
        self._held[commune, name] = (owner, now + self._seconds)
        return True
