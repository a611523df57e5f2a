"""An announcement as it leaves: who sends it, what it says, how to hear no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from bot.knowledge import ambiguous, placeholders
from bot.knowledge.model import Commune
from bot.segments import count
from bot.smstext import render

MAX_PARTS: Final = 3
"""SMS parts of one announcement: longer ones are cut by some networks, and cost."""
MAX_TITLE: Final = 120
MAX_TEXT: Final = 1700
"""A chat message holds 2,000 characters; the rest is for what stands around the text."""
STOP: Final = "(Từ chối: nhắn TC)"
STOP_FIRST: Final = "(Tin tự động. Từ chối: nhắn TC)"
"""For a number that has never got anything from us."""
CHAT_STOP: Final = "Không muốn nhận thông báo của xã nữa, bà con nhắn TC."


@dataclass(frozen=True, slots=True)
class Texts:
    """The words as they go out, by the way they go."""

    chat: str
    sms: str
    sms_first: str

    def dump(self) -> dict[str, str]:
        """For storing."""
        return asdict(self)

    @staticmethod
    def read(stored: Mapping[str, Any]) -> Texts:
        """From what :meth:`dump` made."""
        return Texts(stored["chat"], stored["sms"], stored["sms_first"])


def texts(commune: Commune, title: str, text: str, sms_text: str) -> Texts:
    """What citizens of a commune get."""
    return Texts(
        chat=chat(commune, title, text),
        sms=sms(commune, sms_text),
        sms_first=sms(commune, sms_text, first=True),
    )


def chat(commune: Commune, title: str, text: str) -> str:
    """With diacritics, for chats."""
    return f"UBND {commune.name} thông báo: {title.strip()}\n\n{text.strip()}\n\n{CHAT_STOP}"


def sms(commune: Commune, body: str, *, first: bool = False) -> str:
    """One SMS, written as the commune writes its SMS."""
    return render(whole_sms(commune, body, first=first), commune.sms.accents)


def whole_sms(commune: Commune, body: str, *, first: bool = False) -> str:
    """The same with all its diacritics: who sends it, what it says, how to stop it."""
    said = " ".join(body.split())
    closed = said if said.endswith((".", "!", "?")) else f"{said}."
    return f"UBND {commune.short}: {closed} {STOP_FIRST if first else STOP}"


def proposed(title: str, text: str) -> str:
    """A first version of the SMS: the text in one line, with the title where it is short of it."""
    line = " ".join(text.split())
    head = " ".join(title.split())
    return line if not head or head.lower() in line.lower() else f"{head}: {line}"


def unclear(commune: Commune, sms_text: str) -> tuple[str, ...]:
    """What of the SMS would be misread without its diacritics: a sentence for each word.

    No fault: of some words no other can be said (a name). The officer decides.
    """
    if sms(commune, sms_text) == whole_sms(commune, sms_text):
        return ()  # it leaves as it is written
    return tuple(
        f"Tin SMS gửi đi không dấu: “{one.word}” dễ đọc thành “{one.reads}”. "
        f"Anh/chị nên viết: {one.instead}."
        for one in ambiguous.found(sms_text)
    )


def faults(commune: Commune, title: str, text: str, sms_text: str) -> dict[str, str]:
    """What keeps an announcement from being sent, by the field to mend."""
    found: dict[str, str] = {}
    if not title.strip():
        found["title"] = "Anh/chị đặt tiêu đề cho thông báo."
    elif len(title) > MAX_TITLE:
        found["title"] = f"Tiêu đề dài quá {MAX_TITLE} ký tự. Anh/chị rút ngắn giúp."
    if not text.strip():
        found["text"] = "Anh/chị chưa viết nội dung."
    elif len(text) > MAX_TEXT:
        found["text"] = f"Nội dung dài quá {MAX_TEXT} ký tự. Anh/chị rút ngắn giúp."
    parts = count(sms(commune, sms_text, first=True)).parts
    if not sms_text.strip():
        found["sms_text"] = "Anh/chị viết nội dung tin SMS (bấm “Lấy từ nội dung” để chép sang)."
    elif parts > MAX_PARTS:
        found["sms_text"] = (
            f"Tin SMS dài {parts} tin (kể cả tên xã và câu từ chối); nhiều nhất {MAX_PARTS}. "
            "Anh/chị rút ngắn giúp."
        )
    for name, said in (("title", title), ("text", text), ("sms_text", sms_text)):
        blanks = list(placeholders.find(said))
        if blanks and name not in found:
            found[name] = f"Còn chỗ chưa điền: {{{blanks[0]}}}."
    return found
