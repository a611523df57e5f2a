"""Reads a date that a citizen typed: "5/8", "hôm qua", "mùng 5 tháng 8"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Literal

import dateparser
from dateparser.search import search_dates

from bot.text import fold

Prefer = Literal["past", "future"]
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?[/.\-]\s?(\d{1,2})(?:\s?[/.\-]\s?(\d{4}|\d{2}))?(?!\d)")
_SPACED = re.compile(r"^\s*(?:ngay )?(\d{1,2}) (\d{1,2}) (\d{4})\s*$")
_LUNAR = re.compile(r"\b(am lich|al|lich am|am|ram)\b")
_SPOKEN = re.compile(r"\b(ngay|thang|hom|mai|mot|tuan|thu|chu nhat|qua|kia|mung)\b")
_FORWARD = {"mai": 1, "ngay mai": 1, "mot": 2, "ngay mot": 2, "ngay kia": 2, "hom nay": 0}
LONGEST = 200


def read_date(text: str, today: date, prefer: Prefer) -> date | None:
    """Return the one date in ``text``, or None when there is none or it is no real date.

    A lunar date ("5/8 âm lịch") is not read: the citizen is asked for the solar one.

    Args:
        today: the day on which it was typed (Vietnam).
        prefer: without a year, the latest such day not after today ("past": a birth) or
            the next one not before today ("future": an appointment).
    """
    text = text[:LONGEST]
    folded = " ".join(fold(text).lower().split())
    if _LUNAR.search(folded):
        return None  # a day of the lunar calendar is another day
    numeric = _NUMERIC.search(folded) or _SPACED.search(folded)
    if numeric:
        return _from_numbers(numeric, today, prefer)
    for word, days in _FORWARD.items():
        if folded == word:
            return today + timedelta(days=days)
    if not _SPOKEN.search(folded):
        return None
    return _spoken(text, today, prefer)


def _from_numbers(found: re.Match[str], today: date, prefer: Prefer) -> date | None:
    day, month, year = int(found[1]), int(found[2]), found[3]
    if year:
        full = int(year) + (2000 if len(year) == 2 else 0)
        past_century = len(year) == 2 and prefer == "past" and full > today.year
        return _date(full - 100 if past_century else full, month, day)
    steps = (0, -1, -2, -3, -4) if prefer == "past" else (0, 1, 2, 3, 4)
    for step in steps:  # four years, for 29 February
        candidate = _date(today.year + step, month, day)
        if candidate and (candidate <= today if prefer == "past" else candidate >= today):
            return candidate
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _spoken(text: str, today: date, prefer: Prefer) -> date | None:
    settings = {
        "DATE_ORDER": "DMY",
        "PREFER_DATES_FROM": prefer,
        "RELATIVE_BASE": datetime(today.year, today.month, today.day, 12),  # noqa: DTZ001
    }
    whole = dateparser.parse(text, languages=["vi"], settings=settings)
    if whole is not None:
        return whole.date()
    found = search_dates(text, languages=["vi"], settings=settings) or []
    days = {moment.date() for words, moment in found if not words.strip().isdigit()}
    return days.pop() if len(days) == 1 else None
