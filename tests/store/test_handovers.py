"""Who may speak: taking, answering, giving back, and what the bot had queued."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.messages import Echo
from bot.store import handovers, outbox
from bot.store.engine import Store
from bot.store.handovers import NotYours
from bot.store.models import BOT, officer_owner
from tests.factories import CITIZEN, HOME, NOON, House


class Desk:
    """An officer's clicks."""

    def __init__(self, house: House, officer: int) -> None:
        self.house = house
        self.officer = officer

    async def take(self, conversation: int, commune: str = HOME) -> None:
        async with self.house.store.write() as session:
            await handovers.take(session, commune, conversation, self.officer, NOON)

    async def write(self, conversation: int, text: str, key: str, commune: str = HOME) -> bool:
        async with self.house.store.write() as session:
            return await handovers.write(
                session, commune, conversation, self.officer, key, text, NOON
            )

    async def give_back(self, conversation: int, commune: str = HOME) -> None:
        async with self.house.store.write() as session:
            await handovers.give_back(
                session, commune, conversation, self.officer, "Xong rồi ạ", NOON
            )


async def _desks(store: Store) -> tuple[House, int, Desk, Desk]:
    house = House(store)
    conversation = await house.hear("GAP")
    return (
        house,
        conversation,
        Desk(house, await house.officer("lan")),
        Desk(house, await house.officer("minh")),
    )


async def _open(house: House, conversation: int, reason: str = "Cần người") -> bool:
    async with house.store.write() as session:
        return await handovers.open_one(session, HOME, conversation, None, reason, NOON)


async def test_a_conversation_is_on_the_list_once(store: Store) -> None:
    house, conversation, *_ = await _desks(store)
    assert await _open(house, conversation)
    assert not await _open(house, conversation, "Lần nữa")
    async with store.read() as session:
        (line,) = await handovers.listing(session, HOME)
        assert await handovers.count_open(session) == 1
    assert line.reason == "Cần người"


async def test_two_that_open_at_once_put_it_on_the_list_once(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    houses = [House(open_store(database_url)) for _ in range(2)]
    conversation = await houses[0].hear("GAP")
    opened = await asyncio.gather(*(_open(house, conversation) for house in houses * 4))
    assert sorted(opened) == [False] * 7 + [True]


async def test_taking_withdraws_what_the_bot_has_queued_and_nothing_else(store: Store) -> None:
    house, conversation, lan, _ = await _desks(store)
    other = await house.hear("KS", address="2")
    await house.queue(conversation, "một", "hai")
    await house.claim()  # "một" is on its way: too late for it
    await house.queue(conversation, "Nhắc", author="reminder", bulk=True)
    await house.queue(other, "của người khác")
    await lan.take(conversation)
    assert (await house.view(conversation)).owner == officer_owner(lan.officer)
    assert await house.states(conversation) == ["sending", "cancelled", "queued"]
    assert await house.states(other) == ["queued"]


async def test_another_officer_is_refused_until_it_is_given_back(store: Store) -> None:
    _, conversation, lan, minh = await _desks(store)
    await lan.take(conversation)
    await lan.take(conversation)  # a second click changes nothing
    with pytest.raises(NotYours):
        await minh.take(conversation)
    with pytest.raises(NotYours):
        await minh.write(conversation, "Chào", "k1")
    with pytest.raises(NotYours):
        await minh.give_back(conversation)
    await lan.give_back(conversation)
    await minh.take(conversation)


async def test_two_officers_who_take_at_once_do_not_both_get_it(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    house, conversation, lan, minh = await _desks(open_store(database_url))
    minh.house = House(open_store(database_url))
    outcomes = await asyncio.gather(
        lan.take(conversation), minh.take(conversation), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [NotYours]
    assert (await house.view(conversation)).owner != BOT


async def test_an_officer_of_another_commune_gets_nothing(store: Store) -> None:
    house, conversation, lan, _ = await _desks(store)
    with pytest.raises(NotYours):
        await lan.take(conversation, "song-xanh")
    await lan.take(conversation)
    with pytest.raises(NotYours):
        await lan.write(conversation, "Chào", "k1", "song-xanh")
    with pytest.raises(NotYours):
        await lan.give_back(conversation, "song-xanh")
    assert await house.states() == []


async def test_writing_needs_the_conversation_to_be_ones_own(store: Store) -> None:
    house, conversation, lan, _ = await _desks(store)
    with pytest.raises(NotYours):
        await lan.write(conversation, "Chào", "k1")
    assert await house.states() == []


async def test_a_form_that_is_sent_twice_is_one_message(store: Store) -> None:
    house, conversation, lan, _ = await _desks(store)
    await lan.take(conversation)
    assert await lan.write(conversation, "Chào bác", "k1")
    assert not await lan.write(conversation, "Chào bác", "k1")
    assert await lan.write(conversation, "Chào bác", "k2")
    assert await house.texts() == ["Chào bác", "Chào bác"]


async def test_giving_back_says_so_once_and_lets_the_bot_answer(store: Store) -> None:
    house, conversation, lan, _ = await _desks(store)
    await lan.take(conversation)
    await lan.give_back(conversation)
    with pytest.raises(NotYours):
        await lan.give_back(conversation)
    assert (await house.view(conversation)).bot_owns
    assert await house.texts() == ["Xong rồi ạ"]
    async with store.read() as session:
        assert await handovers.listing(session, HOME) == []
        (closed,) = await handovers.listing(session, HOME, closed=True)
    assert closed.closed_at == NOON


async def test_a_conversation_the_bot_took_back_stays_on_the_list_for_others(store: Store) -> None:
    house, conversation, lan, minh = await _desks(store)
    await lan.take(conversation)
    async with store.write() as session:
        await handovers.reclaim(session, conversation, NOON)
    assert (await house.view(conversation)).bot_owns
    async with store.read() as session:
        (line,) = await handovers.listing(session, HOME)
    assert (line.taken_by, line.closed_at) == (None, None)
    with pytest.raises(NotYours):
        await lan.write(conversation, "Tôi đây", "k1")
    await minh.take(conversation)


async def test_whoever_answered_in_zalos_own_app_does_not_lock_the_console_out(
    store: Store,
) -> None:
    house, conversation, lan, _ = await _desks(store)
    await house.queue(conversation, "của máy")
    await house.intake.echo(Echo(HOME, "zalo", CITIZEN, "x1", "Tôi trả lời bác đây", True))
    assert not (await house.view(conversation)).bot_owns
    assert await house.states() == ["cancelled", "sent"]
    await lan.take(conversation)
    assert (await house.view(conversation)).owner == officer_owner(lan.officer)


async def test_only_what_nobody_has_taken_can_be_dismissed(store: Store) -> None:
    house, conversation, lan, _ = await _desks(store)
    await _open(house, conversation)

    async def dismiss(commune: str = HOME) -> bool:
        async with store.write() as session:
            return await handovers.dismiss(session, commune, conversation, lan.officer, NOON)

    assert not await dismiss("song-xanh")
    assert await dismiss()
    assert not await dismiss()
    await lan.take(conversation)
    assert not await dismiss()


async def test_a_message_on_its_way_is_not_lost_when_its_officer_gives_back(store: Store) -> None:
    house, conversation, lan, _ = await _desks(store)
    await lan.take(conversation)
    await lan.write(conversation, "Bác mang giấy chứng sinh nhé", "k1")
    await lan.give_back(conversation)
    (row,) = await house.claim()
    assert row.message.text == "Bác mang giấy chứng sinh nhé"
    house.later(timedelta(seconds=1))
    async with store.write() as session:
        await outbox.mark_sent(session, row.row_id, "s1", "p1", NOON)
    (row,) = await house.claim()
    assert row.message.text == "Xong rồi ạ"
