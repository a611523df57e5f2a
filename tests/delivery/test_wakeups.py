"""One contract for both kinds of wake-ups, and what happens when Redis is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.delivery.redis_wakeups import RedisWakeups
from bot.delivery.wakeups import LocalWakeups, Wakeups
from bot.store.engine import Store
from tests.factories import House

LONG = 30.0
"""Seconds that no test waits for: a wake-up comes before."""


@pytest.fixture(params=["local", pytest.param("redis", marks=pytest.mark.redis)])
async def wakeups(request: pytest.FixtureRequest) -> AsyncIterator[Wakeups]:
    """Either kind, listening."""
    if request.param == "local":
        yield LocalWakeups()
        return
    async with _listening(request.getfixturevalue("valkey")) as one:
        yield one


class _listening:
    """A RedisWakeups that is subscribed."""

    def __init__(self, server: Any) -> None:
        self._made = RedisWakeups(server.connection_url)

    async def __aenter__(self) -> RedisWakeups:
        self._made.start()
        await _woken(self._made.wait("inbox", LONG))  # subscribing wakes everybody
        await asyncio.gather(self._made.wait("outbox", LONG), self._made.wait("schedule", LONG))
        return self._made

    async def __aexit__(self, *_: object) -> None:
        await self._made.close()


async def _woken(waiting: Any) -> None:
    async with asyncio.timeout(10):
        await waiting


async def _sleeps(waiting: Any) -> bool:
    """Whether the waiter is still asleep after a little while."""
    task = asyncio.ensure_future(waiting)
    done, _ = await asyncio.wait({task}, timeout=0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return not done


async def test_a_notice_wakes_a_waiter(wakeups: Wakeups) -> None:
    waiting = asyncio.create_task(wakeups.wait("inbox", LONG))
    await asyncio.sleep(0.01)
    wakeups.notify("inbox")
    await _woken(waiting)


async def test_a_notice_that_comes_before_the_waiting_is_not_lost(wakeups: Wakeups) -> None:
    wakeups.notify("inbox")
    await _woken(wakeups.wait("inbox", LONG))


async def test_another_topic_wakes_nobody(wakeups: Wakeups) -> None:
    wakeups.notify("outbox")
    assert await _sleeps(wakeups.wait("inbox", LONG))


async def test_without_a_notice_the_waiting_ends_by_itself(wakeups: Wakeups) -> None:
    await _woken(wakeups.wait("schedule", 0.01))


async def test_many_notices_are_one_wake_up(wakeups: Wakeups) -> None:
    for _ in range(5):
        wakeups.notify("inbox")
    await _woken(wakeups.wait("inbox", LONG))
    await asyncio.sleep(0.2)  # those that come over the network
    await wakeups.wait("inbox", 0.01)
    assert await _sleeps(wakeups.wait("inbox", LONG))


async def test_closing_twice_does_no_harm(wakeups: Wakeups) -> None:
    await wakeups.close()
    await wakeups.close()


@pytest.mark.redis
async def test_a_notice_wakes_the_waiter_in_another_process(valkey: Any) -> None:
    async with _listening(valkey) as here, _listening(valkey) as there:
        waiting = asyncio.create_task(there.wait("outbox", LONG))
        here.notify("outbox")
        await _woken(waiting)


@pytest.mark.redis
async def test_while_redis_is_away_a_process_wakes_itself(valkey: Any) -> None:
    async with _listening(valkey) as wakeups:
        valkey.terminate()
        wakeups.notify("inbox")
        await _woken(wakeups.wait("inbox", LONG))


@pytest.mark.redis
async def test_when_redis_comes_back_everybody_is_woken_and_listens_again(valkey: Any) -> None:
    async with _listening(valkey) as here, _listening(valkey) as there:
        valkey.terminate()
        valkey.start()
        # What was published meanwhile is lost: subscribing again wakes, to look.
        await _woken(there.wait("inbox", LONG))
        await _woken(here.wait("inbox", LONG))
        await asyncio.sleep(0.1)
        waiting = asyncio.create_task(there.wait("outbox", LONG))
        here.notify("outbox")
        await _woken(waiting)


@pytest.mark.redis
async def test_with_redis_killed_the_sweep_finds_the_rows(
    sqlite_url: str, open_store: Callable[[str], Store], valkey: Any
) -> None:
    house = House(open_store(sqlite_url))
    async with _listening(valkey) as wakeups:
        house.wakeups = wakeups  # type: ignore[assignment]
        working = asyncio.create_task(house.worker().run())
        sending = asyncio.create_task(house.outbound().run())
        valkey.terminate()
        other_process = House(house.store)  # its notices go nowhere
        await other_process.hear("KS")
        async with asyncio.timeout(20):
            while not house.provider.texts:
                await asyncio.sleep(0.02)
        for task in (working, sending):
            task.cancel()
        await asyncio.gather(working, sending, return_exceptions=True)
    assert len(house.provider.texts) == 1
