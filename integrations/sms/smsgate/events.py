"""What the phone tells: webhooks (one envelope an event), the inbox and the states it lists.

An SMS can be told several times, each time under another envelope id: once for each registered
webhook, again when the inbox is exported, and by the inbox itself. Its own id is made of its
content and is not unique. So it is known by the second at which the service centre took it and
20 bits of a digest of sender and text: the same on every way, and too little to tell who wrote
(by the whole digest a number could be tried out). Two messages of one second are mistaken for
one another once in a million.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from bot.messages import Inbound, Receipt, ReceiptState
from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import Payload, part, storable, string
from integrations.inbox import Arrival
from integrations.sms import signature
from integrations.sms.arrivals import inbound, receipt
from integrations.sms.gateway import Call, GatewayConfig, Taken
from integrations.sms.numbers import normalise

RECEIVED = "sms:received"
EVENT_STATES = {
    "sms:sent": ReceiptState.SENT,
    "sms:delivered": ReceiptState.DELIVERED,
    "sms:failed": ReceiptState.FAILED,
    "sms:cancelled": ReceiptState.FAILED,
}
EVENTS = (RECEIVED, *EVENT_STATES, "system:ping")
"""What we ask to be told."""
STATES = {
    "Sent": ReceiptState.SENT,
    "Delivered": ReceiptState.DELIVERED,
    "Failed": ReceiptState.FAILED,
    "Cancelled": ReceiptState.FAILED,
}
DIGEST = 5
"""Hexadecimal digits: 20 bits."""


def read(config: GatewayConfig, call: Call) -> Taken:
    """One call at the webhook.

    Raises:
        CallRefusedError: the signature is missing, wrong or out of time.
        MalformedBodyError: not an envelope, or without what its event needs.
    """
    signature.require(config.option("signing_key"), call)
    return Taken(_sorted(config, decode_object(call.raw)))


def _sorted(config: GatewayConfig, envelope: Payload) -> list[Arrival]:
    event, payload = string(envelope, "event"), part(envelope, "payload")
    if event == RECEIVED:
        sender = string(payload, "sender") or string(payload, "phoneNumber")
        text = payload.get("message")
        if not sender or not isinstance(text, str):
            raise MalformedBodyError("no sender or no text")
        if of_other_sim(config, payload):
            return []
        at = instant(string(payload, "receivedAt"))
        return [message(config, sender, text, at, string(envelope, "id"))]
    state = EVENT_STATES.get(event)
    if state is None:
        return []
    if not string(payload, "messageId"):
        raise MalformedBodyError("no message id")
    return [report(config, string(payload, "messageId"), state, string(payload, "reason"))]


def message(
    config: GatewayConfig, sender: str, text: str, at: datetime | None, envelope_id: str
) -> Inbound:
    """One SMS; ``envelope_id`` names it when its time cannot be read.

    Raises:
        MalformedBodyError: nothing names it.
    """
    if at is None and not envelope_id:
        raise MalformedBodyError("no time and no id")
    name = _name(sender, text, at) if at is not None else envelope_id
    return inbound(config, sender, name, text, sent_at=at, event=RECEIVED)


def report(config: GatewayConfig, message_id: str, state: ReceiptState, detail: str) -> Receipt:
    """A report on a message, whose id is the one that we gave it."""
    return receipt(config, message_id, state, detail=detail, own_id=message_id)


def of_other_sim(config: GatewayConfig, payload: Payload) -> bool:
    """Whether an SMS came to another SIM of the phone: what is private stays so."""
    number, ours = payload.get("simNumber"), config.option("sim")
    return bool(ours) and type(number) is int and str(number) != ours


def instant(text: str) -> datetime | None:
    """ISO 8601 with an offset."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _name(sender: str, text: str, at: datetime) -> str:
    said = f"{normalise(sender) or sender}\n{text}"
    digest = hashlib.sha256(storable(said).encode()).hexdigest()
    return f"sms-{int(at.timestamp())}-{digest[:DIGEST]}"
