"""Dates in words: "ngày 5 tháng 8 năm ngoái", "hôm 20", "đầu tháng 8", "năm 2019"."""

from __future__ import annotations

import re
from datetime import date

from bot.text import fold
from bot.understanding.entities.kinds import Day, Lunar
from bot.understanding.entities.lunar import MUNG, ON_DAY, or_lunar
from bot.understanding.entities.mention import (
    PART,
    Mention,
    Prefer,
    Rule,
    add_months,
    day_of,
    full_year,
    month,
    nearest,
    of_month,
    part_of,
    single,
    year_part,
)
from bot.understanding.entities.numerals import (
    MONTH_NUMBER,
    NUMBER,
    YEAR,
    read_number,
    read_year,
)
from bot.understanding.entities.numeric import NO_DIGIT_BEFORE, NO_UNIT, after_address, is_law
from bot.understanding.entities.relative import STEPS, THIS_OR_LAST
from bot.understanding.entities.wording import one_of, pattern
from bot.understanding.entities.years import IN_YEAR, in_year, year_said

_MONTH = r"(?:tháng|thág|thag|thg|th|t(?=\s*\d))"
_RECENT = one_of("này, ni, nay, vừa rồi, vừa qua, rồi, mới đây, trước")
_COUNTED = one_of(
    "h, g, k, người, vợ, mẹ, bố, anh, chị, em, bà, ông, con, lần, đứa, bản, bộ, giờ, buổi, tiếng, "
    "tháng, loại, cái, tuổi"
)
"""What "hôm 2" may count instead of being the second: "hôm 2 vợ chồng em lên"."""


def _day_and_month(m: re.Match[str]) -> Mention | None:
    """ngày 5 tháng 8 (năm 2026); "lớp một tháng tám" is none."""
    if after_address(m):
        return None
    day, number = read_number(m["d"]), read_number(m["m"])
    return Mention(m.start(), m.end(), or_lunar(m, day, number, in_year(m, day, number)))


def _day_of_month(m: re.Match[str]) -> Mention:
    """ngày 20 tháng trước."""
    day, back = read_number(m["d"]), STEPS[fold(m["which"])]

    def read(today: date, prefer: Prefer) -> Day | None:
        year, number = add_months(today, back)
        return single(day_of(year, number, day))

    return Mention(m.start(), m.end(), read)


def _first_days(m: re.Match[str]) -> Mention:
    """hôm mùng 3: of the solar or of the lunar month, which is not known."""
    return Mention(m.start(), m.end(), lambda today, prefer: None)


def _day_only(m: re.Match[str]) -> Mention | None:
    """hôm 20: a day of this month or the last."""
    day = read_number(m["d"])
    recent = bool(m["recent"]) or fold(m["word"]) != "ngay"

    def read(today: date, prefer: Prefer) -> Day | Lunar | None:
        return of_month(day)(today, "past" if recent else prefer)

    return Mention(m.start(), m.end(), read, weak=not recent) if 1 <= day <= 31 else None


def _month_only(m: re.Match[str]) -> Mention | None:
    """(đầu) tháng 8 (năm ngoái); without its year only where a date is expected."""
    number, part = read_number(m["m"]), part_of(m)
    if not 1 <= number <= 12 or is_law(m):
        return None

    def read(today: date, prefer: Prefer) -> Day | None:
        year = year_said(m, today, prefer)
        return month(year or _likely_year(number, today, prefer), number, part)

    return Mention(m.start(), m.end(), read, weak=not (m["y"] or m["yy"] or m["back"]))


def _likely_year(number: int, today: date, prefer: Prefer) -> int:
    years = [today.year + step for step in (-1, 0, 1)]
    firsts = [first for year in years if (first := day_of(year, number, 1))]
    found = nearest(firsts, today.replace(day=1), prefer)
    return found.year if found else today.year


def _year_only(m: re.Match[str]) -> Mention:
    """năm 2019; "sinh 1998" and "sinh năm 98" only after such a word."""
    part = part_of(m)

    def read(today: date, prefer: Prefer) -> Day | None:
        if m["yy"]:
            return year_part(full_year(int(m["yy"]), today, prefer), part)
        return year_part(read_year(m["y"]), part)

    start = min(m.start(g) for g in ("part", "word", "y", "yy") if m[g])
    return Mention(start, m.end(), read, weak=not (m["word"] and m["y"]))


RULES: tuple[Rule, ...] = (
    (
        pattern(
            rf"{ON_DAY}(?P<d>{NUMBER})\s*{_MONTH}\s*(?P<m>{MONTH_NUMBER})(?!\w){NO_UNIT}{IN_YEAR}"
            r"(?P<lunar>\s*\(?\s*(?:âm lịch|lịch âm|âm|al|lịch ta|ta)(?!\w))?"
        ),
        _day_and_month,
    ),
    (
        pattern(
            rf"{PART}{_MONTH}\s*{NO_DIGIT_BEFORE}(?P<m>\d\d?)\s?[/\-]\s?(?P<y>(?:19|20)\d\d)"
            r"(?P<yy>)(?P<back>)(?!\d)"
        ),
        _month_only,
    ),
    (pattern(rf"{PART}{_MONTH}\s*(?P<m>{MONTH_NUMBER}){NO_UNIT}{IN_YEAR}"), _month_only),
    (pattern(rf"{ON_DAY}{MUNG} (?P<d>{NUMBER})"), _first_days),
    (
        pattern(
            rf"(?P<word>ngày|hôm|bữa|bửa|hum) (?P<d>\d\d?)(?!\s*[/.\-]\s?\d)"
            rf"(?!\s*{_COUNTED}(?!\w))(?P<recent> (?:{_RECENT}))?(?!\s*tháng)"
        ),
        _day_only,
    ),
    (
        pattern(
            rf"{PART}(?:(?P<word>năm)\s*|(?:sinh|sn|sanh|đẻ|mất|cưới)\s*)(?P<y>{YEAR})(?P<yy>)"
            r"(?!\d)(?![/.\-]\d)"
        ),
        _year_only,
    ),
    (
        pattern(r"(?P<part>)(?:sinh|sn|sanh|đẻ)\s*(?P<word>năm)?\s*(?P<y>)(?P<yy>\d\d)"),
        _year_only,
    ),
)
FIRST: tuple[Rule, ...] = (
    (
        pattern(rf"(?:ngày|hôm|bữa) (?P<d>{NUMBER}) {_MONTH} (?P<which>{THIS_OR_LAST})"),
        _day_of_month,
    ),
)
"""To be tried before the lunar ones and all others: it holds words of theirs."""
