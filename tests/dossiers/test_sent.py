"""From a dossier to the telephone: what was planned goes out once, and only while it is of use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.clock import LOCAL, local_date
from bot.delivery.schedule import Scheduler
from bot.dossiers import saving
from bot.knowledge.workdays import Calendar
from bot.store.dossiers import Draft
from bot.store.engine import Store
from bot.store.models import Conversation, Reminder
from tests.factories import HOME, NOON, PHONE, House, library

TODAY = local_date(NOON)
NINE = datetime(2026, 7, 20, 9, 0, tzinfo=LOCAL)
DRAFT = Draft("H56-0001", "received", TODAY, "khai_sinh", phone=PHONE, appointment_at=NINE)


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


async def save(house: House, draft: Draft) -> None:
    now = house.clock.now()
    knowledge = library().on(local_date(now), HOME)
    async with house.store.write() as session:
        await saving.save(session, knowledge, draft, None, now, agreed=True)


async def look(house: House, day: int, hour: int, minute: int = 0) -> list[str]:
    """The scheduler looks at that moment of July; the texts of all that was queued till now."""
    at = datetime(2026, 7, day, hour, minute, tzinfo=LOCAL)
    house.later(at - house.clock.now())
    calendar = Calendar(library().on(at.date(), HOME).holidays)
    rules = library().on(at.date(), HOME).reminders
    assert rules is not None
    await Scheduler(
        house.store,
        house.wakeups,
        house.clock,
        days=lambda _: calendar,
        office=lambda _: rules.calling_in(),
    ).look()
    return await house.texts()


async def states(house: House) -> list[str]:
    async with house.store.read() as session:
        return list(await session.scalars(select(Reminder.state).order_by(Reminder.due_at)))


async def test_both_reminders_of_an_appointment_go_to_its_number_each_once(house: House) -> None:
    await save(house, DRAFT)
    assert await look(house, 17, 8, 29) == []
    for hour in (9, 12, 15):
        assert len(await look(house, 17, hour)) == 1
    texts = await look(house, 19, 9)
    assert len(texts) == 2
    assert all("9h" in text and "20/7" in text and "H56-0001" in text for text in texts)
    async with house.store.read() as session:
        (row, *_) = await house.outbox_rows()
        there = await session.get_one(Conversation, row.conversation_id)
        assert session.info["vault"].decrypt(there.address_enc) == PHONE
    assert len(await look(house, 25, 9)) == 2


async def test_what_an_outage_held_back_is_said_once(house: House) -> None:
    await save(house, DRAFT)
    assert len(await look(house, 19, 10)) == 1  # both were due; the newer one goes
    assert await states(house) == ["replaced", "queued"]


async def test_what_calls_people_in_waits_after_an_outage_until_the_office_is_open(
    house: House,
) -> None:
    ready = Draft("H56-0001", "ready", TODAY, "khai_sinh", phone=PHONE)
    await save(house, ready)
    saturday, sunday, monday = 11, 12, 13
    assert await look(house, saturday, 9) == []
    assert await look(house, sunday, 9) == []
    assert await look(house, monday, 6, 59) == []
    assert len(await look(house, monday, 7)) == 1


async def test_the_day_before_an_appointment_may_be_a_sunday(house: House) -> None:
    await save(house, DRAFT)
    assert len(await look(house, 19, 9)) == 1
    assert date(2026, 7, 19).weekday() == 6


async def test_after_the_appointment_nothing_is_said(house: House) -> None:
    await save(house, DRAFT)
    assert await look(house, 20, 9, 30) == []
    assert await states(house) == ["expired", "expired"]


async def test_a_result_that_was_fetched_is_not_told_again(house: House) -> None:
    ready = replace(DRAFT, state="ready", appointment_at=None)
    await save(house, ready)
    assert len(await look(house, 6, 12, 15)) == 1
    await save(house, replace(ready, state="returned"))
    assert len(await look(house, 14, 9)) == 1


async def test_what_was_pressed_by_mistake_and_taken_back_is_never_said(house: House) -> None:
    await save(house, replace(DRAFT, appointment_at=None))
    await save(house, replace(DRAFT, state="ready", appointment_at=None))
    house.later(timedelta(minutes=5))
    await save(house, replace(DRAFT, state="processing", appointment_at=None))
    assert await look(house, 6, 13) == []
    assert await look(house, 14, 9) == []
