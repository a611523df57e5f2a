"""The two windows, to the second, and what is left of an allowance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.zalo.oa.window import Quota, Standing, Window
from tests.integrations.zalo.oa.conftest import START

WINDOW = Window()
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("age", "standing"),
    [
        (-SECOND, Standing.FREE),
        (timedelta(), Standing.FREE),
        (48 * HOUR, Standing.FREE),
        (48 * HOUR + SECOND, Standing.PAID),
        (7 * DAY, Standing.PAID),
        (7 * DAY + SECOND, Standing.CLOSED),
    ],
)
def test_the_edges(age: timedelta, standing: Standing) -> None:
    assert WINDOW.standing(START - age, START) is standing


def test_who_never_wrote_cannot_be_written_to() -> None:
    assert WINDOW.standing(None, START) is Standing.CLOSED
    assert WINDOW.until(None, START) is None


@given(st.integers(0, 14 * 24 * 3600))
def test_until_is_the_last_instant_of_the_standing(seconds: int) -> None:
    last = START - seconds * SECOND
    standing, until = WINDOW.standing(last, START), WINDOW.until(last, START)
    if until is None:
        assert standing is Standing.CLOSED
        return
    assert until >= START
    assert WINDOW.standing(last, until) is standing
    assert WINDOW.standing(last, until + SECOND) is not standing


def test_lengths_are_data() -> None:
    short = Window(free_for=HOUR, open_for=2 * HOUR)
    assert short.standing(START - 3 * HOUR, START) is Standing.CLOSED
    assert short.standing(START - 90 * timedelta(minutes=1), START) is Standing.PAID


@pytest.mark.parametrize(
    ("remain", "exhausted"), [(None, False), (1, False), (0, True), (-1, True)]
)
def test_an_allowance_that_is_not_told_is_not_exhausted(
    remain: int | None, exhausted: bool
) -> None:
    assert Quota("reply", remain).exhausted is exhausted
