"""The demo page as a visitor uses it: two phones and a clock."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

ANSWER_MS = 20_000
_STEPS = {
    "month": timedelta(days=30),
    "week": timedelta(days=7),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
}


def _says(text: str, parts: tuple[str, ...]) -> bool:
    plain = " ".join(text.split())
    return all(" ".join(part.split()) in plain for part in parts)


class ZaloPhone:
    """The phone with Zalo in the hands of one of its persons."""

    api = "/sim/zalo/phone"

    def __init__(self, page: Page, person: str | None = None) -> None:
        self.page = page
        self.messages = page.get_by_test_id("zalo-messages")
        self.answers = self.messages.locator(".zmsg-oa")
        _hand_to(page, "zalo-person", person)
        _wait_loaded(page, "zalo-person", self.api, self.messages.locator(".zmsg"))

    @property
    def last(self) -> Locator:
        """The newest message of the office."""
        return self.answers.last

    def write(self, text: str) -> None:
        """Type and send, without waiting for an answer."""
        self.page.get_by_test_id("zalo-input").fill(text)
        self.page.get_by_test_id("zalo-send").click()
        own = self.messages.locator(".zmsg-user .zbubble", has_text=text)
        expect(own.last).to_be_visible()

    def ask(self, text: str, *said: str, timeout: float = ANSWER_MS) -> None:
        """Write, and wait for an answer that says all of ``said``."""
        before = self.answers.count()
        self.write(text)
        self.hear(before, *said, timeout=timeout)

    def tap(self, button: str, *said: str) -> None:
        """Tap a button of the newest message; the answer says all of ``said``."""
        before = self.answers.count()
        self.answers.get_by_role("button", name=button, exact=True).last.click()
        self.hear(before, *said)

    def hear(self, before: int, *said: str, timeout: float = ANSWER_MS) -> None:
        """Wait for a message of the office, number ``before`` (from 0) or later, that says it all.

        Later: the second message of the last answer may still be on its way.
        """
        deadline = time.monotonic() + timeout / 1000
        while not any(_says(text, said) for text in self._texts()[before:]):
            assert time.monotonic() < deadline, f"{said} not in {self._texts()[before:]}"
            self.page.wait_for_timeout(100)

    def _texts(self) -> list[str]:
        return self.answers.locator(".zbubble").all_inner_texts()

    def choices(self) -> list[str]:
        """The buttons of the newest message."""
        return self.last.get_by_test_id("zalo-choice").all_inner_texts()

    def thread(self) -> list[tuple[str, str]]:
        """All messages, oldest first: ("oa" or "user", text)."""
        found = []
        for one in self.messages.locator(".zmsg").all():
            who = "oa" if "zmsg-oa" in (one.get_attribute("class") or "") else "user"
            text = one.locator(".zbubble").inner_text()
            found.append((who, text.rpartition("\n")[0]))  # the last line is the time
        return found

    def quote(self, said: str) -> None:
        """Begin an answer to the newest message that says ``said``."""
        message = self.messages.locator(".zmsg", has_text=said).last
        message.hover()
        message.get_by_test_id("zalo-reply").click()
        expect(self.page.locator("#zalo-quoting")).to_be_visible()

    def attach(self, label: str) -> None:
        """Send something else than words."""
        self.page.get_by_test_id("zalo-attach").click()
        self.page.get_by_role("button", name=label, exact=True).click()

    def fill_in(self, name: str, phone: str) -> Locator:
        """Fill in the newest form and press "Gửi"; returns the form."""
        form = self.messages.get_by_test_id("zalo-card").last
        form.get_by_label("Họ tên").fill(name)
        form.get_by_label("Số điện thoại").fill(phone)
        form.get_by_role("button", name="Gửi").click()
        return form


class BotPhone(ZaloPhone):
    """The same phone, in the chat with the free bot."""

    api = "/sim/zalobot/phone"


class OfficersGroup(ZaloPhone):
    """The same phone, in the officers' group; messages of the OA are its ``answers``."""

    api = "/sim/zalo/groups"

    def __init__(self, page: Page) -> None:
        super().__init__(page, "Nhóm cán bộ")


class KeypadPhone:
    """The basic phone in the hands of one of its persons."""

    def __init__(self, page: Page, person: str | None = None) -> None:
        self.page = page
        self.messages = page.get_by_test_id("sms-messages")
        self.answers = self.messages.locator(".kmsg-office")
        self.input = page.get_by_test_id("sms-input")
        _hand_to(page, "sms-person", person)
        _wait_loaded(page, "sms-person", "/sim/sms/handset", self.messages.locator(".kmsg"))

    @property
    def last(self) -> Locator:
        """The newest message of the office."""
        return self.answers.last

    def press(self, key: str, times: int = 1) -> None:
        """Press a key ``times`` times fast, as one types a letter."""
        self.page.get_by_test_id(f"key-{key}").click(click_count=times)

    def send(self, *said: str) -> str:
        """Press "Gửi"; returns the answer, which says all of ``said``."""
        before = self.answers.count()
        self.page.get_by_test_id("sms-send").click()
        answer = self.answers.nth(before)
        expect(answer).to_be_visible(timeout=ANSWER_MS)
        for part in said:
            expect(answer.locator(".ktext")).to_contain_text(part)
        return answer.locator(".ktext").inner_text()

    def parts(self) -> str:
        """The part count under the newest message of the office."""
        return self.last.locator(".kparts").inner_text()


def _hand_to(page: Page, switch: str, person: str | None) -> None:
    if person is not None:
        page.get_by_test_id(switch).filter(has_text=person).click()


def _wait_loaded(page: Page, switch: str, api: str, messages: Locator) -> None:
    """Return when everything written so far is on the phone: it is counted from there."""
    who = page.locator(f'input[name="{switch}"]:checked').input_value()
    deadline = time.monotonic() + ANSWER_MS / 1000
    while True:  # more may be written meanwhile
        address = f"{api}/{quote(who)}/messages?after=0&wait=0"
        known = page.request.get(address).json()["messages"]
        if messages.count() == len(known):
            return
        assert time.monotonic() < deadline, f"{messages.count()} of {len(known)} messages"
        page.wait_for_timeout(100)


class DemoClock:
    """The demo's clock, moved by its buttons."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def now(self) -> datetime:
        """The demo's time."""
        state = self.page.request.get("/demo/state").json()
        return datetime.fromisoformat(state["now"])

    def press(self, button: str) -> None:
        """Press +1 "hour", "day", "week" or "month" and wait until the clock has moved."""
        with self.page.expect_response("**/demo/clock"):
            self.page.get_by_test_id(f"clock-plus-{button}").click()

    def until_last_hour_before(self, instant: datetime) -> None:
        """Press until one more "+1 giờ" would pass ``instant``."""
        for button, step in _STEPS.items():
            # A minute of room: the clock walks on while the buttons are pressed.
            while self.now() + step + timedelta(minutes=1) < instant:
                self.press(button)

    def past(self, instant: datetime) -> None:
        """Press until ``instant`` has passed, by about an hour at most."""
        self.until_last_hour_before(instant)
        while self.now() <= instant:
            self.press("hour")
