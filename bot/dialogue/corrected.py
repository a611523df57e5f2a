"""The citizen corrects us: "không, ý tôi là khai tử", "tôi hỏi lệ phí mà", "nhầm rồi".

What was misunderstood is put aside, what they say is answered, the half that they do not say
(procedure or aspect) is that of the last question. Who only says that it was wrong is asked,
with at most three choices.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import form, free, moves, walk, words
from bot.dialogue.acts import Clarify, HandOver, Turn
from bot.dialogue.heard import Heard, World
from bot.dialogue.state import State
from bot.knowledge import checklist as checklists
from bot.text import key
from bot.understanding.types import CONTENT_ASPECTS, NONE, Understanding

OFFERED_ASPECTS = ("ho_so", "le_phi", "thoi_gian", "noi_nop")
OFFERED = 2
"""Beside them "something else" is the third choice."""
_WRONG_TWICE = "Người dân nói trợ lý hiểu chưa đúng ý"


def hear(state: State, heard: Heard, world: World) -> Turn | None:
    """Obey the correction; None when the message is none, or an answer that waits."""
    understood = heard.understanding
    if understood is None or understood.correction is None or understood.keyword is not None:
        return None
    if _is_small(state, heard, world) or _answers(state, heard, understood, world):
        return None
    corrected = _in_checklist(state, heard, understood, world)
    if corrected is not None:
        return corrected
    meant = understood.correction.rest
    if meant and _is_talk(understood):
        return None
    state = _put_aside(state)
    if meant and _is_meaning(understood):
        turn = _meant(state, heard, understood, world)
    else:
        turn = _misheard(state, understood, world)
    return replace(turn, question=True)


def _is_small(state: State, heard: Heard, world: World) -> bool:
    """A bare "không phải" answers what waits, before it says that we were wrong."""
    waits = state.offer or state.form or state.confirming or walk.open_question(state, world)
    return waits is not None and words.small(heard.text, heard.key) is not None


def _is_talk(understood: Understanding) -> bool:
    return understood.decision == "smalltalk" or understood.aspect == "gap_can_bo"


def _is_meaning(understood: Understanding) -> bool:
    """Whether anything is to be made of what they say they meant."""
    return understood.decision != "handover" or understood.name_only or bool(understood.second)


# --- what waits ---------------------------------------------------------------------------


def _answers(state: State, heard: Heard, understood: Understanding, world: World) -> bool:
    """Whether it answers what waits: "không, bà ngoại đi khai", "nhầm, ngày 5/8"."""
    if state.form is not None:
        return form.hear(state, world, heard) is not None
    question = walk.open_question(state, world)
    if question is None or state.walk is None:
        return False
    if understood.name_only and understood.procedure != state.walk.procedure:
        return False
    return walk.match_option(question, heard.text, heard.key) is not None


def _in_checklist(
    state: State, heard: Heard, understood: Understanding, world: World
) -> Turn | None:
    """While a checklist waits: an earlier answer was wrong ("nhầm, chưa có giấy chứng sinh")."""
    walked = state.walk
    correction = understood.correction
    if walked is None or correction is None or walk.open_question(state, world) is None:
        return None
    if not correction.rest:
        denied = correction.denied
        return walk.back(state, world) if walked.asked and not denied else None
    checklist = world.knowledge.procedures[walked.procedure].checklist
    told = checklists.find_case(checklist, heard.key)
    changed = [q for q in walked.asked if q in told and told[q] != walked.answers.get(q)]
    if not changed:
        return None
    return walk.answer(state, world, walked.procedure, changed[0], told[changed[0]], told)


def _put_aside(state: State) -> State:
    """``state`` without the form and the checklist that were begun for what was not meant."""
    update: dict[str, object] = {"form": None, "confirming": None}
    if state.walk is not None and not state.walk.done and not state.walk.asked:
        update["walk"] = None
    return moves.paused(state.model_copy(update=update))


# --- what is meant ------------------------------------------------------------------------


def _meant(state: State, heard: Heard, understood: Understanding, world: World) -> Turn:
    correction = understood.correction
    assert correction is not None
    # What was denied tells nothing of the citizen's case.
    heard = replace(heard, key=key(correction.rest))
    if understood.second is not None:
        return free.each(state, heard, understood, world)
    understood = _completed(state, understood)
    pair = (understood.procedure, understood.aspect)
    if understood.decision == "answer" and pair == state.last:
        return _misheard(state, understood, world)  # the same answer again is no help
    return free.one(state, heard, understood, world)


def _completed(state: State, understood: Understanding) -> Understanding:
    """``understood`` with the half that it does not say taken from the last question."""
    before = state.last
    if understood.name_only:
        last = before[1] if before else free.named_only(understood).aspect
        return replace(free.named_only(understood), aspect=state.asked_aspect or last)
    asked = free.unnamed_aspect(understood)
    procedure = before[0] if before else state.topic
    if asked is None or procedure is None or asked.confidence < free.SURE_FOLLOW_UP:
        return understood
    return replace(free.asking(understood, procedure, asked), bare=())


# --- nothing but that it was wrong --------------------------------------------------------


def _misheard(state: State, understood: Understanding, world: World) -> Turn:
    """Ask what was meant; the second time an officer helps."""
    options = _options(state, understood, world)
    if not options:
        return moves.not_understood(state, world)
    misses = state.misses + 1
    if misses >= moves.MAX_MISSES:
        state = state.model_copy(update={"misses": 0})
        return Turn(state, (HandOver(_WRONG_TWICE),))
    update = {"misses": misses, "asked_aspect": None, "asked_more": ()}
    return Turn(state.model_copy(update=update), (Clarify(options, misheard=True),))


def _options(state: State, understood: Understanding, world: World) -> tuple[tuple[str, str], ...]:
    """Likely questions other than the last: another aspect, or, denied, another procedure."""
    denied = understood.correction.denied if understood.correction else ()
    procedure, aspect = state.last or (state.topic, "")
    if procedure in denied or (denied and procedure is None):
        asked = aspect if aspect in CONTENT_ASPECTS else "ho_so"
        pairs = [(other, asked) for other in free.USUAL if other not in denied]
    elif procedure is None or procedure == NONE:
        return ()
    else:
        pairs = [(procedure, other) for other in OFFERED_ASPECTS if other != aspect]
    return free.answerable(pairs, world)[:OFFERED]
