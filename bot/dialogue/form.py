"""Agreeing on a reminder: what of, which day, which number, and a clear yes.

Silence is never consent (Luật 91/2025 Đ9): nothing is scheduled before the citizen has
seen what will be sent to which number and has said yes to it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast, get_args

import phonenumbers

from bot.dialogue import payloads
from bot.dialogue.acts import (
    Act,
    AskConsent,
    AskPhone,
    AskReminderDate,
    DeadlinePassed,
    Say,
    ScheduleReminders,
    Turn,
)
from bot.dialogue.dates import read_date
from bot.dialogue.heard import Heard, World
from bot.dialogue.state import Form, ReminderKind, State
from bot.knowledge.model import Deadline, Procedure

_YES = frozenset({"co", "dong y", "ok", "oke", "duoc", "vang", "da", "u", "dong y nhan", "yes"})
_NO = frozenset({"khong", "khong can", "thoi", "khong dong y", "dung", "no", "thoi khong can"})
MAX_AHEAD = timedelta(days=366)


def begin(state: State, world: World, kind: str) -> Turn | None:
    """Start a form; None when that kind does not exist here."""
    procedure = (state.walk.procedure if state.walk else None) or state.topic
    if kind not in get_args(ReminderKind) or procedure is None:
        return None
    if procedure not in world.knowledge.procedures:
        return None
    if kind == "han" and not world.knowledge.procedures[procedure].deadlines:
        return None
    checked = cast("ReminderKind", kind)
    form = Form(kind=checked, procedure=procedure, stage="date")
    state = state.model_copy(update={"form": form, "misses": 0})
    return Turn(state, (AskReminderDate(checked, procedure),))


def deadline_of(procedure: Procedure) -> Deadline:
    """The legal deadline of a procedure (there is one at most today)."""
    return procedure.deadlines[0]


def deadline_day(world: World, form: Form) -> timedelta:
    """How long after the event the legal deadline is."""
    procedure = world.knowledge.procedures[form.procedure]
    fact = world.knowledge.fact(form.procedure, deadline_of(procedure).fact)
    return timedelta(days=int(fact.value or 0))


def hear(state: State, world: World, heard: Heard) -> Turn | None:
    """Go on with the form; None when the message is about something else."""
    form = state.form
    assert form is not None
    verbs = {t.verb for t in heard.taps}
    if payloads.REFUSE in verbs or heard.key in _NO or payloads.LEAVE in verbs:
        return Turn(state.model_copy(update={"form": None}), (Say("reminder_declined"),))
    if form.stage == "date":
        return _hear_date(state, world, form, heard)
    if form.stage == "phone":
        return _hear_phone(state, world, form, heard)
    if payloads.AGREE in verbs or heard.key in _YES:
        return _agreed(state, form)
    return None


def _hear_date(state: State, world: World, form: Form, heard: Heard) -> Turn | None:
    after = next((t.arg(0) for t in heard.taps if t.verb == payloads.WHEN), "")
    if after.isdigit():
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
    day = form.day
    assert day is not None
    ahead = day - world.today
    wrong = ahead > timedelta(0) if form.kind == "han" else not timedelta(0) < ahead <= MAX_AHEAD
    if wrong or ahead < -timedelta(days=365 * 120):
        return Turn(state, (AskReminderDate(form.kind, form.procedure, again=True),))
    if form.kind == "han" and day + deadline_day(world, form) <= world.today:
        state = state.model_copy(update={"form": None})
        return Turn(state, (DeadlinePassed(form.procedure, day),))
    if world.own_phone:
        return _ask_consent(state, form.model_copy(update={"phone": world.own_phone}))
    form = form.model_copy(update={"stage": "phone"})
    return Turn(state.model_copy(update={"form": form}), (AskPhone(),))


def _hear_phone(state: State, world: World, form: Form, heard: Heard) -> Turn | None:
    if heard.taps:
        return None
    number = read_phone(heard.text)
    if number is None:
        digits = sum(c.isdigit() for c in heard.text)
        return Turn(state, (AskPhone(again=True),)) if digits >= 6 else None
    return _ask_consent(state, form.model_copy(update={"phone": number}))


def read_phone(text: str) -> str | None:
    """The Vietnamese mobile number in ``text`` as E.164, or None."""
    for found in phonenumbers.PhoneNumberMatcher(text[:200], "VN"):
        kind = phonenumbers.number_type(found.number)
        if kind == phonenumbers.PhoneNumberType.MOBILE and found.number.country_code == 84:
            return phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
    return None


def _ask_consent(state: State, form: Form) -> Turn:
    form = form.model_copy(update={"stage": "consent"})
    assert form.day is not None
    assert form.phone is not None
    act: Act = AskConsent(form.kind, form.procedure, form.day, form.phone)
    return Turn(state.model_copy(update={"form": form}), (act,))


def _agreed(state: State, form: Form) -> Turn:
    assert form.day is not None
    assert form.phone is not None
    act = ScheduleReminders(
        form.kind, form.procedure, form.day, form.phone, form.consent_text or ""
    )
    return Turn(state.model_copy(update={"form": None}), (act,))
