"""How fast a commune's SIMs send what nobody asked for: spread over the day, room left.

A SIM that sends in bursts is taken for a spammer's and locked (facts/sms_privacy.md 1.0). So
reminders and announcements get at most :data:`PART` of what the caps allow, one after the other
with equal distances; after an outage they come as a trickle, not as a burst. The state is a row,
shared by all processes and alive after a restart.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import GatewayPlan
from bot.clock import LOCAL
from bot.reminders.quiet import OPENS, Days, next_allowed
from bot.store import notes
from bot.store.engine import take_turns

PART: Final = 0.7
"""Of the caps; the rest is for answers."""
BURST: Final = 5
"""So many may leave at once after a pause."""
NOTE: Final = "pace"

Lane = Literal["reminder", "notice"]
"""What waits queues up behind its own kind only: a reminder passes a long announcement."""


@dataclass(frozen=True, slots=True)
class Grant:
    """``free`` may leave now; ``later``: when to ask again, for each of the others."""

    free: int
    later: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Room:
    """What the caps leave for bulk: None where there is no cap."""

    interval: timedelta | None
    per_day: int | None


def room(plans: Sequence[GatewayPlan]) -> Room:
    """The sum over the gateways that carry ordinary messages (all, when none does)."""
    used = [plan for plan in plans if plan.share > 0] or list(plans)
    rates = [rate for rate in map(_hourly, used) if rate is not None]
    daily = [plan.per_day * PART for plan in used if plan.per_day]
    capped = bool(used) and len(rates) == len(used)
    return Room(
        timedelta(hours=1) / sum(rates) if capped else None,
        max(1, int(sum(daily))) if used and len(daily) == len(used) else None,
    )


def _hourly(plan: GatewayPlan) -> float | None:
    caps = [plan.per_hour, plan.per_minute * 60]
    return min((cap * PART for cap in caps if cap), default=None)


async def take(
    session: AsyncSession,
    commune: str,
    count: int,
    now: datetime,
    plans: Sequence[GatewayPlan],
    lane: Lane,
    days: Days | None = None,
) -> Grant:
    """Ask whether ``count`` bulk SMS of a commune may leave now (business time).

    Those that may not are told when to ask again, each at another time, in permitted hours.
    """
    space = room(plans)
    if count <= 0 or (space.interval is None and space.per_day is None):
        return Grant(max(count, 0))
    await take_turns(session, f"pace {commune}")
    state = _State.read(await notes.get(session, NOTE, commune), now)
    free = state.take(count, now, space)
    later = state.queue_up(count - free, now, space, lane, days)
    await notes.put(session, NOTE, state.dump(), commune)
    return Grant(free, later)


class _State:
    """``next``: when the next one may leave; ``tails``: up to when a lane is spoken for."""

    def __init__(self, next_at: datetime, day: str, used: int, tails: dict[str, datetime]) -> None:
        self.next_at, self.day, self.used, self.tails = next_at, day, used, tails

    @classmethod
    def read(cls, text: str | None, now: datetime) -> _State:
        today = now.astimezone(LOCAL).date().isoformat()
        told = json.loads(text) if text else {}
        tails = {lane: datetime.fromisoformat(at) for lane, at in told.get("tails", {}).items()}
        next_at = datetime.fromisoformat(told["next"]) if "next" in told else now
        # A clock that was set back must not stop everything until it has caught up.
        if next_at - now > timedelta(days=1):
            next_at, tails = now, {}
        return cls(next_at, today, told.get("used", 0) if told.get("day") == today else 0, tails)

    def dump(self) -> str:
        tails = {lane: at.isoformat() for lane, at in self.tails.items()}
        told = {"next": self.next_at.isoformat(), "day": self.day, "used": self.used}
        return json.dumps(told | {"tails": tails})

    def take(self, count: int, now: datetime, space: Room) -> int:
        left = count if space.per_day is None else min(count, max(space.per_day - self.used, 0))
        if space.interval is not None:
            start = max(self.next_at, now - space.interval * (BURST - 1))
            left = min(left, int((now - start) / space.interval) + 1 if start <= now else 0)
            if left > 0:
                self.next_at = start + space.interval * left
        self.used += left
        return left

    def queue_up(
        self, count: int, now: datetime, space: Room, lane: Lane, days: Days | None
    ) -> tuple[datetime, ...]:
        if count <= 0:
            return ()
        step = space.interval or timedelta(0)
        at = max(self.next_at, self.tails.get(lane, now), now)
        if space.per_day is not None and self.used >= space.per_day:
            at = max(at, _tomorrow(now))
        found = []
        for _ in range(count):
            at = next_allowed(at, days)
            found.append(at)
            at += step
        self.tails[lane] = at
        return tuple(found)


def _tomorrow(now: datetime) -> datetime:
    day = now.astimezone(LOCAL).date() + timedelta(days=1)
    return datetime.combine(day, OPENS, LOCAL).astimezone(UTC)
