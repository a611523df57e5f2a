"""Which gateway carries a message: by share and health, within the caps, never all at once.

A gateway that fails or grows slow loses weight in steps, at most one a minute, and what it
loses goes to the others (also to those that stand by with share 0). It keeps a little, so that
its recovery is noticed, and gains weight back slowly. When all are slow nothing moves: the fault
is elsewhere. (How GOV.UK Notify came to it: facts/anchors.md 1a.)
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import GatewayPlan
from bot.store import attempts, gateway_health
from bot.store.attempts import Used
from bot.store.gateway_health import FULL

STEP_DOWN, STEP_SLOW, STEP_UP = 25, 10, 10
MOVE_EVERY: Final = timedelta(minutes=1)
UP_EVERY: Final = timedelta(minutes=5)
CALM: Final = timedelta(minutes=15)
"""So long without a fault before weight comes back."""
LAST: Final = 10
"""Attempts that are judged, of the last half hour."""
LOOK_BACK: Final = timedelta(minutes=30)
FAULTS: Final = 3
SLOW: Final = timedelta(seconds=15)
BULK: Final = 0.85
"""Of a cap that bulk may use up (its pace is lower: bot.delivery.pace.PART)."""
PATIENCE: Final = timedelta(minutes=2)
"""So long an answer waits for its own gateway rather than take one that stands by."""

_SPANS = (
    ("per_minute", "minute", timedelta(minutes=1)),
    ("per_hour", "hour", timedelta(hours=1)),
    ("per_day", "day", timedelta(days=1)),
)


@dataclass(frozen=True, slots=True)
class Wait:
    """No gateway has room now; look again after ``span``."""

    span: timedelta


def weights(plans: Sequence[GatewayPlan], health: Mapping[str, int]) -> dict[str, float]:
    """What part of the messages each gateway gets (they sum up to the shares).

    What the carrying gateways lose to bad health goes to those that stand by, in equal parts.
    """
    own = {plan.name: plan.share * health.get(plan.name, FULL) / FULL for plan in plans}
    lost = sum(plan.share for plan in plans) - sum(own.values())
    standby = [plan.name for plan in plans if plan.share == 0]
    for name in standby:
        own[name] = lost / len(standby)
    return own


def free_in(plan: GatewayPlan, used: Used, *, bulk: bool) -> timedelta:
    """How long until the caps let one more pass (at the latest); zero: now.

    Bulk leaves a part of each cap to answers; its own pace keeps it well below.
    """
    longest = timedelta(0)
    for cap_name, used_name, span in _SPANS:
        cap = getattr(plan, cap_name)
        limit = max(1, int(cap * BULK)) if bulk else cap
        if cap and getattr(used, used_name) >= limit:
            # On the average the oldest of them leaves the span after its part.
            longest = max(longest, span / limit)
    return longest


def pick(
    plans: Sequence[GatewayPlan],
    health: Mapping[str, int],
    used: Mapping[str, Used],
    tried: Collection[str],
    *,
    bulk: bool,
    rng: random.Random,
) -> str | Wait:
    """Choose among the gateways that were not tried (among all, when all were).

    One that stands by is taken when no other is left, or when an answer would wait long.
    """
    left = [plan for plan in plans if plan.name not in tried] or list(plans)
    waits = {plan.name: free_in(plan, used.get(plan.name, Used()), bulk=bulk) for plan in left}
    shares = weights(left, health)
    carrying = {n: share for n, share in shares.items() if share > 0 and not waits[n]}
    if carrying:
        return rng.choices(list(carrying), list(carrying.values()))[0]
    wait = min((waits[name] for name, share in shares.items() if share > 0), default=timedelta(0))
    standby = [name for name, share in shares.items() if share <= 0 and not waits[name]]
    if standby and (not wait or (wait > PATIENCE and not bulk)):
        return standby[0]
    return Wait(wait or min(waits.values()))


class Router:
    """Chooses, and learns from what came of it."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self._rng = rng or random.Random()

    async def choose(
        self,
        session: AsyncSession,
        commune: str,
        plans: Sequence[GatewayPlan],
        tried: Collection[str],
        wall: datetime,
        *,
        bulk: bool,
    ) -> str | Wait:
        """The gateway for one message, in the transaction that says that it leaves."""
        capped = any(plan.per_minute or plan.per_hour or plan.per_day for plan in plans)
        used = await attempts.used(session, commune, wall) if capped else {}
        health = await gateway_health.weights(session, commune) if len(plans) > 1 else {}
        return pick(plans, health, used, tried, bulk=bulk, rng=self._rng)

    async def learn(
        self,
        session: AsyncSession,
        commune: str,
        plans: Sequence[GatewayPlan],
        gateway: str,
        wall: datetime,
    ) -> None:
        """Look at the last attempts of ``gateway`` and move its weight when it is time."""
        if len(plans) < 2:
            return
        found = {
            plan.name: await attempts.recent(
                session, commune, plan.name, wall - LOOK_BACK, LAST, SLOW
            )
            for plan in plans
        }
        mine = found.get(gateway)
        if mine is None:
            return
        bad = mine.failed >= FAULTS and mine.failed * 2 >= mine.total
        slow = mine.slow >= FAULTS and mine.slow * 3 >= mine.total
        all_slow = all(one.slow * 3 >= one.total for one in found.values() if one.total)
        if bad:
            await gateway_health.move(session, commune, gateway, -STEP_DOWN, wall, MOVE_EVERY)
        elif slow and not all_slow:
            await gateway_health.move(session, commune, gateway, -STEP_SLOW, wall, UP_EVERY)


async def recover(session: AsyncSession, wall: datetime) -> None:
    """Give weight back to gateways that have been calm (the scheduler calls it)."""
    await gateway_health.recover(session, wall, CALM, UP_EVERY, STEP_UP)
