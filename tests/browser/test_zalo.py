"""Zalo beyond words and buttons: the form, the officers' group, the free bot, OA Manager."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.phones import ANSWER_MS, BotPhone, DemoClock, OfficersGroup, ZaloPhone
from tests.browser.visitor import Visitor, is_too_wide

pytestmark = [pytest.mark.browser, pytest.mark.slow]

POSTED = re.compile(r"#(\d+) - có người hỏi")


def test_the_form_gives_the_number_and_the_bot_asks_for_consent(page: Page) -> None:
    zalo = ZaloPhone(page, "Chị Lan")
    born = DemoClock(page).now().date()
    zalo.ask("khai sinh cho chau can giay gi")
    zalo.ask("nhac toi")
    zalo.tap("Nhắc hạn 60 ngày đăng ký khai sinh cho cháu")
    before = zalo.answers.count()
    zalo.write(f"{born.day}/{born.month}/{born.year}")
    zalo.hear(before, "số điện thoại nào")
    zalo.hear(before + 1, "Xã dùng số này để nhắn nhắc việc")

    form = zalo.fill_in("Lê Thị Lan", "0912")
    expect(form).to_contain_text("Số chưa đúng")
    expect(zalo.answers).to_have_count(before + 2)
    form = zalo.fill_in("Lê Thị Lan", "0912 000 101")
    expect(form.get_by_role("button")).to_be_disabled()
    zalo.hear(before + 2, "đã ghi số 0912 000 101")
    zalo.hear(before + 3, "Bà con đồng ý nhận không?")

    page.reload()
    zalo = ZaloPhone(page, "Chị Lan")
    expect(zalo.messages.get_by_test_id("zalo-card").last).to_have_attribute("data-done", "true")


def test_an_officer_answers_in_the_group(page: Page) -> None:
    zalo = ZaloPhone(page, "Anh Hùng")
    zalo.ask("Nhà em có việc này khó nói, cho em gặp cán bộ", "đã chuyển câu hỏi cho cán bộ")
    dot = page.get_by_test_id("zalo-person").filter(has_text="Nhóm cán bộ").locator(".dot")
    expect(dot).to_be_visible(timeout=ANSWER_MS)

    group = OfficersGroup(page)
    expect(dot).to_be_hidden()
    expect(page.locator("#zalo-follow")).to_be_hidden()
    expect(page.get_by_test_id("zalo-attach")).to_be_hidden()
    expect(group.last).to_contain_text("khó nói", timeout=ANSWER_MS)
    found = POSTED.search(group.last.inner_text())
    assert found is not None
    group.ask(f"#{found[1]} Em ra quầy số 2 gặp chị Hoa nhé.", "Đã gửi cho bà con")

    zalo = ZaloPhone(page, "Anh Hùng")
    expect(zalo.last).to_contain_text("Em ra quầy số 2 gặp chị Hoa nhé.", timeout=ANSWER_MS)
    zalo.write("Dạ mấy giờ ạ")
    group = OfficersGroup(page)
    expect(group.last).to_contain_text("Dạ mấy giờ ạ", timeout=ANSWER_MS)

    group.quote("Dạ mấy giờ ạ")
    group.ask("Tám giờ em nhé.", "Đã gửi cho bà con")
    own = group.messages.locator(".zmsg-user", has_text="Tám giờ em nhé.")
    expect(own.locator(".zquote")).to_contain_text("Dạ mấy giờ ạ")
    group.ask(f"#{found[1]} xong", "đã xong")
    zalo = ZaloPhone(page, "Anh Hùng")
    expect(zalo.messages).to_contain_text("Tám giờ em nhé.")
    expect(zalo.last).to_contain_text("Cán bộ đã trả lời xong", timeout=ANSWER_MS)


def test_the_free_bot_is_answered_by_numbers(page: Page) -> None:
    bot = BotPhone(page, "Cô Bảy")
    expect(page.locator("#zalo-title")).to_have_text("Bot xã Hoa Mai")
    bot.ask("khai sinh cho chau can giay gi", "Bà con nhắn số để chọn", "1. Xem đúng cho")
    assert bot.choices() == []
    bot.ask("1", "khai sinh cho ai?", "1. Trẻ em")
    bot.attach("Ảnh giấy tờ")
    expect(bot.messages.locator(".zkind-image")).to_have_count(1)
    expect(bot.last).to_contain_text("đã nhận ảnh", timeout=ANSWER_MS)


def test_an_answer_in_oa_manager_silences_the_bot(visitor: Visitor, page: Page) -> None:
    zalo = ZaloPhone(page, "Bác Tư")
    zalo.ask("khai tu can giay gi")
    page.get_by_test_id("manager-text").fill("Bác đến quầy số 2 nhé, cháu chờ bác.")
    page.get_by_test_id("manager-send").click()
    expect(page.locator("#manager-said")).to_have_text("Đã gửi cho Bác Tư.")
    expect(zalo.last).to_contain_text("Bác đến quầy số 2 nhé", timeout=ANSWER_MS)

    desk = _log_in(visitor, page)
    desk.get_by_test_id("list-item").filter(has_text="khai tu can giay gi").click()
    line = desk.get_by_test_id("conversation").locator(".bubble", has_text="Bác đến quầy số 2")
    expect(line).to_contain_text("Cán bộ (trong ứng dụng Zalo)")

    said = zalo.answers.count()
    zalo.write("le phi khai tu bao nhieu")
    expect(desk.get_by_test_id("conversation")).to_contain_text("le phi", timeout=ANSWER_MS)
    page.wait_for_timeout(1500)
    expect(zalo.answers).to_have_count(said)


def _log_in(visitor: Visitor, demo_page: Page) -> Page:
    desk = visitor.open("/console/login")
    for shown, field in (("officer-user", "username"), ("officer-password", "password")):
        desk.get_by_test_id(f"login-{field}").fill(demo_page.get_by_test_id(shown).inner_text())
    desk.get_by_test_id("login-submit").click()
    expect(desk.get_by_test_id("list-item").first).to_be_visible()
    return desk


def test_all_that_a_citizen_can_send_is_shown(page: Page) -> None:
    zalo = ZaloPhone(page, "Chị Lan")
    for label, kind, words in (
        ("Ảnh giấy tờ", "image", "Hình ảnh"),
        ("Ghi âm", "audio", "Tin nhắn thoại"),
        ("Vị trí", "location", "Nhà văn hoá thôn"),
        ("Tệp", "file", "to-khai.pdf"),
        ("Nhãn dán", "sticker", "Nhãn dán"),
    ):
        zalo.attach(label)
        sent = zalo.messages.locator(f".zmsg-user.zkind-{kind} .zbubble")
        expect(sent).to_have_count(1)
        expect(sent).to_contain_text(words)
        expect(sent).not_to_contain_text("[")


@pytest.fixture
def without_faults(page: Page) -> Iterator[Page]:
    """Whatever was switched on is off afterwards."""
    yield page
    off = {"duplicate_webhooks": 0, "drop_answers": 0, "reorder_webhooks": 0, "rate_limits": 0}
    page.request.post("/sim/zalo/faults", data=off)


def test_faults_are_switched_and_survived(without_faults: Page) -> None:
    page = without_faults
    page.get_by_test_id("faults").locator("summary").click()
    page.get_by_test_id("fault-duplicate_webhooks").check()
    page.get_by_test_id("fault-reorder_webhooks").check()
    page.get_by_test_id("fault-drop_answers").check()
    expect(page.locator("#faults-on")).to_be_visible()
    page.reload()
    expect(page.get_by_test_id("fault-drop_answers")).to_be_checked()

    zalo = ZaloPhone(page, "Anh Hùng")
    zalo.ask("le phi ket hon bao nhieu", "không mất tiền")
    said = zalo.answers.count()
    page.wait_for_timeout(4000)  # a lost answer is looked up after two seconds
    expect(zalo.answers).to_have_count(said)


def test_the_new_parts_fit_a_small_phone(phone_visitor: Visitor) -> None:
    page = phone_visitor.open_demo()
    for place in (BotPhone(page, "Cô Bảy"), OfficersGroup(page)):
        expect(place.page.locator("#zalo-hint")).to_be_visible()
        assert not is_too_wide(page)
    page.get_by_test_id("faults").locator("summary").tap()
    expect(page.get_by_test_id("revoke")).to_be_visible()
    assert not is_too_wide(page)
