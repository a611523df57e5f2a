"""The phone itself, without HTTP: its queue, its inbox, its registered webhooks.

A message that was taken goes Pending, Processed, Sent, Delivered, or ends as Failed; each step
is told to every webhook registered for it, with a report of delivery for each part.
"""

from __future__ import annotations

import asyncio
import json
import secrets

from bot.clock import Clock
from bot.segments import count
from integrations.simulation.courier import Courier
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Bubble, Journal
from integrations.simulation.web import Bell
from integrations.sms.simulator.phones import USER, Phones
from integrations.sms.smsgate.simulator.shapes import (
    Json,
    envelope,
    local,
    received,
    went_out,
)

# What Android answers to a send; the number is the one that `faults.refuse` names.
RESULTS = {
    1: "RESULT_ERROR_GENERIC_FAILURE",
    4: "RESULT_ERROR_NO_SERVICE",
    5: "RESULT_ERROR_LIMIT_EXCEEDED",
}
MESSAGE, WEBHOOK = "message", "webhook"


class World:
    """One phone with one SIM in use."""

    def __init__(
        self,
        clock: Clock,
        journal: Journal,
        courier: Courier,
        faults: Faults,
        *,
        own_number: str,
        device: str,
        is_old: bool,
        pace: float,
    ) -> None:
        self.own_number, self.device, self.is_old = own_number, device, is_old
        self.signing_key = ""
        self.battery, self.is_charging, self.failed = 94, True, 0
        self.sim = 1
        self._phones = Phones(clock, journal)
        self._courier = courier
        self._faults = faults
        self._pace = pace
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def journal(self) -> Journal:
        """What is remembered."""
        return self._phones.journal

    @property
    def bell(self) -> Bell:
        """Wakes who waits for a handset."""
        return self._phones.bell

    # --- messages out --------------------------------------------------------------

    def known(self, message_id: str) -> Json | None:
        """The record of a message that was taken."""
        return self.journal.record(MESSAGE, message_id)

    def taken(self) -> dict[str, Json]:
        """All of them, newest first."""
        return dict(reversed(self.journal.records(MESSAGE).items()))

    def take(self, message_id: str, number: str, text: str, wants_report: bool) -> None:
        """Queue one message; its way begins at once."""
        kept: Json = {"number": number, "text": text, "state": "", "error": None, "states": {}}
        self._step(message_id, kept, "Pending")
        task = asyncio.get_running_loop().create_task(self._way(message_id, kept, wants_report))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _way(self, message_id: str, kept: Json, wants_report: bool) -> None:
        await asyncio.sleep(self._pace)
        refused = self._faults.refusal()
        if refused:
            self.failed += 1
            kept["error"] = f"Send result: {RESULTS.get(refused, f'RESULT_ERROR_{refused}')}"
            self._step(message_id, kept, "Failed")
            self._tell(message_id, kept, "sms:failed", failedAt=self._now(), reason=kept["error"])
            return
        parts = count(str(kept["text"])).parts
        self._step(message_id, kept, "Processed")
        self._phones.show(str(kept["number"]), message_id, str(kept["text"]))
        self._step(message_id, kept, "Sent")
        self._tell(message_id, kept, "sms:sent", partsCount=parts, sentAt=self._now())
        if not wants_report:
            return
        await asyncio.sleep(self._pace)
        self._step(message_id, kept, "Delivered")
        for _ in range(parts):
            self._tell(message_id, kept, "sms:delivered", deliveredAt=self._now())

    def _step(self, message_id: str, kept: Json, state: str) -> None:
        states = kept["states"]
        assert isinstance(states, dict)
        kept["state"], states[state] = state, self._now()
        self.journal.save_record(MESSAGE, message_id, kept)

    def _tell(self, message_id: str, kept: Json, event: str, **more: object) -> None:
        number = str(kept["number"])
        payload = went_out(message_id, number, self.own_number, self.sim, self.is_old)
        self.emit(event, number, payload | more)

    # --- messages in ---------------------------------------------------------------

    def write(self, number: str, text: str) -> tuple[Bubble, asyncio.Event]:
        """A handset sends ``text`` to the phone."""
        bubble = self._phones.type(number, text)
        payload = received(bubble, self.own_number, self.sim, self.is_old)
        return bubble, self.emit("sms:received", number, payload)

    def inbox(self) -> list[Bubble]:
        """Everything that came, newest first."""
        people = [bubble.address for bubble in self.journal.recent()]
        came = [b for who in people for b in self.journal.since(who, 0) if b.author == USER]
        return sorted(came, key=lambda bubble: (bubble.at, bubble.seq), reverse=True)

    # --- webhooks ------------------------------------------------------------------

    def register(self, name: str, url: str, event: str) -> Json:
        """Have ``event`` posted to ``url``; the same name again replaces it."""
        row: Json = {"id": name or secrets.token_hex(10), "url": url, "event": event}
        self.journal.save_record(WEBHOOK, str(row["id"]), row)
        return row

    def webhooks(self) -> list[Json]:
        """What is registered."""
        return list(self.journal.records(WEBHOOK).values())

    def ping(self, health: Json) -> asyncio.Event:
        """Tell how the phone is."""
        return self.emit("system:ping", "", {"health": health})

    def emit(self, event: str, address: str, payload: Json) -> asyncio.Event:
        """Post an event to every registration, each under an id of its own."""
        tried = asyncio.Event()
        tried.set()
        for row in self.webhooks():
            if row["event"] == event:
                name = str(row["id"])
                body = envelope(event, secrets.token_hex(10), name, self.device, payload)
                tag = str(payload["messageId"]) if "message" in payload else ""
                wrapped = {"url": row["url"], "body": json.dumps(body, ensure_ascii=False)}
                tried = self._courier.post(address, json.dumps(wrapped).encode(), tag)
        return tried

    # --------------------------------------------------------------------------------

    async def idle(self) -> None:
        """Wait until every message is at an end and everything was told."""
        while self._tasks:
            await asyncio.gather(*self._tasks)
        await self._courier.idle()

    async def stop(self) -> None:
        """Stop in the middle of whatever is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _now(self) -> str:
        return local(self._phones.clock.now())
