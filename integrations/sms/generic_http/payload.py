"""The bodies of the generic webhook: JSON or a form, checked and made into our objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.messages import ReceiptState
from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import storable
from integrations.inbox import Arrival
from integrations.sms import signature
from integrations.sms.arrivals import inbound, receipt
from integrations.sms.gateway import Call, GatewayConfig, Taken

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 20
Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]

# Words of several gateways; a state in between ("queued") changes nothing.
STATES = {
    "sent": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "failed": ReceiptState.FAILED,
    "undelivered": ReceiptState.FAILED,
    "rejected": ReceiptState.FAILED,
    "expired": ReceiptState.FAILED,
    "cancelled": ReceiptState.FAILED,
}


class _Body(BaseModel):
    # Gateways add fields of their own and write ids as numbers.
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class IncomingSms(_Body):
    """``text`` may be empty: people do send empty messages."""

    id: Id
    sender: Id = Field(alias="from")
    to: str = ""
    text: str
    received_at: str = ""


class DeliveryReport(_Body):
    """``id`` is the one that we gave the message, or that the gateway answered with."""

    event: Literal["receipt"]
    id: Id
    status: str


def read(config: GatewayConfig, call: Call) -> Taken:
    """One call at the webhook.

    Raises:
        CallRefusedError: the signature is missing, wrong or out of time.
        MalformedBodyError: not the declared body.
    """
    signature.require(config.option("secret"), call)
    return Taken(parse(config, decode(call.raw, call.content_type)))


def decode(raw: bytes, content_type: str) -> dict[str, object]:
    """Fields of a body; ``content_type`` without parameters.

    Raises:
        MalformedBodyError: neither a form nor a JSON object.
    """
    if content_type != FORM:
        return decode_object(raw)
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as fault:
        raise MalformedBodyError("not a form") from fault
    return dict(pairs)


def parse(config: GatewayConfig, fields: dict[str, object]) -> list[Arrival]:
    """Sort one verified body; empty for a report that changes nothing.

    Raises:
        MalformedBodyError: a field is missing or of another kind.
    """
    fields = {
        name: storable(value) if isinstance(value, str) else value for name, value in fields.items()
    }
    try:
        if fields.get("event") == "receipt":
            return _receipt(config, DeliveryReport.model_validate(fields))
        sms = IncomingSms.model_validate(fields)
    except ValidationError as fault:
        # Without the chain: pydantic's message quotes the citizen's words.
        raise MalformedBodyError(f"{fault.error_count()} wrong fields") from None
    at = _instant(sms.received_at)
    return [inbound(config, sms.sender, sms.id, sms.text, sent_at=at)]


def _receipt(config: GatewayConfig, report: DeliveryReport) -> list[Arrival]:
    state = STATES.get(report.status.lower())
    return [receipt(config, report.id, state, own_id=report.id)] if state is not None else []


def _instant(text: str) -> datetime | None:
    """ISO 8601 with an offset; anything else is not worth losing the message for."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
