"""What a turn teaches: questions that were not understood, and what they turn out to have meant.

They are kept for an officer, who says what they meant; then the model learns from them.
Kept is what the understanding was unsure of, and what the citizen says we took wrongly.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import free, walk
from bot.dialogue.acts import AnswerAspect, HandOver, Say, ShowMenu, Turn
from bot.dialogue.heard import Heard, World
from bot.dialogue.outcome import KeepQuestion, Lesson, SuggestLabel, Why
from bot.dialogue.state import Asked, State
from bot.masking import has_words
from bot.messages import InboundKind
from bot.understanding.types import CONTENT_ASPECTS, NONE, Understanding

SURE_WISH = 0.5
"""From here on it is clear that somebody wants a person, or complains."""
_WISHES = frozenset({"gap_can_bo", "khieu_nai"})
_Label = tuple[str, str]


def draw(memory: State, heard: Heard, turn: Turn, world: World) -> Turn:
    """``turn`` with its lessons, and with the question remembered that the next may explain."""
    lessons = _of_the_last(memory.asked, heard, turn)
    asked = _asked(memory, heard, turn, world)
    if asked is not None and asked.kept:
        why = _why(turn)
        lessons += (_keep(asked, why),)
        if why == "handed_over":
            asked = None  # what comes next is said to the officer
    elif asked is None and memory.asked is not None and _still_choosing(heard, turn):
        asked = memory.asked if memory.asked.kept else None
    return replace(turn, state=turn.state.model_copy(update={"asked": asked}), lessons=lessons)


# --- this message -------------------------------------------------------------------------


def _asked(memory: State, heard: Heard, turn: Turn, world: World) -> Asked | None:
    """What is remembered of this message, when it was a question about a procedure."""
    understood = heard.understanding
    if not turn.question or understood is None or understood.keyword is not None:
        return None
    if understood.decision == "smalltalk" or free.is_follow_up(understood):
        return None
    unclear = _unclear(memory, heard, understood, world)
    if not unclear and understood.decision != "answer":
        return None
    return Asked(
        message=heard.message,
        procedure=understood.procedure,
        aspect=understood.aspect,
        confidence=understood.confidence,
        decision=understood.decision,
        kept=unclear,
    )


def _unclear(memory: State, heard: Heard, understood: Understanding, world: World) -> bool:
    if understood.decision not in {"clarify", "handover"} or not has_words(heard.text):
        return False
    if understood.aspect in _WISHES and understood.confidence >= SURE_WISH:
        return False
    # While a checklist waits, what means nothing else is most likely an answer to it.
    waits = walk.open_question(memory, world) is not None
    return not (waits and understood.decision == "handover")


def _why(turn: Turn) -> Why:
    if isinstance(turn.acts[-1], HandOver):
        return "handed_over"
    said = {act.phrase for act in turn.acts if isinstance(act, Say)}
    missed = not said.isdisjoint({"not_understood", "not_understood_here"})
    return "not_understood" if missed else "asked_back"


def _keep(asked: Asked, why: Why) -> KeepQuestion:
    return KeepQuestion(
        asked.message, asked.procedure, asked.aspect, asked.confidence, asked.decision, why
    )


# --- what it tells of the last one --------------------------------------------------------


def _of_the_last(asked: Asked | None, heard: Heard, turn: Turn) -> tuple[Lesson, ...]:
    if asked is None:
        return ()
    meant = _meant(heard, turn)
    suggestion = () if meant is None else (SuggestLabel(asked.message, *meant),)
    if asked.kept:
        return suggestion
    if meant == (asked.procedure, asked.aspect) or not _corrected(asked, heard, turn, meant):
        return ()
    return (_keep(asked, "corrected"), *suggestion)


def _meant(heard: Heard, turn: Turn) -> _Label | None:
    """The question that was chosen by a tap or a keyword, or asked clearly in other words."""
    answers = [act for act in turn.acts if isinstance(act, AnswerAspect)]
    answered = (answers[0].procedure, answers[0].aspect) if answers else None
    if answered is not None and answered[1] not in CONTENT_ASPECTS:
        return None  # a payload typed by hand
    understood = heard.understanding
    if heard.taps or understood is None or understood.keyword is not None:
        return answered
    if not turn.question:
        return None
    if understood.decision == "answer" and understood.procedure != NONE:
        return understood.procedure, understood.aspect
    return answered if free.is_follow_up(understood) else None


def _corrected(asked: Asked, heard: Heard, turn: Turn, meant: _Label | None) -> bool:
    """Whether an answer that we were sure of was the wrong one."""
    if heard.taps:
        return meant is not None and meant[0] != asked.procedure
    understood = heard.understanding
    return turn.question and understood is not None and understood.correction is not None


def _still_choosing(heard: Heard, turn: Turn) -> bool:
    """A menu was opened on the way to a choice."""
    return heard.kind is InboundKind.TEXT and isinstance(turn.acts[-1], ShowMenu)
