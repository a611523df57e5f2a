"""What arrives is stored once, cleaned, masked and unreadable, and done once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.delivery.ladder import Rules, queue_due
from bot.messages import InboundKind
from bot.store import conversations, inbox, transcript
from bot.store.engine import Store
from bot.store.models import Base, Conversation, InboxRow
from bot.text import MASK, MAX_TEXT
from tests.factories import CITIZEN, HOME, NOON, PHONE, House, inbound, worded

ID_NUMBERS = ["001090012345", "001 090 012 345", "0010.9001.2345", "CCCD:001090012345."]


async def _count(store: Store, model: type[Base]) -> int:
    async with store.read() as session:
        return (await session.execute(select(func.count()).select_from(model))).scalar_one()


async def _stored_text(store: Store) -> str:
    async with store.read() as session:
        conversation = (await session.execute(select(func.max(Conversation.id)))).scalar_one()
        return (await transcript.read(session, conversation))[-1].text


async def test_a_second_copy_is_recognised_and_not_stored(store: Store) -> None:
    house = House(store)
    intake = house.intake
    assert await intake.receive(inbound("KS", provider_id="a"))
    assert not await intake.receive(inbound("KS", provider_id="a"))
    assert await _count(store, InboxRow) == 1
    assert intake.duplicates["zalo"] == 1


async def test_the_same_id_in_another_commune_or_channel_is_another_message(store: Store) -> None:
    intake = House(store).intake
    assert await intake.receive(inbound(provider_id="a"))
    assert await intake.receive(inbound(provider_id="a", commune="song-xanh"))
    assert await intake.receive(inbound(provider_id="a", channel="sms", address=PHONE))


async def test_copies_that_arrive_at_once_on_two_machines_are_stored_once(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    houses = [House(open_store(database_url)) for _ in range(2)]
    copies = [
        house.intake.receive(inbound("KS", provider_id="same"))
        for _ in range(8)
        for house in houses
    ]
    assert sorted(await asyncio.gather(*copies)) == [False] * 15 + [True]
    assert await _count(houses[0].store, InboxRow) == 1


async def test_first_messages_of_one_citizen_at_once_make_one_conversation(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    houses = [House(open_store(database_url)) for _ in range(2)]
    await asyncio.gather(*(h.intake.receive(inbound(f"{n}")) for n in range(6) for h in houses))
    assert await _count(houses[0].store, Conversation) == 1
    assert await _count(houses[0].store, InboxRow) == 12


async def test_messages_that_arrive_at_once_get_different_growing_numbers(store: Store) -> None:
    house = House(store)
    await asyncio.gather(*(house.intake.receive(inbound(f"tin {n}")) for n in range(10)))
    async with store.read() as session:
        rows = (await session.execute(select(InboxRow.id, InboxRow.seq))).all()
    by_id = [seq for _, seq in sorted(rows)]
    assert by_id == sorted(set(by_id))


@pytest.mark.parametrize("number", ID_NUMBERS)
async def test_an_identity_number_is_masked_before_it_is_stored(store: Store, number: str) -> None:
    await House(store).intake.receive(inbound(f"số của tôi là {number} nhé"))
    text = await _stored_text(store)
    assert MASK in text
    assert "0123" not in text
    assert "2345" not in text


@pytest.mark.parametrize("before", range(MAX_TEXT - 24, MAX_TEXT + 1, 3))
async def test_an_identity_number_is_masked_where_a_long_text_is_cut(
    sqlite_url: str, open_store: Callable[[str], Store], before: int
) -> None:
    store = open_store(sqlite_url)
    await House(store).intake.receive(inbound("x" * (before - 1) + " 001 090 012 345 và tiếp"))
    text = await _stored_text(store)
    assert not any(character.isdigit() for character in text)
    assert len(text) <= MAX_TEXT


async def test_null_bytes_emoji_and_a_megabyte_are_stored_as_text(store: Store) -> None:
    intake = House(store).intake
    assert await intake.receive(inbound("khai\x00 sinh 👶🏽 \ud83d"))
    assert await _stored_text(store) == "khai sinh 👶🏽"
    assert await intake.receive(inbound("ế" * 1_000_000))
    assert await _stored_text(store) == "ế" * MAX_TEXT


async def test_an_event_that_is_ignored_is_kept_but_gives_no_work(store: Store) -> None:
    house = House(store)
    await house.intake.receive(inbound("", address="", kind=InboundKind.IGNORED))
    assert await house.inbox_states() == ["done"]
    assert house.wakeups.notices == []
    async with store.write() as session:
        assert await conversations.claim(session, "w", NOON, timedelta(minutes=1), 9) == []


SECRETS = ["đám cưới cháu Hương", PHONE, PHONE.removeprefix("+84"), CITIZEN, "Chào bác Hương"]


async def _personal(house: House) -> None:
    """Words, a number and an address in every table that may hold some."""
    from bot.store import handovers, refusals, reminders

    zalo = await house.hear("đám cưới cháu Hương", "KS")
    sms = await house.hear("đám cưới cháu Hương", address=PHONE, channel="sms")
    officer = await house.officer()
    now = house.clock.now()
    async with house.store.write() as session:
        await conversations.save_state(session, zalo, {"phone": PHONE, "said": SECRETS[0]})
        await handovers.take(session, HOME, zalo, officer, now)
        await handovers.write(session, HOME, zalo, officer, "k1", "Chào bác Hương", now)
        consent = await reminders.agree(session, HOME, zalo, PHONE, "nhắc", "đồng ý", 1, now)
        reminder = reminders.NewReminder(
            "r1",
            "han",
            "khai_sinh",
            worded("Chào bác Hương"),
            now,
            now + timedelta(days=1),
        )
        await reminders.schedule(session, HOME, zalo, PHONE, consent, reminder, now)
        await queue_due(session, now, Rules())
        await refusals.stop(session, sms, now)


async def test_no_table_holds_a_readable_word_or_number(store: Store) -> None:
    await _personal(House(store))
    cells: list[str] = []
    async with store.read() as session:
        for table in Base.metadata.sorted_tables:
            cells += [str(cell) for row in await session.execute(select(table)) for cell in row]
    assert len(cells) > 50
    for secret in SECRETS:
        assert not any(secret in cell for cell in cells)


async def test_the_database_file_holds_no_readable_word_or_number(
    sqlite_url: str, open_store: Callable[[str], Store], tmp_path: Path
) -> None:
    store = open_store(sqlite_url)
    await _personal(House(store))
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("hotro.db*"))
    assert b"khai_sinh" in raw  # what is not secret is found this way
    for secret in SECRETS:
        assert secret.encode() not in raw
        assert secret.encode("utf-16-le") not in raw


async def test_only_one_of_two_that_finish_a_message_is_told_yes(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    houses = [House(open_store(database_url)) for _ in range(2)]
    await houses[0].hear("KS")

    async def finish(store: Store) -> bool:
        async with store.write() as session:
            return await inbox.mark_done(session, 1, NOON)

    outcomes = await asyncio.gather(*(finish(house.store) for house in houses * 3))
    assert sorted(outcomes) == [False] * 5 + [True]


async def test_messages_of_a_conversation_come_in_the_order_of_arrival(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("một", "hai", "ba")
    texts = []
    async with store.write() as session:
        while (row := await inbox.next_new(session, conversation, NOON)) is not None:
            texts.append(row.text)
            await inbox.mark_done(session, row.id, NOON)
    assert texts == ["một", "hai", "ba"]


async def test_a_postponed_message_holds_back_the_ones_behind_it(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("một", "hai")
    later = NOON + timedelta(seconds=30)
    async with store.write() as session:
        await inbox.postpone(session, 1, later, "TimeoutError")
        assert await inbox.next_new(session, conversation, NOON) is None
        # Nothing to do there: a worker that claimed it would turn in circles.
        assert await conversations.claim(session, "w", NOON, timedelta(minutes=1), 9) == []
    async with store.write() as session:
        claimed = await conversations.claim(session, "w", later, timedelta(minutes=1), 9)
        row = await inbox.next_new(session, conversation, later)
    assert claimed == [conversation]
    assert row is not None
    assert (row.text, row.attempts) == ("một", 1)


async def test_a_message_that_was_given_up_is_not_finished_again(store: Store) -> None:
    house = House(store)
    await house.hear("một")
    async with store.write() as session:
        assert await inbox.give_up(session, 1, NOON, "VaultError")
        assert not await inbox.mark_done(session, 1, NOON)
        assert not await inbox.give_up(session, 1, NOON, "VaultError")
        assert await inbox.waiting(session) == (0, None)
