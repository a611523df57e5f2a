"""Where a text speaks of a day, before it is known which day of which year is meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.text import fold
from bot.understanding.entities.kinds import Day, Lunar, month_end

Prefer = Literal["past", "future", "near"]
"""Which year a day without one is of: the last that has been, the next, or the nearest."""
Read = Callable[[date, Prefer], Day | Lunar | None]
"""From today and the preference to what is meant; None when there is no such day."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A day is spoken of at ``start``..``end`` of the lowered text.

    ``weak`` ones ("hôm 20", "1998") are dates only where one is to be expected: beside a
    word such as "sinh", or in the answer to a question for a date.
    """

    start: int
    end: int
    read: Read
    weak: bool = False


Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], Mention | None]]
"""A pattern and what to make of a match; None: it only looked like a date."""


def day_of(year: int, month: int, day: int) -> date | None:
    """That day, or None when the calendar has none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def single(day: date | None) -> Day | None:
    """Just that day."""
    return None if day is None else Day(day, day)


def shifted(day: date, days: int) -> date | None:
    """So many days later (or earlier), if the calendar reaches so far."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def nearest(candidates: list[date], today: date, prefer: Prefer) -> date | None:
    """The one of ``candidates`` that is meant when the year was not said."""
    past = max((c for c in candidates if c <= today), default=None)
    future = min((c for c in candidates if c >= today), default=None)
    if prefer == "past" or future is None:
        return past if prefer != "future" else None
    if prefer == "future" or past is None:
        return future
    return past if today - past <= future - today else future


def of_year(month: int, day: int) -> Read:
    """A day without its year."""

    def read(today: date, prefer: Prefer) -> Day | None:
        years = range(today.year - 4, today.year + 5)  # four years, for 29 February
        days = [found for year in years if (found := day_of(year, month, day))]
        return single(nearest(days, today, prefer))

    return read


def of_month(day: int) -> Read:
    """A day of some month: "hôm 20"."""

    def read(today: date, prefer: Prefer) -> Day | None:
        months = (add_months(today, n) for n in range(-2, 3))
        days = [found for year, number in months if (found := day_of(year, number, day))]
        return single(nearest(days, today, prefer))

    return read


def add_months(day: date, months: int) -> tuple[int, int]:
    """Year and number of the month so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return count // 12, count % 12 + 1


def full_year(short: int, today: date, prefer: Prefer) -> int:
    """The year that two digits mean: 98 is 1998, 26 is 2026 (in 2026)."""
    full = 2000 + short
    latest = today.year + (0 if prefer == "past" else 10)
    return full - 100 if full > latest else full


Part = Literal["đầu", "giữa", "cuối"] | None
PART = "(?:(?P<part>đầu|giữa|cuối) )?"
"""A pattern of which part of a month or year is meant."""
_PARTS: dict[str, Part] = {"dau": "đầu", "giua": "giữa", "cuoi": "cuối"}


def part_of(m: re.Match[str]) -> Part:
    """What :data:`PART` matched."""
    return _PARTS.get(fold(m["part"] or ""))


def month(year: int, number: int, part: Part = None) -> Day | None:
    """A month, or a part of it: "đầu tháng" is its first ten days."""
    if not 1 <= number <= 12 or not 1 <= year <= 9999:
        return None
    first, last = date(year, number, 1), month_end(year, number)
    bounds = {"đầu": (1, 10), "giữa": (11, 20), "cuối": (21, last.day), None: (1, last.day)}
    begin, end = bounds[part]
    return Day(first.replace(day=begin), first.replace(day=end))


def year_part(year: int, part: Part = None) -> Day | None:
    """A year, or about a third of it: "đầu năm", "giữa năm", "cuối năm"."""
    if not 1900 <= year <= 2100:
        return None
    bounds = {"đầu": (1, 4), "giữa": (5, 8), "cuối": (9, 12), None: (1, 12)}
    begin, end = bounds[part]
    return Day(date(year, begin, 1), month_end(year, end))
