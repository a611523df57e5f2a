"""The sender: nothing twice, nothing out of order, nothing that must not leave any more."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.clock import LOCAL
from bot.delivery.sender import MAX_ATTEMPTS, UNSURE_WAIT, backoff
from bot.messages import PermanentSendError, TemporarySendError, UnknownOutcomeError
from bot.store import conversations, gateway_trials, handovers, receipts, refusals
from bot.store.engine import Store
from tests.factories import HOME, NOON, OK, PHONE, House, ScriptedSender, Step, echoed

BUSY = Step(TemporarySendError("HTTP 429", 60), arrives=False)
BLOCKED = Step(PermanentSendError("người dân đã chặn"), arrives=False)
LOST_ANSWER = Step(UnknownOutcomeError("ReadTimeout"), arrives=True)
LOST_REQUEST = Step(UnknownOutcomeError("ReadTimeout"), arrives=False)
SECOND = timedelta(seconds=1)


async def _house(store: Store, *script: Step) -> tuple[House, int]:
    house = House(store, provider=ScriptedSender(*script))
    return house, await house.hear("KS")


async def _take(house: House, conversation: int) -> None:
    officer = await house.officer()
    async with house.store.write() as session:
        await handovers.take(session, HOME, conversation, officer, NOON)


async def _stop_following(house: House, conversation: int) -> None:
    async with house.store.write() as session:
        await conversations.set_stopped(session, conversation, NOON)


# --- the plain cases --------------------------------------------------------------------


async def test_rows_are_sent_in_order_and_remembered_by_the_providers_id(store: Store) -> None:
    house, conversation = await _house(store)
    await house.queue(conversation, "một", "hai", "ba")
    sender = house.outbound()
    await sender.drain()
    assert house.provider.texts == ["một", "hai", "ba"]
    rows = await house.outbox_rows()
    assert [row.state for row in rows] == ["sent"] * 3
    assert rows[0].provider_message_id == f"p-hotro-{rows[0].id}"
    assert rows[0].sent_at == NOON
    assert house.provider.looked_for == []
    assert sender.outcomes["zalo", "sent"] == 3


async def test_two_senders_send_everything_once_and_in_order(store: Store) -> None:
    house, _ = await _house(store)
    people = [await house.hear("KS", address=f"84{n}") for n in range(6)]
    for n, conversation in enumerate(people):
        await house.queue(conversation, *(f"{n}-{i}" for i in range(4)))
    senders = [house.outbound(), house.outbound()]
    for _ in range(3):
        await asyncio.gather(*(sender.drain() for sender in senders))
    for n in range(6):
        mine = [text for text in house.provider.texts if text.startswith(f"{n}-")]
        assert mine == [f"{n}-{i}" for i in range(4)]


async def test_a_temporary_refusal_is_tried_again_in_its_time_and_keeps_the_order(
    store: Store,
) -> None:
    house, conversation = await _house(store, BUSY)
    await house.queue(conversation, "một", "hai")
    await house.outbound().drain()
    assert house.provider.texts == []
    house.later(59 * SECOND)
    await house.outbound().drain()
    assert house.provider.tried == ["một"]
    house.later(SECOND)
    await house.outbound().drain()
    assert house.provider.texts == ["một", "hai"]
    assert house.provider.looked_for == []  # nothing was uncertain


async def test_after_many_refusals_it_gives_up_and_tells_an_officer(store: Store) -> None:
    house, conversation = await _house(store, *[BUSY] * MAX_ATTEMPTS)
    await house.queue(conversation, "một")
    sender = house.outbound()
    for _ in range(MAX_ATTEMPTS):
        await sender.drain()
        house.later(timedelta(minutes=20))
    assert await house.states() == ["failed"]
    assert len(house.provider.tried) == MAX_ATTEMPTS
    async with store.read() as session:
        assert await handovers.is_open(session, conversation)


async def test_a_final_refusal_is_on_the_officers_list_with_its_reason(store: Store) -> None:
    house, conversation = await _house(store, BLOCKED, BLOCKED)
    await house.queue(conversation, "một", "hai")
    await house.outbound().drain()
    assert await house.states() == ["failed", "failed"]
    async with store.read() as session:
        (line,) = await handovers.listing(session, HOME)
    assert line.conversation_id == conversation
    assert "người dân đã chặn" in line.reason


async def test_a_trial_of_a_gateway_that_fails_is_nobodys_question(store: Store) -> None:
    house, conversation = await _house(store, BLOCKED)
    await house.queue(
        conversation, "Tin thu", key=f"{gateway_trials.KEY}viettel:1", author="officer"
    )
    await house.outbound().drain()
    assert await house.states() == ["failed"]
    async with store.read() as session:
        assert await handovers.listing(session, HOME) == []


async def test_a_channel_that_is_not_set_up_is_on_the_officers_list(store: Store) -> None:
    house, conversation = await _house(store)
    await house.queue(conversation, "một")
    await house.outbound(senders={}).drain()
    (row,) = await house.outbox_rows()
    assert (row.state, row.error) == ("failed", "kênh này chưa được cài đặt")


@pytest.mark.parametrize("attempt", [1, 5, MAX_ATTEMPTS])
def test_waits_between_attempts_stay_within_reason(attempt: int) -> None:
    assert 1 <= backoff(attempt) <= 900


# --- outcomes that are not known --------------------------------------------------------


async def test_an_answer_that_is_lost_is_looked_up_and_not_sent_again(store: Store) -> None:
    house, conversation = await _house(store, LOST_ANSWER)
    await house.queue(conversation, "một", "hai")
    await house.outbound().drain()
    assert await house.states() == ["sending", "queued"]
    house.later(UNSURE_WAIT)
    await house.outbound().drain()
    assert house.provider.looked_for == []  # the provider may still be busy with it
    house.later(SECOND)
    await house.outbound().drain()
    assert house.provider.looked_for == ["một"]
    assert house.provider.texts == ["một", "hai"]
    rows = await house.outbox_rows()
    assert [row.state for row in rows] == ["sent", "sent"]
    assert rows[0].provider_message_id == f"p-hotro-{rows[0].id}"


async def test_a_request_that_was_lost_is_looked_up_and_then_sent(store: Store) -> None:
    house, conversation = await _house(store, LOST_REQUEST)
    await house.queue(conversation, "một", "hai")
    await house.outbound().drain()
    house.later(UNSURE_WAIT + SECOND)
    await house.outbound().drain()
    assert house.provider.looked_for == ["một"]
    assert house.provider.tried == ["một", "một", "hai"]
    assert house.provider.texts == ["một", "hai"]


async def test_while_it_cannot_be_looked_up_nothing_is_sent(store: Store) -> None:
    house, conversation = await _house(store, LOST_REQUEST)
    house.provider.look_error = TemporarySendError("HTTP 503")
    await house.queue(conversation, "một", "hai")
    sender = house.outbound()
    for _ in range(4):
        await sender.drain()
        house.later(timedelta(minutes=5))
    assert house.provider.tried == ["một"]
    house.provider.look_error = None
    await sender.drain()
    assert house.provider.texts == ["một", "hai"]


async def test_what_stays_unknown_for_ever_is_given_to_an_officer(store: Store) -> None:
    house, conversation = await _house(store, LOST_REQUEST)
    house.provider.look_error = TemporarySendError("HTTP 503")
    await house.queue(conversation, "một")
    sender = house.outbound()
    for _ in range(MAX_ATTEMPTS + 1):
        await sender.drain()
        house.later(timedelta(minutes=10))
    assert await house.states() == ["failed"]
    assert house.provider.tried == ["một"]
    async with store.read() as session:
        (line,) = await handovers.listing(session, HOME)
    assert "không rõ đã gửi được chưa" in line.reason


@pytest.mark.parametrize("arrived", [True, False])
async def test_what_a_killed_sender_left_is_looked_up_first(store: Store, arrived: bool) -> None:
    house, conversation = await _house(store)
    await house.queue(conversation, "một", "hai")
    (row,) = await house.claim("killed")
    if arrived:
        await house.provider.send(row.message)
    house.later(timedelta(minutes=2))
    await house.outbound().drain()
    assert house.provider.looked_for == ["một"]
    assert house.provider.texts == ["một", "hai"]
    assert await house.states() == ["sent", "sent"]


async def test_an_echo_that_comes_before_the_answer_settles_the_row_once(store: Store) -> None:
    house, conversation = await _house(store)

    async def echo() -> None:
        async with store.write() as session:
            assert await receipts.settle_by_echo(
                session, conversation, echoed("real-id", "một"), NOON
            )

    house.provider.script = [Step(LOST_ANSWER.error, then=echo), OK]
    await house.queue(conversation, "một", "hai")
    sender = house.outbound()
    await sender.drain()
    house.later(timedelta(minutes=1))
    await sender.drain()
    assert house.provider.looked_for == []
    assert house.provider.texts == ["một", "hai"]
    first = (await house.outbox_rows())[0]
    assert (first.state, first.provider_message_id, first.error) == ("sent", "real-id", None)


async def test_what_an_echo_settles_while_it_is_looked_up_is_not_sent_again(store: Store) -> None:
    house, conversation = await _house(store, LOST_REQUEST)

    async def echo() -> None:  # the provider's history lags behind its webhooks
        async with store.write() as session:
            await receipts.settle_by_echo(session, conversation, echoed("real-id", "một"), NOON)

    house.provider.while_looking = echo
    await house.queue(conversation, "một")
    await house.outbound().drain()
    house.later(timedelta(minutes=1))
    await house.outbound().drain()
    assert house.provider.tried == ["một"]
    assert await house.states() == ["sent"]


async def test_a_refusal_of_what_an_echo_has_settled_alarms_nobody(store: Store) -> None:
    house, conversation = await _house(store)

    async def echo() -> None:
        async with store.write() as session:
            await receipts.settle_by_echo(session, conversation, echoed("real-id", "một"), NOON)

    house.provider.script = [Step(BLOCKED.error, then=echo)]
    await house.queue(conversation, "một")
    await house.outbound().drain()
    assert await house.states() == ["sent"]
    async with store.read() as session:
        assert not await handovers.is_open(session, conversation)


async def test_a_slow_provider_is_not_asked_twice_by_the_same_sender(store: Store) -> None:
    house, conversation = await _house(store)
    gate = asyncio.Event()
    house.provider.script = [Step(then=gate.wait)]
    await house.queue(conversation, "một")
    sender = house.outbound()
    draining = asyncio.create_task(sender.drain())
    async with asyncio.timeout(10):
        while not house.provider.tried:
            await asyncio.sleep(0.01)
    house.later(timedelta(minutes=2))  # past the lease
    assert not await sender._claim()
    gate.set()
    await draining
    assert house.provider.tried == ["một"]
    assert house.provider.looked_for == []
    assert await house.states() == ["sent"]


# --- what must not leave any more -------------------------------------------------------


async def test_after_an_officer_took_over_the_bot_sends_nothing_more(store: Store) -> None:
    house, conversation = await _house(store, BUSY)
    await house.queue(conversation, "một", "hai")
    await house.outbound().drain()
    await _take(house, conversation)
    house.later(timedelta(minutes=5))
    await house.outbound().drain()
    assert await house.states() == ["cancelled", "cancelled"]
    assert house.provider.texts == []


async def test_an_uncertain_row_that_did_not_arrive_is_withheld_from_an_officers_conversation(
    store: Store,
) -> None:
    house, conversation = await _house(store, LOST_REQUEST)
    await house.queue(conversation, "một")
    await house.outbound().drain()
    await _take(house, conversation)
    house.later(timedelta(minutes=5))
    await house.outbound().drain()
    assert house.provider.looked_for == ["một"]
    assert house.provider.texts == []
    assert await house.states() == ["cancelled"]


async def test_an_uncertain_row_that_did_arrive_is_sent_whoever_owns_the_conversation(
    store: Store,
) -> None:
    house, conversation = await _house(store, LOST_ANSWER)
    await house.queue(conversation, "một")
    await house.outbound().drain()
    await _take(house, conversation)
    house.later(timedelta(minutes=5))
    await house.outbound().drain()
    assert await house.states() == ["sent"]
    assert house.provider.texts == ["một"]


@pytest.mark.parametrize("uncertain", [False, True])
async def test_who_stopped_following_gets_nothing(store: Store, uncertain: bool) -> None:
    house, conversation = await _house(store, *([LOST_REQUEST] if uncertain else []))
    await house.queue(conversation, "một")
    if uncertain:
        await house.outbound().drain()
        house.later(timedelta(minutes=5))
    await _stop_following(house, conversation)
    await house.outbound().drain()
    assert house.provider.texts == []
    (row,) = await house.outbox_rows()
    assert (row.state, row.error) == ("cancelled", "đã bỏ theo dõi")


async def test_the_officers_words_reach_the_citizen_while_the_officer_has_them(
    store: Store,
) -> None:
    house, conversation = await _house(store)
    officer = await house.officer()
    async with store.write() as session:
        await handovers.take(session, HOME, conversation, officer, NOON)
        await handovers.write(session, HOME, conversation, officer, "k1", "Chào bác", NOON)
    await house.outbound().drain()
    assert house.provider.texts == ["Chào bác"]


# --- reminders --------------------------------------------------------------------------

EVENING = datetime(2026, 7, 6, 20, 59, 30, tzinfo=LOCAL)
MORNING = datetime(2026, 7, 7, 7, 0, tzinfo=LOCAL)


async def _reminder(house: House, **more: object) -> int:
    conversation = await house.hear("KS", address=PHONE, channel="sms")
    await house.queue(conversation, "Nhắc", author="reminder", bulk=True, **more)
    return conversation


async def test_a_reminder_held_up_into_the_night_waits_for_the_morning_and_answers_do_not(
    store: Store,
) -> None:
    house, _ = await _house(store, BUSY)
    house.clock.set(EVENING)
    conversation = await _reminder(house)
    await house.outbound().drain()  # refused at 20:59
    house.later(timedelta(minutes=2))
    await house.outbound().drain()  # 21:01: too late for today
    await house.queue(conversation, "Trả lời")
    house.later(timedelta(hours=2))
    await house.outbound().drain()
    assert house.provider.texts == ["Trả lời"]
    house.clock.set(MORNING - SECOND)
    await house.outbound().drain()
    assert house.provider.texts == ["Trả lời"]
    house.clock.set(MORNING)
    await house.outbound().drain()
    assert house.provider.texts == ["Trả lời", "Nhắc"]


async def test_an_uncertain_reminder_that_did_not_arrive_is_not_sent_at_night(
    store: Store,
) -> None:
    house, _ = await _house(store, LOST_REQUEST)
    house.clock.set(EVENING)
    await _reminder(house)
    await house.outbound().drain()
    house.later(timedelta(minutes=2))
    await house.outbound().drain()
    assert house.provider.texts == []
    house.clock.set(MORNING)
    house.wall.advance(timedelta(hours=10))
    await house.outbound().drain()
    assert house.provider.texts == ["Nhắc"]


async def test_answers_leave_at_any_hour(store: Store) -> None:
    house, conversation = await _house(store)
    house.clock.set(EVENING + timedelta(hours=4))
    await house.queue(conversation, "Trả lời")
    await house.outbound().drain()
    assert house.provider.texts == ["Trả lời"]


async def test_a_reminder_that_has_become_pointless_expires(store: Store) -> None:
    house, _ = await _house(store)
    await _reminder(house, expires_at=NOON + timedelta(hours=1))
    house.later(timedelta(hours=1))
    await house.outbound().drain()
    assert house.provider.texts == []
    assert await house.states() == ["expired"]


async def test_a_reminder_queued_before_huy_is_not_sent_after_it(store: Store) -> None:
    house, _ = await _house(store)
    conversation = await _reminder(house)
    async with store.write() as session:
        from bot.store.models import OptOut

        session.add(
            OptOut(
                commune=HOME,
                subject_hash=conversations.address_hash(session, HOME, "sms", PHONE),
                at=NOON,
            )
        )
        await session.flush()
        assert await refusals.refused(session, conversation)
    await house.outbound().drain()
    assert house.provider.texts == []
    (row,) = await house.outbox_rows()
    assert (row.state, row.error) == ("cancelled", "đã nhắn HUY")


async def test_a_cancelled_sender_lets_the_message_in_hand_be_noted(store: Store) -> None:
    house, conversation = await _house(store)
    gate = asyncio.Event()
    house.provider.script = [Step(then=gate.wait)]
    await house.queue(conversation, "một")
    running = asyncio.create_task(house.outbound().run())
    async with asyncio.timeout(10):
        while not house.provider.tried:
            await asyncio.sleep(0.01)
    running.cancel()
    asyncio.get_running_loop().call_later(0.05, gate.set)
    await asyncio.gather(running, return_exceptions=True)
    assert await house.states() == ["sent"]
