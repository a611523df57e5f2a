"""A file of dossiers: tried, confirmed, applied; and taken up where it stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData

from bot.dossiers import importing, sheet
from bot.store import dossiers, uploads
from bot.store.uploads import Progress
from tests.console.conftest import HOME, Browser, World

PATH = "/console/dossiers/import"
FILE = "\n".join(
    [
        "Mã hồ sơ;Số điện thoại;Tên thủ tục;Trạng thái;Ngày chuyển trạng thái",
        "H56-0001;0912000101;Thủ tục đăng ký khai sinh;Đang xử lý;06/07/2026",
        "H56-0002;9.12E+08;Khai sinh;Đang xử lý;06/07/2026",
        "H56-0003;0912000103;Cấp phép xây dựng;Chờ ký số;06/07/2026",
        "H56-0004;0912000104;Khai sinh;Đã có kết quả;06/07/2026",
    ]
).encode("utf-8-sig")


async def give(
    lan: Browser, data: bytes = FILE, name: str = "ho-so.csv", **more: str
) -> ClientResponse:
    await lan.get(PATH)
    form = FormData({"csrf": lan.csrf, **more})
    form.add_field("file", data, filename=name, content_type="text/csv")
    response = await lan.client.post(PATH, data=form)
    await response.text()
    return response


async def codes(world: World) -> set[str]:
    async with world.store.read() as session:
        return {one.told.code for one in await dossiers.listing(session, HOME)}


async def settled() -> None:
    """All that was begun in the background is done."""
    from console import dossier_import

    for task in list(dossier_import._RUNNING):
        await task


async def test_a_file_is_tried_before_anything_is_written(world: World, lan: Browser) -> None:
    page = await (await give(lan)).text()
    assert '<span class="tally-number nums" data-testid="count-new">2</span>' in page
    assert '<span class="tally-number nums" data-testid="count-faulty">2</span>' in page
    assert "Ghi 2 hồ sơ, bỏ qua 2 dòng lỗi" in page
    for said in ("9.12E+08", "Excel đã đổi số điện thoại", "chưa biết trạng thái “Chờ ký số”"):
        assert said in page
    assert await codes(world) == set()


async def test_it_is_applied_when_confirmed_and_then_gone(world: World, lan: Browser) -> None:
    await give(lan, all_agreed="1")
    await lan.post(f"{PATH}/confirm")
    await settled()
    page = await (await lan.get(PATH)).text()
    assert "Đã ghi xong" in page
    assert 'data-testid="count-new">2</dd>' in page
    assert 'Lời nhắc đã xếp lịch</dt><dd class="nums">2</dd>' in page
    assert await codes(world) == {"H56-0001", "H56-0004"}
    async with world.store.read() as session:
        assert await uploads.get(session, HOME, 1) is None
    page = await (await give(lan, all_agreed="1")).text()
    assert "Không có gì mới để ghi." in page


async def test_a_file_that_was_confirmed_twice_is_applied_once(world: World, lan: Browser) -> None:
    await give(lan)
    await lan.post(f"{PATH}/confirm")
    again = await lan.post(f"{PATH}/confirm")
    assert again.status in (200, 409)
    await settled()
    assert await codes(world) == {"H56-0001", "H56-0004"}


async def test_what_stopped_halfway_is_told_and_goes_on(
    world: World, lan: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importing.apply

    async def broken(*args: Any, **more: Any) -> Any:
        raise OSError("the database went away")

    monkeypatch.setattr(importing, "apply", broken)
    await give(lan)
    await lan.post(f"{PATH}/confirm")
    await settled()
    page = await (await lan.get(PATH)).text()
    assert "Dừng giữa chừng" in page
    monkeypatch.setattr(importing, "apply", real)
    world.clock.advance(timedelta(minutes=2))
    await lan.post(f"{PATH}/confirm")
    await settled()
    assert "Đã ghi xong" in await (await lan.get(PATH)).text()
    assert len(await codes(world)) == 2


async def test_one_whose_process_died_is_not_waited_for(world: World, lan: Browser) -> None:
    await give(lan)
    dead = Progress("ho-so.csv", world.clock.now(), 4, 2, started=True, line=3)
    async with world.store.write() as session:
        await uploads.go_on(session, HOME, 1, dead)
    page = await (await lan.get(PATH)).text()
    assert 'http-equiv="refresh"' in page
    world.clock.advance(timedelta(minutes=2))
    page = await (await lan.get(PATH)).text()
    assert "Mới ghi đến dòng 3" in page
    assert 'http-equiv="refresh"' not in page


async def test_another_file_may_be_chosen_instead(world: World, lan: Browser) -> None:
    await give(lan)
    await lan.post(f"{PATH}/forget")
    response = await lan.post(f"{PATH}/confirm")
    assert response.status == 409
    assert await codes(world) == set()


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"", "", "chọn một tệp"),
        (b"PK\x03\x04", "a.xlsx", "CSV UTF-8"),
        (b"a,b\n1,2", "a.csv", "thiếu cột"),
        (b"x" * (sheet.MAX_BYTES + 1), "a.csv", "lớn quá 5 MB"),
    ],
)
async def test_a_file_that_cannot_be_read_says_what_to_do(
    lan: Browser, data: bytes, name: str, why: str
) -> None:
    response = await give(lan, data, name)
    assert response.status == 422
    assert why in await response.text()


async def test_what_is_far_too_large_is_refused(lan: Browser) -> None:
    response = await give(lan, b"x" * (7 * 2**20))
    assert response.status == 413


async def test_the_file_is_not_readable_in_the_database_and_goes_after_a_day(
    world: World, lan: Browser
) -> None:
    await give(lan)
    async with world.store.read() as session:
        from sqlalchemy import select

        from bot.store.models import Note

        values = list(await session.scalars(select(Note.value)))
    assert values
    assert not any("0912000101" in value or "H56" in value for value in values)
    async with world.store.write() as session:
        assert await uploads.drop_old(session, world.clock.now()) == 0
        later = world.clock.now() + uploads.LIFE + timedelta(minutes=1)
        assert await uploads.drop_old(session, later) == 2
        assert await uploads.get(session, HOME, 1) is None
