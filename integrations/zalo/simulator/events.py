"""Bodies of the webhooks that Zalo posts (fact sheet 3.3, 3.4): compact UTF-8 JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

Json = dict[str, object]
PICTURE = "https://photo.example.vn/simulator"

# media name -> (event, words on the phone, attachment payload, text that comes with it)
MEDIA: dict[str, tuple[str, str, Json, str]] = {
    "image": (
        "user_send_image",
        "[Hình ảnh]",
        {"url": f"{PICTURE}/giay-to.jpg", "thumbnail": f"{PICTURE}/giay-to-nho.jpg"},
        "",
    ),
    "gif": ("user_send_gif", "[Ảnh động]", {"url": f"{PICTURE}/vui.gif"}, ""),
    "sticker": ("user_send_sticker", "[Nhãn dán]", {"id": "44", "url": f"{PICTURE}/44.png"}, ""),
    "audio": ("user_send_audio", "[Tin nhắn thoại]", {"url": f"{PICTURE}/tieng-noi.m4a"}, ""),
    "video": ("user_send_video", "[Video]", {"url": f"{PICTURE}/video.mp4"}, ""),
    "file": (
        "user_send_file",
        "[Tệp] to-khai.pdf",
        {"url": f"{PICTURE}/to-khai.pdf", "name": "to-khai.pdf", "size": "20480", "type": "pdf"},
        "",
    ),
    "link": ("user_send_link", "[Liên kết]", {"url": "https://example.vn/"}, ""),
    "location": (
        "user_send_location",
        "[Vị trí] Nhà văn hoá thôn",
        {"coordinates": {"latitude": "21.0900", "longitude": "105.6700"}},
        "Nhà văn hoá thôn",
    ),
}


def encode(event: Json) -> bytes:
    """The body as it goes over the line and is signed."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def milliseconds(at: datetime) -> str:
    """An instant as Zalo writes it."""
    return str(int(at.timestamp() * 1000))


@dataclass(frozen=True, slots=True)
class Events:
    """Builds events of one OA."""

    app_id: str
    oa_id: str

    def text(self, user_id: str, message_id: str, text: str, at: datetime) -> Json:
        """A typed text, or the payload of a tapped button."""
        message: Json = {"text": text, "msg_id": message_id}
        return self._from_user("user_send_text", user_id, message, at)

    def media(self, user_id: str, message_id: str, name: str, at: datetime) -> Json:
        """Something else than text; ``name`` is a key of :data:`MEDIA`."""
        event, _, payload, text = MEDIA[name]
        message: Json = {"attachments": [{"type": name, "payload": payload}], "msg_id": message_id}
        if text:
            message["text"] = text
        return self._from_user(event, user_id, message, at)

    def follow(self, user_id: str, at: datetime, *, ended: bool = False) -> Json:
        """Follow or unfollow: no sender and no message."""
        return {
            "oa_id": self.oa_id,
            "follower": {"id": user_id},
            "source": "oa_profile",
            "app_id": self.app_id,
            "user_id_by_app": self._by_app(user_id),
            "event_name": "unfollow" if ended else "follow",
            "timestamp": milliseconds(at),
        }

    def echo(
        self, user_id: str, message_id: str, text: str, at: datetime, admin_id: str = ""
    ) -> Json:
        """What the OA sent; ``admin_id`` when a person wrote it in OA Manager."""
        message: Json = {"text": text, "msg_id": message_id}
        event = self._from_oa("oa_send_text", user_id, message, at)
        if admin_id:
            event["sender"] = {"id": self.oa_id, "admin_id": admin_id}
        return event

    def received(self, user_id: str, message_id: str, at: datetime) -> Json:
        """The phone has it."""
        return self._from_oa("user_received_message", user_id, {"msg_id": message_id}, at)

    def seen(self, user_id: str, message_ids: list[str], at: datetime) -> Json:
        """The person looked at these."""
        return self._from_oa("user_seen_message", user_id, {"msg_ids": message_ids}, at)

    def _from_user(self, name: str, user_id: str, message: Json, at: datetime) -> Json:
        return {
            "app_id": self.app_id,
            "user_id_by_app": self._by_app(user_id),
            "event_name": name,
            "sender": {"id": user_id},
            "recipient": {"id": self.oa_id},
            "message": message,
            "timestamp": milliseconds(at),
        }

    def _from_oa(self, name: str, user_id: str, message: Json, at: datetime) -> Json:
        event = self._from_user(name, user_id, message, at)
        return event | {"sender": {"id": self.oa_id}, "recipient": {"id": user_id}}

    def _by_app(self, user_id: str) -> str:
        return f"8{user_id}"
