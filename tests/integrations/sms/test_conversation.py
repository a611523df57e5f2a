"""The whole channel over real HTTP: handset, webhook, sender, receipts."""

from __future__ import annotations

import asyncio

import pytest

from bot.messages import (
    InboundKind,
    PermanentSendError,
    ReceiptState,
    TemporarySendError,
    UnknownOutcomeError,
)
from tests.integrations.sms.conftest import CITIZEN, COMMUNE, Town, outgoing


async def test_a_question_arrives_and_an_answer_is_shown(town: Town) -> None:
    await town.write("KS con toi 3 thang", number="0912345678")
    (inbound,) = town.intake.inbounds
    assert inbound.kind is InboundKind.TEXT
    assert inbound.text == "KS con toi 3 thang"
    assert (inbound.commune, inbound.channel, inbound.address) == (COMMUNE, "sms", CITIZEN)
    assert inbound.sent_at == town.clock.now()

    sent = await town.sender.send(outgoing("Can: giay chung sinh"))
    await town.simulator.courier.idle()
    assert sent.provider_message_id == "generic:o1"
    assert [r.state for r in town.intake.receipts] == [ReceiptState.SENT, ReceiptState.DELIVERED]
    question, answer = await town.shown()
    assert question["from"] == "user"
    assert answer == {
        "seq": answer["seq"],
        "from": "office",
        "text": "Can: giay chung sinh",
        "parts": 1,
        "encoding": "GSM-7",
        "at": "2026-11-20T09:00:00+07:00",
    }


async def test_the_same_id_is_delivered_once(town: Town) -> None:
    first = await town.sender.send(outgoing())
    assert await town.sender.send(outgoing()) == first
    assert len(await town.shown()) == 1


async def test_after_a_lost_answer_the_gateway_is_asked(town: Town) -> None:
    assert await town.sender.find_sent(outgoing()) is None
    town.faults.drop_answers = 1
    town.faults.drop_seconds = 0.05
    with pytest.raises(UnknownOutcomeError):
        await town.sender.send(outgoing())
    found = await town.sender.find_sent(outgoing())
    assert found is not None
    assert found.provider_message_id == "generic:o1"
    assert len(await town.shown()) == 1


async def test_refusals_are_sorted(town: Town) -> None:
    town.faults.rate_limits = 1
    with pytest.raises(TemporarySendError) as limited:
        await town.sender.send(outgoing())
    assert limited.value.retry_after == 6
    town.faults.server_errors = 2
    with pytest.raises(UnknownOutcomeError):
        await town.sender.send(outgoing())
    with pytest.raises(TemporarySendError):
        await town.sender.find_sent(outgoing())
    with pytest.raises(PermanentSendError):
        await town.sender.send(outgoing("a" * 1300))


async def test_a_long_poll_wakes_when_an_answer_comes(town: Town) -> None:
    path = f"/handset/{CITIZEN}/messages?after=0&wait=20"
    polling = asyncio.create_task(town.handset.get(path))
    await asyncio.sleep(0.1)
    assert not polling.done()
    await town.sender.send(outgoing())
    assert len((await asyncio.wait_for(polling, 2)).json()["messages"]) == 1


@pytest.mark.parametrize("sender", ["VIETTEL", "9029", "199", "19001009", "+84900000001"])
async def test_machines_are_never_answered(town: Town, sender: str) -> None:
    await town.write("Khuyen mai 50%", number=sender)
    (inbound,) = town.intake.inbounds
    assert (inbound.kind, inbound.text) == (InboundKind.IGNORED, "")


async def test_an_old_phone_draws_boxes_and_composed_letters(town: Town) -> None:
    await town.sender.send(outgoing("Chúc mừng \U0001f389 bé"))
    (shown,) = await town.shown()
    assert shown["text"] == "Chúc mừng □ bé"
    assert shown["encoding"] == "UCS-2"


async def test_a_webhook_comes_again_until_it_is_taken(town: Town) -> None:
    town.intake.fail_next = 2
    town.faults.lost_acks = 1
    await town.write("KS")
    assert [i.text for i in town.intake.inbounds] == ["KS"]
    assert town.intake.duplicates == 1
