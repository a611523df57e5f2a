"""The keywords of the basic phone (KS, GIO, GAP, HUY ...), in any state."""

from __future__ import annotations

from bot.dialogue import mine, moves
from bot.dialogue.acts import (
    Act,
    AnswerAspect,
    AskErase,
    HandOver,
    OpeningHours,
    Say,
    ShowMenu,
    StopReminders,
    TellHeld,
    Turn,
)
from bot.dialogue.heard import Heard, World
from bot.dialogue.state import State
from bot.understanding.types import Understanding

_INFORMS: dict[str, Act] = {"help": Say("help"), "hours": OpeningHours(), "my_data": TellHeld()}
_MENUS: dict[str, Act] = {"others": ShowMenu(group="all")}
"""What shows choices: whatever waits is put aside."""
"""What only tells something: whatever waits is asked again after it."""


def hear(state: State, heard: Heard, world: World) -> Turn | None:
    """Obey the keyword; None when the message is none."""
    understood = heard.understanding
    if understood is None or understood.keyword is None:
        return None
    name = understood.keyword
    state = state.model_copy(update={"misses": 0, "confirming": None})
    own = mine.hear(state, heard, world)
    if own is not None:
        return own
    if name in _INFORMS:
        return moves.resume(Turn(state, (_INFORMS[name],)), world)
    if name in _MENUS:
        return Turn(moves.paused(state.model_copy(update={"form": None})), (_MENUS[name],))
    if name == "next":
        return moves.more(state)
    if name in _COMMANDS:
        fresh = moves.paused(state.model_copy(update={"form": None}))
        confirming = "erase" if name == "erase" else None
        return Turn(fresh.model_copy(update={"confirming": confirming}), (_COMMANDS[name],))
    if understood.procedure not in world.knowledge.procedures:
        return None
    return _procedure(state, understood, world)


_COMMANDS: dict[str, Act] = {
    "stop": StopReminders(),
    "erase": AskErase(),
    "person": HandOver(moves.WANTS_PERSON),
}


def _procedure(state: State, understood: Understanding, world: World) -> Turn:
    procedure, aspect = understood.procedure, understood.aspect
    waiting_aspect = state.asked_aspect
    state = state.model_copy(update={"topic": procedure, "asked_aspect": None})
    if aspect == "trang_thai":
        return mine.dossier(state, world, moves.status(procedure))
    if aspect == "gap_can_bo":
        return Turn(state, (HandOver(moves.WANTS_PERSON, procedure),))
    if aspect == "gio_lam_viec":
        return moves.resume(Turn(state, (OpeningHours(),)), world)
    if aspect != "cach_lam" or waiting_aspect is not None:
        # "Lệ phí bao nhiêu?" - "Bà con hỏi cho việc nào ạ?" - "khai tử".
        about = aspect if aspect != "cach_lam" else waiting_aspect or aspect
        return moves.resume(Turn(state, (AnswerAspect(procedure, about),)), world)
    # The bare name. An SMS is paid for: give the papers at once; elsewhere let them choose.
    state = moves.turned_to(state.model_copy(update={"form": None}), procedure)
    if world.channel == "sms":
        return moves.resume(Turn(state, (AnswerAspect(procedure, "ho_so"),)), world)
    return Turn(state, (ShowMenu(procedure),))
