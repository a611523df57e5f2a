"""The whole story, in a real browser, against a real ``hotro demo``.

Chị Lan asks on Zalo, walks the birth checklist and has Bà Năm's basic phone reminded; Anh
Hùng needs a person; Ông Sáu only has keys to press; somebody scans a notice board.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.clock import LOCAL
from tests.browser.phones import ANSWER_MS, DemoClock, KeypadPhone, ZaloPhone
from tests.browser.running import RunningDemo
from tests.browser.visitor import Visitor, go_to, is_too_wide

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOADING_MS = 90_000
REMINDER = "nhac han 60 ngay khai sinh"


# --- from the question to the text message ----------------------------------------------


def test_a_question_becomes_a_list_of_papers_and_one_text_message(
    demo: RunningDemo, visitor: Visitor, page: Page
) -> None:
    zalo, keypad, clock = ZaloPhone(page, "Chị Lan"), KeypadPhone(page, "Bà Năm"), DemoClock(page)

    _asks_unaccented_and_gets_the_papers_of_the_case(zalo)
    _walks_the_checklist_with_a_question_in_the_middle(zalo)
    _ticks_papers_off(zalo)
    first, second = _agrees_to_reminders(zalo, clock.now())

    clock.until_last_hour_before(first)
    expect(keypad.answers).to_have_count(0)
    clock.past(first)
    expect(keypad.answers).to_have_count(1, timeout=ANSWER_MS)
    with visitor.server_down():
        demo.kill()
        demo.start(until="/healthz")
        # The model is still loading: what is sent now is kept and answered later.
        question = "chung thuc bang tot nghiep het bao nhieu tien the"
        zalo.ask(question, "đồng", timeout=LOADING_MS)
        demo.wait()
        expect(page.locator("#sms-error")).to_be_hidden(timeout=ANSWER_MS)
    clock.press("hour")
    _is_reminded(keypad, 1)

    clock.past(second)
    _is_reminded(keypad, 2)
    clock.press("week")
    zalo.ask("cam on nhe", "không có gì")
    _is_reminded(keypad, 2)


def _asks_unaccented_and_gets_the_papers_of_the_case(zalo: ZaloPhone) -> None:
    zalo.ask(
        "be nha em sinh o nha, k co giay chung sinh thi di khai sinh phai mang nhung gi",
        "không có Giấy chứng sinh",
        "Tờ khai đăng ký khai sinh",
        "Giấy xác nhận của người làm chứng",
        "Giấy cam đoan về việc sinh",
    )
    # Papers that have no bearing on this case would bury the answer.
    expect(zalo.last).not_to_contain_text("nhận cha, mẹ, con")


def _walks_the_checklist_with_a_question_in_the_middle(zalo: ZaloPhone) -> None:
    zalo.tap("Xem đúng cho trường hợp nhà tôi", "Tôi đã ghi", "khai sinh cho ai?")
    # That there is no Giấy chứng sinh was told in the question and is not asked again.
    zalo.tap("Trẻ em, cha mẹ là người Việt Nam", "chứng kiến lúc sinh")
    zalo.tap("Có người làm chứng", "Cha mẹ cháu đã đăng ký kết hôn chưa?")

    before = zalo.answers.count()
    zalo.write("le phi bao nhieu")
    zalo.hear(before, "không mất tiền")
    zalo.hear(before + 1, "Cha mẹ cháu đã đăng ký kết hôn chưa?")

    zalo.tap("Chưa đăng ký kết hôn", "Cha của cháu có muốn đứng tên")
    zalo.tap("Quay lại câu trước", "Cha mẹ cháu đã đăng ký kết hôn chưa?")
    zalo.tap("Đã đăng ký kết hôn", "Ai sẽ đi khai sinh cho cháu?")
    zalo.tap("Ông bà, người thân đi khai", "Cháu đã quá 60 ngày tuổi chưa?")
    zalo.tap(
        "Chưa quá 60 ngày",
        "1. Tờ khai đăng ký khai sinh",
        "Giấy xác nhận của người làm chứng về việc sinh (nộp bản chính)",
        "không cần giấy uỷ quyền",  # because the grandparents go
        "Lệ phí:",
        "Nơi nộp: Trung tâm Phục vụ hành chính công xã Hoa Mai",
        "Giờ làm việc:",
    )
    expect(zalo.last).not_to_contain_text("Giấy cam đoan")


def _ticks_papers_off(zalo: ZaloPhone) -> None:
    # The page of papers may come in two messages: wait for the second.
    expect(zalo.last).to_contain_text("đánh dấu giúp")
    zalo.ask("1 2", "1. ✔ Tờ khai", "2. ✔ Giấy tờ tuỳ thân", "3. ☐ Giấy xác nhận")
    zalo.ask("2", "1. ✔ Tờ khai", "2. ☐ Giấy tờ tuỳ thân", "3. ☐ Giấy xác nhận")


def _agrees_to_reminders(zalo: ZaloPhone, now: datetime) -> tuple[datetime, datetime]:
    """Returns when the two text messages are due."""
    born = now.date() - timedelta(days=40)
    dues = [born + timedelta(days=60 - before) for before in (10, 3)]
    days = [f"{due.day}/{due.month}/{due.year}" for due in dues]
    zalo.tap("Nhắc tôi qua SMS", "nhắc việc gì?")
    zalo.tap("Nhắc hạn 60 ngày đăng ký khai sinh cho cháu", "Cháu sinh ngày nào")
    zalo.ask(f"{born.day}/{born.month}/{born.year}", "số điện thoại nào")
    zalo.ask("0912 000 101", "2 tin nhắn (SMS hoặc Zalo)", "0912 000 101", *days, "đồng ý")
    zalo.tap("Đồng ý", "Xong rồi", *days)
    first, second = (datetime.combine(due, time(8, 30), LOCAL) for due in dues)
    return first, second


def _is_reminded(keypad: KeypadPhone, times: int) -> None:
    expect(keypad.answers).to_have_count(times, timeout=ANSWER_MS)
    # A second copy would come from another round of the sender or of the scheduler.
    keypad.page.wait_for_timeout(1500)
    expect(keypad.answers).to_have_count(times)
    expect(keypad.last.locator(".ktext")).to_contain_text(REMINDER)
    text = keypad.last.locator(".ktext").inner_text()
    assert text.isascii()
    assert keypad.parts() == f"{-(-len(text) // 153) if len(text) > 160 else 1}/2 phần"


# --- a person ---------------------------------------------------------------------------


def test_the_officer_takes_over_and_gives_back(visitor: Visitor, page: Page) -> None:
    zalo = ZaloPhone(page, "Anh Hùng")
    zalo.ask("e muon dang ky ket hon can giay to gi", "đăng ký kết hôn")
    zalo.tap("Xem đúng cho trường hợp nhà tôi")
    answered = zalo.choices()[0]
    zalo.tap(answered)
    reason = "Chỗ em chưa rõ nên cho em gặp cán bộ với ạ"
    zalo.ask(reason, "đã chuyển câu hỏi cho cán bộ")

    desk = _log_in(visitor, page)
    waiting = desk.get_by_test_id("list-waiting").get_by_test_id("list-item")
    waiting.filter(has_text=reason).click()
    expect(desk.get_by_test_id("conversation")).to_contain_text(reason)
    expect(desk.get_by_test_id("checklist-summary")).to_contain_text(answered)
    expect(desk.get_by_test_id("reply-text")).to_have_count(0)
    desk.get_by_test_id("take").click()

    already = len(zalo.thread())
    zalo.write("Em ở xa, cuối tuần mới về được ạ")
    expect(desk.get_by_test_id("conversation")).to_contain_text("cuối tuần", timeout=ANSWER_MS)
    _write(desk, "Thứ Bảy chúng tôi làm việc đến 11 giờ 30, em cứ đến nhé.")
    expect(zalo.last).to_contain_text("em cứ đến nhé", timeout=ANSWER_MS)
    desk.get_by_test_id("give-back").click()
    expect(zalo.last).to_contain_text("Cán bộ đã trả lời xong", timeout=ANSWER_MS)
    # From taking to giving back the bot said nothing.
    assert [who for who, _ in zalo.thread()[already:]] == ["user", "oa", "oa"]

    zalo.ask("le phi dang ky ket hon bao nhieu", "không mất tiền")
    expect(desk.get_by_test_id("list-done")).to_contain_text("cuối tuần")


def _log_in(visitor: Visitor, demo_page: Page) -> Page:
    """Log in to the desk with what the demo page says; returns the list."""
    with visitor.context.expect_page() as opened:
        demo_page.get_by_test_id("open-console").click()
    desk = opened.value
    for shown, field in (("officer-user", "username"), ("officer-password", "password")):
        desk.get_by_test_id(f"login-{field}").fill(demo_page.get_by_test_id(shown).inner_text())
    desk.get_by_test_id("login-submit").click()
    return desk


def _write(desk: Page, text: str) -> None:
    desk.get_by_test_id("reply-text").fill(text)
    desk.get_by_test_id("reply-send").click()
    expect(desk.get_by_test_id("reply-text")).to_have_value("")


# --- the basic phone --------------------------------------------------------------------


def test_a_basic_phone_gets_everything_by_pressing_keys(page: Page) -> None:
    keypad = KeypadPhone(page, "Ông Sáu")
    expect(keypad.answers).to_have_count(1)  # what he asked before the visitor came

    keypad.press("5", 2)
    keypad.press("7", 4)
    expect(keypad.input).to_have_value("ks")
    texts = [keypad.send("to khai khai sinh", "Giay chung sinh", "1 truong hop")]
    assert keypad.parts() in {"1/2 phần", "2/2 phần"}

    keypad.press("#")
    keypad.press("#")  # the keys now type digits
    for digit, said in (
        ("1", "Khai sinh cho ai?"),
        ("1", "Chau co Giay chung sinh khong?"),
        ("2", "Co ai chung kien luc sinh"),
        ("0", "Chau co Giay chung sinh khong?"),
        ("1", "Cha me chau da dang ky ket hon chua?"),
        ("1", "Ai se di khai cho chau?"),
        ("1", "Chau qua 60 ngay tuoi chua?"),
        ("1", "1) to khai khai sinh"),
        ("1", "Da co: 1"),
    ):
        keypad.press(digit)
        expect(keypad.input).to_have_value(digit)
        texts.append(keypad.send(said))

    keypad.press("#")  # letters again
    keypad.press("4", 2)
    keypad.press("8", 2)
    keypad.press("9", 3)
    expect(keypad.input).to_have_value("huy")
    texts.append(keypad.send("tin nhac"))
    assert all(text.isascii() for text in texts)


# --- the notice board -------------------------------------------------------------------


def test_a_notice_board_opens_the_chat_on_its_procedure(visitor: Visitor, page: Page) -> None:
    desk = _log_in(visitor, page)
    go_to(desk, "Bảng tin QR")
    board = desk.get_by_test_id("board").filter(has_text="Nhà văn hoá thôn Bến")
    scans = _scans(board)

    with visitor.context.expect_page() as opened:
        page.get_by_test_id("open-board").filter(has_text="khai tử").click()
    chat = opened.value
    messages = chat.get_by_test_id("chat-messages")
    expect(messages).to_contain_text("đăng ký khai tử", timeout=ANSWER_MS)
    expect(chat.get_by_test_id("chat-zalo")).to_have_attribute("href", re.compile(r"^https://zalo"))
    expect(chat.get_by_test_id("chat-sms")).to_have_attribute("href", re.compile(r"^sms:\+84.*KT"))

    answers = messages.locator(".msg-bot")
    messages.get_by_role("button", name="Nộp ở đâu").click()
    expect(answers).to_have_count(2, timeout=ANSWER_MS)
    expect(answers.last).to_contain_text("cư trú cuối cùng")
    chat.get_by_test_id("chat-input").fill("co mat tien khong vay")
    chat.get_by_test_id("chat-send").click()
    expect(answers).to_have_count(3, timeout=ANSWER_MS)
    expect(answers.last).to_contain_text("không mất tiền")

    desk.reload()
    assert _scans(board) == scans + 1


def _scans(board: Locator) -> int:
    return int(board.locator(".board-scans strong").inner_text())


# --- small screens ----------------------------------------------------------------------


def test_everything_fits_a_small_phone(phone_visitor: Visitor) -> None:
    page = phone_visitor.open_demo()
    zalo, keypad = ZaloPhone(page, "Bác Tư"), KeypadPhone(page)
    expect(page.locator("#slot-sms")).to_be_hidden()
    expect(zalo.last).to_be_visible()
    assert not is_too_wide(page)

    page.get_by_test_id("tab-sms").tap()
    expect(page.locator("#slot-zalo")).to_be_hidden()
    keypad.input.fill("GIO")
    keypad.send("7h30")
    assert not is_too_wide(page)

    page.get_by_test_id("tab-zalo").tap()
    zalo.ask("cho toi hoi giay doc than lam the nao")
    assert not is_too_wide(page)

    desk = _log_in(phone_visitor, page)
    assert not is_too_wide(desk)
    desk.get_by_test_id("list-item").first.tap()
    expect(desk.get_by_test_id("conversation")).to_be_visible()
    assert not is_too_wide(desk)
    chat = phone_visitor.open("/chat/hoa-mai")
    expect(chat.get_by_test_id("chat-messages")).to_contain_text("Kính chào", timeout=ANSWER_MS)
    assert not is_too_wide(chat)
