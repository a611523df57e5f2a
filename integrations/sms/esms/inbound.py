"""What eSMS calls us with, always by GET: a citizen's message to the short code, signed, or a
report on one of ours, which is not signed and so carries a secret that we put into its address.

To be seen: whether the report's values are put behind ``?`` although our address has a query
already; both forms are read here. Whether the sign is the digest in hexadecimal digits or in
base64: both are taken.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape

from bot.clock import LOCAL
from integrations.bodies import MalformedBodyError
from integrations.fields import storable
from integrations.inbox import Arrival
from integrations.sms.arrivals import inbound, receipt
from integrations.sms.esms.codes import reported
from integrations.sms.gateway import Answer, Call, CallRefusedError, GatewayConfig, Taken

SECRET, OWN_ID = "k", "own"
REQUEST_ID, SMS_ID, STATUS = "RequestId", "SMSID", "SendStatus"
XML = "text/xml"
_EMPTY = (
    "<ClientResponse><Message></Message><Smsid>{smsid}</Smsid>"
    "<Receiver>{sender}</Receiver></ClientResponse>"
)


def read(config: GatewayConfig, call: Call) -> Taken:
    """One call at the webhook.

    Raises:
        CallRefusedError: neither signed nor with our secret.
        MalformedBodyError: neither a message nor a report.
    """
    query = _query(call)
    if STATUS in query or SECRET in query:
        _require_secret(config, query)
        return Taken(_report(config, query))
    _require_sign(config, query)
    sender, smsid = query.get("sender", ""), query.get("smsid", "")
    if not sender or not smsid or "content" not in query:
        raise MalformedBodyError("no sender, id or content")
    # The answer goes out through the gateway, not in this one.
    empty = _EMPTY.format(smsid=escape(storable(smsid)), sender=escape(storable(sender)))
    at = _instant(query.get("receiverTime", ""))
    sms = inbound(config, sender, smsid, query["content"], sent_at=at)
    return Taken([sms], Answer(empty, XML))


def _query(call: Call) -> Mapping[str, str]:
    """The values; the first one may hang behind a second question mark."""
    own_id, mark, hanging = call.query.get(OWN_ID, "").partition("?")
    if not mark:
        return call.query
    name, _, value = hanging.partition("=")
    return {**call.query, OWN_ID: own_id, name: value}


def _require_secret(config: GatewayConfig, query: Mapping[str, str]) -> None:
    secret = config.option("hook_secret")
    given = query.get(SECRET, "").encode("utf-8", "replace")
    if not secret or not hmac.compare_digest(given, secret.encode()):
        raise CallRefusedError(403, "secret_wrong")


def _require_sign(config: GatewayConfig, query: Mapping[str, str]) -> None:
    key, cpid = config.option("mo_key"), query.get("cpid", "")
    names = ("cpid", "smsid", "content", "receiverTime")
    signed = "".join(query.get(name, "") for name in names) + key
    # A plus sign of base64 arrives as a space unless it was escaped.
    given = query.get("sign", "").replace(" ", "+").encode("utf-8", "replace")
    digest = hashlib.md5(signed.encode("utf-8", "replace"), usedforsecurity=False).digest()
    as_hex = hmac.compare_digest(given.lower(), digest.hex().encode())
    as_base64 = hmac.compare_digest(given, b64encode(digest))
    ours = not config.option("cpid") or cpid == config.option("cpid")
    if not key or not ours or not (as_hex or as_base64):
        raise CallRefusedError(403, "sign_wrong")


def _report(config: GatewayConfig, query: Mapping[str, str]) -> list[Arrival]:
    own_id = query.get(OWN_ID, "") or query.get(REQUEST_ID, "")
    if STATUS not in query or not (own_id or query.get(SMS_ID, "")):
        raise MalformedBodyError("no state or no id")
    delivered, failed = _count(query, "SendSuccess"), _count(query, "SendFailed")
    state = reported(query[STATUS], delivered, failed)
    if state is None:
        return []
    return [receipt(config, own_id or query[SMS_ID], state, own_id=own_id)]


def _count(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _instant(text: str) -> datetime | None:
    """yyyyMMddhhmmss in Vietnam; anything else is not worth losing the message for."""
    try:
        local = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=LOCAL)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
