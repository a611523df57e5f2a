"""What goes in and out of the conversation, the same on every channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

Channel = Literal["zalo", "sms", "web"]
CHANNELS: tuple[Channel, ...] = ("zalo", "sms", "web")


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
    IGNORED = "ignored"
    """An event that we do not know: kept and counted, never answered."""


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


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbox row as a channel adapter gets it.

    ``id`` is ours, stable across retries: pass it to a provider that accepts an
    idempotency key. ``text`` is final (folded already for SMS).
    """

    id: str
    commune: str
    channel: Channel
    address: str
    text: str
    choices: tuple[Choice, ...] = ()
    first_tried_at: datetime | None = None
    """Set when an earlier attempt ended without a known outcome."""


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
    """Not taken; try again, not before ``retry_after`` seconds when that is given."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class PermanentSendError(SendError):
    """Will never be taken; an officer sees it."""


class UnknownOutcomeError(SendError):
    """The provider may have taken it (time-out after the request left)."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can carry; rendering asks here and nowhere else."""

    max_chars: int
    max_choices: int
    folded: bool = False
    """Diacritics are removed and the text is counted in GSM-7 parts."""
    features: frozenset[str] = field(default_factory=frozenset)


CAPABILITIES: dict[Channel, Capabilities] = {
    "zalo": Capabilities(max_chars=2000, max_choices=5),
    "sms": Capabilities(max_chars=306, max_choices=9, folded=True),
    "web": Capabilities(max_chars=4000, max_choices=8),
}
