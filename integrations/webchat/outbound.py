"""The transcript as the page's long-poll gets it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels import Transcript, TranscriptLine
from integrations.webchat.limits import Limits

_LINKS = frozenset({"http", "https", "tel", "sms", "mailto"})


class Waiter(Protocol):
    """Something that knows earlier than the next look when a line may have come."""

    async def wait(self, commune: str, address: str, timeout: float) -> None:
        """Return when something may be new for ``address``, at the latest after ``timeout``."""
        ...


class PollWaiter:
    """Knows nothing: sleeps ``interval`` seconds between two looks at the transcript."""

    def __init__(self, interval: float) -> None:
        self._interval = interval

    async def wait(self, commune: str, address: str, timeout: float) -> None:
        """Sleep for the interval, or for ``timeout`` when that is shorter."""
        await asyncio.sleep(min(self._interval, timeout))


class LongPoll:
    """Reads new lines, waiting for the first one up to some seconds."""

    def __init__(
        self,
        transcript: Transcript,
        limits: Limits,
        waiter: Waiter | None,
        closing: Callable[[], bool],
    ) -> None:
        self._transcript = transcript
        self._limits = limits
        self._waiter = waiter or PollWaiter(limits.poll_interval)
        self._closing = closing
        self._waiting: Counter[str] = Counter()

    async def read(
        self, request: web.Request, commune: str, session: str, after: int, wait: float
    ) -> list[TranscriptLine]:
        """Lines with ``seq`` > ``after``; empty when none came in ``wait`` seconds."""
        if self._waiting[session] >= self._limits.polls_per_session:
            wait = 0
        self._waiting[session] += 1
        try:
            return await self._read(request, commune, session, after, wait)
        finally:
            self._waiting[session] -= 1
            if not self._waiting[session]:
                del self._waiting[session]

    async def _read(
        self, request: web.Request, commune: str, session: str, after: int, wait: float
    ) -> list[TranscriptLine]:
        loop = asyncio.get_running_loop()
        end = loop.time() + min(wait, self._limits.wait_seconds)
        while True:
            lines = await self._transcript.read(commune, "web", session, after)
            left = end - loop.time()
            if lines or left <= 0 or self._closing() or _gone(request):
                return lines
            await self._waiter.wait(commune, session, left)


def lines_json(lines: Iterable[TranscriptLine], after: int) -> dict[str, Any]:
    """The long-poll's answer."""
    shown = [_line(line) for line in lines]
    return {"lines": shown, "next": max([after, *(line["seq"] for line in shown)])}


def _line(line: TranscriptLine) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "author": line.author,
        "text": line.text,
        "at": line.at.isoformat(),
        "choices": [
            {"label": c.label, "payload": c.payload, "url": safe_url(c.url)} for c in line.choices
        ],
    }


def safe_url(url: str) -> str:
    """``url`` when a citizen may be sent there, else "" (no ``javascript:`` and the like)."""
    try:
        return url if urlsplit(url).scheme.lower() in _LINKS else ""
    except ValueError:
        return ""


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
