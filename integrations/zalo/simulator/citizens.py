"""The citizens' side of the simulated Zalo: what people do on their phones."""

from __future__ import annotations

from dataclasses import replace

from integrations.fields import storable
from integrations.simulation.journal import Bubble
from integrations.zalo.simulator.events import Json
from integrations.zalo.simulator.ground import FROM_OA, FROM_USER, Ground, new_id
from integrations.zalo.simulator.media import MEDIA

OLD, NEW = "old", "new"
_PLACE = {"city": "Hà Nội", "district": "Đan Phượng", "ward": "Song Phượng", "address": "Thôn 3"}


class Citizens(Ground):
    """People write, tap, follow, look, fill in forms."""

    def type(self, user_id: str, text: str, *, shown: str | None = None, quote: str = "") -> Bubble:
        """Send ``text``; a tapped button shows its label (``shown``) instead."""
        wire, shown = storable(text), storable(text if shown is None else shown)
        bubble = self._from_user(user_id, shown, wire)
        event = self.events.text(user_id, bubble.message_id, wire, bubble.at, quote)
        self.post(user_id, event, bubble.message_id)
        return bubble

    def send_media(self, user_id: str, name: str) -> Bubble:
        """Send a picture, a voice message, ...; ``name`` is a key of ``media.MEDIA``."""
        bubble = self._from_user(user_id, MEDIA[name].shown, "", kind=name)
        event = self.events.media(user_id, bubble.message_id, name, bubble.at)
        self.post(user_id, event, bubble.message_id)
        return bubble

    def follow(self, user_id: str) -> None:
        """Follow the OA."""
        now = self.clock.now()
        self.save(user_id, replace(self.met(user_id).interacted(now), follows=True))
        self.post(user_id, self.events.follow(user_id, now))

    def unfollow(self, user_id: str) -> None:
        """Stop following: nothing arrives until the person writes or follows again."""
        now = self.clock.now()
        self.save(user_id, replace(self.met(user_id), follows=False, gone=True))
        self.post(user_id, self.events.follow(user_id, now, ended=True))

    def open_chat(self, user_id: str) -> None:
        """Press "Nhắn tin" on the OA's profile: this too opens the windows."""
        now = self.clock.now()
        self.save(user_id, self.met(user_id).interacted(now))
        self.post(user_id, self.events.chat_now(user_id, now))

    def withdraw(self, user_id: str) -> None:
        """Take back the consent to the use of one's data."""
        self.post(user_id, self.events.withdraw(user_id, self.clock.now()))

    def submit(self, user_id: str, name: str, phone: str, shape: str = NEW) -> Bubble:
        """Fill in the form that asks for name and phone (digits, 84...).

        Sending it is none of the interactions that open a window (fact sheet 6.1).
        """
        now = self.clock.now()
        info = _old_info(name, phone) if shape == OLD else _new_info(name, phone)
        shared = {"name": name, "phone": phone, **_PLACE}
        self.save(user_id, replace(self.met(user_id), shared=shared))
        shown = storable(f"[Đã gửi thông tin] {name}, {phone}")
        bubble = self.keep(Bubble(user_id, FROM_USER, shown, now, new_id(), extra={"kind": "form"}))
        self.post(user_id, self.events.submitted(user_id, info, now), bubble.message_id)
        return bubble

    def react(self, user_id: str, message_id: str, icon: str) -> None:
        """Put an icon on a message."""
        self.post(user_id, self.events.reaction(user_id, message_id, icon, self.clock.now()))

    def look(self, user_id: str, bubbles: list[Bubble]) -> None:
        """The person looks at ``bubbles``: one event names all that were new."""
        fresh = [b.message_id for b in bubbles if b.author == FROM_OA and b.status != "seen"]
        for message_id in fresh:
            self.journal.set_status(message_id, "seen")
        # Templates by phone go to people who need not know the OA: it hears of delivery only.
        if fresh and self.contact(user_id) is not None:
            self.post(user_id, self.events.seen(user_id, fresh, self.clock.now()))

    def _from_user(self, user_id: str, shown: str, wire: str, kind: str = "text") -> Bubble:
        now = self.clock.now()
        self.save(user_id, self.met(user_id).interacted(now))
        extra: Json = {"kind": kind}
        return self.keep(Bubble(user_id, FROM_USER, shown, now, new_id(), wire=wire, extra=extra))


def _old_info(name: str, phone: str) -> Json:
    # The older shape has been seen with the phone as a number.
    return {"name": name, "phone": int(phone), **_PLACE}


def _new_info(name: str, phone: str) -> Json:
    return {
        "name": name,
        "phone": phone,
        "user_dob": "02/09/1980",
        "gender": "female",
        "full_address": {
            "user_city": _PLACE["city"],
            "user_ward": _PLACE["ward"],
            "user_address": _PLACE["address"],
        },
    }
