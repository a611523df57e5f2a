"""``hotro dossier``: entered, shown, brought in, written out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.commands import dossiers as commands
from bot.core import StartError
from bot.settings import Settings
from bot.store.engine import Store
from tests.conftest import ROOT, SECRET
from tests.factories import HOME, House

CODE = "H56.12-260706-0001"
FILE = """\
Mã hồ sơ;Số điện thoại;Thủ tục;Trạng thái
H56-0001;0912000101;Thủ tục đăng ký khai sinh;Đang xử lý
H56-0002;0912;Khai sinh;Đang xử lý
"""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "var",
        database_url=database_url,
        secret_key=SECRET,
        faq_dir=ROOT / "faq",
    )


async def change(settings: Settings, code: str = CODE, by: str | None = None, **given: str) -> str:
    return await commands.change(settings, HOME, code, given, by, False)


async def test_a_dossier_is_entered_changed_and_shown(settings: Settings, store: Store) -> None:
    await House(store).officer()
    assert "Đã ghi" in await change(settings, procedure="khai_sinh", phone="0912000101")
    far = await change(settings, by="lan", appointment_at="8:30 5/12/2099")
    assert "2 lời nhắc" in far
    assert "Không có gì đổi" in await change(settings, appointment_at="8:30 5/12/2099")
    shown = await commands.show(settings, HOME, "h56 12 260706 0001")
    assert "Lịch hẹn: 08:30 05/12/2099" in shown
    assert "Số điện thoại: 0912000101" in shown
    assert "Đồng ý nhận tin: có" in shown
    assert "nhắc hen" in shown
    assert CODE in await commands.listing(settings, HOME, None, 10)
    assert CODE not in await commands.listing(settings, HOME, "ready", 10)
    assert "2 lời nhắc của 1 hồ sơ" in await commands.replan(settings, HOME)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"phone": "0243123456"}, "máy bàn"), ({"state": "xong"}, "trạng thái"),
        ({"procedure": "xay_nha"}, "thủ tục"), ({"due_on": "31/2/2026"}, "không có ngày"),
        ({"appointment_at": "5/12/2026"}, "giờ hẹn"),
    ],
)  # fmt: skip
async def test_what_is_not_right_is_told(
    settings: Settings, given: dict[str, str], why: str
) -> None:
    with pytest.raises(StartError, match=why):
        await change(settings, **given)


async def test_a_consent_needs_an_officer_of_the_commune(settings: Settings) -> None:
    with pytest.raises(StartError, match="không có cán bộ ai"):
        await change(settings, by="ai", phone="0912000101")
    with pytest.raises(StartError, match="không có xã"):
        await commands.listing(settings, "xa-la", None, 10)
    with pytest.raises(StartError, match="không có hồ sơ"):
        await commands.show(settings, HOME, CODE)


async def test_a_file_is_tried_then_brought_in(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "ho-so.csv"
    file.write_text(FILE, encoding="utf-8")
    tried = await commands.bring_in(settings, HOME, file, None, True)
    assert not tried.sound
    assert "dòng 3, cột Số điện thoại: số điện thoại có 4 chữ số" in tried.text
    assert "Sẽ ghi: 1 mới" in tried.text
    assert "Chưa có hồ sơ" in await commands.listing(settings, HOME, None, 10)
    done = await commands.bring_in(settings, HOME, file, None, False)
    assert "Đã ghi: 1 mới, 0 thay đổi; giữ nguyên 0, cũ hơn 0, dòng lỗi 1." in done.text
    again = await commands.bring_in(settings, HOME, file, None, False)
    assert "Đã ghi: 0 mới, 0 thay đổi; giữ nguyên 1" in again.text


async def test_what_is_written_out_can_be_brought_in_again(
    settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    states = ("received", "processing", "need_papers", "ready", "returned", "closed")
    for n, state in enumerate(states):
        await change(settings, f"H56-{n:04}", state=state, procedure="khai_sinh",
                     phone="0912000101", appointment_at="8:30 5/12/2099",
                     missing="=Giấy chứng sinh")  # fmt: skip
    assert f"{len(states)} hồ sơ" in await commands.export(settings, HOME, out)
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    assert ",=" not in out.read_text(encoding="utf-8-sig")
    back = await commands.bring_in(settings, HOME, out, None, False)
    assert back.sound, back.text
    assert "Đã ghi: 0 mới, 0 thay đổi; giữ nguyên 6" in back.text


def test_the_command_line_says_what_it_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTRO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HOTRO_SECRET_KEY", SECRET)
    file = tmp_path / "ho-so.csv"
    file.write_text(FILE, encoding="utf-8")
    run = CliRunner().invoke
    done = run(main, ["dossier", "import", str(file), "--commune", HOME])
    assert (done.exit_code, "1 mới" in done.output) == (1, True), done.output
    done = run(main, ["dossier", "list", "--commune", HOME])
    assert (done.exit_code, "H56-0001\tprocessing" in done.output) == (0, True), done.output
    done = run(main, ["dossier", "set", "H56-0001", "--commune", HOME, "--due", "x"])
    assert (done.exit_code, "ngày/tháng/năm" in done.output) == (1, True)
