"""Webhook signature as SMSGate makes it: hex HMAC-SHA256(secret, raw body + timestamp)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

SIGNATURE = "X-Signature"
TIMESTAMP = "X-Timestamp"


def sign(secret: str, raw: bytes, timestamp: str) -> str:
    """Return 64 hex digits; ``timestamp`` is whole unix seconds as sent in the header."""
    signed = raw + timestamp.encode("utf-8", "replace")
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def headers(secret: str, raw: bytes, at: datetime) -> dict[str, str]:
    """The two headers of one attempt."""
    timestamp = str(int(at.timestamp()))
    return {TIMESTAMP: timestamp, SIGNATURE: sign(secret, raw, timestamp)}


def verify(secret: str, raw: bytes, timestamp: str, given: str) -> bool:
    """Whether ``given`` signs ``raw``; an empty secret verifies nothing."""
    expected = sign(secret, raw, timestamp).encode()
    return bool(secret) and hmac.compare_digest(given.lower().encode("utf-8", "replace"), expected)


def is_timely(timestamp: str, now: datetime, ahead: timedelta, ago: timedelta) -> bool:
    """Whether ``timestamp`` lies between ``now - ago`` and ``now + ahead``."""
    if not (timestamp.isascii() and timestamp.isdigit()) or len(timestamp) > 11:
        return False
    return now - ago <= datetime.fromtimestamp(int(timestamp), UTC) <= now + ahead
