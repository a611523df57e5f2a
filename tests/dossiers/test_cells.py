"""Cells of forms and files: what they hold, or what is wrong with them."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dossiers import cells
from bot.dossiers.cells import CellFault


@pytest.mark.parametrize(
    "written",
    [
        "0912345678", "912345678", "84912345678", "+84 912 345 678", "0912.345.678",
        " 0912-345-678 ", "'0912345678", '="0912345678"', "(0912) 345 678",
    ],
)  # fmt: skip
def test_a_mobile_number_is_read_as_people_and_spreadsheets_write_it(written: str) -> None:
    assert cells.read_mobile(written) == "+84912345678"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("9.12E+08", "Excel đã đổi"),
        ("0912345678, 0987654321", "chỉ ghi một số"),
        ("0912345678 / 0987654321", "chỉ ghi một số"),
        ("09123456", "có 8 chữ số"),
        ("091234567890", "có 12 chữ số"),
        ("0243 123 4567", "máy bàn"),
        ("0712345678", "đầu số"),
        ("chị Lan", "chỉ gồm chữ số"),
        ("0912345678x", "chỉ gồm chữ số"),
    ],
)
def test_what_is_no_mobile_number_is_told_with_the_reason(written: str, why: str) -> None:
    with pytest.raises(CellFault, match=why):
        cells.read_mobile(written)


@pytest.mark.parametrize("empty", ["", "  ", "-", "N/A", "null", "\ufeff"])
def test_an_empty_cell_is_nothing(empty: str) -> None:
    assert cells.read_mobile(empty) is None
    assert cells.read_day(empty) is None
    assert cells.read_moment(empty) is None
    assert cells.read_missing(empty) == ""


@pytest.mark.parametrize(
    "written",
    [
        "5/12/2026", "05/12/2026", "5-12-2026", "05.12.2026", "2026-12-05", "2026/12/5",
        "05/12/2026 10:30:00", "10:30 05/12/2026", "2026-12-05T10:30:00", "2026-12-05 10:30:00.000",
        "05/12/2026 2:30:00 CH", "5/12/2026 8 giờ 30 phút",
    ],
)  # fmt: skip
def test_a_day_is_read_with_or_without_its_hour(written: str) -> None:
    assert cells.read_day(written) == date(2026, 12, 5)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("46000", "Excel đã đổi ngày"),
        ("12/25/2026", "không có ngày 12/25/2026"),
        ("31/2/2026", "không có ngày 31/2/2026"),
        ("5/12/26", "bốn chữ số"),
        ("5/12/1026", "không hợp lý"),
        ("ngày mai", "ngày/tháng/năm"),
        ("5/12/2026 sáng", "ngày/tháng/năm"),
        ("5/12", "ngày/tháng/năm"),
    ],
)
def test_what_is_no_day_is_told_with_the_reason(written: str, why: str) -> None:
    with pytest.raises(CellFault, match=why):
        cells.read_day(written)


@pytest.mark.parametrize(
    ("written", "hour", "minute"),
    [
        ("8:30 5/12/2026", 8, 30), ("5/12/2026 14h", 14, 0), ("5/12/2026 8h30", 8, 30),
        ("8 giờ 30 5/12/2026", 8, 30), ("5/12/2026 2:15 CH", 14, 15), ("5/12/2026 12:05 SA", 0, 5),
        ("5/12/2026 12:05 PM", 12, 5), ("2026-12-05T09:45", 9, 45),
    ],
)  # fmt: skip
def test_an_appointment_has_its_hour_in_vietnam(written: str, hour: int, minute: int) -> None:
    expected = datetime(2026, 12, 5, hour, minute, tzinfo=cells.LOCAL)
    assert cells.read_moment(written) == expected
    assert cells.read_moment(written).tzinfo is UTC  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("written", "why"), [("5/12/2026", "thiếu giờ"), ("5/12/2026 25:00", "giờ hẹn không đúng")]
)
def test_an_appointment_without_a_real_hour_is_refused(written: str, why: str) -> None:
    with pytest.raises(CellFault, match=why):
        cells.read_moment(written)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "thiếu mã"), ("12", "ít nhất 4"), ("H" * 61, "dài quá"),
        ("001090012345", "số căn cước"),
    ],
)  # fmt: skip
def test_what_is_no_code_is_told_with_the_reason(written: str, why: str) -> None:
    with pytest.raises(CellFault, match=why):
        cells.read_code(written)


def test_identity_numbers_do_not_get_in_among_missing_papers() -> None:
    assert "001090012345" not in cells.read_missing("Căn cước 001090012345 của bố")


@given(st.text(max_size=60))
def test_no_cell_breaks_the_reading(raw: str) -> None:
    for read in (cells.read_mobile, cells.read_day, cells.read_moment, cells.read_code,
                 cells.read_missing):  # fmt: skip
        with contextlib.suppress(CellFault):
            value = read(raw)
            assert value is None or isinstance(value, str | date | datetime)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(["%d/%m/%Y", "%Y-%m-%d"]))
def test_every_day_is_read_as_it_was_written(day: date, form: str) -> None:
    assert cells.read_day(day.strftime(form).lstrip("0") if form[1] == "d" else f"{day}") == day
