"""One conversation: seen, taken, answered, given back."""

from __future__ import annotations

import asyncio
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.messages import Choice, Inbound, InboundKind
from bot.store import conversations, inbox, outbox
from bot.store.models import OutboxRow
from bot.store.outbox import Draft
from tests.console.conftest import FAREWELL, HOME, Browser, World

JSON = {"Accept": "application/json"}


async def _sent(world: World, conversation: int) -> list[str]:
    return [text for author, text in await world.outgoing(conversation) if author == "officer"]


async def test_the_way_of_one_question(world: World, lan: Browser) -> None:
    """Login, list, open, take, answer, give back."""
    conversation = await world.asks(state={"checklist": 1})
    assert f"/console/c/{conversation}" in await (await lan.get("/console")).text()

    html = await (await lan.get(f"/console/c/{conversation}")).text()
    for words in (
        "Bố cháu mất không có giấy tờ thì làm sao?",
        "Em đã chuyển câu hỏi tới cán bộ.",
        "Hỏi về giấy tờ đã mất",
        "Zalo …1234",
        "Cháu sinh ở đâu?",
        "Ở nhà",
        'data-testid="take"',
        'data-testid="checklist-summary"',
    ):
        assert words in html
    assert re.search(r'class="have">.*?Tờ khai đăng ký khai sinh', html, re.S)
    assert re.search(r'class="lack">.*?người làm chứng', html, re.S)
    assert "5566778899001234" not in html
    assert "reply-text" not in html

    taken = await lan.post(f"/console/c/{conversation}/take")
    assert taken.url.path == f"/console/c/{conversation}"
    html = await taken.text()
    assert 'data-testid="reply-text"' in html
    assert 'data-testid="give-back"' in html
    assert "đã thu hồi, không gửi nữa" in html  # what the bot had not sent yet

    key = re.search(r'name="key" value="(\w+)"', html)
    assert key
    world.clock.advance(timedelta(minutes=2))
    said = await lan.post(f"/console/c/{conversation}/write", text="Chị cứ đến", key=key[1])
    html = await said.text()
    assert "Chị cứ đến" in html
    assert "Nguyễn Thị Lan" in html
    assert "đang gửi" in html
    assert f'value="{key[1]}"' not in html

    back = await lan.post(f"/console/c/{conversation}/give-back")
    assert back.url.path == "/console"
    assert await world.owner(conversation) == "bot"
    assert (await world.outgoing(conversation))[-1] == ("bot", FAREWELL)
    assert len(world.woken) == 3


async def test_what_the_citizen_named_is_told_in_one_line(world: World, lan: Browser) -> None:
    noted = [
        {"kind": "date", "said": "sinh ngày 5/8/2026", "on": "2026-07-06"},
        {"kind": "phone", "said": "điện thoại 0912 345 678", "on": "2026-07-06"},
    ]
    conversation = await world.asks(state={"noted": noted})
    html = await (await lan.get(f"/console/c/{conversation}")).text()
    assert "Trong tin có nhắc" in html
    assert "sinh ngày 5/8/2026; điện thoại 0912 345 678" in html
    other = await world.asks(address="5566778899005678", state={"noted": []})
    assert "Trong tin có nhắc" not in await (await lan.get(f"/console/c/{other}")).text()


async def test_a_double_click_sends_once(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    await lan.post(f"/console/c/{conversation}/take")
    key = str(uuid.uuid4())
    path = f"/console/c/{conversation}/write"
    both = await asyncio.gather(*(lan.post(path, text="Chào chị", key=key) for _ in range(4)))
    assert {r.status for r in both} == {200}
    assert await _sent(world, conversation) == ["Chào chị"]


async def test_other_words_from_the_same_form_are_another_message(
    world: World, lan: Browser
) -> None:
    conversation = await world.asks()
    await lan.post(f"/console/c/{conversation}/take")
    for words in ("Chào chị", "Chào chị, mai chị đến nhé"):
        await lan.post(f"/console/c/{conversation}/write", text=words, key="a" * 32)
    assert len(await _sent(world, conversation)) == 2


async def test_the_same_words_may_be_sent_again_from_a_new_form(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    await lan.post(f"/console/c/{conversation}/take")
    for key in ("a" * 32, "b" * 32, "", "' OR 1=1"):
        await lan.post(f"/console/c/{conversation}/write", text="Dạ vâng", key=key)
    assert len(await _sent(world, conversation)) == 4


async def test_sending_by_script(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    await lan.post(f"/console/c/{conversation}/take")
    fields = {"csrf": lan.csrf, "text": "Chào chị", "key": "k" * 32}
    path = f"/console/c/{conversation}/write"
    first = await (await lan.client.post(path, data=fields, headers=JSON)).json()
    again = await (await lan.client.post(path, data=fields, headers=JSON)).json()
    assert (first["sent"], first["again"]) == (True, False)
    assert (again["sent"], again["again"]) == (True, True)
    assert first["key"] != "k" * 32
    empty = await lan.client.post(path, data={**fields, "text": " "}, headers=JSON)
    assert (empty.status, (await empty.json())["error"]) == (
        422,
        "Anh/chị chưa viết nội dung trả lời.",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "chưa viết nội dung"),
        (" \r\n\t ", "chưa viết nội dung"),
        ("\x00\u200b", "chưa viết nội dung"),
        ("ạ" * 2001, "Tin dài 2001 ký tự; tối đa 2000"),
        ("ạ" * 100_000, "tối đa 2000"),
    ],
)
async def test_bad_texts_are_told_and_kept(
    world: World, lan: Browser, text: str, message: str
) -> None:
    conversation = await world.asks()
    await lan.post(f"/console/c/{conversation}/take")
    response = await lan.post(f"/console/c/{conversation}/write", text=text)
    html = await response.text()
    assert response.status == 422
    assert message in html
    if text.strip() and "\x00" not in text:
        assert text in html
    assert await _sent(world, conversation) == []


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("ạ" * 2000, "ạ" * 2000),
        ("Vâng ạ 🙏👍", "Vâng ạ 🙏👍"),
        ("a\x00b\r\nc", "ab\nc"),
        ("  <b>1 < 2 & 3</b>  ", "<b>1 < 2 & 3</b>"),
        ("Chào chị", "Chào chị"),
    ],
)
async def test_texts_arrive_as_written(world: World, lan: Browser, text: str, sent: str) -> None:
    conversation = await world.asks()
    await lan.post(f"/console/c/{conversation}/take")
    response = await lan.post(f"/console/c/{conversation}/write", text=text)
    assert response.status == 200
    assert await _sent(world, conversation) == [sent]


async def test_sms_goes_without_diacritics_in_pieces_that_the_channel_carries(
    world: World, lan: Browser
) -> None:
    conversation = await world.asks("lam khai tu", "sms", "+84912345678")
    html = await (await lan.post(f"/console/c/{conversation}/take")).text()
    assert "09xx xxx 678" in html
    assert "Tin SMS gửi đi không có dấu" in html
    words = "Bác mang căn cước đến Ủy ban. " * 20
    await lan.post(f"/console/c/{conversation}/write", text=words, key="k" * 32)
    await lan.post(f"/console/c/{conversation}/write", text=words, key="k" * 32)
    sent = await _sent(world, conversation)
    assert len(sent) == 2
    assert all(len(piece) <= 306 for piece in sent)
    assert " ".join(sent) == ("Bac mang can cuoc den Uy ban. " * 20).strip()
    response = await lan.post(f"/console/c/{conversation}/write", text="🙏🙏")
    assert response.status == 422
    assert "SMS chỉ gửi được chữ và số" in await response.text()
    await lan.post(f"/console/c/{conversation}/give-back")
    farewell = (await world.outgoing(conversation))[-1][1]
    assert farewell.isascii()


async def test_somebody_else_took_it(world: World, lan: Browser, open_browser: Any) -> None:
    minh = await open_browser("minh")
    conversation = await world.asks()
    await minh.post(f"/console/c/{conversation}/take")
    for action in ("take", "write", "give-back", "dismiss"):
        response = await lan.post(f"/console/c/{conversation}/{action}", text="Câu tôi đã viết")
        html = await response.text()
        assert response.status == 409, action
        assert 'role="alert"' in html
        assert "Trần Văn Minh đang trả lời" in html
    html = await (await lan.get(f"/console/c/{conversation}")).text()
    assert 'data-testid="take"' not in html
    assert 'data-testid="reply-text"' not in html
    assert await _sent(world, conversation) == []


async def test_what_i_wrote_is_kept_when_somebody_else_has_it(
    world: World, lan: Browser, open_browser: Any
) -> None:
    conversation = await world.asks()
    response = await lan.post(f"/console/c/{conversation}/write", text="Câu tôi đã viết")
    html = await response.text()
    assert response.status == 409
    assert "Câu tôi đã viết" in html
    assert "Anh/chị cần nhận cuộc trò chuyện này trước khi trả lời." in html


async def test_two_officers_at_once(world: World, lan: Browser, open_browser: Any) -> None:
    minh = await open_browser("minh")
    conversation = await world.asks()
    both = await asyncio.gather(
        lan.post(f"/console/c/{conversation}/take"), minh.post(f"/console/c/{conversation}/take")
    )
    assert sorted(r.status for r in both) == [200, 409]
    loser = next(r for r in both if r.status == 409)
    assert "Cán bộ khác đang trả lời cuộc trò chuyện này." in await loser.text()


async def test_dismissed_and_taken_again(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    response = await lan.post(f"/console/c/{conversation}/dismiss")
    assert "Đã đóng câu hỏi" in await response.text()
    assert await world.outgoing(conversation) == [("bot", "Em đã chuyển câu hỏi tới cán bộ.")]
    again = await lan.post(f"/console/c/{conversation}/dismiss")
    assert again.status == 409
    assert "Nhận trả lời lại" in await again.text()
    await lan.post(f"/console/c/{conversation}/take")
    assert (await world.owner(conversation)).startswith("officer:")


async def test_refresh(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    path = f"/console/c/{conversation}.json"
    first = await (await lan.client.get(path)).json()
    assert first["place"] == "waiting"
    assert first["to_do"] == 1
    assert "Bố cháu mất" in first["bubbles"]
    same = await (await lan.client.get(path, params={"v": first["version"]})).json()
    assert "bubbles" not in same
    await lan.post(f"/console/c/{conversation}/take")
    taken = await (await lan.client.get(path, params={"v": first["version"]})).json()
    assert taken["place"] == "mine"
    assert "reply-text" in taken["panel"]
    assert "Tôi đang trả lời" in taken["head"]
    assert "Điều đã biết" in taken["known"]


@pytest.mark.parametrize(
    ("state", "error", "words"),
    [
        ("queued", None, "đang gửi"),
        ("sending", None, "đang gửi"),
        ("sent", None, "đã gửi"),
        ("delivered", None, "đã nhận"),
        ("seen", None, "đã xem"),
        ("failed", "số không tồn tại", "không gửi được: số không tồn tại"),
        ("failed", None, "không gửi được"),
        ("expired", None, "quá hạn"),
    ],
)
async def test_delivery_in_words(
    world: World, lan: Browser, state: str, error: str | None, words: str
) -> None:
    conversation = await world.asks()
    async with world.store.write() as session:
        await session.execute(update(OutboxRow).values(state=state, error=error))
    assert words in await (await lan.get(f"/console/c/{conversation}")).text()


async def _event(world: World, kind: InboundKind, text: str = "", media: str | None = None) -> None:
    now = world.clock.now()
    inbound = Inbound(HOME, "zalo", "5566778899001234", uuid.uuid4().hex, kind, text, media)
    async with world.store.write() as session:
        await inbox.insert(session, inbound, now, now)


async def test_taps_pictures_and_events_are_told_in_words(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    choice = Choice("Sinh ở nhà", "#tl.noi_sinh.nha")
    async with world.store.write() as session:
        draft = Draft("k1", "bot", "Cháu sinh ở đâu ạ?", (choice,))
        await outbox.queue(session, conversation, draft, world.clock.now())
    world.clock.advance(timedelta(seconds=5))
    await _event(world, InboundKind.TEXT, "#tl.noi_sinh.nha")
    await _event(world, InboundKind.MEDIA, media="image")
    await _event(world, InboundKind.MEDIA, media="hologram")
    await _event(world, InboundKind.START, "#board")
    await _event(world, InboundKind.STOP)
    html = await (await lan.get(f"/console/c/{conversation}")).text()
    for words in (
        "chọn: Sinh ở nhà",
        "gửi một hình ảnh (không lưu ở đây)",
        "gửi một nội dung không phải chữ",
        "mở cuộc trò chuyện",
        "bỏ theo dõi hoặc chặn tin nhắn",
    ):
        assert words in html
    assert "#tl.noi_sinh" not in html
    assert "#board" not in html


async def test_a_citizen_who_left_is_told(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    async with world.store.write() as session:
        await conversations.set_stopped(session, conversation, world.clock.now())
    html = await (await lan.get(f"/console/c/{conversation}")).text()
    assert "có thể không tới nơi" in html


async def test_without_a_checklist(world: World, lan: Browser) -> None:
    conversation = await world.asks(state={"topic": None})
    html = await (await lan.get(f"/console/c/{conversation}")).text()
    assert "chưa làm danh mục giấy tờ" in html
