"""Moves that several steps of the policy share: greet, leave, ask again, take up again."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.dialogue import form, walk
from bot.dialogue.acts import (
    Act,
    AnswerAspect,
    AskQuestion,
    Greet,
    HandOver,
    ListReminders,
    NextPage,
    OpeningHours,
    Quiet,
    RemindDossier,
    Say,
    ScheduleReminders,
    ShowMenu,
    ShowTicks,
    StopOne,
    Subscribe,
    TellDossier,
    TellHeld,
    Turn,
)
from bot.dialogue.heard import World
from bot.dialogue.state import State

MAX_MISSES: Final = 2
"""Not understood so often in a row: an officer takes over."""
WANTS_PERSON: Final = "Người dân muốn gặp cán bộ"
NOT_UNDERSTOOD: Final = "Trợ lý hai lần chưa hiểu câu hỏi"
ASKS_STATUS: Final = "Hỏi hồ sơ đã nộp đến đâu"
STATUS_FACT: Final = "status_lookup"
"""The shared fact that says how to look a dossier up oneself."""
SILENT: Final = timedelta(hours=1)
"""By SMS so long nothing is said to what is not understood, after an officer was called for it:
it may be a machine that answers ours, and an SMS costs."""


def greet(state: State, procedure: str | None = None) -> Turn:
    """Greet; a checklist that was left is offered again, and waits for a yes."""
    unfinished = state.walk.procedure if state.walk and not state.walk.done else None
    state = state.model_copy(
        update={"greeted": True, "misses": 0, "topic": procedure or state.topic}
    )
    return Turn(paused(state), (Greet(procedure, unfinished),))


def status(procedure: str | None = None, code: str | None = None) -> TellDossier:
    """How far a dossier is; where nothing can be told, the officer looks."""
    return TellDossier(code, procedure, in_words=True)


def paused(state: State) -> State:
    """``state`` with its unfinished checklist put aside."""
    if state.walk is None or state.walk.done:
        return state
    return state.model_copy(update={"walk": state.walk.model_copy(update={"paused": True})})


def leave(state: State) -> Turn:
    """Stop here; what was answered is kept for another day."""
    left = state.walk is not None and not state.walk.done
    return Turn(paused(state), (Say("walk_left" if left else "ack"),))


def take_up(state: State, world: World) -> Turn | None:
    """Go on with the checklist that was left; None when there is none."""
    if state.walk is None or state.walk.procedure not in world.knowledge.procedures:
        return None
    return walk.proceed(state, world, resumed=True)


def stale(state: State, world: World) -> Turn:
    """A button of a question that is over."""
    lead = Say("stale_button")
    return Turn(state, (lead, *(where_we_are(state, world) or (ShowMenu(state.topic),))))


def more(state: State) -> Turn:
    """TIEP: the next page of a long SMS."""
    if not state.pages:
        return Turn(state, (Say("no_more_pages"),))
    return Turn(state.model_copy(update={"pages": ()}), (NextPage(state.pages),))


def asked(state: State, world: World, procedure: str, aspect: str) -> Turn | None:
    """A button asks about a procedure; without an aspect, show what there is to ask."""
    if procedure not in world.knowledge.procedures:
        return None
    aspect = aspect or state.asked_aspect or ""
    state = state.model_copy(update={"topic": procedure, "misses": 0, "asked_aspect": None})
    if aspect:
        return Turn(state, (AnswerAspect(procedure, aspect),))
    if not state.greeted:
        return greet(state, procedure)
    return Turn(turned_to(state, procedure), (ShowMenu(procedure),))


def turned_to(state: State, procedure: str) -> State:
    """Another procedure is wanted now: the checklist of the last one waits."""
    other = state.walk is not None and state.walk.procedure != procedure
    return paused(state) if other else state


def not_understood(state: State, world: World) -> Turn:
    """Say so once, with what we were about; the second time an officer helps."""
    if _is_silent(state, world):
        return Turn(state, (Quiet(),))
    misses = state.misses + 1
    if misses >= MAX_MISSES:
        state = state.model_copy(update={"misses": 0, "given_up": world.now})
        return Turn(state, (HandOver(NOT_UNDERSTOOD),))
    state = state.model_copy(update={"misses": misses})
    again = where_we_are(state, world)
    if again:
        return Turn(state, (Say("not_understood_here"), *again))
    return Turn(state, (Say("not_understood"), ShowMenu()))


def _is_silent(state: State, world: World) -> bool:
    since = state.given_up
    recent = since is not None and world.now is not None and world.now - since < SILENT
    return recent and world.channel == "sms"


def not_heard(turn: Turn) -> bool:
    """Whether the turn says that we did not understand."""
    return any(act in (Quiet(), HandOver(NOT_UNDERSTOOD)) for act in turn.acts)


def where_we_are(state: State, world: World) -> tuple[Act, ...]:
    """What waits for an answer now, to be shown again."""
    if state.form is not None:
        return form.question(state)
    open_question = asks(state, world)
    if open_question:
        return open_question
    if state.walk is not None and state.walk.done and state.walk.have:
        return (ShowTicks(state.walk.procedure, walk.pairs(state.walk.answers), state.walk.have),)
    return ()


def asks(state: State, world: World, *, resumed: bool = False) -> tuple[Act, ...]:
    """The open question of the checklist, as an act."""
    question = walk.open_question(state, world)
    if question is None or state.walk is None:
        return ()
    back = bool(state.walk.asked)
    return (AskQuestion(state.walk.procedure, question.id, resumed=resumed, can_go_back=back),)


_INTERRUPTS = (
    AnswerAspect,
    OpeningHours,
    Say,
    TellHeld,
    TellDossier,
    ListReminders,
    RemindDossier,
    StopOne,
    Subscribe,
)
_ENDS_FORM = (ScheduleReminders, Say)


def resume(turn: Turn, world: World) -> Turn:
    """After another question in the middle, what waited is asked again."""
    if turn.state.misses or not turn.acts or not isinstance(turn.acts[-1], _INTERRUPTS):
        return turn
    if turn.state.form is not None:
        return Turn(turn.state, (*turn.acts, *form.question(turn.state)))
    return Turn(turn.state, (*turn.acts, *asks(turn.state, world, resumed=True)))


def after_form(turn: Turn, world: World) -> Turn:
    """A reminder that was agreed or declined in the middle of a checklist: go on."""
    if turn.state.form is not None or not isinstance(turn.acts[-1], _ENDS_FORM):
        return turn
    return Turn(turn.state, (*turn.acts, *asks(turn.state, world, resumed=True)))
