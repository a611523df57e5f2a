"""The desk in a real browser: what only scripts do."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Page, async_playwright, expect

from bot.channels import Standing
from bot.sms_account import Hearing, Snippet, Trial
from bot.zalo_account import GroupLine
from tests.console.conftest import HOME, PASSWORD, World
from tests.peers import require

STATIC = Path(__file__).parents[2] / "static"

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(world: World) -> AsyncIterator[Page]:
    """Lan's browser, logged in, on the list; any script fault or CSP breach fails the test."""
    chromium = require(shutil.which("chromium"), "Chromium is not installed: apt install chromium")
    world.app.router.add_static("/static", STATIC)
    server = TestServer(world.app)
    await server.start_server()
    faults: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await browser.new_page(base_url=str(server.make_url("/")), locale="vi-VN")
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on(
            "console", lambda m: faults.append(m.text) if "Content Security" in m.text else None
        )
        await page.goto("/console/login")
        await page.get_by_test_id("login-username").fill("lan")
        await page.get_by_test_id("login-password").fill(PASSWORD)
        await page.get_by_test_id("login-submit").click()
        await expect(page.get_by_test_id("list-waiting")).to_be_visible()
        yield page
        await browser.close()
    await server.close()
    assert faults == []


async def test_a_new_question_appears_by_itself(world: World, page: Page) -> None:
    await expect(page.get_by_test_id("list-item")).to_have_count(0)
    await world.asks()
    await expect(page.get_by_test_id("list-item")).to_have_count(1, timeout=8000)
    await expect(page).to_have_title("(1) Câu hỏi · hotro")
    await expect(page.locator("#arrival")).to_have_text("Có 1 người mới đang chờ.")


async def test_take_write_give_back(world: World, page: Page) -> None:
    conversation = await world.asks()
    await page.goto(f"/console/c/{conversation}")
    await page.get_by_test_id("take").click()
    reply = page.get_by_test_id("reply-text")
    await reply.fill("Chị cứ đến nhé")
    await page.reload()
    await expect(reply).to_have_value("Chị cứ đến nhé")
    world.clock.advance(timedelta(minutes=1))
    await reply.press("Control+Enter")
    await expect(page.locator(".bubble-officer")).to_contain_text("Chị cứ đến nhé")
    await expect(reply).to_have_value("")
    await reply.fill("Hẹn gặp chị")
    await page.get_by_test_id("reply-send").dblclick()
    await expect(page.locator(".bubble-officer")).to_have_count(2)
    await world.asks("Dạ cháu cảm ơn")
    await expect(page.get_by_test_id("conversation")).to_contain_text(
        "Dạ cháu cảm ơn", timeout=8000
    )
    await page.get_by_test_id("give-back").click()
    await expect(page.get_by_role("status").first).to_contain_text("Đã trả lại cho trợ lý")
    assert await world.owner(conversation) == "bot"


async def test_a_refused_text_stays_and_a_lost_line_sends_once(world: World, page: Page) -> None:
    conversation = await world.asks()
    await page.goto(f"/console/c/{conversation}")
    await page.get_by_test_id("take").click()
    reply, send = page.get_by_test_id("reply-text"), page.get_by_test_id("reply-send")
    await reply.fill("x" * 2001)
    await expect(page.locator("#reply-count")).to_have_text("Dài quá 1 ký tự.")
    await send.click()
    await expect(page.get_by_role("alert")).to_contain_text("tối đa 2000")
    await expect(reply).to_have_value("x" * 2001)

    await reply.fill("Chào chị")
    # The message arrives but its answer is lost on the way back.
    await page.route("**/write", _answer_lost, times=1)
    await send.click()
    await expect(page.get_by_role("alert")).to_contain_text("Chưa gửi được")
    await expect(reply).to_have_value("Chào chị")
    await send.click()
    await expect(reply).to_have_value("")
    sent = [t for author, t in await world.outgoing(conversation) if author == "officer"]
    assert sent == ["Chào chị"]


async def _answer_lost(route: object) -> None:
    await route.fetch()  # type: ignore[attr-defined]
    await route.abort()  # type: ignore[attr-defined]


async def test_an_ended_session_keeps_the_draft(world: World, page: Page) -> None:
    conversation = await world.asks()
    await page.goto(f"/console/c/{conversation}")
    await page.get_by_test_id("take").click()
    await page.get_by_test_id("reply-text").fill("Câu đang viết dở")
    world.clock.advance(timedelta(hours=13))
    await expect(page.locator("#connection")).to_contain_text("Phiên làm việc đã hết", timeout=8000)
    await page.locator("#connection a").click()
    await page.get_by_test_id("login-username").fill("lan")
    await page.get_by_test_id("login-password").fill(PASSWORD)
    await page.get_by_test_id("login-submit").click()
    await expect(page.get_by_test_id("reply-text")).to_have_value("Câu đang viết dở")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.locator("#menu > summary").click()
    await page.get_by_role("button", name="Đăng xuất").click()
    assert await page.evaluate("sessionStorage.length") == 0


async def test_what_is_being_written_survives_the_end_of_the_window(
    world: World, page: Page
) -> None:
    conversation = await world.asks()
    await page.goto(f"/console/c/{conversation}")
    await page.get_by_test_id("take").click()
    await page.get_by_test_id("reply-text").fill("Câu đang viết dở")
    world.standing.append((Standing.CLOSED, None))
    await expect(page.get_by_test_id("closed")).to_be_visible(timeout=8000)
    await expect(page.get_by_test_id("reply-text")).to_have_count(0)
    await expect(page.get_by_label("Tin anh/chị viết, chưa gửi")).to_have_value("Câu đang viết dở")
    await page.get_by_test_id("give-back").click()
    await expect(page.get_by_role("status").first).to_contain_text("Đã trả lại cho trợ lý")


async def test_a_banner_comes_by_itself(world: World, page: Page) -> None:
    await expect(page.get_by_test_id("banner")).to_have_count(0)
    world.zalo.state = replace(world.zalo.state, problem="Zalo đã thu hồi quyền.")
    await expect(page.get_by_test_id("banner")).to_contain_text("đã thu hồi", timeout=8000)


async def test_to_zalo_and_back(world: World, page: Page) -> None:
    """The consent leads to another site and back, past our own policy and strict cookies."""
    here = page.url.removesuffix("/console")

    async def agree(request: web.Request) -> web.StreamResponse:
        assert "Referer" not in request.headers
        raise web.HTTPFound(f"{here}/zalo/callback?code=c1&oa_id=222&state=s1")

    zalo = web.Application()
    zalo.router.add_get("/v4/oa/permission", agree)
    server = TestServer(zalo)
    await server.start_server()
    world.zalo.consent = f"http://localhost:{server.port}/v4/oa/permission?app_id=1&state=s1"
    world.zalo.begun["s1"] = HOME
    world.zalo.state = replace(world.zalo.state, has_oa_secret=True)
    await page.goto("/console/zalo")
    await page.get_by_test_id("zalo-connect").click()
    await page.get_by_test_id("zalo-consent").click()
    await expect(page.get_by_role("status")).to_contain_text("Đã kết nối Zalo của xã Hoa Mai")
    await page.get_by_role("link", name="Mở lại bàn cán bộ").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Kết nối Zalo")
    assert world.zalo.named("returned") == [("s1", "c1", "222")]
    await server.close()


@pytest.mark.parametrize("secure", [True, False])
async def test_addresses_are_copied(world: World, page: Page, secure: bool) -> None:
    if not secure:
        over_http = "Object.defineProperty(window, 'isSecureContext', { value: false })"
        await page.add_init_script(over_http)
    await page.goto("/console/zalo")
    await page.get_by_role("button", name="Chép Địa chỉ webhook").click()
    await expect(page.locator("#copied")).to_have_text("Đã chép")
    await page.get_by_label("Mã ứng dụng (App ID)").focus()
    await page.keyboard.press("Control+V")
    await expect(page.get_by_label("Mã ứng dụng (App ID)")).to_have_value(
        world.zalo.state.webhook_url
    )


async def test_a_fault_is_on_the_screen_and_an_announcement_is_posted_once(
    world: World, page: Page
) -> None:
    await page.set_viewport_size({"width": 360, "height": 740})
    world.zalo.state = replace(world.zalo.state, connected=True, public_group="g2")
    world.zalo.lines = (GroupLine("g2", "Bà con xã Hoa Mai", 812),)
    await page.goto("/console/zalo")
    await page.get_by_role("button", name="Xem trước").click()
    await expect(page.get_by_role("alert")).to_be_in_viewport()
    await page.get_by_label("Nội dung thông báo").fill("\nSáng mai\nlàm căn cước")
    await page.get_by_role("button", name="Xem trước").click()
    await page.get_by_test_id("announce-post").dblclick()
    await expect(page.get_by_role("status").filter(has_text="Đã gửi thông báo")).to_be_in_viewport()
    assert {call[:2] for call in world.zalo.named("announce")} == {(HOME, "Sáng mai\nlàm căn cước")}
    assert len({call[2] for call in world.zalo.named("announce")}) == 1


async def test_a_text_is_shown_on_an_old_phone_as_it_is_typed(world: World, page: Page) -> None:
    await page.goto("/console/sms")
    await expect(page.get_by_test_id("sms-screen")).to_have_count(0)
    await expect(page.get_by_role("button", name="Xem trên điện thoại")).to_be_hidden()
    text = page.get_by_label("Nội dung tin")
    await text.press_sequentially("Mời bà Đặng")
    screens = page.get_by_test_id("sms-screen")
    await expect(screens).to_have_count(2)
    await expect(screens.first).to_contain_text("Moi ba Dang")
    await expect(screens.last).to_contain_text("Mời bà Đặng")
    await text.fill("có dấu thì đắt. " * 12)
    await expect(screens.first.get_by_test_id("sms-cost")).to_contain_text("2 tin")
    await expect(screens.last.get_by_test_id("sms-cost")).to_contain_text("3 tin")
    await text.fill("")
    await expect(screens).to_have_count(0)
    # What was typed while the browser was away is shown when it comes back.
    await text.fill("Chào")
    await expect(screens).to_have_count(2)
    await page.goto("/console/boards")
    await page.go_back()
    await expect(text).to_have_value("Chào")
    await expect(screens).to_have_count(2)


async def test_a_gateway_is_tried_without_reloading(world: World, page: Page) -> None:
    await page.goto("/console/sms/g/viettel")
    await page.get_by_label("Số điện thoại nhận tin thử").fill("0987654321")
    await page.get_by_test_id("sms-test").dblclick()
    await expect(page.get_by_role("status").filter(has_text="xếp tin thử")).to_be_visible()
    assert len({call[3] for call in world.sms.named("test")}) == 1  # the same key: sent once
    now = world.clock.now()
    world.sms.trials = [Trial(now, "+84987654321", "delivered")]
    world.sms.hears = Hearing("4821", now, "+84987654321")
    await expect(page.get_by_test_id("sms-trials")).to_contain_text("đã tới máy", timeout=8000)
    await expect(page.get_by_test_id("sms-heard")).to_contain_text("Đã nhận lúc 09:00")
    await expect(page.locator("#not-heard")).to_be_hidden()


async def test_lines_are_copied_to_a_gateway(world: World, page: Page) -> None:
    async def snippets(commune: str, name: str) -> tuple[Snippet, ...]:
        return (Snippet("Chép vào kannel.conf", "group = core\nport = 1"),)

    world.sms.snippets = snippets  # type: ignore[method-assign]
    world.sms.lines = [replace(world.sms.lines[0], copies=True)]
    await page.goto("/console/sms/g/viettel")
    await page.get_by_test_id("sms-snippets").click()
    await page.locator("[data-copy=snippet-1]").click()
    await expect(page.locator("#copied")).to_have_text("Đã chép")
    number = page.get_by_label("Số điện thoại nhận tin thử")
    await number.focus()
    await page.keyboard.press("Control+V")
    await expect(number).to_have_value("group = core port = 1")


@pytest.mark.parametrize("path", ["", "/boards"])
@pytest.mark.parametrize("width", [1440, 1200, 1100, 1024, 768, 390])
async def test_the_navigation_is_one_row(world: World, page: Page, width: int, path: str) -> None:
    await page.set_viewport_size({"width": width, "height": 740})
    await page.goto(f"/console{path}")
    for count in ("#to-do", "#calls"):
        await page.locator(count).evaluate("e => { e.textContent = '128'; e.hidden = false; }")
    entries = page.locator(".topnav-daily > a, #menu > summary")
    await expect(entries).to_have_count(6)
    boxes = [await entry.bounding_box() for entry in await entries.all()]
    assert len({box["y"] for box in boxes if box}) == 1
    assert min(box["height"] for box in boxes if box) >= 44
    assert (
        await entries.evaluate_all(
            "all => Math.min(...all.map(e => parseFloat(getComputedStyle(e).fontSize)))"
        )
        >= 14
    )
    # Where there is room nothing is out of sight, on a phone it scrolls inside its own box.
    out_of_sight = await page.locator("#daily").evaluate("e => e.scrollWidth > e.clientWidth")
    assert out_of_sight == (width < 1000)
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_open_page_stands_in_sight_on_a_phone(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 740})
    for name, path in (("Thông báo", "/announcements"), ("Câu hỏi", "")):
        await page.goto(f"/console{path}")
        here = page.get_by_role("link", name=name, exact=True)
        await expect(here).to_be_in_viewport(ratio=1)


async def test_the_menu_by_keyboard(page: Page) -> None:
    summary, zalo = page.locator("#menu > summary"), page.get_by_role("link", name="Kết nối Zalo")
    await expect(zalo).to_be_hidden()
    await summary.focus()
    await page.keyboard.press("Enter")
    await expect(zalo).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(zalo).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(zalo).to_be_hidden()
    await expect(summary).to_be_focused()

    await page.keyboard.press("Space")
    await expect(zalo).to_be_visible()
    await page.keyboard.press("Shift+Tab")  # out of the menu
    await expect(zalo).to_be_hidden()

    await summary.click()
    await page.locator("#main").click(position={"x": 1, "y": 1})
    await expect(zalo).to_be_hidden()
    await summary.click()
    await zalo.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Kết nối Zalo")
    await expect(summary).to_have_text("Thêm: Kết nối Zalo")
    await expect(summary).to_have_attribute("aria-current", "true")


async def test_the_menu_without_scripts(page: Page) -> None:
    assert page.context.browser
    context = await page.context.browser.new_context(
        base_url=page.url,
        storage_state=await page.context.storage_state(),
        java_script_enabled=False,
    )
    plain = await context.new_page()
    await plain.goto("/console")
    await plain.get_by_text("Thêm", exact=True).click()
    await plain.get_by_role("link", name="Bảng tin QR").click()
    await expect(plain.get_by_role("heading", level=1)).to_have_text("Bảng tin QR")
    await plain.get_by_text("Thêm: Bảng tin QR").click()
    await plain.get_by_role("button", name="Đăng xuất").click()
    await expect(plain.get_by_test_id("login-submit")).to_be_visible()


@pytest.mark.parametrize("size", [(1280, 720), (360, 740)])
async def test_nothing_is_wider_than_the_screen(
    world: World, page: Page, size: tuple[int, int]
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    conversation = await world.asks("một_từ_rất_dài" * 40, reason="Lý do " * 30)
    await page.goto("/console/boards")
    await page.get_by_label("Nơi đặt bảng").fill("Nhà văn hoá thôn 2")
    await page.get_by_role("button", name="Thêm bảng").click()
    code = await page.locator(".board code").inner_text()
    paths = ["", f"/c/{conversation}", "/boards", f"/boards/{code}", "/password", "/calls", "/zalo"]
    paths += ["/sms", "/sms/new?kind=smsgate", "/sms/g/viettel"]
    world.zalo.state = replace(world.zalo.state, problem="Zalo đã thu hồi quyền của ứng dụng.")
    for path in paths:
        await page.goto(f"/console{path}")
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= size[0], path
