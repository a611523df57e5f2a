"""One cell of a form or a file -> its value, or what is wrong with it and how to write it.

What Excel does to numbers and dates on the way is undone where that is safe, and named where
it is not.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Final

from bot.clock import LOCAL
from bot.store.dossiers import code_key
from bot.text import clean, mask_ids
from bot.understanding.entities import read_phone

MAX_CODE: Final = 60
MAX_MISSING: Final = 300
EMPTY: Final = frozenset({"", "-", "--", "n/a", "null", "none", "không có"})
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100

_MANGLED: Final = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_DIGITS: Final = re.compile(r"\D+")
_NUMBER: Final = re.compile(r"[+\d(][\d\s.,\-()+]*")
_SEVERAL: Final = re.compile(r"[,;/|]|\n|\bhoặc\b")
_DAY_FIRST: Final = re.compile(r"(?P<d>\d{1,2})[/.\-](?P<m>\d{1,2})[/.\-](?P<y>\d{2,4})")
_YEAR_FIRST: Final = re.compile(r"(?P<y>\d{4})[/.\-](?P<m>\d{1,2})[/.\-](?P<d>\d{1,2})")
_CLOCK: Final = re.compile(
    r"(?P<h>\d{1,2})\s*(?:giờ|[:hg])\s*(?:(?P<min>\d{2})(?:[:.]\d{2}(?:[.,]\d+)?)?)?(?:\s*phút)?"
    r"(?:\s*(?P<half>SA|CH|AM|PM)\b)?",
    re.IGNORECASE,
)
_AFTERNOON: Final = ("ch", "pm")


class CellFault(ValueError):
    """The cell cannot be used; the message says what is wrong and what to write."""


def tidy(raw: str) -> str:
    """Without what spreadsheets put around a value ('0912..., ="0912..."), and in NFC."""
    text = clean(raw)
    if text.startswith('="') and text.endswith('"'):
        text = text[2:-1]
    text = text.removeprefix("'").strip()
    return "" if text.lower() in EMPTY else text


def read_code(raw: str) -> str:
    """A dossier's code.

    Raises:
        CellFault: it is none.
    """
    code = " ".join(tidy(raw).split())
    if not code:
        raise CellFault("thiếu mã hồ sơ")
    if len(code) > MAX_CODE:
        raise CellFault(f"mã hồ sơ dài quá {MAX_CODE} ký tự")
    plain = code_key(code)
    if plain.isdigit() and len(plain) == 12 and plain.startswith("0"):
        raise CellFault("đây giống số căn cước, không phải mã hồ sơ")
    if len(plain) < 4:
        raise CellFault("mã hồ sơ phải có ít nhất 4 chữ hoặc số")
    return code


def read_mobile(raw: str) -> str | None:
    """A Vietnamese mobile number as E.164; None: the cell is empty.

    Raises:
        CellFault: it is no such number.
    """
    text = tidy(raw)
    if not text:
        return None
    if _MANGLED.fullmatch(text):
        raise CellFault(
            "Excel đã đổi số điện thoại: đặt cột này là Văn bản (Text), ghi lại số rồi lưu lại"
        )
    if _SEVERAL.search(text):
        raise CellFault("chỉ ghi một số điện thoại")
    if not _NUMBER.fullmatch(text):
        raise CellFault("số điện thoại chỉ gồm chữ số, ví dụ 0912 345 678")
    digits = _DIGITS.sub("", text)
    if len(digits) == 9 and digits[0] in "35789":
        digits = f"0{digits}"  # a spreadsheet took the nought away
    elif text.startswith("+"):
        digits = f"+{digits}"
    number = read_phone(digits)
    if number is None:
        raise CellFault(_why_no_mobile(digits))
    return number


def _why_no_mobile(digits: str) -> str:
    plain = digits.lstrip("+")
    local = f"0{plain[2:]}" if plain.startswith("84") else plain
    if local.startswith("02"):
        return "số máy bàn không nhận được tin nhắn: ghi số di động, hoặc để trống"
    if len(local) != 10:
        return f"số điện thoại có {len(local)} chữ số: số di động có 10 chữ số"
    return "không có đầu số di động này"


def read_day(raw: str) -> date | None:
    """A day ("5/12/2026", "2026-12-05 10:30"); None: the cell is empty.

    Raises:
        CellFault: it is none.
    """
    text = tidy(raw)
    return _read(text)[0] if text else None


def _read(text: str) -> tuple[date, re.Match[str] | None]:
    """The day of a text, and the hour in it."""
    found = _YEAR_FIRST.search(text) or _DAY_FIRST.search(text)
    if found is None:
        raise CellFault(_why_no_day(text))
    rest = f"{text[: found.start()]} {text[found.end() :].replace('T', ' ', 1)}"
    hour = _CLOCK.search(rest)
    if hour is not None:
        rest = rest[: hour.start()] + rest[hour.end() :]
    if rest.strip(" ,-"):
        raise CellFault(_why_no_day(text))
    return _day(int(found["y"]), int(found["m"]), int(found["d"]), len(found["y"])), hour


def _day(year: int, month: int, day: int, digits: int) -> date:
    if digits != 4:
        raise CellFault("ghi đủ bốn chữ số của năm, ví dụ 5/12/2026")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CellFault(f"năm {year} không hợp lý")
    try:
        return date(year, month, day)
    except ValueError as error:
        raise CellFault(f"không có ngày {day}/{month}/{year}: ghi ngày trước, tháng sau") from error


def _why_no_day(text: str) -> str:
    if re.fullmatch(r"\d{5}(?:[.,]\d+)?", text):
        return "Excel đã đổi ngày thành số: đặt cột này là Văn bản (Text) hoặc Ngày rồi lưu lại"
    return "ghi ngày dạng ngày/tháng/năm, ví dụ 5/12/2026"


def read_moment(raw: str) -> datetime | None:
    """A day with its hour ("08:30 5/12/2026"), aware; None: the cell is empty.

    Raises:
        CellFault: it is none, or the hour is missing.
    """
    text = tidy(raw)
    if not text:
        return None
    day, hour = _read(text)
    if hour is None:
        raise CellFault("thiếu giờ hẹn: ghi cả giờ, ví dụ 08:30 5/12/2026")
    try:
        at = time(_hour(int(hour["h"]), hour["half"]), int(hour["min"] or 0))
    except ValueError as error:
        raise CellFault("giờ hẹn không đúng, ví dụ 08:30 5/12/2026") from error
    return datetime.combine(day, at, LOCAL).astimezone(UTC)


def _hour(hour: int, half: str | None) -> int:
    """Of 24, where a half of the day stands behind it ("2:30 CH")."""
    if half is None or not 1 <= hour <= 12:
        return hour
    return hour % 12 + (12 if half.lower() in _AFTERNOON else 0)


def read_missing(raw: str) -> str:
    """Which papers are missing: one line, without identity numbers.

    Raises:
        CellFault: it is too long.
    """
    text = " ".join(mask_ids(tidy(raw)).split())
    if len(text) > MAX_MISSING:
        raise CellFault(f"dài quá {MAX_MISSING} ký tự: chỉ ghi tên giấy còn thiếu")
    return text
