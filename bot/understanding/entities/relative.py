"""Days told from today: "hôm qua", "3 tuần trước", "tháng trước", "thứ 2 tuần rồi"."""

from __future__ import annotations

import re
from datetime import date

from bot.text import fold
from bot.understanding.entities.kinds import DAYS_IN, Day, Unit
from bot.understanding.entities.mention import (
    PART,
    Mention,
    Prefer,
    Rule,
    add_months,
    month,
    part_of,
    shifted,
    single,
    year_part,
)
from bot.understanding.entities.numerals import NUMBER, read_number
from bot.understanding.entities.wording import before, one_of, pattern

UNIT = one_of("ngày, ngaỳ, hôm, bữa, tuần, tun, tháng, thág, thag, thg, năm")
"""A pattern of a unit of time."""
ABOUT = one_of("gần, hơn, trên, khoảng, tầm, chừng, độ, cỡ, được, đã, mới, cũng, tròn, đúng, ~")
HALF = one_of("rưỡi, rưởi")
_UNITS: dict[str, Unit] = {
    "ngay": "day", "hom": "day", "bua": "day", "tuan": "week", "tun": "week", "thang": "month",
    "thag": "month", "thg": "month", "nam": "year",
}  # fmt: skip
_COUNTED = before(rf"{NUMBER}|nửa|mấy|vài|chục|trăm|nhiều|những|lắm|hàng|bao nhiêu|cả")

_DAYS = {
    0: "hôm nay, bữa nay, bữa ni, hnay, sáng nay, trưa nay, chiều nay, đêm nay, hồi sáng, "
    "hồi sớm, ngày hôm nay",
    -1: "hôm qua, hqua, hôm wa, hum qua, hum wa, bữa qua, ngày hôm qua, hôm wá, sáng qua, trưa "
    "qua, chiều qua, đêm qua, khuya qua, sáng hôm qua, trưa hôm qua, chiều hôm qua, tối hôm qua, "
    "đêm hôm qua, hồi hôm",
    -2: "hôm kia, bữa kia, hôm tê, bữa tê, sáng hôm kia, chiều hôm kia, tối hôm kia, đêm hôm kia",
    1: "ngày mai, sáng mai, trưa mai, chiều mai, hôm mai",
    2: "ngày kia, ngày mốt",
}
_ACCENTED_ONLY = {
    "tối nay": 0, "tối qua": -1, "tối mai": 1, "mơi": 1, "hôm kìa": -3, "bữa kìa": -3,
}  # fmt: skip
"""Without diacritics these are something else ("toi qua": tôi qua) or another day."""


def unit_of(word: str) -> Unit:
    """The unit that :data:`UNIT` matched."""
    return _UNITS[fold(word)]


def _named(m: re.Match[str]) -> Mention | None:
    if _COUNTED.search(m.string, max(0, m.start() - 12), m.start()):
        return None  # "mấy hôm nay"
    words = " ".join(m.group().split())
    days = _OFFSETS[words]
    return Mention(m.start(), m.end(), lambda today, prefer: single(shifted(today, days)))


_OFFSETS = {
    form: days
    for days, phrases in _DAYS.items()
    for phrase in phrases.split(",")
    for form in (phrase.strip(), fold(phrase.strip()))
} | _ACCENTED_ONLY


def around(count: float, unit: Unit, *, past: bool) -> tuple[int, int]:
    """From how few to how many days "2 tuần trước" is ago.

    People round: the longer ago, the more. Ahead of today they count exactly.
    """
    days = count * DAYS_IN[unit]
    if not past:
        return round(days), round(days)
    if unit == "day":
        spread = count // 15 if count % 10 == 0 else 0
    else:
        spread = {"week": 2 + count // 2, "month": 10 + 3 * count, "year": 120 + 60 * count}[unit]
    return max(0, round(days - spread)), round(days + spread)


_A_MONTH = 31


def _ago(m: re.Match[str]) -> Mention | None:
    """cách đây 2 tuần, 3 tháng trước, mất được 20 ngày rồi."""
    count = amount(m)
    if count is None:
        return None
    least, most = around(count, unit_of(m["unit"]), past=True)
    # "trước", "cách đây" tell it by themselves; "được ... rồi" may be anything's age.
    weak = m.groupdict().get("elapsed") is not None
    if fold(m.group()).endswith("hom nay") and count > _A_MONTH:
        return None  # "giấy hẹn số 88 hôm nay"

    def read(today: date, prefer: Prefer) -> Day | None:
        first, last = shifted(today, -most), shifted(today, -least)
        return Day(first, last) if first and last else None

    return Mention(m.start(), m.end(), read, weak)


def _ahead(m: re.Match[str]) -> Mention | None:
    """3 ngày nữa."""
    count = amount(m)
    if count is None:
        return None
    days, _ = around(count, unit_of(m["unit"]), past=False)
    return Mention(m.start(), m.end(), lambda today, prefer: single(shifted(today, days)))


def amount(m: re.Match[str]) -> float | None:
    """How many units a match tells; None when it does not say ("mấy tháng trước")."""
    said = fold(m["n"] or "")
    if said in {"may", "vai", "nhieu"}:
        return None
    count = 0.5 if said == "nua" else 1.0 if not said else float(read_number(m["n"]))
    return count + 0.5 if m["half"] else count


def _period(m: re.Match[str]) -> Mention | None:
    """(đầu) tháng trước, tuần rồi, năm ngoái; but "3 tháng rồi" is none."""
    if _COUNTED.search(m.string, max(0, m.start() - 12), m.start()):
        return None
    unit, back = unit_of(m["unit"]), STEPS[fold(m["which"])]
    part = part_of(m)

    def read(today: date, prefer: Prefer) -> Day | None:
        if unit == "year":
            return year_part(today.year + back, part)
        if unit == "month":
            return month(*add_months(today, back), part)
        monday = shifted(today, 7 * back - today.weekday())
        sunday = shifted(today, 7 * back - today.weekday() + 6)
        return Day(monday, sunday) if monday and sunday else None

    return Mention(m.start(), m.end(), read)


STEPS = {
    "truoc": -1, "vua roi": -1, "vua qua": -1, "roi": -1, "ngoai": -1, "kia": -2, "nay": 0, "ni": 0,
    "sau": 1, "toi": 1,
}  # fmt: skip


def _part_of_this(m: re.Match[str]) -> Mention:
    """đầu tháng, cuối năm: of this one."""
    part, in_year = part_of(m), unit_of(m["unit"]) == "year"

    def read(today: date, prefer: Prefer) -> Day | None:
        return year_part(today.year, part) if in_year else month(today.year, today.month, part)

    return Mention(m.start(), m.end(), read, weak=True)


_ORDINAL = before(
    "con|cháu|lần|đứa|bé|người|vợ|chồng|tháng|nước|bên|cái|bản|ngày|tuần|năm|hàng|đời"
)
"""After these "thứ hai" is no Monday: "con thứ hai"."""
_WEEKDAYS = {
    "hai": 0, "2": 0, "ba": 1, "3": 1, "tu": 2, "4": 2, "nam": 3, "5": 3, "sau": 4, "6": 4,
    "bay": 5, "7": 5,
}  # fmt: skip


def _weekday(m: re.Match[str]) -> Mention | None:
    """thứ 2 tuần trước; without the week only where a date is expected."""
    if _ORDINAL.search(m.string, max(0, m.start() - 8), m.start()):
        return None
    weekday = _WEEKDAYS[fold(m["n"])] if m["n"] else 6
    week = STEPS.get(fold(m["which"] or ""))

    def read(today: date, prefer: Prefer) -> Day | None:
        if week is not None:
            return single(shifted(today, 7 * week - today.weekday() + weekday))
        if m["coming"] or (prefer == "future" and not m["recent"]):
            return single(shifted(today, (weekday - today.weekday()) % 7))
        return single(shifted(today, -((today.weekday() - weekday) % 7 or 7)))

    said = m["which"] or m["recent"] or m["coming"]
    return Mention(m.start(), m.end(), read, weak=not said)


_AGO = (
    rf"(?:(?:{ABOUT}) )*(?P<n>{NUMBER}|nửa|mấy|vài|nhiều)\s*(?P<unit>{UNIT})(?: (?P<half>{HALF}))?"
)
_BEFORE = one_of("trước, về trước, trc")
THIS_OR_LAST = one_of("trước, vừa rồi, vừa qua, rồi, ngoái, kia, này, nay, ni, sau, tới")

RULES: tuple[Rule, ...] = (
    (
        pattern("|".join(one_of(phrases) for phrases in _DAYS.values())),
        _named,
    ),
    (re.compile(rf"(?<!\w)(?:{'|'.join(_ACCENTED_ONLY)})(?!\w)".replace(" ", r"\s+")), _named),
    (
        pattern(
            rf"(?:thứ (?P<n>hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật)"
            rf"(?: tuần (?P<which>{THIS_OR_LAST}))?"
            r"(?: (?:(?P<recent>vừa rồi|vừa qua|rồi)|(?P<coming>này|tới|sau)))?"
        ),
        _weekday,
    ),
    (pattern(rf"cách (?:đây|nay) {_AGO}(?: (?:rồi|nay|trước))?"), _ago),
    (pattern(rf"{_AGO} {_BEFORE}(?: đây)?(?!\s+(?:khi|ngày|đó|lúc|tết))"), _ago),
    (
        pattern(
            rf"(?P<elapsed>(?:được|đã) (?:(?:{ABOUT}) )*)(?P<n>{NUMBER}|nửa|mấy|vài)\s*"
            rf"(?P<unit>{UNIT})(?: (?P<half>{HALF}))?(?: (?:rồi|nay|r))?(?!\s*tuổi)"
        ),
        _ago,
    ),
    (pattern(rf"{_AGO}(?P<elapsed> (?:rồi|nay|r))"), _ago),
    (pattern(rf"{_AGO} nữa"), _ahead),
    (
        pattern(
            rf"{PART}(?P<unit>tuần|tun|tháng|thag|thg|năm) "
            rf"(?P<which>{THIS_OR_LAST})(?! (?:khi|ngày|đó|lúc))"
        ),
        _period,
    ),
    (pattern(r"(?P<part>đầu|giữa|cuối) (?P<unit>tháng|năm)(?! \d)"), _part_of_this),
)
