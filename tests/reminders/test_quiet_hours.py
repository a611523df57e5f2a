"""Nothing leaves by itself at night in Vietnam."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import LOCAL
from bot.reminders.plan import moments
from bot.reminders.quiet import allowed, next_allowed

START = datetime(2024, 1, 1, tzinfo=UTC)
instants = st.timedeltas(timedelta(), timedelta(days=4000)).map(lambda after: START + after)


@given(instants)
def test_the_next_moment_is_allowed_never_earlier_and_within_a_night(at: datetime) -> None:
    moved = next_allowed(at)
    assert allowed(moved)
    assert timedelta() <= moved - at <= timedelta(hours=10)
    assert 7 <= moved.astimezone(LOCAL).hour < 21


@given(instants)
def test_by_day_nothing_is_moved_and_by_night_to_seven_sharp(at: datetime) -> None:
    local = next_allowed(at).astimezone(LOCAL)
    if allowed(at):
        assert local == at
    else:
        assert (local.hour, local.minute, local.second, local.microsecond) == (7, 0, 0, 0)


@given(instants)
def test_moving_twice_is_moving_once(at: datetime) -> None:
    assert next_allowed(next_allowed(at)) == next_allowed(at)


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("06:59:59", False),
        ("07:00:00", True),
        ("20:59:59", True),
        ("21:00:00", False),
        ("00:00:00", False),
    ],
)
def test_the_borders_of_the_day(local: str, expected: bool) -> None:
    at = datetime.fromisoformat(f"2026-07-06T{local}+07:00")
    assert allowed(at) is expected


@given(
    st.dates(min_value=date(2025, 1, 1), max_value=date(2030, 1, 1)),
    st.lists(st.integers(0, 60), min_size=1, max_size=4),
    instants,
)
def test_planned_moments_lie_ahead_by_day_and_before_they_are_pointless(
    day: date, leads: list[int], now: datetime
) -> None:
    for due in moments(day, leads, now):
        assert due.at > now
        assert allowed(due.at)
        assert due.at < due.expires_at
        assert due.expires_at.astimezone(LOCAL).date() == day + timedelta(days=1)
