"""Access tokens that are always fresh, with any number of processes sharing one OA.

A refresh token works once (fact sheet 0.3, 2): two processes that use it at the same time, or
one that loses the answer, cut the OA off until its administrator consents again. Hence:

* one refresh at a time, under a lease that outlives the HTTP time-out;
* the store is read again after the lease was taken, and again before a grant is called dead;
* a new pair is saved before its first use, and saved by version alone: whoever was paused past
  the lease still saves, because nobody else can have a newer pair;
* a pair that could not be saved is kept, and saved instead of refreshing again;
* a cancelled caller does not cancel a refresh.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from integrations.zalo.oa.errors import (
    SETTINGS_WAIT,
    GrantDeadError,
    TokenUnavailableError,
    ZaloError,
)
from integrations.zalo.oa.oauth import TokenPair
from integrations.zalo.oa.token_store import (
    MemoryTokenStore,
    StoredTokens,
    TokenStore,
    adopt,
    expiring,
)

__all__ = [
    "MemoryTokenStore",
    "Refresher",
    "StoredTokens",
    "TokenKeeper",
    "TokenSource",
    "TokenStore",
    "adopt",
    "expiring",
    "static_token",
]

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
POLL = 0.2
POLLS = 400
"""Waits of :data:`POLL` seconds for another process: the lease and a time-out."""
RETRY = timedelta(minutes=1)


class TokenSource(Protocol):
    """Gives the current access token of one OA; asked before each call."""

    async def __call__(self, refused: str | None = None) -> str:
        """Return a token; ``refused`` is one that Zalo has just turned down.

        Raises:
            TokenUnavailableError: there is none.
        """
        ...


def static_token(token: str) -> TokenSource:
    """A source with one token that somebody pasted; it cannot be renewed."""

    async def current(refused: str | None = None) -> str:
        if not token or refused == token:
            raise TokenUnavailableError
        return token

    return current


class Refresher(Protocol):
    """What the keeper needs of :class:`integrations.zalo.oa.oauth.OAuthClient`."""

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Exchange a refresh token for a new pair.

        Raises:
            GrantDeadError: it will never work again.
            ZaloError: it did not work now.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Renewal:
    """How an attempt ended: a token, or why not; neither: another process is at it."""

    access: str = field(default="", repr=False)
    problem: str = ""
    wait: float = SETTINGS_WAIT


class TokenKeeper:
    """The token source of one OA (see the module's rules); one instance for a process.

    ``clock`` gives aware instants; ``sleep`` is exchanged by tests.
    """

    def __init__(
        self,
        store: TokenStore,
        oauth: Refresher,
        oa_id: str,
        clock: Callable[[], datetime],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._oauth = oauth
        self._oa_id = oa_id
        self._clock = clock
        self._sleep = sleep
        self._flight: asyncio.Task[_Renewal] | None = None
        self._not_before: datetime | None = None
        self._last = _Renewal()
        self._unsaved: tuple[int, TokenPair] | None = None

    async def __call__(self, refused: str | None = None) -> str:
        """See :class:`TokenSource`."""
        for _ in range(POLLS):
            tokens = await self._stored()
            if not tokens.due(self._clock(), refused):
                return tokens.access
            renewal = await self._renew(tokens, refused)
            if renewal.access:
                return renewal.access
            if tokens.usable(self._clock(), refused):
                return tokens.access
            if renewal.problem:
                raise TokenUnavailableError(renewal.problem, renewal.wait)
            await self._sleep(POLL)
        raise TokenUnavailableError("chưa đổi được mã truy cập OA; hệ thống sẽ thử lại")

    async def keep_fresh(self) -> bool:
        """For a scheduler: refresh when due; whether this call did so.

        Raises:
            TokenUnavailableError: nothing to refresh with; a person has to consent.
        """
        tokens = await self._stored()
        if tokens.problem:
            raise TokenUnavailableError(tokens.problem)
        if not tokens.due(self._clock()):
            return False
        renewal = await self._renew(tokens, None)
        return bool(renewal.access) and renewal.access != tokens.access

    async def close(self) -> None:
        """Wait for a refresh that is under way, so that its pair is saved."""
        if self._flight is not None:
            await asyncio.wait([self._flight])

    async def _stored(self) -> StoredTokens:
        tokens = await self._store.load(self._oa_id)
        if tokens is None:
            raise TokenUnavailableError
        return tokens

    async def _renew(self, tokens: StoredTokens, refused: str | None) -> _Renewal:
        if tokens.problem:
            return _Renewal(problem=tokens.problem)
        if self._not_before is not None and self._clock() < self._not_before:
            return self._last
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._leased(tokens.version, refused))
        return await asyncio.shield(self._flight)

    async def _leased(self, version: int, refused: str | None) -> _Renewal:
        owner = secrets.token_hex(8)
        until = self._clock() + LEASE
        if not await self._store.lease(self._oa_id, owner, version, until):
            return _Renewal()
        try:
            tokens = await self._stored()
            if tokens.problem:
                return _Renewal(problem=tokens.problem)
            if tokens.version != version or not tokens.due(self._clock(), refused):
                return _Renewal(tokens.access)
            return await self._exchange(tokens)
        finally:
            await self._store.release(self._oa_id, owner)

    async def _exchange(self, tokens: StoredTokens) -> _Renewal:
        try:
            pair = await self._new_pair(tokens)
        except GrantDeadError as fault:
            return await self._dead(tokens, fault)
        except ZaloError as fault:
            # After a time-out Zalo may have rotated; then the next try says that it is dead.
            log.warning("oa token not refreshed: %s", fault.reason)
            self._not_before = self._clock() + RETRY
            self._last = _Renewal(problem=fault.reason, wait=RETRY.total_seconds())
            return self._last
        self._not_before = None
        saved = await self._store.save(self._oa_id, pair, tokens.version)
        self._unsaved = None
        return _Renewal(pair.access if saved else (await self._stored()).access)

    async def _new_pair(self, tokens: StoredTokens) -> TokenPair:
        if self._unsaved is not None and self._unsaved[0] == tokens.version:
            return self._unsaved[1]
        pair = await self._oauth.refresh(tokens.refresh)
        self._unsaved = tokens.version, pair
        return pair

    async def _dead(self, tokens: StoredTokens, fault: GrantDeadError) -> _Renewal:
        latest = await self._stored()
        if latest.version != tokens.version:
            return _Renewal(latest.access)
        log.error("oa grant is dead: code %s", fault.rule.code)
        await self._store.fail(self._oa_id, tokens.version, fault.rule.sentence)
        return _Renewal(problem=fault.rule.sentence)
