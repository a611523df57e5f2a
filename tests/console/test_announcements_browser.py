"""Announcements in a real browser: the price and the phone follow the typing."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.console.conftest import World
from tests.console.test_browser import page  # noqa: F401 - a fixture
from tests.factories import House
from tests.notices import Hall

pytestmark = pytest.mark.browser


async def test_price_and_phone_follow_what_is_typed(world: World, page: Page) -> None:  # noqa: F811
    hall = Hall(House(world.store, clock=world.clock))
    await hall.people(4, village="ben")
    await hall.people(2, village="dinh")
    await page.goto("/console/announcements/new")
    cost = page.get_by_test_id("cost")
    await expect(cost).to_contain_text("6 người")
    await page.get_by_label("Tiêu đề").fill("Họp thôn")
    await page.get_by_label(re.compile("Nội dung đầy đủ")).fill("Mời bà con họp 19h.")
    await page.get_by_role("button", name="Lấy từ nội dung").click()
    await expect(page.get_by_label(re.compile("Tin SMS"))).to_have_value(
        "Họp thôn: Mời bà con họp 19h."
    )
    screen = page.get_by_test_id("sms-screen").first
    await expect(screen).to_contain_text("UBND xa Hoa Mai:")
    await expect(screen).to_contain_text("nhan TC)")
    await page.get_by_label(re.compile("Tin SMS")).fill("Rất dài. " * 25)
    await expect(cost).to_contain_text("6 người × 2 tin = 12 tin")
    await page.get_by_label(re.compile("Thôn Đình")).check()
    await expect(page.get_by_test_id("whom-villages")).to_be_checked()
    await expect(cost).to_contain_text("2 người × 2 tin = 4 tin")
    await page.get_by_label("Bắt đầu gửi lúc").fill("2026-07-06T15:00")
    await expect(page.get_by_label("Bắt đầu từ")).to_be_checked()
    await page.get_by_test_id("announcement-save").click()
    await expect(page.get_by_test_id("whom")).to_have_text("Thôn Đình")
    await expect(page.get_by_text("15:00 thứ Hai 6/7/2026")).to_be_visible()
    await page.get_by_test_id("submit").dblclick()
    await expect(page.get_by_test_id("state")).to_have_text("Chờ duyệt")


@pytest.mark.parametrize("size", [(1280, 720), (360, 740)])
async def test_nothing_is_wider_than_the_screen(
    world: World,
    page: Page,  # noqa: F811
    size: tuple[int, int],
) -> None:
    hall = Hall(House(world.store, clock=world.clock))
    await hall.people(1, village="ben")
    made = await hall.approved(title="một_từ_rất_dài" * 8, text="một_từ_rất_dài" * 40)
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    one = f"/announcements/{made}"
    paths = ("/announcements", "/announcements/new", "/announcements/new?ready=bao", one)
    for path in (*paths, f"{one}/report", f"/announcements/new?copy={made}", "/subscribers"):
        await page.goto(f"/console{path}")
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= size[0], path
