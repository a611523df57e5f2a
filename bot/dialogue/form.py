"""Agreeing on a reminder: what of, which day, which number, and a clear yes.

Silence is never consent (Luật 91/2025 Đ9): nothing is scheduled before the citizen has
seen what will be sent to which number and has said yes to it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, cast, get_args

from bot.dialogue import payloads, words
from bot.dialogue.acts import (
    Act,
    AskConsent,
    AskPhone,
    AskReminderDate,
    DateFault,
    DeadlinePassed,
    OfferReminder,
    Say,
    ScheduleReminders,
    Turn,
)
from bot.dialogue.heard import Heard, World
from bot.dialogue.state import Form, Proof, ReminderKind, State
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Deadline, Procedure
from bot.understanding.entities import read_date, read_phone

MAX_AHEAD = timedelta(days=366)
LONGEST_LIFE = timedelta(days=365 * 120)
_SOME_DIGITS = 6
"""So many digits are a try at a phone number."""


def subject(state: State, world: World) -> str | None:
    """The procedure that a reminder would be about now."""
    walk = state.walk
    first = walk.procedure if walk and not walk.paused else state.topic
    procedure = first or (walk.procedure if walk else None)
    return procedure if procedure in world.knowledge.procedures else None


def offer(state: State, world: World) -> Turn | None:
    """Offer the kinds of reminder; None when it is not known what about."""
    procedure = subject(state, world)
    if procedure is None:
        return None
    return Turn(state.model_copy(update={"form": None}), (OfferReminder(procedure),))


def begin(state: State, world: World, kind: str) -> Turn | None:
    """Start a form; None when that kind does not exist here."""
    procedure = subject(state, world)
    if kind not in get_args(ReminderKind) or procedure is None:
        return None
    if kind == "han" and not has_deadline(world.knowledge, procedure):
        return None
    checked = cast("ReminderKind", kind)
    form = Form(kind=checked, procedure=procedure, stage="date")
    state = state.model_copy(update={"form": form, "misses": 0})
    return Turn(state, (AskReminderDate(checked, procedure),))


def question(state: State, *, again: bool = False) -> tuple[Act, ...]:
    """What the open form waits for, as an act; ``again``: the last answer was none."""
    form = state.form
    if form is None:
        return ()
    if form.stage == "date":
        return (AskReminderDate(form.kind, form.procedure, "unread" if again else None),)
    if form.stage == "phone":
        return (AskPhone(again),)
    assert form.day is not None
    assert form.phone is not None
    return (AskConsent(form.kind, form.procedure, form.day, form.phone),)


def has_deadline(knowledge: Knowledge, procedure: str) -> bool:
    """Whether the procedure has a legal deadline that is law today."""
    known = knowledge.procedures[procedure]
    return any(knowledge.find_fact(known, one.fact) for one in known.deadlines)


def deadline_of(procedure: Procedure) -> Deadline:
    """The legal deadline of a procedure (there is one at most today)."""
    return procedure.deadlines[0]


def deadline_day(world: World, form: Form) -> timedelta:
    """How long after the event the legal deadline is."""
    procedure = world.knowledge.procedures[form.procedure]
    fact = world.knowledge.find_fact(form.procedure, deadline_of(procedure).fact)
    return timedelta(days=int(fact.value or 0)) if fact else timedelta()


def declined(state: State, heard: Heard) -> Turn | None:
    """The form is not wanted any more; None when this says something else."""
    verbs = {t.verb for t in heard.taps}
    if verbs & {payloads.REFUSE, payloads.LEAVE} or words.declines(heard.text, heard.key):
        return Turn(state.model_copy(update={"form": None}), (Say("reminder_declined"),))
    return None


def hear(state: State, world: World, heard: Heard) -> Turn | None:
    """Go on with the form; None when the message is about something else."""
    form = state.form
    assert form is not None
    turn = declined(state, heard)
    if turn is not None:
        return turn
    verbs = {t.verb for t in heard.taps}
    if payloads.BACK in verbs or words.small(heard.text, heard.key) == "back":
        return _back(state, world, form)
    if form.stage == "date":
        return _hear_date(state, world, form, heard)
    if form.stage == "phone":
        return _hear_phone(state, world, form, heard)
    if payloads.AGREE in verbs or (not heard.taps and words.agrees(heard.key)):
        return _agreed(state, world, form)
    return None


def _back(state: State, world: World, form: Form) -> Turn | None:
    """One step back: consent, phone, date, the kinds of reminder."""
    if form.stage == "date":
        return offer(state, world)
    stage = "phone" if form.stage == "consent" and not world.own_phone else "date"
    form = Form(
        kind=form.kind,
        procedure=form.procedure,
        stage=cast("Literal['date', 'phone']", stage),
        day=form.day if stage == "phone" else None,
    )
    state = state.model_copy(update={"form": form, "misses": 0})
    return Turn(state, question(state))


def _hear_date(state: State, world: World, form: Form, heard: Heard) -> Turn | None:
    after = next((t.arg(0) for t in heard.taps if t.verb == payloads.WHEN), "")
    if after.isascii() and after.isdigit():
        day = world.today + timedelta(days=min(int(after), MAX_AHEAD.days))
    elif heard.taps:
        return None
    else:
        read = read_date(heard.text, world.today, "past" if form.kind == "han" else "future")
        if read is None:
            return None
        day = read
    return _take_day(state, world, form.model_copy(update={"day": day}))


def _take_day(state: State, world: World, form: Form) -> Turn:
    assert form.day is not None
    fault = _fault(form, form.day - world.today)
    if fault is not None:
        return Turn(state, (AskReminderDate(form.kind, form.procedure, fault),))
    state = state.model_copy(update={"misses": 0})
    if form.kind == "han" and form.day + deadline_day(world, form) < world.today:
        state = state.model_copy(update={"form": None})
        return Turn(state, (DeadlinePassed(form.procedure, form.day),))
    if world.own_phone:
        return _ask_consent(state, form.model_copy(update={"phone": world.own_phone}))
    form = form.model_copy(update={"stage": "phone"})
    return Turn(state.model_copy(update={"form": form}), (AskPhone(),))


def _fault(form: Form, ahead: timedelta) -> DateFault | None:
    """A birth or death lies behind us, what to be reminded of before us."""
    if form.kind == "han":
        return "future" if ahead > timedelta(0) else "far" if -ahead > LONGEST_LIFE else None
    return "past" if ahead <= timedelta(0) else "far" if ahead > MAX_AHEAD else None


def _hear_phone(state: State, world: World, form: Form, heard: Heard) -> Turn | None:
    if heard.taps:
        return None
    number = read_phone(heard.text)
    if number is None:
        tried = sum(c.isdigit() for c in heard.text) >= _SOME_DIGITS
        return Turn(state, (AskPhone(again=True),)) if tried else None
    return _take_phone(state, form, number)


def given(state: State, phone: str) -> Turn:
    """A number came in by the channel's own form: go on where one is waited for."""
    form = state.form
    if form is None or form.stage != "phone":
        return Turn(state, ())
    return _take_phone(state, form, phone)


def _take_phone(state: State, form: Form, phone: str) -> Turn:
    state = state.model_copy(update={"misses": 0})
    return _ask_consent(state, form.model_copy(update={"phone": phone}))


def _ask_consent(state: State, form: Form) -> Turn:
    form = form.model_copy(update={"stage": "consent"})
    state = state.model_copy(update={"form": form})
    return Turn(state, question(state))


def _agreed(state: State, world: World, form: Form) -> Turn:
    assert form.day is not None
    assert form.phone is not None
    act = ScheduleReminders(
        form.kind, form.procedure, form.day, form.phone, form.consent_text or ""
    )
    update: dict[str, object] = {"form": None}
    if not world.proven and world.channel != "sms":
        update["proof"] = Proof(stage="offered", phone=form.phone)
    return Turn(state.model_copy(update=update), (act,))
