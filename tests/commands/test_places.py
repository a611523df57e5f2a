"""``hotro commune`` and ``hotro province``: tried on all content, then kept as versions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock, local_date
from bot.commands import places
from bot.core import Core, StartError, open_core
from bot.knowledge.library import Knowledge, Library
from bot.settings import Settings
from bot.store import content
from bot.store.content import Scope
from tests.conftest import SECRET
from tests.factories import NOON
from tests.knowledge import mini
from tests.test_cli import hotro

NEW = "xa-moi"
GIVEN: dict[str, str | None] = {
    "name": "xã Mới",
    "province": "tỉnh Thử",
    "address": "thôn Hai",
    "phone": "02001234567",
    "hours": "T2-T5 7:30-11:30 13h30-17h; CN 8:00-9:00",
    "office": None,
    "police_address": None,
    "police_phone": None,
    "police_hours": None,
}
FILE = f"""\
# Xã Mới, khai ngày 22/11
id: {NEW}
name: xã Mới
short: xa Moi
province: tinh-thu  # mã tỉnh
office: Trung tâm Mới
office_short: Trung tam Moi
address: thôn Hai
address_short: thon Hai
phone: "0200 000 0001"  # gọi giờ hành chính
# Giờ của bộ phận một cửa
hours:
  mon: [{{opens: "07:30", closes: "11:30"}}]
police:
  name: Công an xã Mới
  short: Cong an xa Moi
  address: thôn Ba
  address_short: thon Ba
  phone: "0200 000 0113"  # trực ban
  hours:
    mon: [{{opens: "07:30", closes: "11:30"}}]
"""
PROVINCE = "id: tinh-thu\nname: tỉnh Thử\n"
FEE = """\
sources:
  NQ: {title: Nghị quyết của tỉnh, holds_from: 2026-01-01}
facts:
  thu:
    fee:
      long: Lệ phí {value} đồng.
      short: Le phi {value} dong.
      value: 3000
      sources: [NQ Điều 2]
"""
"""Replaces, for one procedure, a fact that is shared."""
TO_CONFIRM = mini.COMMON.replace("confidence: H", "confidence: M\n    confirm: muc_phi", 1)
"""The shared fee waits for an officer's word."""


def _faq(folder: Path, **more: str) -> Path:
    files = mini.texts(common=TO_CONFIRM) | {"provinces/tinh-thu.yaml": PROVINCE}
    return mini.write(folder, files | more)


@pytest.fixture
def faq(tmp_path: Path) -> Path:
    return _faq(tmp_path)


@pytest.fixture
def settings(sqlite_url: str, tmp_path: Path, faq: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "var", database_url=sqlite_url, secret_key=SECRET, faq_dir=faq
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A sound file of a new commune."""
    return _write(tmp_path, FILE)


def _write(folder: Path, text: str) -> Path:
    path = folder / "xa.yaml"
    path.write_text(text, encoding="utf-8")
    return path


async def _library(settings: Settings) -> Library:
    async with open_core(settings) as core:
        return core.library()


async def _told(settings: Settings, commune: str) -> Knowledge:
    return (await _library(settings)).on(mini.DAY, commune)


async def _import(settings: Settings, text: str, scope: Scope = "commune") -> str:
    return await places.bring_in(settings, scope, _write(settings.faq_dir, text), "lan")


async def _set(settings: Settings, entry: str, value: str, place: str = NEW) -> str:
    return await places.set_value(settings, "commune", place, entry, value, "lan")


async def _show(settings: Settings, place: str = NEW) -> str:
    return await places.show(settings, "commune", place)


async def _numbers(settings: Settings, place: str = NEW) -> list[str]:
    """The numbers of the kept versions, the newest first."""
    lines = (await places.history(settings, "commune", place)).splitlines()
    return [line.split("\t")[0].removeprefix("bản ") for line in lines if "\t" in line]


# --- add, list, show ----------------------------------------------------------------------


async def test_a_commune_is_made_from_the_little_that_is_needed(settings: Settings) -> None:
    said = await places.add(settings, NEW, GIVEN, "lan")
    assert "Đã tạo xã xa-moi, bản 1" in said
    assert "hotro officer add --commune xa-moi" in said
    made = (await _library(settings)).communes[NEW]
    assert (made.name, made.province, made.address) == ("xã Mới", "tỉnh Thử", "thôn Hai")
    assert made.phone == "02001234567"
    assert made.office == "Trung tâm Phục vụ hành chính công xã Mới"
    assert list(made.hours) == ["mon", "tue", "wed", "thu", "sun"]
    opens = [(f"{p.opens:%H:%M}", f"{p.closes:%H:%M}") for p in made.hours["thu"]]
    assert opens == [("07:30", "11:30"), ("13:30", "17:00")]
    assert made.police is None


async def test_a_police_post_has_its_own_hours_or_those_of_the_centre(settings: Settings) -> None:
    police = {"police_address": "thôn Ba", "police_phone": "113"}
    await places.add(settings, "xa-mot", GIVEN | police, "lan")
    await places.add(settings, "xa-hai", GIVEN | police | {"police_hours": "T7 8h-9h"}, "lan")
    communes = (await _library(settings)).communes
    one, two = communes["xa-mot"].police, communes["xa-hai"].police
    assert one is not None
    assert two is not None
    assert (one.name, one.address, one.phone) == ("Công an xã Mới", "thôn Ba", "113")
    assert one.hours == communes["xa-mot"].hours
    assert list(two.hours) == ["sat"]


async def test_the_name_on_the_sign_may_be_given(settings: Settings) -> None:
    await places.add(settings, NEW, GIVEN | {"office": "Bộ phận Một cửa"}, "lan")
    made = (await _library(settings)).communes[NEW]
    assert (made.office, made.office_short) == ("Bộ phận Một cửa", "Bộ phận Một cửa")


@pytest.mark.parametrize(
    ("id_", "given", "says"),
    [
        ("Xa Moi", {}, "“id” viết không đúng dạng"),
        (NEW, {"hours": "sáng thứ Hai"}, "không hiểu “sáng thứ hai”; viết như: T2-T6"),
        (NEW, {"hours": "T2 7:30-11:30; T2-T3 13:30-17:00"}, "ngày bị lặp lại"),
        (NEW, {"hours": "T2 7:30-25:00"}, "“25:00” không phải giờ"),
        (NEW, {"hours": "T2 11:30-7:30"}, "giờ mở cửa mon không đúng thứ tự"),
        (NEW, {"hours": ""}, "chưa có giờ nào"),
        (NEW, {"address": ""}, "“address” không được để trống"),
        (NEW, {"phone": "gọi 🙂"}, "SMS không gửi được ký tự 🙂"),
        ("xa-thu", {}, r"đã có xã xa-thu \(sửa bằng: hotro commune set xa-thu"),
    ],
)
async def test_a_commune_that_is_not_right_is_not_made(
    settings: Settings, id_: str, given: dict[str, str], says: str
) -> None:
    with pytest.raises(StartError, match=says):
        await places.add(settings, id_, GIVEN | given, "lan")
    assert await _numbers(settings, id_) == []
    assert list((await _library(settings)).communes) == ["xa-thu"]


@pytest.mark.parametrize("half", ["police_address", "police_phone"])
async def test_of_the_police_address_and_telephone_are_needed(
    settings: Settings, half: str
) -> None:
    with pytest.raises(StartError, match="cần cả --police-address và --police-phone"):
        await places.add(settings, NEW, GIVEN | {half: "113"}, "lan")
    assert await _numbers(settings) == []


async def test_a_commune_is_made_once(settings: Settings) -> None:
    await places.add(settings, NEW, GIVEN, "lan")
    with pytest.raises(StartError, match="đã có xã xa-moi"):
        await places.add(settings, NEW, GIVEN | {"phone": "1"}, "lan")
    assert await _numbers(settings) == ["1"]


async def test_places_are_listed_with_where_they_come_from(settings: Settings) -> None:
    assert await places.listing(settings, "commune") == "xa-thu\txã Thử\tcó sẵn"
    assert await places.listing(settings, "province") == "tinh-thu\ttỉnh Thử\tcó sẵn"
    await places.add(settings, NEW, GIVEN, "lan")
    await _set(settings, "phone", "0911 000 000", "xa-thu")
    lines = (await places.listing(settings, "commune")).splitlines()
    assert lines == ["xa-moi\txã Mới\tđã sửa ở đây", "xa-thu\txã Thử\tđã sửa ở đây"]


async def test_where_there_is_none_the_list_says_so(settings: Settings) -> None:
    (settings.faq_dir / "provinces" / "tinh-thu.yaml").unlink()
    assert await places.listing(settings, "province") == "Chưa có tỉnh nào."


async def test_what_is_in_use_is_shown(settings: Settings, file: Path) -> None:
    assert await _show(settings, "xa-thu") == mini.COMMUNE.rstrip("\n")
    await places.bring_in(settings, "commune", file, "lan")
    assert await _show(settings) == FILE.rstrip("\n")
    assert await places.show(settings, "province", "tinh-thu") == PROVINCE.rstrip("\n")


async def test_a_place_that_is_not_there_is_one_line(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "out.yaml"
    attempts = [
        places.show(settings, "commune", "nowhere"),
        places.export(settings, "commune", "nowhere", out),
        places.set_value(settings, "commune", "nowhere", "phone", "1", "lan"),
        places.confirm(settings, "commune", "nowhere", "muc_phi", "lan", None),
        places.remove(settings, "commune", "nowhere", "lan"),
    ]
    for attempt in attempts:
        with pytest.raises(StartError) as caught:
            await attempt
        assert str(caught.value) == "không có xã nowhere (xem: hotro commune list)"
    with pytest.raises(StartError, match=r"không có tỉnh xa-thu \(xem: hotro province list"):
        await places.show(settings, "province", "xa-thu")
    for number in (0, 1):
        with pytest.raises(StartError, match=f"không có bản {number}"):
            await places.restore(settings, "commune", "nowhere", number, "lan")
    assert await places.history(settings, "commune", "nowhere") == "Chưa sửa lần nào ở đây."
    assert not out.exists()


# --- set ----------------------------------------------------------------------------------


async def test_one_entry_is_changed_and_comments_stay(settings: Settings, file: Path) -> None:
    await places.bring_in(settings, "commune", file, "lan")
    said = await _set(settings, "police.phone", "0200 000 0114")
    assert said == "Đã sửa police.phone của xã xa-moi, bản 2."
    await _set(settings, "phone", "0200 000 0002")
    await _set(settings, "hours", "T3 8:00-9:00")
    shown = await _show(settings)
    for comment in (
        "# Xã Mới, khai ngày 22/11", "# mã tỉnh", "# gọi giờ hành chính",
        "# Giờ của bộ phận một cửa", "# trực ban",
    ):  # fmt: skip
        assert comment in shown
    made = (await _library(settings)).communes[NEW]
    assert made.phone == "0200 000 0002"
    assert list(made.hours) == ["tue"]
    assert made.police is not None
    assert (made.police.phone, list(made.police.hours)) == ("0200 000 0114", ["mon"])
    assert made.police.name == "Công an xã Mới"


async def test_a_comment_below_what_is_replaced_goes_with_it(settings: Settings) -> None:
    """Accepted: to the library that writes the file, it is a part of the value above it."""
    hours = '  mon:\n    - opens: "07:30"\n      closes: "11:30"\n'
    text = FILE.replace('  mon: [{opens: "07:30", closes: "11:30"}]\n', hours, 1)
    await _import(settings, text.replace("police:", "# Công an\npolice:"))
    await _set(settings, "hours", "T3 8:00-9:00")
    lines = (await _show(settings)).splitlines()
    assert "# Công an" not in lines
    comments = [line.partition("#")[2] for line in FILE.splitlines() if "#" in line]
    assert [line.partition("#")[2] for line in lines if "#" in line] == comments
    assert list((await _library(settings)).communes[NEW].hours) == ["tue"]


async def test_hours_are_written_in_short_also_those_of_the_police(
    settings: Settings, file: Path
) -> None:
    await places.bring_in(settings, "commune", file, "lan")
    await _set(settings, "police.hours", "T7 7:30-11:30 13:30-15:00")
    made = (await _library(settings)).communes[NEW]
    assert list(made.hours) == ["mon"]
    assert made.police is not None
    assert [f"{p.closes:%H:%M}" for p in made.police.hours["sat"]] == ["11:30", "15:00"]
    with pytest.raises(StartError, match="không hiểu “cả ngày”"):
        await _set(settings, "police.hours", "cả ngày")
    assert await _numbers(settings) == ["2", "1"]


async def test_a_list_is_written_in_brackets_a_group_in_braces(
    settings: Settings, file: Path
) -> None:
    await places.bring_in(settings, "commune", file, "lan")
    await _set(settings, "old_names", "[xã Song Phượng, thị trấn Phùng]")
    await _set(settings, "people", "[{role: Cán bộ tư pháp, name: chị Mẫu}]")
    await _set(settings, "holidays", "{days_off: [{day: 2026-12-24, why: hội làng}]}")
    made = (await _library(settings)).communes[NEW]
    assert made.old_names == ("xã Song Phượng", "thị trấn Phùng")
    assert [person.name for person in made.people] == ["chị Mẫu"]
    assert [one.day for one in made.holidays.days_off] == [date(2026, 12, 24)]


@pytest.mark.parametrize("value", ["0911", "1900", "+84900000113", "true", "1e3", "2026-11-22"])
async def test_all_else_is_text(settings: Settings, file: Path, value: str) -> None:
    await places.bring_in(settings, "commune", file, "lan")
    await _set(settings, "phone", value)
    assert (await _library(settings)).communes[NEW].phone == value
    await _set(settings, "address", "thôn Bốn")  # written once more
    assert (await _library(settings)).communes[NEW].phone == value


@pytest.mark.parametrize("value", ["0911222333", "1900"])
async def test_a_telephone_number_without_quotes_is_text_too(
    settings: Settings, value: str
) -> None:
    await _import(settings, FILE.replace('"0200 000 0001"', "02001234567"))
    await _set(settings, "phone", value)
    assert (await _library(settings)).communes[NEW].phone == value


async def test_the_number_of_a_fact_stays_a_number(settings: Settings) -> None:
    await _import(settings, FILE + FEE)
    await _set(settings, "facts.thu.fee.value", "3500")
    assert (await _told(settings, NEW)).fact("thu", "fee").value == 3500
    for wrong in ("nhiều", "-5", "3.500"):
        with pytest.raises(StartError, match="“fee” phải có value giống kiểu"):
            await _set(settings, "facts.thu.fee.value", wrong)


async def test_a_text_may_begin_with_a_place_for_a_value(settings: Settings) -> None:
    await _import(settings, FILE + FEE)
    await _set(settings, "facts.thu.fee.long", "{value} đồng mỗi lần.")
    fee = (await _told(settings, NEW)).fact("thu", "fee")
    assert (fee.long, fee.value) == ("{value} đồng mỗi lần.", 3000)


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(
    settings: Settings, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await places.bring_in(settings, "commune", file, "lan")
    tried = places._keep

    async def later(core: Core, *change: Any) -> int:
        async with core.store.write() as session:
            await content.put(session, "commune", NEW, FILE, "minh", NOON)
        return await tried(core, *change)

    monkeypatch.setattr(places, "_keep", later)
    for attempt in (
        _set(settings, "phone", "0911"),
        places.confirm(settings, "commune", NEW, "muc_phi", "Chị Hoa", None),
        places.remove(settings, "commune", NEW, "lan"),
    ):
        with pytest.raises(StartError, match="vừa có người khác sửa; xem lại rồi làm lần nữa"):
            await attempt
    assert await _numbers(settings) == ["4", "3", "2", "1"]  # those of the other
    assert await _show(settings) == FILE.rstrip("\n")


async def test_a_shipped_file_is_not_written_to(settings: Settings) -> None:
    await _set(settings, "phone", "0911 000 000", "xa-thu")
    assert "0911 000 000" in await _show(settings, "xa-thu")
    path = settings.faq_dir / "communes" / "xa-thu.yaml"
    assert path.read_text(encoding="utf-8") == mini.COMMUNE


@pytest.mark.parametrize(
    ("entry", "value", "says"),
    [
        ("phone.home", "1", "không có mục phone.home"),
        ("boards.0.place", "1", "“boards” phải là một danh sách"),
        ("phonee", "1", "faq/communes/xa-moi.yaml:.*“phonee” không có trong mẫu"),
        ("police.fax", "1", "faq/communes/xa-moi.yaml:.*“fax” không có trong mẫu"),
        ("phone", "", "faq/communes/xa-moi.yaml:10: “phone” không được để trống"),
        ("id", "xa-khac", "faq/communes/xa-moi.yaml:2: id “xa-khac” phải giống tên tệp “xa-moi”"),
        ("old_names", "[a, b", "không đọc được YAML"),
        ("holidays", "{days_off: [{day: 2026-02-30, why: lễ}]}", "không đọc được YAML: day is out"),
        ("boards", "[{code: xt-1, place: Chợ}]", "mã bảng “xt-1” đã có ở"),
        ("boards", "[{code: xm-1, place: Chợ, procedure: la}]", "không có thủ tục “la”"),
    ],
)
async def test_a_value_that_is_not_right_is_refused(
    settings: Settings, file: Path, entry: str, value: str, says: str
) -> None:
    await places.bring_in(settings, "commune", file, "lan")
    with pytest.raises(StartError, match=says):
        await _set(settings, entry, value)
    assert await _numbers(settings) == ["1"]
    assert await _show(settings) == FILE.rstrip("\n")


# --- import, export -----------------------------------------------------------------------


async def test_what_was_exported_is_imported_word_for_word(
    settings: Settings, file: Path, tmp_path: Path
) -> None:
    assert await places.bring_in(settings, "commune", file, "lan") == "Đã ghi xã xa-moi, bản 1."
    await _set(settings, "old_names", "[xã Cũ]")
    before = await _show(settings)
    out = tmp_path / "out.yaml"
    assert await places.export(settings, "commune", NEW, out) == f"Đã ghi {out}."
    await places.remove(settings, "commune", NEW, "lan")
    assert await places.bring_in(settings, "commune", out, "lan") == "Đã ghi xã xa-moi, bản 4."
    assert await _show(settings) == before
    assert "# gọi giờ hành chính" in before


async def test_a_shipped_file_is_exported_as_it_is(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "out.yaml"
    await places.export(settings, "commune", "xa-thu", out)
    assert out.read_text(encoding="utf-8") == mini.COMMUNE
    with pytest.raises(StartError, match="không ghi được"):
        await places.export(settings, "commune", "xa-thu", tmp_path / "no" / "out.yaml")


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("phone:", "phonee:", "phonee:", "mục “phonee” không có trong mẫu"),
        ("phone:", "phonee:", f"id: {NEW}", "thiếu mục “phone”"),
        ('"07:30"', "bảy giờ", "mon:", "“opens” phải là giờ dạng 07:30"),
        ('"07:30"', '"12:30"', "mon:", "giờ mở cửa mon không đúng thứ tự"),
    ],
)
async def test_a_bad_file_is_refused_with_file_line_and_reason(
    settings: Settings, old: str, new: str, at: str, says: str
) -> None:
    # The comment above everything is no value: a whole file's faults stand at its first one.
    text = FILE.replace(old, new, 1)
    with pytest.raises(StartError) as caught:
        await _import(settings, text)
    said = str(caught.value).splitlines()
    assert said[0].startswith("chưa ghi, vì có ")
    line = mini.line_of(text, at)
    wanted = f"faq/communes/xa-moi.yaml:{line}: "
    assert any(one.startswith(wanted) and says in one for one in said[1:]), said
    assert await _numbers(settings) == []
    assert NEW not in (await _library(settings)).communes


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("xa Moi", "&ten xa Moi", "short: &ten", "không dùng neo"),
        ("xa Moi", "!!str xa Moi", "short: !!str", "không dùng thẻ"),
        ("office:", "name:", "name: Trung", "mục “name” bị lặp lại"),
        ("thôn Hai", "[thôn Hai", "address_short", "không đọc được YAML: "),
        ("thôn Hai", "\0", "id:", "không đọc được YAML: "),
        ("police:", "---\nid: x\npolice:", "id:", "mỗi tệp chỉ có một tài liệu YAML"),
    ],
)
async def test_what_is_no_yaml_of_ours_is_refused_with_the_name_of_the_file_and_line(
    settings: Settings, old: str, new: str, at: str, says: str
) -> None:
    text = FILE.replace(old, new, 1)
    line = 1 if "\0" in text or "---" in text else mini.line_of(text, at)
    with pytest.raises(StartError) as caught:
        await _import(settings, text)
    first, told = str(caught.value).splitlines()
    assert first == "chưa ghi:"
    assert told.startswith(f"{settings.faq_dir / 'xa.yaml'}:{line}: ")
    assert says in told
    assert await _numbers(settings) == []


async def test_a_day_that_does_not_exist_is_refused_with_its_line(settings: Settings) -> None:
    text = FILE + "holidays:\n  days_off:\n    - {day: 2026-02-30, why: lễ}\n"
    with pytest.raises(StartError, match=r"faq/communes/xa-moi\.yaml:24: “day” phải là ngày"):
        await _import(settings, text)


@pytest.mark.parametrize("text", ["{}", "- a\n", "name: xã Mới\n", "id: 7\n", "chữ\n"])
async def test_a_file_without_an_id_is_refused(settings: Settings, text: str) -> None:
    with pytest.raises(StartError, match="thiếu mục id"):
        await _import(settings, text)


async def test_an_empty_file_is_refused(settings: Settings) -> None:
    for text in ("", "# chưa khai\n"):
        with pytest.raises(StartError, match=r"xa\.yaml:1: tệp trống"):
            await _import(settings, text)


async def test_a_file_that_cannot_be_read_is_one_line(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="không đọc được"):
        await places.bring_in(settings, "commune", tmp_path / "gone.yaml", "lan")
    (tmp_path / "latin.yaml").write_bytes(b"id: \xff\xfe")
    with pytest.raises(StartError, match="không đọc được"):
        await places.bring_in(settings, "commune", tmp_path / "latin.yaml", "lan")


async def test_many_faults_are_counted_and_ten_are_told(settings: Settings) -> None:
    wrong = "".join(f"sai{n}: x\n" for n in range(15))
    with pytest.raises(StartError) as caught:
        await _import(settings, FILE + wrong)
    first, *told = str(caught.value).splitlines()
    assert first == "chưa ghi, vì có 15 lỗi:"
    assert len(told) == places.SHOWN_FAULTS


async def test_a_commune_is_no_province(settings: Settings) -> None:
    with pytest.raises(StartError, match=r"faq/provinces/xa-moi\.yaml:"):
        await _import(settings, FILE, "province")
    said = await _import(settings, PROVINCE.replace("tỉnh Thử", "tỉnh Khác"), "province")
    assert said == "Đã ghi tỉnh tinh-thu, bản 1."
    listed = await places.listing(settings, "province")
    assert listed == "tinh-thu\ttỉnh Khác\tđã sửa ở đây"


async def test_faults_that_were_there_before_do_not_stand_in_the_way(settings: Settings) -> None:
    path = settings.faq_dir / "sources.yaml"
    path.write_text(mini.SOURCES + "THUA:\n  title: Không ai dẫn\n", encoding="utf-8")
    await places.add(settings, NEW, GIVEN, "lan")
    assert await _numbers(settings) == ["1"]


# --- facts that are replaced --------------------------------------------------------------


async def test_a_commune_replaces_a_fact_for_its_own_citizens(settings: Settings) -> None:
    await _import(settings, FILE + FEE)
    here, there = await _told(settings, NEW), await _told(settings, "xa-thu")
    assert (here.fact("thu", "fee").value, here.fact(None, "fee").value) == (3000, 8000)
    assert there.fact("thu", "fee").value == 8000


async def test_a_province_does_so_for_all_its_communes_and_they_may_differ(
    settings: Settings,
) -> None:
    await _import(settings, PROVINCE + FEE, "province")
    await _import(settings, FILE)
    assert (await _told(settings, NEW)).fact("thu", "fee").value == 3000
    assert (await _told(settings, "xa-thu")).fact("thu", "fee").value == 8000
    await _import(settings, FILE + FEE.replace("3000", "2000"))
    assert (await _told(settings, NEW)).fact("thu", "fee").value == 2000


@pytest.mark.parametrize(
    ("old", "new", "at", "says"),
    [
        ("    fee:\n", "    fee_x:\n", "    fee_x:", "không có dữ kiện “fee_x” để thay"),
        ("  thu:\n", "  thuu:\n", "  thuu:", "không có thủ tục “thuu”"),
        ("[NQ ", "[NQX ", "[NQX ", "nguồn “NQX” không có"),
        ("{value} đồng", "{so_tien} đồng", "{so_tien}", "chỗ trống “{so_tien}”"),
        ("Lệ phí {value}", f"Lệ {'phí ' * 40}{{value}}", "long:", "câu dài"),
        ("      sources", "      confirm: la\n      sources", "confirm:", "không có “la”"),
        ("      sources", "      confidence: M\n      sources", "confidence:", "mục confirm"),
    ],
)
async def test_a_fact_that_is_not_right_is_refused(
    settings: Settings, old: str, new: str, at: str, says: str
) -> None:
    text = FILE + FEE.replace(old, new, 1)
    with pytest.raises(StartError) as caught:
        await _import(settings, text)
    wanted = f"faq/communes/xa-moi.yaml:{mini.line_of(text, at)}: "
    said = str(caught.value).splitlines()
    assert any(one.startswith(wanted) and says in one for one in said), said
    assert await _numbers(settings) == []


async def test_a_fact_that_makes_an_sms_too_long_is_refused(settings: Settings) -> None:
    await _import(settings, FILE)
    with pytest.raises(StartError) as caught:
        await _import(settings, FILE + FEE.replace("Le phi", "Le phi rat dai " * 30))
    # It is the answer that gets too long, of which the fact is a part.
    line = mini.line_of(mini.PROCEDURE, "  le_phi:")
    assert f"faq/procedures/thu.yaml:{line}: SMS ở xã Mới ngày " in str(caught.value)
    assert "(nhiều nhất 290)" in str(caught.value)
    assert await _numbers(settings) == ["1"]
    assert await _show(settings) == FILE.rstrip("\n")


async def test_an_address_that_makes_an_sms_too_long_is_refused(
    settings: Settings, file: Path
) -> None:
    short = mini.PROCEDURE.replace("tai {commune.office}", "tai {commune.address}")
    assert short != mini.PROCEDURE
    (settings.faq_dir / "procedures" / "thu.yaml").write_text(short, encoding="utf-8")
    await places.bring_in(settings, "commune", file, "lan")
    with pytest.raises(StartError, match=r"SMS ở xã Mới ngày .* ký tự"):
        await _set(settings, "address_short", "thôn " * 80)
    assert await _numbers(settings) == ["1"]


@pytest.mark.parametrize(
    ("fee", "at", "says"),
    [
        (FEE.replace("{value} dong", "{nope.value} dong"), "short: Le", "“{nope.value}” không có"),
        (
            FEE.replace("    fee:", "    days:")
            .replace("      value: 3000\n", "")
            .replace("{value} ", ""),
            "    days:",
            "“days” phải có value giống kiểu dữ kiện được thay",
        ),
        (
            FEE.replace("    fee:", "    days:").replace("value: 3000", "value: nhiều"),
            "    days:",
            "“days” phải có value giống kiểu dữ kiện được thay",
        ),
        (FEE.replace("Le phi", "Le [phi]"), "short: Le", "SMS không gửi được ký tự [ ]"),
    ],
    ids=["unknown number", "number lost", "number is no number", "no character of an SMS"],
)
async def test_a_replacement_is_checked_like_what_it_replaces(
    settings: Settings, fee: str, at: str, says: str
) -> None:
    with pytest.raises(StartError) as caught:
        await _import(settings, FILE + fee)
    wanted = f"faq/communes/xa-moi.yaml:{mini.line_of(FILE + fee, at)}: "
    said = str(caught.value).splitlines()
    assert any(one.startswith(wanted) and says in one for one in said), said
    assert await _numbers(settings) == []


async def test_a_fact_may_be_checked_later_than_all_others(settings: Settings) -> None:
    await _import(settings, f"checked_on: 2028-01-10\nchecked_by: Chị Lan\n{FILE}{FEE}")
    told = (await _library(settings)).on(date(2028, 1, 11), NEW)
    assert told.fact("thu", "fee").value == 3000
    assert told.find_fact(None, "fee") is None  # the national one nobody looked at again


# --- history, restore, remove -------------------------------------------------------------


async def test_the_history_tells_number_day_and_who(settings: Settings) -> None:
    before = local_date(SystemClock().now())
    await places.add(settings, NEW, GIVEN, "Chị Lan")
    await places.set_value(settings, "commune", NEW, "phone", "1", "anh Minh")
    await places.remove(settings, "commune", NEW, "Chị Lan")
    after = local_date(SystemClock().now())
    told = await places.history(settings, "commune", NEW)
    lines = [line.split("\t") for line in told.splitlines()]
    assert [(number, *rest) for number, _, *rest in lines] == [
        ("bản 3", "Chị Lan", "đã bỏ"),
        ("bản 2", "anh Minh"),
        ("bản 1", "Chị Lan"),
    ]
    days = {f"{day:%d/%m/%Y}" for day in (before, after)}
    assert {at.split()[0] for _, at, *_ in lines} <= days


async def test_an_earlier_version_becomes_the_newest(settings: Settings, file: Path) -> None:
    await places.bring_in(settings, "commune", file, "lan")
    await _set(settings, "phone", "0911")
    said = await places.restore(settings, "commune", NEW, 1, "minh")
    assert said == "Đã lấy lại bản 1, nay là bản 3."
    assert await _show(settings) == FILE.rstrip("\n")
    await places.restore(settings, "commune", NEW, 2, "minh")
    assert (await _library(settings)).communes[NEW].phone == "0911"
    assert await _numbers(settings) == ["4", "3", "2", "1"]


async def test_a_version_that_is_not_there_cannot_be_brought_back(settings: Settings) -> None:
    await places.add(settings, NEW, GIVEN, "lan")
    await places.remove(settings, "commune", NEW, "lan")
    for number in (0, 2, 3, -1):  # 2 says that it was removed
        with pytest.raises(StartError, match=rf"không có bản {number} \(xem: hotro commune hist"):
            await places.restore(settings, "commune", NEW, number, "lan")
    assert await _numbers(settings) == ["2", "1"]


async def test_a_version_that_fits_no_more_is_not_brought_back(settings: Settings) -> None:
    await _import(settings, FILE + FEE)
    await _import(settings, FILE)
    for name in ("procedures/thu.yaml", "common.yaml"):
        path = settings.faq_dir / name
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("fee", "cost"), encoding="utf-8")
    with pytest.raises(StartError, match="không có dữ kiện “fee” để thay"):
        await places.restore(settings, "commune", NEW, 1, "lan")
    assert await _numbers(settings) == ["2", "1"]


async def test_a_place_is_taken_away_and_its_versions_stay(settings: Settings) -> None:
    await _set(settings, "phone", "0911", "xa-thu")
    await places.add(settings, NEW, GIVEN, "lan")
    for place in ("xa-thu", NEW):
        said = await places.remove(settings, "commune", place, "lan")
        assert said == f"Đã bỏ xã {place} (lấy lại bằng: hotro commune restore {place} BẢN)."
        with pytest.raises(StartError, match=f"không có xã {place}"):
            await _show(settings, place)
        with pytest.raises(StartError, match=f"không có xã {place}"):  # once is enough
            await places.remove(settings, "commune", place, "lan")
        assert await _numbers(settings, place) == ["2", "1"]
    assert await places.listing(settings, "commune") == "Chưa có xã nào."
    for place in ("xa-thu", NEW):
        await places.restore(settings, "commune", place, 1, "lan")
    assert {c.id: c.phone for c in (await _library(settings)).communes.values()} == {
        NEW: "02001234567",
        "xa-thu": "0911",
    }


async def test_a_shipped_place_is_taken_away_although_nobody_changed_it(settings: Settings) -> None:
    await places.remove(settings, "commune", "xa-thu", "lan")
    assert list((await _library(settings)).communes) == []
    assert await _numbers(settings, "xa-thu") == ["1"]
    assert (settings.faq_dir / "communes" / "xa-thu.yaml").exists()
    await places.remove(settings, "province", "tinh-thu", "lan")
    assert await places.listing(settings, "province") == "Chưa có tỉnh nào."


async def test_version_nought_is_the_shipped_file(settings: Settings) -> None:
    await _set(settings, "phone", "0911", "xa-thu")
    said = await places.restore(settings, "commune", "xa-thu", 0, "lan")
    assert said == "Đã lấy lại bản 0, nay là bản 2."
    assert await _show(settings, "xa-thu") == mini.COMMUNE.rstrip("\n")
    await places.remove(settings, "commune", "xa-thu", "lan")
    await places.restore(settings, "commune", "xa-thu", 0, "lan")
    assert await _show(settings, "xa-thu") == mini.COMMUNE.rstrip("\n")
    assert await _numbers(settings, "xa-thu") == ["4", "3", "2", "1"]


async def test_a_place_that_was_taken_away_may_be_made_anew(settings: Settings) -> None:
    await places.add(settings, NEW, GIVEN, "lan")
    await places.remove(settings, "commune", NEW, "lan")
    said = await places.add(settings, NEW, GIVEN | {"phone": "0911"}, "lan")
    assert "Đã tạo xã xa-moi, bản 3" in said
    assert (await _library(settings)).communes[NEW].phone == "0911"


async def test_a_removal_is_tried_on_all_content(settings: Settings) -> None:
    """Without the province's fee its communes tell the national one, which is too long."""
    path = settings.faq_dir / "communes" / "xa-thu.yaml"
    path.write_text(mini.COMMUNE.replace("tỉnh Thử", "tinh-thu"), encoding="utf-8")
    path = settings.faq_dir / "common.yaml"
    path.write_text(TO_CONFIRM.replace("Ban sao", "Ban sao giay to " * 20), encoding="utf-8")
    path = settings.faq_dir / "provinces" / "tinh-thu.yaml"
    path.write_text(PROVINCE + FEE, encoding="utf-8")
    with pytest.raises(StartError, match=r"SMS ở xã Thử ngày .* ký tự"):
        await places.remove(settings, "province", "tinh-thu", "lan")
    assert await places.history(settings, "province", "tinh-thu") == "Chưa sửa lần nào ở đây."
    assert (await _told(settings, "xa-thu")).fact("thu", "fee").value == 3000


async def test_a_shipped_file_that_does_not_go_with_the_others_is_not_brought_back(
    settings: Settings,
) -> None:
    await _import(settings, mini.COMMUNE.split("boards:")[0])
    await _import(settings, FILE + "boards:\n  - {code: xt-1, place: Chợ}\n")
    with pytest.raises(StartError, match="mã bảng “xt-1” đã có ở xa-moi"):
        await places.restore(settings, "commune", "xa-thu", 0, "lan")
    assert await _numbers(settings, "xa-thu") == ["1"]
    await places.remove(settings, "commune", "xa-thu", "lan")
    with pytest.raises(StartError, match="mã bảng “xt-1” đã có ở xa-moi"):
        await places.restore(settings, "commune", "xa-thu", 0, "lan")
    assert list((await _library(settings)).communes) == [NEW]


# --- confirm ------------------------------------------------------------------------------


async def test_what_is_confirmed_is_noted_with_who_and_when(settings: Settings, file: Path) -> None:
    await places.bring_in(settings, "commune", file, "lan")
    day = date(2026, 11, 20)
    said = await places.confirm(settings, "commune", NEW, "MUC_Phi", "Chị Hoa", day)
    assert said == "Đã ghi: Mức phí (Chị Hoa, 20/11/2026). xã xa-moi, bản 2."
    noted = (await _library(settings)).communes[NEW].confirmed
    assert [(name, one.by, one.on) for name, one in noted.items()] == [("muc_phi", "Chị Hoa", day)]
    assert "Chị Hoa" in await places.history(settings, "commune", NEW)
    assert (await _told(settings, NEW)).fact(None, "fee").confirm is None
    assert (await _told(settings, "xa-thu")).fact(None, "fee").confirm == "muc_phi"
    assert "# gọi giờ hành chính" in await _show(settings)


async def test_without_a_day_it_is_confirmed_today(settings: Settings) -> None:
    before = local_date(SystemClock().now())
    await places.confirm(settings, "commune", "xa-thu", "muc_phi", "Chị Hoa", None)
    after = local_date(SystemClock().now())
    (noted,) = (await _library(settings)).communes["xa-thu"].confirmed.values()
    assert noted.on in (before, after)


async def test_confirmed_again_the_later_word_counts(settings: Settings) -> None:
    for who in ("Chị Hoa", "Anh Minh"):
        await places.confirm(settings, "commune", "xa-thu", "muc_phi", who, mini.DAY)
    noted = (await _library(settings)).communes["xa-thu"].confirmed
    assert [one.by for one in noted.values()] == ["Anh Minh"]
    assert await _numbers(settings, "xa-thu") == ["2", "1"]


async def test_a_province_confirms_for_all_its_communes(settings: Settings, file: Path) -> None:
    await places.bring_in(settings, "commune", file, "lan")
    said = await places.confirm(settings, "province", "tinh-thu", "muc_phi", "Sở", mini.DAY)
    assert "tỉnh tinh-thu, bản 1" in said
    assert (await _told(settings, NEW)).fact(None, "fee").confirm is None
    assert (await _told(settings, "xa-thu")).fact(None, "fee").confirm == "muc_phi"
    assert await _numbers(settings) == ["1"]


async def test_what_nobody_asked_for_cannot_be_confirmed(settings: Settings) -> None:
    with pytest.raises(StartError, match=r"không có “u99” \(xem: hotro content todo\)"):
        await places.confirm(settings, "commune", "xa-thu", "u99", "Chị Hoa", mini.DAY)
    with pytest.raises(StartError, match="“by” không được để trống"):
        await places.confirm(settings, "commune", "xa-thu", "muc_phi", "", mini.DAY)
    assert await _numbers(settings, "xa-thu") == []


# --- the installation ---------------------------------------------------------------------


async def test_two_installations_do_not_see_each_other(
    settings: Settings, faq: Path, tmp_path: Path
) -> None:
    other = Settings(data_dir=tmp_path / "other", secret_key=SECRET, faq_dir=faq)
    await places.add(settings, NEW, GIVEN, "lan")
    assert await places.listing(other, "commune") == "xa-thu\txã Thử\tcó sẵn"
    assert await places.history(other, "commune", NEW) == "Chưa sửa lần nào ở đây."
    await places.add(other, NEW, GIVEN | {"phone": "2"}, "minh")
    assert (await _library(settings)).communes[NEW].phone == "02001234567"
    assert (await _library(other)).communes[NEW].phone == "2"
    await places.remove(settings, "commune", NEW, "lan")
    assert NEW in (await _library(other)).communes


def test_the_commands_say_what_they_did_and_what_is_wrong(faq: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        done = hotro(*arguments, data=tmp_path, HOTRO_FAQ_DIR=str(faq))
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    given = ("--name", "xã Mới", "--province", "tinh-thu", "--address", "thôn Hai")
    hours = ("--phone", "0200 1", "--hours", "T2-T6 7:30-11:30 13:30-17:00; T7 7:30-11:30")
    code, out, err = run("commune", "add", NEW, *given, *hours, "--by", "Chị Lan")
    assert (code, err) == (0, "")
    assert "bản 1" in out
    code, out, err = run("commune", "set", NEW, "phonee", "0911")
    assert (code, out) == (1, "")
    assert "faq/communes/xa-moi.yaml:" in err
    assert "Chị Lan" in run("commune", "history", NEW)[1]
    confirm = ("content", "confirm", "MUC_PHI", "--by", "Sở", "--on", "2026-11-20")
    for where in ((), ("--commune", NEW, "--province", "tinh-thu")):
        code, _, err = run(*confirm, *where)
        assert code == 1
        assert "--commune hoặc --province" in err
    said = run(*confirm, "--province", "tinh-thu")
    assert said == (0, "Đã ghi: Mức phí (Sở, 20/11/2026). tỉnh tinh-thu, bản 1.\n", "")
