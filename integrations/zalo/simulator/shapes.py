"""Strict reading of what a caller sent; everything odd is refused with Zalo's code."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Set

from aiohttp import web

from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import scalar, storable

MAX_ID = 100
Given = Mapping[str, object]


class RefusedError(Exception):
    """A request that Zalo answers with ``error`` = ``code`` under HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


async def body_of(request: web.Request) -> dict[str, object]:
    """The JSON object that was posted.

    Raises:
        RefusedError: -201 it is none.
    """
    try:
        return decode_object(await request.read())
    except MalformedBodyError as fault:
        raise RefusedError(-201, "body is invalid") from fault


def query_of(request: web.Request) -> dict[str, object]:
    """The one query parameter ``data`` of a GET: URL-encoded JSON (fact sheet 1.1).

    Raises:
        RefusedError: -201 it is missing, or no object.
    """
    try:
        return decode_object(request.query.get("data", "").encode("utf-8", "replace"))
    except MalformedBodyError as fault:
        raise RefusedError(-201, "data is invalid") from fault


def loose_query_of(request: web.Request) -> dict[str, object]:
    """Query parameters of the group and template calls: plain ones, or ``data``.

    Public clients of these two families write plain parameters.
    """
    if "data" in request.query:
        return query_of(request)
    plain = {name: storable(value) for name, value in request.query.items()}
    return {name: int(value) if _digits(value) else value for name, value in plain.items()}


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def only(holder: Given, allowed: Set[str], name: str) -> None:
    """Refuse fields that nobody documented.

    Raises:
        RefusedError: -201.
    """
    if set(holder) - allowed:
        raise RefusedError(-201, f"{name} has an unknown field")


def inner(holder: Given, name: str) -> Given:
    """The object under ``name``.

    Raises:
        RefusedError: -201 it is none.
    """
    value = holder.get(name)
    if not isinstance(value, dict):
        raise RefusedError(-201, f"{name} is invalid")
    return value


def text(holder: Given, name: str, most: int) -> str:
    """The words under ``name``, at most ``most`` characters of NFC text.

    Raises:
        RefusedError: -201 missing or blank, -210 too long.
    """
    value = holder.get(name)
    if not isinstance(value, str) or not value.strip() or storable(value) != value:
        raise RefusedError(-201, f"{name} is invalid")
    if len(unicodedata.normalize("NFC", value)) > most:
        raise RefusedError(-210, f"{name} is over limit")
    return value


def optional_text(holder: Given, name: str, most: int) -> str:
    """As :func:`text`; empty when the field is absent."""
    return text(holder, name, most) if name in holder else ""


def link(holder: Given, name: str, most: int = 2000) -> str:
    """A web address under ``name``.

    Raises:
        RefusedError: -201 it is none.
    """
    value = text(holder, name, most)
    if not value.startswith(("https://", "http://")):
        raise RefusedError(-201, f"{name} is invalid")
    return value


def key(holder: Given, name: str) -> str:
    """An id, as string or number.

    Raises:
        RefusedError: -201 it is none.
    """
    value = scalar(holder.get(name))
    if not 0 < len(value) <= MAX_ID or storable(value) != value:
        raise RefusedError(-201, f"{name} is invalid")
    return value


def keys(holder: Given, name: str, most: int) -> list[str]:
    """A list of 1 to ``most`` ids.

    Raises:
        RefusedError: -201 it is none, -210 too many.
    """
    values = holder.get(name)
    if not isinstance(values, list) or not values:
        raise RefusedError(-201, f"{name} is invalid")
    if len(values) > most:
        raise RefusedError(-210, f"{name} is over limit")
    return [key({name: value}, name) for value in values]


def whole(holder: Given, name: str, default: int, most: int = 999_999) -> int:
    """A number from 0 to ``most``; ``default`` when absent.

    Raises:
        RefusedError: -201 it is none, -210 above ``most``.
    """
    value = holder.get(name, default)
    if type(value) is not int or value < 0:
        raise RefusedError(-201, f"{name} is invalid")
    if value > most:
        raise RefusedError(-210, f"{name} is over limit")
    return value


def page(holder: Given, most: int) -> tuple[int, int]:
    """``offset`` and ``count`` (5 when absent, at most ``most``)."""
    return whole(holder, "offset", 0), whole(holder, "count", 5, most)
