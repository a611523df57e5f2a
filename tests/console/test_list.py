"""The officer's list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.store import conversations, handovers
from tests.console.conftest import HOME, Browser, World


async def _json(browser: Browser, version: str = "") -> dict[str, Any]:
    response = await browser.client.get("/console/list.json", params={"v": version})
    assert response.status == 200
    answer: dict[str, Any] = await response.json()
    return answer


async def test_an_empty_desk_is_friendly(lan: Browser) -> None:
    html = await (await lan.get("/console")).text()
    assert "Không có ai đang chờ." in html
    assert "<title>Câu hỏi" in html
    assert "list-item" not in html


async def test_longest_waiting_first_with_reason_words_and_age(world: World, lan: Browser) -> None:
    first = await world.asks("Cháu sinh ở nhà", reason="Sinh không có giấy chứng sinh")
    world.clock.advance(timedelta(minutes=12))
    second = await world.asks("toi muon gap can bo", "sms", "+84912345678", reason="Muốn gặp")
    html = await (await lan.get("/console")).text()
    assert html.index(f"/console/c/{first}") < html.index(f"/console/c/{second}")
    for words in ("Sinh không có giấy chứng sinh", "“Cháu sinh ở nhà”", "chờ 12 phút"):
        assert words in html
    assert "vừa mới hỏi" in html
    assert "<title>(2) Câu hỏi" in html
    assert "0912345678" not in html
    assert "84912345678" not in html


async def test_a_citizens_words_are_text_not_html(world: World, lan: Browser) -> None:
    conversation = await world.asks("<img src=x onerror=alert(1)> \"'&")
    for path in ("/console", f"/console/c/{conversation}"):
        html = await (await lan.get(path)).text()
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html
    assert "<img src=x" not in (await _json(lan))["html"]


async def test_the_four_parts(world: World, lan: Browser, open_browser: Any) -> None:
    minh = await open_browser("minh")
    waiting = await world.asks(address="a" * 16)
    mine = await world.asks(address="b" * 16)
    others = await world.asks(address="c" * 16)
    done = await world.asks(address="d" * 16)
    dropped = await world.asks(address="e" * 16)
    await lan.post(f"/console/c/{mine}/take")
    await minh.post(f"/console/c/{others}/take")
    await lan.post(f"/console/c/{done}/take")
    await lan.post(f"/console/c/{done}/give-back")
    await lan.post(f"/console/c/{dropped}/dismiss")
    html = await (await lan.get("/console")).text()
    marks = ["Đang chờ", "Tôi đang trả lời", "Cán bộ khác đang trả lời", "Đã xong gần đây"]
    places = [html.index(f'part-title">{mark}') for mark in marks] + [len(html)]
    wanted = ([waiting], [mine], [others], [done, dropped])
    for n, ids in enumerate(wanted):
        part = html[places[n] : places[n + 1]]
        assert part.count("list-item") == len(ids)
        for conversation in ids:
            assert f'/console/c/{conversation}"' in part
    assert "Trần Văn Minh đang trả lời" in html
    assert "Nguyễn Thị Lan đã trả lời" in html
    assert "Đã đóng, không cần trả lời" in html


async def test_refresh_sends_html_only_when_something_changed(world: World, lan: Browser) -> None:
    empty = await _json(lan)
    assert (empty["to_do"], empty["waiting"]) == (0, [])
    assert "html" not in await _json(lan, empty["version"])
    conversation = await world.asks()
    filled = await _json(lan, empty["version"])
    assert (filled["to_do"], filled["waiting"]) == (1, [conversation])
    assert "list-item" in filled["html"]
    assert "html" not in await _json(lan, filled["version"])
    world.clock.advance(timedelta(minutes=1))
    assert "chờ 1 phút" in (await _json(lan, filled["version"]))["html"]


async def test_a_new_word_of_my_citizen_is_counted_for_me_alone(
    world: World, lan: Browser, open_browser: Any
) -> None:
    minh = await open_browser("minh")
    conversation = await world.asks()
    await lan.post(f"/console/c/{conversation}/take")
    assert (await _json(lan))["to_do"] == 0
    world.clock.advance(timedelta(minutes=3))
    await world.asks("Cháu hỏi thêm ạ")
    answer = await _json(lan)
    assert (answer["to_do"], answer["unread"]) == (1, [conversation])
    assert "Có tin mới" in answer["html"]
    assert (await _json(minh))["to_do"] == 0
    world.clock.advance(timedelta(minutes=1))
    await lan.post(f"/console/c/{conversation}/write", text="Chào anh")
    assert (await _json(lan))["to_do"] == 0


async def test_a_reclaimed_conversation_waits_again(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    await lan.post(f"/console/c/{conversation}/take")
    async with world.store.write() as session:
        await handovers.reclaim(session, conversation, world.clock.now())
    assert (await _json(lan))["waiting"] == [conversation]


async def test_notes_after_an_action_are_fixed_sentences(lan: Browser) -> None:
    assert "Đã trả lại cho trợ lý" in await (await lan.get("/console?done=gave-back")).text()
    assert "xin chào" not in await (await lan.get("/console?done=xin chào")).text()


async def test_what_was_tapped_does_not_hide_what_was_typed(world: World, lan: Browser) -> None:
    conversation = await world.asks("Bố cháu người Lào")
    for payload in ("#buoc.khai_sinh", "#canbo"):
        await world.asks(payload)
    html = await (await lan.get("/console")).text()
    assert "“Bố cháu người Lào”" in html
    assert "#canbo" not in html
    html = await (await lan.get(f"/console/c/{conversation}")).text()
    assert html.count("bấm một nút") == 2


async def test_many_waiting(world: World, lan: Browser) -> None:
    for n in range(30):
        await world.asks(f"Câu hỏi số {n}", address=f"{n:016d}")
    answer = await _json(lan)
    assert answer["to_do"] == 30
    assert "Câu hỏi số 29" in answer["html"]


async def test_the_slash_at_the_end_does_not_matter(lan: Browser) -> None:
    response = await lan.get("/console/")
    assert response.status == 200
    assert response.url.path == "/console"


async def test_erased_words_do_not_break_the_list(world: World, lan: Browser) -> None:
    from bot.store import privacy

    conversation = await world.asks()
    async with world.store.write() as session:
        await privacy.erase(session, conversation, 10_000)
        assert await conversations.get(session, conversation)
        assert await handovers.listing(session, HOME)
    for path in ("/console", f"/console/c/{conversation}"):
        response = await lan.get(path)
        assert response.status == 200
        assert "nội dung đã xoá" in await response.text()
