"""CSV files as Excel and others write them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tables import MOST_ROWS, Row, TableError, cell, read_table

TEXT = "Số điện thoại;Thôn;Ngày đồng ý\n0912 000 101;thôn Bến;5/11/2026\n\n0912000202;;\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_however_it_was_saved(encoding: str, delimiter: str, end: str) -> None:
    raw = TEXT.replace(";", delimiter).replace("\n", end).encode(encoding)
    table = read_table(raw)
    assert table.header == ("Số điện thoại", "Thôn", "Ngày đồng ý")
    assert table.rows == (
        Row(2, ("0912 000 101", "thôn Bến", "5/11/2026")),
        Row(4, ("0912000202", "", "")),
    )


def test_an_old_excel() -> None:
    # windows-1258 writes some letters as a base and a mark.
    raw = "Thôn;Sô\u0301\nthôn Bê\u0301n;1\n".encode("cp1258")
    assert read_table(raw).rows[0].cells == ("thôn Bến", "1")


def test_excel_says_what_its_delimiter_is() -> None:
    table = read_table(b"sep=,\nso,thon\n1,a\n")
    assert table.header == ("so", "thon")
    assert table.rows == (Row(3, ("1", "a")),)


def test_a_cell_with_line_breaks_and_delimiters_keeps_the_lines_right() -> None:
    table = read_table('a,b\n"một, hai\nba",x\n2,y\n'.encode())
    assert [row.line for row in table.rows] == [2, 4]
    assert table.rows[0].cells == ("một, hai ba", "x")


def test_columns_are_found_by_any_of_their_names() -> None:
    table = read_table("Họ tên;SỐ ĐT;Thôn\nA;1\n".encode())
    at = table.columns({"phone": ("số điện thoại", "so dt"), "village": ("thôn",), "x": ("y",)})
    assert at == {"phone": 1, "village": 2}
    assert cell(table.rows[0], at["phone"]) == "1"
    assert cell(table.rows[0], at["village"]) == ""
    assert cell(table.rows[0], at.get("x")) == ""


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "không có dòng nào"),
        (b"\n \n;;\n", "không có dòng nào"),
        (b"PK\x03\x04xxxx", "tệp Excel"),
        (b"a;b\n\x00\x01\x00", "không đọc được chữ"),
        (b"a\n" * (MOST_ROWS + 2), "chia nhỏ"),
    ],
)
def test_what_is_no_table_is_said_plainly(raw: bytes, says: str) -> None:
    with pytest.raises(TableError, match=says):
        read_table(raw)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_clear_error(raw: bytes) -> None:
    try:
        table = read_table(raw)
    except TableError:
        return
    assert all(any(row.cells) for row in table.rows)
    lines = [row.line for row in table.rows]
    assert lines == sorted(set(lines))


_cells = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12)
_whole = _cells.map(lambda text: " ".join(text.split()))


@given(st.lists(st.lists(_whole, min_size=2, max_size=4), min_size=1, max_size=6))
def test_what_a_program_wrote_is_read_back(rows: list[list[str]]) -> None:
    import unicodedata

    written = io.StringIO(newline="")
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows([["cột", "hai"], *rows])
    table = read_table(written.getvalue().encode("utf-8-sig"))
    kept = [tuple(unicodedata.normalize("NFC", one) for one in row) for row in rows if any(row)]
    assert [row.cells for row in table.rows] == kept
