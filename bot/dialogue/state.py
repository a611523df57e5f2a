"""What is remembered of a conversation between two messages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

MAX_REMEMBERED = 12
"""Numbered choices and further SMS pages that are kept."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Walk(_Frozen):
    """A checklist being walked."""

    procedure: str
    answers: dict[str, str] = {}
    """Question id -> option id."""
    asked: tuple[str, ...] = ()
    """Questions in the order in which they were answered by hand, for going back."""
    done: bool = False
    """The papers have been shown."""
    have: tuple[str, ...] = ()
    """Papers that the citizen ticked off."""
    paused: bool = False
    """Left for something else: nothing asks on until the citizen takes it up again."""


ReminderKind = Literal["han", "giay", "hen"]
"""Legal deadline, missing papers, appointment."""


Offer = Literal["resume", "remind", "person"]
"""What we asked with a plain question to which "có" or "không" is an answer."""


class Form(_Frozen):
    """A reminder being agreed."""

    kind: ReminderKind
    procedure: str
    stage: Literal["date", "phone", "consent"]
    day: date | None = None
    """The date it is about: birth or death (han), or the day itself (giay, hen)."""
    phone: str | None = None
    consent_text: str | None = None


class Proof(_Frozen):
    """A telephone number being proved: a code goes there by SMS and is typed here."""

    stage: Literal["offered", "phone", "code"]
    """What is waited for: that it is wanted, the number, or the code."""
    phone: str | None = None
    """One that was given before, E.164."""
    dossier: str | None = None
    """The code of the dossier that was asked for: it is told once the number is proved."""


class Noted(_Frozen):
    """Something that the citizen named, for the officer who may take over."""

    kind: str
    said: str
    """In plain words: "sinh ngày 5/8/2026"."""
    on: date
    """The day on which it was told."""
    event: str | None = None
    """``born`` or ``died``, where the day of it was told."""
    day: date | None = None


class Asked(_Frozen):
    """The question just heard in free words, and what it was taken for."""

    message: int
    procedure: str
    aspect: str
    confidence: float
    decision: str
    kept: bool
    """Not understood, so its words are kept for the officer."""


class State(_Frozen):
    """The whole memory of one conversation."""

    topic: str | None = None
    """The procedure spoken of last, for "còn lệ phí?"."""
    walk: Walk | None = None
    form: Form | None = None
    proof: Proof | None = None
    confirming: Literal["erase", "stop"] | None = None
    asked_aspect: str | None = None
    """An aspect that was asked without its procedure, until the procedure is named."""
    asked_more: tuple[str, ...] = ()
    """Further aspects that were asked together with it."""
    last: tuple[str, str] | None = None
    """Procedure and aspect of the question answered last, for "ý tôi là khai tử"."""
    asked: Asked | None = None
    """The last question, as long as the next message may say what it meant."""
    noted: tuple[Noted, ...] = ()
    """What the citizen named lately, the latest last."""
    offer: Offer | None = None
    """What a bare "có" accepts now."""
    misses: int = 0
    """How often in a row we did not understand."""
    given_up: datetime | None = None
    """When an officer was called because we had not understood twice; by SMS nothing more is
    said for a while to what is not understood either."""
    listed: tuple[tuple[int, ...], ...] = ()
    """The reminders that the numbers of the last list mean, for HUY 2."""
    greeted: bool = False
    choices: tuple[str, ...] = ()
    """Payloads that the numbers 1, 2, 3 ... mean now."""
    pages: tuple[str, ...] = ()
    """What is left of a long SMS answer, for TIEP."""

    def dump(self) -> dict[str, Any]:
        """As a JSON value."""
        return self.model_dump(mode="json")


def load(value: dict[str, Any] | None) -> State:
    """Read a stored state; one that no longer fits this program starts afresh.

    Losing the place in a checklist after an update is better than a conversation that
    cannot go on.
    """
    try:
        return State.model_validate(value or {})
    except ValidationError:
        return State()
