"""A checked message: what it is, what the phone shows, what its echo says."""

from __future__ import annotations

from dataclasses import dataclass, field

Button = dict[str, str]
TEXT, IMAGE, GIF, STICKER, FILE, FORM = "text", "image", "gif", "sticker", "file", "form"
TEMPLATE, LIST = "template", "list"

ECHO = {FORM: "template"}
"""Kind of message -> last word of its ``oa_send_*`` event, where the two differ."""
LINE = {IMAGE: "photo", GIF: "GIF", FORM: "links", LIST: "links", TEMPLATE: "links"}
"""Kind of message -> ``type`` of its line in a conversation, where the two differ."""
_SHOWN = {IMAGE: "[Hình ảnh]", GIF: "[Ảnh động]", STICKER: "[Nhãn dán]", FILE: "[Tệp]"}


@dataclass(frozen=True, slots=True)
class Draft:
    """``text`` is what was written; ``payload`` describes the attachment for the echo.

    ``buttons`` as the phone shows them (title, kind, value); ``quote`` is the id of the quoted
    message; ``upload`` is the id or token of something that has to have been uploaded.
    """

    to: str
    kind: str = TEXT
    text: str = ""
    buttons: list[Button] = field(default_factory=list)
    quote: str = ""
    upload: str = ""
    payload: dict[str, object] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """What the phone shows."""
        if self.kind == FORM:
            title, subtitle = self.payload.get("title"), self.payload.get("subtitle")
            return f"[Phiếu xin thông tin] {title}\n{subtitle}"
        words = [_SHOWN.get(self.kind, ""), str(self.payload.get("name", "")), self.text]
        return " ".join(word for word in words if word)
