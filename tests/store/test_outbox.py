"""The order in which rows leave, and what a claim gives."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot.messages import Choice
from bot.store import outbox, receipts
from bot.store.engine import Store
from bot.store.outbox import Draft
from tests.factories import CITIZEN, MINUTE, NOON, PHONE, House, echoed


async def test_the_same_key_is_queued_once(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    for expected in (True, False):
        async with store.write() as session:
            row_id = await outbox.queue(session, conversation, Draft("in:1:0", "bot", "Chào"), NOON)
        assert (row_id is not None) is expected
    assert await house.texts() == ["Chào"]


async def test_a_claimed_row_carries_address_text_and_buttons(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    choices = (Choice("Hồ sơ", "#a"), Choice("Gọi", url="tel:0200"))
    await house.queue(conversation, "Chào 👋", choices=choices)
    (claimed,) = await house.claim()
    assert claimed.message.address == CITIZEN
    assert (claimed.message.text, claimed.message.choices) == ("Chào 👋", choices)
    assert claimed.message.id == f"hotro-{claimed.row_id}"
    assert not claimed.uncertain
    assert claimed.message.first_tried_at is None


async def test_of_a_conversation_one_row_at_a_time_is_claimed_in_order(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.queue(conversation, "một", "hai", "ba")
    sent = []
    while rows := await house.claim():
        (row,) = rows
        assert await house.claim("other") == []
        sent.append(row.message.text)
        async with store.write() as session:
            assert await outbox.mark_sent(session, row.row_id, "s1", f"p{row.row_id}", NOON)
    assert sent == ["một", "hai", "ba"]


async def test_senders_that_claim_at_once_never_share_a_row(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    houses = [House(open_store(database_url)) for _ in range(2)]
    for n in range(10):
        conversation = await houses[0].hear("KS", address=f"84{n}")
        await houses[0].queue(conversation, "một", "hai")
    claims = [houses[n % 2].claim(f"s{n}", limit=4) for n in range(8)]
    claimed = [row for rows in await asyncio.gather(*claims) for row in rows]
    claimed += await houses[0].claim("last", limit=20)
    assert len({row.row_id for row in claimed}) == len(claimed) == 10
    assert {row.message.text for row in claimed} == {"một"}


async def test_a_retry_keeps_its_place_in_the_order(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.queue(conversation, "một", "hai")
    (row,) = await house.claim()
    async with store.write() as session:
        await outbox.retry_later(session, row.row_id, "s1", NOON + MINUTE, "HTTP 429")
    assert await house.claim() == []  # "hai" waits behind it
    house.later(MINUTE)
    (again,) = await house.claim()
    assert (again.message.text, again.attempts, again.uncertain) == ("một", 2, False)


async def test_other_conversations_do_not_wait_behind_a_retry(store: Store) -> None:
    house = House(store)
    stuck, free = await house.hear("KS"), await house.hear("KS", address="2")
    await house.queue(stuck, "một")
    (row,) = await house.claim()
    async with store.write() as session:
        await outbox.retry_later(session, row.row_id, "s1", NOON + MINUTE, "HTTP 429")
    await house.queue(free, "hai")
    assert [row.message.text for row in await house.claim()] == ["hai"]


async def test_a_reminder_that_waits_for_the_morning_does_not_block_answers(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS", address=PHONE, channel="sms")
    morning = NOON + timedelta(hours=19)
    await house.queue(conversation, "Nhắc", author="reminder", bulk=True, not_before=morning)
    await house.queue(conversation, "Trả lời")
    assert [row.message.text for row in await house.claim()] == ["Trả lời"]


async def test_a_reminder_put_back_after_a_failed_attempt_does_not_block_answers(
    store: Store,
) -> None:
    house = House(store)
    conversation = await house.hear("KS", address=PHONE, channel="sms")
    await house.queue(conversation, "Nhắc", author="reminder", bulk=True)
    (row,) = await house.claim()
    async with store.write() as session:
        await outbox.retry_later(session, row.row_id, "s1", NOON, "HTTP 503")
    (row,) = await house.claim()
    async with store.write() as session:  # by now it is night
        await outbox.put_back(session, row.row_id, "s1", NOON + timedelta(hours=19))
    await house.queue(conversation, "Trả lời")
    assert [row.message.text for row in await house.claim()] == ["Trả lời"]


async def test_a_row_whose_sender_died_is_claimed_as_uncertain(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.queue(conversation, "một", "hai")
    await house.claim("dead")
    assert await house.claim("alive") == []
    house.later(MINUTE + timedelta(seconds=1))
    (row,) = await house.claim("alive")
    assert row.uncertain
    assert row.message.first_tried_at == NOON
    async with store.write() as session:  # the dead one was only slow
        assert not await outbox.mark_sent(session, row.row_id, "dead", "p1", NOON)
        assert not await outbox.finish(session, row.row_id, "dead", "failed", "-")
        await outbox.retry_later(session, row.row_id, "dead", NOON, "-")
        await outbox.still_uncertain(session, row.row_id, "dead", NOON, "-")
    assert await house.states() == ["sending", "queued"]


async def test_an_unknown_outcome_keeps_the_row_until_it_is_asked_again(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.queue(conversation, "một")
    (row,) = await house.claim()
    async with store.write() as session:
        await outbox.still_uncertain(session, row.row_id, "s1", NOON + MINUTE, "ReadTimeout")
    assert await house.claim() == []
    house.later(MINUTE + timedelta(seconds=1))
    (again,) = await house.claim()
    assert again.uncertain


async def test_a_row_that_is_settled_stays_so_when_its_sender_is_unsure_later(
    store: Store,
) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.queue(conversation, "một")
    (row,) = await house.claim()
    async with store.write() as session:
        assert await receipts.settle_by_echo(session, conversation, echoed("p1", "một"), NOON)
        await outbox.still_uncertain(session, row.row_id, "s1", NOON + MINUTE, "ReadTimeout")
        assert not await outbox.mark_sent(session, row.row_id, "s1", "p2", NOON)
    (settled,) = await house.outbox_rows()
    assert (settled.state, settled.provider_message_id) == ("sent", "p1")
    assert settled.error is None
    assert settled.lease_until is None


async def test_a_message_put_back_for_the_night_was_not_an_attempt(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS", address=PHONE, channel="sms")
    await house.queue(conversation, "Nhắc", author="reminder", bulk=True)
    (row,) = await house.claim()
    async with store.write() as session:
        await outbox.put_back(session, row.row_id, "s1", NOON + MINUTE)
    (kept,) = await house.outbox_rows()
    assert (kept.state, kept.attempts, kept.first_tried_at) == ("queued", 0, None)


async def test_rows_of_the_bot_are_withheld_from_a_conversation_of_an_officer(
    store: Store,
) -> None:
    from bot.store import conversations

    house = House(store)
    conversation = await house.hear("KS")
    officer = await house.officer()
    await house.queue(conversation, "của máy")
    await house.queue(conversation, "của cán bộ", author="officer", officer_id=officer)
    async with store.write() as session:  # without handovers.take, which withdraws them
        await conversations.set_owner(session, conversation, officer, NOON)
    await house.claim()
    rows = await house.claim()
    assert "của máy" not in [row.message.text for row in rows]
    assert await house.states() == ["cancelled", "sending"]
