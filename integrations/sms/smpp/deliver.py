"""Reads ``deliver_sm``: what a citizen wrote, or a report on a message of ours.

Bytes are read here and not by aiosmpplib: its reader refuses what message centres do send
(half a character at the end of a part, an empty text, a vendor's coding, seconds in the dates
of a report), and what is refused is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import error as ShortPduError
from struct import unpack_from

from aiosmpplib.codec import GSM7BitCodec

from bot.messages import ReceiptState
from integrations.sms.long_sms import Place, place

UDH_FLAG = 0x40
KIND_BITS = 0x3C
RECEIPT = 0x04
NOTICE = 0x20
"""In between: queued at the next centre. It changes nothing."""

RECEIPTED_ID, PAYLOAD, STATE = 0x001E, 0x0424, 0x0427
SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x020C, 0x020E, 0x020F

STATES = {
    "DELIVRD": ReceiptState.DELIVERED,
    "EXPIRED": ReceiptState.FAILED,
    "DELETED": ReceiptState.FAILED,
    "UNDELIV": ReceiptState.FAILED,
    "REJECTD": ReceiptState.FAILED,
    "ACCEPTD": ReceiptState.SENT,
    "ENROUTE": ReceiptState.SENT,
}
_STATE_NUMBERS = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
_SAID = re.compile(rb"\b(id|stat|err):([^\s]*)", re.IGNORECASE)


class UnreadablePduError(ValueError):
    """Not the bytes of a ``deliver_sm``."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One ``deliver_sm``, in bytes."""

    sender: str
    destination: str
    esm_class: int
    coding: int
    header: bytes
    """The header of a part, with its length byte; empty without one."""
    message: bytes
    extras: Mapping[int, bytes]

    @property
    def is_receipt(self) -> bool:
        return self.esm_class & KIND_BITS == RECEIPT

    @property
    def is_notice(self) -> bool:
        return self.esm_class & KIND_BITS == NOTICE

    @property
    def place(self) -> Place | None:
        """Which part of a long message it is."""
        found = place(self.header)
        if found is not None or SAR_TOTAL not in self.extras:
            return found
        reference, total, number = (
            int.from_bytes(self.extras.get(tag, b""))
            for tag in (SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER)
        )
        return Place(f"sar-{reference}", total, number) if 1 <= number <= total > 1 else None


def read(body: bytes) -> Delivered:
    """Take the body of a PDU apart.

    Raises:
        UnreadablePduError: it is none.
    """
    try:
        return _read(body)
    except (ShortPduError, IndexError, ValueError) as fault:
        raise UnreadablePduError("not a deliver_sm") from fault


def _read(body: bytes) -> Delivered:
    _, at = _text(body, 0)  # service type
    sender, at = _text(body, at + 2)
    destination, at = _text(body, at + 2)
    (esm_class,) = unpack_from("!B", body, at)
    _, at = _text(body, at + 3)  # schedule
    _, at = _text(body, at)  # validity
    coding, _, length = unpack_from("!BBB", body, at + 2)
    at += 5
    if at + length > len(body):
        raise ValueError("shorter than it says")
    extras = dict(_extras(body, at + length))
    message = body[at : at + length] or extras.get(PAYLOAD, b"")
    header = b""
    if esm_class & UDH_FLAG and message:
        header, message = message[: message[0] + 1], message[message[0] + 1 :]
    return Delivered(sender, destination, esm_class, coding, header, message, extras)


def _text(body: bytes, at: int) -> tuple[str, int]:
    end = body.index(b"\x00", at)
    return body[at:end].decode("latin-1"), end + 1


def _extras(body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(body):
        tag, length = unpack_from("!HH", body, at)
        yield tag, body[at + 4 : at + 4 + length]
        at += 4 + length


# --- words ----------------------------------------------------------------------------------


def words(delivered: Delivered, alphabet: str) -> str | None:
    """The text; None for data that is none. ``alphabet``: what the centre means by coding 0.

    A part may end in half a character, which is kept for the other half.
    """
    coding = _alphabet_of(delivered.coding)
    if coding is None:
        return None
    if coding == "ucs2":
        even = len(delivered.message) // 2 * 2
        return delivered.message[:even].decode("utf-16-be", "surrogatepass")
    if coding == "default":
        coding = alphabet
    if coding == "gsm0338":
        return str(GSM7BitCodec().decode(delivered.message, "replace")[0])
    return delivered.message.decode(coding, "replace")


def _alphabet_of(coding: int) -> str | None:
    named = {0: "default", 1: "ascii", 3: "latin-1", 8: "ucs2"}
    if coding < 0x10:
        return named.get(coding)
    if coding >= 0xF0:  # with a class: one bit says whether it is data
        return None if coding & 0x04 else "default"
    return {0x00: "default", 0x08: "ucs2"}.get(coding & 0x0C)


# --- reports --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Report:
    """What a centre says of one part of ours."""

    id: str
    state: ReceiptState
    detail: str


def report(delivered: Delivered) -> Report | None:
    """The report in ``delivered``: the extras count more than the words, which every centre
    writes a little differently. None when it says nothing that we know."""
    said = {name.lower(): value for name, value in reversed(_SAID.findall(delivered.message))}
    number = _plain(delivered.extras.get(RECEIPTED_ID) or said.get(b"id", b""))
    word = _STATE_NUMBERS.get(int.from_bytes(delivered.extras.get(STATE, b""))) or _plain(
        said.get(b"stat", b"")
    )
    state = STATES.get(word.upper()[:7])
    if not number or state is None:
        return None
    detail = f"{word} {_plain(said.get(b'err', b''))}".strip()
    return Report(number, state, detail if state is ReceiptState.FAILED else "")


def _plain(raw: bytes) -> str:
    return raw.rstrip(b"\x00").decode("latin-1").strip()
