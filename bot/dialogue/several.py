"""Several questions in one message: each is answered, in one turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.dialogue import moves
from bot.dialogue.acts import (
    Act,
    AnswerAspect,
    Clarify,
    HandOver,
    OpeningHours,
    Say,
    TellDossier,
    Turn,
)
from bot.dialogue.heard import World
from bot.dialogue.state import State
from bot.understanding.types import CONTENT_ASPECTS, NONE, Decision, Label, Understanding

Hear = Callable[[State, Understanding], Turn]
"""Hears one question."""

_TELLS = (AnswerAspect, OpeningHours, Say)
_OF_A_PROCEDURE = frozenset(CONTENT_ASPECTS) - {"trang_thai"}
"""Aspects that can only be answered for a procedure; a status is the officer's anyway."""


def together(state: State, understood: Understanding, hear: Hear, world: World) -> Turn:
    """Answer all questions of ``understood``: what is sure first, then what is asked back.

    Where none of them names its procedure, that is asked once for all.
    """
    labels = [_about(label, state.topic) for label in understood.questions]
    unnamed = [q for q in labels if q.procedure == NONE and q.aspect in _OF_A_PROCEDURE]
    acts: list[Act] = []
    for label in labels:
        if label in unnamed[1:]:
            continue
        turn = hear(state, _alone(understood, label))
        state = turn.state
        acts += turn.acts
    if unnamed and state.asked_aspect == unnamed[0].aspect:
        more = tuple(label.aspect for label in unnamed[1:])
        state = state.model_copy(update={"asked_more": more})
    return Turn(state, in_order(acts, world))


def _about(label: Label, topic: str | None) -> Label:
    unnamed = label.procedure == NONE and label.aspect in CONTENT_ASPECTS
    return replace(label, procedure=topic) if unnamed and topic is not None else label


def _alone(understood: Understanding, label: Label) -> Understanding:
    """One question of the message as if it had been the only one."""
    decision: Decision = "answer" if label.procedure != NONE else "clarify"
    if label.aspect not in CONTENT_ASPECTS:
        decision = "handover" if label.aspect == "gap_can_bo" else "smalltalk"
    return Understanding(understood.text, label.procedure, label.aspect, label.confidence, decision)


def in_order(acts: Sequence[Act], world: World) -> tuple[Act, ...]:
    """Answers first, then what asks, the officer last and once; nothing is said twice."""
    tells: list[Act] = []
    for act in acts:
        if isinstance(act, _TELLS) and not any(_same(act, told, world) for told in tells):
            tells.append(act)
    tells.sort(key=lambda act: isinstance(act, Say))  # what we cannot answer comes after
    asks = [act for act in acts if not isinstance(act, (*_TELLS, HandOver, TellDossier))]
    hands = [act for act in acts if isinstance(act, HandOver)]
    states = [act for act in acts if isinstance(act, TellDossier)]
    if hands:
        hands += [HandOver(moves.ASKS_STATUS, act.procedure, moves.STATUS_FACT) for act in states]
        states = []
    if len(tells) > 1 and tells[-1] == Say("out_of_scope"):
        tells[-1] = Say("out_of_scope_too")
    return (*tells, *asks[:1], *states[:1], *_one_hand_over(hands))


def _one_hand_over(hands: Sequence[HandOver]) -> tuple[HandOver, ...]:
    if not hands:
        return ()
    reasons = dict.fromkeys(hand.reason for hand in hands)
    told = next((hand for hand in hands if hand.fact is not None), hands[0])
    return (replace(told, reason="; ".join(reasons)),)


def _same(one: Act, other: Act, world: World) -> bool:
    """Whether both say the same words."""
    if not isinstance(one, AnswerAspect) or not isinstance(other, AnswerAspect):
        return one == other
    if one == other or one.procedure != other.procedure:
        return one == other
    answers = world.knowledge.procedures[one.procedure].answers
    texts = [answers.get(act.aspect) for act in (one, other)]  # type: ignore[call-overload]
    return texts[0] is not None and texts[0] == texts[1]


def spoken_once(acts: Sequence[Act]) -> tuple[Act, ...]:
    """``acts`` with what each answer leaves to the others about the same procedure."""
    answers = [act for act in acts if isinstance(act, AnswerAspect)]
    if len(answers) < 2:
        return tuple(acts)
    spoken: list[Act] = []
    for act in acts:
        if isinstance(act, AnswerAspect):
            at = next(n for n, answer in enumerate(answers) if answer is act)
            before = [a.aspect for a in answers[:at] if a.procedure == act.procedure]
            more = any(a.procedure == act.procedure for a in answers[at + 1 :])
            act = replace(act, before=tuple(before), more=more)
        spoken.append(act)
    return tuple(spoken)


def answered_too(memory: State, turn: Turn) -> Turn:
    """ "Cần gì, mất bao nhiêu?" - "Cho việc nào ạ?" - "khai tử": both are answered."""
    about = next(
        (a for a in turn.acts if isinstance(a, AnswerAspect) and a.aspect == memory.asked_aspect),
        None,
    )
    if about is None or not memory.asked_more:
        return turn
    at = turn.acts.index(about) + 1
    more = tuple(AnswerAspect(about.procedure, aspect) for aspect in memory.asked_more)
    return replace(turn, acts=(*turn.acts[:at], *more, *turn.acts[at:]))


def asks_back(turn: Turn) -> bool:
    """Whether something was asked back with choices."""
    return any(isinstance(act, Clarify) for act in turn.acts)
