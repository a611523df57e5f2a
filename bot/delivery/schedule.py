"""The scheduler: turns what is due into outbox rows and drops what is kept too long."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta

import structlog

from bot.channels import Plans, Reaches, one_way, only_sms
from bot.clock import Clock
from bot.delivery import group
from bot.delivery.group import Groups
from bot.delivery.ladder import Rules, queue_due
from bot.delivery.routing import recover
from bot.delivery.wakeups import Wakeups
from bot.reminders.quiet import Days, EveryDay
from bot.store import privacy, receipts
from bot.store.engine import Store

log = structlog.get_logger(__name__)

Chore = Callable[[datetime], Awaitable[int]]
"""Done at each look; returns how many messages it queued."""

SWEEP = 5.0
EARLY_LIFE = timedelta(days=2)
"""So long a report on an unknown message is kept for the answer that names it."""
RAISE_EVERY = timedelta(minutes=1)
RETENTION_EVERY = timedelta(hours=6)


class Scheduler:
    """Looks at what is due, every few seconds and when the clock is moved."""

    def __init__(
        self,
        store: Store,
        wakeups: Wakeups,
        clock: Clock,
        text_life: timedelta = privacy.TEXT_LIFE,
        reaches: Reaches = only_sms,
        groups: Groups | None = None,
        plans: Plans = one_way,
        days: Callable[[str], Days] = lambda commune: EveryDay(),
        office: Callable[[str], Collection[str]] = lambda commune: (),
        chores: Sequence[Chore] = (),
        wall: Clock | None = None,
    ) -> None:
        self._store = store
        self._wakeups = wakeups
        self._clock = clock
        self._text_life = text_life
        self._rules = Rules(reaches, plans, days, office)
        self._groups = groups
        self._chores = chores
        self._wall = wall or clock
        self._cleaned_at: datetime | None = None
        self._raised_at: datetime | None = None
        self.beat_at: datetime | None = None
        """When it last looked; an alarm belongs on this (dead-man switch)."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                # The rows stay due; the next look finds them.
                log.exception("schedule.failed")
            await self._wakeups.wait("schedule", SWEEP)

    async def look(self) -> int:
        """Queue all that is due; returns how many."""
        now = self._clock.now()
        queued = await self._due(now)
        for chore in self._chores:
            queued += await chore(now)
        if queued:
            log.info("schedule.queued", count=queued)
            self._wakeups.notify("outbox")
        await self._tell_groups(now)
        await self._drop_old(now)
        await self._raise_weights()
        self.beat_at = now
        return queued

    async def _due(self, now: datetime) -> int:
        queued = 0
        while True:
            async with self._store.write() as session:
                found = await queue_due(session, now, self._rules)
            queued += found.queued
            if not found.looked:
                return queued

    async def _tell_groups(self, now: datetime) -> None:
        if self._groups is None or not self._groups.communes():
            return
        async with self._store.write() as session:
            posted = await group.tell(session, self._groups, now)
        if posted:
            self._wakeups.notify("outbox")

    async def _raise_weights(self) -> None:
        wall = self._wall.now()
        if self._raised_at is not None and wall - self._raised_at < RAISE_EVERY:
            return
        async with self._store.write() as session:
            await recover(session, wall)
        self._raised_at = wall

    async def _drop_old(self, now: datetime) -> None:
        if self._cleaned_at is not None and now - self._cleaned_at < RETENTION_EVERY:
            return
        async with self._store.write() as session:
            dropped = await privacy.drop_old(session, now, self._text_life)
            await receipts.drop_early(session, now - EARLY_LIFE)
        if dropped:
            log.info("retention.dropped", messages=dropped)
        self._cleaned_at = now
