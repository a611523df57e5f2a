"""What is planned, what was sent, and an officer's own reminder."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import select, update

from bot.clock import LOCAL
from bot.store import conversations, refusals
from bot.store.models import Consent, Conversation, Reminder
from bot.store.reminders import words_of
from tests.console.conftest import HOME, Browser, World

PHONE = "+84912000101"
GOOD = {"phone": "0912000101", "text": "mời bà con đến ký bổ sung", "day": "2026-07-08",
        "hour": "15:00", "agreed": "1"}  # fmt: skip


async def write(lan: Browser, do: str = "send", **more: str) -> tuple[int, str]:
    page = await (await lan.get(f"/console/reminders?to={more.get('to', '')}")).text()
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    fields = {**GOOD, "token": token[1], "do": do, **more}
    response = await lan.post("/console/reminders", **{k: v for k, v in fields.items() if v})
    return response.status, await response.text()


async def rows(world: World) -> list[Reminder]:
    async with world.store.read() as session:
        return list(await session.scalars(select(Reminder).order_by(Reminder.id)))


async def test_it_is_shown_as_it_will_read_before_it_is_planned(world: World, lan: Browser) -> None:
    status, page = await write(lan, "preview")
    assert status == 200
    assert "UBND xa Hoa Mai: moi ba con den ky bo sung. Thoi nhac: nhan HUY" in page
    assert "UBND xã Hoa Mai nhắn bà con: mời bà con đến ký bổ sung." in page
    assert await rows(world) == []


async def test_it_is_planned_for_its_day_and_hour_with_its_consent(
    world: World, lan: Browser
) -> None:
    _, page = await write(lan)
    assert "Đã xếp lịch lời nhắc." in page
    assert "0912 000 101" in page
    (row,) = await rows(world)
    assert (row.kind, row.officer_id) == ("rieng", 1)
    assert row.due_at == datetime(2026, 7, 8, 15, 0, tzinfo=LOCAL)
    async with world.store.read() as session:
        consent = (await session.scalars(select(Consent))).one()
        assert words_of(session, row).sms.endswith("nhan HUY")
    assert (consent.source, consent.officer_id) == ("paper", 1)


async def test_the_same_form_sent_twice_is_one_reminder(world: World, lan: Browser) -> None:
    await write(lan, token="abc")
    await write(lan, token="abc")
    assert len(await rows(world)) == 1


async def test_what_cannot_be_is_told_beside_its_field(world: World, lan: Browser) -> None:
    wrong = [
        ({"phone": "0243123456"}, "máy bàn"),
        ({"text": ""}, "viết lời cần nhắn"),
        ({"day": "2026-07-01"}, "đã qua"),
        ({"day": "2026-09-02"}, "nghỉ lễ"),
        ({"hour": "22:00"}, "7 giờ đến trước 21 giờ"),
        ({"hour": "sáng"}, "ghi giờ"),
        ({"agreed": ""}, "đồng ý nhận tin"),
    ]
    for change, why in wrong:
        for do in ("preview", "send"):
            status, page = await write(lan, do, **change)
            assert (status, why in page) == (422, True), (change, do)
    assert await rows(world) == []


async def test_who_said_stop_gets_none(world: World, lan: Browser) -> None:
    async with world.store.write() as session:
        now = world.clock.now()
        there = await conversations.get_or_create(session, HOME, "sms", PHONE, now)
        await refusals.stop(session, there, now)
    status, page = await write(lan)
    assert (status, "đã nhắn HUY" in page) == (422, True)


async def test_who_agreed_once_need_not_agree_again(world: World, lan: Browser) -> None:
    await write(lan)
    await write(lan, agreed="", day="2026-07-09")
    assert len(await rows(world)) == 2


async def test_identity_numbers_do_not_go_out(world: World, lan: Browser) -> None:
    await write(lan, text="mang căn cước 001090012345 đến nhé")
    (row,) = await rows(world)
    async with world.store.read() as session:
        assert "001090012345" not in words_of(session, row).chat


async def test_from_a_conversation_it_goes_there_and_to_its_number(
    world: World, lan: Browser
) -> None:
    chat = await world.asks()
    status, page = await write(lan, to=str(chat), phone="")
    assert (status, "chưa có số điện thoại" in page) == (422, True)
    async with world.store.write() as session:
        await conversations.keep_phone(session, chat, PHONE)
    page = await (await lan.get(f"/console/c/{chat}")).text()
    assert f"/console/reminders?to={chat}#own" in page
    await write(lan, to=str(chat), phone="")
    (row,) = await rows(world)
    async with world.store.read() as session:
        target = await session.get_one(Conversation, row.target_id)
    assert (row.conversation_id, target.channel) == (chat, "sms")


async def test_a_conversation_of_another_commune_is_none(
    world: World, lan: Browser, open_browser: Browser
) -> None:
    chat = await world.asks(commune="song-xanh")
    assert (await lan.get(f"/console/reminders?to={chat}")).status == 404
    assert (await lan.get("/console/reminders?to=x")).status == 404


async def test_it_can_be_dropped_while_it_has_not_left(world: World, lan: Browser) -> None:
    await write(lan)
    (row,) = await rows(world)
    page = await (await lan.post(f"/console/reminders/{row.id}/cancel")).text()
    assert "Đã bỏ lời nhắc." in page
    page = await (await lan.post(f"/console/reminders/{row.id}/cancel")).text()
    assert "không bỏ được nữa" in page
    assert [one.state for one in await rows(world)] == ["cancelled"]


async def test_the_week_tells_what_became_of_each(world: World, lan: Browser) -> None:
    for day, state in (("2026-07-07", "expired"), ("2026-07-08", "to_call"), ("2026-07-09", "")):
        await write(lan, day=day)
        if state:
            async with world.store.write() as session:
                newest = (await rows(world))[-1].id
                await session.execute(
                    update(Reminder).where(Reminder.id == newest).values(state=state)
                )
    world.clock.advance(timedelta(days=2))
    await lan.log_in("lan")
    page = await (await lan.get("/console/reminders")).text()
    assert "1 quá hạn, không gửi nữa" in page
    assert "1 không gửi được, cần gọi điện" in page
    assert page.count('data-testid="reminder"') == 3
