"""What gateways of all kinds make of what they were told.

Ids get the gateway's name in front, so that two gateways cannot mean one another's messages;
a sender that must never be answered becomes an event without words.
"""

from __future__ import annotations

from datetime import datetime

from bot.messages import Inbound, InboundKind, Receipt, ReceiptState
from integrations.bodies import body_hash
from integrations.fields import identifier, storable
from integrations.sms.gateway import GatewayConfig
from integrations.sms.numbers import is_answerable, normalise


def inbound(
    config: GatewayConfig,
    sender: str,
    provider_id: str,
    text: str,
    *,
    sent_at: datetime | None = None,
    event: str = "",
) -> Inbound:
    """One message as the inbox takes it."""
    answerable = is_answerable(sender, config.own_number)
    return Inbound(
        commune=config.commune,
        channel="sms",
        address=normalise(sender) or named(sender, "sender"),
        provider_id=marked(config, provider_id),
        kind=InboundKind.TEXT if answerable else InboundKind.IGNORED,
        text=storable(text) if answerable else "",
        sent_at=sent_at,
        event=event,
    )


def receipt(
    config: GatewayConfig,
    provider_id: str,
    state: ReceiptState,
    *,
    detail: str = "",
    own_id: str = "",
) -> Receipt:
    """A report; ``own_id`` is our id of the message, where the gateway gives it back."""
    return Receipt(
        config.commune,
        "sms",
        marked(config, provider_id),
        state,
        detail=storable(detail),
        own_id=identifier(own_id),
    )


def marked(config: GatewayConfig, provider_id: str) -> str:
    """An id of this gateway, as it is stored."""
    return f"{config.name}:{named(provider_id, 'id')}"


def named(value: str, kind: str) -> str:
    """An id as it is, or its hash when it holds what a database cannot."""
    return identifier(value) or f"{kind}-{body_hash(value.encode('utf-8', 'surrogatepass'))}"
