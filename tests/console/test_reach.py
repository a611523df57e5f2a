"""A citizen on Zalo: until when they can be written to, and their telephone number."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from bot.channels import Standing
from bot.messages import Channel, Echo, Inbound, InboundKind, OutgoingKind
from bot.store import conversations, inbox, outbox, receipts
from bot.store.models import OutboxRow
from console.routes import routes
from tests.console.conftest import FAREWELL, HOME, PHONE_FORM, Browser, World

LATE = (Standing.CLOSED, None)
SENTENCE = "Zalo không cho nhắn nữa (quá 7 ngày). Anh/chị gọi điện cho bà con."
UNTIL = datetime(2026, 11, 25, 3, 15, tzinfo=UTC)


async def _taken(world: World, lan: Browser, **more: Any) -> int:
    conversation = await world.asks(**more)
    await lan.post(f"/console/c/{conversation}/take")
    return conversation


async def _html(browser: Browser, conversation: int) -> str:
    return await (await browser.get(f"/console/c/{conversation}")).text()


async def _too_late(world: World) -> None:
    world.clock.advance(timedelta(days=7, minutes=1))
    world.standing.append(LATE)


# --- until when -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        ((Standing.FREE, UNTIL), "Còn nhắn được đến 10:15 25/11"),
        ((Standing.PAID, None), "Ngoài 48 giờ: tin tính phí gói OA"),
        ((Standing.PAID, UNTIL), "tin tính phí gói OA. Còn nhắn được đến 10:15 25/11"),
    ],
)
async def test_until_when(
    world: World, lan: Browser, standing: tuple[Standing, datetime | None], said: str
) -> None:
    conversation = await _taken(world, lan)
    world.standing.append(standing)
    html = await _html(lan, conversation)
    assert said in html
    assert "reply-text" in html


@pytest.mark.parametrize("channel", ["sms", "web", "zalobot"])
async def test_other_channels_have_no_such_limit(
    world: World, lan: Browser, channel: Channel
) -> None:
    world.standing.append(LATE)
    conversation = await _taken(world, lan, channel=channel, address="+84912345678")
    html = await _html(lan, conversation)
    assert 'data-testid="standing"' not in html
    sent = await lan.post(f"/console/c/{conversation}/write", text="Chào chị")
    assert sent.status == 200


async def test_a_closed_conversation_refuses_and_loses_nothing(
    world: World, lan: Browser, open_browser: Any
) -> None:
    conversation = await _taken(world, lan)
    path = f"/console/c/{conversation}"
    await _too_late(world)
    lan = await open_browser("lan")
    html = await _html(lan, conversation)
    assert SENTENCE in html
    assert "reply-text" not in html
    assert 'data-testid="give-back"' in html
    refused = await lan.post(f"{path}/write", text="Chị <b>cứ</b> đến")
    html = await refused.text()
    assert refused.status == 409
    assert SENTENCE in html
    assert "Chị &lt;b&gt;cứ&lt;/b&gt; đến" in html
    script = await lan.client.post(
        f"{path}/write",
        data={"csrf": lan.csrf, "text": "Chào"},
        headers={"Accept": "application/json"},
    )
    assert (script.status, (await script.json())["error"]) == (409, SENTENCE)
    assert (await (await lan.client.get(f"{path}.json")).json())["closed"] is True
    assert [a for a, _ in await world.outgoing(conversation) if a == "officer"] == []


async def test_given_back_when_closed_nothing_is_left_to_fail(
    world: World, lan: Browser, open_browser: Any
) -> None:
    conversation = await _taken(world, lan)
    await _too_late(world)
    lan = await open_browser("lan")
    back = await lan.post(f"/console/c/{conversation}/give-back")
    assert back.status == 200
    assert await world.owner(conversation) == "bot"
    async with world.store.read() as session:
        assert "queued" not in await outbox.depth(session)
    assert (await world.outgoing(conversation))[-1] == ("bot", FAREWELL)


async def test_why_it_is_closed(world: World, lan: Browser) -> None:
    conversation = await _taken(world, lan)
    world.standing.append(LATE)
    assert "Zalo của xã đang không gửi được tin" in await _html(lan, conversation)
    async with world.store.write() as session:
        await conversations.set_stopped(session, conversation, world.clock.now())
    html = await _html(lan, conversation)
    assert "Bà con đã bỏ theo dõi hoặc chặn" in html
    assert "có thể không tới nơi" not in html


# --- the telephone number -------------------------------------------------------------------


async def _forms(world: World) -> list[tuple[str, int | None, OutgoingKind]]:
    async with world.store.read() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.author == "officer"))
        return [
            (body.text, row.officer_id, body.kind)
            for row in rows
            for body in (outbox.opened(session, row.body_enc),)
        ]


async def test_a_number_that_was_given_can_be_called(world: World, lan: Browser) -> None:
    conversation = await _taken(world, lan)
    assert 'data-testid="phone"' not in await _html(lan, conversation)
    async with world.store.write() as session:
        await conversations.keep_phone(session, conversation, "+84912000101")
    html = await _html(lan, conversation)
    assert '<a href="tel:+84912000101" data-testid="phone">0912 000 101</a>' in html
    assert "ask-phone" not in html


async def test_asking_for_the_number_twice_sends_one_form(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    assert 'data-testid="ask-phone"' not in await _html(lan, conversation)
    await lan.post(f"/console/c/{conversation}/take")
    assert 'data-testid="ask-phone"' in await _html(lan, conversation)
    path = f"/console/c/{conversation}/ask-phone"
    both = await asyncio.gather(*(lan.post(path) for _ in range(3)))
    assert {r.status for r in both} == {200}
    [(text, officer, kind)] = await _forms(world)
    assert (text, kind) == (PHONE_FORM, OutgoingKind.ASK_PHONE)
    assert officer is not None
    html = await _html(lan, conversation)
    assert 'data-testid="ask-phone"' not in html
    assert "Đã gửi ô xin số điện thoại" in html
    world.clock.advance(timedelta(minutes=5))
    await world.asks("Số gì hả chị?", handed_over=False)
    assert 'data-testid="ask-phone"' in await _html(lan, conversation)
    await lan.post(path)
    assert len(await _forms(world)) == 2


async def test_the_form_is_refused_where_it_makes_no_sense(world: World, lan: Browser) -> None:
    waiting = await world.asks()
    html = await (await lan.post(f"/console/c/{waiting}/ask-phone")).text()
    assert "Anh/chị cần nhận cuộc trò chuyện này trước." in html
    sms = await _taken(world, lan, channel="sms", address="+84912345678")
    assert (await lan.post(f"/console/c/{sms}/ask-phone")).status == 409
    zalo = await _taken(world, lan, address="5566778899005678")
    world.standing.append(LATE)
    assert 'data-testid="ask-phone"' not in await _html(lan, zalo)
    assert (await lan.post(f"/console/c/{zalo}/ask-phone")).status == 409
    assert await _forms(world) == []


async def test_without_words_for_the_form_there_is_no_button(world: World) -> None:
    app = web.Application()
    app.add_routes(routes(dataclasses.replace(world.desk, phone_form=lambda: "")))
    async with TestClient(TestServer(app)) as client:
        lan = Browser(client)
        await lan.log_in("lan")
        conversation = await _taken(world, lan)
        assert "ask-phone" not in await _html(lan, conversation)
        assert (await lan.post(f"/console/c/{conversation}/ask-phone")).status == 409


# --- who wrote, and what --------------------------------------------------------------------


async def test_what_was_written_in_zalos_app_has_an_author(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    echo = Echo(HOME, "zalo", "5566778899001234", "mm1", "Chị đến sáng mai nhé", by_human=True)
    async with world.store.write() as session:
        await receipts.record_outside(session, conversation, echo, world.clock.now())
    html = await _html(lan, conversation)
    assert "Chị đến sáng mai nhé" in html
    assert '<p class="bubble-who">Cán bộ (trong ứng dụng Zalo)</p>' in html


async def test_a_number_sent_by_the_form_is_an_aside(world: World, lan: Browser) -> None:
    conversation, now = await world.asks(), world.clock.now()
    inbound = Inbound(
        HOME,
        "zalo",
        "5566778899001234",
        uuid.uuid4().hex,
        InboundKind.CONTACT,
        "+84912000101",
    )
    async with world.store.write() as session:
        await inbox.insert(session, inbound, now, now)
    html = await _html(lan, conversation)
    assert 'bubble-aside">gửi số điện thoại qua ô của Zalo</div>' in html
    assert "84912000101" not in html
