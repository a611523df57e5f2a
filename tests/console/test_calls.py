"""The list of people to telephone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.store import reminders
from bot.store.models import Reminder
from bot.store.reminders import NewReminder, Words
from tests.console.conftest import HOME, NEIGHBOUR, Browser, World

TEXT = "Xã nhắc bà con: hạn đăng ký khai sinh là <ngày> 9/7."


async def _to_call(
    world: World, phone: str = "+84912000101", commune: str = HOME, hours: int = 30
) -> int:
    """A reminder that nothing could carry."""
    now = world.clock.now()
    chat = await world.asks(commune=commune, address=f"zalo{phone}", handed_over=False)
    async with world.store.write() as session:
        consent = await reminders.agree(session, commune, chat, phone, "nhắc", "Đồng ý?", 1, now)
        new = NewReminder(
            f"{phone}{commune}",
            "han",
            "khai_sinh",
            Words("sms", TEXT),
            now,
            now + timedelta(hours=hours),
        )
        await reminders.schedule(session, commune, chat, phone, consent, new, now)
        found = select(Reminder.id).order_by(Reminder.id.desc()).limit(1)
        made = (await session.execute(found)).scalar_one()
        await session.execute(update(Reminder).where(Reminder.id == made).values(state="to_call"))
    return made


async def test_nobody_to_call(lan: Browser) -> None:
    html = await (await lan.get("/console/calls")).text()
    assert "Không có ai cần gọi." in html
    assert 'id="calls" hidden' in html


async def test_number_words_and_until_when_most_urgent_first(world: World, lan: Browser) -> None:
    await _to_call(world)
    await _to_call(world, "+84912000202", hours=3)
    html = await (await lan.get("/console/calls")).text()
    assert '<a class="call-phone nums nowrap" href="tel:+84912000101">0912 000 101</a>' in html
    assert html.index("0912 000 202") < html.index("0912 000 101")
    assert "hạn đăng ký khai sinh là &lt;ngày&gt; 9/7." in html
    assert "Gọi trước 12:00 hôm nay" in html
    assert "Gọi trước 15:00 ngày mai" in html
    for path in ("/console", "/console/boards", "/console/password", "/console/zalo"):
        assert '<span class="count nums" id="calls">2</span>' in await (await lan.get(path)).text()
    answer = await (await lan.client.get("/console/list.json")).json()
    assert answer["calls"] == 2


async def test_called_once(world: World, lan: Browser) -> None:
    call = await _to_call(world)
    await lan.get("/console/calls")
    done = await lan.post(f"/console/calls/{call}/called")
    html = await done.text()
    assert "Đã ghi là đã gọi" in html
    assert "0912 000 101" not in html
    again = await lan.post(f"/console/calls/{call}/called")
    assert "không còn trong danh sách" in await again.text()


async def test_what_is_too_late_is_gone(world: World, lan: Browser) -> None:
    await _to_call(world, hours=2)
    world.clock.advance(timedelta(hours=2))
    assert "Không có ai cần gọi." in await (await lan.get("/console/calls")).text()


async def test_a_neighbours_calls_are_not_ours(
    world: World, lan: Browser, open_browser: Any
) -> None:
    theirs = await _to_call(world, commune=NEIGHBOUR)
    assert "Không có ai cần gọi." in await (await lan.get("/console/calls")).text()
    refused = await lan.post(f"/console/calls/{theirs}/called")
    assert "không còn trong danh sách" in await refused.text()
    hai = await open_browser("hai")
    assert "0912 000 101" in await (await hai.get("/console/calls")).text()


@pytest.mark.parametrize("odd", ["abc", "-1", "9" * 30])
async def test_odd_numbers_are_not_found(lan: Browser, odd: str) -> None:
    assert (await lan.post(f"/console/calls/{odd}/called")).status == 404
