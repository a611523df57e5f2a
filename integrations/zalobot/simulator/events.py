"""Bodies of updates, the same from getUpdates and to a webhook: ``{ok, result: update}``."""

from __future__ import annotations

import json
from datetime import datetime

Json = dict[str, object]
PICTURE = "https://photo.example.vn/simulator"
PRIVATE, GROUP = "PRIVATE", "GROUP"

# name -> (event, words on the phone, what the message holds)
MEDIA: dict[str, tuple[str, str, Json]] = {
    # Documented as "photo"; "photo_url" is what was seen to come.
    "image": ("message.image.received", "[Hình ảnh]", {"photo_url": f"{PICTURE}/giay-to.jpg"}),
    "sticker": (
        "message.sticker.received",
        "[Nhãn dán]",
        {"sticker": "0e078a2fb66a5f34067b", "url": f"{PICTURE}/44.png"},
    ),
    "voice": (
        "message.voice.received",
        "[Tin nhắn thoại]",
        {"voice_url": f"{PICTURE}/tieng-noi.aac"},
    ),
    "unsupported": ("message.unsupported.received", "[Tệp] to-khai.pdf", {}),
}


def milliseconds(at: datetime) -> int:
    """An instant as the platform writes it."""
    return int(at.timestamp() * 1000)


def update(
    event: str, sender: str, chat: tuple[str, str], message_id: str, at: datetime, content: Json
) -> bytes:
    """One update; ``chat`` is its id and PRIVATE or GROUP, ``content`` what was sent."""
    message: Json = {
        "from": {"id": sender, "display_name": f"Người dân {sender[-4:]}", "is_bot": False},
        "chat": {"id": chat[0], "chat_type": chat[1]},
        "message_id": message_id,
        "date": milliseconds(at),
    }
    body: Json = {"ok": True, "result": {"message": message | content, "event_name": event}}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
