"""Greets, says that it is a machine, and offers what it can do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from actions.phrasing import label, lower_first, phrase
from bot.dialogue import payloads
from bot.dialogue.acts import Greet, ShowMenu
from bot.dialogue.outcome import Done, Env
from bot.knowledge.model import Procedure
from bot.messages import CHOICE_LABEL, Choice

MENU_ASPECTS = ("ho_so", "le_phi", "thoi_gian", "noi_nop", "truc_tuyen")


def greet(act: Greet, env: Env) -> Done:
    """The first words: who speaks, for whom, what it does."""
    if act.resume is not None:
        name = lower_first(env.knowledge.procedure(act.resume).name)
        choices = (
            label(env, "choice_resume", payloads.tap(payloads.RESUME)),
            label(env, "choice_other", payloads.tap(payloads.MENU)),
            label(env, "choice_person", payloads.tap(payloads.PERSON)),
        )
        return Done((phrase(env, "greeting_resume", choices, procedure=name),))
    if act.procedure is not None:
        procedure = env.knowledge.procedure(act.procedure)
        name = lower_first(procedure.short if env.channel == "sms" else procedure.name)
        return Done((phrase(env, "greeting_board", _aspects(env, act.procedure), procedure=name),))
    return Done((phrase(env, "greeting", _procedures(env)),))


def menu(act: ShowMenu, env: Env) -> Done:
    """The procedures, or the aspects of one."""
    if act.procedure is None or act.procedure not in env.knowledge.procedures:
        return Done((phrase(env, "menu", _procedures(env, act.group)),))
    procedure = env.knowledge.procedure(act.procedure)
    name = lower_first(procedure.short if env.channel == "sms" else procedure.name)
    reply = phrase(env, "menu_procedure", _aspects(env, act.procedure), procedure=name)
    if procedure.opening and procedure.opening_short:
        long, short = (
            f"{procedure.opening}\n{reply.long}",
            f"{procedure.opening_short} {reply.short}",
        )
        reply = replace(reply, long=long, short=short)
    return Done((reply,))


ALL = "all"
"""Asks for the names of the groups."""


def _procedures(env: Env, group: str | None = None) -> tuple[Choice, ...]:
    """The first procedures and a way to the rest; the groups; or what is in one of them."""
    menu = env.knowledge.menu
    if menu is None:
        return _named(env, env.knowledge.procedures)
    if group == ALL:
        return tuple(
            Choice(one.name, payloads.tap(payloads.MENU, str(n)), "", one.short)
            for n, one in enumerate(menu.groups)
        )
    if group is not None and group.isdecimal() and int(group) < len(menu.groups):
        return _named(env, menu.groups[int(group)].procedures)
    more = label(env, "choice_other", payloads.tap(payloads.MENU, ALL))
    return (*_named(env, menu.first), *([more] if menu.groups else []))


def _named(env: Env, procedures: Iterable[str]) -> tuple[Choice, ...]:
    known = [env.knowledge.procedure(name) for name in procedures]
    return tuple(Choice(_fitting(p), payloads.tap(payloads.ASK, p.id), "", p.short) for p in known)


def _fitting(procedure: Procedure) -> str:
    return procedure.name if len(procedure.name) <= CHOICE_LABEL else procedure.short


def _aspects(env: Env, procedure: str) -> tuple[Choice, ...]:
    return tuple(
        label(env, f"aspect_{a}", payloads.tap(payloads.ASK, procedure, a)) for a in MENU_ASPECTS
    )
