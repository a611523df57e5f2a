"""One allowance of requests a minute for each OA, shared by all processes through Redis.

Nine tenths of the allowance flow evenly, one tenth is the most at once: within any minute the
sum stays within what Zalo allows. While Redis is away each process counts for itself.
"""

from __future__ import annotations

from typing import Protocol, cast

import structlog
from redis.exceptions import RedisError
from throttled.asyncio import (
    BaseStore,
    MemoryStore,
    RedisStore,
    Throttled,
    exceptions,
    per_min,
)

from integrations.zalo.oa.errors import ThrottledError
from integrations.zalo.oa.throttle import Throttle

log = structlog.get_logger(__name__)

PATIENCE = 20.0
"""Seconds that a message waits in line before it goes back to the outbox."""
REDIS_SECONDS = 2.0
_AT_ONCE = -1.0
"""throttled's word for not waiting."""
ALGORITHM = "gcra"
"""A bucket that fills continuously: throttled's ``token_bucket`` counts in whole seconds and
loses the fractions between two takers."""
_AWAY = (RedisError, OSError, TimeoutError, exceptions.StoreUnavailableError)


class _Closing(Protocol):
    async def aclose(self) -> None: ...


class SharedBucket:
    """``redis_url`` empty: this process alone. ``patience`` in seconds."""

    def __init__(self, redis_url: str = "", *, patience: float = PATIENCE) -> None:
        self._patience = patience if patience > 0 else _AT_ONCE
        self._own: BaseStore = MemoryStore()
        options = {"SOCKET_TIMEOUT": REDIS_SECONDS, "SOCKET_CONNECT_TIMEOUT": REDIS_SECONDS}
        self._shared = RedisStore(redis_url, options) if redis_url else None
        self._away = False

    def throttle(self, oa_id: str, per_minute: int) -> Throttle:
        """The throttle of one OA with ``per_minute`` requests."""

        async def wait() -> None:
            await self._take(f"zalo:{oa_id}", per_minute)

        return wait

    async def close(self) -> None:
        """Give up the connections."""
        if self._shared is not None:
            await cast("_Closing", self._shared._backend.get_client()).aclose()

    async def _take(self, key: str, per_minute: int) -> None:
        if self._shared is not None:
            try:
                await self._take_from(self._shared, key, per_minute)
            except _AWAY as fault:
                self._note_away(fault)
            else:
                self._away = False
                return
        await self._take_from(self._own, key, per_minute)

    async def _take_from(self, store: BaseStore, key: str, per_minute: int) -> None:
        burst = max(1, per_minute // 10)
        quota = per_min(max(1, per_minute - burst), burst=burst)
        gate = Throttled(key=key, using=ALGORITHM, quota=quota, store=store)
        result = await gate.limit(timeout=self._patience)
        if result.limited:
            raise ThrottledError("đang gửi quá nhanh so với gói OA", result.state.retry_after)

    def _note_away(self, fault: Exception) -> None:
        if not self._away:
            log.warning("zalo.bucket_alone", reason=type(fault).__name__)
        self._away = True
