"""Words are erased on request and when their time is over; what proves a consent stays."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.delivery.ladder import Rules, queue_due
from bot.store import conversations, inbox, outbox, privacy, reminders
from bot.store.engine import Store
from bot.store.models import Consent, InboxRow, OutboxRow, Reminder
from tests.factories import HOME, NOON, PHONE, House, worded

LIFE = timedelta(days=30)


async def _used(house: House) -> int:
    """A conversation with an answered message, an answer, a memory and a sent reminder."""
    conversation = await house.hear("chuyện của tôi")
    await house.queue(conversation, "câu trả lời")
    (row,) = await house.claim()
    now = house.clock.now()
    async with house.store.write() as session:
        await inbox.mark_done(session, 1, now)
        await outbox.mark_sent(session, row.row_id, "s1", "p1", now)
        await conversations.save_state(session, conversation, {"topic": "khai_sinh"})
        consent = await reminders.agree(
            session, HOME, conversation, PHONE, "nhắc", "Đồng ý?", 1, now
        )
        due = now - timedelta(minutes=1)
        new = reminders.NewReminder(
            "r1", "han", "khai_sinh", worded("Nhac"), due, now + timedelta(days=1)
        )
        await reminders.schedule(session, HOME, conversation, PHONE, consent, new, now)
        await queue_due(session, now, Rules())
    (row,) = await house.claim()
    async with house.store.write() as session:
        await outbox.mark_sent(session, row.row_id, "s1", "p2", now)
    return conversation


async def _words(store: Store) -> list[str]:
    """Every piece of text that is still there, by table."""
    async with store.read() as session:
        found = {
            "inbox": await session.scalars(select(InboxRow.text_enc)),
            "outbox": await session.scalars(select(OutboxRow.body_enc)),
            "reminder": await session.scalars(select(Reminder.body_enc)),
        }
        return [name for name, cells in found.items() for cell in cells if cell is not None]


async def test_what_is_held_is_counted_for_the_citizen(store: Store) -> None:
    house = House(store)
    conversation = await _used(house)
    async with store.read() as session:
        held = await privacy.held(session, conversation)
        assert (held.messages, held.since, held.reminders) == (1, NOON, 0)


async def test_erasing_leaves_no_words_but_the_proof_of_consent(store: Store) -> None:
    house = House(store)
    conversation = await _used(house)
    assert sorted(await _words(store)) == ["inbox", "outbox", "outbox", "reminder"]
    async with store.write() as session:
        await privacy.erase(session, conversation, 1)
    assert await _words(store) == []
    assert (await house.view(conversation)).state is None
    async with store.read() as session:
        (consent,) = await session.scalars(select(Consent))
        assert (consent.text_shown, consent.given_at) == ("Đồng ý?", NOON)
        assert (await privacy.held(session, conversation)).messages == 0


async def test_erasing_spares_newer_messages_answers_on_their_way_and_other_people(
    store: Store,
) -> None:
    house = House(store)
    conversation = await house.hear("cũ", "XOA", "mới")
    other = await house.hear("của người khác", address="2")
    await house.queue(conversation, "đang đi")
    await house.queue(other, "của người khác")
    async with store.write() as session:
        await privacy.erase(session, conversation, 2)
        row = await inbox.next_new(session, conversation, NOON)
        assert row is not None
        assert row.text == ""
    assert await house.texts(conversation) == ["đang đi"]
    assert await house.texts(other) == ["của người khác"]
    assert sorted(await _words(store)) == ["inbox", "inbox", "outbox", "outbox"]


async def test_words_go_when_a_conversation_was_unused_for_so_long(store: Store) -> None:
    house = House(store)
    conversation = await _used(house)
    async with store.write() as session:
        assert await privacy.drop_old(session, NOON + LIFE, LIFE) == 0
    assert len(await _words(store)) == 4
    house.later(LIFE + timedelta(days=2))
    other = await house.hear("hôm nay", address="2")
    async with store.write() as session:
        assert await privacy.drop_old(session, house.clock.now(), LIFE) == 3
    assert await _words(store) == ["inbox"]
    assert (await house.view(conversation)).state is None
    assert await house.texts(other) == []


async def test_a_message_that_still_waits_for_an_answer_is_never_dropped(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("câu hỏi cũ")
    await house.queue(conversation, "chưa gửi được")
    async with store.write() as session:
        assert await privacy.drop_old(session, NOON + 2 * LIFE, LIFE) == 0
    assert await _words(store) == ["inbox", "outbox"]


async def test_a_reminder_that_is_still_to_come_keeps_its_words(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    far = NOON + timedelta(days=55)
    async with store.write() as session:
        consent = await reminders.agree(
            session, HOME, conversation, PHONE, "nhắc", "Đồng ý?", 1, NOON
        )
        new = reminders.NewReminder("r1", "han", "khai_sinh", worded("Nhac"), far, far + LIFE)
        await reminders.schedule(session, HOME, conversation, PHONE, consent, new, NOON)
        await privacy.drop_old(session, NOON + timedelta(days=50), LIFE)
    assert "reminder" in await _words(store)
