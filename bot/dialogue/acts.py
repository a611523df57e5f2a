"""What the dialogue decides to do. ``actions/`` holds one module for each kind of thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from bot.dialogue.outcome import Lesson
from bot.dialogue.state import ReminderKind, State
from bot.understanding.entities.kinds import Place


@dataclass(frozen=True, slots=True)
class Greet:
    """Say who we are and what we can do; name the procedure of the board, if any."""

    procedure: str | None = None
    resume: str | None = None
    """A checklist left unfinished, to offer it again."""


@dataclass(frozen=True, slots=True)
class ShowMenu:
    """Offer the aspects of a procedure, or (None) procedures."""

    procedure: str | None = None
    group: str | None = None
    """Which procedures: the first ones (None), the names of the groups (``all``), or those of
    the group of that number."""


@dataclass(frozen=True, slots=True)
class Say:
    """Say a fixed phrase of ``faq/phrases.yaml``."""

    phrase: str


@dataclass(frozen=True, slots=True)
class AnswerAspect:
    """Answer one aspect of a procedure; ``case`` is what the question itself told."""

    procedure: str
    aspect: str
    case: tuple[tuple[str, str], ...] = ()
    asked: str | None = field(default=None, compare=False)
    """The aspect that was asked, where the papers of the case are the better answer to it."""
    since: date | None = field(default=None, compare=False)
    """The day that was told of the birth or death from which a legal deadline runs."""
    places: tuple[Place, ...] = field(default=(), compare=False)
    """Communes that the question names."""
    district: bool = field(default=False, compare=False)
    """The question speaks of a district, of which there are none since 1 July 2025."""
    before: tuple[str, ...] = field(default=(), compare=False)
    """Aspects of the same procedure that were answered just before, in the same turn."""
    more: bool = field(default=False, compare=False)
    """Another answer about it follows: what is said once is left to that."""


@dataclass(frozen=True, slots=True)
class AskQuestion:
    """Ask a checklist question."""

    procedure: str
    question: str
    known: tuple[tuple[str, str], ...] = ()
    """Answers understood from the citizen's own words, repeated back once."""
    resumed: bool = False
    """Asked again after another question was answered in between."""
    can_go_back: bool = False


@dataclass(frozen=True, slots=True)
class ShowResult:
    """Show the papers of this case."""

    procedure: str
    answers: tuple[tuple[str, str], ...]
    have: tuple[str, ...] = ()
    since: date | None = field(default=None, compare=False)
    """The day that was told of the birth or death from which a legal deadline runs."""


@dataclass(frozen=True, slots=True)
class ShowTicks:
    """Say which papers are there and which are missing."""

    procedure: str
    answers: tuple[tuple[str, str], ...]
    have: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfferReminder:
    """Ask whether and of what to remind."""

    procedure: str


DateFault = Literal["unread", "future", "past", "far"]
"""What was wrong with the date that was given; ``unread``: it was none."""


@dataclass(frozen=True, slots=True)
class AskReminderDate:
    """Ask for the date that a reminder is about."""

    kind: ReminderKind
    procedure: str
    fault: DateFault | None = None
    """Why the last answer could not be taken."""


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The legal deadline is over: say that it is still accepted."""

    procedure: str
    day: date


@dataclass(frozen=True, slots=True)
class AskPhone:
    """Ask for the number to which reminders go."""

    again: bool = False


@dataclass(frozen=True, slots=True)
class AskConsent:
    """Show what will be sent to which number and ask for agreement."""

    kind: ReminderKind
    procedure: str
    day: date
    phone: str


@dataclass(frozen=True, slots=True)
class ScheduleReminders:
    """Agreed: record the consent and schedule."""

    kind: ReminderKind
    procedure: str
    day: date
    phone: str
    consent_text: str


@dataclass(frozen=True, slots=True)
class StopReminders:
    """HUY / TC."""


@dataclass(frozen=True, slots=True)
class AskStop:
    """DUNG without diacritics: is everything to be stopped?"""


@dataclass(frozen=True, slots=True)
class StopOne:
    """HUY 2, HUY <code>: stop one reminder."""

    which: str
    """A line of the list, or the code of a dossier."""
    reminders: tuple[int, ...] = ()
    """What that line stood for when it was shown."""


@dataclass(frozen=True, slots=True)
class ListReminders:
    """NHAC: what is going to be reminded of, and what may be."""

    procedure: str | None = None
    """What is spoken of: reminders of it may be agreed."""


@dataclass(frozen=True, slots=True)
class RemindDossier:
    """NHAC <code>: agree to be reminded of this dossier."""

    code: str


@dataclass(frozen=True, slots=True)
class TellDossier:
    """HS: how far a dossier is; without a code, the citizen's own."""

    code: str | None = None
    procedure: str | None = None
    in_words: bool = False
    """It was asked in free words: the officer's where there is nothing to tell."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """DK: be told what the commune announces."""

    village: str | None = None
    """Its key."""
    unknown: bool = False
    """A village was named that the commune has not."""


@dataclass(frozen=True, slots=True)
class AskProof:
    """Ask for the number that is to be proved."""

    again: bool = False
    """What came was no mobile number."""


@dataclass(frozen=True, slots=True)
class SendProof:
    """Send a code to that number."""

    phone: str


@dataclass(frozen=True, slots=True)
class CheckProof:
    """A code was typed: is it the one that was sent?"""

    code: str
    dossier: str | None = None
    """To be told when it is."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Say nothing: it was said already, and an officer has been told."""


@dataclass(frozen=True, slots=True)
class AskErase:
    """XOA: ask once before erasing."""


@dataclass(frozen=True, slots=True)
class Erase:
    """Erase what is held on this conversation."""


@dataclass(frozen=True, slots=True)
class TellHeld:
    """Say what is held on this conversation."""


@dataclass(frozen=True, slots=True)
class Clarify:
    """Ask which of at most three was meant."""

    options: tuple[tuple[str, str], ...]
    """(procedure, aspect) pairs."""
    which: bool = False
    """Only the procedure is in doubt."""
    misheard: bool = False
    """The citizen said that we took it wrongly: offer something else as well."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Put the conversation on the officer's list and say so."""

    reason: str
    """For the officer, in Vietnamese."""
    procedure: str | None = None
    fact: str | None = None
    """A fact that may be told meanwhile."""
    prepare: tuple[str, ...] = ()
    """Papers that may be made ready meanwhile."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Tell the office's hours."""


@dataclass(frozen=True, slots=True)
class MediaReceived:
    """A picture or voice message came: ask kindly for words, offer the officer."""

    media: str


@dataclass(frozen=True, slots=True)
class ContactGiven:
    """The citizen filled in the channel's form for a telephone number."""

    phone: str
    """E.164."""


@dataclass(frozen=True, slots=True)
class NextPage:
    """TIEP: the rest of a long SMS."""

    pages: tuple[str, ...]


Act = (
    Greet
    | ShowMenu
    | Say
    | AnswerAspect
    | AskQuestion
    | ShowResult
    | ShowTicks
    | OfferReminder
    | AskReminderDate
    | DeadlinePassed
    | AskPhone
    | AskConsent
    | ScheduleReminders
    | StopReminders
    | AskStop
    | StopOne
    | ListReminders
    | RemindDossier
    | TellDossier
    | Subscribe
    | AskProof
    | SendProof
    | CheckProof
    | Quiet
    | AskErase
    | Erase
    | TellHeld
    | Clarify
    | HandOver
    | OpeningHours
    | MediaReceived
    | ContactGiven
    | NextPage
)


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of one message: the new memory and what to do, in order."""

    state: State
    acts: tuple[Act, ...]
    question: bool = False
    """The message was a question in the citizen's own words (not an answer to one of ours)."""
    lessons: tuple[Lesson, ...] = ()
    brief: bool = False
    """The message was a keyword: by SMS the answer begins with one part."""
