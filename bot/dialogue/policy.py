"""Decides what to do with one message. Order matters and is the same on every channel:

1. what the channel says (opened, picture, number from a form); 2. buttons and numbers; 3. a
correction of what we understood; 4. an offer, a form or a checklist question that waits for
just this; 5. keywords; 6. numbers and bare answers that answer nothing; 7. free text by its
understanding.
A checklist or form that waits is taken up again after another question was answered.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import (
    corrected,
    form,
    free,
    keyword,
    lessons,
    moves,
    noted,
    several,
    taps,
    told,
    waiting,
    walk,
)
from bot.dialogue.acts import (
    Act,
    AnswerAspect,
    ContactGiven,
    Greet,
    HandOver,
    MediaReceived,
    Say,
    ShowTicks,
    Turn,
)
from bot.dialogue.heard import Heard, World
from bot.dialogue.state import Offer, State
from bot.messages import InboundKind
from bot.understanding.types import CONTENT_ASPECTS

_ANSWERS = (taps.hear, corrected.hear, waiting.hear)
_OTHERS = (keyword.hear, waiting.stray, free.hear)


def decide(state: State, heard: Heard, world: World) -> Turn:
    """Return the next state and what to do now; never nothing."""
    heard = told.hear(heard, world.today)
    turn = several.answered_too(state, _turn(state, heard, world))
    update: dict[str, object] = {"offer": _offer(turn, world)}
    if isinstance(turn.acts[-1], HandOver):
        update["form"] = None
    if turn.state.given_up is not None and not moves.not_heard(turn):
        update["given_up"] = None
    if not several.asks_back(turn):
        # An answer to "for which procedure?" comes at once.
        update |= {"asked_aspect": None, "asked_more": ()}
    answers = [act for act in turn.acts if isinstance(act, AnswerAspect)]
    if answers and answers[-1].aspect in CONTENT_ASPECTS:
        update["last"] = (answers[-1].procedure, answers[-1].aspect)
    remembered = noted.added(turn.state.noted, heard.entities, world.today)
    update["noted"] = remembered
    acts = told.for_its_case(several.spoken_once(turn.acts), heard, world, remembered)
    brief = heard.is_keyword
    turn = replace(turn, state=turn.state.model_copy(update=update), acts=acts, brief=brief)
    return lessons.draw(state, heard, turn, world)


def _turn(state: State, heard: Heard, world: World) -> Turn:
    if heard.kind is InboundKind.CONTACT:
        after = form.given(state, heard.text)
        return replace(after, acts=(ContactGiven(heard.text), *after.acts))
    if heard.kind is not InboundKind.MEDIA:
        for step in _ANSWERS:
            turn = step(state, heard, world)
            if turn is not None:
                return turn
    state = state.model_copy(update={"confirming": None})  # only an answer at once erases
    if heard.kind is InboundKind.MEDIA:
        return Turn(state, (MediaReceived(heard.media or "media"),))
    for step in _OTHERS:
        turn = step(state, heard, world)
        if turn is not None:
            return turn
    return moves.not_understood(state, world)


def _offer(turn: Turn, world: World) -> Offer | None:
    """What the last act asks with a plain question to which "có" is an answer."""
    last: Act = turn.acts[-1]
    if isinstance(last, Greet):
        return "resume" if last.resume else None
    if isinstance(last, Say):
        return "person" if last.phrase in {"out_of_scope", "out_of_scope_too"} else None
    if isinstance(last, ShowTicks):
        missing = set(walk.papers_of(turn.state, world)) - set(last.have)
        return None if missing else "remind"
    return None
