"""Decides what to do with one message. Order matters and is the same on every channel:

1. what the channel says (opened, picture); 2. buttons and numbers; 3. an offer, a form or a
checklist question that waits for just this; 4. keywords; 5. numbers and bare answers that
answer nothing; 6. free text by its understanding.
A checklist or form that waits is taken up again after another question was answered.
"""

from __future__ import annotations

from bot.dialogue import free, keyword, moves, taps, waiting, walk
from bot.dialogue.acts import Act, Clarify, Greet, HandOver, MediaReceived, Say, ShowTicks, Turn
from bot.dialogue.heard import Heard, World
from bot.dialogue.state import Offer, State
from bot.messages import InboundKind

_ANSWERS = (taps.hear, waiting.hear)
_OTHERS = (keyword.hear, waiting.stray, free.hear)


def decide(state: State, heard: Heard, world: World) -> Turn:
    """Return the next state and what to do now; never nothing."""
    turn = _turn(state, heard, world)
    update: dict[str, object] = {"offer": _offer(turn, world)}
    if isinstance(turn.acts[-1], HandOver):
        update["form"] = None
    if not any(isinstance(act, Clarify) for act in turn.acts):
        update["asked_aspect"] = None  # an answer to "for which procedure?" comes at once
    return Turn(turn.state.model_copy(update=update), turn.acts)


def _turn(state: State, heard: Heard, world: World) -> Turn:
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
        return "person" if last.phrase == "out_of_scope" else None
    if isinstance(last, ShowTicks):
        missing = set(walk.papers_of(turn.state, world)) - set(last.have)
        return None if missing else "remind"
    return None
