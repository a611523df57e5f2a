"""What a tapped button, or the number of a choice, does."""

from __future__ import annotations

from bot.dialogue import form, mine, moves, payloads, walk
from bot.dialogue.acts import AskErase, Erase, HandOver, Say, ShowMenu, StopReminders, Turn
from bot.dialogue.heard import Heard, World
from bot.dialogue.payloads import Tap
from bot.dialogue.state import State
from bot.messages import InboundKind


def hear(state: State, heard: Heard, world: World) -> Turn | None:
    """Do what was tapped; None when nothing was."""
    if heard.kind is InboundKind.START and not heard.taps:
        return moves.greet(state)
    if not heard.taps:
        return None
    state = state.model_copy(update={"misses": 0})
    if state.form is not None:
        turn = form.hear(state, world, heard)
        if turn is not None:
            return moves.after_form(turn, world)
        state = state.model_copy(update={"form": None})
    confirming, state = state.confirming, state.model_copy(update={"confirming": None})
    if confirming == "erase" and heard.taps[0].verb == payloads.ERASE_YES:
        return erase()
    if confirming and heard.taps[0].verb == payloads.REFUSE:
        return Turn(state, (Say("erase_declined" if confirming == "erase" else "ack"),))
    if all(t.verb == payloads.TICK for t in heard.taps):
        if state.walk is not None and state.walk.done:
            return walk.tick(state, world, tuple(t.arg(0) for t in heard.taps))
        return moves.stale(state, world)
    return _tap(state, heard.taps[0], world) or moves.stale(state, world)


def erase() -> Turn:
    """Erase, and remember nothing ourselves."""
    return Turn(State(greeted=True), (Erase(),))


def stop(state: State) -> Turn:
    """Stop everything that is sent unasked; whatever waits is put aside."""
    return Turn(moves.paused(state.model_copy(update={"form": None})), (StopReminders(),))


def _tap(state: State, tap: Tap, world: World) -> Turn | None:
    if tap.verb == payloads.PERSON:
        return Turn(moves.paused(state), (HandOver(moves.WANTS_PERSON),))
    if tap.verb == payloads.MENU:
        return Turn(moves.paused(state), (ShowMenu(group=tap.arg(0) or None),))
    if tap.verb == payloads.HELLO:
        return moves.greet(state)
    if tap.verb == payloads.ASK:
        turn = moves.asked(state, world, tap.arg(0), tap.arg(1))
        return turn and moves.resume(turn, world)
    if tap.verb == payloads.REMIND:
        begun = form.begin(state, world, tap.arg(0)) if tap.arg(0) else form.offer(state, world)
        return begun
    if tap.verb == payloads.REFUSE:
        return moves.resume(Turn(state, (Say("reminder_declined"),)), world)
    if tap.verb == payloads.MORE:
        return moves.more(state)
    if tap.verb == payloads.PROVE:
        return mine.ask_proof(state, world)
    if tap.verb == payloads.STOP:
        return stop(state)
    if tap.verb == payloads.STOP_ONE and tap.arg(0).isdecimal():
        return Turn(state, (mine.stop_one(state, tap.arg(0)),))
    if tap.verb == payloads.ERASE:
        return Turn(state.model_copy(update={"confirming": "erase"}), (AskErase(),))
    return _tap_in_walk(state, tap, world)


def _tap_in_walk(state: State, tap: Tap, world: World) -> Turn | None:
    if tap.verb == payloads.WALK and tap.arg(0) in world.knowledge.procedures:
        known = _known_case(tap.arg(0), tap.args[1:], world)
        return walk.start(state, world, tap.arg(0), known)
    if tap.verb == payloads.REPLY:
        return walk.answer(state, world, tap.arg(0), tap.arg(1), tap.arg(2))
    if state.walk is None:
        return None
    if tap.verb == payloads.BACK:
        return walk.back(state, world)
    if tap.verb == payloads.RESUME:
        return moves.take_up(state, world)
    if tap.verb == payloads.LEAVE:
        return moves.leave(state)
    if tap.verb == payloads.TICK_ALL and state.walk.done:
        return walk.tick(state, world, None)
    return None


def _known_case(procedure: str, told: tuple[str, ...], world: World) -> dict[str, str]:
    """Answers carried by the button ("question-option"), as far as they exist."""
    checklist = world.knowledge.procedures[procedure].checklist
    known: dict[str, str] = {}
    for pair in told:
        question_id, _, option_id = pair.partition("-")
        question = checklist.question(question_id)
        if question is not None and question.option(option_id) is not None:
            known[question_id] = option_id
    return known
