"""Asks back, with at most three choices worded as a citizen would."""

from __future__ import annotations

from actions.phrasing import label, phrase, upper_first
from bot.dialogue import payloads
from bot.dialogue.acts import Clarify
from bot.dialogue.outcome import Done, Env
from bot.messages import CHOICE_LABEL, Choice


def perform(act: Clarify, env: Env) -> Done:
    """The question back."""
    name = "which_procedure" if act.which else "misheard" if act.misheard else "clarify"
    choices = [_choice(act, env, procedure, aspect) for procedure, aspect in act.options]
    if act.misheard:
        choices.append(label(env, "choice_other", payloads.tap(payloads.MENU)))
    return Done((phrase(env, name, tuple(choices)),))


def _choice(act: Clarify, env: Env, procedure: str, aspect: str) -> Choice:
    """A question; only the procedure's name where that alone is in doubt."""
    texts = [
        _said(env, procedure, short)
        if act.which
        else env.knowledge.phrase(
            f"ask_{aspect}", short=short, procedure=_said(env, procedure, short)
        )
        for short in (False, True)
    ]
    payload = payloads.tap(payloads.ASK, procedure, aspect)
    if len(texts[0]) > CHOICE_LABEL:
        short = _said(env, procedure, short=True)
        texts[0] = short if act.which else env.knowledge.phrase(f"ask_{aspect}", procedure=short)
    return Choice(upper_first(texts[0]), payload, "", texts[1])


def _said(env: Env, procedure: str, short: bool) -> str:
    """What people call it: "làm khai sinh", "xin giấy độc thân"."""
    known = env.knowledge.procedure(procedure)
    return known.said_short if short else known.said
