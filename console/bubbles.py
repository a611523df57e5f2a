"""What was said in a conversation, as the page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.messages import InboundKind
from bot.store.transcript import Line
from console import inbox, words

OUTSIDE = "Cán bộ (trong ứng dụng Zalo)"
"""Who wrote a line that came from Zalo's own app: nobody of the console."""
_NAMES = {
    "citizen": "Người dân",
    "bot": "Trợ lý",
    "reminder": "Tin nhắc hẹn",
    "notice": "Thông báo",
    "code": "Mã xác nhận",
    "officer": OUTSIDE,
}
_ASIDES = {
    InboundKind.START: "mở cuộc trò chuyện",
    InboundKind.STOP: "bỏ theo dõi hoặc chặn tin nhắn",
    InboundKind.WITHDRAWN: "rút lại sự đồng ý; dữ liệu đã xoá",
    InboundKind.CONTACT: "gửi số điện thoại qua ô của Zalo",
}
_NEVER_ARRIVED = ("failed", "expired", "cancelled")


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as the page shows it."""

    author: str
    name: str
    text: str
    aside: bool
    """The text is a remark of ours, not what somebody wrote."""
    time: str
    state: str
    bad: bool
    choices: tuple[str, ...]


def bubbles(lines: Sequence[Line], now: datetime) -> tuple[Bubble, ...]:
    """The conversation as the page shows it; taps are told by the label that was tapped."""
    labels: dict[str, str] = {}
    shown = []
    for line in lines:
        shown.append(_bubble(line, labels, now))
        labels |= {choice.payload: choice.label for choice in line.choices if choice.payload}
    return tuple(shown)


def asked_since(lines: Sequence[Line], said: str) -> bool:
    """Whether an officer sent the citizen these words after the citizen's own last line."""
    for line in reversed(lines):
        if line.author == "citizen":
            return False
        if line.author == "officer" and line.text == said and line.state not in _NEVER_ARRIVED:
            return True
    return False


def _bubble(line: Line, labels: dict[str, str], now: datetime) -> Bubble:
    citizen = line.author == "citizen"
    text, aside = _from_citizen(line, labels) if citizen else (line.text, False)
    return Bubble(
        author=line.author,
        name=line.name or _NAMES[line.author],
        text=text,
        aside=aside,
        time=words.clock_time(line.at, now),
        state="" if citizen else words.delivery(line.state, line.error),
        bad=line.state in ("failed", "expired"),
        choices=tuple(choice.label for choice in line.choices),
    )


def _from_citizen(line: Line, labels: dict[str, str]) -> tuple[str, bool]:
    """What a citizen did: their words, or what they chose, sent or opened."""
    for kind, aside in _ASIDES.items():
        if line.kind == kind:
            return aside, True
    if line.kind == InboundKind.MEDIA:
        return f"{words.media(line.media)} (không lưu ở đây){_caption(line.text)}", True
    if line.text in labels:
        return f"chọn: {labels[line.text]}", True
    if inbox.is_tap(line.text):
        return "bấm một nút", True
    return line.text, False


def _caption(text: str) -> str:
    return f": {text}" if text else ""
