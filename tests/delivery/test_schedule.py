"""The scheduler: due reminders become messages, old words go."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery.schedule import Scheduler
from bot.store import inbox, reminders
from bot.store.engine import Store
from bot.store.models import InboxRow
from tests.factories import HOME, NOON, PHONE, House, worded

DAY = timedelta(days=1)


def _scheduler(house: House) -> Scheduler:
    return Scheduler(house.store, house.wakeups, house.clock)


async def _agree(house: House, count: int) -> None:
    conversation = await house.hear("1")
    async with house.store.write() as session:
        await inbox.mark_done(session, 1, NOON)
        consent = await reminders.agree(
            session, HOME, conversation, PHONE, "nhắc", "Đồng ý?", 1, NOON
        )
        for n in range(count):
            due = NOON + DAY + n * timedelta(seconds=1)
            new = reminders.NewReminder(
                f"r{n}", "han", "khai_sinh", worded(f"Nhac {n}"), due, due + DAY, thread=f"t{n}"
            )
            phone = f"+849120{n:05}"
            await reminders.schedule(session, HOME, conversation, phone, consent, new, NOON)


async def test_when_the_clock_is_moved_all_that_is_due_is_queued_once(store: Store) -> None:
    house = House(store)
    await _agree(house, 105)  # more than one batch
    scheduler = _scheduler(house)
    assert await scheduler.look() == 0
    house.later(DAY + timedelta(hours=1))
    house.wakeups.notices.clear()
    assert await scheduler.look() == 105
    assert await scheduler.look() == 0
    assert house.wakeups.notices == ["outbox"]
    assert await house.texts() == [f"Nhac {n}" for n in range(105)]


async def test_it_says_when_it_last_looked(store: Store) -> None:
    house = House(store)
    scheduler = _scheduler(house)
    assert scheduler.beat_at is None
    await scheduler.look()
    assert scheduler.beat_at == NOON


async def test_old_words_go_a_few_times_a_day(store: Store) -> None:
    house = House(store)
    await _agree(house, 0)
    scheduler = _scheduler(house)
    house.later(29 * DAY)
    await scheduler.look()

    async def words() -> list[str | None]:
        async with store.read() as session:
            return list(await session.scalars(select(InboxRow.text_enc)))

    house.later(DAY + timedelta(hours=1))
    assert await words() != [None]
    await scheduler.look()
    assert await words() == [None]


async def test_a_look_that_fails_is_followed_by_another(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = House(store)
    await _agree(house, 1)
    house.later(DAY)
    scheduler = _scheduler(house)
    real, failures = scheduler.look, [OSError("the database is away")]

    async def sometimes() -> int:
        if failures:
            raise failures.pop()
        return await real()

    monkeypatch.setattr(scheduler, "look", sometimes)
    running = asyncio.create_task(scheduler.run())
    async with asyncio.timeout(20):
        while not await house.texts():
            house.wakeups.notify("schedule")
            await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await house.texts() == ["Nhac 0"]
