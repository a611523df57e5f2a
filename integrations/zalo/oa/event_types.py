"""What a webhook of an OA can say: one frozen class for each kind (fact sheet 3.3, 3.4).

An id is the string that Zalo wrote (digits or letters), also where it came as a number; it is
empty when the body has none, or one that no database could keep. Texts are as received.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MediaKind = Literal[
    "image", "gif", "sticker", "audio", "video", "file", "link", "location", "business_card"
]


@dataclass(frozen=True, slots=True)
class Event:
    """What every event tells. ``at`` is aware (UTC), or None when the body gives no time.

    ``oa_id`` is empty when the body does not say; ``user_by_app`` is the person's id within
    the app, present when app and OA are linked.
    """

    name: str
    oa_id: str
    app_id: str
    at: datetime | None
    user_by_app: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A summary of one attachment; sizes and coordinates are strings, as on the wire.

    ``phone`` is that of a business card, which hides it in JSON within ``description``.
    """

    kind: str
    url: str = ""
    thumbnail: str = ""
    id: str = ""
    name: str = ""
    size: str = ""
    description: str = ""
    latitude: str = ""
    longitude: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserText(Event):
    """Typed, or the payload of a tapped ``oa.query`` button; ``quoted`` is a message id."""

    user: str
    message_id: str
    text: str
    quoted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMedia(Event):
    """Something else than text; ``text`` is a caption, a place's name or a card's name."""

    user: str
    message_id: str
    kind: MediaKind
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow(Event):
    """``source``: where from, e.g. ``oa_profile``, ``message_invite``, ``social_plugin``."""

    user: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfollow(Event):
    """The person follows the OA no longer."""

    user: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOpened(Event):
    """The "Message" button of the OA's profile; once a person, before their first message."""

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    """The person withdraws consent to the use of their data, or asks for its deletion."""

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInfo(Event):
    """The answer to a request for information; typed in a form, so no proof of identity.

    ``phone`` is in digits from the country code on (``84…``). ``fields`` has those of ``dob``
    (dd/mm/yyyy), ``gender``, ``city``, ``district``, ``ward``, ``address`` that were given.
    """

    user: str
    full_name: str
    phone: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received(Event):
    """A message of the OA is on the person's phone."""

    user: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDelivered(Event):
    """A template (ZBS) sent to a number arrived; ``phone`` may be a hash of the number."""

    message_id: str
    tracking_id: str
    phone: str
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Event):
    """The person looked at these messages of the OA."""

    user: str
    message_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo(Event):
    """Something went out to ``user``: by API, or by a person (then ``admin_id`` says who)."""

    kind: str
    user: str
    message_id: str
    text: str = ""
    admin_id: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupText(Event):
    """A member wrote in a group of the OA; ``quoted`` is a message id."""

    group: str
    user: str
    message_id: str
    text: str
    quoted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMedia(Event):
    """A member sent something else than text to a group."""

    group: str
    user: str
    message_id: str
    kind: str
    text: str = ""
    quoted: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupEcho(Event):
    """Something went out from the OA to a group."""

    kind: str
    group: str
    message_id: str
    text: str = ""
    admin_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChange(Event):
    """A group was made, changed or closed, or its members did; ``name`` says which."""

    group: str
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction(Event):
    """``icon`` was put on a message, by the OA or by ``user``."""

    user: str
    message_id: str
    icon: str
    by_oa: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymous(Event):
    """A visitor of a web page with the OA's widget, or the OA's answer to one."""

    visitor: str
    conversation: str
    message_id: str
    kind: str
    text: str
    by_oa: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback(Event):
    """An answer to a template: a rating with ``rate`` and ``note``, or a button's ``choice``.

    It names the message, hardly ever the person.
    """

    user: str
    message_id: str
    tracking_id: str
    rate: str = ""
    note: str = ""
    choice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Management(Event):
    """Something about the account, a template, a tag or a call; what is known of the change.

    ``subject`` is a template's id, a tag's name or the like.
    """

    user: str = ""
    subject: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""

    @property
    def detail(self) -> str:
        """In one line: ``123: PENDING_REVIEW → REJECT (reason)``, without what is not known."""
        change = " → ".join(part for part in (self.before, self.after) if part)
        said = ": ".join(part for part in (self.subject, change) if part)
        return f"{said} ({self.reason})".strip() if self.reason else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(Event):
    """An event whose name we do not know, or that has none; ``user`` is a guess."""

    user: str = ""
