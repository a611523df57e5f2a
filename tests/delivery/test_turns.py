"""One turn is one transaction; what was assumed while understanding is checked again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from actions.registry import perform
from bot.dialogue.acts import Act, NextPage
from bot.dialogue.outcome import Done, Env
from bot.messages import Echo, InboundKind, Reply
from bot.store import conversations, handovers, inbox
from bot.store.engine import Store
from bot.store.models import BOT, Consent, Conversation, HandOver, Reminder, officer_owner
from tests.factories import HOME, NOON, PHONE, House, inbound

FREE = "làm giấy khai sinh hết bao nhiêu tiền"


async def test_a_question_is_answered_once_and_remembered(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.worker().drain()
    first = await house.texts()
    assert len(first) == 1
    assert "khai sinh" in first[0]
    assert "máy" in first[0]  # people are told that they talk to a machine
    assert await house.inbox_states() == ["done"]
    state = (await house.view(conversation)).state
    assert state is not None
    assert state["topic"] == "khai_sinh"
    await house.worker().drain()
    assert await house.texts() == first


async def test_questions_are_answered_in_the_order_of_arrival(store: Store) -> None:
    house = House(store)
    asked = ["TG", "KS PHI", "GIO", FREE, "KT PHI", "KS PHI"]
    await house.hear(*asked)
    await house.worker().drain()
    keys = [row.key for row in await house.outbox_rows()]
    assert keys == [f"in:{n}:0" for n in range(1, 7)]
    texts = await house.texts()
    assert texts[1] == texts[5] != texts[2]


def _long_winded(act: Act, env: Env) -> Done:
    """Answers everything at length, except that the rest is asked for."""
    if isinstance(act, NextPage):
        return perform(act, env)
    words = " ".join(f"câu {n}." for n in range(100))
    return Done((Reply(words, words),))


async def test_a_long_answer_by_sms_comes_a_text_at_a_time_when_asked_for(store: Store) -> None:
    house = House(store)
    await house.hear("KS", "TIEP", "TIEP", "TIEP", address=PHONE, channel="sms")
    await house.worker(perform=_long_winded).drain()
    texts = await house.texts()
    assert len(texts) == 4
    assert all(len(text) <= 306 and text.isascii() for text in texts)
    assert texts[0].endswith("(nhan TIEP xem tiep)")
    said = " ".join(text.removesuffix(" (nhan TIEP xem tiep)") for text in texts)
    told = [int(n) for n in re.findall(r"cau (\d+)", said)]
    assert told[: told.index(99) + 1] == list(range(100))  # then TIEP has nothing left


async def test_a_tapped_button_needs_no_model(store: Store) -> None:
    house = House(store)
    house.model.down = True
    await house.hear("KS")
    await house.worker().drain()
    (row,) = await house.outbox_rows()
    async with store.read() as session:
        from bot.store.outbox import opened

        choices = opened(session, row.body_enc).choices
    await house.hear(choices[0].payload)
    await house.worker().drain()
    assert await house.inbox_states() == ["done", "done"]
    assert len(await house.texts()) >= 2


@pytest.mark.parametrize(
    "more",
    [{"kind": InboundKind.MEDIA, "media": "image"}, {"kind": InboundKind.START}],
    ids=["a picture", "a follow"],
)
async def test_what_is_no_text_is_answered_too(store: Store, more: dict[str, Any]) -> None:
    house = House(store)
    await house.intake.receive(inbound("", **more))
    await house.worker().drain()
    assert len(await house.texts()) == 1


async def test_reminders_agreed_in_a_walk_through_the_form_are_stored_with_their_proof(
    store: Store,
) -> None:
    from bot.store.models import Consent

    house = House(store)
    await house.hear("KS", "nhắc tôi", address=PHONE, channel="sms")
    await house.worker().drain()
    await _reply_until_consent(house)
    async with store.read() as session:
        (consent,) = await session.scalars(select(Consent))
        scheduled = list(await session.scalars(select(Reminder)))
    assert scheduled
    assert {one.consent_id for one in scheduled} == {consent.id}
    assert {one.state for one in scheduled} == {"scheduled"}
    # The words agreed to are the words that were shown.
    assert any(consent.text_shown in text or text in consent.text_shown
               for text in await house.texts())  # fmt: skip
    await house.hear("HUY", address=PHONE, channel="sms")
    await house.worker().drain()
    async with store.read() as session:
        assert {one.state for one in await session.scalars(select(Reminder))} == {"cancelled"}


async def _reply_until_consent(house: House) -> None:
    """Take the first kind of reminder, give a date, agree."""
    from bot.store.models import Consent

    for reply in ("#nhac", "2", "20/08/2026", "1", "1"):
        async with house.store.read() as session:
            if list(await session.scalars(select(Consent.id))):
                return
        await house.hear(reply, address=PHONE, channel="sms")
        await house.worker().drain()


# --- the officer ------------------------------------------------------------------------


async def _take(house: House, conversation: int, officer: int) -> None:
    async with house.store.write() as session:
        await handovers.take(session, HOME, conversation, officer, house.clock.now())


async def _while_understanding(house: House, meanwhile: Callable[[], Awaitable[None]]) -> None:
    """Let the bot begin a turn, do something else, then let it finish."""
    house.model.gate.clear()
    working = asyncio.create_task(house.worker().drain())
    await asyncio.wait_for(house.model.asked.wait(), 10)
    await meanwhile()
    house.model.gate.set()
    await working


async def test_a_turn_computed_while_an_officer_took_over_queues_nothing(store: Store) -> None:
    house = House(store)
    conversation = await house.hear(FREE)
    officer = await house.officer()
    await _while_understanding(house, lambda: _take(house, conversation, officer))
    assert await house.inbox_states() == ["done"]
    assert await house.texts() == []
    assert (await house.view(conversation)).owner == officer_owner(officer)


async def test_without_an_officer_the_same_turn_does_answer(store: Store) -> None:
    """The test above must be able to fail."""
    house = House(store)
    await house.hear(FREE)

    async def nothing() -> None:
        return None

    await _while_understanding(house, nothing)
    assert len(await house.texts()) == 1


async def test_a_turn_computed_while_somebody_answered_in_zalos_app_queues_nothing(
    store: Store,
) -> None:
    house = House(store)
    message = inbound(FREE)
    await house.intake.receive(message)

    async def answers_there() -> None:
        await house.intake.echo(Echo(HOME, "zalo", message.address, "x1", "Tôi trả lời đây", True))

    await _while_understanding(house, answers_there)
    assert await house.texts() == ["Tôi trả lời đây"]


async def test_a_turn_whose_lease_another_worker_has_taken_writes_nothing(store: Store) -> None:
    house = House(store)
    conversation = await house.hear(FREE)

    async def is_taken_for_dead() -> None:
        house.wall.advance(timedelta(minutes=10))
        async with store.write() as session:
            claimed = await conversations.claim(
                session, "other", house.wall.now(), timedelta(minutes=1), 9
            )
        assert claimed == [conversation]

    await _while_understanding(house, is_taken_for_dead)
    assert await house.texts() == []
    assert await house.inbox_states() == ["new"]
    house.wall.advance(timedelta(minutes=10))
    await house.worker().drain()  # the other one died as well
    assert len(await house.texts()) == 1


async def test_a_message_answered_meanwhile_is_not_answered_again(store: Store) -> None:
    house = House(store)
    await house.hear(FREE)

    async def is_answered() -> None:
        async with store.write() as session:
            assert await inbox.mark_done(session, 1, NOON)

    await _while_understanding(house, is_answered)
    assert await house.texts() == []


async def test_what_the_citizen_writes_to_an_officer_is_left_to_the_officer(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("GAP")
    await house.worker().drain()
    await _take(house, conversation, await house.officer())
    before = await house.texts()
    await house.hear("KS", FREE)
    await house.worker().drain()
    assert await house.texts() == before
    assert await house.inbox_states() == ["done"] * 3


async def test_the_bot_answers_again_after_it_was_given_back(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("GAP")
    officer = await house.officer()
    await _take(house, conversation, officer)
    async with store.write() as session:
        await handovers.give_back(session, HOME, conversation, officer, "Xong ạ", NOON)
    await house.hear("KS PHI")
    await house.worker().drain()
    assert len(await house.texts()) > 1


async def test_an_officer_who_went_quiet_does_not_leave_the_citizen_alone(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("GAP")
    await house.worker().drain()
    await _take(house, conversation, await house.officer())
    house.later(timedelta(hours=8, minutes=1))
    await house.hear("KS PHI")
    await house.worker().drain()
    assert (await house.view(conversation)).owner == BOT
    assert (await house.texts())[-1].startswith("Cán bộ đang bận")
    async with store.read() as session:
        (line,) = await handovers.listing(session, HOME)
    assert line.taken_by is None  # still on the list, for whoever comes


async def test_gap_puts_the_conversation_on_the_list_once(store: Store) -> None:
    house = House(store)
    await house.hear("GAP", "GAP", "gặp cán bộ")
    await house.worker().drain()
    async with store.read() as session:
        assert len(list(await session.scalars(select(HandOver)))) == 1


# --- coming and going -------------------------------------------------------------------


async def test_who_unfollows_gets_nothing_and_who_writes_again_does(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.worker().drain()
    await house.intake.receive(inbound("", kind=InboundKind.STOP))
    await house.worker().drain()
    assert (await house.view(conversation)).stopped_at == NOON
    await house.outbound().drain()
    assert await house.states() == ["cancelled"]
    await house.hear("KT")
    await house.worker().drain()
    assert (await house.view(conversation)).stopped_at is None
    await house.outbound().drain()
    assert await house.states() == ["cancelled", "sent"]


async def test_who_takes_consent_back_at_zalo_is_erased_and_left_alone(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS", "nhắc tôi")
    await house.worker().drain()
    await house.outbound().drain()
    await house.intake.receive(inbound("", kind=InboundKind.WITHDRAWN))
    await house.worker().drain()
    view = await house.view(conversation)
    assert view.stopped_at == NOON
    assert view.state is None
    assert set(await house.texts(conversation)) == {""}


async def test_a_number_from_zalos_form_is_kept_sealed_with_its_consent(store: Store) -> None:
    house = House(store)
    await house.intake.receive(inbound(PHONE, kind=InboundKind.CONTACT))
    conversation = await house.hear()
    await house.worker().drain()
    assert (await house.view(conversation)).phone == PHONE
    async with store.read() as session:
        (consent,) = await session.scalars(select(Consent))
        row = await session.get_one(Conversation, conversation)
    assert (consent.conversation_id, consent.inbox_id) == (conversation, 1)
    assert "XOA" in consent.text_shown
    assert PHONE not in str(row.phone_enc)
    await house.hear("XOA", "#xoahet")
    await house.worker().drain()
    assert (await house.view(conversation)).phone is None


async def test_who_comes_back_while_an_officer_has_them_can_be_answered_by_the_officer(
    store: Store,
) -> None:
    house = House(store)
    conversation = await house.hear("GAP")
    officer = await house.officer()
    await house.worker().drain()
    await _take(house, conversation, officer)
    await house.intake.receive(inbound("", kind=InboundKind.STOP))
    await house.hear("tôi đây")
    await house.worker().drain()
    async with store.write() as session:
        await handovers.write(session, HOME, conversation, officer, "k1", "Chào bác", NOON)
    await house.outbound().drain()
    assert house.provider.texts[-1:] == ["Chào bác"]


# --- trouble ----------------------------------------------------------------------------


class Clumsy:
    """Performs acts, but fails on some of them."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    def __call__(self, act: Act, env: Env) -> Done:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("anh Nam 0912 000 101")  # must not reach the database
        return perform(act, env)


async def test_a_turn_that_fails_is_tried_again_later_and_keeps_its_place(store: Store) -> None:
    house = House(store)
    await house.hear("KS PHI", "GIO")
    worker = house.worker(perform=Clumsy(1))
    await worker.drain()
    assert await house.texts() == []
    house.later(timedelta(seconds=2))
    await worker.drain()
    assert [row.key for row in await house.outbox_rows()] == ["in:1:0", "in:2:0"]
    assert worker.failed == 1


async def test_a_turn_that_always_fails_is_said_so_and_handed_over(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS PHI", "GIO")
    worker = house.worker(perform=Clumsy(5))
    for _ in range(6):
        await worker.drain()
        house.later(timedelta(minutes=1))
    assert await house.inbox_states() == ["failed", "done"]
    trouble, hours = await house.texts(conversation)
    assert "trục trặc" in trouble
    assert "trục trặc" not in hours
    async with store.read() as session:
        assert await handovers.is_open(session, conversation)
        row = (await session.execute(select(Conversation))).scalar_one()
        failed = await inbox.next_new(session, conversation, NOON)
    assert (row.lease_by, failed) == (None, None)


async def test_an_error_is_noted_without_the_words_it_quotes(store: Store) -> None:
    from bot.store.models import InboxRow

    house = House(store)
    await house.hear("KS")
    await house.worker(perform=Clumsy(1)).drain()
    async with store.read() as session:
        (row,) = await session.scalars(select(InboxRow))
    assert (row.error, row.attempts, row.state) == ("RuntimeError", 1, "new")


async def test_a_message_waits_for_a_model_that_is_not_there_and_keywords_do_not(
    store: Store,
) -> None:
    house = House(store)
    house.model.down = True
    await house.hear(FREE)
    keyword = await house.hear("KS", address="2")
    worker = house.worker()
    await worker.drain()
    assert await house.inbox_states() == ["new", "done"]
    assert len(await house.texts(keyword)) == 1
    house.model.down = False
    house.later(timedelta(seconds=2))
    await worker.drain()
    assert await house.inbox_states() == ["done", "done"]


async def test_erasing_by_message_leaves_only_the_answer_that_says_so(store: Store) -> None:
    from bot.store import transcript

    house = House(store)
    conversation = await house.hear("KS", "XOA", "CO")
    await house.worker().drain()
    await house.outbound().drain()
    async with store.read() as session:
        lines = await transcript.read(session, conversation)
        said = [line.text for line in lines if line.author == "citizen"]
    assert said == [transcript.ERASED] * 3
    assert (await house.view(conversation)).state is None
