"""Takes the README's pictures of the running demo in a real browser.

    .venv/bin/python scripts/pictures.py            writes docs/pictures/*.png
    .venv/bin/python scripts/pictures.py --out DIR  writes them elsewhere

Needs Chromium (apt install chromium) and a font with Vietnamese letters
(apt install fonts-noto-core). Starts `hotro demo` in a temporary folder, lets its citizens
and its officer talk, and takes each picture at the moment that shows most: the demo page,
the web chat, the officer's desk, a dossier and what will be reminded, an announcement in the eyes
of who approves it, a text message on the basic phone, the demo on a phone, the form that asks
for a number, the officers' group.
Takes about a minute; trains the model first when there is none. Run it when a page looks
different, and look at the pictures before they are committed.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import datetime, time, timedelta
from pathlib import Path

import click
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bot.clock import LOCAL
from bot.understanding.training import train
from tests.browser.phones import ANSWER_MS, DemoClock, KeypadPhone, OfficersGroup, ZaloPhone
from tests.browser.running import RunningDemo
from tests.browser.visitor import ARGUMENTS, Visitor, go_to

ROOT = Path(__file__).resolve().parents[1]
LARGEST = 400_000
"""Bytes of one picture: a README is read over slow lines too."""
TALL = {"width": 360, "height": 800}
DESK = {"width": 1200, "height": 800}
HIGH = {"width": 1200, "height": 1196}
"""An announcement, from its words to the button that approves it."""


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=ROOT / "docs" / "pictures")
def main(out: Path) -> None:
    """Take all pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise click.ClickException("Chromium is not installed: apt install chromium")
    asyncio.run(train(ROOT / "var" / "models", ROOT / "nlu_data", click.echo))
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hotro-pictures-") as folder:
        demo = RunningDemo(Path(folder))
        try:
            demo.start()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
                Photographer(browser, demo.url, out).take_all()
                browser.close()
        finally:
            demo.stop()
    for picture in sorted(out.glob("*.png")):
        size = picture.stat().st_size
        click.echo(f"{picture.name}: {size // 1000} kB")
        if size > LARGEST:
            raise click.ClickException(f"{picture.name} is larger than {LARGEST // 1000} kB")


class Photographer:
    """Plays the scenes at the site ``url`` and takes their pictures into ``out``."""

    def __init__(self, browser: Browser, url: str, out: Path) -> None:
        self._browser = browser
        self._url = url
        self._out = out

    def take_all(self) -> None:
        """One scene after the other; the clock moves last."""
        visitor = Visitor(self._browser, self._url)
        page = visitor.open_demo()
        self._desk(page)
        self._approval(page)
        self._chat()
        self._group()
        self._small_phone()
        self._form()
        self._demo(page)
        visitor.context.close()

    def _desk(self, page: Page) -> None:
        zalo = ZaloPhone(page, "Anh Hùng")
        zalo.tap("Xem đúng cho trường hợp nhà tôi")
        zalo.tap(zalo.choices()[0])
        zalo.tap(zalo.choices()[0])
        zalo.ask("em o xa, cuoi tuan moi ve duoc, cho em gap can bo", "cán bộ")
        officer, desk = self._log_in(page, page.get_by_test_id("officer-user").inner_text())
        desk.get_by_test_id("list-item").filter(has_text="cuoi tuan").click()
        desk.get_by_test_id("take").click()
        desk.get_by_test_id("reply-text").fill(
            "Thứ Bảy chúng tôi làm việc đến 11 giờ 30. Em về hôm nào, hai bạn cứ cùng đến nhé."
        )
        desk.get_by_test_id("reply-send").click()
        expect(desk.locator(".bubble-officer")).to_contain_text("đã xem", timeout=ANSWER_MS)
        desk.get_by_test_id("reply-text").fill("Nhớ mang căn cước của cả hai người.")
        self._take(desk, "console")
        go_to(desk, "Hồ sơ")
        desk.get_by_role("link", name="-0002").click()
        desk.get_by_text("Lời nhắn", exact=True).first.click()
        self._take(desk, "dossier")
        officer.context.close()

    def _approval(self, page: Page) -> None:
        username = page.locator("dt:has-text('Người duyệt') + dd code").inner_text()
        leader, desk = self._log_in(page, username, HIGH)
        go_to(desk, "Thông báo")
        desk.get_by_role("link", name="sáng thứ Bảy").click()
        self._take(desk, "announcement")
        leader.context.close()

    def _log_in(
        self, page: Page, username: str, viewport: dict[str, int] = DESK
    ) -> tuple[Visitor, Page]:
        officer = Visitor(self._browser, self._url, viewport=viewport)
        desk = officer.open("/console/login")
        desk.get_by_test_id("login-username").fill(username)
        password = page.get_by_test_id("officer-password").inner_text()
        desk.get_by_test_id("login-password").fill(password)
        desk.get_by_test_id("login-submit").click()
        return officer, desk

    def _chat(self) -> None:
        visitor = Visitor(self._browser, self._url, viewport=DESK)
        chat = visitor.open("/q/hm-ct")
        answers = chat.get_by_test_id("chat-messages").locator(".msg-bot")
        expect(answers).to_have_count(1, timeout=ANSWER_MS)
        chat.get_by_test_id("chat-input").fill("phô tô công chứng bằng cấp 3 hết bao nhiêu tiền ạ")
        chat.get_by_test_id("chat-send").click()
        expect(answers).to_have_count(2, timeout=ANSWER_MS)
        _to_top(chat.locator(".msg-citizen").last, "#scroller")
        chat.get_by_test_id("chat-input").blur()
        self._take(chat, "chat")
        visitor.context.close()

    def _small_phone(self) -> None:
        visitor = Visitor(self._browser, self._url, viewport=TALL, device_scale_factor=2)
        page = visitor.open_demo()
        zalo = ZaloPhone(page, "Bác Tư")
        zalo.ask("giay doc than xin o dau vay")
        _to_top(zalo.messages.locator(".zmsg-user").last, "#zalo-scroll")
        page.evaluate("scrollTo(0, 0)")
        self._take(page, "phone")
        visitor.context.close()

    def _group(self) -> None:
        visitor = Visitor(self._browser, self._url)
        page = visitor.open_demo()
        group = OfficersGroup(page)
        group.ask("#1 Bác ra quầy số 2 gặp cháu Hoa nhé, cháu chờ bác.", "Đã gửi cho bà con")
        page.get_by_test_id("faults").locator("summary").click()
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        self._take(page, "zalo-group")
        group.ask("#1 xong", "đã xong")
        visitor.context.close()

    def _form(self) -> None:
        visitor = Visitor(self._browser, self._url, device_scale_factor=2)
        page = visitor.open_demo()
        zalo = ZaloPhone(page, "Bác Tư")
        day = DemoClock(page).now().date() + timedelta(days=7)
        zalo.ask("nhac toi")
        zalo.tap("Nhắc ngày hẹn")
        zalo.ask(f"{day.day}/{day.month}/{day.year}", "số điện thoại nào")
        form = zalo.messages.get_by_test_id("zalo-card").last
        expect(form).to_be_visible(timeout=ANSWER_MS)
        form.get_by_label("Họ tên").fill("Nguyễn Văn Tư")
        form.get_by_label("Số điện thoại").fill("0912 000 101")
        form.get_by_label("Số điện thoại").blur()
        self._take(page.locator(".zphone"), "zalo-form")
        visitor.context.close()

    def _demo(self, page: Page) -> None:
        zalo, keypad, clock = ZaloPhone(page, "Chị Lan"), KeypadPhone(page), DemoClock(page)
        _agree_to_a_reminder(zalo, clock.now())
        clock.past(datetime.combine(clock.now().date() + timedelta(days=10), time(8, 30), LOCAL))
        expect(keypad.answers).to_have_count(1, timeout=ANSWER_MS)
        self._take(page.locator(".kphone"), "sms")
        zalo.ask("chau nho sinh o nha, ko co giay chung sinh thi khai sinh can nhung giay gi")
        _to_top(zalo.messages.locator(".zmsg-user").last, "#zalo-scroll")
        self._take(page, "demo")

    def _take(self, what: Page | Locator, name: str) -> None:
        page = what.page if isinstance(what, Locator) else what
        page.mouse.move(0, 0)
        page.wait_for_timeout(600)  # what fades in has done so
        what.screenshot(path=self._out / f"{name}.png", caret="hide", animations="disabled")


def _agree_to_a_reminder(zalo: ZaloPhone, now: datetime) -> None:
    """Ten days from now the first of two text messages is due."""
    born = now.date() - timedelta(days=40)
    zalo.ask("khai sinh cho chau can giay gi")
    zalo.ask("nhac toi")
    zalo.tap("Nhắc hạn 60 ngày đăng ký khai sinh cho cháu")
    zalo.ask(f"{born.day}/{born.month}/{born.year}")
    zalo.ask("0912 000 101")
    zalo.tap("Đồng ý")


def _to_top(message: Locator, box: str) -> None:
    """Scroll the ``box`` around a message, not the page, until it stands at its top."""
    message.evaluate(
        """(node, name) => {
            const box = node.closest(name);
            const gap = node.getBoundingClientRect().top - box.getBoundingClientRect().top;
            box.scrollTop += gap - 12;
        }""",
        box,
    )


if __name__ == "__main__":
    main()
