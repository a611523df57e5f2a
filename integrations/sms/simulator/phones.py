"""The phones behind every simulated gateway: what they show, and what is written on them."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass, field

from bot.clock import Clock
from integrations.fields import storable
from integrations.simulation.journal import Bubble, Journal
from integrations.simulation.web import Bell
from integrations.sms.numbers import normalise

OFFICE, USER = "office", "user"
_NO_GLYPH = "□"


@dataclass(frozen=True, slots=True)
class Phones:
    """Everybody's phone."""

    clock: Clock
    journal: Journal
    bell: Bell = field(default_factory=Bell)

    def show(self, number: str, message_id: str, text: str) -> Bubble:
        """A message of the office arrives at ``number``."""
        return self._add(Bubble(number, OFFICE, text, self.clock.now(), message_id))

    def type(self, number: str, text: str) -> Bubble:
        """Somebody writes to the office on ``number``."""
        return self._add(Bubble(number, USER, text, self.clock.now(), secrets.token_hex(8)))

    def _add(self, bubble: Bubble) -> Bubble:
        wire = storable(bubble.text)
        kept = self.journal.add(
            Bubble(
                bubble.address,
                bubble.author,
                on_screen(wire),
                bubble.at,
                bubble.message_id,
                wire=wire,
            )
        )
        self.bell.ring(bubble.address)
        return kept


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
