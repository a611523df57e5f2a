"""The simulated network, without HTTP: a gateway with one SIM, and handsets."""

from __future__ import annotations

import asyncio
import json
import secrets
import unicodedata

from bot.clock import LOCAL, Clock
from integrations.fields import storable
from integrations.simulation.courier import Courier
from integrations.simulation.journal import Bubble, Journal
from integrations.simulation.web import Bell
from integrations.sms.numbers import normalise

OFFICE, USER = "office", "user"
_NO_GLYPH = "□"


class Network:
    """Takes messages from the office and from handsets, and posts webhooks."""

    def __init__(self, clock: Clock, journal: Journal, courier: Courier, own_number: str) -> None:
        self.journal = journal
        self.bell = Bell()
        self.own_number = own_number
        self._clock = clock
        self._courier = courier

    def take(self, message_id: str, number: str, text: str) -> Bubble:
        """Deliver a message of the office once; a second one of this id gives the first."""
        known = self.journal.find(message_id)
        if known is not None:
            return known
        now = self._clock.now()
        bubble = Bubble(number, OFFICE, on_screen(text), now, message_id, wire=storable(text))
        kept = self.journal.add(bubble)
        self.journal.set_status(message_id, "delivered")
        self.bell.ring(number)
        for status in ("sent", "delivered"):
            self._post(number, {"event": "receipt", "id": message_id, "status": status})
        return kept

    def write(self, number: str, text: str) -> tuple[Bubble, asyncio.Event]:
        """A handset sends ``text`` to the office."""
        now = self._clock.now()
        text = storable(text)
        message_id = secrets.token_hex(8)
        bubble = Bubble(number, USER, on_screen(text), now, message_id, wire=text)
        kept = self.journal.add(bubble)
        self.bell.ring(number)
        event = {
            "id": message_id,
            "from": number,
            "to": self.own_number,
            "text": text,
            "received_at": now.astimezone(LOCAL).isoformat(),
        }
        return kept, self._post(number, event, message_id)

    def acknowledged(self, tag: str) -> None:
        """The webhook of the handset's message ``tag`` got its 200."""
        if tag:
            self.journal.set_status(tag, "received")

    def _post(self, number: str, event: dict[str, str], tag: str = "") -> asyncio.Event:
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        return self._courier.post(number, body, tag)


def address_of(raw: str) -> str:
    """A handset's number in E.164; names and short codes stay as they are."""
    return normalise(raw) or raw.strip()


def on_screen(text: str) -> str:
    """``text`` as an old phone shows it: composed letters, boxes for what it cannot draw."""
    shown = []
    for character in unicodedata.normalize("NFC", storable(text)):
        if ord(character) > 0xFFFF or unicodedata.combining(character):
            shown.append(_NO_GLYPH)
        elif character == "\n" or character.isprintable():
            shown.append(character)
    return "".join(shown)
