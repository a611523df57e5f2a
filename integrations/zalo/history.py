"""Looks in the OA's conversation whether a message went out (fact sheet 1.4 and 4).

Zalo takes no idempotency key, so after a time-out this is the only way to know.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime

from bot.messages import TemporarySendError
from integrations.fields import identifier, instant, scalar, string
from integrations.zalo.account import ZaloAccount
from integrations.zalo.openapi import OpenApi

PATH = "/v2.0/oa/conversation"
PAGE = 10
MAX_PAGES = 20
FROM_OA = "0"

IsKnown = Callable[[str], Awaitable[bool]]
Line = Mapping[str, object]


async def sent_since(
    api: OpenApi, account: ZaloAccount, user_id: str, text: str, since: datetime, is_known: IsKnown
) -> str | None:
    """The id of the oldest message with ``text`` since ``since`` that is not known yet.

    The oldest, so that of two equal texts the one tried first is settled first.

    Raises:
        TemporarySendError: more than 200 messages came since: it cannot be told.
        SendError: the call failed.
    """
    found: str | None = None
    async for line in _newest_first(api, account, user_id, since):
        message_id = identifier(line.get("message_id"))
        mine = scalar(line.get("src")) == FROM_OA and same_text(string(line, "message"), text)
        if mine and message_id and not await is_known(message_id):
            found = message_id
    return found


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same message after a trip through Zalo."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()


async def _newest_first(
    api: OpenApi, account: ZaloAccount, user_id: str, since: datetime
) -> AsyncIterator[Line]:
    for page in range(MAX_PAGES):
        lines = await _page(api, account, user_id, page * PAGE)
        for line in lines:
            at = instant(line.get("time"))
            if at is not None and at < since:
                return
            yield line
        if len(lines) < PAGE:
            return
    raise TemporarySendError("quá nhiều tin để dò lại")


async def _page(api: OpenApi, account: ZaloAccount, user_id: str, offset: int) -> list[Line]:
    query = {"user_id": user_id, "offset": offset, "count": PAGE}
    data = json.dumps(query, separators=(",", ":"))
    answer = await api.call(account, "GET", PATH, params={"data": data})
    lines = answer.get("data")
    if not isinstance(lines, list):
        raise TemporarySendError("không đọc được lịch sử trò chuyện")
    return [line for line in lines if isinstance(line, dict)]
