"""Faults: counted, with a rate, repeatable by their seed; and a long run through all of them."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.bodies import MalformedBodyError
from integrations.simulation.faults import Faults, counted
from tests.integrations.zalo.simulator.conftest import USER, Lab, laboratory, message

RATES = {
    "duplicate_webhooks": 0.1,
    "reorder_webhooks": 0.1,
    "lost_acks": 0.1,
    "drop_answers": 0.2,
    "server_errors": 0.1,
    "html_bodies": 0.1,
    "rate_limits": 0.1,
}


@given(st.sampled_from(sorted(counted())), st.integers(0, 5))
def test_a_number_counts_down(name: str, times: int) -> None:
    faults = Faults(**{name: times})  # type: ignore[arg-type]
    assert [faults.take(name) for _ in range(times + 2)] == [True] * times + [False] * 2


def test_minus_one_is_every_time() -> None:
    faults = Faults(lost_acks=-1)
    assert all(faults.take("lost_acks") for _ in range(100))


@given(st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_faults(seed: int) -> None:
    def draws() -> list[bool]:
        faults = Faults(
            rates={"lost_acks": 0.5, "drop_answers": 0.5}, drop_when="random", seed=seed
        )
        kinds = [faults.take("lost_acks") for _ in range(20)]
        return kinds + [faults.drops(when) for when in ("before", "after") * 20]

    assert draws() == draws()


def test_a_rate_is_a_share() -> None:
    faults = Faults(rates={"lost_acks": 0.3}, seed=1)
    assert 250 < sum(faults.take("lost_acks") for _ in range(1000)) < 350
    assert not any(faults.take("server_errors") for _ in range(1000))


def test_an_answer_is_lost_at_the_chosen_moment() -> None:
    for when, other in (("before", "after"), ("after", "before")):
        faults = Faults(drop_answers=1, drop_when=when)
        assert [faults.drops(other), faults.drops(when), faults.drops(when)] == [False, True, False]


@pytest.mark.parametrize(
    "changes",
    [
        {"earthquake": 1},
        {"_random": 1},
        {"drop_answers": True},
        {"drop_answers": 1.5},
        {"drop_when": "never"},
        {"rates": {"earthquake": 0.1}},
        {"rates": {"lost_acks": 1.1}},
        {"rates": {"lost_acks": "x"}},
        {"rates": {"seed": 0.1}},
        {"rates": {"lost_acks": True}},
        {"refuse": {"abc": 1}},
        {"refuse": {"0": 1}},
        {"refuse": {"-200": "1"}},
    ],
)
async def test_switches_over_http(lab: Lab, changes: dict[str, object]) -> None:
    with pytest.raises(MalformedBodyError):
        Faults().update(changes)
    before = (await lab.http.get("/faults")).json()
    assert (await lab.http.post("/faults", json={"latency": 1} | changes)).status_code == 400
    assert (await lab.http.get("/faults")).json() == before


async def test_good_switches_over_http(lab: Lab) -> None:
    changes = {"rates": {"lost_acks": 1}, "seed": 7, "refuse": {"-200": -1}, "latency": 0}
    shown = (await lab.http.post("/faults", json=changes)).json()
    assert (shown["rates"], shown["seed"], shown["refuse"]) == ({"lost_acks": 1.0}, 7, {"-200": -1})
    assert "_random" not in shown


async def test_a_long_run_loses_nothing() -> None:
    """Every message of the citizen arrives, and what was carried out is what was counted."""
    faults = Faults(rates=RATES, drop_when="random", seed=11, drop_seconds=0.0, hold_seconds=0.05)
    outcomes: Counter[str] = Counter()
    async with laboratory(faults=faults) as lab:
        lab.policy(free_replies=None, per_minute=1_000_000)
        lab.simulator.world.type(USER, "0")
        for n in range(1, 100):
            lab.simulator.world.type(USER, str(n))
            outcomes[await one_send(lab)] += 1
        await asyncio.wait_for(lab.simulator.courier.idle(), 20)
        arrived = {event["message"]["text"] for event in lab.hook.named("user_send_text")}
        echoed = {event["message"]["msg_id"] for event in lab.hook.named("oa_send_text")}
        assert arrived == {str(n) for n in range(100)}
        assert len(echoed) == lab.simulator.world.sends[USER]
        assert outcomes["done"] <= len(echoed) <= outcomes["done"] + outcomes["lost"]
    assert min(outcomes[kind] for kind in ("done", "lost", "refused", "broken")) > 0


async def one_send(lab: Lab) -> str:
    headers = {"access_token": lab.token}
    try:
        answer = await lab.http.post("/v3.0/oa/message/cs", json=message(), headers=headers)
    except httpx.RemoteProtocolError:
        return "lost"
    if answer.status_code != 200 or not answer.headers["Content-Type"].startswith(
        "application/json"
    ):
        return "broken"
    return "refused" if answer.json()["error"] else "done"
