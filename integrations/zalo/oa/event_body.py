"""Reads one webhook body, whatever is odd about it: envelope, message, attachments.

Which side is the OA (fact sheet 3.3): it is the recipient of what people send and the sender
of what it sends itself and of receipts; other events name it in ``oa_id``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from integrations.fields import Payload, identifier, instant, part, scalar, storable, string
from integrations.zalo.oa.event_types import Attachment

Head = tuple[str, str, str, datetime | None, str]
"""The positional part of every event: name, oa_id, app_id, at, user_by_app."""

_RECEIPTS = frozenset({"user_received_message", "user_seen_message"})
_MEMBER_SAYS = "user_send_group_"


@dataclass(frozen=True, slots=True)
class Body:
    """One body; nothing in here raises."""

    payload: Payload

    @property
    def name(self) -> str:
        return storable(string(self.payload, "event_name"))

    @property
    def message(self) -> Payload:
        return part(self.payload, "message")

    @property
    def message_id(self) -> str:
        return identifier(self.message.get("msg_id"))

    @property
    def text(self) -> str:
        return string(self.message, "text")

    @property
    def sender(self) -> str:
        return identifier(part(self.payload, "sender").get("id"))

    @property
    def recipient(self) -> str:
        return identifier(part(self.payload, "recipient").get("id"))

    @property
    def admin_id(self) -> str:
        """Who wrote in the OA's own tools; empty for what went out by API."""
        return identifier(part(self.payload, "sender").get("admin_id"))

    @property
    def from_oa(self) -> bool:
        return self.name.startswith("oa_") or self.name in _RECEIPTS

    @property
    def oa_id(self) -> str:
        """The OA's id; a member's message to a group may lack it (its recipient is the group)."""
        named = identifier(self.payload.get("oa_id"))
        if named or self.name.startswith(_MEMBER_SAYS):
            return named
        return self.sender if self.from_oa else self.recipient

    @property
    def parties(self) -> tuple[str, ...]:
        """Every id that may be the OA's, the likeliest first, each once."""
        many = (self.oa_id, self.sender, self.recipient)
        return tuple(dict.fromkeys(one for one in many if one))

    @property
    def user(self) -> str:
        """The person whom the event is about."""
        side = self.recipient if self.from_oa else self.sender
        follower = identifier(part(self.payload, "follower").get("id"))
        inner = identifier(part(self.payload, "data").get("user_id"))
        return side or follower or identifier(self.payload.get("user_id")) or inner

    @property
    def group(self) -> str:
        return identifier(self.payload.get("group_id")) or self.recipient

    @property
    def quoted(self) -> str:
        """The message that this one answers: an id, or in groups a copy of the message."""
        copy = part(self.message, "quote_msg") or part(self.payload, "quote_msg")
        return identifier(self.message.get("quote_msg_id")) or identifier(copy.get("msg_id"))

    @property
    def conversation(self) -> str:
        """Of an anonymous visitor; stands in the message or beside it."""
        beside = self.payload.get("conversation_id")
        return identifier(self.message.get("conversation_id")) or identifier(beside)

    @property
    def head(self) -> Head:
        app_id = identifier(self.payload.get("app_id"))
        by_app = identifier(self.payload.get("user_id_by_app"))
        return self.name, self.oa_id, app_id, instant(self.payload.get("timestamp")), by_app

    def attachments(self) -> tuple[Attachment, ...]:
        many = self.message.get("attachments")
        return tuple(_attachments(many)) if isinstance(many, list) else ()

    def users(self) -> tuple[str, ...]:
        """Everybody whom an event of a group names, each once."""
        many = self.payload.get("users")
        listed = many if isinstance(many, list) else []
        ids = [identifier(one.get("id")) for one in listed if isinstance(one, dict)]
        ids += [identifier(one) for one in listed]
        ids.append(identifier(self.payload.get("user_id")))
        return tuple(dict.fromkeys(one for one in ids if one))


def text_of(payload: Mapping[str, object], *names: str) -> str:
    """The first of ``names`` that holds something to read; lists are joined with commas."""
    for name in names:
        value = payload.get(name)
        many = value if isinstance(value, list) else [value]
        found = ", ".join(written for one in many if (written := number(one)))
        if found:
            return found
    return ""


def number(value: object) -> str:
    """A string or number as a string: coordinates and sizes come as either."""
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    return scalar(value)


def phone_digits(value: object) -> str:
    """A phone number as ``84…``: from ``"84…"``, ``"+84…"``, ``"0…"`` or a bare number.

    A number that came as an integer has lost its zero: nine digits are a Vietnamese number.
    """
    written = scalar(value).strip()
    digits = "".join(one for one in written if one in "0123456789")
    if written.startswith("+"):
        return digits
    if digits.startswith("00"):
        return digits[2:]
    if digits.startswith("0"):
        return "84" + digits[1:]
    return "84" + digits if len(digits) == 9 else digits


def _attachments(many: list[object]) -> Iterator[Attachment]:
    for one in many:
        if isinstance(one, dict):
            yield _attachment(string(one, "type"), part(one, "payload"))


def _attachment(kind: str, payload: Payload) -> Attachment:
    place = part(payload, "coordinates")
    return Attachment(
        kind=kind,
        url=text_of(payload, "url", "link_url"),
        thumbnail=text_of(payload, "thumbnail"),
        id=text_of(payload, "id", "zinstant_id"),
        name=text_of(payload, "name", "title"),
        size=text_of(payload, "size"),
        description=text_of(payload, "description", "text"),
        latitude=text_of(place, "latitude"),
        longitude=text_of(place, "longitude"),
        phone=_card_phone(string(payload, "description")),
    )


def _card_phone(description: str) -> str:
    """The number in a business card's description, which is JSON in a string."""
    if not description.startswith("{"):
        return ""
    try:
        card = json.loads(description)
    except (ValueError, RecursionError):
        return ""
    return phone_digits(card.get("phone")) if isinstance(card, dict) else ""
