"""The simulated network, without HTTP: a gateway with one SIM, and handsets."""

from __future__ import annotations

import asyncio
import json

from bot.clock import LOCAL, Clock
from integrations.simulation.courier import Courier
from integrations.simulation.journal import Bubble, Journal
from integrations.simulation.web import Bell
from integrations.sms.simulator.phones import Phones


class Network:
    """Takes messages from the office and from handsets, and posts webhooks."""

    def __init__(self, clock: Clock, journal: Journal, courier: Courier, own_number: str) -> None:
        self.own_number = own_number
        self._phones = Phones(clock, journal)
        self._courier = courier

    @property
    def journal(self) -> Journal:
        """What is remembered."""
        return self._phones.journal

    @property
    def bell(self) -> Bell:
        """Wakes who waits for a handset."""
        return self._phones.bell

    def take(self, message_id: str, number: str, text: str) -> Bubble:
        """Deliver a message of the office once; a second one of this id gives the first."""
        known = self.journal.find(message_id)
        if known is not None:
            return known
        kept = self._phones.show(number, message_id, text)
        self.journal.set_status(message_id, "delivered")
        for status in ("sent", "delivered"):
            self._post(number, {"event": "receipt", "id": message_id, "status": status})
        return kept

    def write(self, number: str, text: str) -> tuple[Bubble, asyncio.Event]:
        """A handset sends ``text`` to the office."""
        kept = self._phones.type(number, text)
        event = {
            "id": kept.message_id,
            "from": number,
            "to": self.own_number,
            "text": kept.wire,
            "received_at": kept.at.astimezone(LOCAL).isoformat(),
        }
        return kept, self._post(number, event, kept.message_id)

    def acknowledged(self, tag: str) -> None:
        """The webhook of the handset's message ``tag`` got its 200."""
        if tag:
            self.journal.set_status(tag, "received")

    def _post(self, number: str, event: dict[str, str], tag: str = "") -> asyncio.Event:
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        return self._courier.post(number, body, tag)
