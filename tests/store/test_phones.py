"""Proving a number: codes, tries, limits, and what a link brings together."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.store import conversations, people, phones, promised, refusals
from bot.store.engine import Store
from bot.store.models import Conversation, OutboxRow, PhoneClaim, Reminder
from bot.store.phones import CODE_LIFE, CODES_A_DAY, TRIES
from bot.store.reminders import NewReminder, agree, schedule
from tests.factories import HOME, NOON, PHONE, worded

CODE, OTHER_CODE = "042137", "111111"


async def chat(store: Store, name: str = "8412000000000000101") -> int:
    async with store.write() as session:
        return await conversations.get_or_create(session, HOME, "zalo", name, NOON)


async def send(
    store: Store,
    conversation_id: int,
    inbox_id: int = 1,
    phone: str = PHONE,
    now: datetime = NOON,
    code: str = CODE,
) -> bool:
    async with store.write() as session:
        view = await conversations.get(session, conversation_id)
        assert view is not None
        return await phones.send(session, view, phone, code, f"ma {code}", inbox_id, now)


async def check(store: Store, conversation_id: int, code: str, now: datetime = NOON) -> str:
    async with store.read() as session:
        return await phones.check(session, conversation_id, code, now)


async def link(store: Store, conversation_id: int) -> str | None:
    async with store.write() as session:
        return await phones.link(session, conversation_id, NOON)


async def proven(store: Store, conversation_id: int) -> str | None:
    async with store.read() as session:
        view = await conversations.get(session, conversation_id)
        assert view is not None
        return await phones.proven(session, view)


def test_codes_are_six_digits_that_differ() -> None:
    codes = {phones.new_code() for _ in range(50)}
    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert len(codes) > 45


async def test_the_code_goes_to_the_number_and_is_kept_as_a_hash(store: Store) -> None:
    zalo = await chat(store)
    assert await send(store, zalo)
    async with store.read() as session:
        (row,) = await session.scalars(select(OutboxRow))
        (claim,) = await session.scalars(select(PhoneClaim))
        there = await conversations.find(session, HOME, "sms", PHONE)
    assert (row.conversation_id, row.channel, row.author) == (there, "sms", phones.AUTHOR)
    assert row.expires_at == NOON + CODE_LIFE
    assert not row.bulk
    assert CODE not in str(vars(claim))
    assert PHONE not in str(vars(claim))
    assert await proven(store, zalo) is None


async def test_the_right_code_in_time_links_and_no_other(store: Store) -> None:
    zalo = await chat(store)
    await send(store, zalo)
    assert await check(store, zalo, OTHER_CODE) == "wrong"
    assert await check(store, zalo, CODE) == "right"
    assert await check(store, zalo, CODE, NOON + CODE_LIFE) == "expired"
    assert await check(store, await chat(store, "somebody else"), CODE) == "none"
    assert await link(store, zalo) == PHONE
    assert await proven(store, zalo) == PHONE
    assert await link(store, zalo) is None  # a claim counts once
    assert await check(store, zalo, CODE) == "none"


async def test_after_five_wrong_codes_the_right_one_counts_no_more(store: Store) -> None:
    zalo = await chat(store)
    await send(store, zalo)
    for _ in range(TRIES):
        assert await check(store, zalo, CODE) == "right"
        async with store.write() as session:
            await phones.count_try(session, zalo)
    assert await check(store, zalo, CODE) == "used_up"
    await send(store, zalo, 2, code=OTHER_CODE)
    assert await check(store, zalo, OTHER_CODE) == "right"
    assert await check(store, zalo, CODE) == "wrong"  # only the newest counts


async def test_three_codes_a_day_for_one_chat_whatever_the_number(store: Store) -> None:
    zalo = await chat(store)
    for n in range(CODES_A_DAY):
        assert await send(store, zalo, n, phone=f"+8491200010{n}")
    assert not await send(store, zalo, 9, phone="+84912000109")
    assert await send(store, zalo, 10, now=NOON + timedelta(hours=25))
    assert await send(store, await chat(store, "another"), 11)


async def test_three_codes_a_day_to_one_number_whoever_asks(store: Store) -> None:
    for n in range(CODES_A_DAY):
        assert await send(store, await chat(store, f"chat {n}"), n)
    late = await chat(store, "one too many")
    assert not await send(store, late, 9)
    async with store.read() as session:
        assert await session.scalar(select(func.count()).select_from(OutboxRow)) == CODES_A_DAY
        assert await session.get(PhoneClaim, late) is None


async def test_ten_chats_are_not_one_chat_of_the_same_beginning(store: Store) -> None:
    """Keys are compared as texts: chat 1 is not chat 10."""
    ids = [await chat(store, f"chat {n}") for n in range(12)]
    for n, one in enumerate(ids):
        assert await send(store, one, n, phone=f"+849120002{n:02}")


async def test_an_sms_proves_its_own_number(store: Store) -> None:
    async with store.write() as session:
        sms = await conversations.get_or_create(session, HOME, "sms", PHONE, NOON)
    assert await proven(store, sms) == PHONE


# --- one person -------------------------------------------------------------------------


async def remind(store: Store, conversation_id: int, key: str, days: int = 3) -> None:
    async with store.write() as session:
        consent = await agree(session, HOME, conversation_id, PHONE, "x", "x", None, NOON)
        reminder = NewReminder(
            key, "hen", "khai_sinh", worded(key), NOON + timedelta(days=days),
            NOON + timedelta(days=days + 1),
        )  # fmt: skip
        assert await schedule(session, HOME, conversation_id, PHONE, consent, reminder, NOON)


async def test_what_was_agreed_in_both_chats_is_sent_once_after_they_are_linked(
    store: Store,
) -> None:
    zalo = await chat(store)
    async with store.write() as session:
        sms = await conversations.get_or_create(session, HOME, "sms", PHONE, NOON)
    await remind(store, sms, "by sms")
    await remind(store, zalo, "by zalo")
    await remind(store, zalo, "another day", days=5)
    await send(store, zalo)
    await link(store, zalo)
    async with store.read() as session:
        states = {r.key: r.state for r in await session.scalars(select(Reminder))}
        both = [await promised.of(session, one) for one in (sms, zalo)]
    assert states == {"by sms": "scheduled", "by zalo": "cancelled", "another day": "scheduled"}
    assert both[0] == both[1]
    assert [len(one.ids) for one in both[0]] == [1, 1]


async def test_stop_on_either_side_stops_both_and_unlinking_parts_them(store: Store) -> None:
    zalo = await chat(store)
    await send(store, zalo)
    await link(store, zalo)
    async with store.write() as session:
        sms = await conversations.find(session, HOME, "sms", PHONE)
        assert sms is not None
        await refusals.stop(session, sms, NOON)
        assert await refusals.refused(session, zalo)
        await phones.unlink(session, {zalo, sms})
        assert (await session.get_one(Conversation, zalo)).linked_id is None
        assert await people.conversations_of(session, zalo) == {zalo}


async def test_erasing_a_number_withdraws_what_others_claimed_about_it(store: Store) -> None:
    zalo = await chat(store)
    await send(store, zalo)
    async with store.write() as session:
        sms = await conversations.find(session, HOME, "sms", PHONE)
        assert sms is not None
        await phones.unlink(session, {sms})
    assert await check(store, zalo, CODE) == "none"


async def test_one_reminder_is_stopped_and_the_others_stay(store: Store) -> None:
    zalo = await chat(store)
    await remind(store, zalo, "first")
    await remind(store, zalo, "second", days=5)
    async with store.write() as session:
        first, second = await promised.of(session, zalo)
        assert await promised.stop(session, zalo, first.ids, NOON) == 1
        assert await promised.stop(session, zalo, first.ids, NOON) == 0
        assert await promised.of(session, zalo) == [second]


async def test_nobody_stops_the_reminders_of_somebody_else(store: Store) -> None:
    zalo, stranger = await chat(store), await chat(store, "stranger")
    await remind(store, zalo, "first")
    async with store.write() as session:
        (first,) = await promised.of(session, zalo)
        assert await promised.stop(session, stranger, first.ids, NOON) == 0
        assert await promised.of(session, stranger) == []


@pytest.mark.parametrize("seen_from", ["zalo", "sms"])
async def test_reminders_are_listed_from_both_sides(store: Store, seen_from: str) -> None:
    zalo = await chat(store)
    await remind(store, zalo, "first")
    async with store.read() as session:
        sms = await conversations.find(session, HOME, "sms", PHONE)
        assert sms is not None
        (found,) = await promised.of(session, zalo if seen_from == "zalo" else sms)
    assert (found.kind, found.procedure, found.code) == ("hen", "khai_sinh", None)
