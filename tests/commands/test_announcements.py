"""``hotro announce``: the same rules without a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.store import officers
from tests.factories import HOME, ROOT

Run = Callable[..., Result]
LIST = (
    "số điện thoại;thôn;ngày đồng ý\n0912 345 678;thôn Bến;5/6/2026\n"
    "0912345679;xóm lạ;5/6/2026\n0912345680;;5/6/2026\n"
)
READY = ("--ready", "hop", "-o", "thon=thôn Bến", "-o", "luc=19h30", "-o", "noi=nhà văn hoá")
GATEWAY = f"""
[sms.{HOME}]
name = "sim"
url = "http://127.0.0.1:1/send"
own_number = "+84900000113"
secret = "0123456789abcdef"
price = 350
per_hour = 60
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on an installation with a gateway and two officers."""
    from argon2 import PasswordHasher

    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(officers, "_HASHER", quick)
    (tmp_path / "hotro.toml").write_text(GATEWAY, encoding="utf-8")
    monkeypatch.setenv("HOTRO_CONFIG", str(tmp_path / "hotro.toml"))
    monkeypatch.setenv("HOTRO_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.chdir(ROOT)

    def invoke(*words: str, fails: bool = False, typed: str | None = None) -> Result:
        said = CliRunner().invoke(main, words, input=typed)
        assert (said.exit_code != 0) == fails, said.output
        return said

    for name in ("lan", "minh"):
        invoke(
            *("officer", "add", name, "--name", name.title()),
            *("--commune", HOME, "--password", "matkhau12345"),
        )
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    return invoke


@pytest.fixture
def people(run: Run, tmp_path: Path) -> str:
    """Two people from a paper list; the list's file."""
    file = str(tmp_path / "list.csv")
    run("announce", "import", file, *_by("lan"), "--write")
    return file


def _by(name: str) -> tuple[str, ...]:
    return ("--commune", HOME, "--by", name)


def test_a_paper_list_is_tried_before_it_is_written(run: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "list.csv")
    tried = run("announce", "import", file, *_by("lan")).output
    assert "Dòng 3: không rõ “xóm lạ”" in tried
    assert "2 người mới, 0 người đã có, 1 dòng không dùng được." in tried
    assert "Chưa ghi gì" in tried
    assert "Đã ghi 2 người." in run("announce", "import", file, *_by("lan"), "--write").output
    assert "0 người mới, 2 người đã có" in run("announce", "import", file, *_by("lan")).output


@pytest.mark.usefixtures("people")
def test_from_the_draft_to_the_report(run: Run) -> None:
    made = run("announce", "new", *_by("lan"), *READY, "-o", "viec=làm đường").output
    assert "Đã lưu bản nháp số 1." in made
    assert "Tới 2 người: 0 qua Zalo, 2 qua SMS" in made
    assert "đồng" not in made
    run("announce", "submit", "1", *_by("lan"))
    own = run("announce", "approve", "1", *_by("lan"), "--yes", fails=True).output
    assert "không tự duyệt được" in own
    unsure = run("announce", "approve", "1", *_by("minh"), typed="n\n", fails=True).output
    assert "UBND xa Hoa Mai: Moi ba con thon Ben hop" in unsure
    assert "Gửi tới 2 người, nhiều nhất 700 đ?" in unsure
    run("announce", "approve", "1", *_by("minh"), typed="y\n")
    assert "Thông báo 1 đang tạm dừng." in run("announce", "pause", "1", *_by("lan")).output
    assert "đang gửi" in run("announce", "resume", "1", *_by("lan")).output
    assert re.search(r"1\tđã được duyệt và đang gửi\tHọp thôn Bến", _list(run))
    shown = run("announce", "show", "1", "--commune", HOME).output
    assert re.findall(r"(?:Lan|Minh): (.+)", shown) == [
        "soạn", "trình duyệt", "duyệt", "tạm dừng", "cho gửi tiếp",
    ]  # fmt: skip
    run("announce", "cancel", "1", *_by("lan"), "--yes")
    report = run("announce", "report", "1", "--commune", HOME).output
    assert "Thông báo 1 đã huỷ" in report
    assert "SMS: 0 tin, 0 đ" in report


def _list(run: Run) -> str:
    said: str = run("announce", "list", "--commune", HOME).output
    return said


@pytest.mark.usefixtures("people")
def test_what_is_missing_is_said_at_once(run: Run) -> None:
    made = run("announce", "new", *_by("lan"), "--title", "Họp", "--village", "ben").output
    assert "! Anh/chị chưa viết nội dung." in made
    refused = run("announce", "submit", "1", *_by("lan"), fails=True).output
    assert "chưa viết nội dung" in refused


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("new", "--commune", HOME, "--by", "nobody"), "không có cán bộ nobody"),
        (("new", "--commune", "xa-la", "--by", "lan"), "hệ thống chưa có xã này"),
        (("new", *_by("lan"), "--village", "thôn Trời"), "không rõ thôn “thôn Trời”"),
        (("new", *_by("lan"), "--ready", "x"), "không có mẫu x; có: bao"),
        (("new", *_by("lan"), "-o", "x"), "ghi -o CHỖ=LỜI"),
        (("show", "7", "--commune", HOME), "không có thông báo này"),
        (("pause", "7", *_by("lan")), "không có thông báo này"),
    ],
)
def test_faults_are_one_line(run: Run, words: tuple[str, ...], says: str) -> None:
    said = run("announce", *words, fails=True)
    assert says in said.output
    assert "Traceback" not in said.output
