"""The worker: leases conversations that have new messages and takes their turns in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.delivery.crew import SWEEP, Crew
from bot.delivery.turns import LEASE, LostLease, Turns
from bot.delivery.wakeups import Wakeups
from bot.store import conversations, inbox
from bot.store.engine import Store
from bot.store.inbox import InboxView
from bot.understanding.client import NluUnavailable

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
MODEL_PATIENCE = timedelta(minutes=30)
"""A message waits so long for a model that is training or loading."""


class Worker(Crew[int]):
    """Handles up to ``concurrency`` conversations at once, each by one task, in order."""

    topic = "inbox"
    kind = "worker"

    def __init__(
        self,
        store: Store,
        turns: Turns,
        wakeups: Wakeups,
        wall: Clock,
        concurrency: int = 8,
        lease: timedelta = LEASE,
    ) -> None:
        super().__init__(wakeups, concurrency)
        self._store = store
        self._turns = turns
        self._wall = wall
        self._lease_time = lease
        self._without_model: dict[int, datetime] = {}
        """Since when a message has waited for the model, as this process knows."""
        self.handled = 0
        self.failed = 0

    async def _lease(self, limit: int) -> Sequence[int]:
        now = self._wall.now()
        async with self._store.write() as session:
            return await conversations.claim(session, self.name, now, self._lease_time, limit)

    def _id(self, thing: int) -> int:
        return thing

    async def _work(self, thing: int) -> None:
        """All turns that are due of one conversation, then give the lease back.

        What fails outside a turn (the database itself) would fail again at once: the lease
        is then kept, and whoever finds it run out tries again.
        """
        try:
            while (row := await self._next(thing)) is not None:
                if not await self._turn(row):
                    break
        except LostLease:
            log.warning("worker.lost_lease", conversation=thing)
            return
        except Exception:
            log.exception("worker.conversation_failed", conversation=thing)
            return
        async with self._store.write() as session:
            await conversations.release(session, thing, self.name)
        # A message may have come between the last look and the release.
        self._wakeups.notify("inbox")

    async def _next(self, conversation_id: int) -> InboxView | None:
        async with self._store.read() as session:
            return await inbox.next_new(session, conversation_id, self._wall.now())

    async def _turn(self, row: InboxView) -> bool:
        """Take one turn; False when the conversation has to wait."""
        try:
            await self._turns.handle(row, self.name)
        except LostLease:
            raise
        except NluUnavailable as error:
            return await self._wait_for_model(row, str(error))
        except Exception as error:
            return await self._failed(row, error)
        self._without_model.pop(row.id, None)
        self.handled += 1
        self._wakeups.notify("outbox")
        self._wakeups.notify("schedule")
        return True

    async def _wait_for_model(self, row: InboxView, error: str) -> bool:
        """Waiting is no failure: the five tries stay for real errors."""
        since = self._without_model.setdefault(row.id, self._wall.now())
        if self._wall.now() - since >= MODEL_PATIENCE:
            await self._turns.give_up(row, self.name, error)
            del self._without_model[row.id]
            return True
        await self._postpone(row, SWEEP, error, failed=False)
        return False

    async def _failed(self, row: InboxView, error: Exception) -> bool:
        self.failed += 1
        # The kind only: an exception's words may quote what the citizen wrote.
        reason = type(error).__name__
        log.exception("turn.failed", inbox=row.id, attempt=row.attempts + 1)
        if row.attempts + 1 >= MAX_ATTEMPTS:
            await self._turns.give_up(row, self.name, reason)
            return True
        await self._postpone(row, 2.0**row.attempts, reason)
        return False

    async def _postpone(
        self, row: InboxView, seconds: float, error: str, *, failed: bool = True
    ) -> None:
        async with self._store.write() as session:
            until = self._wall.now() + timedelta(seconds=seconds)
            await inbox.postpone(session, row.id, until, error, failed=failed)
