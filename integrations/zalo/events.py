"""Zalo's webhook events, sorted into what the bot knows: messages, receipts, echoes.

Sources: fact sheet 3.3 and 3.4. A tap on an ``oa.query`` button has no event of its own:
it arrives as ``user_send_text`` with the payload as text. Group, anonymous, template and
management events are kept as IGNORED, without their text. The only thing demanded of a
body is that it is an object; whatever else is odd about it makes it IGNORED.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import Echo, Inbound, InboundKind, Receipt, ReceiptState
from bot.text import clean
from integrations.bodies import body_hash
from integrations.fields import Payload, identifier, instant, part, string
from integrations.inbox import Arrival

NOBODY = ""
"""``Inbound.address`` of an ignored event that names no person."""

MEDIA = {
    "user_send_image": "image",
    "user_send_gif": "gif",
    "user_send_sticker": "sticker",
    "user_send_audio": "audio",
    "user_send_video": "video",
    "user_send_file": "file",
    "user_send_link": "link",
    "user_send_location": "location",
    "user_send_business_card": "business_card",
}
START = frozenset({"follow", "user_click_chatnow"})
# user_withdraw: the person withdrew consent to the use of their data.
STOP = frozenset({"unfollow", "user_withdraw"})
ECHO = frozenset(
    f"oa_send_{kind}"
    for kind in ("text", "image", "gif", "list", "file", "sticker", "template", "link", "video")
)
FROM_OA = ECHO | {"user_received_message", "user_seen_message"}


@dataclass(frozen=True, slots=True)
class _Event:
    """One body together with what every branch needs."""

    commune: str
    name: str
    payload: Payload
    raw: bytes

    def inbound(self, kind: InboundKind, address: str, **more: str) -> Inbound:
        return Inbound(
            commune=self.commune,
            channel="zalo",
            address=address,
            provider_id=self.provider_id(),
            kind=kind,
            text=more.get("text", ""),
            media=more.get("media"),
            sent_at=instant(self.payload.get("timestamp")),
        )

    def provider_id(self) -> str:
        """Event name and message id, or a hash of the body: a redelivery repeats the body."""
        message_id = identifier(part(self.payload, "message").get("msg_id"))
        name = identifier(self.name)[:40] or "unknown"
        return f"{name}:{message_id or body_hash(self.raw)}"

    def ignored(self) -> list[Arrival]:
        return [self.inbound(InboundKind.IGNORED, person(self.payload))]


def person(payload: Payload) -> str:
    """The citizen whom an event is about, or :data:`NOBODY`."""
    role = "recipient" if string(payload, "event_name") in FROM_OA else "sender"
    found = identifier(part(payload, role).get("id"))
    follower = identifier(part(payload, "follower").get("id"))
    return found or follower or identifier(payload.get("user_id")) or NOBODY


def oa_id(payload: Payload) -> str:
    """The OA that an event belongs to; empty when it does not say."""
    role = "sender" if string(payload, "event_name") in FROM_OA else "recipient"
    return identifier(payload.get("oa_id")) or identifier(part(payload, role).get("id"))


def parse_event(commune: str, own_oa: str, payload: Payload, raw: bytes) -> list[Arrival]:
    """Sort one verified event of the OA ``own_oa``; never empty, never raises.

    ``raw`` is the body as received. ``Inbound.media`` is one of the values of
    :data:`MEDIA`; a caption, a place's or a card's name comes as ``text``.
    """
    event = _Event(commune, string(payload, "event_name"), payload, raw)
    address = person(payload)
    if address in (NOBODY, own_oa) or oa_id(payload) not in ("", own_oa):
        return event.ignored()
    if event.name in FROM_OA:
        return _report(event, address) or event.ignored()
    return [_from_citizen(event, address)]


def _from_citizen(event: _Event, address: str) -> Inbound:
    text = string(part(event.payload, "message"), "text")
    if event.name == "user_send_text":
        return event.inbound(InboundKind.TEXT, address, text=text)
    if event.name in MEDIA:
        return event.inbound(InboundKind.MEDIA, address, text=text, media=MEDIA[event.name])
    if event.name in START:
        return event.inbound(InboundKind.START, address)
    if event.name in STOP:
        return event.inbound(InboundKind.STOP, address)
    return event.inbound(InboundKind.IGNORED, address)


def _report(event: _Event, address: str) -> list[Arrival]:
    """Receipts and echoes; empty when the body names no message."""
    message = part(event.payload, "message")
    if event.name == "user_seen_message":
        many = message.get("msg_ids")
        ids = [identifier(one) for one in many] if isinstance(many, list) else []
        ids = ids or [identifier(message.get("msg_id"))]
        return [_receipt(event, one, ReceiptState.SEEN) for one in dict.fromkeys(ids) if one]
    message_id = identifier(message.get("msg_id"))
    if not message_id:
        return []
    if event.name == "user_received_message":
        return [_receipt(event, message_id, ReceiptState.DELIVERED)]
    return [_echo(event, address, message_id, string(message, "text"))]


def _receipt(event: _Event, message_id: str, state: ReceiptState) -> Receipt:
    return Receipt(event.commune, "zalo", message_id, state)


def _echo(event: _Event, address: str, message_id: str, text: str) -> Echo:
    by_human = bool(identifier(part(event.payload, "sender").get("admin_id")))
    return Echo(event.commune, "zalo", address, message_id, clean(text), by_human)
