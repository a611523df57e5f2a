"""The simulated Zalo itself, without HTTP: what the OA sends, and to whom it may."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from integrations.fields import storable
from integrations.simulation.journal import Bubble
from integrations.zalo.simulator.citizens import Citizens
from integrations.zalo.simulator.drafts import ECHO, FILE, GIF, IMAGE, LIST, STICKER, TEXT, Draft
from integrations.zalo.simulator.events import Json
from integrations.zalo.simulator.ground import ADMIN, FROM_OA, new_id, sent_time
from integrations.zalo.simulator.policy import judge
from integrations.zalo.simulator.shapes import RefusedError

QUOTABLE = timedelta(hours=48)
OFFICER_KINDS = frozenset({TEXT, IMAGE, GIF, STICKER, FILE, LIST})
_TEXTS = {
    -211: "quota is used up",
    -213: "user has not followed this OA",
    -230: "user has not interacted with the OA in the past 7 days",
}


class World(Citizens):
    """State and rules; ``app`` puts HTTP around it."""

    async def send(self, draft: Draft) -> Json:
        """Take a consultation message and return the ``data`` of the answer.

        Raises:
            RefusedError: unknown person, closed window, no allowance, quote of nothing.
        """
        now = self.clock.now()
        if draft.quote:
            self.check_quote(draft.to, draft.quote, now)
        quota = self._spend(draft.to, now)
        bubble = await self.send_from_oa(draft.to, draft, now)
        self.deliver(bubble)
        return {
            "message_id": bubble.message_id,
            "user_id": draft.to,
            "sent_time": sent_time(now),
            "quota": quota,
        }

    async def send_from_oa(
        self, address: str, draft: Draft, now: datetime, group: str = ""
    ) -> Bubble:
        """Put an accepted draft on a phone (or in a ``group``) and post its echo."""
        bubble = self.keep_from_oa(address, draft, now)
        self.sends[address] += 1
        kind = ECHO.get(draft.kind, draft.kind)
        message = _message(bubble, draft)
        echo = self.events.echo(group or address, f"group_{kind}" if group else kind, message, now)
        tried = self.post(address, echo)
        if self.faults.echo_first:
            await tried.wait()
        return bubble

    def keep_from_oa(self, address: str, draft: Draft, now: datetime) -> Bubble:
        """Put a draft on a phone."""
        extra: Json = {"kind": draft.kind, "buttons": draft.buttons, "payload": draft.payload}
        return self.keep(
            Bubble(
                address,
                FROM_OA,
                storable(draft.shown),
                now,
                new_id(),
                wire=storable(draft.text),
                extra=extra,
            )
        )

    def deliver(self, bubble: Bubble) -> None:
        """The phone has it."""
        self.journal.set_status(bubble.message_id, "received")
        event = self.events.received(bubble.address, bubble.message_id, self.clock.now())
        self.post(bubble.address, event)

    def officer_writes(
        self, user_id: str, text: str, *, kind: str = TEXT, admin_id: str = ADMIN
    ) -> Bubble:
        """A person answers in OA Manager: no window; an echo with or without ``admin_id``."""
        now = self.clock.now()
        draft = Draft(user_id, kind, text)
        bubble = self.keep_from_oa(user_id, draft, now)
        message = _message(bubble, draft)
        self.post(user_id, self.events.echo(user_id, kind, message, now, admin_id=admin_id))
        self.deliver(bubble)
        return bubble

    def react_from_oa(self, user_id: str, message_id: str, icon: str) -> None:
        """The OA puts ``icon`` on a message of a conversation.

        Raises:
            RefusedError: -201 no such message there.
        """
        bubble = self.journal.find(message_id)
        if bubble is None or bubble.address != user_id:
            raise RefusedError(-201, "react_message_id is invalid")
        self.post(user_id, self.events.own_reaction(user_id, message_id, icon, self.clock.now()))

    def page(self, address: str, offset: int, count: int) -> list[Bubble]:
        """A page of the conversation, newest first."""
        return self.journal.latest(address, offset, count)

    def check_quote(self, address: str, message_id: str, now: datetime) -> None:
        """Only a message of this conversation, at most 48 hours old, may be quoted.

        Raises:
            RefusedError: -201.
        """
        bubble = self.journal.find(message_id)
        if bubble is None or bubble.address != address or now - bubble.at > QUOTABLE:
            raise RefusedError(-201, "quote_message_id is invalid")

    def _spend(self, user_id: str, now: datetime) -> dict[str, str]:
        contact = self.contact(user_id)
        if contact is None:
            raise RefusedError(-201, "user_id is invalid")
        verdict = judge(self.policy, contact, self.spent(), now)
        if verdict.code:
            raise RefusedError(verdict.code, _TEXTS[verdict.code])
        if verdict.spent is not None:
            self.save_spent(verdict.spent)
        else:
            self.save(user_id, replace(contact, replies_used=contact.replies_used + 1))
        return dict(verdict.quota)


def _message(bubble: Bubble, draft: Draft) -> Json:
    """The ``message`` of an echo."""
    message: Json = {"msg_id": bubble.message_id}
    if draft.text:
        message["text"] = bubble.wire
    if draft.kind != TEXT:
        kind = ECHO.get(draft.kind, draft.kind)
        message["attachments"] = [{"type": kind, "payload": draft.payload}]
    return message
