"""When the desk is open."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import LOCAL
from bot.knowledge.hours import opening, render_hours
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Commune


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of the week from Monday 23 November 2026, Vietnam time."""
    return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("now", "is_open", "following"),
    [
        (at(23, 6), False, at(23, 7, 30)),
        (at(23, 7, 30), True, at(23, 13, 30)),
        (at(23, 11, 30), False, at(23, 13, 30)),
        (at(23, 16, 59), True, at(24, 7, 30)),
        (at(23, 17), False, at(24, 7, 30)),
        (at(28, 8), True, at(30, 7, 30)),
        (at(28, 12), False, at(30, 7, 30)),
        (at(29, 9), False, at(30, 7, 30)),
    ],
)
def test_opening(commune: Commune, now: datetime, is_open: bool, following: datetime) -> None:
    found = opening(commune, now)
    assert found.open_now is is_open
    assert found.next_opening == following
    assert opening(commune, now.astimezone(UTC)) == found


def test_days_off_are_skipped(commune: Commune) -> None:
    found = opening(commune, at(23, 8), closed=lambda day: day == date(2026, 11, 23))
    assert found == (False, at(24, 7, 30))


def test_a_commune_without_hours_never_opens(commune: Commune) -> None:
    closed = commune.model_copy(update={"hours": {}})
    assert opening(closed, at(23, 8)) == (False, None)
    assert render_hours(closed, short=False) == "hỏi trước khi đi"


def test_naive_times_are_refused(commune: Commune) -> None:
    with pytest.raises(ValueError, match="timezone"):
        opening(commune, datetime(2026, 11, 23, 8))  # noqa: DTZ001


def test_hours_in_words(commune: Commune) -> None:
    assert render_hours(commune, short=False) == (
        "Thứ Hai đến Thứ Sáu: 7h30-11h30, 13h30-17h; Thứ Bảy: 7h30-11h30"
    )
    assert render_hours(commune, short=True) == (
        "thu 2 den thu 6: 7h30-11h30, 13h30-17h; thu 7: 7h30-11h30"
    )


@given(minutes=st.integers(0, 60 * 24 * 21))
def test_the_next_opening_is_later_and_open(knowledge: Knowledge, minutes: int) -> None:
    demo = knowledge.commune("hoa-mai")
    now = at(1, 0) + timedelta(minutes=minutes)
    following = opening(demo, now).next_opening
    assert following is not None
    assert following > now
    assert opening(demo, following).open_now
    assert not opening(demo, following - timedelta(minutes=1)).open_now
