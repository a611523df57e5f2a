"""Which gateway carries a message: share, health, caps; never all at once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.channels import GatewayPlan
from bot.delivery.routing import MOVE_EVERY, STEP_DOWN, Router, Wait, pick, recover, weights
from bot.store import attempts, gateway_health
from bot.store.attempts import Used
from bot.store.engine import Store
from bot.store.models import OutboxRow
from tests.factories import HOME, House

A, B, STANDBY = GatewayPlan("a", 100), GatewayPlan("b", 100), GatewayPlan("s", 0)
SIM = GatewayPlan("sim", 100, per_minute=10, per_hour=100, per_day=500)


def _many(
    plans: Sequence[GatewayPlan], health: dict[str, int], tried: tuple[str, ...] = ()
) -> Counter[str]:
    rng = random.Random(4)
    return Counter(str(pick(plans, health, {}, tried, bulk=False, rng=rng)) for _ in range(2000))


def test_messages_are_shared_out() -> None:
    found = _many([A, B], {})
    assert 900 < found["a"] < 1100


def test_what_a_gateway_loses_goes_to_the_other() -> None:
    found = _many([A, B], {"a": 50})
    assert 1200 < found["b"] < 1450


def test_one_that_stands_by_gets_what_the_first_loses_and_nothing_else() -> None:
    assert _many([A, STANDBY], {}) == {"a": 2000}
    found = _many([A, STANDBY], {"a": 25})
    assert 1400 < found["s"] < 1600


def test_one_that_failed_with_this_message_is_passed_over() -> None:
    assert _many([A, B, STANDBY], {}, ("a",)) == {"b": 2000}
    assert _many([A, STANDBY], {}, ("a",)) == {"s": 2000}
    assert set(_many([A, B], {}, ("a", "b"))) == {"a", "b"}


def test_a_full_sim_makes_wait_and_bulk_leaves_room() -> None:
    rng = random.Random(1)
    full = {"sim": Used(minute=10, hour=20, day=20)}
    assert pick([SIM], {}, full, (), bulk=False, rng=rng) == Wait(timedelta(seconds=6))
    most = {"sim": Used(minute=8, hour=20, day=20)}
    assert pick([SIM], {}, most, (), bulk=False, rng=rng) == "sim"
    assert isinstance(pick([SIM], {}, most, (), bulk=True, rng=rng), Wait)


def test_an_answer_that_would_wait_long_takes_the_one_that_stands_by() -> None:
    rng = random.Random(1)
    spent = {"sim": Used(minute=0, hour=0, day=500)}
    assert pick([SIM, STANDBY], {}, spent, (), bulk=False, rng=rng) == "s"
    busy = {"sim": Used(minute=10, hour=10, day=10)}
    assert isinstance(pick([SIM, STANDBY], {}, busy, (), bulk=False, rng=rng), Wait)
    assert isinstance(pick([SIM, STANDBY], {}, spent, (), bulk=True, rng=rng), Wait)


@given(
    shares=st.lists(st.integers(0, 100), min_size=1, max_size=4),
    health=st.lists(st.integers(5, 100), min_size=4, max_size=4),
    used=st.lists(st.integers(0, 12), min_size=4, max_size=4),
    tried=st.sets(st.sampled_from("0123"), max_size=3),
    bulk=st.booleans(),
)
def test_it_always_says_something_sensible(
    shares: list[int], health: list[int], used: list[int], tried: set[str], bulk: bool
) -> None:
    plans = [GatewayPlan(str(n), share, per_minute=10) for n, share in enumerate(shares)]
    names = {plan.name for plan in plans}
    state = {str(n): value for n, value in enumerate(health)}
    spent = {str(n): Used(minute=count) for n, count in enumerate(used)}
    assert sum(weights(plans, state).values()) <= sum(shares) + 1e-6
    found = pick(plans, state, spent, tried, bulk=bulk, rng=random.Random(2))
    if isinstance(found, Wait):
        assert found.span > timedelta(0)
    else:
        assert found in names
        assert spent[found].minute < 10
        assert found not in tried or not names - tried


async def _row(house: House) -> OutboxRow:
    conversation = await house.hear("KS")
    await house.queue(conversation, "một")
    return (await house.outbox_rows())[0]


async def _attempts(
    house: House, row: OutboxRow, gateway: str, *states: str, took: float = 1
) -> None:
    async with house.store.write() as session:
        for state in states:
            await attempts.begin(session, row, gateway, attempts.Cost(), house.wall.now())
            await session.flush()
            ended = house.wall.now() + timedelta(seconds=took)
            await attempts.end(session, row.id, state, ended)


async def _learn(house: House, gateway: str) -> dict[str, int]:
    async with house.store.write() as session:
        await Router().learn(session, HOME, [A, B], gateway, house.wall.now())
    async with house.store.read() as session:
        return await gateway_health.weights(session, HOME)


async def test_a_gateway_that_fails_loses_weight_in_steps_and_gains_it_back(store: Store) -> None:
    house = House(store)
    row = await _row(house)
    await _attempts(house, row, "a", "failed", "failed")
    assert await _learn(house, "a") == {}  # two may be chance
    await _attempts(house, row, "a", "unknown")
    assert await _learn(house, "a") == {"a": 100 - STEP_DOWN}
    assert await _learn(house, "a") == {"a": 100 - STEP_DOWN}  # not all at once
    for step in range(2, 8):
        house.wall.advance(MOVE_EVERY)
        assert await _learn(house, "a") == {"a": max(5, 100 - step * STEP_DOWN)}
    house.wall.advance(timedelta(minutes=14))
    async with store.write() as session:
        await recover(session, house.wall.now())
    async with store.read() as session:
        assert await gateway_health.weights(session, HOME) == {"a": 15}


async def test_a_refused_number_is_no_fault_of_the_gateway(store: Store) -> None:
    house = House(store)
    row = await _row(house)
    await _attempts(house, row, "a", *["refused"] * 6)
    assert await _learn(house, "a") == {}


async def test_a_slow_gateway_loses_a_little_unless_all_are_slow(store: Store) -> None:
    house = House(store)
    row = await _row(house)
    await _attempts(house, row, "a", *["accepted"] * 4, took=40)
    await _attempts(house, row, "b", *["accepted"] * 4, took=1)
    assert await _learn(house, "a") == {"a": 90}
    other = House(store)
    await _attempts(other, row, "b", *["accepted"] * 9, took=40)
    house.wall.advance(timedelta(minutes=6))
    assert await _learn(house, "a") == {"a": 90}


async def test_what_was_sent_lately_is_counted_by_span(store: Store) -> None:
    house = House(store)
    row = await _row(house)
    for minutes in (0, 30, 20):
        house.wall.advance(timedelta(minutes=minutes))
        await _attempts(house, row, "a", "accepted")
    house.wall.advance(timedelta(minutes=15))
    async with store.read() as session:
        assert await attempts.used(session, HOME, house.wall.now()) == {"a": Used(0, 2, 3)}
