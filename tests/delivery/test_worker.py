"""Workers share the conversations, and do not turn in circles."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.delivery.turns import LEASE
from bot.delivery.worker import MAX_ATTEMPTS, MODEL_PATIENCE, Worker
from bot.store import conversations
from bot.store.engine import Store
from bot.store.models import InboxRow
from bot.store.vault import VaultError
from tests.factories import House

FREE = "làm giấy khai sinh hết bao nhiêu tiền"


def _claims(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts how often the worker asks for work."""
    seen: list[int] = []
    real = conversations.claim

    async def counted(*arguments: Any) -> Any:
        found = await real(*arguments)
        seen.append(len(found))
        return found

    monkeypatch.setattr(conversations, "claim", counted)
    return seen


async def test_two_workers_answer_everything_once_and_in_order(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    houses = [House(open_store(database_url)) for _ in range(2)]
    people = {await houses[0].hear("KS PHI", "GIO", "KT PHI", address=f"84{n}") for n in range(8)}
    workers = [house.worker() for house in houses]
    await asyncio.gather(*(worker.drain() for worker in workers * 2))
    for worker in workers:
        await worker.drain()
    assert sum(worker.handled for worker in workers) == 24
    for conversation in people:
        rows = await houses[0].outbox_rows(conversation)
        answered = [int(row.key.split(":")[1]) for row in rows]
        assert answered == sorted(set(answered))
        assert len(answered) == 3


async def test_a_running_worker_answers_what_comes_without_a_wake_up(store: Store) -> None:
    house = House(store)
    worker = house.worker()
    running = asyncio.create_task(worker.run())
    other_process = House(store)  # its wake-ups do not reach this worker
    await other_process.hear("KS")
    async with asyncio.timeout(20):
        while not await house.texts():
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_cancelled_worker_lets_the_turn_in_hand_finish(store: Store) -> None:
    house = House(store)
    await house.hear(FREE)
    house.model.gate.clear()
    running = asyncio.create_task(house.worker().run())
    await asyncio.wait_for(house.model.asked.wait(), 10)
    running.cancel()
    asyncio.get_running_loop().call_later(0.05, house.model.gate.set)
    await asyncio.gather(running, return_exceptions=True)
    assert await house.inbox_states() == ["done"]
    assert len(await house.texts()) == 1


async def test_the_worker_rests_while_the_first_message_of_several_is_postponed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(store)
    house.model.down = True
    await house.hear(FREE, "GIO")
    worker = house.worker()
    claims = _claims(worker, monkeypatch)
    async with asyncio.timeout(20):
        await worker.drain()
    assert claims == [1, 0]
    assert await house.inbox_states() == ["new", "new"]


async def test_a_turn_that_outlives_its_lease_is_not_begun_a_second_time(store: Store) -> None:
    house = House(store)
    await house.hear(FREE)
    house.model.gate.clear()
    worker = house.worker()
    draining = asyncio.create_task(worker.drain())
    await asyncio.wait_for(house.model.asked.wait(), 10)
    house.model.asked.clear()
    house.wall.advance(timedelta(minutes=10))
    assert not await worker._claim()  # renewed: nobody else may have it now
    async with store.write() as session:
        at = house.wall.now() + timedelta(seconds=30)
        assert await conversations.claim(session, "w2", at, timedelta(minutes=1), 9) == []
    assert not house.model.asked.is_set()
    house.model.gate.set()
    await draining
    assert len(await house.texts()) == 1


async def test_a_conversation_that_cannot_be_read_does_not_keep_the_worker_busy(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(store)
    await house.hear("KS")
    worker = house.worker()

    async def unreadable(*_: object) -> None:
        raise VaultError("the stored value does not open with this secret key")

    monkeypatch.setattr("bot.store.inbox.next_new", unreadable)
    house.wakeups.notices.clear()
    await worker._claim()
    await asyncio.wait(worker._tasks)
    assert house.wakeups.notices == []
    assert not await worker._claim()  # not at once again: the lease has to run out
    minute = timedelta(minutes=1)
    later = house.wall.now() + LEASE + minute
    async with store.write() as session:
        assert await conversations.claim(session, "w2", house.wall.now(), minute, 9) == []
        claimed = await conversations.claim(session, "w2", later, minute, 9)
    assert len(claimed) == 1  # then another may try


async def test_waiting_for_the_model_uses_up_no_try_and_ends_after_half_an_hour(
    store: Store,
) -> None:
    house = House(store)
    house.model.down = True
    await house.hear(FREE)
    worker = house.worker()
    for _ in range(MAX_ATTEMPTS + 2):
        await worker.drain()
        house.wall.advance(timedelta(seconds=5))
    async with store.read() as session:
        row = (await session.scalars(select(InboxRow))).one()
    assert (row.state, row.attempts) == ("new", 0)
    house.wall.advance(MODEL_PATIENCE)
    await worker.drain()
    assert await house.inbox_states() == ["failed"]
    assert len(await house.texts()) == 1  # an apology, and the officer knows
