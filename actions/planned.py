"""NHAC and HUY 2: what is going to be reminded of, and stopping one of it."""

from __future__ import annotations

from collections.abc import Sequence

from actions import remind
from actions.dossier import short_code
from actions.phrasing import day_short, label, lower_first, phrase
from bot.dialogue import form, payloads
from bot.dialogue.acts import ListReminders, OfferReminder, StopOne
from bot.dialogue.outcome import CancelSome, Done, Env, ToldReminder
from bot.messages import Choice, Reply
from bot.understanding.arguments import dossier_code

BUTTONS = 3
"""So many reminders have a button of their own that stops them."""


def perform(act: ListReminders, env: Env) -> Done:
    """The reminders, numbered; where there is none, what may be reminded of."""
    planned = env.known.reminders
    if planned:
        return Done((_list(planned, act, env),), listed=tuple(one.ids for one in planned))
    if act.procedure is not None:
        return remind.offer(OfferReminder(act.procedure), env)
    if not env.can_remind:
        return Done((phrase(env, "reminder_unavailable"),))
    return Done((phrase(env, "reminders_none"),))


def _list(planned: Sequence[ToldReminder], act: ListReminders, env: Env) -> Reply:
    long = "\n".join(f"{n}. {named(one, env)}" for n, one in enumerate(planned, 1))
    short = "; ".join(f"{n}) {named(one, env, short=True)}" for n, one in enumerate(planned, 1))
    return Reply(
        env.knowledge.phrase("reminders_own", reminders=long),
        env.knowledge.phrase("reminders_own", short=True, reminders=short),
        _choices(planned, act, env),
    )


def _choices(planned: Sequence[ToldReminder], act: ListReminders, env: Env) -> tuple[Choice, ...]:
    """By SMS none: a digit by itself must not stop anything."""
    if env.channel == "sms":
        return ()
    stops = tuple(
        label(env, "choice_stop_one", payloads.tap(payloads.STOP_ONE, str(n)), number=n)
        for n in range(1, min(len(planned), BUTTONS) + 1)
    )
    more = label(env, "choice_remind", payloads.tap(payloads.REMIND))
    return (*stops, more) if act.procedure is not None else stops


def named(one: ToldReminder, env: Env, *, short: bool = False) -> str:
    """What it is about and on which days it comes: "hạn khai sinh (27/11, 29/11)"."""
    days = ", ".join(f"{on.day}/{on.month}" if short else day_short(on) for on in one.days)
    return f"{_about(one, env, short)} ({days})"


def _about(one: ToldReminder, env: Env, short: bool) -> str:
    if one.dossier is not None:
        code = short_code(one.dossier) if short else one.dossier
        return env.knowledge.phrase("reminder_of_dossier", short=short, code=code)
    procedure = env.knowledge.procedures.get(one.procedure or "")
    if procedure is None:
        return env.knowledge.phrase("reminder_of_other", short=short)
    if one.kind == "han" and form.has_deadline(env.knowledge, procedure.id):
        deadline = form.deadline_of(procedure)
        return deadline.label_short if short else deadline.label
    name = procedure.short if short else lower_first(procedure.name)
    kind = one.kind if one.kind in ("giay", "hen") else "hen"
    return env.knowledge.phrase(f"subject_{kind}", short=short, procedure=name)


def stop_one(act: StopOne, env: Env) -> Done:
    """That reminder only; what cannot be found is not guessed at."""
    found = _meant(act, env.known.reminders)
    if not found:
        return Done((phrase(env, "stop_one_unknown"),))
    ids = tuple(one for reminder in found for one in reminder.ids)
    names = [
        ", ".join(_about(reminder, env, short) for reminder in found) for short in (False, True)
    ]
    long = env.knowledge.phrase("stop_one_done", what=names[0])
    short = env.knowledge.phrase("stop_one_done", short=True, what=names[1])
    return Done((Reply(long, short),), (CancelSome(ids),))


def _meant(act: StopOne, planned: Sequence[ToldReminder]) -> list[ToldReminder]:
    """By what the line of the list stood for; without a list, by its number now; by the code."""
    if act.reminders:
        shown = set(act.reminders)
        return [one for one in planned if shown.intersection(one.ids)]
    if act.which.isdecimal() and len(act.which) <= 2:
        return list(planned[int(act.which) - 1 : int(act.which)])
    return [one for one in planned if one.dossier and _is(one.dossier, act.which)]


def _is(code: str, typed: str) -> bool:
    """The province's part in front may be left out."""
    return (dossier_code(code) or "").endswith(typed)
