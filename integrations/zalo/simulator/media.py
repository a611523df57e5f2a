"""What a simulated citizen can send besides text (fact sheet 3.4)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

PICTURE = "https://photo.example.vn/simulator"
_CARD = {"phone": "84900000009", "qrCodeUrl": f"{PICTURE}/qr.jpg"}


@dataclass(frozen=True, slots=True)
class Media:
    """``shown`` on the phone; ``type``, ``payload`` of the attachment; ``text`` beside it."""

    type: str
    shown: str
    payload: Mapping[str, object] = field(default_factory=dict)
    text: str = ""


MEDIA: dict[str, Media] = {
    "image": Media(
        "image",
        "[Hình ảnh]",
        {"url": f"{PICTURE}/giay-to.jpg", "thumbnail": f"{PICTURE}/giay-to-nho.jpg"},
    ),
    "gif": Media("gif", "[Ảnh động]", {"url": f"{PICTURE}/vui.gif"}),
    "sticker": Media("sticker", "[Nhãn dán]", {"id": "44", "url": f"{PICTURE}/44.png"}),
    "audio": Media("audio", "[Tin nhắn thoại]", {"url": f"{PICTURE}/tieng-noi.m4a"}),
    "video": Media("video", "[Video]", {"url": f"{PICTURE}/video.mp4"}),
    "file": Media(
        "file",
        "[Tệp] to-khai.pdf",
        {"url": f"{PICTURE}/to-khai.pdf", "name": "to-khai.pdf", "size": "20480", "type": "pdf"},
    ),
    "link": Media("link", "[Liên kết]", {"url": "https://example.vn/"}),
    "location": Media(
        "location",
        "[Vị trí] Nhà văn hoá thôn",
        {"coordinates": {"latitude": "21.0900", "longitude": "105.6700"}},
        "Nhà văn hoá thôn",
    ),
    "business_card": Media(
        "link",
        "[Danh thiếp] Cô Hiền",
        # The card's details are JSON inside a string: that is how Zalo sends them.
        {"url": PICTURE, "thumbnail": f"{PICTURE}/co-hien.jpg", "description": json.dumps(_CARD)},
        "Cô Hiền",
    ),
}
"""Name as in ``user_send_<name>`` -> what is sent."""
