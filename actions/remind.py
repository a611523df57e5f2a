"""Agrees on and schedules reminders by SMS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from actions import contact
from actions.phrasing import day, day_short, label, lower_first, phrase, readable
from bot.clock import local_date
from bot.dialogue import form, payloads
from bot.dialogue.acts import (
    AskConsent,
    AskPhone,
    AskReminderDate,
    AskStop,
    DeadlinePassed,
    OfferReminder,
    ScheduleReminders,
    StopReminders,
)
from bot.dialogue.outcome import AgreeReminders, CancelReminders, Done, Env, PlannedReminder
from bot.dialogue.state import ReminderKind
from bot.knowledge.model import Procedure
from bot.knowledge.render import render_fact
from bot.knowledge.workdays import Calendar
from bot.messages import Choice, Reply
from bot.reminders.plan import APPOINTMENT_LEADS, Due, moments_on
from bot.smstext import render

PURPOSE = "nhắc việc qua tin nhắn SMS"
SOON_DAYS = (3, 7, 14)


@dataclass(frozen=True, slots=True)
class Worded:
    """A reminder for SMS (as it leaves), for a chat, and as fields of an approved template."""

    sms: str
    chat: str
    fields: Mapping[str, str]


def offer(act: OfferReminder, env: Env) -> Done:
    """What may be reminded of."""
    if not env.can_remind:
        return Done((phrase(env, "reminder_unavailable"),))
    procedure = env.knowledge.procedure(act.procedure)
    kinds = ["giay", "hen"]
    choices = [label(env, f"choice_remind_{k}", payloads.tap(payloads.REMIND, k)) for k in kinds]
    open_deadlines = procedure.deadlines if form.has_deadline(env.knowledge, act.procedure) else ()
    for deadline in open_deadlines[:1]:
        text = f"Nhắc {deadline.label}"
        choices.insert(
            0,
            Choice(
                text if len(text) <= 60 else env.knowledge.phrase("choice_remind_han"),
                payloads.tap(payloads.REMIND, "han"),
                "",
                env.knowledge.phrase("choice_remind_han", short=True),
            ),
        )
    choices.append(label(env, "choice_no_reminder", payloads.tap(payloads.REFUSE)))
    return Done((phrase(env, "reminder_offer", tuple(choices)),))


def ask_date(act: AskReminderDate, env: Env) -> Done:
    """The date that the reminder is about."""
    lead = phrase(env, f"reminder_date_{act.fault}") if act.fault else None
    choices: tuple[Choice, ...] = ()
    if act.kind == "han":
        deadline = form.deadline_of(env.knowledge.procedure(act.procedure))
        asked = Reply(deadline.ask, deadline.ask_short)
    elif act.kind == "giay":
        asked = phrase(env, "reminder_ask_giay")
        choices = tuple(
            label(env, "choice_after", payloads.tap(payloads.WHEN, str(n)), days=n)
            for n in SOON_DAYS
        )
    else:
        asked = phrase(env, "reminder_ask_hen")
    if lead is not None:
        asked = Reply(f"{lead.long}\n{asked.long}", f"{lead.short} {asked.short}")
    return Done((Reply(asked.long, asked.short, choices + _or_not(env)),))


def _or_not(env: Env) -> tuple[Choice, ...]:
    """A way out where buttons cost nothing; by SMS a number could be meant as a date."""
    if env.channel == "sms":
        return ()
    return (label(env, "choice_no_reminder", payloads.tap(payloads.REFUSE)),)


def passed(act: DeadlinePassed, env: Env) -> Done:
    """The legal deadline is over; it is accepted all the same."""
    procedure = env.knowledge.procedure(act.procedure)
    choices = (
        label(env, "choice_walk", payloads.tap(payloads.WALK, act.procedure)),
        label(env, "choice_remind_giay", payloads.tap(payloads.REMIND, "giay")),
    )
    said = phrase(env, "deadline_passed", choices)
    late = form.deadline_of(procedure).late
    fact = env.knowledge.find_fact(procedure, late) if late else None
    if fact is None:
        return Done((said,))
    long = f"{said.long} {render_fact(fact, env.knowledge, env.commune, short=False)}"
    short = f"{said.short} {render_fact(fact, env.knowledge, env.commune, short=True)}"
    return Done((replace(said, long=long, short=short),))


def ask_phone(act: AskPhone, env: Env) -> Done:
    """The number to which reminders go."""
    if act.again:
        return Done((phrase(env, "reminder_phone_again", _or_not(env)),))
    return Done((phrase(env, "reminder_phone", _or_not(env)), contact.form(env)))


def ask_consent(act: AskConsent, env: Env) -> Done:
    """Exactly what will be sent when to which number; a yes agrees to these words."""
    dues = due_moments(env, act.kind, act.procedure, act.day)
    if not dues:
        return Done((phrase(env, "reminder_too_late"),))
    choices = (
        label(env, "choice_agree", payloads.tap(payloads.AGREE)),
        label(env, "choice_refuse", payloads.tap(payloads.REFUSE)),
    )
    what = subject(env, act.kind, act.procedure, act.day)
    when = ", ".join(day_short(local_date(due.at)) for due in dues)
    phone = readable(act.phone)
    reply = phrase(
        env, "reminder_consent", choices, what=what, when=when, number=phone, count=len(dues)
    )
    text = render(reply.short, env.accents) if env.channel == "sms" else reply.long
    return Done((reply,), consent_text=text)


def schedule(act: ScheduleReminders, env: Env) -> Done:
    """Agreed: say on which days a text comes and how to stop it."""
    dues = due_moments(env, act.kind, act.procedure, act.day)
    if not dues:
        return Done((phrase(env, "reminder_too_late"),))
    words = worded(env, act.kind, act.procedure, act.day)
    planned = tuple(
        PlannedReminder(
            key=f"{act.kind}:{act.procedure}:{act.day:%Y%m%d}:{due.days_before}",
            kind=act.kind,
            procedure=act.procedure,
            text=words.sms,
            chat=words.chat,
            fields=words.fields,
            due_at=due.at,
            expires_at=due.expires_at,
        )
        for due in dues
    )
    when = ", ".join(day_short(local_date(due.at)) for due in dues)
    reply = phrase(env, "reminder_agreed", _prove(env), when=when, number=readable(act.phone))
    return Done((reply,), (AgreeReminders(act.phone, PURPOSE, act.consent_text, planned),))


def _prove(env: Env) -> tuple[Choice, ...]:
    """A number that was only typed may be proved: then HUY and HS work from both sides."""
    if env.channel == "sms" or env.phone is not None:
        return ()
    return (label(env, "choice_prove", payloads.tap(payloads.PROVE)),)


def stop(_act: StopReminders, env: Env) -> Done:
    """HUY / TC, confirmed once."""
    return Done((phrase(env, "stopped"),), (CancelReminders(),))


def ask_stop(_act: AskStop, env: Env) -> Done:
    """DUNG may be "đúng": asked before everything is stopped."""
    choices = (
        label(env, "choice_stop", payloads.tap(payloads.STOP)),
        label(env, "choice_menu", payloads.tap(payloads.MENU)),
    )
    return Done((phrase(env, "stop_ask", choices),))


def due_moments(env: Env, kind: ReminderKind, procedure: str, about: date) -> tuple[Due, ...]:
    """When to remind: before the legal deadline, on the day itself, or before the appointment.
    None of it falls on a public holiday."""
    if kind == "giay":
        return _moments(env, about, (0,))
    if kind == "hen":
        return _moments(env, about, APPOINTMENT_LEADS) or _moments(env, about, (0,))
    content = env.knowledge.procedure(procedure)
    if not form.has_deadline(env.knowledge, procedure):
        return ()  # the law ended while the form was open
    last = about + _deadline(env, content)
    leads = form.deadline_of(content).remind_days_before
    return _moments(env, last, leads) or _moments(env, last, (1, 0))[:1]


def _moments(env: Env, about: date, days_before: Iterable[int]) -> tuple[Due, ...]:
    return moments_on(about, days_before, env.now, Calendar(env.knowledge.holidays))


def _deadline(env: Env, procedure: Procedure) -> timedelta:
    fact = env.knowledge.fact(procedure, form.deadline_of(procedure).fact)
    return timedelta(days=int(fact.value or 0))


def subject(env: Env, kind: ReminderKind, procedure: str, about: date) -> str:
    """What is reminded of, in words."""
    content = env.knowledge.procedure(procedure)
    short = env.channel == "sms"
    if kind == "han":
        deadline = form.deadline_of(content)
        last = about + _deadline(env, content)
        name = deadline.label_short if short else deadline.label
        return f"{name} ({day_short(last) if short else day(last)})"
    name = content.short if short else lower_first(content.name)
    return env.knowledge.phrase(f"subject_{kind}", short=short, procedure=name)


def worded(env: Env, kind: ReminderKind, procedure: str, about: date) -> Worded:
    """The reminder itself: who sends it, what, by when, where, how to stop."""
    content = env.knowledge.procedure(procedure)
    what, name, last = content.short, content.name, about
    if kind == "han":
        deadline = form.deadline_of(content)
        what, name = deadline.label_short, deadline.label
        last = about + _deadline(env, content)
    desk = env.commune.desk(content.desk)
    keyword = content.keyword
    told = phrase(
        env, f"sms_{kind}", (), desk, what=lower_first(what), day=day_short(last), keyword=keyword
    )
    chat = phrase(
        env, f"chat_{kind}", (), desk, what=lower_first(name), day=day(last), keyword=keyword
    )
    fields = {"viec": lower_first(name), "ngay": day_short(last)}
    fields |= {"noi": desk.name, "dien_thoai": desk.phone}
    return Worded(render(told.short, env.accents), chat.long, fields)
