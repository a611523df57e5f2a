"""The scheduler: turns due reminders into outbox rows and drops what is kept too long."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.channels import Reaches, only_sms
from bot.clock import Clock
from bot.delivery import group
from bot.delivery.group import Groups
from bot.delivery.wakeups import Wakeups
from bot.reminders.quiet import next_allowed
from bot.store import privacy, receipts, reminders
from bot.store.engine import Store

log = structlog.get_logger(__name__)

SWEEP = 5.0
EARLY_LIFE = timedelta(days=2)
"""So long a report on an unknown message is kept for the answer that names it."""
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
    ) -> None:
        self._store = store
        self._wakeups = wakeups
        self._clock = clock
        self._text_life = text_life
        self._reaches = reaches
        self._groups = groups
        self._cleaned_at: datetime | None = None
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
        """Queue all reminders that are due; returns how many."""
        queued = 0
        while True:
            now = self._clock.now()
            async with self._store.write() as session:
                batch = await reminders.queue_due(session, now, next_allowed(now), self._reaches)
                left = await reminders.next_due(session)
            queued += batch
            if left is None or left > now:
                break
        if queued:
            log.info("reminders.queued", count=queued)
            self._wakeups.notify("outbox")
        await self._tell_groups(now)
        await self._drop_old(now)
        self.beat_at = now
        return queued

    async def _tell_groups(self, now: datetime) -> None:
        if self._groups is None or not self._groups.communes():
            return
        async with self._store.write() as session:
            posted = await group.tell(session, self._groups, now)
        if posted:
            self._wakeups.notify("outbox")

    async def _drop_old(self, now: datetime) -> None:
        if self._cleaned_at is not None and now - self._cleaned_at < RETENTION_EVERY:
            return
        async with self._store.write() as session:
            dropped = await privacy.drop_old(session, now, self._text_life)
            await receipts.drop_early(session, now - EARLY_LIFE)
        if dropped:
            log.info("retention.dropped", messages=dropped)
        self._cleaned_at = now
