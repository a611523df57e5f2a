"""What everything in the simulated Zalo stands on: people, bubbles, outgoing events."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from integrations.simulation.clock import Clock
from integrations.simulation.courier import Courier
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Bubble, Journal
from integrations.simulation.web import Bell
from integrations.zalo.simulator.events import Events, Json, encode
from integrations.zalo.simulator.policy import Contact, Policy, Spent

OWN = ""
"""Key of the OA's own counters among the people."""
ADMIN = "can-bo-1"
FROM_OA, FROM_USER = "oa", "user"


class Ground:
    """Shared state and the small steps on it.

    ``sends`` counts the accepted sends by user id, phone number or ``group:<id>``.
    """

    def __init__(
        self,
        clock: Clock,
        events: Events,
        journal: Journal,
        courier: Courier,
        policy: Policy,
        faults: Faults,
    ) -> None:
        self.clock = clock
        self.policy = policy
        self.faults = faults
        self.journal = journal
        self.events = events
        self.bell = Bell()
        self.sends: Counter[str] = Counter()
        self._courier = courier

    def contact(self, user_id: str) -> Contact | None:
        """The person; None when they never met the OA."""
        data = self.journal.person(user_id) if user_id != OWN else None
        return None if data is None else Contact.from_json(data)

    def contacts(self) -> dict[str, Contact]:
        """Everybody whom the OA ever met, by user id."""
        people = self.journal.people()
        return {key: Contact.from_json(data) for key, data in people.items() if key != OWN}

    def met(self, user_id: str) -> Contact:
        """The person, known or new."""
        return self.contact(user_id) or Contact()

    def save(self, user_id: str, contact: Contact) -> None:
        """Remember the person."""
        self.journal.save_person(user_id, contact.to_json())

    def spent(self) -> Spent:
        """Paid messages so far."""
        data = self.journal.person(OWN) or {}
        return Spent(_count(data, "paid_used"), _count(data, "bought_used"))

    def save_spent(self, spent: Spent) -> None:
        """Remember paid messages."""
        data = {"paid_used": spent.package, "bought_used": spent.purchased}
        self.journal.save_person(OWN, data)

    def keep(self, bubble: Bubble) -> Bubble:
        """Put ``bubble`` on a phone."""
        kept = self.journal.add(bubble)
        self.bell.ring(bubble.address)
        return kept

    def acknowledged(self, tag: str) -> None:
        """The webhook of message ``tag`` got its 200."""
        bubble = self.journal.find(tag) if tag else None
        if bubble is not None and bubble.status == "sent":
            self.journal.set_status(tag, "received")
            self.bell.ring(bubble.address)

    def post(self, address: str, event: Json, tag: str = "") -> asyncio.Event:
        """Post a webhook; the event is set after the first attempt."""
        return self._courier.post(address, encode(event), tag)

    def post_raw(self, body: bytes) -> asyncio.Event:
        """Post these bytes, signed as everything else."""
        return self._courier.post(OWN, body)


def new_id() -> str:
    """An id of a message, a group or an upload."""
    return secrets.token_hex(10)


def sent_time(at: datetime) -> str:
    """``sent_time`` of an answer: milliseconds as a string."""
    return str(int(at.timestamp() * 1000))


def _count(data: Mapping[str, object], name: str) -> int:
    value = data.get(name)
    return value if isinstance(value, int) else 0
