"""Opening hours as an officer types them."""

from __future__ import annotations

from contextlib import suppress
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.hours import EXAMPLE, WEEKDAYS, HoursError, read_hours, render_hours
from bot.knowledge.model import Desk, Hours, Period

MORNING = Period(opens=time(7, 30), closes=time(11, 30))
AFTERNOON = Period(opens=time(13, 30), closes=time(17))
NAMES = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


def desk(hours: Hours) -> Desk:
    return Desk(name="x", short="x", address="x", address_short="x", phone="1", hours=hours)


def test_the_example_is_read() -> None:
    hours = read_hours(EXAMPLE)
    assert list(hours) == ["mon", "tue", "wed", "thu", "fri", "sat"]
    assert hours["mon"] == hours["fri"] == (MORNING, AFTERNOON)
    assert hours["sat"] == (MORNING,)


@pytest.mark.parametrize(
    "text",
    [
        "T2 7:30-11:30",
        "t2 7h30-11h30",
        "T2-T2 07:30-11:30",
        "  T2   7:30-11:30 ; ",
        ";T2 7h30-11:30;;",
    ],
)
def test_small_differences_of_writing_do_not_matter(text: str) -> None:
    assert read_hours(text) == {"mon": (MORNING,)}


def test_sunday_and_whole_hours() -> None:
    whole = Period(opens=time(8), closes=time(11))
    assert read_hours("T7-CN 8h-11h") == {"sat": (whole,), "sun": (whole,)}
    assert read_hours("CN 8:-11:") == {"sun": (whole,)}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "chưa có giờ nào"),
        (" ; ; ", "chưa có giờ nào"),
        ("T2", "không hiểu"),
        ("T8 7:30-11:30", "không hiểu"),
        ("T2 7:30", "không hiểu"),
        ("T2: 7:30-11:30", "không hiểu"),
        ("T2 7:30-11:30, 13:30-17:00", "không hiểu"),
        ("thứ hai 7:30-11:30", "không hiểu"),
        ("T2 7-11", "không hiểu"),
        ("T2 7:30-25:00", "không phải giờ"),
        ("T2 7:61-11:30", "không phải giờ"),
        ("T2 24:00-24:30", "không phải giờ"),
        ("T2 7:30-11:30; T2 13:30-17:00", "lặp lại"),
        ("T2-T6 7:30-11:30; T4 7:30-11:30", "lặp lại"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_reason(text: str, word: str) -> None:
    with pytest.raises(HoursError, match=word):
        read_hours(text)


@pytest.mark.parametrize(
    "text",
    ["T6-T2 7:30-11:30", "T6-T2 7:30-11:30; T7 7:30-11:30", "CN-T2 8h-9h; T3 8h-9h"],
)
def test_days_the_wrong_way_round_are_refused_and_not_lost(text: str) -> None:
    with pytest.raises(HoursError):
        read_hours(text)


def test_the_reason_shows_how_to_write_it() -> None:
    with pytest.raises(HoursError) as caught:
        read_hours("sáng thứ hai")
    assert EXAMPLE in str(caught.value)
    assert "sáng thứ hai" in str(caught.value)


TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
PERIODS = st.lists(st.builds(Period, opens=TIMES, closes=TIMES), min_size=1, max_size=3).map(tuple)
HOURS = st.dictionaries(st.sampled_from(WEEKDAYS), PERIODS, min_size=1)


@given(hours=HOURS)
def test_what_is_written_is_what_is_read(hours: Hours) -> None:
    parts = [
        " ".join([NAMES[n], *(f"{p.opens:%H:%M}-{p.closes:%H:%M}" for p in hours[day])])
        for n, day in enumerate(WEEKDAYS)
        if day in hours
    ]
    assert read_hours("; ".join(parts)) == hours


@given(hours=HOURS)
def test_hours_as_they_are_shown_are_read_back(hours: Hours) -> None:
    shown = render_hours(desk(hours), short=True)
    typed = shown.replace(":", "").replace(",", "").replace(" den ", "-")
    for number, name in enumerate(("thu 2", "thu 3", "thu 4", "thu 5", "thu 6", "thu 7")):
        typed = typed.replace(name, NAMES[number])
    assert read_hours(typed.replace("chu nhat", "CN")) == hours


@given(text=st.text(alphabet="T234567CNth :;-,0123456789\n", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(HoursError):
        hours = read_hours(text)
        assert hours
        assert all(hours.values())
