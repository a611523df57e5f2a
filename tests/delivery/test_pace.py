"""Bulk leaves in a trickle, within the caps and by day, whatever asks for it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels import GatewayPlan
from bot.clock import LOCAL
from bot.delivery import pace
from bot.delivery.pace import BURST, PART, Grant
from bot.reminders.quiet import allowed
from bot.store.engine import Store
from tests.factories import HOME

SIM = GatewayPlan("sim", per_minute=10, per_hour=100, per_day=500)
MORNING = datetime(2026, 7, 6, 8, 0, tzinfo=LOCAL)
STEP = timedelta(hours=1) / (100 * PART)


async def _take(
    store: Store, count: int, now: datetime, *plans: GatewayPlan, lane: pace.Lane = "reminder"
) -> Grant:
    async with store.write() as session:
        return await pace.take(session, HOME, count, now, plans or (SIM,), lane)


async def test_a_few_leave_at_once_and_the_others_one_after_the_other(store: Store) -> None:
    grant = await _take(store, 9, MORNING)
    assert grant.free == 1
    assert [at - grant.later[0] for at in grant.later] == [n * STEP for n in range(8)]
    assert grant.later[0] == MORNING + STEP


async def test_after_a_pause_a_small_number_leaves_at_once(store: Store) -> None:
    await _take(store, 1, MORNING)
    assert (await _take(store, 20, MORNING + timedelta(hours=1))).free == BURST


async def test_without_caps_nothing_waits(store: Store) -> None:
    assert await _take(store, 5000, MORNING, GatewayPlan("hub")) == Grant(5000)
    assert await _take(store, 7, MORNING, SIM, GatewayPlan("hub")) == Grant(7)


async def test_two_sims_carry_twice_as_much(store: Store) -> None:
    other = GatewayPlan("b", per_minute=10, per_hour=100, per_day=500)
    first, second = (await _take(store, 3, MORNING, SIM, other)).later
    assert second - first == STEP / 2


async def test_one_that_stands_by_adds_no_pace(store: Store) -> None:
    standby = GatewayPlan("b", share=0, per_minute=600)
    first, second = (await _take(store, 3, MORNING, SIM, standby)).later
    assert second - first == STEP


async def test_the_days_share_is_kept_and_the_rest_comes_tomorrow(store: Store) -> None:
    small = GatewayPlan("sim", per_day=10)
    grant = await _take(store, 12, MORNING, small)
    assert grant.free == 7
    tomorrow = datetime(2026, 7, 7, 7, 0, tzinfo=LOCAL)
    assert all(at == tomorrow for at in grant.later)
    assert (await _take(store, 5, MORNING + timedelta(hours=3), small)).free == 0
    assert (await _take(store, 5, tomorrow, small)).free == 5


async def test_a_reminder_passes_a_long_announcement(store: Store) -> None:
    long = await _take(store, 400, MORNING, lane="notice")
    assert long.later[-1] > MORNING + timedelta(hours=4)
    # Asked first at the next free instant, it gets it.
    assert (await _take(store, 1, MORNING + STEP, lane="reminder")).free == 1


async def test_a_clock_that_is_set_back_stops_nothing(store: Store) -> None:
    await _take(store, 50, MORNING + timedelta(days=40))
    assert (await _take(store, 1, MORNING)).free == 1


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(asked=st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3600)), min_size=1, max_size=25))
async def test_no_hour_carries_more_than_its_part(
    store: Store, asked: list[tuple[int, int]]
) -> None:
    commune = f"x{hash(tuple(asked))}"[:20]
    now, sent = MORNING, []
    for count, later in asked:
        now += timedelta(seconds=later)
        async with store.write() as session:
            grant = await pace.take(session, commune, count, now, (SIM,), "notice")
        assert grant.free + len(grant.later) == count
        assert all(at > now and allowed(at) for at in grant.later)
        assert len(set(grant.later)) == len(grant.later) or now.hour >= 20
        sent += [now] * grant.free
    by_hour = Counter((at - MORNING) // timedelta(hours=1) for at in sent)
    assert all(count <= 100 * PART + BURST for count in by_hour.values())
