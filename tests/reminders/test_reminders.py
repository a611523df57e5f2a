"""Agreed with proof, queued once, stopped by HUY, dropped when pointless."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.clock import LOCAL
from bot.delivery.ladder import Rules, queue_due
from bot.reminders.quiet import allowed, next_allowed
from bot.store import conversations, refusals, reminders
from bot.store.engine import Store
from bot.store.models import Consent, OptOut, OutboxRow, Reminder
from bot.store.reminders import NewReminder
from tests.factories import HOME, NOON, PHONE, House, worded

DAY = timedelta(days=1)
_PHONES = itertools.count(2000000)


async def _agree(
    house: House,
    conversation: int,
    *due: datetime,
    key: str = "r",
    phone: str = PHONE,
    kind: str = "han",
    thread: str = "{key}{n}",
) -> int:
    """A consent to reminders at ``due``; returns its id."""
    now = house.clock.now()
    async with house.store.write() as session:
        consent = await reminders.agree(
            session, HOME, conversation, phone, "nhắc việc", "Nhắc ngày 1/9? 1 Có", 1, now
        )
        for n, at in enumerate(due):
            new = NewReminder(
                f"{key}{n}",
                kind,
                "khai_sinh",
                worded(f"Nhac {key}{n}"),
                at,
                at + DAY,
                thread=thread.format(key=key, n=n),
            )
            await reminders.schedule(session, HOME, conversation, phone, consent, new, now)
    return consent


async def _queue_due(house: House) -> int:
    now = house.clock.now()
    async with house.store.write() as session:
        return (await queue_due(session, now, Rules())).queued


async def _states(store: Store) -> list[str]:
    async with store.read() as session:
        return list(await session.scalars(select(Reminder.state).order_by(Reminder.id)))


async def _stop(house: House, conversation: int) -> int:
    async with house.store.write() as session:
        return await refusals.stop(session, conversation, house.clock.now())


async def _refused(house: House) -> bool:
    async with house.store.read() as session:
        target = await conversations.find(session, HOME, "sms", PHONE)
        assert target is not None
        return await refusals.refused(session, target)


async def test_a_consent_says_who_when_to_which_words_and_by_which_message(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("1")
    await _agree(house, conversation)
    async with store.read() as session:
        (consent,) = await session.scalars(select(Consent))
        assert consent.subject_hash == conversations.address_hash(session, HOME, "sms", PHONE)
    assert (consent.conversation_id, consent.inbox_id) == (conversation, 1)
    assert consent.given_at == NOON
    assert (consent.purpose, consent.text_shown) == ("nhắc việc", "Nhắc ngày 1/9? 1 Có")
    assert consent.withdrawn_at is None


async def test_a_due_reminder_is_queued_once_to_the_phone(store: Store) -> None:
    house = House(store)
    zalo = await house.hear("1")
    await _agree(house, zalo, NOON + DAY)
    assert await _queue_due(house) == 0
    house.later(DAY)
    assert await _queue_due(house) == 1
    assert await _queue_due(house) == 0
    assert await house.texts() == ["Nhac r0"]
    (claimed,) = await house.claim()
    assert (claimed.message.channel, claimed.message.address) == ("sms", PHONE)
    assert claimed.expires_at == NOON + 2 * DAY


async def test_machines_that_look_at_once_queue_it_once(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    houses = [House(open_store(database_url)) for _ in range(2)]
    conversation = await houses[0].hear("1")
    for n in range(5):
        await _agree(houses[0], conversation, NOON, key=f"p{n}", phone=f"+8491200020{n}")
    queued = await asyncio.gather(*(_queue_due(house) for house in houses * 3))
    assert sum(queued) == 5
    assert len(await houses[0].texts()) == 5


async def test_the_same_reminder_is_scheduled_once(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("1")
    await _agree(house, conversation, NOON + DAY)
    await _agree(house, conversation, NOON + DAY)
    assert await _states(store) == ["scheduled"]


async def test_a_new_agreement_replaces_the_same_moment_and_leaves_others(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("1")
    await _agree(house, conversation, NOON + DAY, NOON + 2 * DAY, thread="")
    await _agree(house, conversation, NOON + DAY, key="anew", thread="")
    await _agree(house, conversation, NOON + DAY, key="other", kind="giay", thread="")
    assert await _states(store) == ["cancelled", "scheduled", "scheduled", "scheduled"]


async def test_one_due_at_night_waits_for_the_morning(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("1")
    night = datetime(2026, 7, 6, 23, 30, tzinfo=LOCAL)
    await _agree(house, conversation, night)
    house.clock.set(night)
    assert await _queue_due(house) == 0
    house.clock.set(datetime(2026, 7, 7, 7, 0, tzinfo=LOCAL))
    assert await _queue_due(house) == 1
    assert [row.message.text for row in await house.claim()] == ["Nhac r0"]


async def test_one_that_would_come_too_late_is_dropped(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("1")
    await _agree(house, conversation, NOON)
    # Nobody looked for a day; by the morning on which it might leave it is pointless.
    house.clock.set(datetime(2026, 7, 7, 11, 0, tzinfo=LOCAL))
    house.later(timedelta(hours=12))
    assert await _queue_due(house) == 0
    assert await _states(store) == ["expired"]
    assert await house.texts() == []


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    due=st.timedeltas(DAY, 3 * DAY).map(lambda after: NOON + after),
    late=st.timedeltas(timedelta(), timedelta(hours=12)),
)
async def test_whenever_it_is_looked_at_a_reminder_leaves_by_day_and_in_time(
    store: Store, due: datetime, late: timedelta
) -> None:
    house = House(store)
    conversation = await house.hear("1", address=f"{due}{late}")
    key = f"{due.timestamp()}{late.total_seconds()}:"
    phone = f"+8491{next(_PHONES):07}"
    await _agree(house, conversation, due, key=key, phone=phone)
    house.clock.set(due + late)
    await _queue_due(house)
    async with store.read() as session:
        reminder = (
            await session.execute(select(Reminder).where(Reminder.key == f"{key}0"))
        ).scalar_one()
        row = await session.scalar(select(OutboxRow).where(OutboxRow.reminder_id == reminder.id))
    later = next_allowed(house.clock.now())
    if row is not None:
        assert allowed(house.clock.now())
    elif reminder.state == "scheduled":
        assert reminder.look_at == later > house.clock.now()
    else:
        assert reminder.state == "expired"
        assert later >= reminder.expires_at


# --- HUY --------------------------------------------------------------------------------


async def test_huy_from_the_phone_cancels_what_is_scheduled_and_what_waits(store: Store) -> None:
    house = House(store)
    zalo = await house.hear("1")
    await _agree(house, zalo, NOON, NOON + DAY)
    await _queue_due(house)  # the first is queued, the second to come
    sms = await house.hear("HUY", address=PHONE, channel="sms")
    assert await _stop(house, sms) == 2
    assert await _states(store) == ["queued", "cancelled"]
    assert await house.states() == ["cancelled"]
    assert await _refused(house)
    async with store.read() as session:
        (consent,) = await session.scalars(select(Consent))
    assert consent.withdrawn_at == NOON


async def test_huy_on_zalo_stops_the_phone_that_was_agreed_there(store: Store) -> None:
    house = House(store)
    zalo = await house.hear("1")
    await _agree(house, zalo, NOON + DAY)
    assert await _stop(house, zalo) == 1
    assert await _refused(house)


async def test_huy_leaves_other_peoples_reminders_alone(store: Store) -> None:
    house = House(store)
    mine, theirs = await house.hear("1"), await house.hear("1", address="2")
    await _agree(house, mine, NOON + DAY)
    await _agree(house, theirs, NOON + DAY, key="theirs", phone="+84912000199")
    await _stop(house, mine)
    assert await _states(store) == ["cancelled", "scheduled"]


async def test_a_new_consent_lifts_the_refusal(store: Store) -> None:
    house = House(store)
    sms = await house.hear("HUY", address=PHONE, channel="sms")
    await _stop(house, sms)
    await _stop(house, sms)  # said twice
    assert await _refused(house)
    await _agree(house, sms, NOON + DAY)
    assert not await _refused(house)
    async with store.read() as session:
        assert all(row.lifted_at == NOON for row in await session.scalars(select(OptOut)))
    assert await _states(store) == ["scheduled"]


async def test_huy_of_somebody_without_reminders_still_refuses(store: Store) -> None:
    house = House(store)
    sms = await house.hear("HUY", address=PHONE, channel="sms")
    assert await _stop(house, sms) == 0
    assert await _refused(house)
