"""Zalo Bot's updates, sorted into what the bot knows; polled and pushed ones alike.

Nothing is demanded of a body: whatever is odd about it makes it IGNORED. There is no event
for following, blocking or reading.
"""

from __future__ import annotations

import json

from bot.messages import Inbound, InboundKind
from integrations.bodies import body_hash
from integrations.fields import Payload, identifier, instant, part, storable, string
from integrations.inbox import Arrival

NOBODY = ""
"""``Inbound.address`` of an ignored update that names nobody whom the bot may answer."""
TEXT = "message.text.received"
MEDIA = {
    "message.image.received": "image",
    "message.sticker.received": "sticker",
    "message.voice.received": "audio",
    # A file, a place, ... or the words of somebody whose words Zalo withholds.
    "message.unsupported.received": "unsupported",
}
_TOLD_BY = (
    ("text", TEXT),
    ("photo_url", "message.image.received"),
    ("photo", "message.image.received"),
    ("sticker", "message.sticker.received"),
    ("voice_url", "message.voice.received"),
)
_PRIVATE = ("", "PRIVATE")
_MOST_KEPT = 4000


def parse_update(commune: str, payload: object) -> list[Arrival]:
    """Sort one update, bare or inside ``{ok, result}``; one arrival, never raises.

    ``Inbound.event`` is Zalo's name; ``media`` one of the values of :data:`MEDIA`, with the
    caption as text. What is said in groups, and by bots, is kept without text or address.
    """
    update = _unwrapped(payload)
    message = part(update, "message")
    event = _event(update, message)
    address = _address(message)
    kind, media, text = _content(event, message, address, update)
    found = Inbound(
        commune=commune,
        channel="zalobot",
        address=address,
        provider_id=_provider_id(event, message, update),
        kind=kind,
        text=text,
        media=media,
        sent_at=instant(message.get("date")),
        event=event,
    )
    return [found]


def _unwrapped(payload: object) -> Payload:
    body: Payload = payload if isinstance(payload, dict) else {}
    return part(body, "result") or body


def _event(update: Payload, message: Payload) -> str:
    """Zalo's name; told by the message's parts when it lacks (a sample of getUpdates)."""
    if named := update.get("event_name"):
        return identifier(named)[:64] or "unknown"
    return next((event for name, event in _TOLD_BY if message.get(name)), "unknown")


def _address(message: Payload) -> str:
    """The private chat that a person wrote in, or :data:`NOBODY`."""
    return identifier(part(message, "chat").get("id")) if _from_one_person(message) else NOBODY


def _from_one_person(message: Payload) -> bool:
    private = string(part(message, "chat"), "chat_type") in _PRIVATE
    return private and part(message, "from").get("is_bot") is not True


def _content(
    event: str, message: Payload, address: str, update: Payload
) -> tuple[InboundKind, str | None, str]:
    """Kind, media and text; an event that we do not know keeps its body as text."""
    if event == TEXT and address:
        return InboundKind.TEXT, None, string(message, "text")
    if event in MEDIA and address:
        words = string(message, "caption") or string(message, "text")
        return InboundKind.MEDIA, MEDIA[event], words
    known = event == TEXT or event in MEDIA or not update
    keep = not known and _from_one_person(message)
    return InboundKind.IGNORED, None, _dumped(update)[:_MOST_KEPT] if keep else ""


def _provider_id(event: str, message: Payload, update: Payload) -> str:
    """Event and message id, or a hash of the body: a repeated update repeats the body."""
    message_id = identifier(message.get("message_id"))
    return f"{event[:40]}:{message_id or body_hash(_dumped(update).encode())}"


def _dumped(update: Payload) -> str:
    try:
        return storable(json.dumps(update, ensure_ascii=False, sort_keys=True, default=str))
    except (ValueError, TypeError, RecursionError):
        return "{}"
