"""What Kannel calls us with: a citizen's message, or a report on one of ours.

Both are GETs with a secret in the query; a report has ``dlr``, a message ``from`` and ``text``.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime
from urllib.parse import unquote_to_bytes

from bot.messages import ReceiptState
from integrations.bodies import MalformedBodyError
from integrations.inbox import Arrival
from integrations.sms.arrivals import inbound, receipt
from integrations.sms.gateway import Answer, Call, CallRefusedError, GatewayConfig, Taken
from integrations.sms.kannel.settings import OWN_ID, REPLY, REPORT, SECRET

# A report comes for the whole of a long message once. 4 (waits in Kannel) changes nothing.
STATES = {
    "1": ReceiptState.DELIVERED,
    "2": ReceiptState.FAILED,
    "8": ReceiptState.SENT,
    "16": ReceiptState.FAILED,
}
BINARY = "1"
# Of an operator's receipt only this much: its text may repeat what we wrote.
_REASON = re.compile(r"stat:[A-Z]{2,10}(?: err:[0-9A-Za-z]{1,8})?|NACK/[\x20-\x7e]{0,60}")
NOTHING = Answer("", "text/plain")
"""Whatever we answered would be sent to the citizen, were Kannel set up so."""


def read(config: GatewayConfig, call: Call) -> Taken:
    """One call at the webhook.

    Raises:
        CallRefusedError: not with the secret.
        MalformedBodyError: neither a message nor a report.
    """
    secret = config.option("hook_secret")
    given = call.query.get(SECRET, "").encode("utf-8", "replace")
    if not secret or not hmac.compare_digest(given, secret.encode()):
        raise CallRefusedError(403, "secret_wrong")
    if REPORT in call.query:
        return Taken(_report(config, call), NOTHING)
    return Taken(_message(config, call), NOTHING)


def _report(config: GatewayConfig, call: Call) -> list[Arrival]:
    own_id = call.query.get(OWN_ID, "")
    if not own_id:
        raise MalformedBodyError("a report without an id")
    state = STATES.get(call.query[REPORT])
    if state is None:
        return []
    found = _REASON.search(call.query.get(REPLY, "")) if state is ReceiptState.FAILED else None
    return [receipt(config, own_id, state, detail=found[0] if found else "", own_id=own_id)]


def _message(config: GatewayConfig, call: Call) -> list[Arrival]:
    query = call.query
    if not query.get("id") or not query.get("from") or "text" not in query:
        raise MalformedBodyError("no id, sender or text")
    if query.get("coding") == BINARY:
        return []  # a ring tone, a setting: nothing that a person wrote
    return [inbound(config, query["from"], query["id"], _text(call), sent_at=_instant(call))]


def _text(call: Call) -> str:
    """The text; bare UTF-16 where Kannel was not told to recode."""
    if not call.query.get("charset", "").upper().startswith("UTF-16"):
        return call.query["text"]
    for part in call.raw_query.split("&"):
        name, _, value = part.partition("=")
        if name == "text":
            return unquote_to_bytes(value.replace("+", " ")).decode("utf-16-be", "replace")
    raise MalformedBodyError("no text")


def _instant(call: Call) -> datetime | None:
    """Seconds since 1970; anything else is not worth losing the message for."""
    text = call.query.get("ts", "")
    if not (text.isascii() and text.isdigit()) or len(text) > 11:
        return None
    return datetime.fromtimestamp(int(text), UTC)
