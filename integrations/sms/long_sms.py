"""The header by which the parts of a long SMS belong together (3GPP TS 23.040 9.2.3.24).

A header is a row of elements (id, length, data); 00 and 08 hold the reference of the whole in
one or two bytes, how many parts there are, and which one this is. Other elements may stand
before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.messages import Inbound, InboundKind, InboundPart
from integrations.sms.arrivals import inbound
from integrations.sms.gateway import GatewayConfig

SHORT, LONG = 0x00, 0x08
HEADER_LENGTH = 6
"""Bytes of the header that we write; :mod:`bot.segments` leaves room for it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which part of which whole; parts count from 1."""

    reference: str
    total: int
    number: int


def header(reference: int, total: int, number: int) -> bytes:
    """The header of one part of ours."""
    return bytes((5, SHORT, 3, reference % 256, total, number))


def reference_of(message_id: str) -> int:
    """The reference of a message of ours: another try of it has the same, so that a phone
    which has some of its parts already puts them together and not beside one another."""
    digits = re.sub(r"[^0-9]", "", message_id)
    return int(digits[-9:] or "0") % 256


def place(udh: bytes) -> Place | None:
    """What a header says of the whole; None when the message stands alone."""
    for element, data in _elements(udh):
        if element == SHORT and len(data) == 3:
            return _sound(Place(f"8-{data[0]}", data[1], data[2]))
        if element == LONG and len(data) == 4:
            return _sound(Place(f"16-{int.from_bytes(data[:2])}", data[2], data[3]))
    return None


def _elements(udh: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 1, min(len(udh), udh[0] + 1 if udh else 0)
    while at + 2 <= end:
        element, length = udh[at], udh[at + 1]
        yield element, udh[at + 2 : min(at + 2 + length, end)]
        at += 2 + length


def _sound(found: Place) -> Place | None:
    """A header that cannot be: the standard says to take the message as it is."""
    return found if 1 <= found.number <= found.total and found.total > 1 else None


def arrival(
    config: GatewayConfig, sender: str, provider_id: str, text: str, found: Place | None
) -> Inbound | InboundPart:
    """A message, or a part of one; of a sender that is never answered, an event for each."""
    whole = inbound(config, sender, provider_id, text, event="" if found is None else "part")
    if found is None or whole.kind is InboundKind.IGNORED:
        return whole
    return InboundPart(
        commune=config.commune,
        channel="sms",
        gateway=config.name,
        address=whole.address,
        provider_id=whole.provider_id,
        reference=found.reference,
        total=found.total,
        number=found.number,
        text=text,  # with halves of characters, which meet when the parts do
    )


def wordless(config: GatewayConfig, sender: str, provider_id: str, event: str) -> Inbound:
    """Data for a telephone and not for its owner: kept, counted, not answered."""
    return replace(inbound(config, sender, provider_id, "", event=event), kind=InboundKind.IGNORED)
