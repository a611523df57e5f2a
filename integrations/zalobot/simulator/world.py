"""The simulated platform itself, without HTTP: people, bubbles, updates not yet handed out.

Updates wait in the journal, oldest first, until a poll takes one or a webhook is acknowledged.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from integrations.fields import storable, string
from integrations.simulation.clock import Clock
from integrations.simulation.courier import Courier
from integrations.simulation.journal import Bubble, Journal
from integrations.simulation.web import Bell
from integrations.zalobot.simulator.events import GROUP, MEDIA, PRIVATE, Json, milliseconds, update

_BOT = ""
"""Key of the bot's own settings among the people, and of the bell that polls wait for."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where updates are posted; an empty ``url``: they are polled. ``updated_at`` in ms."""

    url: str = ""
    secret: str = ""
    updated_at: int = 0


class World:
    """State and rules; ``app`` puts HTTP around it."""

    def __init__(self, clock: Clock, journal: Journal, courier: Courier) -> None:
        self.clock, self.journal = clock, journal
        self.bell = Bell()
        self.closing = False
        self.typing: set[str] = set()
        self.handed_out = 0
        """Updates that polls took."""
        self._courier = courier
        courier.url = self.webhook.url

    # --- the bot's side ------------------------------------------------------------

    @property
    def webhook(self) -> Webhook:
        """The current setting."""
        kept = self.journal.person(_BOT) or {}
        at = kept.get("updated_at")
        when = at if isinstance(at, int) else 0
        return Webhook(string(kept, "url"), string(kept, "secret"), when)

    def set_webhook(self, url: str, secret: str) -> Webhook:
        """Post updates to ``url`` from now on; an empty one goes back to polling."""
        now = milliseconds(self.clock.now())
        kept: Json = {"url": url, "secret": secret, "updated_at": now}
        self.journal.save_person(_BOT, kept)
        self._courier.url = url
        self._courier.enable()
        self.bell.ring(_BOT)
        return Webhook(url, secret, now)

    def take(self) -> bytes | None:
        """Hand out the oldest update, for good."""
        waiting = self.journal.pending()
        if not waiting:
            return None
        self.journal.settled(waiting[0])
        self.acknowledged(waiting[0].tag)
        self.handed_out += 1
        return waiting[0].body

    def close(self) -> None:
        """Wake everybody who waits: the server stops."""
        self.closing = True
        self.bell.close()

    async def update_comes(self, seconds: float) -> None:
        """Sleep until there may be a new update, at most ``seconds``."""
        await self.bell.wait(_BOT, seconds)

    def knows(self, chat_id: str) -> bool:
        """Whether somebody wrote in this chat before."""
        return chat_id != _BOT and self.journal.person(chat_id) is not None

    def send(self, chat_id: str, text: str) -> Bubble:
        """Show what the bot wrote."""
        self.typing.discard(chat_id)
        text = storable(text)
        # "oa" as in the simulator of Official Accounts: the same phone page shows both.
        return self._keep(Bubble(chat_id, "oa", text, self.clock.now(), _new_id(), wire=text))

    def acts(self, chat_id: str) -> None:
        """Show "typing" until the next message."""
        self.typing.add(chat_id)
        self.bell.ring(chat_id)

    # --- the phone's side ----------------------------------------------------------

    def type(self, user_id: str, text: str, group: str = "") -> Bubble:
        """Write to the bot, or in ``group``."""
        text = storable(text)
        return self._from_user(user_id, "message.text.received", text, {"text": text}, group)

    def send_media(self, user_id: str, name: str, caption: str = "") -> Bubble:
        """Send something else; ``name`` is a key of ``events.MEDIA``."""
        event, shown, content = MEDIA[name]
        more: Json = {"caption": storable(caption)} if caption else {}
        return self._from_user(user_id, event, shown, content | more, "")

    def acknowledged(self, tag: str) -> None:
        """The update of message ``tag`` has reached the bot."""
        bubble = self.journal.find(tag) if tag else None
        if bubble is not None and bubble.status == "sent":
            self.journal.set_status(tag, "received")
            self.bell.ring(bubble.address)

    # --- inside --------------------------------------------------------------------

    def _from_user(self, user_id: str, event: str, shown: str, content: Json, group: str) -> Bubble:
        now, chat = self.clock.now(), group or user_id
        self.journal.save_person(chat, {})
        bubble = self._keep(Bubble(chat, "user", shown, now, _new_id()))
        place = (chat, GROUP if group else PRIVATE)
        self._pass_on(chat, update(event, user_id, place, bubble.message_id, now, content), bubble)
        return bubble

    def _pass_on(self, chat: str, body: bytes, bubble: Bubble) -> None:
        if self.webhook.url:
            self._courier.post(chat, body, bubble.message_id)
        else:
            self.journal.queue(chat, body, bubble.message_id)
            self.bell.ring(_BOT)

    def _keep(self, bubble: Bubble) -> Bubble:
        kept = self.journal.add(bubble)
        self.bell.ring(bubble.address)
        return kept


def _new_id() -> str:
    return secrets.token_hex(10)
