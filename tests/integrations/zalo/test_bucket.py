"""The shared allowance: never more in a minute than allowed, with or without Redis."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from structlog.testing import capture_logs

from integrations.zalo.bucket import SharedBucket
from integrations.zalo.oa.errors import ThrottledError


async def _burst(bucket: SharedBucket, tries: int, per_minute: int = 100, oa: str = "1") -> int:
    """How many of ``tries`` at once were let through."""
    taken = 0
    throttle = bucket.throttle(oa, per_minute)
    for _ in range(tries):
        with contextlib.suppress(ThrottledError):
            await throttle()
            taken += 1
    return taken


async def test_one_tenth_at_once() -> None:
    bucket = SharedBucket(patience=0)
    assert 10 <= await _burst(bucket, 50) <= 11
    assert await _burst(bucket, 1, oa="another") == 1


async def test_a_small_allowance_still_lets_one_through() -> None:
    bucket = SharedBucket(patience=0)
    assert await _burst(bucket, 5, per_minute=1) == 1


async def test_the_minute_as_a_whole() -> None:
    bucket = SharedBucket(patience=2.0)
    loop = asyncio.get_running_loop()
    began, times = loop.time(), []

    async def taker() -> None:
        throttle = bucket.throttle("1", 2000)
        while loop.time() - began < 1.0:
            await throttle()
            times.append(loop.time() - began)

    await asyncio.gather(*(taker() for _ in range(20)))
    within = sum(1 for at in times if at <= 1.0)
    # 200 at once and 1,800 a minute (30 a second) after that
    assert 200 < within <= 200 + 30 + 1


async def test_patience_ends_with_the_time_to_wait() -> None:
    bucket = SharedBucket(patience=0.05)
    throttle = bucket.throttle("1", 2)
    await throttle()
    with pytest.raises(ThrottledError) as caught:
        await throttle()
    assert 50 < caught.value.wait <= 60


@pytest.mark.redis
async def test_processes_share_one_allowance(valkey: Any) -> None:
    one = SharedBucket(valkey.connection_url, patience=0)
    two = SharedBucket(valkey.connection_url, patience=0)
    taken = await asyncio.gather(_burst(one, 20), _burst(two, 20))
    assert 10 <= sum(taken) <= 11
    await one.close()
    await two.close()


@pytest.mark.redis
async def test_while_redis_is_away_each_counts_alone_and_says_so_once(valkey: Any) -> None:
    bucket = SharedBucket(valkey.connection_url, patience=0)
    assert await _burst(bucket, 1) == 1
    valkey.terminate()
    with capture_logs() as logs:
        assert 10 <= await _burst(bucket, 20) <= 11
    assert [entry["event"] for entry in logs] == ["zalo.bucket_alone"]
    valkey.start()
    assert await _burst(bucket, 1) == 1
    await bucket.close()
