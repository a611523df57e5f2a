"""First steps of every webhook: read a bounded body, make an object of it.

Errors:
    BodyTooLargeError    the sender announced or sent more bytes than allowed (HTTP 413)
    MalformedBodyError   the bytes are not a JSON object (HTTP 400)
"""

from __future__ import annotations

import hashlib
import json

from aiohttp import web

_CHUNK = 64 * 1024


class BodyTooLargeError(Exception):
    """The body is longer than the route accepts."""


class MalformedBodyError(ValueError):
    """The body is not what the route declares."""


async def read_limited(request: web.Request, limit: int) -> bytes:
    """Return the raw body of at most ``limit`` bytes; signatures are made over these bytes.

    Raises:
        BodyTooLargeError: without reading on.
    """
    if (request.content_length or 0) > limit:
        raise BodyTooLargeError
    body = bytearray()
    async for chunk in request.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            raise BodyTooLargeError
    return bytes(body)


def decode_object(raw: bytes) -> dict[str, object]:
    """Parse ``raw`` as one JSON object in UTF-8.

    Raises:
        MalformedBodyError: also for nesting too deep and for numbers too long to parse.
    """
    try:
        value = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as fault:
        raise MalformedBodyError("not JSON") from fault
    if not isinstance(value, dict):
        raise MalformedBodyError("not a JSON object")
    return value


def body_hash(raw: bytes) -> str:
    """A stable name (32 hex digits) for a body whose event carries no id of its own."""
    return hashlib.sha256(raw).hexdigest()[:32]
