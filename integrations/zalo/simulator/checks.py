"""Zalo's checks on a message body: exact shapes, lengths in NFC (fact sheet 1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from integrations.zalo.oa.limits import (
    MAX_BUTTONS,
    MAX_PAYLOAD,
    MAX_SMS,
    MAX_SUBTITLE,
    MAX_TEXT,
    MAX_TITLE,
)
from integrations.zalo.simulator.drafts import FILE, FORM, GIF, IMAGE, STICKER, Button, Draft
from integrations.zalo.simulator.shapes import (
    MAX_ID,
    Given,
    RefusedError,
    inner,
    link,
    only,
    optional_text,
    text,
    whole,
)

_MEDIA = {"template_type", "elements"}
_ELEMENT = {"media_type", "url", "attachment_id", "width", "height"}
_MAX_TOKEN = 1000
_MAX_SIDE = 20_000


def check_message(body: Mapping[str, object], recipient: str = "user_id") -> Draft:
    """Check a body for ``/message/cs`` (or ``/group/message``: ``recipient`` "group_id").

    Raises:
        RefusedError: -201 shape, -210 length, -233 a kind of message that is not served here.
    """
    only(body, {"recipient", "message"}, "body")
    to = inner(body, "recipient")
    only(to, {recipient}, "recipient")
    message = inner(body, "message")
    only(message, {"text", "attachment", "quote_message_id"}, "message")
    draft = Draft(text(to, recipient, MAX_ID))
    if "attachment" not in message:
        quote = optional_text(message, "quote_message_id", MAX_ID)
        return replace(draft, text=text(message, "text", MAX_TEXT), quote=quote)
    if "quote_message_id" in message:
        raise RefusedError(-201, "quote_message_id is only for texts")
    draft = _attachment(draft, message, inner(message, "attachment"))
    if recipient == "group_id" and (draft.buttons or draft.kind == FORM):
        raise RefusedError(-233, "message type is not supported in a group")
    return draft


def _attachment(draft: Draft, message: Given, attachment: Given) -> Draft:
    only(attachment, {"type", "payload"}, "attachment")
    payload = inner(attachment, "payload")
    match attachment.get("type"), payload.get("template_type"):
        case "file", None:
            return _file(draft, message, payload)
        case "template", None:
            return _buttons(draft, message, payload)
        case "template", "media":
            return _media(draft, message, payload)
        case "template", "request_user_info":
            return _form(draft, message, payload)
    raise RefusedError(-233, "message type is not supported")


def _file(draft: Draft, message: Given, payload: Given) -> Draft:
    only(message, {"attachment"}, "message")
    only(payload, {"token"}, "payload")
    return replace(draft, kind=FILE, upload=text(payload, "token", _MAX_TOKEN))


def _buttons(draft: Draft, message: Given, payload: Given) -> Draft:
    words = text(message, "text", MAX_TEXT)
    only(payload, {"buttons"}, "payload")
    buttons = payload.get("buttons")
    if not isinstance(buttons, list) or not buttons:
        raise RefusedError(-201, "buttons is invalid")
    if len(buttons) > MAX_BUTTONS:
        raise RefusedError(-210, "buttons is over limit")
    return replace(draft, text=words, buttons=[_button(one) for one in buttons])


def _media(draft: Draft, message: Given, payload: Given) -> Draft:
    only(payload, _MEDIA, "payload")
    element = _one_element(payload)
    only(element, _ELEMENT, "elements")
    kind = element.get("media_type")
    if kind not in (IMAGE, GIF, STICKER):
        raise RefusedError(-201, "media_type is invalid")
    if ("url" in element) == ("attachment_id" in element) or (kind == STICKER and "url" in element):
        raise RefusedError(-201, "url or attachment_id is invalid")
    if kind == GIF and not (_side(element, "width") and _side(element, "height")):
        raise RefusedError(-201, "width and height are invalid")
    caption = optional_text(message, "text", MAX_TEXT)
    draft = replace(draft, kind=str(kind), text=caption)
    if "url" in element:
        return replace(draft, payload={"url": link(element, "url")})
    upload = text(element, "attachment_id", _MAX_TOKEN)
    # A sticker's id is one of Zalo's own catalogue: nobody uploads it.
    named: dict[str, object] = {"id": upload}
    return replace(draft, upload="" if kind == STICKER else upload, payload=named)


def _form(draft: Draft, message: Given, payload: Given) -> Draft:
    only(message, {"attachment"}, "message")
    only(payload, _MEDIA, "payload")
    element = _one_element(payload)
    only(element, {"title", "subtitle", "image_url"}, "elements")
    shown: dict[str, object] = {
        "title": text(element, "title", MAX_TITLE),
        "subtitle": text(element, "subtitle", MAX_SUBTITLE),
        "image_url": link(element, "image_url"),
    }
    return replace(draft, kind=FORM, payload=shown)


def _one_element(payload: Given) -> Given:
    elements = payload.get("elements")
    if not isinstance(elements, list) or not elements or not isinstance(elements[0], dict):
        raise RefusedError(-201, "elements is invalid")
    if len(elements) > 1:
        raise RefusedError(-210, "elements is over limit")
    return elements[0]


def _side(element: Given, name: str) -> int:
    return whole(element, name, 0, _MAX_SIDE)


def _button(button: object) -> Button:
    if not isinstance(button, dict):
        raise RefusedError(-201, "buttons is invalid")
    only(button, {"title", "type", "payload", "image_icon"}, "buttons")
    title = text(button, "title", MAX_TITLE)
    match button.get("type"):
        case "oa.query.hide" | "oa.query.show":
            kind, value = "payload", text(button, "payload", MAX_PAYLOAD)
        case "oa.open.url":
            kind, value = "url", link(inner(button, "payload"), "url", MAX_TEXT)
        case "oa.open.phone":
            kind, value = "phone", text(inner(button, "payload"), "phone_code", 20)
        case "oa.open.sms":
            payload = inner(button, "payload")
            content = text(payload, "content", MAX_SMS)
            kind, value = "sms", f"{text(payload, 'phone_code', 20)}?body={content}"
        case _:
            raise RefusedError(-201, "button type is invalid")
    return {"title": title, "kind": kind, "value": value}
