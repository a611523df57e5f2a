"""An outbox row as a message of Zalo's (fact sheet 1.3)."""

from __future__ import annotations

import unicodedata
from urllib.parse import parse_qs, unquote

from bot.messages import GROUP_ADDRESS, Choice, Outgoing, OutgoingKind, PermanentSendError
from integrations.zalo.oa import messages
from integrations.zalo.oa.limits import MAX_SMS, MAX_SUBTITLE, MAX_TITLE
from integrations.zalo.oa.messages import Button, InvalidMessageError, Message

UNFIT = "tin không vừa giới hạn của Zalo (2.000 ký tự, 5 nút)"


def compose(message: Outgoing, form_image: str = "") -> Message:
    """Return a text with its buttons, or the form for a telephone number.

    ``form_image`` is the address of the picture on the form. A group gets the text alone, with
    no way to mention anybody.

    Raises:
        PermanentSendError: the row breaks a limit of Zalo's that rendering has to keep.
    """
    try:
        if message.kind is OutgoingKind.ASK_PHONE:
            return _form(message.text, form_image)
        if group_id(message):
            return messages.text_message(messages.escape_mentions(message.text))
        return messages.text_message(message.text, [button(one) for one in message.choices])
    except InvalidMessageError as fault:
        raise PermanentSendError(UNFIT) from fault


def group_id(message: Outgoing) -> str:
    """The id of the group that the row goes to; empty when it goes to a person."""
    address = message.address
    return address.removeprefix(GROUP_ADDRESS) if address.startswith(GROUP_ADDRESS) else ""


def button(choice: Choice) -> Button:
    """One button: a hidden query, or a link (``tel:`` and ``sms:`` open the phone's own).

    Raises:
        InvalidMessageError: a payload of more than 1,000 characters.
    """
    title = _cut(choice.label, MAX_TITLE)
    if choice.url:
        return _link(title, choice.url)
    return Button.query(title, choice.payload or title)


def _link(title: str, url: str) -> Button:
    scheme, _, rest = url.partition(":")
    number, _, query = rest.partition("?")
    phone = unquote(number).removeprefix("+")
    if scheme == "tel":
        return Button.open_phone(title, phone)
    if scheme == "sms":
        content = parse_qs(query.lstrip("&")).get("body", [""])[0][:MAX_SMS]
        if content.strip():
            return Button.open_sms(title, phone, content)
        # Zalo wants a text to send; without one the number itself is what can be offered.
        return Button.open_phone(title, phone)
    return Button.open_url(title, url)


def _form(text: str, image_url: str) -> Message:
    first, _, rest = unicodedata.normalize("NFC", text).strip().partition("\n")
    subtitle = _cut(rest, MAX_SUBTITLE) or _cut(text, MAX_SUBTITLE)
    return messages.request_user_info(_cut(first, MAX_TITLE), subtitle, image_url)


def _cut(text: str, most: int) -> str:
    plain = unicodedata.normalize("NFC", text).strip()
    return plain if len(plain) <= most else plain[: most - 1] + "…"
