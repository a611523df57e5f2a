"""Files of the provincial system: every way they come, and every fault by its line."""

from __future__ import annotations

import contextlib
import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dossiers import sheet
from bot.dossiers.sheet import Reader, Sheet
from bot.knowledge.dossier_words import DossierWords
from bot.tables import TableError
from tests.factories import HOME, library

TODAY = date(2026, 7, 6)
HEADER = ["STT", "Mã hồ sơ", "Tên thủ tục", "Số điện thoại", "Trạng thái", "Ngày tiếp nhận",
          "Ngày hẹn trả", "Chủ hồ sơ"]  # fmt: skip
ROW = ["1", "H56.12-260706-0001", "Thủ tục đăng ký khai sinh", "0912345678", "Đang xử lý",
       "06/07/2026 08:15:00", "07/07/2026 17:00:00", "Nguyễn Thị Mẫu"]  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.of(library().on(TODAY, HOME))


def table(*rows: list[str], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def read(reader: Reader, *rows: list[str], **more: Any) -> Sheet:
    return sheet.read(table(HEADER, *rows, **more).encode(), reader)


def changed(**cells: str) -> list[str]:
    """The row, with other cells under these columns."""
    names = {"code": 1, "procedure": 2, "phone": 3, "state": 4, "received": 5, "due": 6}
    row = list(ROW)
    for name, value in cells.items():
        row[names[name]] = value
    return row


def test_a_line_is_read(reader: Reader) -> None:
    found = read(reader, ROW)
    (line,) = found.lines
    assert (line.line, line.code, line.state) == (2, "H56.12-260706-0001", "processing")
    assert line.given == {
        "phone": "+84912345678",
        "procedure": "khai_sinh",
        "received_on": date(2026, 7, 6),
        "due_on": date(2026, 7, 7),
    }
    assert found.faults == ()
    assert found.ignored == ("STT", "Chủ hồ sơ")  # names are not taken


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_delimiter_and_encoding_reads_the_same(
    reader: Reader, delimiter: str, encoding: str
) -> None:
    found = sheet.read(table(HEADER, ROW, delimiter=delimiter).encode(encoding), reader)
    assert found.lines == read(reader, ROW).lines


def test_an_old_excel_writes_letters_as_a_base_and_a_mark(reader: Reader) -> None:
    text = "M\u00e3 hô\u0300 sơ;Tra\u0323ng tha\u0301i\nH56-1;Đa\u0303 có kết quả\n"
    with_marks = text.replace("ế", "ê\u0301").replace("ả", "a\u0309").replace("ã", "a\u0303")
    found = sheet.read(with_marks.encode("cp1258"), reader)
    assert [(line.code, line.state) for line in found.lines] == [("H56-1", "ready")]


@pytest.mark.parametrize(
    "header",
    [
        ["ma ho so", "trang thai"], ["MÃ HỒ SƠ", "TÌNH TRẠNG HỒ SƠ"], ["Số hồ sơ", "Tình trạng"],
        ["code", "state"], ["Mã số biên nhận", "Trạng thái xử lý"],
    ],
)  # fmt: skip
def test_columns_are_known_by_their_usual_names(reader: Reader, header: list[str]) -> None:
    found = sheet.read(table(header, ["H56-1", "Đã có kết quả"]).encode(), reader)
    assert [(line.code, line.state) for line in found.lines] == [("H56-1", "ready")]


def test_a_title_above_and_numbers_below_the_names_of_columns_are_skipped(reader: Reader) -> None:
    text = table(
        ["SỔ THEO DÕI HỒ SƠ"], ["Từ 1/7/2026 đến 6/7/2026"], [], HEADER,
        [f"({n})" for n in range(1, 9)], ROW, [],
    )  # fmt: skip
    found = sheet.read(text.encode(), reader)
    assert [line.line for line in found.lines] == [6]
    assert found.faults == ()


def test_lines_are_counted_as_an_editor_does_also_behind_a_cell_of_several_lines(
    reader: Reader,
) -> None:
    text = table(HEADER, [*ROW[:7], "hai\ndòng"], changed(code="H56-0002", phone="0912"))
    found = sheet.read(text.encode(), reader)
    assert [line.line for line in found.lines] == [2]
    assert [fault.line for fault in found.faults] == [4]


def test_a_line_with_faults_is_not_taken_and_each_fault_has_its_place(reader: Reader) -> None:
    found = read(reader, changed(phone="9.12E+08", due="31/02/2026", state="Chờ ký số"))
    assert found.lines == ()
    assert found.faulty == 1
    assert [(f.line, f.column, f.value) for f in found.faults] == [
        (2, "Ngày hẹn trả", "31/02/2026"),
        (2, "Số điện thoại", "9.12E+08"),
        (2, "Trạng thái", "Chờ ký số"),
    ]
    assert all(fault.reason for fault in found.faults)


def test_a_short_line_lacks_its_state(reader: Reader) -> None:
    (fault,) = sheet.read(b"ma ho so,trang thai\nH56-0001\n", reader).faults
    assert (fault.line, fault.column, fault.reason) == (2, "trang thai", "thiếu mục này")


def test_a_code_that_stands_there_twice_is_a_fault_unless_the_lines_are_the_same(
    reader: Reader,
) -> None:
    assert len(read(reader, ROW, ROW).lines) == 1
    found = read(reader, ROW, changed(code="h56.12 260706 0001", state="Đã trả kết quả"))
    assert [line.line for line in found.lines] == [2]
    (fault,) = found.faults
    assert (fault.line, "dòng 2" in fault.reason) == (3, True)


def test_an_unknown_procedure_is_no_fault(reader: Reader) -> None:
    (line,) = read(reader, changed(procedure="Cấp giấy phép xây dựng")).lines
    assert (line.given.get("procedure"), line.foreign) == (None, "Cấp giấy phép xây dựng")


@pytest.mark.parametrize(
    "said",
    ["1.004873", "1.004873 - Cấp giấy", "Giấy xác nhận tình trạng hôn nhân",
     "THU TUC CAP GIAY XAC NHAN TINH TRANG HON NHAN"],
)  # fmt: skip
def test_a_procedure_is_known_by_its_code_and_its_names(reader: Reader, said: str) -> None:
    (line,) = read(reader, changed(procedure=said)).lines
    assert line.given["procedure"] == "tinh_trang_hon_nhan"


@pytest.mark.parametrize(
    ("said", "is_yes"), [("x", True), ("Có", True), ("không", False), ("", None)]
)
def test_a_consent_is_what_the_column_says(reader: Reader, said: str, is_yes: bool | None) -> None:
    text = table(["Mã hồ sơ", "Trạng thái", "Đồng ý nhận tin"], ["H56-0001", "Đang xử lý", said])
    (line,) = sheet.read(text.encode(), reader).lines
    assert line.consent is is_yes


def test_an_appointment_is_read_with_its_hour(reader: Reader) -> None:
    text = table(["Mã hồ sơ", "Trạng thái", "Lịch hẹn"], ["H56-1", "Đang xử lý", "8:30 9/7/2026"])
    (line,) = sheet.read(text.encode(), reader).lines
    assert line.given["appointment_at"] == datetime(2026, 7, 9, 1, 30, tzinfo=UTC)


def test_a_province_or_commune_adds_its_own_names_and_may_overrule() -> None:
    own = DossierWords(states={"ready": ("Chờ ký số", "Hoàn thành")}, columns={"code": ("Mã HS",)})
    words = library().dossier_words.under([own])
    reader = Reader(words, {})
    text = table(["Mã HS", "Trạng thái"], ["H56-1", "Chờ ký số"], ["H56-2", "hoàn thành"],
                 ["H56-3", "Đã trả kết quả"])  # fmt: skip
    assert [line.state for line in sheet.read(text.encode(), reader).lines] == [
        "ready", "ready", "returned",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "rỗng"),
        (b"PK\x03\x04rest", "CSV UTF-8"),
        (b"ma ho so,trang thai\n\xd2\x00", "UTF-8"),
        (b"a,b\n1,2\n", "thiếu cột"),
        ("Mã hồ sơ,Chủ hồ sơ\nH56-1,A".encode(), "Trạng thái|trạng thái"),
        ("Mã hồ sơ,Trạng thái\n".encode(), "không có hồ sơ nào"),
        (b"ma ho so,trang thai\n" + b"a" * 200_000, "dòng 2"),
        (b"x" * (sheet.MAX_BYTES + 1), "lớn quá"),
        (b"ma ho so,trang thai\n" + b"".join(b"H56-%d,x\n" % n for n in range(20_001)), "20,000"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_says_what_to_do(reader: Reader, data: bytes, why: str) -> None:
    with pytest.raises(TableError, match=why):
        sheet.read(data, reader)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    reader = Reader(library().dossier_words, {})
    with contextlib.suppress(TableError):
        sheet.read(data, reader)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
rows = st.lists(st.lists(texts, min_size=8, max_size=8), min_size=1, max_size=6)


@given(rows, st.sampled_from([",", ";", "\t"]))
def test_every_line_is_taken_or_told(cells: list[list[str]], delimiter: str) -> None:
    """Whatever stands in the cells: no line is lost without a word."""
    reader = Reader.of(library().on(TODAY, HOME))
    text = table(HEADER, ROW, *cells, delimiter=delimiter)
    found = sheet.read(text.encode(), reader)
    assert found.lines[0].code == ROW[1]
    filled = [row for row in cells if any(cell.strip() for cell in row)]
    same = len(filled) + 1 - len(found.lines) - found.faulty
    assert 0 <= same <= len(filled)
    if not same:
        assert len(found.lines) + found.faulty == len(filled) + 1


@given(
    st.lists(
        st.tuples(
            st.integers(0, 999_999),
            st.sampled_from(["Đang xử lý", "đã có kết quả", "CHO BO SUNG", "Đã trả"]),
            st.integers(0, 9_999_999).map(lambda n: f"091{n:07d}"),
        ),
        min_size=1, max_size=20, unique_by=lambda one: one[0],
    )
)  # fmt: skip
def test_what_is_written_well_is_read_as_it_was_written(given_rows: list[Any]) -> None:
    reader = Reader(library().dossier_words, {})
    lines = [[f"H56-{n:06d}", state, phone] for n, state, phone in given_rows]
    text = table(["Mã hồ sơ", "Trạng thái", "SĐT"], *lines, delimiter=";")
    found = sheet.read(text.encode("utf-8-sig"), reader)
    assert found.faults == ()
    assert [(one.code, one.given["phone"]) for one in found.lines] == [
        (code, f"+84{phone[1:]}") for code, _, phone in lines
    ]
