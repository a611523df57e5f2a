"""What goes in and out of the conversation, the same on every channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

Channel = Literal["zalo", "zalobot", "sms", "web"]
"""``zalo``: an Official Account; ``zalobot``: a bot of the free Zalo Bot Platform."""
CHANNELS: tuple[Channel, ...] = ("zalo", "zalobot", "sms", "web")


class InboundKind(StrEnum):
    """What a citizen did."""

    TEXT = "text"
    """Typed, or tapped a button whose payload arrives as text."""
    MEDIA = "media"
    """Sent a picture, voice, file, sticker or place; ``Inbound.media`` says which."""
    START = "start"
    """Opened the chat: followed the OA, or scanned a board; ``text`` may hold a payload."""
    STOP = "stop"
    """Unfollowed or blocked: nothing may be sent any more."""
    WITHDRAWN = "withdrawn"
    """Took back, at the provider, the consent to the use of their data: as STOP, and what is
    held is erased."""
    CONTACT = "contact"
    """Gave a telephone number in the channel's own form; ``text`` is the number, E.164."""
    GROUP = "group"
    """An officer wrote in the officers' group; ``address`` is the group's."""
    IGNORED = "ignored"
    """An event that asks for no answer: kept and counted. ``text`` holds the body of one that
    we do not know, and nothing otherwise."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message or event from a citizen, verified and cleaned, not yet stored.

    ``address`` is the channel's name of the person: Zalo user id, E.164 number, or web
    session. ``provider_id`` is unique within (commune, channel): the inbox drops a second
    one. ``text`` is cleaned and masked by :mod:`bot.delivery.inbox`, not by the adapter.
    """

    commune: str
    channel: Channel
    address: str
    provider_id: str
    kind: InboundKind
    text: str = ""
    media: str | None = None
    sent_at: datetime | None = None
    reply_to: str = ""
    """The provider's id of the message that this one quotes."""
    event: str = ""
    """The provider's name of the event, to count by."""


@dataclass(frozen=True, slots=True)
class InboundPart:
    """A part of a long message that its gateway does not put together itself.

    ``reference`` is the sender's number of the whole; parts count from 1. When all ``total``
    have come they are one :class:`Inbound`, with the ``provider_id`` of the first one stored.
    """

    commune: str
    channel: Channel
    gateway: str
    address: str
    provider_id: str
    reference: str
    total: int
    number: int
    text: str


class ReceiptState(StrEnum):
    """What a provider reports of a message of ours."""

    SENT = "sent"
    DELIVERED = "delivered"
    SEEN = "seen"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A provider's report on a message that we sent."""

    commune: str
    channel: Channel
    provider_message_id: str
    state: ReceiptState
    detail: str = ""
    own_id: str = ""
    """Our id of the message (``Outgoing.id``), where the provider sends it back."""


@dataclass(frozen=True, slots=True)
class Echo:
    """The provider shows a message that went out to ``address``, whoever wrote it.

    ``by_human``: the provider itself says that a person wrote it. ``kind`` is ``text`` or what
    else went out (``image``, ``template``, ...).
    """

    commune: str
    channel: Channel
    address: str
    provider_message_id: str
    text: str
    by_human: bool
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Notice:
    """The provider says something of the account itself (a right withdrawn, a template judged)."""

    commune: str
    channel: Channel
    event: str
    detail: str = ""


CHOICE_LABEL: Final = 40
"""Characters that fit a button."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to tap: a payload that comes back as the citizen's text, or a link.

    On SMS the n-th payload choice is reached by sending the digit n.
    """

    label: str
    payload: str = ""
    url: str = ""
    short: str = ""
    """The label in an SMS menu, when it should be shorter."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer in both lengths; ``short`` may keep its diacritics, SMS folds it."""

    long: str
    short: str
    choices: tuple[Choice, ...] = ()
    numbered: tuple[str, ...] = ()
    """Payloads that typed numbers mean, when they differ from the choices (papers to tick)."""
    asks_phone: bool = False
    """The channel's form for a telephone number, where it has one."""


class OutgoingKind(StrEnum):
    """What kind of message leaves."""

    TEXT = "text"
    ASK_PHONE = "ask_phone"
    """The channel's own form for a telephone number; ``text`` says what for."""
    TEMPLATE = "template"
    """A text approved by the provider beforehand; ``Outgoing.template`` fills it in."""


@dataclass(frozen=True, slots=True)
class Template:
    """An approved text: its id at the provider, and its parameters."""

    id: str
    data: Mapping[str, str]


GROUP_ADDRESS: Final = "group:"
"""What the address of a group chat begins with."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row as a channel adapter gets it.

    ``id`` is ours, stable across retries: pass it to a provider that accepts an
    idempotency key. ``text`` is final (folded already for SMS). A template may go to a person
    of the channel or, where the provider takes that, to a telephone number.
    """

    id: str
    commune: str
    channel: Channel
    address: str
    text: str
    choices: tuple[Choice, ...] = ()
    kind: OutgoingKind = OutgoingKind.TEXT
    template: Template | None = None
    first_tried_at: datetime | None = None
    """Set when an earlier attempt ended without a known outcome."""
    gateway: str = ""
    """Of a channel with several gateways: by which it leaves (or was last tried)."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """A provider took the message; ``provider_message_id`` comes back in receipts."""

    provider_message_id: str


class SendError(Exception):
    """A send that did not succeed.

    SendError
    ├── TemporarySendError   not taken, worth another try after ``retry_after`` seconds
    ├── PermanentSendError   never will be taken (blocked, outside the window, bad number)
    └── UnknownOutcomeError  a time-out: it may have been taken; look before sending again
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TemporarySendError(SendError):
    """Not taken; try again, not before ``retry_after`` seconds when that is given.

    ``needs_person``: not before somebody has mended the account (token, package, money).
    """

    def __init__(
        self, reason: str, retry_after: float | None = None, needs_person: bool = False
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.needs_person = needs_person


class PermanentSendError(SendError):
    """Will never be taken so; an officer sees it.

    ``other_way``: this person cannot be reached on this channel now, another one may do.
    """

    def __init__(self, reason: str, other_way: bool = False) -> None:
        super().__init__(reason)
        self.other_way = other_way


class UnknownOutcomeError(SendError):
    """The provider may have taken it (time-out after the request left)."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry; rendering asks here and nowhere else."""

    max_chars: int
    max_choices: int
    folded: bool = False
    """Diacritics are removed and the text is counted in GSM-7 parts."""
    numbered: bool = False
    """There are no buttons: choices stand as numbered lines under the text."""
    phone_form: bool = False
    """It has a form of its own by which a citizen gives a telephone number."""
    features: frozenset[str] = field(default_factory=frozenset)


CAPABILITIES: dict[Channel, Capabilities] = {
    "zalo": Capabilities(max_chars=2000, max_choices=5, phone_form=True),
    "zalobot": Capabilities(max_chars=2000, max_choices=9, numbered=True),
    "sms": Capabilities(max_chars=306, max_choices=9, folded=True),
    "web": Capabilities(max_chars=4000, max_choices=8),
}
