"""Webhook signature as SMSGate makes it: hex HMAC-SHA256(secret, raw body + timestamp)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from integrations.sms.gateway import Call, CallRefusedError

SIGNATURE = "X-Signature"
TIMESTAMP = "X-Timestamp"
MAX_SKEW = timedelta(minutes=5)
MAX_AGE = timedelta(days=3)
"""A webhook may be stamped so far ahead of us, and so long ago: a phone gateway repeats for two
days and may keep the first stamp. A body seen before is known by its id, so a narrow window
would only lose messages."""


def require(secret: str, call: Call) -> None:
    """Return when ``call`` is signed with ``secret`` and of our time.

    Raises:
        CallRefusedError: it is not.
    """
    timestamp = call.headers.get(TIMESTAMP.lower(), "")
    timely = is_timely(timestamp, call.now, MAX_SKEW, MAX_AGE)
    given = call.headers.get(SIGNATURE.lower(), "")
    if not (timely and verify(secret, call.raw, timestamp, given)):
        raise CallRefusedError(401, "signature_wrong")


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
