"""Dates in digits: "5/8", "5-8-26", "2026-08-05", "8/2025"."""

from __future__ import annotations

import re
from datetime import date

from bot.understanding.entities.kinds import Day, Lunar
from bot.understanding.entities.lunar import MARK, ON_DAY, or_lunar
from bot.understanding.entities.mention import (
    Mention,
    Prefer,
    Rule,
    day_of,
    full_year,
    month,
    single,
)
from bot.understanding.entities.numerals import YEAR
from bot.understanding.entities.wording import before, one_of, pattern
from bot.understanding.entities.years import BACK, TWO_DIGITS, in_year

_D, _M = r"(?P<d>[0-3]?\d)", r"(?P<m>[01]?\d)"
_SEP = r"\s?[/.\-]\s?"
NO_DIGIT_BEFORE = r"(?<!\d)(?<!\d[./\-])"
_NO_DIGIT_AFTER = r"(?!\d)(?![./\-]\d)"
_UNITS = one_of("ngày, tuần, tháng, giờ, tiếng, tuổi, người, bản, bộ, con, đứa, lần, triệu")
NO_UNIT = rf"(?!\s*(?:%|{_UNITS}(?!\w)))"
"""No such word follows: "1/2 ngày" is half a day."""
_ADDRESS = before(
    one_of(
        "@số, số nhà, nhà số, ngõ, ngách, hẻm, kiệt, đường, @phố, @tổ, thửa, @tờ, thôn, xóm, "
        "@ấp, tầng, khu, lô, phòng, lớp, điều, khoản, điểm, mẫu, luật, nghị định, thông tư, "
        "quyết định, công văn, nđ, tt, qđ, quốc lộ, tỉnh lộ, mục, biển số, khoá, khóa"
    )
)
_LAW_AFTER = re.compile(r"\s?[/\-]\s?[a-zđ]")
_REACH = 24
_ROUND_THE_CLOCK = (24, 7)


def after_address(m: re.Match[str]) -> bool:
    """Whether a word before it makes it an address or a law: "đường 3/2", "lớp một"."""
    return _ADDRESS.search(m.string, max(0, m.start() - _REACH), m.start()) is not None


def is_law(m: re.Match[str]) -> bool:
    """Whether it is the number of a law: 04/2020/TT-BTP."""
    return after_address(m) or _LAW_AFTER.match(m.string, m.end()) is not None


def _full(m: re.Match[str]) -> Mention:
    """5/8/2026, 5-8-26."""
    d, mo, year = int(m["d"]), int(m["m"]), m["y"]

    def read(today: date, prefer: Prefer) -> Day | Lunar | None:
        full = int(year) if len(year) == 4 else full_year(int(year), today, prefer)
        return single(day_of(full, mo, d))

    return Mention(m.start(), m.end(), or_lunar(m, d, mo, read))


def _year_first(m: re.Match[str]) -> Mention:
    """2026-08-05."""
    found = day_of(int(m["y"]), int(m["m"]), int(m["d"]))
    return Mention(m.start(), m.end(), lambda today, prefer: single(found))


def _short(m: re.Match[str]) -> Mention | None:
    """5/8 (năm ngoái); with a dot or dash only where a date is expected."""
    if is_law(m):
        return None
    d, mo = int(m["d"]), int(m["m"])
    weak = "/" not in m["sep"] or (d, mo) == _ROUND_THE_CLOCK
    return Mention(m.start(), m.end(), or_lunar(m, d, mo, in_year(m, d, mo)), weak)


def _spaced(m: re.Match[str]) -> Mention:
    """5 8 2026, only where a date is expected."""
    found = day_of(int(m["y"]), int(m["m"]), int(m["d"]))
    return Mention(m.start(), m.end(), lambda today, prefer: single(found), weak=True)


def _month(m: re.Match[str]) -> Mention | None:
    """8/2025."""
    found = None if is_law(m) else month(int(m["y"]), int(m["m"]))
    if found is None:
        return None
    return Mention(m.start(), m.end(), lambda today, prefer: found)


RULES: tuple[Rule, ...] = (
    (
        pattern(
            rf"{ON_DAY}{NO_DIGIT_BEFORE}{_D}{_SEP}{_M}{_SEP}(?P<y>\d{{4}}|\d\d)"
            rf"{_NO_DIGIT_AFTER}{MARK}",
            whole_words=False,
        ),
        _full,
    ),
    (
        pattern(
            rf"{NO_DIGIT_BEFORE}(?P<y>(?:19|20)\d\d)[\-/](?P<m>\d\d?)[\-/](?P<d>\d\d?)"
            rf"{_NO_DIGIT_AFTER}",
            whole_words=False,
        ),
        _year_first,
    ),
    (
        pattern(
            rf"{ON_DAY}{NO_DIGIT_BEFORE}{_D}(?P<sep>{_SEP}){_M}{_NO_DIGIT_AFTER}{NO_UNIT}"
            rf"(?: năm (?:(?P<y>{YEAR})(?!\d)|{TWO_DIGITS}|{BACK}))?{MARK}",
            whole_words=False,
        ),
        _short,
    ),
    (pattern(r"(?P<d>\d\d?) (?P<m>\d\d?) (?P<y>(?:19|20)\d\d)"), _spaced),
    (pattern(r"(?P<m>\d\d?)/(?P<y>(?:19|20)\d\d)"), _month),
)
