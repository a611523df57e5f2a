"""Bodies of the webhooks that Zalo posts (fact sheet 3.3, 3.4): compact UTF-8 JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from integrations.zalo.simulator.media import MEDIA

Json = dict[str, object]


def encode(event: Json) -> bytes:
    """The body as it goes over the line and is signed."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def milliseconds(at: datetime) -> str:
    """An instant as Zalo writes it."""
    return str(int(at.timestamp() * 1000))


def by_app(user_id: str) -> str:
    """The id of the same person for the app."""
    return f"8{user_id}"


@dataclass(frozen=True, slots=True)
class Events:
    """Builds events of one OA."""

    app_id: str
    oa_id: str

    def text(self, user_id: str, message_id: str, text: str, at: datetime, quote: str = "") -> Json:
        """A typed text, or the payload of a tapped button; ``quote``: a message of the OA."""
        message: Json = {"text": text, "msg_id": message_id}
        if quote:
            message["quote_msg_id"] = quote
        return self._from_user("user_send_text", user_id, message, at)

    def media(self, user_id: str, message_id: str, name: str, at: datetime) -> Json:
        """Something else than text; ``name`` is a key of :data:`MEDIA`."""
        media = MEDIA[name]
        attachment = {"type": media.type, "payload": media.payload}
        message: Json = {"attachments": [attachment], "msg_id": message_id}
        if media.text:
            message["text"] = media.text
        return self._from_user(f"user_send_{name}", user_id, message, at)

    def follow(self, user_id: str, at: datetime, *, ended: bool = False) -> Json:
        """Follow or unfollow: no sender and no message."""
        name = "unfollow" if ended else "follow"
        return self._about(name, at, user_id, follower={"id": user_id}, source="oa_profile")

    def chat_now(self, user_id: str, at: datetime) -> Json:
        """The "Message" button on the OA's profile."""
        return self._about("user_click_chatnow", at, user_id, user_id=user_id)

    def withdraw(self, user_id: str, at: datetime) -> Json:
        """The person takes back their consent; no source shows the payload."""
        return self._about("user_withdraw", at, user_id, user_id=user_id)

    def submitted(self, user_id: str, info: Json, at: datetime) -> Json:
        """The person filled in the form of ``request_user_info``."""
        event = self._from_user("user_submit_info", user_id, {}, at)
        del event["message"]
        return event | {"info": info}

    def reaction(self, user_id: str, message_id: str, icon: str, at: datetime) -> Json:
        """The person put ``icon`` on a message."""
        message: Json = {"msg_id": message_id, "react_icon": icon}
        return self._from_user("user_reacted_message", user_id, message, at)

    def own_reaction(self, user_id: str, message_id: str, icon: str, at: datetime) -> Json:
        """The OA put ``icon`` on a message."""
        message: Json = {"msg_id": message_id, "react_icon": icon}
        return self._from_oa("oa_reacted_message", user_id, message, at)

    def echo(self, to: str, kind: str, message: Json, at: datetime, *, admin_id: str = "") -> Json:
        """What the OA sent; ``admin_id`` when a person wrote it in OA Manager."""
        event = self._from_oa(f"oa_send_{kind}", to, message, at)
        if admin_id:
            event["sender"] = {"id": self.oa_id, "admin_id": admin_id}
        return event

    def received(self, user_id: str, message_id: str, at: datetime) -> Json:
        """The phone has it."""
        return self._from_oa("user_received_message", user_id, {"msg_id": message_id}, at)

    def seen(self, user_id: str, message_ids: list[str], at: datetime) -> Json:
        """The person looked at these."""
        return self._from_oa("user_seen_message", user_id, {"msg_ids": message_ids}, at)

    def delivered(self, phone: str, message_id: str, tracking_id: str, at: datetime) -> Json:
        """A template by phone arrived; the same name as :meth:`received`."""
        message: Json = {
            "delivery_time": milliseconds(at),
            "msg_id": message_id,
            "tracking_id": tracking_id,
        }
        event = self._from_oa("user_received_message", phone, message, at)
        del event["user_id_by_app"]
        return event

    def group_text(
        self, group_id: str, user_id: str, message_id: str, text: str, at: datetime, quoted: Json
    ) -> Json:
        """A member writes; ``quoted`` is ``{text, msg_id, sender}`` or empty."""
        message: Json = {"text": text, "msg_id": message_id}
        if quoted:
            message["quote_msg"] = quoted
        event = self._from_user("user_send_group_text", user_id, message, at)
        return event | {"recipient": {"id": group_id}}

    def group_change(self, name: str, group_id: str, users: Sequence[str], at: datetime) -> Json:
        """The group was made or ended, or people came; no source shows the payload."""
        return self._about(name, at, "", group_id=group_id, user_ids=list(users))

    def ping(self, at: datetime) -> Json:
        """What is posted when an address is saved in the console."""
        return self._about("webhook_test", at, "")

    def _about(self, name: str, at: datetime, person: str, /, **more: object) -> Json:
        event: Json = {"oa_id": self.oa_id, **more, "app_id": self.app_id}
        if person:
            event["user_id_by_app"] = by_app(person)
        return event | {"event_name": name, "timestamp": milliseconds(at)}

    def _from_user(self, name: str, user_id: str, message: Json, at: datetime) -> Json:
        return {
            "app_id": self.app_id,
            "user_id_by_app": by_app(user_id),
            "event_name": name,
            "sender": {"id": user_id},
            "recipient": {"id": self.oa_id},
            "message": message,
            "timestamp": milliseconds(at),
        }

    def _from_oa(self, name: str, to: str, message: Json, at: datetime) -> Json:
        event = self._from_user(name, to, message, at)
        return event | {"sender": {"id": self.oa_id}, "recipient": {"id": to}}
