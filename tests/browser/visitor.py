"""Somebody at a real Chromium; whatever goes wrong in it is written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Response, expect

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE = {"width": 1360, "height": 900}
NARROW = {"width": 360, "height": 740}


class Visitor:
    """A browser profile of its own: no cookies at first, Vietnamese, in Vietnam.

    Args:
        site: where relative addresses lead.
    """

    def __init__(self, browser: Browser, site: str, **options: Any) -> None:
        settings = {
            "base_url": site,
            "viewport": WIDE,
            "locale": "vi-VN",
            "timezone_id": "Asia/Ho_Chi_Minh",
        }
        self.context = browser.new_context(**(settings | options))
        self.faults: list[str] = []
        self._server_down = False
        self.context.on("console", lambda m: self._note(m.type == "error", f"console: {m.text}"))
        self.context.on("weberror", lambda e: self._note(True, f"script: {e.error}"))
        self.context.on("response", self._answered)
        # A page that is left, or a person who is switched, drops its long-poll itself.
        self.context.on(
            "requestfailed",
            lambda r: self._note(r.failure != "net::ERR_ABORTED", f"{r.failure}: {r.url}"),
        )

    def open(self, url: str) -> Page:
        """Open ``url`` (of the site, when relative) in a new tab."""
        page = self.context.new_page()
        page.goto(url)
        return page

    def open_demo(self) -> Page:
        """Open the demo page; returns when the bot answers."""
        page = self.open("/")
        expect(page.get_by_test_id("model-state")).to_have_attribute("data-state", "ready")
        return page

    @contextmanager
    def server_down(self) -> Iterator[None]:
        """Faults in this block are the server's absence."""
        self._server_down = True
        yield
        self._server_down = False

    def _answered(self, response: Response) -> None:
        self._note(response.status >= 400, f"{response.status}: {response.url}")

    def _note(self, wrong: bool, words: str) -> None:
        if wrong and not self._server_down:
            self.faults.append(words)


def go_to(desk: Page, name: str) -> None:
    """Go to a page of the officer's desk by its navigation, the menu "Thêm" included."""
    link = desk.get_by_role("navigation", name="Các trang").get_by_role("link", name=name)
    menu = desk.locator("#menu > summary")
    expect(menu).to_be_visible()
    if not link.is_visible():
        menu.click()
    link.click()


def is_too_wide(page: Page) -> bool:
    """Whether the page can be scrolled sideways."""
    wider: bool = page.evaluate(
        "document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"
    )
    return wider
