"""Loops that go on for as long as the process lives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


async def kept_running(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    """Start ``loop`` again when it fails (the database was away for a moment)."""
    while True:
        try:
            return await loop()
        except Exception:
            log.exception("loop.failed", loop=name)
            await asyncio.sleep(1)
