"""Which days count as working days, and for which day a dossier counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import LOCAL
from bot.knowledge.model import Holidays, SpecialDay, UncertainDay
from bot.knowledge.workdays import Calendar

DAY = timedelta(days=1)
PLAIN = Calendar(Holidays())
SATURDAY, MONDAY = date(2026, 12, 5), date(2026, 12, 7)
SWAPPED = Calendar(
    Holidays(
        days_off=(SpecialDay(day=MONDAY, why="nghỉ hoán đổi"),),
        work_days=(SpecialDay(day=SATURDAY, why="làm bù"),),
        uncertain=(UncertainDay(day=date(2026, 12, 8), why="chưa rõ", confirm="u3"),),
    )
)
LAST_HOUR = 15


def between(first: date, last: date) -> list[date]:
    """The days from the first to the last."""
    return [first + n * DAY for n in range((last - first).days + 1)]


# --- the calendar -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 9, 2), "Quốc khánh"),
        (date(2027, 1, 1), "Tết Dương lịch"),
        (date(2027, 2, 5), "giao thừa"),
        (date(2027, 2, 8), "mùng 3 Tết"),
        (date(2027, 2, 9), "mùng 4 Tết"),
        (date(2027, 4, 16), "Giỗ Tổ"),
        (date(2027, 4, 30), "Giải phóng"),
        (date(2027, 5, 3), "bù cho 1/5 là thứ Bảy"),
        (date(2027, 9, 2), "Quốc khánh"),
        (date(2028, 9, 2), "Quốc khánh, thứ Bảy"),
    ],
)
def test_nobody_works_on_a_public_holiday(day: date, name: str) -> None:
    assert PLAIN.is_holiday(day), name
    assert not PLAIN.is_working(day), name


def test_tet_2027_is_five_working_days_off() -> None:
    off = [
        day
        for day in between(date(2027, 1, 18), date(2027, 2, 26))
        if day.weekday() < 5 and not PLAIN.is_working(day)
    ]
    assert len(off) == 5
    assert PLAIN.on_or_after(date(2027, 2, 5)) == off[-1] + DAY
    assert PLAIN.on_or_before(date(2027, 2, 7)) < off[0]


def test_the_national_day_is_two_days_off() -> None:
    for year in (2026, 2027):
        week = between(date(year, 8, 31), date(year, 9, 4))
        assert sum(PLAIN.is_holiday(day) for day in week) == 2


def test_saturday_and_sunday_are_no_working_days_and_no_holidays() -> None:
    for day in (SATURDAY, SATURDAY + DAY):
        assert not PLAIN.is_working(day)
        assert not PLAIN.is_holiday(day)  # a desk may open on Saturday morning
    assert PLAIN.is_working(MONDAY)


def test_swapped_days_go_before_the_calendar() -> None:
    assert not SWAPPED.is_working(MONDAY)
    assert SWAPPED.is_holiday(MONDAY)
    assert SWAPPED.is_working(SATURDAY)
    assert not SWAPPED.is_holiday(SATURDAY)
    assert not SWAPPED.is_working(SATURDAY + DAY)


def test_a_holiday_that_is_worked_is_a_working_day() -> None:
    worked = Calendar(Holidays(work_days=(SpecialDay(day=date(2027, 1, 1), why="trực"),)))
    assert worked.is_working(date(2027, 1, 1))
    assert not worked.is_holiday(date(2027, 1, 1))


def test_an_uncertain_day_counts_as_the_calendar_says() -> None:
    assert SWAPPED.is_working(date(2026, 12, 8))


def test_the_nearest_working_day_is_the_day_itself_when_it_is_one() -> None:
    assert PLAIN.on_or_after(MONDAY) == PLAIN.on_or_before(MONDAY) == MONDAY
    assert PLAIN.on_or_after(SATURDAY) == MONDAY
    assert PLAIN.on_or_before(MONDAY - DAY) == SATURDAY - DAY
    assert SWAPPED.on_or_after(SATURDAY + DAY) == MONDAY + DAY
    assert SWAPPED.on_or_before(MONDAY) == SATURDAY


# --- counting ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (date(2026, 11, 25), 0, date(2026, 11, 25)),
        (date(2026, 11, 25), 1, date(2026, 11, 26)),
        (date(2026, 11, 25), 3, date(2026, 11, 30)),
        (SATURDAY, 0, MONDAY),
        (SATURDAY, 1, MONDAY + DAY),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2027, 4, 15), 1, date(2027, 4, 19)),
    ],
)
def test_working_days_after_a_day(day: date, count: int, found: date) -> None:
    assert PLAIN.after(day, count) == found


def test_swapped_days_are_counted_as_they_are_worked() -> None:
    friday = SATURDAY - DAY
    assert SWAPPED.after(friday, 1) == SATURDAY
    assert SWAPPED.after(friday, 2) == MONDAY + DAY


ANY_DAY = st.dates(date(2024, 1, 1), date(2029, 12, 31))
COUNT = st.integers(0, 40)
SPECIAL = st.sets(st.integers(0, 30), max_size=8).map(
    lambda days: tuple(SpecialDay(day=date(2026, 8, 24) + n * DAY, why="x") for n in days)
)
CALENDAR = st.builds(
    lambda off, worked: Calendar(Holidays(days_off=off, work_days=worked)), SPECIAL, SPECIAL
)
NEAR = st.dates(date(2026, 8, 10), date(2026, 10, 10)) | ANY_DAY


@given(calendar=CALENDAR, day=NEAR, count=COUNT)
def test_just_so_many_working_days_lie_between(calendar: Calendar, day: date, count: int) -> None:
    found = calendar.after(day, count)
    assert calendar.is_working(found)
    first = calendar.on_or_after(day)
    assert sum(calendar.is_working(one) for one in between(first + DAY, found)) == count
    assert not any(calendar.is_working(one) for one in between(day, first - DAY))


@given(calendar=CALENDAR, days=st.tuples(NEAR, NEAR), counts=st.tuples(COUNT, COUNT))
def test_who_comes_later_or_waits_longer_is_never_done_sooner(
    calendar: Calendar, days: tuple[date, date], counts: tuple[int, int]
) -> None:
    early, late = sorted(days)
    few, many = sorted(counts)
    assert calendar.after(early, few) <= calendar.after(late, few)
    assert calendar.after(early, few) <= calendar.after(early, many)
    assert (few == many) == (calendar.after(early, few) == calendar.after(early, many))


@given(calendar=CALENDAR, day=NEAR)
def test_a_holiday_is_never_a_working_day(calendar: Calendar, day: date) -> None:
    assert not (calendar.is_holiday(day) and calendar.is_working(day))
    assert calendar.on_or_before(day) <= day <= calendar.on_or_after(day)
    assert calendar.is_working(day) == (calendar.on_or_before(day) == calendar.on_or_after(day))


# --- for which day a dossier counts -----------------------------------------------------


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant, Vietnam time."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL)


WEDNESDAY, FRIDAY, TET_EVE = date(2026, 11, 25), date(2026, 11, 27), date(2027, 2, 3)


@pytest.mark.parametrize(
    ("given_in", "counts_for"),
    [
        (at(WEDNESDAY, 9), WEDNESDAY),
        (at(WEDNESDAY, 14, 59), WEDNESDAY),
        (at(WEDNESDAY, 15), WEDNESDAY + DAY),
        (at(WEDNESDAY, 23, 59), WEDNESDAY + DAY),
        (at(FRIDAY, 15, 1), date(2026, 11, 30)),
        (at(FRIDAY + DAY, 8), date(2026, 11, 30)),
        (at(FRIDAY + 2 * DAY, 20), date(2026, 11, 30)),
        (at(date(2026, 12, 31), 14), date(2026, 12, 31)),
        (at(date(2026, 12, 31), 16), date(2027, 1, 4)),
        (at(date(2027, 1, 1), 10), date(2027, 1, 4)),
        (at(TET_EVE, 16), PLAIN.after(TET_EVE, 1)),
    ],
)
def test_after_fifteen_hours_and_on_days_off_it_counts_for_the_next_working_day(
    given_in: datetime, counts_for: date
) -> None:
    assert PLAIN.received(given_in, LAST_HOUR) == counts_for
    assert PLAIN.received(given_in.astimezone(UTC), LAST_HOUR) == counts_for


def test_the_hour_is_the_one_in_vietnam() -> None:
    assert PLAIN.received(datetime(2026, 11, 25, 7, 59, tzinfo=UTC), LAST_HOUR) == WEDNESDAY
    assert PLAIN.received(datetime(2026, 11, 25, 8, 0, tzinfo=UTC), LAST_HOUR) == WEDNESDAY + DAY
    assert PLAIN.received(datetime(2026, 11, 24, 18, 0, tzinfo=UTC), LAST_HOUR) == WEDNESDAY


def test_a_worked_saturday_receives_and_a_swapped_monday_does_not() -> None:
    assert SWAPPED.received(at(SATURDAY, 10), LAST_HOUR) == SATURDAY
    assert SWAPPED.received(at(SATURDAY, 15), LAST_HOUR) == MONDAY + DAY


def test_without_a_last_hour_the_whole_day_counts() -> None:
    assert PLAIN.received(at(WEDNESDAY, 23, 59), 24) == WEDNESDAY


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="timezone"):
        PLAIN.received(datetime(2026, 11, 25, 9), LAST_HOUR)  # noqa: DTZ001


@given(when=st.datetimes(datetime(2024, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_dossier_counts_for_a_working_day_that_is_not_over(when: datetime) -> None:
    found = PLAIN.received(when, LAST_HOUR)
    assert PLAIN.is_working(found)
    assert found >= when.astimezone(LOCAL).date()
