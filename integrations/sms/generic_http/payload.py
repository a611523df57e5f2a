"""The bodies of the generic webhook: JSON or a form, checked and made into our objects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.messages import Inbound, InboundKind, Receipt, ReceiptState
from integrations.bodies import MalformedBodyError, body_hash, decode_object
from integrations.fields import identifier, storable
from integrations.inbox import Arrival
from integrations.sms.gateway import SmsGateway
from integrations.sms.numbers import is_answerable, normalise

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


def parse(gateway: SmsGateway, fields: dict[str, object]) -> list[Arrival]:
    """Sort one verified body; empty for a report that changes nothing.

    Raises:
        MalformedBodyError: a field is missing or of another kind.
    """
    fields = {
        name: storable(value) if isinstance(value, str) else value for name, value in fields.items()
    }
    try:
        if fields.get("event") == "receipt":
            return _receipt(gateway, DeliveryReport.model_validate(fields))
        return [_inbound(gateway, IncomingSms.model_validate(fields))]
    except ValidationError as fault:
        # Without the chain: pydantic's message quotes the citizen's words.
        raise MalformedBodyError(f"{fault.error_count()} wrong fields") from None


def _inbound(gateway: SmsGateway, sms: IncomingSms) -> Inbound:
    number = normalise(sms.sender)
    answerable = is_answerable(sms.sender, gateway.own_number)
    return Inbound(
        commune=gateway.commune,
        channel="sms",
        address=number or _storable(sms.sender, "sender"),
        provider_id=f"{gateway.name}:{_storable(sms.id, 'id')}",
        kind=InboundKind.TEXT if answerable else InboundKind.IGNORED,
        text=sms.text if answerable else "",
        sent_at=_instant(sms.received_at),
    )


def _receipt(gateway: SmsGateway, report: DeliveryReport) -> list[Arrival]:
    state = STATES.get(report.status.lower())
    if state is None:
        return []
    return [Receipt(gateway.commune, "sms", _storable(report.id, "id"), state)]


def _storable(value: str, kind: str) -> str:
    """An id as it is, or its hash when it holds what a database cannot."""
    return identifier(value) or f"{kind}-{body_hash(value.encode())}"


def _instant(text: str) -> datetime | None:
    """ISO 8601 with an offset; anything else is not worth losing the message for."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
