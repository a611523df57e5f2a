"""What performing an act yields: sentences, and changes applied in the turn's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from bot.knowledge.library import Knowledge
from bot.knowledge.model import Commune
from bot.messages import Channel, Reply


@dataclass(frozen=True, slots=True)
class HeldData:
    """How much is held on a conversation, for the citizen who asks."""

    messages: int
    since: date | None
    reminders: int
    phone: bool = False


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
    held: HeldData | None = None


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
class EraseConversation:
    """Erase the words and the memory of this conversation, cancel its reminders."""


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

Effect = OpenHandOver | AgreeReminders | KeepPhone | CancelReminders | EraseConversation | Lesson


@dataclass(frozen=True, slots=True)
class Done:
    """The outcome of one act."""

    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    consent_text: str | None = None
    """The words to which a yes will agree."""
    pages: tuple[str, ...] = ()
    """SMS texts to be shown as they are (TIEP)."""
