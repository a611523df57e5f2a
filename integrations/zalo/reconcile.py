"""Looks in the OA's conversation whether a message went out (fact sheet 1.4 and 4).

Zalo takes no idempotency key, so after a time-out this is the only way to know.
"""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from bot.messages import TemporarySendError
from integrations.zalo.oa.answers import Line
from integrations.zalo.oa.limits import PAGE

MAX_PAGES = 20

IsKnown = Callable[[str], Awaitable[bool]]
Pages = Callable[[int], Awaitable[list[Line]]]
"""Gives the page of :data:`PAGE` lines that begins at an offset, newest first."""


async def sent_since(
    pages: Pages, fits: Callable[[Line], bool], since: datetime, is_known: IsKnown
) -> str | None:
    """The id of the OA's oldest line since ``since`` that fits and is not known yet.

    The oldest, so that of two equal texts the one tried first is settled first.

    Raises:
        TemporarySendError: more than 200 lines came since: it cannot be told.
        ZaloError: the call failed.
    """
    found: str | None = None
    async for line in _newest_first(pages, since):
        mine = line.from_oa and line.message_id and fits(line)
        if mine and not await is_known(line.message_id):
            found = line.message_id
    return found


def with_text(text: str) -> Callable[[Line], bool]:
    """Whether a line has ``text``, after a trip through Zalo."""
    wanted = _plain(text)
    return lambda line: _plain(line.text) == wanted


def no_text(line: Line) -> bool:
    """Whether a line is something else than a text: a form shows so."""
    return line.kind not in ("", "text")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()


async def _newest_first(pages: Pages, since: datetime) -> AsyncIterator[Line]:
    for number in range(MAX_PAGES):
        lines = await pages(number * PAGE)
        for line in lines:
            if line.at is not None and line.at < since:
                return
            yield line
        if len(lines) < PAGE:
            return
    raise TemporarySendError("quá nhiều tin để dò lại")
