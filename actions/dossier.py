"""Tells how far a dossier is, to the person with its number and to nobody else.

What is said of a code that is not there and of somebody else's dossier is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

from actions import hand_over
from actions.phrasing import day, day_short, label, phrase
from bot.clock import LOCAL, local_date
from bot.dialogue import moves, payloads
from bot.dialogue.acts import HandOver, RemindDossier, TellDossier
from bot.dialogue.outcome import AgreeDossiers, Done, Env, ToldDossier
from bot.knowledge.render import render_hours
from bot.messages import Choice, Reply
from bot.smstext import render

OVER = frozenset({"returned", "closed"})
"""States in which nothing is left to be reminded of."""


def tell(act: TellDossier, env: Env) -> Done:
    """The dossier that was asked for, or the citizen's own."""
    found = env.known.dossiers
    if env.phone is None and (act.code is not None or not act.in_words):
        return Done((_not_proven(env, act.code),))
    if len(found) == 1:
        return Done((told(found[0], env),))
    if found:
        return Done((_several(found, env),))
    if act.in_words:
        return hand_over.perform(HandOver(moves.ASKS_STATUS, act.procedure, moves.STATUS_FACT), env)
    return Done((phrase(env, "dossier_not_found" if act.code else "dossier_how"),))


def _not_proven(env: Env, code: str | None) -> Reply:
    """In a chat nobody knows yet whose number it is."""
    choices = [label(env, "choice_person", payloads.tap(payloads.PERSON))]
    if env.can_remind:  # without a gateway no code can be sent
        choices.insert(0, label(env, "choice_prove", payloads.tap(payloads.PROVE)))
    return phrase(env, "dossier_private" if code else "dossier_how_private", tuple(choices))


def told(dossier: ToldDossier, env: Env) -> Reply:
    """One dossier: its state, since when, and what is to be done now."""
    lines = [_state(dossier, env), *_next(dossier, env)]
    return Reply(
        "\n".join(line.long for line in lines),
        " ".join(line.short for line in lines),
        _choices(env),
    )


def _state(dossier: ToldDossier, env: Env) -> Reply:
    name = f"state_{dossier.state}"
    state = env.knowledge.phrase(name), env.knowledge.phrase(name, short=True)
    since = day_short(dossier.since)
    long = env.knowledge.phrase("dossier_line", code=dossier.code, state=state[0], since=since)
    short = env.knowledge.phrase(
        "dossier_line", short=True, code=dossier.code, state=state[1], since=since
    )
    return Reply(long, short)


def _next(dossier: ToldDossier, env: Env) -> Iterator[Reply]:
    if dossier.state == "need_papers":
        name = "dossier_missing" if dossier.missing else "dossier_missing_ask"
        yield phrase(env, name, missing=dossier.missing.strip().rstrip("."))
    if dossier.state == "ready":
        yield _ready(env)
    if dossier.state == "returned" and dossier.valid_until is not None:
        yield _on(env, "dossier_valid", dossier.valid_until)
    if dossier.state == "closed":
        yield phrase(env, "dossier_closed")
    if dossier.state in OVER:
        return
    if dossier.appointment_at is not None and dossier.appointment_at > env.now:
        yield _at(env, "dossier_appointment", dossier.appointment_at)
    elif dossier.due_on is not None and dossier.state != "ready":
        yield _on(env, "dossier_due", dossier.due_on)


def _ready(env: Env) -> Reply:
    desk = env.commune.desk("tu_phap")
    long = phrase(env, "dossier_ready", hours=render_hours(desk, short=False)).long
    return Reply(long, phrase(env, "dossier_ready", hours="").short)


def _on(env: Env, name: str, on: date) -> Reply:
    return Reply(phrase(env, name, day=day(on)).long, phrase(env, name, day=day_short(on)).short)


def _at(env: Env, name: str, at: datetime) -> Reply:
    local = at.astimezone(LOCAL)
    on, hour = local_date(at), f"{local.hour}h{local:%M}" if local.minute else f"{local.hour}h"
    return Reply(
        phrase(env, name, day=day(on), hour=hour).long,
        phrase(env, name, day=day_short(on), hour=hour).short,
    )


def _choices(env: Env) -> tuple[Choice, ...]:
    """By SMS nothing: a menu would make a second part of it."""
    if env.channel == "sms":
        return ()
    return (label(env, "choice_person", payloads.tap(payloads.PERSON)),)


def _several(dossiers: tuple[ToldDossier, ...], env: Env) -> Reply:
    long = "\n".join(f"- {_listed(one, env, short=False)}" for one in dossiers)
    short = "; ".join(_listed(one, env, short=True) for one in dossiers)
    return Reply(
        env.knowledge.phrase("dossiers_own", dossiers=long),
        env.knowledge.phrase("dossiers_own", short=True, dossiers=short),
    )


_FRONT = re.compile(r"^\d{3}\.\d{2}\.\d{2}\.(?=[A-Za-z])")


def short_code(code: str) -> str:
    """A code without the part in front that all of a province's have: "000.00.08."."""
    return _FRONT.sub("", code)


def _listed(dossier: ToldDossier, env: Env, *, short: bool) -> str:
    code = short_code(dossier.code) if short else dossier.code
    return f"{code} {env.knowledge.phrase(f'state_{dossier.state}', short=short)}"


# --- reminders of it --------------------------------------------------------------------


def remind(act: RemindDossier, env: Env) -> Done:
    """NHAC and a code: whoever sends that from the dossier's number has agreed."""
    if not env.can_remind:
        return Done((phrase(env, "reminder_unavailable"),))
    if env.phone is None:
        return Done((_not_proven(env, act.code),))
    if not env.known.dossiers:
        return Done((phrase(env, "dossier_not_found"),))
    dossier = env.known.dossiers[0]
    if dossier.state in OVER and dossier.valid_until is None:
        return Done((phrase(env, "dossier_over", code=dossier.code),))
    reply = phrase(env, "dossier_reminded", code=dossier.code)
    shown = render(reply.short, env.accents) if env.channel == "sms" else reply.long
    return Done((reply,), (AgreeDossiers(env.phone, shown),))
