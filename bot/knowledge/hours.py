"""When the commune's desk is open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final, NamedTuple

from bot.clock import LOCAL
from bot.knowledge.model import Commune, Desk, Period, Weekday

WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG: Final = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
_SHORT: Final = ("thu 2", "thu 3", "thu 4", "thu 5", "thu 6", "thu 7", "chu nhat")
_LOOK_AHEAD: Final = 31


class Opening(NamedTuple):
    """Whether the desk is open, and when it opens next (Vietnam time), if ever."""

    open_now: bool
    next_opening: datetime | None


def _never(_: date) -> bool:
    return False


def opening(
    commune: Commune | Desk, at: datetime, closed: Callable[[date], bool] = _never
) -> Opening:
    """Whether the desk is open at ``at``, and when it opens next after that.

    ``closed`` tells days off (holidays); without it every weekday counts.

    Raises:
        ValueError: if ``at`` carries no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("opening needs a timezone-aware instant")
    local = at.astimezone(LOCAL)
    periods = list(_periods(commune, local.date(), closed))
    return Opening(
        open_now=any(start <= local < end for start, end in periods),
        next_opening=min((start for start, _ in periods if start > local), default=None),
    )


def _periods(
    commune: Commune | Desk, first: date, closed: Callable[[date], bool]
) -> Iterator[tuple[datetime, datetime]]:
    for ahead in range(_LOOK_AHEAD):
        day = first + timedelta(days=ahead)
        if closed(day):
            continue
        for period in commune.hours.get(WEEKDAYS[day.weekday()], ()):
            yield (
                datetime.combine(day, period.opens, LOCAL),
                datetime.combine(day, period.closes, LOCAL),
            )


def render_hours(commune: Commune | Desk, short: bool) -> str:
    """The opening hours in words, neighbouring days with equal hours together; where none are
    known, that one should ask.

    Long: "Thứ Hai đến Thứ Sáu: 7h30-11h30, 13h30-17h; Thứ Bảy: 7h30-11h30".
    """
    if not any(commune.hours.values()):
        return "hỏi trước khi đi"
    days = [(index, commune.hours.get(day, ())) for index, day in enumerate(WEEKDAYS)]
    parts = []
    for periods, group in groupby(days, key=lambda item: item[1]):
        if periods:
            indexes = [index for index, _ in group]
            hours = ", ".join(_period(period) for period in periods)
            parts.append(f"{_days(indexes[0], indexes[-1], short)}: {hours}")
    return "; ".join(parts)


def _days(first: int, last: int, short: bool) -> str:
    names = _SHORT if short else _LONG
    if first == last:
        return names[first]
    return f"{names[first]} {'den' if short else 'đến'} {names[last]}"


def _period(period: Period) -> str:
    return f"{_hour(period.opens)}-{_hour(period.closes)}"


def _hour(at: time) -> str:
    return f"{at.hour}h{at.minute:02}" if at.minute else f"{at.hour}h"


_NAMES: Final = {"t2": 0, "t3": 1, "t4": 2, "t5": 3, "t6": 4, "t7": 5, "cn": 6}
_PART: Final = re.compile(
    r"(t[2-7]|cn)(?:-(t[2-7]|cn))?((?:\s+\d{1,2}[:h]\d{0,2}-\d{1,2}[:h]\d{0,2})+)"
)


class HoursError(ValueError):
    """The text does not tell opening hours; the message says how to write them."""


def read_hours(text: str) -> dict[Weekday, tuple[Period, ...]]:
    """Opening hours from "T2-T6 7:30-11:30 13:30-17:00; T7 7:30-11:30" (CN: Sunday).

    Raises:
        HoursError: it is written otherwise, or a day stands there twice.
    """
    hours: dict[Weekday, tuple[Period, ...]] = {}
    for part in filter(None, (one.strip().lower() for one in text.split(";"))):
        found = _PART.fullmatch(part)
        if found is None:
            raise HoursError(f"không hiểu “{part}”; viết như: {EXAMPLE}")
        first, last = _NAMES[found[1]], _NAMES[found[2] or found[1]]
        if first > last:
            raise HoursError(f"ngày đầu đứng sau ngày cuối trong “{part}”")
        periods = tuple(_read_period(one) for one in found[3].split())
        for day in WEEKDAYS[first : last + 1]:
            if day in hours:
                raise HoursError(f"ngày bị lặp lại trong “{part}”")
            hours[day] = periods
    if not hours:
        raise HoursError(f"chưa có giờ nào; viết như: {EXAMPLE}")
    return hours


EXAMPLE: Final = "T2-T6 7:30-11:30 13:30-17:00; T7 7:30-11:30"


def _read_period(text: str) -> Period:
    opens, _, closes = text.partition("-")
    return Period(opens=_read_time(opens), closes=_read_time(closes))


def _read_time(text: str) -> time:
    hour, _, minute = text.replace("h", ":").partition(":")
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        raise HoursError(f"“{text}” không phải giờ trong ngày") from None
