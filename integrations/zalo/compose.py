"""An outbox row as the body of ``POST /v3.0/oa/message/cs`` (fact sheet 1.3)."""

from __future__ import annotations

import unicodedata
from urllib.parse import parse_qs, unquote

from bot.messages import Choice, Outgoing, PermanentSendError
from integrations.zalo.oa.limits import MAX_BUTTONS, MAX_PAYLOAD, MAX_SMS, MAX_TEXT, MAX_TITLE


def compose(message: Outgoing) -> dict[str, object]:
    """Return the JSON body; text in NFC, because NFD letters would count twice.

    Raises:
        PermanentSendError: the row breaks a limit of Zalo's that rendering has to keep.
    """
    text = unicodedata.normalize("NFC", message.text)
    if not 0 < len(text) <= MAX_TEXT or len(message.choices) > MAX_BUTTONS:
        raise PermanentSendError("tin không vừa giới hạn của Zalo (2.000 ký tự, 5 nút)")
    body: dict[str, object] = {"text": text}
    if message.choices:
        buttons = [button(choice) for choice in message.choices]
        body["attachment"] = {"type": "template", "payload": {"buttons": buttons}}
    return {"recipient": {"user_id": message.address}, "message": body}


def button(choice: Choice) -> dict[str, object]:
    """One button: a hidden query, or a link (``tel:`` and ``sms:`` open the phone's own).

    Raises:
        PermanentSendError: a payload of more than 1,000 characters.
    """
    title = unicodedata.normalize("NFC", choice.label).strip()
    title = title if len(title) <= MAX_TITLE else title[: MAX_TITLE - 1] + "…"
    if choice.url:
        return {"title": title} | _link(choice.url)
    payload = choice.payload or title
    if len(payload) > MAX_PAYLOAD:
        raise PermanentSendError("nút bấm dài quá giới hạn của Zalo")
    return {"title": title, "type": "oa.query.hide", "payload": payload}


def _link(url: str) -> dict[str, object]:
    scheme, _, rest = url.partition(":")
    number, _, query = rest.partition("?")
    phone = unquote(number).removeprefix("+")
    if scheme == "tel":
        return {"type": "oa.open.phone", "payload": {"phone_code": phone}}
    if scheme == "sms":
        content = parse_qs(query.lstrip("&")).get("body", [""])[0][:MAX_SMS]
        return {"type": "oa.open.sms", "payload": {"content": content, "phone_code": phone}}
    return {"type": "oa.open.url", "payload": {"url": url}}
