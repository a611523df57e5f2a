"""Messages as Zalo's v3 API takes them: the ``message`` part of a body (fact sheet 1.3).

Texts are brought to NFC first, because letters in NFD would count twice. A builder that is
given more than Zalo allows raises :class:`InvalidMessageError` instead of sending it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from integrations.fields import string
from integrations.zalo.oa.limits import (
    MAX_BUTTONS,
    MAX_PAYLOAD,
    MAX_SMS,
    MAX_SUBTITLE,
    MAX_TEXT,
    MAX_TITLE,
)

Message = dict[str, object]


class InvalidMessageError(ValueError):
    """What was to be sent breaks a limit of Zalo's; nothing was sent."""


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a text. A tap on a query comes back as an ordinary ``user_send_text``."""

    title: str
    type: str
    payload: str | dict[str, str]

    @classmethod
    def open_url(cls, title: str, url: str) -> Self:
        """Opens a page inside Zalo."""
        return cls._of(title, "oa.open.url", {"url": url})

    @classmethod
    def query(cls, title: str, payload: str, *, hidden: bool = True) -> Self:
        """Sends ``payload`` to the OA; ``hidden``: the person's chat does not show it."""
        kind = "oa.query.hide" if hidden else "oa.query.show"
        return cls._of(title, kind, bounded(payload, MAX_PAYLOAD, "payload"))

    @classmethod
    def open_sms(cls, title: str, phone: str, content: str) -> Self:
        """Opens the phone's SMS application with a text."""
        text = bounded(content, MAX_SMS, "content")
        return cls._of(title, "oa.open.sms", {"content": text, "phone_code": phone})

    @classmethod
    def open_phone(cls, title: str, phone: str) -> Self:
        """Opens the dialer."""
        return cls._of(title, "oa.open.phone", {"phone_code": phone})

    def body(self) -> dict[str, object]:
        """The button on the wire."""
        return {"title": self.title, "type": self.type, "payload": self.payload}

    @classmethod
    def _of(cls, title: str, kind: str, payload: str | dict[str, str]) -> Self:
        return cls(bounded(title, MAX_TITLE, "title"), kind, payload)


def text_message(
    text: str, buttons: Sequence[Button] = (), *, quote_message_id: str = ""
) -> Message:
    """A text, perhaps with buttons, perhaps as an answer to a message of the last 48 h."""
    message: Message = {"text": bounded(text, MAX_TEXT, "text")}
    if quote_message_id:
        message["quote_message_id"] = quote_message_id
    if len(buttons) > MAX_BUTTONS:
        raise InvalidMessageError("too many buttons")
    if buttons:
        payload = {"buttons": [button.body() for button in buttons]}
        message["attachment"] = {"type": "template", "payload": payload}
    return message


def without_quote(message: Message) -> Message:
    """The same message as no answer to another one."""
    return {name: value for name, value in message.items() if name != "quote_message_id"}


def image(*, url: str = "", attachment_id: str = "", caption: str = "") -> Message:
    """A picture by address or by upload; exactly one of the two."""
    return _media({"media_type": "image"} | _source(url, attachment_id), caption)


def gif(
    *, width: int, height: int, url: str = "", attachment_id: str = "", caption: str = ""
) -> Message:
    """A moving picture; Zalo wants its size in pixels."""
    size = {"width": width, "height": height}
    return _media({"media_type": "gif"} | size | _source(url, attachment_id), caption)


def sticker(attachment_id: str) -> Message:
    """A sticker of Zalo's."""
    return _media({"media_type": "sticker"} | _source("", attachment_id))


def file(token: str) -> Message:
    """A file by the token of its upload."""
    if not token:
        raise InvalidMessageError("token is empty")
    return {"attachment": {"type": "file", "payload": {"token": token}}}


def request_user_info(title: str, subtitle: str, image_url: str) -> Message:
    """Zalo's form for name and telephone; the answer is the event ``user_submit_info``."""
    element = {
        "title": bounded(title, MAX_TITLE, "title"),
        "subtitle": bounded(subtitle, MAX_SUBTITLE, "subtitle"),
        "image_url": image_url,
    }
    return _template("request_user_info", element)


def bounded(text: str, most: int, name: str) -> str:
    """``text`` in NFC.

    Raises:
        InvalidMessageError: it is blank, or longer than ``most`` characters.
    """
    plain = unicodedata.normalize("NFC", text)
    if not plain.strip() or len(plain) > most:
        raise InvalidMessageError(f"{name} must have 1 to {most} characters")
    return plain


def escape_mentions(text: str) -> str:
    """``text`` without the sign that would mention a member, or everyone, of a group.

    For words of other people that are shown in a group: ``[@id]`` becomes ``[ @id]``.
    """
    return text.replace("[@", "[ @")


def phone_digits(phone: str) -> str:
    """A Vietnamese number as templates want it: ``84`` and nine or ten digits.

    Raises:
        InvalidMessageError: it is none.
    """
    digits = re.sub(r"[^0-9]", "", phone)
    national = digits.removeprefix("84") if len(digits) > 10 else digits.removeprefix("0")
    if not 9 <= len(national) <= 10 or national.startswith("0"):
        raise InvalidMessageError("not a telephone number")
    return "84" + national


def is_quote(message: Message) -> bool:
    """Whether the message answers another one."""
    return bool(string(message, "quote_message_id"))


def _source(url: str, attachment_id: str) -> dict[str, object]:
    if bool(url) == bool(attachment_id):
        raise InvalidMessageError("either url or attachment_id")
    return {"url": url} if url else {"attachment_id": attachment_id}


def _media(element: dict[str, object], caption: str = "") -> Message:
    text: Message = {"text": bounded(caption, MAX_TEXT, "caption")} if caption else {}
    return text | _template("media", element)


def _template(kind: str, element: object) -> Message:
    payload = {"template_type": kind, "elements": [element]}
    return {"attachment": {"type": "template", "payload": payload}}
