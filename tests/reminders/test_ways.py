"""The ladder: what may be sent how, asked in one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import Reach, Standing, Unlimited
from bot.messages import CHANNELS, Channel
from bot.reminders.ways import Person, Way, ladder, standing
from tests.factories import HOME, NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """An Official Account: two days free, seven open."""

    template: str = ""

    def standing(
        self, last_interaction: datetime | None, now: datetime
    ) -> tuple[Standing, datetime | None]:
        if last_interaction is None or now - last_interaction > 7 * DAY:
            return Standing.CLOSED, None
        free = now - last_interaction <= 2 * DAY
        return (Standing.FREE if free else Standing.PAID), last_interaction + 7 * DAY


def reaches(**accounts: Reach) -> object:
    return lambda commune, channel: accounts.get(channel)


ALL = {"zalo": Window("77"), "sms": Unlimited(), "web": Unlimited(), "zalobot": Unlimited()}


def person(channel: Channel = "zalo", ago: timedelta = HOUR, *, stopped: bool = False) -> Person:
    return Person(HOME, channel, NOON - ago, stopped)


@pytest.mark.parametrize(
    ("who", "accounts", "ways"),
    [
        (person(), ALL, "chat template template-phone sms call"),
        (person(ago=6 * DAY), ALL, "chat template template-phone sms call"),
        (person(ago=8 * DAY), ALL, "template template-phone sms call"),
        (person(stopped=True), ALL, "template-phone sms call"),
        (person(), {"zalo": Window()}, "chat call"),
        (person(ago=8 * DAY), {"zalo": Window(), "sms": Unlimited()}, "sms call"),
        (person(ago=8 * DAY), {"zalo": Window()}, "call"),
        (person("web"), ALL, "template-phone sms call"),
        (person("sms"), {"sms": Unlimited()}, "sms call"),
        (person("zalobot", 300 * DAY), {"zalobot": Unlimited()}, "chat call"),
        (person(), {}, "call"),
    ],
)
def test_the_best_way_that_is_open_comes_first(
    who: Person, accounts: dict[str, Reach], ways: str
) -> None:
    assert ladder(who, reaches(**accounts), NOON) == ways.split()  # type: ignore[arg-type]


@given(
    st.sampled_from(CHANNELS),
    st.timedeltas(timedelta(), 20 * DAY),
    st.booleans(),
    st.sets(st.sampled_from(sorted(ALL))),
    st.sets(st.sampled_from(list(Way))),
)
def test_no_way_is_taken_twice_and_somebody_can_always_call(
    channel: Channel, ago: timedelta, stopped: bool, there: set[str], tried: set[Way]
) -> None:
    accounts = {name: ALL[name] for name in there}
    ways = ladder(person(channel, ago, stopped=stopped), reaches(**accounts), NOON, tried)  # type: ignore[arg-type]
    assert ways[-1] is Way.CALL
    assert not set(ways[:-1]) & tried
    assert len(set(ways)) == len(ways)


def test_nothing_may_go_to_somebody_who_unfollowed_or_without_an_account() -> None:
    assert standing(reaches(**ALL), person(stopped=True), NOON)[0] is Standing.CLOSED  # type: ignore[arg-type]
    assert standing(reaches(), person(), NOON)[0] is Standing.CLOSED  # type: ignore[arg-type]
    assert standing(reaches(**ALL), person(), NOON) == (Standing.FREE, NOON - HOUR + 7 * DAY)  # type: ignore[arg-type]
