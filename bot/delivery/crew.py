"""What worker and sender have in common: claim rows, work on several at once, never on one
twice, and let what is in hand finish when told to stop."""

from __future__ import annotations

import asyncio
import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from bot.delivery.wakeups import Topic, Wakeups

T = TypeVar("T")

SWEEP = 1.0
"""Seconds between two looks at the rows when no wake-up comes."""
LAST_WORDS = 20.0
"""Seconds that work in hand is given to finish when the loop is cancelled."""


class Crew(ABC, Generic[T]):
    """Does up to ``concurrency`` claimed things at once, each in a task of its own."""

    topic: ClassVar[Topic]
    """The wake-ups that mean work for this crew."""
    kind: ClassVar[str]

    def __init__(self, wakeups: Wakeups, concurrency: int) -> None:
        self._wakeups = wakeups
        self._concurrency = concurrency
        self._tasks: set[asyncio.Task[None]] = set()
        self._active: set[int] = set()
        self.name = f"{self.kind}-{os.getpid()}-{secrets.token_hex(4)}"
        """A name for leases that no other process has."""

    @abstractmethod
    async def _lease(self, limit: int) -> Sequence[T]:
        """Lease up to ``limit`` things that have work."""

    @abstractmethod
    def _id(self, thing: T) -> int:
        """What makes two leases the same thing."""

    @abstractmethod
    async def _work(self, thing: T) -> None:
        """Do what is to be done; must not raise."""

    async def run(self) -> None:
        """Work until cancelled; then let what is in hand finish."""
        try:
            while True:
                if not await self._claim():
                    await self._wakeups.wait(self.topic, SWEEP)
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=LAST_WORDS)

    async def drain(self) -> None:
        """Work until nothing is left that could be done now (tests, ``hotro ask``)."""
        while await self._claim() or self._tasks:
            if self._tasks:
                await asyncio.wait(self._tasks)

    async def _claim(self) -> bool:
        free = self._concurrency - len(self._tasks)
        if free <= 0:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            return True
        # One of ours that outlived its lease (a slow provider, a loading model) is renewed
        # by this, and not begun a second time.
        fresh = [t for t in await self._lease(free) if self._id(t) not in self._active]
        for thing in fresh:
            self._active.add(self._id(thing))
            task = asyncio.create_task(self._one(thing))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return bool(fresh)

    async def _one(self, thing: T) -> None:
        try:
            await self._work(thing)
        finally:
            self._active.discard(self._id(thing))
