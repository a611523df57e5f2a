"""One conversation is with one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.store import conversations
from bot.store.engine import Store
from tests.factories import NOON, House

LEASE = timedelta(seconds=60)


async def _claim(store: Store, worker: str, at: datetime = NOON, limit: int = 4) -> list[int]:
    async with store.write() as session:
        return list(await conversations.claim(session, worker, at, LEASE, limit))


async def test_workers_that_claim_at_once_never_share_a_conversation(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    stores = [open_store(database_url) for _ in range(2)]
    house = House(stores[0])
    all_of_them = {await house.hear("KS", address=f"84{n}") for n in range(12)}
    claims = [_claim(stores[n % 2], f"w{n}") for n in range(8)]
    held = [conversation for one in await asyncio.gather(*claims) for conversation in one]
    held += await _claim(stores[0], "last", limit=12)
    assert sorted(held) == sorted(all_of_them)


async def test_who_waits_longest_is_claimed_first(store: Store) -> None:
    house = House(store)
    first = await house.hear("KS", address="1")
    house.later(timedelta(seconds=5))
    second = await house.hear("KS", address="2")
    house.later(timedelta(seconds=5))
    assert await _claim(store, "w", house.wall.now(), limit=1) == [first]
    assert await _claim(store, "w", house.wall.now(), limit=1) == [second]


async def test_a_lease_that_ran_out_is_taken_over_and_its_holder_told(store: Store) -> None:
    conversation = await House(store).hear("KS")
    assert await _claim(store, "dead") == [conversation]
    assert await _claim(store, "alive", NOON + LEASE) == []
    late = NOON + LEASE + timedelta(seconds=1)
    assert await _claim(store, "alive", late) == [conversation]
    async with store.write() as session:
        assert not await conversations.holds_lease(session, conversation, "dead", late + LEASE)
        assert await conversations.holds_lease(session, conversation, "alive", late + LEASE)
        # What the dead one still does must not free what the other holds.
        await conversations.release(session, conversation, "dead")
    assert await _claim(store, "third", late + timedelta(seconds=30)) == []


async def test_a_released_conversation_with_work_is_free_at_once(store: Store) -> None:
    conversation = await House(store).hear("KS")
    await _claim(store, "w1")
    async with store.write() as session:
        await conversations.release(session, conversation, "w1")
    assert await _claim(store, "w2") == [conversation]
