"""The year that is said with a day or a month: "năm 2025", "năm ngoái", "năm 98"."""

from __future__ import annotations

import re
from datetime import date

from bot.text import fold
from bot.understanding.entities.kinds import Day, Lunar
from bot.understanding.entities.mention import Prefer, Read, day_of, full_year, of_year, single
from bot.understanding.entities.numerals import YEAR, read_year
from bot.understanding.entities.wording import one_of

_YEARS = {"ngoai": -1, "truoc": -1, "kia": -2, "nay": 0, "sau": 1, "toi": 1}
BACK = rf"(?P<back>{one_of('ngoái, trước, kia, nay, sau, tới')})(?!\w)"
TWO_DIGITS = r"(?P<yy>\d\d)(?!\d)"
IN_YEAR = rf"(?:\s*,?\s*(?:(?:năm\s*|[/\-.]\s*)?(?P<y>{YEAR})(?!\d)|năm {TWO_DIGITS}|năm {BACK}))?"
"""What may follow a day or a month; its groups are what :func:`year_said` reads."""


def year_said(m: re.Match[str], today: date, prefer: Prefer) -> int | None:
    """The year of a match, None when it names none."""
    if m["y"]:
        return read_year(m["y"])
    if m["yy"]:
        return full_year(int(m["yy"]), today, prefer)
    return today.year + _YEARS[fold(m["back"])] if m["back"] else None


def in_year(m: re.Match[str], day: int, month: int) -> Read:
    """That day of the year that the match names, else of the one that is preferred."""

    def read(today: date, prefer: Prefer) -> Day | Lunar | None:
        year = year_said(m, today, prefer)
        if year is None:
            return of_year(month, day)(today, prefer)
        return single(day_of(year, month, day))

    return read
