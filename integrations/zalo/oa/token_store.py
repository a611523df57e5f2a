"""Where token pairs are kept: the protocol, a public in-memory fake, and what is stored.

Another store has to pass the same suite: tests/integrations/zalo/oa/token_store_contract.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from integrations.zalo.oa.oauth import TokenPair

MARGIN = timedelta(hours=5)
"""How long before its end an access token is renewed."""
WARN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class StoredTokens:
    """One OA's pair as it is kept; ``problem`` says why it can no longer be refreshed."""

    version: int
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime
    problem: str = ""

    def usable(self, now: datetime, refused: str | None = None) -> bool:
        """Whether the access token may still be tried."""
        return bool(self.access) and self.access != refused and now < self.access_expires_at

    def due(self, now: datetime, refused: str | None = None) -> bool:
        """Whether it is time for a new pair."""
        return not self.usable(now, refused) or self.access_expires_at - now < MARGIN


def expiring(tokens: StoredTokens, now: datetime, within: timedelta = WARN) -> timedelta | None:
    """What is left of a refresh token that ends soon (below zero: it has); else None."""
    left = tokens.refresh_expires_at - now
    return left if left <= within else None


class TokenStore(Protocol):
    """Keeps pairs for all processes; every call is one transaction."""

    async def load(self, oa_id: str) -> StoredTokens | None:
        """The pair; None when the OA never consented."""
        ...

    async def lease(self, oa_id: str, owner: str, version: int, until: datetime) -> bool:
        """Take the right to refresh; False when another's lease runs or the version is another."""
        ...

    async def save(self, oa_id: str, pair: TokenPair, version: int) -> bool:
        """Keep a new pair as ``version + 1`` and clear lease and problem, whoever holds them.

        False, and nothing changes, when the stored version is not ``version`` (0: no pair yet).
        """
        ...

    async def fail(self, oa_id: str, version: int, problem: str) -> None:
        """Note why the pair ``version`` is dead, and clear the lease; a newer pair stays."""
        ...

    async def release(self, oa_id: str, owner: str) -> None:
        """Give the lease back; nothing happens when it is another's."""
        ...


async def adopt(store: TokenStore, oa_id: str, pair: TokenPair) -> int:
    """Save a pair from a new consent over whatever is there; returns its version."""
    while True:
        stored = await store.load(oa_id)
        version = stored.version if stored else 0
        if await store.save(oa_id, pair, version):
            return version + 1


@dataclass(frozen=True, slots=True)
class _Row:
    tokens: StoredTokens
    owner: str = ""
    until: datetime | None = None


class MemoryTokenStore(TokenStore):
    """A token store in this process's memory, for tests and single processes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._rows: dict[str, _Row] = {}

    async def load(self, oa_id: str) -> StoredTokens | None:
        row = self._rows.get(oa_id)
        return row.tokens if row else None

    async def lease(self, oa_id: str, owner: str, version: int, until: datetime) -> bool:
        row = self._rows.get(oa_id)
        if row is None or row.tokens.version != version:
            return False
        if row.until is not None and row.until > self._clock() and row.owner != owner:
            return False
        self._rows[oa_id] = replace(row, owner=owner, until=until)
        return True

    async def save(self, oa_id: str, pair: TokenPair, version: int) -> bool:
        row = self._rows.get(oa_id)
        if (row.tokens.version if row else 0) != version:
            return False
        self._rows[oa_id] = _Row(stored(pair, version + 1))
        return True

    async def fail(self, oa_id: str, version: int, problem: str) -> None:
        row = self._rows.get(oa_id)
        if row is not None and row.tokens.version == version:
            self._rows[oa_id] = _Row(replace(row.tokens, problem=problem))

    async def release(self, oa_id: str, owner: str) -> None:
        row = self._rows.get(oa_id)
        if row is not None and row.owner == owner:
            self._rows[oa_id] = _Row(row.tokens)


def stored(pair: TokenPair, version: int) -> StoredTokens:
    """A pair as it is kept."""
    return StoredTokens(
        version, pair.access, pair.refresh, pair.access_expires_at, pair.refresh_expires_at
    )
