"""A reminder goes down the ladder through the real sender, and nobody gets it twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels import Reaches, Unlimited
from bot.delivery.ladder import Rules, queue_due
from bot.messages import (
    OutgoingKind,
    PermanentSendError,
    Receipt,
    ReceiptState,
    UnknownOutcomeError,
)
from bot.store import refusals, reminders
from bot.store.engine import Store
from bot.store.models import Reminder
from bot.store.reminders import NewReminder, Words
from tests.factories import HOME, NOON, PHONE, House, Step
from tests.reminders.test_ways import Window

DAY = timedelta(days=1)
CLOSED = Step(PermanentSendError("ngoài 7 ngày", other_way=True), arrives=False)
LOST = Step(UnknownOutcomeError("không trả lời"))


def reach(template: str = "", *, sms: bool = True) -> Reaches:
    accounts = {"zalo": Window(template), "sms": Unlimited() if sms else None}
    return lambda commune, channel: accounts.get(channel)


async def _agreed(house: House, due: datetime) -> int:
    """A citizen on Zalo agrees; returns the conversation there."""
    conversation = await house.hear("1")
    words = Words("nhac sms", "nhắc trong Zalo", {"viec": "khai sinh", "ngay": "8/7/2026"})
    async with house.store.write() as session:
        consent = await reminders.agree(
            session, HOME, conversation, PHONE, "nhắc", "Đồng ý?", 1, NOON
        )
        new = NewReminder("r", "han", "khai_sinh", words, due, due + DAY)
        await reminders.schedule(session, HOME, conversation, PHONE, consent, new, NOON)
    return conversation


async def _due(house: House, reaches: Reaches, after: timedelta) -> None:
    house.later(after)
    now = house.clock.now()
    async with house.store.write() as session:
        assert (await queue_due(session, now, Rules(reaches))).queued == 1


async def _state(store: Store) -> tuple[str, str]:
    async with store.read() as session:
        row = (await session.execute(select(Reminder))).scalar_one()
    return row.state, row.tried


async def _calls(house: House) -> list[tuple[str, str]]:
    async with house.store.read() as session:
        return [
            (call.phone, call.text)
            for call in await reminders.calls(session, HOME, house.clock.now())
        ]


def _sent(house: House) -> list[tuple[str, str, str]]:
    return [(m.channel, m.kind.value, m.address) for m in house.provider.arrived]


@pytest.mark.parametrize(
    ("after", "template", "sent"),
    [
        (DAY, "77", ("zalo", "text")),
        (8 * DAY, "77", ("zalo", "template")),
        (8 * DAY, "", ("sms", "text")),
    ],
)
async def test_it_takes_the_best_way_of_the_day(
    store: Store, after: timedelta, template: str, sent: tuple[str, str]
) -> None:
    house = House(store)
    await _agreed(house, NOON + after)
    reaches = reach(template)
    await _due(house, reaches, after)
    await house.outbound(reaches=reaches).drain()
    assert [one[:2] for one in _sent(house)] == [sent]
    (message,) = house.provider.arrived
    if message.kind is OutgoingKind.TEMPLATE:
        assert message.template is not None
        assert (message.template.id, message.template.data["viec"]) == ("77", "khai sinh")
    assert message.text == ("nhac sms" if sent[0] == "sms" else "nhắc trong Zalo")


async def test_each_refusal_leads_one_rung_down_to_the_list_of_calls(store: Store) -> None:
    house = House(store)
    await _agreed(house, NOON + DAY)
    reaches = reach("77")
    house.provider.script = [CLOSED, CLOSED, CLOSED, CLOSED]
    await _due(house, reaches, DAY)
    sender = house.outbound(reaches=reaches)
    await sender.drain()
    assert await _state(store) == ("to_call", "chat,template,template-phone,sms,call")
    assert await house.states() == ["failed"] * 4
    assert house.provider.arrived == []
    assert await _calls(house) == [(PHONE, "nhắc trong Zalo")]
    async with store.write() as session:
        assert not await reminders.called(session, "song-xanh", 1)
        assert await reminders.called(session, HOME, 1)
        assert not await reminders.called(session, HOME, 1)
    assert await _calls(house) == []


async def test_a_template_by_phone_goes_out_by_zalo_to_the_number(store: Store) -> None:
    house = House(store)
    await _agreed(house, NOON + 8 * DAY)
    reaches = reach("77")
    house.provider.script = [CLOSED]
    await _due(house, reaches, 8 * DAY)
    await house.outbound(reaches=reaches).drain()
    assert _sent(house) == [("zalo", "template", PHONE)]


async def test_when_it_is_not_known_whether_it_arrived_nothing_goes_a_second_way(
    store: Store,
) -> None:
    house = House(store)
    await _agreed(house, NOON + DAY)
    reaches = reach("77")
    house.provider.script = [LOST] * 30
    house.provider.look_error = UnknownOutcomeError("không trả lời")
    await _due(house, reaches, DAY)
    sender = house.outbound(reaches=reaches)
    for _ in range(25):
        await sender.drain()
        house.later(timedelta(minutes=10))
    assert await _state(store) == ("to_call", "chat")
    assert {one[0] for one in _sent(house)} == {"zalo"}


async def test_a_report_that_it_did_not_arrive_leads_down_as_well(store: Store) -> None:
    house = House(store)
    await _agreed(house, NOON + 8 * DAY)
    reaches = reach(sms=True)
    await _due(house, reaches, 8 * DAY)
    await house.outbound(reaches=reaches).drain()
    (row,) = await house.outbox_rows()
    assert row.provider_message_id is not None
    await house.intake.receipt(Receipt(HOME, "sms", row.provider_message_id, ReceiptState.FAILED))
    assert await _state(store) == ("to_call", "sms,call")


async def test_huy_withdraws_it_from_every_rung(store: Store) -> None:
    house = House(store)
    zalo = await _agreed(house, NOON + DAY)
    await _due(house, reach(), DAY)
    async with store.write() as session:
        assert await refusals.stop(session, zalo, house.clock.now()) == 1
    assert await house.states() == ["cancelled"]
    await house.outbound(reaches=reach()).drain()
    assert house.provider.arrived == []


async def test_what_was_scheduled_before_there_was_a_ladder_still_goes(store: Store) -> None:
    house = House(store)
    await _agreed(house, NOON + 8 * DAY)
    async with store.write() as session:
        row = (await session.execute(select(Reminder))).scalar_one()
        row.body_enc = store.vault.encrypt("UBND xa: nhac khai sinh")
    await _due(house, reach(), 8 * DAY)
    await house.outbound(reaches=reach()).drain()
    assert house.provider.texts == ["UBND xa: nhac khai sinh"]
