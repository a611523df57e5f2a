"""``hotro content``: what the tables, the comparison and the lists say."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock, local_date
from bot.commands import content, places
from bot.core import StartError
from bot.knowledge.check import check as check_content
from bot.knowledge.library import Library
from bot.knowledge.loader import load
from bot.settings import Settings
from tests.conftest import ROOT, SECRET
from tests.knowledge import mini
from tests.test_cli import hotro

FAQ = ROOT / "faq"
NOW, LATER = date(2026, 11, 22), date(2027, 3, 2)
"""Before and after the law on civil status of 2026 is in force."""
WAITING = mini.COMMON.replace("confidence: H", "confidence: M\n    confirm: muc_phi", 1)
PROVINCE = "id: tinh-thu\nname: tỉnh Thử\n"
SECOND = mini.COMMUNE.replace("xa-thu", "xa-hai").replace("xt-1", "xh-1")


def _settings(folder: Path, files: dict[str, str]) -> Settings:
    faq = mini.write(folder, files)
    return Settings(data_dir=folder / "var", secret_key=SECRET, faq_dir=faq)


# --- check --------------------------------------------------------------------------------


def _rows(table: str) -> dict[str, list[str]]:
    """The cells of the table's lines, by their first."""
    lines = table[table.index("thủ tục  ") :].splitlines()
    assert len({len(line) for line in lines}) == 1  # they stand below each other
    cells = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]
    return {first: rest for first, *rest in cells}


def test_check_counts_by_procedure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    longest = "Bản sao mỗi bản vài nghìn đồng." * 8
    files = mini.texts(common=WAITING.replace("Ban sao {value} dong.", longest))
    assert content.check(mini.write(tmp_path, files))
    out, err = capsys.readouterr()
    assert err == ""
    heads = ["dạng", "dữ kiện", "giấy tờ", "chờ xác nhận", "trường hợp", "SMS dài nhất"]
    # Asked whether it is late: yes, then who goes (three answers), no, unsure.
    assert _rows(out) == {
        "thủ tục": heads,
        "thu": ["1", "2", "1", "0", "5", str(len(longest))],
    }
    for line in ("thủ tục: 1", "dữ kiện: 3", "giấy tờ: 2", "xã: 1", "tỉnh: 0"):
        assert line in out.splitlines()
    assert "dữ kiện chờ cán bộ xác nhận: 1" in out


def test_check_tells_every_fault_and_how_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = mini.PROCEDURE.replace("keyword: TT", "keyword: tt").replace("desk: tu", "desk: x")
    faq = mini.write(tmp_path, mini.texts(procedure=broken))
    assert not content.check(faq)
    out, err = capsys.readouterr()
    *faults, last = err.splitlines()
    assert faults == [str(fault) for fault in check_content(faq).faults]
    line = mini.line_of(broken, "keyword: tt")
    assert any(one.startswith(f"faq/procedures/thu.yaml:{line}: ") for one in faults)
    assert last == f"Có {len(faults)} lỗi cần sửa."
    assert "thủ tục: 0" in out


def test_check_ends_with_one_where_something_is_wrong(tmp_path: Path) -> None:
    faq = mini.write(tmp_path, mini.texts())
    sound = hotro("content", "check", data=tmp_path, HOTRO_FAQ_DIR=str(faq))
    assert (sound.returncode, sound.stderr) == (0, "")
    assert "trường hợp" in sound.stdout
    (faq / "menu.yaml").write_text("first: [la]\ngroups: []\n", encoding="utf-8")
    wrong = hotro("content", "check", data=tmp_path, HOTRO_FAQ_DIR=str(faq))
    assert wrong.returncode == 1
    assert "faq/menu.yaml:1: không có thủ tục “la”" in wrong.stderr


# --- diff ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Library:
    return load(FAQ)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What changes in the shipped content with the new law."""
    folder = tmp_path_factory.mktemp("diff")
    settings = Settings(data_dir=folder, secret_key=SECRET, faq_dir=FAQ)
    done: str = asyncio.run(content.diff(settings, NOW, LATER, None))
    return done


def _sections(told: str) -> dict[str, list[str]]:
    """Heading -> lines."""
    _, *parts = told.split("\n\n== ")
    return {part.splitlines()[0]: part.splitlines()[1:] for part in parts}


def test_with_the_new_law_births_are_registered_elsewhere(told: str, shipped: Library) -> None:
    births = _sections(told)[shipped.procedures["khai_sinh"].name]
    assert births[0] == "noi_nop"
    gone = [line for line in births[1:4] if line.startswith("  - ")]
    come = [line for line in births[1:4] if line.startswith("  + ")]
    assert any("thường trú" in line for line in gone)
    assert any("Luật Hộ tịch mới" in line for line in come)
    (lapsed,) = [line for line in births if line.startswith("Không trả lời nữa")]
    assert "thoi_gian;" in lapsed
    assert " noi_nop;" not in lapsed


def test_with_the_new_law_certified_copies_do_not_lapse(told: str, shipped: Library) -> None:
    assert shipped.procedures["chung_thuc"].name not in _sections(told)


def test_the_changes_are_counted_and_belong_to_procedures(told: str, shipped: Library) -> None:
    first = told.splitlines()[0]
    assert first.startswith("Từ 22/11/2026 đến 02/03/2027: ")
    assert int(first.split(": ")[1].split()[0]) > 0
    names = [procedure.name for procedure in shipped.procedures.values()]
    assert [name for name in names if name in _sections(told)] == list(_sections(told))


OLD_AND_NEW = """\
LUAT:
  title: Luật thử
  holds_from: 2020-01-01
CU:
  title: Mức cũ
  holds_to: 2026-12-31
  holds_from: 2020-01-01
MOI:
  title: Mức mới
  holds_from: 2027-01-01
"""


LE_PHI = "le_phi: {facts: [fee], short: [fee]}"
TWO_FEES = """\
  fee:
    - long: Bản sao {value} đồng.
      short: Ban sao {value} dong.
      value: 8000
      sources: [CU]
    - long: Bản sao {value} đồng.
      short: Ban sao {value} dong.
      value: 9000
      sources: [MOI]
"""


def _with_two_fees() -> dict[str, str]:
    """The fee changes with the year, the other answers stay as they are."""
    start, papers = mini.COMMON.index("  fee:\n"), mini.COMMON.index("papers:\n")
    others = mini.PROCEDURE.replace(
        "{facts: [fee], short: [fee]}", "{facts: [late], short: [late]}"
    )
    return mini.texts(
        common=mini.COMMON[:start] + TWO_FEES + mini.COMMON[papers:],
        procedure=others.replace("le_phi: {facts: [late], short: [late]}", LE_PHI),
        sources=OLD_AND_NEW,
    )


async def test_lines_that_go_and_come_are_told(tmp_path: Path) -> None:
    settings = _settings(tmp_path, _with_two_fees())
    assert content.check(settings.faq_dir)
    assert (await content.diff(settings, date(2026, 12, 1), date(2027, 2, 1), "xa-thu")) == (
        "Từ 01/12/2026 đến 01/02/2027: 1 chỗ khác.\n"
        "\n"
        "== Thủ tục thử\n"
        "le_phi\n"
        "  - Bản sao 8.000 đồng.\n"
        "  + Bản sao 9.000 đồng."
    )


async def test_what_begins_and_what_ends_is_told_by_its_name(tmp_path: Path) -> None:
    files = _with_two_fees()
    files["sources.yaml"] = files["sources.yaml"].replace("2027-01-01", "2027-06-01")
    settings = _settings(tmp_path, files)
    lapse = await content.diff(settings, date(2026, 12, 1), date(2027, 2, 1), None)
    begin = await content.diff(settings, date(2027, 2, 1), date(2027, 7, 1), None)
    assert lapse.splitlines()[2:] == ["== Thủ tục thử", "Không trả lời nữa, chuyển cán bộ: le_phi"]
    assert begin.splitlines()[2:] == [
        "== Thủ tục thử",
        "Bắt đầu trả lời (trước đó chuyển cán bộ): le_phi",
    ]


async def test_where_nothing_changes_nothing_is_told(tmp_path: Path) -> None:
    settings = _settings(tmp_path, mini.texts())
    said = await content.diff(settings, mini.DAY, mini.DAY + timedelta(days=30), None)
    assert said == "Từ 22/11/2026 đến 22/12/2026: 0 chỗ khác."


async def test_what_a_commune_says_of_its_own_is_compared_there(tmp_path: Path) -> None:
    settings = _settings(tmp_path, mini.texts() | {"communes/xa-hai.yaml": SECOND})
    fee = "{long: 'Lệ phí {value} đồng.', short: Le phi., value: 3000, sources: [NQ]}"
    path = tmp_path / "own.yaml"
    path.write_text(
        f"{SECOND}sources:\n  NQ: {{title: Nghị quyết, holds_to: 2026-12-31, "
        f"holds_from: 2026-01-01}}\nfacts:\n  thu:\n    fee: {fee}\n",
        encoding="utf-8",
    )
    await places.bring_in(settings, "commune", path, "lan")
    days = (date(2026, 12, 1), date(2027, 2, 1))
    lapse = await content.diff(settings, *days, "xa-hai")
    assert lapse.splitlines()[2] == "== Thủ tục thử"
    assert "le_phi" in lapse
    assert "0 chỗ khác" in await content.diff(settings, *days, "xa-thu")


async def test_an_unknown_commune_is_one_line_with_the_known_ones(tmp_path: Path) -> None:
    settings = _settings(tmp_path, mini.texts())
    says = "không có xã la; các xã đang có: xa-thu"
    with pytest.raises(StartError, match=says):
        await content.diff(settings, NOW, LATER, "la")
    with pytest.raises(StartError, match=says):
        await content.todo(settings, "la")


# --- todo ---------------------------------------------------------------------------------


def _today() -> date:
    return local_date(SystemClock().now())


def _in(days: int) -> date:
    return _today() + timedelta(days=days)


def _checked(common: str, days_ago: int) -> str:
    return common.replace(f"checked_on: {mini.DAY}", f"checked_on: {_in(-days_ago)}")


async def test_open_things_are_listed_with_whom_to_ask_and_what_waits(tmp_path: Path) -> None:
    settings = _settings(tmp_path, mini.texts(common=_checked(WAITING, 10)))
    lines = (await content.todo(settings, None)).splitlines()
    assert lines == [
        "Điều cần xác nhận cho xã Thử:",
        "  [ ] muc_phi: Mức phí. Hỏi: Cán bộ tư pháp.",
        "        đang chờ: common.fee",
        "",
        "Sẽ thôi được trả lời trong 60 ngày tới:",
        "  không có",
    ]


async def test_what_waits_for_nothing_is_listed_too(tmp_path: Path) -> None:
    settings = _settings(tmp_path, mini.texts(common=_checked(mini.COMMON, 10)))
    lines = (await content.todo(settings, "xa-thu")).splitlines()
    assert lines[1:3] == ["  [ ] muc_phi: Mức phí. Hỏi: Cán bộ tư pháp.", ""]


@pytest.mark.parametrize("scope", ["commune", "province"])
async def test_confirmed_things_are_ticked_with_who_and_when(tmp_path: Path, scope: str) -> None:
    here = mini.COMMUNE.replace("province: tỉnh Thử", "province: tinh-thu")
    files = mini.texts(common=WAITING, commune=here)
    files |= {"provinces/tinh-thu.yaml": PROVINCE, "communes/xa-hai.yaml": SECOND}
    settings = _settings(tmp_path, files)
    place = "xa-thu" if scope == "commune" else "tinh-thu"
    day = date(2026, 11, 20)
    await places.confirm(settings, scope, place, "muc_phi", "Chị Hoa", day)  # type: ignore[arg-type]
    ticked = (await content.todo(settings, "xa-thu")).splitlines()
    assert ticked[1:3] == ["  [x] muc_phi: Mức phí (Chị Hoa, 20/11/2026)", ""]
    assert "[ ] muc_phi" in await content.todo(settings, "xa-hai")


async def test_what_ends_or_must_be_checked_again_soon_is_listed(tmp_path: Path) -> None:
    ends, again, just = _in(30), _in(40), _in(-20)
    sources = f"{mini.SOURCES}HET:\n  title: Sắp hết\n  holds_from: 2020-01-01\n"
    common = _checked(mini.COMMON, 100).replace("[LUAT Điều 1]", "[HET]", 1)
    procedure = mini.PROCEDURE.replace(
        "confidence: H", f"checked_on: {again}\n    recheck_days: 1", 1
    )
    # One day for the check of an item that was checked on the eve.
    procedure = procedure.replace(f"{again}", f"{again - timedelta(days=1)}")
    procedure = procedure.replace(
        "confidence: H", f"checked_on: {just - timedelta(days=30)}\n    recheck_days: 30", 1
    )
    files = mini.texts(sources=f"{sources}  holds_to: {ends}\n", common=common, procedure=procedure)
    lines = (await content.todo(_settings(tmp_path, files), None)).splitlines()
    at = lines.index("Sẽ thôi được trả lời trong 60 ngày tới:")
    assert sorted(lines[at + 1 :]) == sorted(
        [
            f"  {ends:%d/%m/%Y}  common.fee: hết hiệu lực",
            f"  {again:%d/%m/%Y}  thu.days: phải kiểm tra lại",
            f"  {just:%d/%m/%Y}  thu.late: phải kiểm tra lại",
        ]
    )


async def test_what_ends_later_or_ended_long_ago_is_not_listed(tmp_path: Path) -> None:
    gone, far = _in(-90), _in(90)
    sources = (
        f"{mini.SOURCES}HET:\n  title: Hết lâu\n  holds_from: 2020-01-01\n  holds_to: {gone}\n"
        f"XA:\n  title: Còn lâu\n  holds_from: 2020-01-01\n  holds_to: {far}\n"
    )
    common = _checked(mini.COMMON, 100).replace("[LUAT Điều 1]", "[HET]", 1)
    files = mini.texts(sources=sources, common=common.replace("[LUAT Điều 1]", "[XA]", 1))
    assert (await content.todo(_settings(tmp_path, files), None)).endswith(":\n  không có")


async def test_what_another_version_follows_does_not_end(tmp_path: Path) -> None:
    files = _with_two_fees()
    sources = files["sources.yaml"].replace("2026-12-31", f"{_in(30)}")
    files["sources.yaml"] = sources.replace("2027-01-01", f"{_in(31)}")
    files["common.yaml"] = _checked(files["common.yaml"], 10)
    assert (await content.todo(_settings(tmp_path, files), None)).endswith(":\n  không có")


async def test_what_another_commune_waits_for_is_not_listed_here(tmp_path: Path) -> None:
    fee = "{long: Phí., short: Phi., value: 1, sources: [LUAT], confirm: muc_phi}"
    other = f"{SECOND}facts:\n  thu:\n    fee: {fee}\n"
    files = mini.texts(common=_checked(mini.COMMON, 10)) | {"communes/xa-hai.yaml": other}
    settings = _settings(tmp_path, files)
    there = (await content.todo(settings, "xa-hai")).splitlines()
    assert "        đang chờ: xa-hai.thu.fee" in there
    here = (await content.todo(settings, "xa-thu")).splitlines()
    assert here[1:3] == ["  [ ] muc_phi: Mức phí. Hỏi: Cán bộ tư pháp.", ""]


async def test_what_ends_in_another_commune_is_not_listed_here(tmp_path: Path) -> None:
    fee = "{long: Phí., short: Phi., value: 1, sources: [NQ]}"
    source = f"sources:\n  NQ: {{title: Nghị quyết, holds_from: 2020-01-01, holds_to: {_in(30)}}}\n"
    layer = f"{source}facts:\n  thu:\n    fee: {fee}\n"
    common = _checked(mini.COMMON, 10)
    files = mini.texts(common=common, commune=mini.COMMUNE.replace("tỉnh Thử", "tinh-thu"))
    files |= {"provinces/tinh-thu.yaml": PROVINCE + layer, "communes/xa-hai.yaml": SECOND + layer}
    settings = _settings(tmp_path, files)
    for place, owner in (("xa-thu", "tinh-thu"), ("xa-hai", "xa-hai")):
        lines = (await content.todo(settings, place)).splitlines()
        at = lines.index("Sẽ thôi được trả lời trong 60 ngày tới:")
        assert lines[at + 1 :] == [f"  {_in(30):%d/%m/%Y}  {owner}.thu.fee: hết hiệu lực"]


# --- reading ------------------------------------------------------------------------------


def test_the_longest_sentences_are_told_with_their_places(tmp_path: Path) -> None:
    long = "Một hai ba bốn năm sáu bảy tám chín mười " * 2 + "mười một mười hai."
    procedure = mini.PROCEDURE.replace("Muộn vẫn được.", f"Muộn vẫn được. {long}")
    said = content.read_aloud(mini.write(tmp_path, mini.texts(procedure=procedure)), 2)
    first, *worst = said.splitlines()
    assert first.endswith("không quá 20 tiếng.")
    assert "dài nhất 24;" in first
    line = mini.line_of(procedure, "Muộn vẫn được.")
    assert worst[0] == f" 24  faq/procedures/thu.yaml:{line}: {long}"
    assert len(worst) == 2
    none = content.read_aloud(mini.write(tmp_path, mini.texts(procedure=procedure)), 0)
    assert none == first


def test_without_a_sentence_it_says_so(tmp_path: Path) -> None:
    assert content.read_aloud(tmp_path) == "Chưa có câu nào."


# --- schema -------------------------------------------------------------------------------


def test_the_schemas_are_those_that_are_shipped(tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    folder.mkdir()
    (folder / "menu.schema.json").write_text("{}", encoding="utf-8")
    said = content.write_schemas(tmp_path)
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert written == {path.name: path.read_bytes() for path in (FAQ / "schema").iterdir()}
    assert said == f"Đã ghi {len(written)} tệp vào {folder}."
