"""From a posted JSON body to an :class:`~bot.messages.Inbound`.

BadMessage says what is wrong in words for the citizen and with the HTTP status to answer.
"""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import web

from bot.messages import Inbound, InboundKind
from bot.text import MAX_TEXT, clean

MEDIA = frozenset({"image", "audio", "video", "file", "location", "sticker"})
_CLIENT_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_START = re.compile(r"#(?:chao|hoi\.[a-z_]{1,40})")

TOO_LONG = "Tin nhắn dài quá, nhiều nhất là 4.000 chữ cái. Xin chia thành vài tin ngắn hơn."
UNREADABLE = "Máy không đọc được tin này. Xin tải lại trang rồi gửi lại."
EMPTY = "Tin nhắn đang trống. Xin gõ câu hỏi rồi gửi."


class BadMessage(Exception):
    """A body that cannot become a message; ``status`` is the answer, ``text`` the reason."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


async def read_body(request: web.Request, limit: int) -> bytes:
    """Read at most ``limit`` bytes.

    Raises:
        BadMessage: 415 for another type than JSON, 413 for a longer body.
    """
    if request.content_type != "application/json":
        raise BadMessage(415, UNREADABLE)
    if (request.content_length or 0) > limit:
        raise BadMessage(413, TOO_LONG)
    body = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) > limit:
            raise BadMessage(413, TOO_LONG)
    return bytes(body)


def parse(body: bytes, commune: str, session: str) -> Inbound:
    """Build the message of ``session``.

    Raises:
        BadMessage: 400 for a malformed body, 413 for a text that is too long.
    """
    data = _object(body)
    client_id, text = data.get("id"), data.get("text", "")
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise BadMessage(400, UNREADABLE)
    if not isinstance(text, str):
        raise BadMessage(400, UNREADABLE)
    if len(text) > MAX_TEXT:
        raise BadMessage(413, TOO_LONG)
    kind, text, media = _content(data.get("kind"), text)
    return Inbound(
        commune=commune,
        channel="web",
        address=session,
        provider_id=f"{session}:{client_id}",
        kind=kind,
        text=text,
        media=media,
    )


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise BadMessage(400, UNREADABLE) from None
    if not isinstance(data, dict):
        raise BadMessage(400, UNREADABLE)
    return data


def _content(kind: object, text: str) -> tuple[InboundKind, str, str | None]:
    """What was done, its text, and for a picture or the like its kind."""
    if kind in ("text", "tap"):
        if not clean(text):
            raise BadMessage(400, EMPTY)
        return InboundKind.TEXT, text, None
    if kind == "start":
        return InboundKind.START, text if _START.fullmatch(text) else "#chao", None
    if kind == "media" and text in MEDIA:
        return InboundKind.MEDIA, "", text
    raise BadMessage(400, UNREADABLE)
