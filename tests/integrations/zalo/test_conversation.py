"""The whole channel over real HTTP: phone, webhook, sender, receipts."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.messages import Choice, InboundKind, ReceiptState
from tests.integrations.http import until
from tests.integrations.zalo.conftest import COMMUNE, USER, Town, outgoing


async def messages(town: Town, after: int = 0, wait: float = 0) -> dict[str, Any]:
    query = {"after": after, "wait": wait}
    answer = await town.phone.get(f"/phone/{USER}/messages", params=query)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def test_a_question_arrives_and_an_answer_is_shown(town: Town) -> None:
    await town.meet("lam khai sinh can giay to gi")
    (inbound,) = town.intake.inbounds
    assert inbound.kind is InboundKind.TEXT
    assert inbound.text == "lam khai sinh can giay to gi"
    assert (inbound.commune, inbound.channel, inbound.address) == (COMMUNE, "zalo", USER)
    assert inbound.sent_at == town.clock.now()

    choices = (
        Choice("Có", payload="ks:1"),
        Choice("Cổng DVC", url="https://dichvucong.example.vn"),
        Choice("Gọi", url="tel:+84900000001"),
        Choice("Nhắn", url="sms:+84900000001?body=KS"),
    )
    sent = await town.sender.send(outgoing("Bà con đã có giấy chứng sinh chưa?", *choices))
    body = await messages(town)
    question, answer = body["messages"]
    assert question["from"] == "user"
    assert question["status"] == "received"
    assert answer["text"] == "Bà con đã có giấy chứng sinh chưa?"
    assert [(b["kind"], b["value"]) for b in answer["buttons"]] == [
        ("payload", "ks:1"),
        ("url", "https://dichvucong.example.vn"),
        ("phone", "84900000001"),
        ("sms", "84900000001?body=KS"),
    ]
    assert answer["at"].endswith("+07:00")
    await until(lambda: len(town.intake.receipts) == 2)
    assert [r.state for r in town.intake.receipts] == [ReceiptState.DELIVERED, ReceiptState.SEEN]
    assert {r.provider_message_id for r in town.intake.receipts} == {sent.provider_message_id}
    (echo,) = town.intake.echoes
    assert (echo.provider_message_id, echo.by_human) == (sent.provider_message_id, False)
    statuses = (await messages(town, after=answer["seq"]))["statuses"]
    assert statuses[str(answer["seq"])] == "seen"


async def test_a_tap_shows_the_label_and_sends_the_payload(town: Town) -> None:
    await town.phone.post(f"/phone/{USER}/send", json={"tap": "ks:1", "title": "Có rồi"})
    await town.simulator.courier.idle()
    assert [i.text for i in town.intake.inbounds] == ["ks:1"]
    body = await messages(town)
    assert [m["text"] for m in body["messages"]] == ["Có rồi"]


async def test_media_follow_and_unfollow(town: Town) -> None:
    await town.phone.post(f"/phone/{USER}/follow")
    for name in ("image", "audio", "location", "sticker"):
        await town.phone.post(f"/phone/{USER}/send", json={"media": name})
    await town.phone.post(f"/phone/{USER}/unfollow")
    await town.simulator.courier.idle()
    kinds = [(i.kind, i.media) for i in town.intake.inbounds]
    assert kinds == [
        (InboundKind.START, None),
        (InboundKind.MEDIA, "image"),
        (InboundKind.MEDIA, "audio"),
        (InboundKind.MEDIA, "location"),
        (InboundKind.MEDIA, "sticker"),
        (InboundKind.STOP, None),
    ]


async def test_an_officer_writing_in_zalo_itself_is_told_apart(town: Town) -> None:
    await town.meet()
    await town.phone.post(f"/manager/{USER}/send", json={"text": "Chị mang theo hộ khẩu nhé"})
    await town.simulator.courier.idle()
    (echo,) = town.intake.echoes
    assert (echo.by_human, echo.text) == (True, "Chị mang theo hộ khẩu nhé")


async def test_a_long_poll_wakes_when_an_answer_comes(town: Town) -> None:
    await town.meet()
    after = (await messages(town))["next"]
    polling = asyncio.create_task(messages(town, after=int(str(after)), wait=20))
    await asyncio.sleep(0.1)
    assert not polling.done()
    await town.sender.send(outgoing())
    body = await asyncio.wait_for(polling, 2)
    assert [m["text"] for m in body["messages"]] == ["Xin chào bà con"]


async def test_the_echo_may_come_before_the_answer_of_the_send(town: Town) -> None:
    await town.meet()
    town.faults.echo_first = True
    done_at_echo: list[bool] = []
    record = town.intake.echo

    async def echo(*args: Any) -> None:
        done_at_echo.append(sending.done())
        await record(*args)

    town.intake.echo = echo  # type: ignore[method-assign, assignment]
    sending = asyncio.create_task(town.sender.send(outgoing()))
    sent = await sending
    assert done_at_echo == [False]
    assert town.intake.echoes[0].provider_message_id == sent.provider_message_id
