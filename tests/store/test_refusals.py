"""HUY is said once and obeyed on every channel of the same person."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from bot.delivery.ladder import Rules, queue_due
from bot.store import conversations, refusals, reminders
from bot.store.engine import Store
from bot.store.models import (
    Announcement,
    AnnouncementRecipient,
    Consent,
    Conversation,
    OptOut,
    Reminder,
    Subscription,
)
from tests.factories import HOME, NOON, PHONE, House, worded

DAY = timedelta(days=1)
OTHER = "+84912000777"


async def _linked(house: House) -> tuple[int, int]:
    """A Zalo chat and the SMS conversation of the same person."""
    zalo = await house.hear("KS")
    sms = await house.hear("KS", address=PHONE, channel="sms")
    async with house.store.write() as session:
        query = update(Conversation).where(Conversation.id == zalo)
        await session.execute(query.values(linked_id=sms))
    return zalo, sms


async def _agree(house: House, conversation: int, phone: str, key: str) -> None:
    async with house.store.write() as session:
        consent = await reminders.agree(
            session, HOME, conversation, phone, "nhắc", "Đồng ý?", 1, NOON
        )
        due = NOON + DAY
        new = reminders.NewReminder(key, "han", None, worded("Nhac"), due, due + DAY, thread=key)
        await reminders.schedule(session, HOME, conversation, phone, consent, new, NOON)


async def _stop(house: House, conversation: int) -> int:
    async with house.store.write() as session:
        return await refusals.stop(session, conversation, house.clock.now())


async def _refused(store: Store, *ids: int) -> list[bool]:
    async with store.read() as session:
        return [await refusals.refused(session, one) for one in ids]


async def test_said_on_zalo_it_stops_what_goes_to_the_phone(store: Store) -> None:
    house = House(store)
    zalo, sms = await _linked(house)
    await _agree(house, sms, PHONE, "by sms")
    assert await _stop(house, zalo) == 1
    assert await _refused(store, zalo, sms) == [True, True]


async def test_said_by_sms_it_stops_what_was_agreed_on_zalo(store: Store) -> None:
    house = House(store)
    zalo, sms = await _linked(house)
    await _agree(house, zalo, PHONE, "by zalo")
    assert await _stop(house, sms) == 1
    assert await _refused(store, zalo, sms) == [True, True]


async def test_it_concerns_nobody_else(store: Store) -> None:
    house = House(store)
    zalo, sms = await _linked(house)
    stranger = await house.hear("KS", address=OTHER, channel="sms")
    await _agree(house, stranger, OTHER, "another's")
    assert await _stop(house, zalo) == 0
    assert await _refused(store, zalo, sms, stranger) == [True, True, False]


async def test_said_twice_it_is_noted_once_and_agreeing_anew_lifts_it(store: Store) -> None:
    house = House(store)
    zalo, sms = await _linked(house)
    await _stop(house, zalo)
    await _stop(house, sms)
    async with store.read() as session:
        assert len(list(await session.scalars(select(OptOut)))) == 2  # one for each address
    await _agree(house, sms, PHONE, "anew")
    assert await _refused(store, zalo, sms) == [False, False]


async def test_announcements_end_with_it(store: Store) -> None:
    house = House(store)
    zalo, sms = await _linked(house)
    officer = await house.officer()
    async with store.write() as session:
        consent = Consent(
            commune=HOME, conversation_id=zalo, subject_hash="-", purpose="thong_bao",
            text_shown="-", inbox_id=1, given_at=NOON,
        )  # fmt: skip
        session.add(consent)
        await session.flush()
        session.add(
            Subscription(commune=HOME, conversation_id=zalo, consent_id=consent.id, since=NOON)
        )
        news = Announcement(
            commune=HOME, title="Bão", text="Bão vào", sms_text="Bao vao", audience="{}",
            created_by=officer, created_at=NOON, expires_at=NOON + DAY,
        )  # fmt: skip
        session.add(news)
        await session.flush()
        session.add(
            AnnouncementRecipient(
                commune=HOME, announcement_id=news.id, conversation_id=zalo, look_at=NOON
            )
        )
    assert await _stop(house, sms) == 1
    async with store.read() as session:
        (subscription,) = await session.scalars(select(Subscription))
        (recipient,) = await session.scalars(select(AnnouncementRecipient))
        (consent,) = await session.scalars(select(Consent))
    assert subscription.ended_at == NOON
    assert consent.withdrawn_at == NOON
    assert recipient.state == "skipped"


async def test_what_waits_to_leave_is_withdrawn(store: Store) -> None:
    house = House(store)
    zalo, sms = await _linked(house)
    await _agree(house, zalo, PHONE, "r")
    house.later(DAY)
    async with store.write() as session:
        await queue_due(session, house.clock.now(), Rules())
    assert await _stop(house, sms) == 1
    assert await house.states() == ["cancelled"]
    async with store.read() as session:
        assert list(await session.scalars(select(Consent.withdrawn_at))) == [NOON + DAY]
        assert await conversations.get(session, zalo) is not None
        assert list(await session.scalars(select(Reminder.state))) == ["queued"]
