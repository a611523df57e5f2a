"""What performing an act yields: sentences, and changes applied in the turn's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.knowledge.library import Knowledge
from bot.knowledge.model import Commune
from bot.messages import Channel, Reply
from bot.smstext import Policy


@dataclass(frozen=True, slots=True)
class HeldData:
    """How much is held on a conversation, for the citizen who asks."""

    messages: int
    since: date | None
    reminders: int
    phone: bool = False
    dossiers: int = 0
    subscribed: bool = False
    linked: bool = False
    """Another channel of the same person is counted in."""


@dataclass(frozen=True, slots=True)
class ToldDossier:
    """A dossier as its citizen is told of it."""

    code: str
    state: str
    since: date
    due_on: date | None = None
    appointment_at: datetime | None = None
    valid_until: date | None = None
    missing: str = ""
    reminded: bool = False


@dataclass(frozen=True, slots=True)
class ToldReminder:
    """Reminders of one matter that are going to be sent."""

    ids: tuple[int, ...]
    days: tuple[date, ...]
    kind: str
    procedure: str | None
    dossier: str | None = None
    """The code of the dossier that it is about."""


Verdict = Literal["right", "wrong", "expired", "used_up", "none"]
"""Of a typed code; ``none``: none was sent, ``used_up``: too many wrong ones."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is looked up about this citizen for the acts of a turn that tell of it."""

    held: HeldData | None = None
    dossiers: tuple[ToldDossier, ...] = ()
    """The one that was asked for, or the citizen's own."""
    reminders: tuple[ToldReminder, ...] = ()
    code_may_go: bool = False
    """Another code may be sent to that number today."""
    verdict: Verdict = "none"


@dataclass(frozen=True, slots=True)
class Env:
    """What an action may look at."""

    knowledge: Knowledge
    commune: Commune
    channel: Channel
    now: datetime
    today: date
    handover_open: bool = False
    """An officer has been told of this conversation already."""
    can_remind: bool = True
    """The commune has a gateway for SMS."""
    phone: str | None = None
    """The number that is proved to be the citizen's: the sender of an SMS, or linked."""
    known: Known = Known()
    secret: str = ""
    """A fresh code, where one is to be sent."""

    @property
    def accents(self) -> Policy:
        """Whether the commune's SMS have diacritics."""
        return self.commune.sms.accents


@dataclass(frozen=True, slots=True)
class OpenHandOver:
    """Put the conversation on the officers' list (once)."""

    reason: str


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """One reminder; ``key`` is unique within the conversation."""

    key: str
    kind: str
    procedure: str | None
    text: str
    """For SMS: folded."""
    chat: str
    fields: Mapping[str, str]
    """For a template approved by Zalo: viec, ngay, noi, dien_thoai."""
    due_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class AgreeReminders:
    """Record a consent and schedule what it is for."""

    phone: str
    purpose: str
    text_shown: str
    reminders: tuple[PlannedReminder, ...]


@dataclass(frozen=True, slots=True)
class KeepPhone:
    """Keep a number that the citizen gave in the channel's form, with the proof of consent."""

    phone: str
    purpose: str
    text_shown: str


@dataclass(frozen=True, slots=True)
class CancelReminders:
    """Stop all reminders and refuse further ones."""


@dataclass(frozen=True, slots=True)
class CancelSome:
    """Stop these reminders; a dossier's are not planned anew."""

    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AgreeDossiers:
    """Record the consent to be reminded of one's dossiers and plan that."""

    phone: str
    text_shown: str


@dataclass(frozen=True, slots=True)
class AgreeNotices:
    """Record the consent to what the commune announces."""

    village: str | None
    text_shown: str


@dataclass(frozen=True, slots=True)
class SendCode:
    """Send a code to a number that somebody says is theirs; ``text`` is the whole SMS."""

    phone: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class CountTry:
    """A wrong code was typed."""


@dataclass(frozen=True, slots=True)
class LinkPhone:
    """The number is proved: this conversation and that by SMS are one person's."""


@dataclass(frozen=True, slots=True)
class EraseConversation:
    """Erase the words and the memory of this person, cancel what would be sent unasked."""


Why = Literal["handed_over", "asked_back", "not_understood", "corrected"]
"""Why a question is kept; ``corrected``: the citizen said that we had taken it wrongly."""


@dataclass(frozen=True, slots=True)
class KeepQuestion:
    """Keep the words of a message, masked, until an officer says what they meant."""

    message: int
    procedure: str
    aspect: str
    confidence: float
    decision: str
    why: Why


@dataclass(frozen=True, slots=True)
class SuggestLabel:
    """What the citizen chose or said next tells what the kept message meant."""

    message: int
    procedure: str
    aspect: str


Lesson = KeepQuestion | SuggestLabel
"""What a turn teaches about how questions are understood."""

Effect = (
    OpenHandOver
    | AgreeReminders
    | KeepPhone
    | CancelReminders
    | CancelSome
    | AgreeDossiers
    | AgreeNotices
    | SendCode
    | CountTry
    | LinkPhone
    | EraseConversation
    | Lesson
)


@dataclass(frozen=True, slots=True)
class Done:
    """The outcome of one act."""

    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    consent_text: str | None = None
    """The words to which a yes will agree."""
    pages: tuple[str, ...] = ()
    """SMS texts to be shown as they are (TIEP)."""
    listed: tuple[tuple[int, ...], ...] = ()
    """The reminders that the lines of a list mean now."""
