"""The page "Kết nối Zalo"."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.zalo_account import BotState, GroupLine
from console.routes import routes
from tests.console.conftest import HOME, NEIGHBOUR, Browser, World

GROUPS = (GroupLine("g1", "Tổ <tư pháp>", 4), GroupLine("g2", "Bà con xã Hoa Mai", 812))
POSTS = {
    "check": "state",
    "app": "app",
    "connect": "connect",
    "paste": "paste",
    "more": "more",
    "groups": "groups",
    "groups/save": "groups",
    "disconnect": "end",
    "bot": "bot",
    "bot/forget": "bot",
    "announce": "announce",
}


def _connected(world: World, **more: Any) -> None:
    there = {"app_id": "111", "oa_id": "222", "name": "UBND xã Hoa Mai", "connected": True}
    secrets = {"has_app_secret": True, "has_oa_secret": True}
    world.zalo.state = replace(world.zalo.state, **(there | secrets | more))


async def _html(lan: Browser) -> str:
    return await (await lan.get("/console/zalo")).text()


async def _post(lan: Browser, name: str, **fields: str) -> tuple[int, str]:
    response = await lan.post(f"/console/zalo/{name}", **fields)
    return response.status, await response.text()


# --- how it stands --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "mark", "said"),
    [
        ({"connected": False}, ">Chưa kết nối<", "Làm ba bước dưới đây"),
        ({}, "badge-ok", "Trợ lý đang trả lời bà con"),
        ({"has_oa_secret": False}, "badge-warn", "Chưa có OA Secret Key"),
        ({"warning": "quyền gửi tin còn 5 ngày"}, "badge-warn", "Quyền gửi tin còn 5 ngày."),
        (
            {"warning": "Chữ ký không đúng.", "unsigned_at": datetime(2026, 7, 6, tzinfo=UTC)},
            ">Khoá không khớp<",
            "Chữ ký không đúng.",
        ),
        ({"problem": "Zalo đã thu hồi quyền"}, "badge-bad", "Zalo đã thu hồi quyền."),
    ],
)
async def test_how_it_stands(
    world: World, lan: Browser, more: dict[str, Any], mark: str, said: str
) -> None:
    _connected(world, **more)
    html = await _html(lan)
    badge = re.search(r'<span class="badge[^>]*data-testid="zalo-mark">[^<]*<', html)
    assert badge
    assert mark in badge[0]
    assert said in html
    folded = not more
    assert ('id="steps">' in html) is folded


async def test_what_is_known_of_the_account(world: World, lan: Browser) -> None:
    _connected(
        world,
        package="Tăng trưởng",
        package_until="2026-12-31",
        quota="còn 420 trên 500 tin",
        refresh_until=datetime(2026, 9, 30, 3, 0, tzinfo=UTC),
        webhook_at=datetime(2026, 7, 5, 3, 15, tzinfo=UTC),
        notice="Mẫu tin <1> đã được duyệt",
        from_file=True,
    )
    html = await _html(lan)
    for said in (
        "UBND xã Hoa Mai",
        "Tăng trưởng",
        "31/12/2026",
        "còn 420 trên 500 tin",
        "30/9/2026",
        "hôm qua 10:15",
        "Mẫu tin &lt;1&gt; đã được duyệt",
        "hotro.toml",
        'value="https://hotro.example.vn/webhooks/zalo/hoa-mai"',
        'value="https://hotro.example.vn/zalo/callback"',
    ):
        assert said in html
    assert world.zalo.calls == []  # opening the page asks Zalo nothing


async def test_without_zalo_the_page_says_so(world: World) -> None:
    app = web.Application()
    app.add_routes(routes(dataclasses.replace(world.desk, zalo=None)))
    async with TestClient(TestServer(app)) as client:
        lan = Browser(client)
        await lan.log_in("lan")
        page = await lan.get("/console/zalo")
        assert page.status == 200
        assert "chưa bật phần kết nối Zalo" in await page.text()
        for name in POSTS:
            assert (await _post(lan, name))[0] == 409, name
        returned = await client.get("/zalo/callback?state=s&code=c")
        assert returned.status == 404


@pytest.mark.parametrize(
    ("more", "bot", "look", "said"),
    [
        ({"problem": "quyền đã bị thu hồi"}, BotState(), "note-bad", "Quyền đã bị thu hồi."),
        ({"warning": "Gói OA còn 9 ngày."}, BotState(), "note-warn", "Gói OA còn 9 ngày."),
        ({}, BotState(True, "mã bot <sai>"), "note-bad", "Mã bot &lt;sai&gt;."),
    ],
)
async def test_the_banner_is_on_every_page(
    world: World, lan: Browser, more: dict[str, Any], bot: BotState, look: str, said: str
) -> None:
    conversation = await world.asks()
    pages = ("", "/boards", "/calls", "/password", f"/c/{conversation}")
    for path in pages:
        assert 'data-testid="banner"' not in await (await lan.get(f"/console{path}")).text()
    _connected(world, **more)
    world.zalo.robot = bot
    for path in pages:
        html = await (await lan.get(f"/console{path}")).text()
        banner = re.search(r'<p class="note ([^"]*) banner.*?data-testid="banner">(.*?)</p>', html)
        assert banner, path
        assert banner[1] == look
        assert said in banner[2]
        assert 'href="/console/zalo"' in banner[2]
    answer = await (await lan.client.get("/console/list.json")).json()
    assert said in answer["banners"]
    assert world.zalo.calls == []


async def test_a_desk_that_cannot_tell_says_so_everywhere(world: World, lan: Browser) -> None:
    world.zalo.faults["oa"] = "Chưa đọc được cấu hình Zalo."
    assert "Chưa đọc được cấu hình Zalo." in await (await lan.get("/console")).text()
    assert "Chưa đọc được cấu hình Zalo." in await _html(lan)


# --- filling in -----------------------------------------------------------------------------


async def test_the_four_codes(world: World, lan: Browser) -> None:
    await _html(lan)
    status, html = await _post(
        lan, "app", app_id=" 111 ", oa_id="222", app_secret="bi-mat", oa_secret="", per_minute="9"
    )
    assert status == 200
    assert "Đã lưu mã của ứng dụng và OA." in html
    values = {"app_id": "111", "oa_id": "222", "app_secret": "bi-mat", "oa_secret": ""}
    assert world.zalo.named("save") == [(HOME, values)]


async def test_secrets_are_never_shown(world: World, lan: Browser) -> None:
    _connected(world)
    html = await _html(lan)
    assert html.count("Đã có, để trống nếu giữ nguyên") == 2
    for field in ("app_secret", "oa_secret", "access", "refresh", "token"):
        assert re.search(rf'id="{field}" name="{field}" type="password"(?! value)', html), field
    world.zalo.faults |= dict.fromkeys(("save", "paste", "save_bot"), "Không được.")
    for name, fields in (
        ("app", ("app_secret", "oa_secret")),
        ("paste", ("access", "refresh")),
        ("bot", ("token",)),
    ):
        status, html = await _post(lan, name, **dict.fromkeys(fields, "rat-bi-mat"))
        assert status == 422
        assert "rat-bi-mat" not in html


async def test_every_fault_is_told_above_its_form_and_keeps_what_was_typed(
    world: World, lan: Browser
) -> None:
    _connected(world, public_group="g2")
    world.zalo.lines = GROUPS
    await _html(lan)
    world.zalo.faults = dict.fromkeys(
        ("check", "save", "connect", "paste", "disconnect", "announce", "save_bot", "groups"),
        "Zalo <không> nhận.",
    )
    for name, part in POSTS.items():
        status, html = await _post(
            lan,
            name,
            app_id="98a",
            template="mẫu 7",
            auto_replies="Chào <bà con>\nMời hỏi",
            per_minute="300",
            text="Tin <thử>",
            confirm="1",
            token="x",
            key="k" * 32,
        )
        assert status == 422, name
        place = html.index(f'id="{part}"')
        told = html.index('<p class="note note-bad" role="alert">Zalo &lt;không&gt; nhận.</p>')
        assert 0 < told - place < 700, name
        if name == "app":
            assert 'name="app_id" value="98a"' in html
        if name == "more":
            assert 'name="template" value="mẫu 7"' in html
            assert ">Chào &lt;bà con&gt;\nMời hỏi</textarea>" in html
            assert '<option value="300" selected>' in html
        if name == "announce":
            assert ">Tin &lt;thử&gt;</textarea>" in html


async def test_settings_that_are_needed_seldom(world: World, lan: Browser) -> None:
    _connected(world, per_minute=2000, template="77", auto_replies=("Xin chào",), proof=True)
    html = await _html(lan)
    assert '<option value="2000" selected>' in html
    assert 'name="template" value="77"' in html
    assert ">Xin chào</textarea>" in html
    assert 'name="proof" value="1" checked' in html
    fields = {"per_minute": "100", "template": "", "auto_replies": "Chào\r\nMời"}
    assert "Đã lưu." in (await _post(lan, "more", **fields, proof="1"))[1]
    await _post(lan, "more", **fields)
    sent = {"per_minute": "100", "template": "", "auto_replies": "Chào\nMời"}
    assert world.zalo.named("save") == [
        (HOME, {**sent, "proof": "1"}),
        (HOME, {**sent, "proof": ""}),
    ]
    world.zalo.faults["save"] = "Không được."
    assert 'name="proof" value="1" checked' not in (await _post(lan, "more", **fields))[1]


async def test_what_zalos_console_keeps_is_there_to_copy(world: World, lan: Browser) -> None:
    assert "hai dòng cần chép sẽ hiện ở đây" in await _html(lan)
    _connected(world, fixed_state="trang-thai", fixed_challenge="thach-thuc")
    html = await _html(lan)
    assert 'value="trang-thai" readonly' in html
    assert 'value="thach-thuc" readonly' in html


async def test_tokens_from_the_explorer_are_tried_at_once(world: World, lan: Browser) -> None:
    await _html(lan)
    assert "Zalo trả lời tốt" in (await _post(lan, "paste", access="a1", refresh="r1"))[1]
    assert world.zalo.calls == [("paste", HOME, "a1", "r1"), ("check", HOME)]
    world.zalo.faults["check"] = "Mã truy cập này là của OA khác."
    status, html = await _post(lan, "paste", access="a1", refresh="r1")
    assert (status, "Mã truy cập này là của OA khác." in html) == (422, True)


async def test_check(world: World, lan: Browser) -> None:
    await _html(lan)
    assert "kết nối đang dùng được" in (await _post(lan, "check"))[1]
    assert world.zalo.named("check") == [(HOME,)]


async def test_disconnecting_has_to_be_confirmed(world: World, lan: Browser) -> None:
    _connected(world)
    await _html(lan)
    status, html = await _post(lan, "disconnect")
    assert (status, "ô xác nhận" in html) == (422, True)
    assert world.zalo.named("disconnect") == []
    assert "Đã ngắt kết nối" in (await _post(lan, "disconnect", confirm="1"))[1]
    assert world.zalo.named("disconnect") == [(HOME,)]


async def test_an_officer_acts_for_their_own_commune_only(world: World, open_browser: Any) -> None:
    hai = await open_browser("hai")
    await hai.get("/console/zalo")
    for name in POSTS:
        await hai.post(
            f"/console/zalo/{name}",
            commune=HOME,
            confirm="1",
            token="t",
            text="Tin",
            key="k" * 32,
            access="a",
            refresh="r",
        )
    assert {call[1] for call in world.zalo.calls} == {NEIGHBOUR}
    assert {str(call[0]) for call in world.zalo.calls} == {
        "check",
        "save",
        "connect",
        "paste",
        "groups",
        "disconnect",
        "save_bot",
        "announce",
    }


# --- the free bot ---------------------------------------------------------------------------


async def test_the_free_bot(world: World, lan: Browser) -> None:
    html = await _html(lan)
    assert "chưa mua gói OA trả phí" in html
    assert "bot/forget" not in html
    assert "Bot Zalo đã dùng được." in (await _post(lan, "bot", token=" tok:en "))[1]
    assert (await _post(lan, "bot", token="  "))[0] == 422
    assert world.zalo.named("save_bot") == [(HOME, "tok:en")]
    world.zalo.robot = BotState(True, "mã đã bị đổi", "Bot xã Hoa Mai")
    html = await _html(lan)
    assert "Bot xã Hoa Mai" in html
    assert "mã đã bị đổi" in html
    assert (await _post(lan, "bot/forget"))[0] == 422
    assert "Đã bỏ bot Zalo." in (await _post(lan, "bot/forget", confirm="1"))[1]
    assert world.zalo.named("save_bot")[1:] == [(HOME, "")]


# --- groups and announcements ---------------------------------------------------------------


async def test_groups_are_asked_for_on_demand(world: World, lan: Browser) -> None:
    _connected(world, officer_group="g1", public_group="g-gone")
    world.zalo.lines = GROUPS
    assert "đã chọn (mã g1)" in await _html(lan)
    assert world.zalo.named("groups") == []
    _, html = await _post(lan, "groups")
    assert "Tổ &lt;tư pháp&gt; (4 người)" in html
    assert re.search(r'name="officer_group" value="g1" checked', html)
    assert re.search(r'name="public_group" value="g-gone" checked', html)
    assert 'name="officer_group" value="g-gone"' not in html
    _, html = await _post(lan, "groups/save", officer_group="", public_group="g2")
    assert "Đã lưu nhóm." in html
    assert world.zalo.named("save") == [(HOME, {"officer_group": "", "public_group": "g2"})]


async def test_an_oa_without_groups(world: World, lan: Browser) -> None:
    _connected(world)
    await _html(lan)
    assert "OA chưa có nhóm nào" in (await _post(lan, "groups"))[1]


async def test_questions_never_go_to_the_residents_group(world: World, lan: Browser) -> None:
    _connected(world)
    world.zalo.lines = GROUPS
    await _html(lan)
    status, html = await _post(lan, "groups/save", officer_group="g2", public_group="g2")
    assert status == 422
    assert "Hai nhóm phải khác nhau" in html
    assert re.search(r'name="officer_group" value="g2" checked', html)
    assert world.zalo.named("save") == []


def _hidden(html: str, name: str) -> str:
    found = re.search(rf'type="hidden" name="{name}" value="([^"]*)"', html)
    assert found
    return found[1]


async def test_an_announcement_is_seen_first_and_posted_once(world: World, lan: Browser) -> None:
    _connected(world, public_group="g2")
    world.zalo.lines = GROUPS
    await _html(lan)
    status, html = await _post(lan, "announce/preview", text="Sáng mai\r\nlàm <căn cước> & VNeID ")
    assert status == 200
    assert "Bà con xã Hoa Mai (812 người)" in html
    assert 'data-testid="announce-text">Sáng mai\nlàm &lt;căn cước&gt; &amp; VNeID</b' in html
    assert world.zalo.named("announce") == []
    key = _hidden(html, "key")
    text = "Sáng mai\r\nlàm <căn cước> & VNeID"
    await asyncio.gather(*(_post(lan, "announce", text=text, key=key) for _ in range(2)))
    said = (HOME, "Sáng mai\nlàm <căn cước> & VNeID", key)
    assert world.zalo.named("announce") == [said, said]  # the same key: posted once
    _, html = await _post(lan, "announce", text=text, key=key)
    assert "Đã gửi thông báo đi" in html
    _, html = await _post(lan, "announce/preview", text="Tin khác")
    assert _hidden(html, "key") != key


async def test_when_zalo_cannot_name_the_group(world: World, lan: Browser) -> None:
    _connected(world, public_group="g2")
    world.zalo.faults["groups"] = "Không kết nối được với Zalo."
    await _html(lan)
    assert "nhóm có mã g2" in (await _post(lan, "announce/preview", text="Tin"))[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" \u200b\r\n", "chưa viết nội dung"),
        ("ạ" * 2001, "dài quá 2000 ký tự"),
    ],
)
async def test_announcements_that_cannot_be_posted(
    world: World, lan: Browser, text: str, said: str
) -> None:
    _connected(world, public_group="g2")
    await _html(lan)
    for name in ("announce/preview", "announce"):
        status, html = await _post(lan, name, text=text, key="k" * 32)
        assert status == 422
        assert said in html
    assert world.zalo.named("announce") == []


async def test_nothing_is_posted_without_a_preview_or_a_group(world: World, lan: Browser) -> None:
    _connected(world, public_group="g2")
    await _html(lan)
    assert "xem trước" in (await _post(lan, "announce", text="Tin"))[1]
    world.zalo.state = replace(world.zalo.state, public_group="")
    status, html = await _post(lan, "announce/preview", text="Tin đã viết")
    assert status == 422
    assert "chọn nhóm Zalo của bà con" in html
    assert ">Tin đã viết</textarea>" in html
    assert world.zalo.named("announce") == []


# --- the consent ----------------------------------------------------------------------------


async def test_connecting_leads_to_zalo_by_a_link(world: World, lan: Browser) -> None:
    world.zalo.consent = "https://oauth.zaloapp.com/v4/oa/permission?app_id=1&state=s"
    await _html(lan)
    response = await lan.client.post(
        "/console/zalo/connect", data={"csrf": lan.csrf}, allow_redirects=False
    )
    assert response.status == 200
    html = await response.text()
    assert 'href="https://oauth.zaloapp.com/v4/oa/permission?app_id=1&amp;state=s"' in html
    script = await lan.client.post(
        "/console/zalo/connect", data={"csrf": lan.csrf}, headers={"Accept": "application/json"}
    )
    assert (await script.json())["address"] == world.zalo.consent


async def test_the_way_back_needs_no_session(world: World, open_browser: Any) -> None:
    stranger = await open_browser()
    _connected(world)
    world.zalo.begun["state-1"] = HOME
    page = await stranger.get("/zalo/callback?code=c-1&oa_id=222&state=state-1")
    html = await page.text()
    assert page.status == 200
    assert "Đã kết nối Zalo của xã Hoa Mai." in html
    assert 'href="/console/zalo"' in html
    assert world.zalo.calls == [("returned", "state-1", "c-1", "222"), ("check", HOME)]
    again = await stranger.get("/zalo/callback?code=c-1&oa_id=222&state=state-1")
    assert again.status == 400
    html = await again.text()
    assert "Lần kết nối này đã quá hạn." in html
    assert "Đang dùng được" in html


async def test_a_consent_that_does_not_work_is_told(world: World, open_browser: Any) -> None:
    stranger = await open_browser()
    world.zalo.begun["s"] = HOME
    world.zalo.faults["check"] = "OA chưa mua gói có OpenAPI"
    html = await (await stranger.get("/zalo/callback?code=c&state=s")).text()
    assert "chưa dùng được ngay. OA chưa mua gói có OpenAPI." in html


async def test_a_missing_key_is_told_on_the_way_back(world: World, open_browser: Any) -> None:
    stranger = await open_browser()
    _connected(world, has_oa_secret=False)
    world.zalo.begun["s"] = HOME
    html = await (await stranger.get("/zalo/callback?code=c&state=s")).text()
    assert "chưa dùng được ngay. Chưa có OA Secret Key" in html


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "thiếu thông tin"),
        ("code=c", "thiếu thông tin"),
        ("state=s", "thiếu thông tin"),
        ("code=c&state=ơ", "thiếu thông tin"),
        ("code=c&state=%00", "thiếu thông tin"),
        ("code=c&state=%ff", "thiếu thông tin"),
        (f"code=c&state={'s' * 3000}", "thiếu thông tin"),
        ("code=c&state=s&oa_id=<script>alert(1)</script>", "thiếu thông tin"),
        ("error=-14003&error_description=<script>alert(1)</script>", "chưa được đồng ý"),
        ("error_code=-1&state=s", "chưa được đồng ý"),
    ],
)
async def test_odd_returns_are_kind_and_show_nothing_of_the_address(
    world: World, open_browser: Any, query: str, said: str
) -> None:
    stranger = await open_browser()
    page = await stranger.get(f"/zalo/callback?{query}")
    html = await page.text()
    assert page.status == 400
    assert said in html
    assert "<script" not in html
    assert "alert(1)" not in html
    assert world.zalo.calls == []


async def test_what_a_fault_repeats_is_escaped(world: World, open_browser: Any) -> None:
    stranger = await open_browser()
    world.zalo.faults["returned"] = "OA khác (mã <b>1</b>)"
    html = await (await stranger.get("/zalo/callback?code=c&state=s")).text()
    assert "OA khác (mã &lt;b&gt;1&lt;/b&gt;)." in html


async def test_a_link_checker_does_not_use_up_the_consent(world: World, open_browser: Any) -> None:
    stranger = await open_browser()
    world.zalo.begun["s"] = HOME
    head = await stranger.client.head("/zalo/callback?code=c&state=s")
    assert head.status == 405
    assert world.zalo.calls == []
