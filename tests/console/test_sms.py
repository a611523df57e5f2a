"""The pages "Tin nhắn SMS"."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sms_account import Counted, Hearing, Snippet, Trial
from console.routes import routes
from tests.console.conftest import HOME, Browser, World
from tests.console.sms_fake import BRAND, GATEWAY

ONE = "/console/sms/g/viettel"
KEY = "k" * 32


def _is(world: World, **more: Any) -> None:
    world.sms.lines = [replace(GATEWAY, **more)]


async def _html(lan: Browser, path: str = "/console/sms") -> str:
    return await (await lan.get(path)).text()


async def _post(lan: Browser, path: str, **fields: str) -> tuple[int, str]:
    response = await lan.post(path, **fields)
    return response.status, await response.text()


# --- how they stand -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "mark", "said"),
    [
        ({}, ">Chưa thử<", "gửi và nhận thử một tin"),
        ({"counted": Counted(sent=3, parts=3)}, "badge-ok", "bình thường"),
        ({"share": 0}, "badge-info", "Chỉ gửi khi các cổng khác hỏng"),
        ({"weight": 45}, "badge-warn", "45% phần tin"),
        ({"counted": Counted(day=500)}, "badge-warn", "hết hạn mức hôm nay"),
        ({"problem": "SIM đã bị khoá <b>"}, "badge-bad", "SIM đã bị khoá &lt;b&gt;."),
        ({"fault": "còn thiếu mật khẩu", "problem": "x"}, "badge-bad", "Còn thiếu mật khẩu."),
    ],
)
async def test_how_a_gateway_stands(
    world: World, lan: Browser, more: dict[str, Any], mark: str, said: str
) -> None:
    _is(world, **more)
    for path in ("/console/sms", ONE):
        html = await _html(lan, path)
        badge = re.search(r'<span class="badge[^>]*data-testid="sms-mark">[^<]*<', html)
        assert badge
        assert mark in badge[0]
        assert said in html
    assert world.sms.calls == []  # looking asks no gateway anything


async def test_what_is_known_of_a_gateway(world: World, lan: Browser) -> None:
    now = world.clock.now()
    _is(
        world,
        counted=Counted(1200, 2, 1450, 507_500, 1, 12, 140),
        facts=(("Sóng", "72%"), ("Pin", "<80%>")),
        asked_at=now - timedelta(days=1),
        heard_at=now,
    )
    html = await _html(lan, ONE)
    for said in (
        "0912 345 678", "gửi 1.200 tin (tính tiền 1.450 tin), hỏng 2, 507.500\N{NO-BREAK SPACE}đ",
        "72%", "&lt;80%&gt;", "100% tin của xã", "lúc hôm qua 09:00", "09:00", "140/500", "12/100",
    ):  # fmt: skip
        assert said in html


async def test_a_gateway_that_only_sends_is_not_tried_for_receiving(
    world: World, lan: Browser
) -> None:
    _is(world, kind=BRAND, own_number="UBND HOA MAI", webhook_url="")
    html = await _html(lan, ONE)
    assert "cổng này chỉ gửi đi" in html
    assert "Nhận thử" not in html
    assert 'id="link"' not in html


async def test_a_commune_without_a_gateway_is_shown_the_kinds(world: World, lan: Browser) -> None:
    world.sms.lines = []
    html = await _html(lan)
    assert "chưa có cổng SMS nào" in html
    assert 'id="add" open' in html
    assert "/console/sms/new?kind=smsgate" in html


async def test_the_neighbours_gateways_are_not_ours(world: World, open_browser: Any) -> None:
    hai = await open_browser("hai")
    assert "viettel" not in await _html(hai)
    for path in (ONE, f"{ONE}.json"):
        assert (await hai.get(path)).status == 404
    status, _ = await _post(hai, f"{ONE}/check")
    assert status in (303, 404)


async def test_without_gateways_the_page_says_so(world: World) -> None:
    app = web.Application()
    app.add_routes(routes(dataclasses.replace(world.desk, sms=None)))
    async with TestClient(TestServer(app)) as client:
        lan = Browser(client)
        await lan.log_in("lan")
        assert "chưa bật phần cổng SMS" in await _html(lan)
        for path in ("new?kind=smsgate", "g/viettel", "g/viettel.json"):
            assert (await lan.get(f"/console/sms/{path}")).status == 409, path
        for path in ("new", "preview", "g/viettel/check", "g/viettel/remove"):
            assert (await _post(lan, f"/console/sms/{path}"))[0] == 409, path


# --- banners --------------------------------------------------------------------------------


async def test_a_gateway_that_needs_a_person_is_told_on_every_other_page(
    world: World, lan: Browser
) -> None:
    _is(world, problem="tài khoản hết tiền")
    for path in ("/console", "/console/zalo"):
        html = await _html(lan, path)
        assert "Cổng SMS viettel cần người sửa. Tài khoản hết tiền." in html, path
        assert 'href="/console/sms">Mở' in html, path
    for path in ("/console/sms", ONE):
        assert "cần người sửa" not in await _html(lan, path)


async def test_zalos_banner_is_still_shown_beside_sms(world: World, lan: Browser) -> None:
    world.zalo.state = replace(world.zalo.state, problem="Zalo đã thu hồi quyền")
    assert "cần kết nối lại" in await _html(lan)
    assert 'data-testid="banner"' not in await _html(lan, "/console/zalo")


# --- setting up -----------------------------------------------------------------------------


async def test_a_form_shows_what_its_kind_asks_for(lan: Browser) -> None:
    html = await _html(lan, "/console/sms/new?kind=smsgate")
    for said in ('name="url"', 'name="per_day" value="500"', 'name="share" value="100"',
                 "Để trống thì hotro tự tạo"):  # fmt: skip
        assert said in html
    assert re.search(r'name="password" type="password"', html)
    assert re.search(r'<option value="no" selected>', html)
    assert (await lan.get("/console/sms/new?kind=fax")).status == 404


async def test_a_gateway_is_added(world: World, lan: Browser) -> None:
    response = await lan.client.post(
        "/console/sms/new", allow_redirects=False,
        data={"csrf": lan.csrf, "kind": "smsgate", "name": " Viettel-2 ", "url": "http://x",
              "password": "geheim", "price": "350", "share": "50", "sneaky": "1"},
    )  # fmt: skip
    assert response.status == 303
    assert response.headers["Location"] == "/console/sms/g/viettel-2?done=made"
    values = {"url": "http://x", "password": "geheim", "price": "350", "share": "50"}
    assert world.sms.named("save") == [(HOME, "viettel-2", "smsgate", values, True)]


async def test_what_was_typed_stays_and_secrets_do_not(world: World, lan: Browser) -> None:
    world.sms.faults["save"] = "Cần điền: Địa chỉ."
    typed = {"kind": "smsgate", "name": "hai", "url": "ftp://<x>", "password": "geheim",
             "poll": "yes", "per_day": "77"}  # fmt: skip
    for path in ("/console/sms/new", f"{ONE}/save"):
        status, html = await _post(lan, path, **typed)
        assert status == 422
        assert "Cần điền: Địa chỉ." in html
        assert "ftp://&lt;x&gt;" in html
        assert 'value="77"' in html
        assert '<option value="yes" selected>' in html
        assert "geheim" not in html


async def test_settings_are_changed(world: World, lan: Browser) -> None:
    html = await _html(lan, ONE)
    assert "geheim" not in html
    assert "Đã có, để trống nếu giữ nguyên" in html
    assert 'value="http://192.168.1.20:8080"' in html
    status, html = await _post(lan, f"{ONE}/save", url="http://y", password="", own_number="8041")
    assert status == 200
    assert "Đã lưu." in html
    values = {"url": "http://y", "password": "", "own_number": "8041"}
    assert world.sms.named("save") == [(HOME, "viettel", "smsgate", values, False)]


async def test_a_gateway_is_removed_only_when_the_box_was_ticked(
    world: World, lan: Browser
) -> None:
    await lan.get(ONE)
    status, html = await _post(lan, f"{ONE}/remove")
    assert status == 422
    assert "đánh dấu vào ô xác nhận" in html
    assert world.sms.named("remove") == []
    status, html = await _post(lan, f"{ONE}/remove", confirm="1")
    assert "Đã xoá cổng" in html
    assert world.sms.named("remove") == [(HOME, "viettel")]
    world.sms.beneath = True
    assert "hotro.toml" in (await _post(lan, f"{ONE}/remove", confirm="1"))[1]


async def test_webhooks_are_registered(world: World, lan: Browser) -> None:
    html = await _html(lan, ONE)
    assert 'value="https://hotro.example.vn/webhooks/sms/viettel/hoa-mai"' in html
    status, html = await _post(lan, f"{ONE}/connect")
    assert status == 200
    assert "Đã đăng ký 4 webhook." in html
    world.sms.faults["connect"] = "Không tới được điện thoại."
    status, html = await _post(lan, f"{ONE}/connect")
    assert (status, "Không tới được điện thoại." in html) == (422, True)


async def test_lines_to_copy_are_shown(world: World, lan: Browser) -> None:
    async def snippets(commune: str, name: str) -> tuple[Snippet, ...]:
        return (
            Snippet("Chép vào kannel.conf", "group = <smsbox>\nport = 1"),
            Snippet("Khoá", "k3y"),
        )

    world.sms.snippets = snippets  # type: ignore[method-assign]
    assert "Hiện điều cần chép" not in await _html(lan, ONE)
    _is(world, copies=True)
    html = await _html(lan, ONE)
    assert "Hiện điều cần chép" in html
    assert "smsbox" not in html  # keys are shown only when asked for
    status, html = await _post(lan, f"{ONE}/snippets")
    assert (status, "group = &lt;smsbox&gt;\nport = 1</textarea>" in html) == (200, True)
    assert 'value="k3y"' in html


async def test_lines_that_cannot_be_made_say_why(world: World, lan: Browser) -> None:
    await lan.get(ONE)
    world.sms.faults["snippets"] = "Chưa soạn được cấu hình."
    status, html = await _post(lan, f"{ONE}/snippets")
    assert (status, "Chưa soạn được cấu hình." in html) == (422, True)


# --- trying ---------------------------------------------------------------------------------


async def test_a_gateway_is_asked(world: World, lan: Browser) -> None:
    await lan.get(ONE)
    status, html = await _post(lan, f"{ONE}/check")
    assert (status, "đang dùng được" in html) == (200, True)
    world.sms.faults["check"] = "Không tới được điện thoại."
    status, html = await _post(lan, f"{ONE}/check")
    assert (status, "Không tới được điện thoại." in html) == (422, True)


async def test_a_trial_is_sent(world: World, lan: Browser) -> None:
    html = await _html(lan, ONE)
    key = re.search(r'name="key" value="([^"]+)"', html)
    assert key
    status, html = await _post(lan, f"{ONE}/test", number="0987 654 321", key=key[1])
    assert status == 200
    assert "xếp tin thử vào hàng gửi" in html
    [(commune, name, number, sent_key, officer)] = world.sms.named("test")
    assert (commune, name, number, sent_key) == (HOME, "viettel", "0987 654 321", key[1])
    assert isinstance(officer, int)
    assert world.woken == [1]


async def test_a_trial_that_is_refused_keeps_the_number(world: World, lan: Browser) -> None:
    await lan.get(ONE)
    assert (await _post(lan, f"{ONE}/test", number="1", key="x"))[0] == 422
    assert world.sms.named("test") == []
    world.sms.faults["test"] = "Số điện thoại nhận tin thử không đúng."
    status, html = await _post(lan, f"{ONE}/test", number="09<1", key=KEY)
    assert status == 422
    assert "nhận tin thử không đúng" in html
    assert 'value="09&lt;1"' in html


@pytest.mark.parametrize(
    ("state", "look", "said"),
    [
        ("waiting", "badge nums", "đang gửi"),
        ("delivered", "badge-ok", "đã tới máy"),
        ("failed", "badge-bad", "không gửi được"),
        ("unknown", "badge-warn", "chưa rõ"),
    ],
)
async def test_what_became_of_a_trial(
    world: World, lan: Browser, state: str, look: str, said: str
) -> None:
    error = "hết <tiền>" if state == "failed" else ""
    world.sms.trials = [Trial(world.clock.now(), "+84987654321", state, error)]
    told = (await (await lan.get(f"{ONE}.json")).json())["trials"]
    for html in (await _html(lan, ONE), told):
        assert f"09:00, tới 0987 654 321: {said}" in html
        assert look in html
        assert ("Hết &lt;tiền&gt;." in html) is bool(error)


async def test_what_was_written_to_it_is_told_when_it_came(world: World, lan: Browser) -> None:
    html = await _html(lan, ONE)
    assert "THU 4821" in html
    assert re.search(r'id="heard"[^>]* hidden', html)
    world.sms.hears = Hearing("4821", world.clock.now(), "+84987654321")
    said = "Đã nhận lúc 09:00, từ 0987 654 321."
    assert (await (await lan.get(f"{ONE}.json")).json())["heard"] == said
    html = await _html(lan, ONE)
    assert said in html
    assert re.search(r'id="not-heard" hidden', html)


# --- a text as an old phone shows it --------------------------------------------------------


async def test_a_text_is_shown_without_and_with_diacritics(lan: Browser) -> None:
    await lan.get("/console/sms")
    response = await lan.client.post(
        "/console/sms/preview", headers={"Accept": "application/json"},
        data={"csrf": lan.csrf, "text": "Mời ông Đặng đến nhận kết quả khai sinh."},
    )  # fmt: skip
    told = await response.json()
    assert (told["parts"], told["price"], told["folded"]) == (1, 350, True)
    assert told["text"] == "Moi ong Dang den nhan ket qua khai sinh."
    assert "Moi ong Dang den\nnhan ket qua" in told["html"]
    assert "Mời ông Đặng đến" in told["html"]
    assert told["html"].count("1 tin × 350\N{NO-BREAK SPACE}đ = 350\N{NO-BREAK SPACE}đ") == 2
    assert told["html"].index("Không dấu") < told["html"].index("xã gửi thế này")
    assert "dễ đọc nhầm" in told["html"]


async def test_an_empty_text_shows_nothing(lan: Browser) -> None:
    response = await lan.client.post(
        "/console/sms/preview", headers={"Accept": "application/json"},
        data={"csrf": lan.csrf, "text": "  "},
    )  # fmt: skip
    assert (await response.json())["html"] == ""


async def test_without_a_script_the_page_shows_it(lan: Browser) -> None:
    await lan.get("/console/sms")
    status, html = await _post(lan, "/console/sms/preview", text="Chào <bà> con")
    assert status == 200
    assert ">Chào &lt;bà&gt; con</textarea>" in html
    assert html.count('data-testid="sms-screen"') == 2
    assert "Chao &lt;ba&gt; con" in html
