"""The simulated Zalo itself, without HTTP: people, messages, windows, outgoing events."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

from bot.clock import Clock
from integrations.fields import storable
from integrations.simulation.courier import Courier
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Bubble, Journal
from integrations.simulation.web import Bell
from integrations.zalo.simulator.checks import Accepted, RefusedError
from integrations.zalo.simulator.events import MEDIA, Events, Json, encode
from integrations.zalo.simulator.policy import Contact, Policy, judge

_OA = ""
"""Key of the OA's own counters among the people."""
ADMIN = "can-bo-1"
_TEXTS = {
    -211: "quota is used up",
    -213: "user has not followed this OA",
    -230: "user has not interacted with the OA in the past 7 days",
}


class World:
    """State and rules; ``app`` puts HTTP around it."""

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
        self.bell = Bell()
        self._events = events
        self._courier = courier
        self._calls: deque[datetime] = deque()

    # --- the OA's side -------------------------------------------------------------

    def count_call(self) -> int:
        """Count one call of the OpenAPI and return how many are left in this minute.

        Raises:
            RefusedError: -32 over the limit.
        """
        now = self.clock.now()
        # A demo's clock may be moved back: calls "from the future" do not count.
        while self._calls and not timedelta() <= now - self._calls[0] < timedelta(minutes=1):
            self._calls.popleft()
        if len(self._calls) >= self.policy.per_minute or self.faults.take("rate_limits"):
            raise RefusedError(-32, "Your OA has reached the limit of requests per minute")
        self._calls.append(now)
        return self.policy.per_minute - len(self._calls)

    async def send(self, request: Accepted) -> Json:
        """Take a consultation message and return the ``data`` of the answer.

        Raises:
            RefusedError: unknown person, closed window, no allowance.
        """
        now = self.clock.now()
        quota = self._spend(request.user_id, now)
        bubble = self._from_oa(request.user_id, request.text, now, buttons=request.buttons)
        echo = self._events.echo(request.user_id, bubble.message_id, request.text, now)
        tried = self._post(request.user_id, echo)
        if self.faults.echo_first:
            await tried.wait()
        self._deliver(bubble)
        return {
            "message_id": bubble.message_id,
            "user_id": request.user_id,
            "sent_time": str(int(now.timestamp() * 1000)),
            "quota": dict(quota),
        }

    def officer_writes(self, user_id: str, text: str) -> Bubble:
        """A person answers in OA Manager: no window, an echo with ``admin_id``."""
        now = self.clock.now()
        bubble = self._from_oa(user_id, text, now)
        self._post(user_id, self._events.echo(user_id, bubble.message_id, text, now, ADMIN))
        self._deliver(bubble)
        return bubble

    def contact(self, user_id: str) -> Contact | None:
        """The person; None when they never met the OA."""
        data = self.journal.person(user_id) if user_id != _OA else None
        return None if data is None else Contact.from_json(data)

    def page(self, user_id: str, offset: int, count: int) -> list[Bubble]:
        """A page of the conversation, newest first."""
        return self.journal.latest(user_id, offset, count)

    # --- the phone's side ----------------------------------------------------------

    def type(self, user_id: str, text: str, *, shown: str | None = None) -> Bubble:
        """Send ``text``; a tapped button shows its label (``shown``) instead."""
        wire, shown = storable(text), storable(text if shown is None else shown)
        bubble = self._from_user(user_id, shown, wire)
        event = self._events.text(user_id, bubble.message_id, wire, bubble.at)
        self._post(user_id, event, bubble.message_id)
        return bubble

    def send_media(self, user_id: str, name: str) -> Bubble:
        """Send a picture, a voice message, ...; ``name`` is a key of ``events.MEDIA``."""
        bubble = self._from_user(user_id, MEDIA[name][1], "")
        event = self._events.media(user_id, bubble.message_id, name, bubble.at)
        self._post(user_id, event, bubble.message_id)
        return bubble

    def follow(self, user_id: str) -> None:
        """Follow the OA."""
        now = self.clock.now()
        self._save(user_id, replace(self._met(user_id).interacted(now), follows=True))
        self._post(user_id, self._events.follow(user_id, now))

    def unfollow(self, user_id: str) -> None:
        """Stop following: nothing arrives until the person writes or follows again."""
        now = self.clock.now()
        self._save(user_id, replace(self._met(user_id), follows=False, gone=True))
        self._post(user_id, self._events.follow(user_id, now, ended=True))

    def look(self, user_id: str, bubbles: list[Bubble]) -> None:
        """The person looks at ``bubbles``: one event names all that were new."""
        fresh = [b.message_id for b in bubbles if b.author == "oa" and b.status != "seen"]
        for message_id in fresh:
            self.journal.set_status(message_id, "seen")
        if fresh:
            self._post(user_id, self._events.seen(user_id, fresh, self.clock.now()))

    def acknowledged(self, tag: str) -> None:
        """The webhook of message ``tag`` got its 200."""
        bubble = self.journal.find(tag) if tag else None
        if bubble is not None and bubble.status == "sent":
            self.journal.set_status(tag, "received")
            self.bell.ring(bubble.address)

    # --- inside --------------------------------------------------------------------

    def _spend(self, user_id: str, now: datetime) -> dict[str, str]:
        if not self.policy.openapi_in_package:
            raise RefusedError(-224, "OA package does not include this feature")
        contact = self.contact(user_id)
        if contact is None:
            raise RefusedError(-201, "user_id is invalid")
        paid_used = self._paid_used()
        verdict = judge(self.policy, contact, paid_used, now)
        if verdict.code:
            raise RefusedError(verdict.code, _TEXTS[verdict.code])
        if verdict.paid:
            self.journal.save_person(_OA, {"paid_used": paid_used + 1})
        else:
            self._save(user_id, replace(contact, replies_used=contact.replies_used + 1))
        return dict(verdict.quota)

    def _paid_used(self) -> int:
        used = (self.journal.person(_OA) or {}).get("paid_used")
        return used if isinstance(used, int) else 0

    def _from_oa(
        self, user_id: str, text: str, at: datetime, buttons: list[dict[str, str]] | None = None
    ) -> Bubble:
        extra: Json = {"buttons": buttons or []}
        text = storable(text)
        return self._keep(Bubble(user_id, "oa", text, at, _new_id(), wire=text, extra=extra))

    def _from_user(self, user_id: str, shown: str, wire: str) -> Bubble:
        now = self.clock.now()
        self._save(user_id, self._met(user_id).interacted(now))
        return self._keep(Bubble(user_id, "user", shown, now, _new_id(), wire=wire))

    def _keep(self, bubble: Bubble) -> Bubble:
        kept = self.journal.add(bubble)
        self.bell.ring(bubble.address)
        return kept

    def _deliver(self, bubble: Bubble) -> None:
        self.journal.set_status(bubble.message_id, "received")
        event = self._events.received(bubble.address, bubble.message_id, self.clock.now())
        self._post(bubble.address, event)

    def _met(self, user_id: str) -> Contact:
        return self.contact(user_id) or Contact()

    def _save(self, user_id: str, contact: Contact) -> None:
        self.journal.save_person(user_id, contact.to_json())

    def _post(self, user_id: str, event: Json, tag: str = "") -> asyncio.Event:
        return self._courier.post(user_id, encode(event), tag)


def _new_id() -> str:
    return secrets.token_hex(10)
