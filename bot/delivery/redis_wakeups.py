"""Wake-ups carried between machines by Redis (or Valkey)."""

from __future__ import annotations

import asyncio
import contextlib

import redis.asyncio as redis
import structlog
from redis.exceptions import RedisError

from bot.delivery.wakeups import TOPICS, LocalWakeups, Topic

log = structlog.get_logger(__name__)

_PREFIX = "hotro:wake:"
_RECONNECT = 2.0
_PUBLISH = 5.0


class RedisWakeups:
    """Across processes and machines, by publish and subscribe.

    While Redis is away, this process still wakes itself and the sweep does the rest.
    """

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_connect_timeout=2)
        self._local = LocalWakeups()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin listening in the background; needs a running loop."""
        if self._listener is None:
            self._listener = asyncio.create_task(self._listen(), name="redis-wakeups")

    def notify(self, topic: Topic) -> None:
        self._local.notify(topic)
        task = asyncio.create_task(self._publish(topic))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def wait(self, topic: Topic, timeout: float) -> None:
        await self._local.wait(topic, timeout)

    async def ping(self) -> None:
        """Raise RedisError when Redis does not answer."""
        await self._redis.ping()

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, *self._tasks, return_exceptions=True)
            self._listener = None
        await self._redis.aclose()

    async def _publish(self, topic: Topic) -> None:
        # A Redis that hangs must not gather publishers without end.
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            async with asyncio.timeout(_PUBLISH):
                await self._redis.publish(_PREFIX + topic, b"")

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(*(_PREFIX + topic for topic in TOPICS))
                    await self._relay(channel)
            except (RedisError, OSError) as error:
                log.warning("redis.wakeups_lost", error=type(error).__name__)
                await asyncio.sleep(_RECONNECT)

    async def _relay(self, channel: redis.client.PubSub) -> None:
        async for message in channel.listen():
            if message["type"] == "subscribe":
                for topic in TOPICS:  # whatever was published while we were away
                    self._local.notify(topic)
            elif message["type"] == "message":
                name = message["channel"].decode().removeprefix(_PREFIX)
                for topic in TOPICS:
                    if topic == name:
                        self._local.notify(topic)
