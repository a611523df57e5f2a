"""Real HTTP servers for tests of adapters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer


@asynccontextmanager
async def serving(app: web.Application, port: int | None = None) -> AsyncIterator[str]:
    """Serve ``app`` on ``port``, or on a free one, and give its address."""
    server = TestServer(app, port=port)
    await server.start_server(shutdown_timeout=1.0)
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait for ``condition``; fails after ``seconds``."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
