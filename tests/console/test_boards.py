"""Notice boards in the console."""

from __future__ import annotations

from datetime import timedelta

import pytest
import zxingcpp

from bot.store import boards
from tests.console.conftest import HOME, NEIGHBOUR, Browser, World


async def _boards(world: World) -> list[boards.BoardCount]:
    async with world.store.read() as session:
        return await boards.listing(session, HOME, world.clock.now())


async def test_no_boards_yet(lan: Browser) -> None:
    assert "Xã chưa có bảng nào." in await (await lan.get("/console/boards")).text()


async def test_adding_a_board(world: World, lan: Browser) -> None:
    response = await lan.post(
        "/console/boards", place="  Nhà văn hoá   thôn 2 ", procedure="khai_sinh", code="NVH-2"
    )
    html = await response.text()
    assert "Đã thêm bảng" in html
    assert "Nhà văn hoá thôn 2" in html
    assert "Đăng ký khai sinh" in html
    (count,) = await _boards(world)
    assert (count.board.code, count.board.place) == ("nvh-2", "Nhà văn hoá thôn 2")


async def test_codes_of_our_own_making(world: World, lan: Browser) -> None:
    for place in ("Chợ Đầu Mối xã Hoa Mai, cổng phía đông", "Chợ Đầu Mối", "🙂", "ạ"):
        response = await lan.post("/console/boards", place=place, procedure="", code="")
        assert response.status == 200
    codes = [count.board.code for count in await _boards(world)]
    assert len(set(codes)) == 4
    assert any(code.startswith("cho-dau-moi") for code in codes)
    for code in codes:
        assert (await lan.get(f"/console/boards/{code}")).status == 200


@pytest.mark.parametrize(
    ("place", "procedure", "code", "message"),
    [
        ("", "", "", "ghi giúp nơi đặt bảng"),
        ("\x00 ", "", "", "ghi giúp nơi đặt bảng"),
        ("x" * 201, "", "", "quá 200 ký tự"),
        ("Chợ <b>", "bay_len_troi", "", "Không có thủ tục này"),
        ("Chợ <b>", "ket_hon", "mã có dấu", "chữ thường không dấu"),
        ("Chợ <b>", "ket_hon", "a", "2-32 ký tự"),
        ("Chợ <b>", "ket_hon", "../x", "chữ thường không dấu"),
        ("Chợ <b>", "ket_hon", "co-roi", "Mã này đã có bảng khác dùng"),
    ],
)
async def test_bad_boards_are_told_and_the_form_is_kept(
    world: World, lan: Browser, place: str, procedure: str, code: str, message: str
) -> None:
    async with world.store.write() as session:
        await boards.add(session, "co-roi", NEIGHBOUR, "Nơi khác", None, world.clock.now())
    response = await lan.post("/console/boards", place=place, procedure=procedure, code=code)
    html = await response.text()
    assert response.status == 422
    assert message in html
    if place.startswith("Chợ"):
        assert 'value="Chợ &lt;b&gt;"' in html
    if procedure == "ket_hon":
        assert 'value="ket_hon" selected' in html
        assert f'value="{code}"' in html
    assert await _boards(world) == []


async def test_scans_are_counted(world: World, lan: Browser) -> None:
    now = world.clock.now()
    async with world.store.write() as session:
        await boards.add(session, "nvh-2", HOME, "Nhà văn hoá", None, now - timedelta(days=90))
        for days in (40, 31, 3, 2):
            await boards.scan(session, "nvh-2", now - timedelta(days=days))
    html = await (await lan.get("/console/boards")).text()
    assert "<strong>2</strong> lượt quét trong 30 ngày" in html
    assert "tất cả 4" in html
    assert "gần nhất 2 ngày trước" in html
    assert "Mọi thủ tục" in html


async def test_the_qr_code_leads_to_the_board(world: World, lan: Browser) -> None:
    await lan.post("/console/boards", place="Chợ", procedure="", code="cho-xa")
    response = await lan.get("/console/boards/cho-xa.svg")
    assert response.content_type == "image/svg+xml"
    assert _decoded(await response.read()) == "https://hotro.example.vn/q/cho-xa"


def _decoded(svg: bytes) -> str:
    """What a phone reads: the modules of the one path, painted and decoded."""
    import re

    import numpy as np

    text = svg.decode()
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', text)
    assert box
    size = int(box[1])
    dark = next(p for p in re.findall(r"<path[^>]*/>", text) if 'stroke="#000"' in p)
    image = np.full((size, size), 255, np.uint8)
    x = y = 0.0
    for op, args in re.findall(r"([Mmh])([-\d. ]+)", re.search(r' d="([^"]+)"', dark)[1]):  # type: ignore[index]
        numbers = [float(n) for n in args.split()]
        if op == "M":
            x, y = numbers
        elif op == "m":
            x, y = x + numbers[0], y + numbers[1]
        else:
            image[int(y), int(x) : int(x + numbers[0])] = 0
            x += numbers[0]
    found = zxingcpp.read_barcodes(np.kron(image, np.ones((8, 8), np.uint8)))
    return str(found[0].text)


async def test_the_printed_page(world: World, lan: Browser) -> None:
    await lan.post("/console/boards", place="Chợ", procedure="khai_sinh", code="cho-xa")
    html = await (await lan.get("/console/boards/cho-xa")).text()
    for words in (
        "xã Hoa Mai",
        "Hỏi về đăng ký khai sinh",
        "https://hotro.example.vn/q/cho-xa",
        "<strong>KS</strong> gửi",
        "0912 345 678",
        "024 3333 4444",
        'src="/console/boards/cho-xa.svg"',
    ):
        assert words in html


async def test_the_printed_page_of_a_commune_without_information(
    world: World, open_browser: object
) -> None:
    hai: Browser = await open_browser("hai")  # type: ignore[operator]
    await hai.post("/console/boards", place="Chợ", procedure="", code="cho-xa")
    html = await (await hai.get("/console/boards/cho-xa")).text()
    assert "Nhắn tin SMS" not in html
    assert "Hỏi về thủ tục" in html
