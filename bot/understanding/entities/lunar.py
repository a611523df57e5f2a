"""Days of the lunar calendar: "mùng 3 tết", "rằm tháng bảy", "5/8 âm lịch"."""

from __future__ import annotations

import re

from bot.text import fold
from bot.understanding.entities.kinds import Lunar
from bot.understanding.entities.mention import Mention, Read, Rule
from bot.understanding.entities.numerals import MONTH_NUMBER, NUMBER, read_number
from bot.understanding.entities.wording import before, pattern

MUNG = "(?:mùng|mồng|mòng)"
ON_DAY = f"(?:(?:ngày|ngaỳ|hôm|bữa|bửa|hum|{MUNG}) )*"
"""Words that may open a date."""
MARK = r"(?P<lunar>\s*\(?\s*(?:âm lịch|lịch âm|âm|al|lịch ta)(?!\w))?"
"""What may follow a date and says that it is lunar."""
_MARK_BEFORE = before(r"(?:âm lịch|lịch âm)(?: (?:là|ngày|hôm)|:)*")
_NAMED_MONTHS = {"gieng": 1, "chap": 12}
_REACH = 24


def or_lunar(m: re.Match[str], day: int, month: int, solar: Read) -> Read:
    """``solar``, unless the match or what stands before it says that it is lunar."""
    announced = _MARK_BEFORE.search(m.string, max(0, m.start() - _REACH), m.start())
    return _lunar(day, month) if m["lunar"] or announced else solar


def _lunar(day: int | None, month: int | None) -> Read:
    sound = (day is None or 1 <= day <= 30) and (month is None or 1 <= month <= 12)
    value = Lunar(day, month) if sound else None
    return lambda today, prefer: value


def _tet(m: re.Match[str]) -> Mention | None:
    """mùng 3 tết; 28 tết stands at the end of the year before."""
    day = read_number(m["d"])
    if 10 < day < 20 or day > 30:
        return None
    return Mention(m.start(), m.end(), _lunar(day, 1 if day <= 10 else 12))


def _full_moon(m: re.Match[str]) -> Mention:
    said = fold(m["m"] or "")
    month = _NAMED_MONTHS.get(said) or (read_number(m["m"]) if said else None)
    return Mention(m.start(), m.end(), _lunar(15, month))


def _named_month(m: re.Match[str]) -> Mention:
    """(mùng 5) tháng giêng, tháng chạp."""
    day = read_number(m["d"]) if m["d"] else None
    return Mention(m.start(), m.end(), _lunar(day, _NAMED_MONTHS[fold(m["m"])]))


RULES: tuple[Rule, ...] = (
    (pattern(rf"{ON_DAY}(?P<d>{NUMBER}) tết(?: nguyên đán)?"), _tet),
    (pattern(rf"(?:(?:ngày|hôm) )?rằm(?: tháng (?P<m>giêng|chạp|{MONTH_NUMBER}))?"), _full_moon),
    (pattern(rf"(?:{ON_DAY}(?P<d>{NUMBER}) )?tháng (?P<m>giêng|chạp)"), _named_month),
)
