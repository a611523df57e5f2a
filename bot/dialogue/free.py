"""Free text, by its understanding."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue import mine, moves, several, walk
from bot.dialogue.acts import AnswerAspect, Clarify, HandOver, OpeningHours, Say, ShowMenu, Turn
from bot.dialogue.heard import Heard, World
from bot.dialogue.state import State
from bot.knowledge import checklist as checklists
from bot.knowledge.model import Checklist
from bot.understanding.arguments import dossier_code
from bot.understanding.types import CONTENT_ASPECTS, NONE, Label, Understanding

CASE_ASPECTS = frozenset({"ho_so", "cach_lam", "dieu_kien"})
"""Aspects for which a case told in the question itself is answered with its papers."""
MAX_OPTIONS = 3
SURE_FOLLOW_UP = 0.5
"""A follow-up names no procedure: below this it may not be a question at all."""
USUAL = ("khai_sinh", "chung_thuc", "tinh_trang_hon_nhan")
"""Asked about most often; offered when nothing tells which procedure is meant."""
_SHORT_NAME = 5
"""In so many words only the procedure is named: the aspect was asked before."""
PLAUSIBLE_FOLLOW_UP = 0.3
"""From here on it is asked which aspect of what was spoken of is meant."""
_AND_WHAT_OF = re.compile(
    r"^(a |da |roi |the |vay |rua |va )*(con|the|vay|rua)\b|\bthi (sao|the nao|ra sao|lam sao)\b"
)
"""A name after it asks what was asked before: "còn khai tử thì sao"."""


def is_clear(understood: Understanding | None) -> bool:
    """Whether it is known what to do with it: answer, small talk, or call a person."""
    if understood is None:
        return False
    return understood.decision in {"answer", "smalltalk"} or understood.aspect == "gap_can_bo"


def hear(state: State, heard: Heard, world: World) -> Turn | None:
    """Answer, ask back or hand over; then take up what waited."""
    if heard.understanding is None:
        return None
    turn = moves.resume(each(state, heard, heard.understanding, world), world)
    return replace(turn, question=not _answered(state, turn.state))


def each(state: State, heard: Heard, understood: Understanding, world: World) -> Turn:
    """Answer all that is asked, ask back or hand over."""
    if understood.second is None:
        return one(state, heard, understood, world)

    def hear_one(memory: State, question: Understanding) -> Turn:
        return one(memory, heard, question, world)

    return several.together(state, understood, hear_one, world)


def one(state: State, heard: Heard, understood: Understanding, world: World) -> Turn:
    """Answer one question, ask back or hand over."""
    understood = _with_topic(state, heard, understood)
    if understood.decision == "smalltalk" or understood.aspect == "gap_can_bo":
        return _smalltalk(state, understood)
    if understood.decision == "answer":
        return _answer(state, heard, understood, world)
    if understood.decision == "clarify":
        return _clarify(state, heard, understood, world)
    return _told(state, heard, world) or moves.not_understood(state, world)


def _answered(before: State, after: State) -> bool:
    """Whether the checklist that was open took the words as an answer."""
    walked = before.walk
    if walked is None or walked.paused:
        return False
    return after.walk is None or after.walk.answers != walked.answers


def is_follow_up(understood: Understanding) -> bool:
    """Whether it clearly asks an aspect and names no procedure ("còn lệ phí?")."""
    return (
        understood.procedure == NONE
        and understood.decision in {"answer", "clarify"}
        and understood.aspect in CONTENT_ASPECTS
        and understood.confidence >= SURE_FOLLOW_UP
    )


def _told(state: State, heard: Heard, world: World) -> Turn | None:
    """No question, but it tells something of the checklist that is being walked."""
    if walk.open_question(state, world) is None or state.walk is None:
        return None
    checklist = world.knowledge.procedures[state.walk.procedure].checklist
    return walk.tell(state, world, checklists.find_case(checklist, heard.key))


def _with_topic(state: State, heard: Heard, understood: Understanding) -> Understanding:
    """A follow-up takes from what was spoken of last what it does not say itself.

    "Còn lệ phí?" takes the procedure, "còn khai tử thì sao?" the aspect.
    """
    if understood.name_only and state.last and _AND_WHAT_OF.search(heard.key):
        return replace(named_only(understood), aspect=state.last[1])
    procedure = _named(understood) if understood.named else state.topic
    asked = unnamed_aspect(understood)
    if procedure is None or asked is None or understood.decision == "smalltalk":
        return understood
    if asked.confidence >= SURE_FOLLOW_UP:
        return asking(understood, procedure, asked)
    if understood.decision == "answer" or asked.confidence < PLAUSIBLE_FOLLOW_UP:
        return understood
    others = tuple(
        replace(label, procedure=procedure)
        for label in understood.bare[1:]
        if label.aspect in CONTENT_ASPECTS
    )
    return replace(asking(understood, procedure, asked), decision="clarify", alternatives=others)


def asking(understood: Understanding, procedure: str, asked: Label) -> Understanding:
    """``understood`` as the clear question of ``asked`` about ``procedure``."""
    return replace(
        understood,
        procedure=procedure,
        aspect=asked.aspect,
        confidence=asked.confidence,
        decision="answer",
    )


def named_only(understood: Understanding) -> Understanding:
    """``understood`` of a bare name: it is that procedure, whatever the model made of it."""
    (procedure,) = understood.named or (understood.procedure,)
    aspect = understood.aspect if understood.decision == "answer" else "cach_lam"
    return replace(understood, procedure=procedure, aspect=aspect, decision="answer")


def _named(understood: Understanding) -> str | None:
    """The one procedure that its words name although the model saw none."""
    named = understood.named or ()
    return named[0] if len(named) == 1 and named[0] != NONE else None


def unnamed_aspect(understood: Understanding) -> Label | None:
    """What is asked when the words name no procedure, or the model sees none."""
    if understood.bare:
        return understood.bare[0] if understood.bare[0].aspect in CONTENT_ASPECTS else None
    if not is_follow_up(understood) or NONE in (understood.named or ()):
        return None
    return Label(NONE, understood.aspect, understood.confidence)


def _smalltalk(state: State, understood: Understanding) -> Turn:
    state = state.model_copy(update={"misses": 0})
    if understood.aspect == "chao":
        return moves.greet(state)
    reason = _FOR_A_PERSON.get(understood.aspect)
    if reason is not None:
        return Turn(moves.paused(state), (HandOver(reason),))
    if understood.aspect == "gio_lam_viec":
        return Turn(state, (OpeningHours(),))
    phrase = "you_are_welcome" if understood.aspect == "cam_on" else "out_of_scope"
    return Turn(state, (Say(phrase),))


_FOR_A_PERSON = {
    "gap_can_bo": moves.WANTS_PERSON,
    "khieu_nai": "Người dân phản ánh, khiếu nại",
}


def _answer(state: State, heard: Heard, understood: Understanding, world: World) -> Turn:
    procedure, aspect = understood.procedure, understood.aspect
    waiting_aspect = state.asked_aspect
    state = state.model_copy(update={"misses": 0})
    if procedure not in world.knowledge.procedures:
        state = state.model_copy(update={"last": (procedure, aspect)})
        return _not_ours(state, procedure, world)
    state = state.model_copy(update={"topic": procedure, "asked_aspect": None})
    if aspect == "trang_thai":
        return _status(state, heard, world, procedure)
    short = aspect == "cach_lam" and len(heard.key.split()) <= _SHORT_NAME
    if waiting_aspect and (short or understood.name_only):
        aspect = waiting_aspect
    if aspect in CASE_ASPECTS:
        state = moves.turned_to(state, procedure)
        case = checklists.find_case(world.knowledge.procedures[procedure].checklist, heard.key)
        if _tells_case(world.knowledge.procedures[procedure].checklist, case, aspect):
            return _case(state, procedure, case, world, aspect)
    case = _case_of(state, procedure, aspect, heard, world)
    return Turn(state, (AnswerAspect(procedure, aspect, walk.pairs(case)),))


def _tells_case(checklist: Checklist, case: dict[str, str], aspect: str) -> bool:
    """Whether the question tells a case whose papers are the answer. "Làm thường trú thế nào"
    names the kind of matter only: that is asked how, not with which papers."""
    told = checklists.notable(checklist, case)
    return bool(told) if aspect == "ho_so" else any(checklists.special(checklist, told))


def _case_of(
    state: State, procedure: str, aspect: str, heard: Heard, world: World
) -> dict[str, str]:
    """What tells time, fee and place: the answers of the checklist that was walked, and what
    the question itself says; nothing where that makes no difference."""
    known = world.knowledge.procedures[procedure]
    walked = state.walk.answers if state.walk and state.walk.procedure == procedure else {}
    case = {**walked, **checklists.find_case(known.checklist, heard.key)}
    told = checklists.notable(known.checklist, case)
    own = checklists.variant_of(known, case).answers
    return told if aspect in own else {}


def _not_ours(state: State, procedure: str, world: World) -> Turn:
    """A procedure of the commune for which there is no content yet: the officer's."""
    name = world.knowledge.phrase(f"procedure_{procedure}")
    return Turn(state, (HandOver(f"Hỏi về việc trợ lý chưa được giao: {name}"),))


def _case(
    state: State, procedure: str, case: dict[str, str], world: World, aspect: str = "ho_so"
) -> Turn:
    """The question tells its own case: answer for that case, or hand it over."""
    known = world.knowledge.procedures[procedure]
    outcome = checklists.outcome(known, world.knowledge, case)
    rule = outcome.handover or checklists.officers_anyway(known, case)
    if rule is not None:
        return Turn(state, (walk.given_over(procedure, rule, outcome),))
    walked = state.walk is not None and state.walk.procedure == procedure
    told = walk.tell(state, world, case) if walked else None
    asked = aspect if aspect != "ho_so" else None
    return told or Turn(state, (AnswerAspect(procedure, "ho_so", walk.pairs(case), asked),))


def _clarify(state: State, heard: Heard, understood: Understanding, world: World) -> Turn:
    known = understood.procedure in world.knowledge.procedures
    if known and understood.aspect in CASE_ASPECTS:
        checklist = world.knowledge.procedures[understood.procedure].checklist
        case = checklists.find_case(checklist, heard.key)
        if checklists.notable(checklist, case):
            # What the case needs is the likeliest question, and never a wrong answer to it.
            update = {"misses": 0, "topic": understood.procedure, "asked_aspect": None}
            return _case(state.model_copy(update=update), understood.procedure, case, world)
    if known and state.asked_aspect is not None:
        update = {"misses": 0, "topic": understood.procedure, "asked_aspect": None}
        act = AnswerAspect(understood.procedure, state.asked_aspect)
        return Turn(state.model_copy(update=update), (act,))
    if state.misses + 1 >= moves.MAX_MISSES:
        if known:
            state = state.model_copy(update={"misses": 0, "topic": understood.procedure})
            return Turn(state, (ShowMenu(understood.procedure),))
        return moves.not_understood(state, world)
    if understood.procedure == NONE:
        return _which_procedure(state, heard, understood, world)
    pairs = [(understood.procedure, understood.aspect)]
    pairs += [(a.procedure, a.aspect) for a in understood.alternatives]
    options = answerable(pairs, world)
    if not options and not known:
        return _not_ours(state, understood.procedure, world)
    update = {"misses": state.misses + 1}
    if known:
        update["topic"] = understood.procedure
    state = state.model_copy(update=update)
    if len(options) < 2:
        # One choice is no question: offer all that can be asked about that procedure.
        return Turn(state, (ShowMenu(options[0][0] if options else understood.procedure),))
    return Turn(state, (Clarify(options),))


def answerable(pairs: list[tuple[str, str]], world: World) -> tuple[tuple[str, str], ...]:
    """What may be offered: at most three, each answerable, none twice."""
    answerable = [
        (procedure, aspect)
        for procedure, aspect in pairs
        if procedure in world.knowledge.procedures
        and aspect in CONTENT_ASPECTS
        and aspect != "trang_thai"
    ]
    return tuple(dict.fromkeys(answerable))[:MAX_OPTIONS]


def _status(state: State, heard: Heard, world: World, procedure: str | None = None) -> Turn:
    """How far a dossier is; the one whose code was named, if one was."""
    named = [entity.value for entity in heard.entities if entity.kind == "dossier"]
    code = dossier_code(str(named[0])) if named else None
    return mine.dossier(state, world, moves.status(procedure, code))


def _which_procedure(state: State, heard: Heard, understood: Understanding, world: World) -> Turn:
    """The aspect is clear, the procedure is not: "Lệ phí bao nhiêu?" with no topic."""
    aspect = understood.aspect
    if aspect not in CONTENT_ASPECTS or understood.confidence < SURE_FOLLOW_UP:
        return moves.not_understood(state, world)
    if aspect == "trang_thai":
        return _status(state, heard, world)
    likely = [a.procedure for a in understood.alternatives]
    options = answerable([(procedure, aspect) for procedure in (*likely, *USUAL)], world)
    if not options:
        return moves.not_understood(state, world)
    update = {"misses": state.misses + 1, "asked_aspect": aspect}
    return Turn(state.model_copy(update=update), (Clarify(options, which=True),))
