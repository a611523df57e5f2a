"""Wake-ups: "there is something to do". Any of them may be lost; a sweep finds the rows.

In one process they are events; between machines Redis (or Valkey) carries them.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Literal, Protocol

Topic = Literal["inbox", "outbox", "schedule"]
TOPICS: tuple[Topic, ...] = ("inbox", "outbox", "schedule")


class Wakeups(Protocol):
    """Tells whoever waits on a topic that rows may be ready."""

    def notify(self, topic: Topic) -> None:
        """Wake the waiters; never blocks, never fails."""
        ...

    async def wait(self, topic: Topic, timeout: float) -> None:
        """Return after a wake-up, or after ``timeout`` seconds."""
        ...

    async def close(self) -> None:
        """Stop listening."""
        ...


class LocalWakeups:
    """Within one process."""

    def __init__(self) -> None:
        self._events = {topic: asyncio.Event() for topic in TOPICS}

    def notify(self, topic: Topic) -> None:
        self._events[topic].set()

    async def wait(self, topic: Topic, timeout: float) -> None:
        event = self._events[topic]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await event.wait()
        event.clear()

    async def close(self) -> None:
        return None
