"""Zalo's checks on a consultation message: exact shapes, lengths in NFC."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from integrations.zalo.oa.limits import MAX_BUTTONS, MAX_PAYLOAD, MAX_SMS, MAX_TEXT, MAX_TITLE


class RefusedError(Exception):
    """A request that Zalo answers with ``error`` = ``code`` under HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Accepted:
    """A checked request; ``buttons`` as the phone shows them (title, kind, value)."""

    user_id: str
    text: str
    buttons: list[dict[str, str]]


def check_message(body: Mapping[str, object]) -> Accepted:
    """Check the body of ``/v3.0/oa/message/cs``: a text with or without buttons.

    Raises:
        RefusedError: -201 shape, -210 length, -233 other attachments (not simulated).
    """
    _only(body, {"recipient", "message"}, "body")
    recipient = _object(body, "recipient")
    _only(recipient, {"user_id"}, "recipient")
    message = _object(body, "message")
    _only(message, {"text", "attachment", "quote_message_id"}, "message")
    text = _string(message, "text", MAX_TEXT)
    buttons = _attachment(_object(message, "attachment")) if "attachment" in message else []
    return Accepted(_string(recipient, "user_id", 100), text, buttons)


def _attachment(attachment: Mapping[str, object]) -> list[dict[str, str]]:
    if attachment.get("type") != "template":
        raise RefusedError(-233, "message type is not supported")
    _only(attachment, {"type", "payload"}, "attachment")
    payload = _object(attachment, "payload")
    if "template_type" in payload:
        raise RefusedError(-233, "template type is not supported")
    _only(payload, {"buttons"}, "payload")
    buttons = payload.get("buttons")
    if not isinstance(buttons, list) or not buttons:
        raise RefusedError(-201, "buttons is invalid")
    if len(buttons) > MAX_BUTTONS:
        raise RefusedError(-210, "buttons is over limit")
    return [_button(one) for one in buttons]


def _button(button: object) -> dict[str, str]:
    if not isinstance(button, dict):
        raise RefusedError(-201, "buttons is invalid")
    _only(button, {"title", "type", "payload", "image_icon"}, "buttons")
    title = _string(button, "title", MAX_TITLE)
    match button.get("type"):
        case "oa.query.hide" | "oa.query.show":
            kind, value = "payload", _string(button, "payload", MAX_PAYLOAD)
        case "oa.open.url":
            kind, value = "url", _string(_object(button, "payload"), "url", MAX_TEXT)
            if not value.startswith(("https://", "http://")):
                raise RefusedError(-201, "url is invalid")
        case "oa.open.phone":
            kind, value = "phone", _string(_object(button, "payload"), "phone_code", 20)
        case "oa.open.sms":
            payload = _object(button, "payload")
            content = _string(payload, "content", MAX_SMS)
            kind, value = "sms", f"{_string(payload, 'phone_code', 20)}?body={content}"
        case _:
            raise RefusedError(-201, "button type is invalid")
    return {"title": title, "kind": kind, "value": value}


def _object(holder: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = holder.get(name)
    if not isinstance(value, dict):
        raise RefusedError(-201, f"{name} is invalid")
    return value


def _string(holder: Mapping[str, object], name: str, most: int) -> str:
    value = holder.get(name)
    if not isinstance(value, str) or not value.strip():
        raise RefusedError(-201, f"{name} is invalid")
    if len(unicodedata.normalize("NFC", value)) > most:
        raise RefusedError(-210, f"{name} is over limit")
    return value


def _only(holder: Mapping[str, object], allowed: set[str], name: str) -> None:
    if set(holder) - allowed:
        raise RefusedError(-201, f"{name} has an unknown field")
