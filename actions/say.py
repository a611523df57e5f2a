"""Says a fixed phrase; some come with something to tap."""

from __future__ import annotations

from actions.phrasing import label, phrase
from bot.dialogue import payloads
from bot.dialogue.acts import Quiet, Say
from bot.dialogue.outcome import Done, Env
from bot.messages import Choice

_WITH_PERSON = frozenset({"out_of_scope", "help", "walk_left", "reminder_given_up"})


def perform(act: Say, env: Env) -> Done:
    """The phrase, with a way to a person where the citizen may be stuck."""
    choices: tuple[Choice, ...] = ()
    if act.phrase in _WITH_PERSON:
        choices = (
            label(env, "choice_menu", payloads.tap(payloads.MENU)),
            label(env, "choice_person", payloads.tap(payloads.PERSON)),
        )
    return Done((phrase(env, act.phrase, choices),))


def quiet(_act: Quiet, _env: Env) -> Done:
    """Nothing."""
    return Done()
