"""Asks back, with at most three choices worded as a citizen would."""

from __future__ import annotations

from actions.phrasing import lower_first, phrase
from bot.dialogue import payloads
from bot.dialogue.acts import Clarify
from bot.dialogue.outcome import Done, Env
from bot.messages import Choice


def perform(act: Clarify, env: Env) -> Done:
    """The question back."""
    name = "which_procedure" if act.which else "clarify"
    return Done((phrase(env, name, tuple(_choice(env, p, a) for p, a in act.options)),))


def _choice(env: Env, procedure_id: str, aspect: str) -> Choice:
    procedure = env.knowledge.procedure(procedure_id)
    name = lower_first(procedure.short)
    return Choice(
        env.knowledge.phrase(f"ask_{aspect}", short=False, procedure=name),
        payloads.tap(payloads.ASK, procedure_id, aspect),
        "",
        env.knowledge.phrase(f"ask_{aspect}", short=True, procedure=procedure.short),
    )
