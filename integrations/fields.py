"""Safe reading of loosely typed JSON: ids are strings or numbers, anything may lack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

Payload = Mapping[str, object]
_EMPTY: Payload = {}
# What an id may look like to be stored as it is; anything else is hashed or refused.
_SAFE_ID = re.compile(r"[0-9A-Za-z_.:+/=\-]{1,96}", re.ASCII)


def part(payload: Payload, name: str) -> Payload:
    """The object under ``name``, or an empty one."""
    value = payload.get(name)
    return value if isinstance(value, dict) else _EMPTY


def string(payload: Payload, name: str) -> str:
    """The string under ``name``, or an empty one."""
    value = payload.get(name)
    return value if isinstance(value, str) else ""


def scalar(value: object) -> str:
    """A string or whole number as a string; empty for anything else."""
    if isinstance(value, bool):
        return ""
    if isinstance(value, int):
        # Python refuses to print integers of more than 4,300 digits.
        return str(value) if value.bit_length() < 256 else ""
    return value if isinstance(value, str) else ""


def identifier(value: object) -> str:
    """An id (string or number) that can be stored; empty when it is none."""
    text = scalar(value)
    return text if _SAFE_ID.fullmatch(text) else ""


def instant(value: object) -> datetime | None:
    """Milliseconds since 1970, as string or number, to an aware instant in UTC."""
    text = scalar(value)
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        return None
    try:
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def storable(text: str) -> str:
    """``text`` without lone surrogates, which neither a file nor a database can hold."""
    return text.encode("utf-8", "ignore").decode()
