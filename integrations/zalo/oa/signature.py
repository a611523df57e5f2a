"""The webhook's MAC: plain SHA-256, not an HMAC (checked against a recorded event).

``X-ZEvent-Signature: mac=<hex>`` with
``mac = sha256(app_id + raw body + timestamp + OA secret key)``, all as UTF-8.
"""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-ZEvent-Signature"
_PREFIX = "mac="


def mac(app_id: str, raw: bytes, timestamp: str, oa_secret: str) -> str:
    """Return the 64 lower-case hex digits for the ``raw`` body bytes.

    ``timestamp`` is the string that stands inside the body.
    """
    digest = hashlib.sha256(app_id.encode())
    digest.update(raw)
    # A lone surrogate in a forged timestamp must give a wrong MAC, not an exception.
    digest.update(timestamp.encode("utf-8", "replace"))
    digest.update(oa_secret.encode())
    return digest.hexdigest()


def header_value(app_id: str, raw: bytes, timestamp: str, oa_secret: str) -> str:
    """Return the header's value as Zalo sends it."""
    return _PREFIX + mac(app_id, raw, timestamp, oa_secret)


def verify(header: str, app_id: str, raw: bytes, timestamp: str, oa_secret: str) -> bool:
    """Whether ``header`` signs ``raw``; constant time in the secret part.

    An empty secret verifies nothing.
    """
    if not oa_secret:
        return False
    given = header.strip().removeprefix(_PREFIX).lower().encode("utf-8", "replace")
    expected = mac(app_id, raw, timestamp, oa_secret).encode()
    return hmac.compare_digest(given, expected)
