"""Walking a checklist: ask, go back, leave, resume, tick off."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.dialogue import words
from bot.dialogue.acts import Act, AskQuestion, HandOver, ShowResult, ShowTicks, Turn
from bot.dialogue.heard import World
from bot.dialogue.state import State, Walk
from bot.knowledge import checklist as checklists
from bot.knowledge.checklist import Outcome
from bot.knowledge.cues import find_option
from bot.knowledge.model import Checklist, HandOverRule, Option, Procedure, Question
from bot.knowledge.times import TextKey, moments_of
from bot.text import key

_YES = ("co", "da", "roi", "dung", "duoc", "du", "con")
_NO = ("khong", "chua")
_UNSURE = ("chua ro", "khong ro", "chua biet")
_POLAR = re.compile(r"\b(khong|chua)( a)?$")
"""How a yes-or-no question ends."""


_JOINED = re.compile(r"[,;:]| hoặc ")
_SPELT = {"ki": "ky", "li": "ly"}
"""Words that are spelt in two ways: đăng kí, li hôn."""
LONGEST_ANSWER = 120
_ENOUGH_WORDS = 3
"""Fewer words are not compared with labels: too many would be alike."""


def pairs(answers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Answers as acts carry them."""
    return tuple(answers.items())


def start(state: State, world: World, procedure: str, known: dict[str, str]) -> Turn:
    """Begin the checklist of ``procedure``, with what the citizen has told already.

    Only answers out of the ordinary are taken from their words: "khai sinh cho con" does
    not tell that neither parent is a foreigner, so that is still asked. How long ago the
    birth was is told on purpose.
    """
    known = checklists.worth_taking(world.knowledge.procedures[procedure].checklist, known)
    walk = Walk(procedure=procedure, answers=known)
    state = state.model_copy(update={"walk": walk, "form": None, "topic": procedure, "misses": 0})
    return proceed(state, world, known=pairs(known))


def proceed(
    state: State,
    world: World,
    *,
    known: tuple[tuple[str, str], ...] = (),
    resumed: bool = False,
) -> Turn:
    """Ask the next question, or show the papers when all is known."""
    assert state.walk is not None
    walk = state.walk.model_copy(update={"paused": False})
    state = state.model_copy(update={"walk": walk, "topic": walk.procedure})
    procedure = world.knowledge.procedures[walk.procedure]
    outcome = checklists.outcome(procedure, world.knowledge, walk.answers)
    if outcome.handover is not None:
        state = state.model_copy(update={"walk": None})
        return Turn(state, (given_over(walk.procedure, outcome.handover, outcome),))
    question = checklists.next_question(procedure.checklist, walk.answers)
    if question is not None:
        act: Act = AskQuestion(
            walk.procedure, question.id, known, resumed, can_go_back=bool(walk.asked)
        )
        return Turn(state, (act,))
    state = state.model_copy(update={"walk": walk.model_copy(update={"done": True})})
    return Turn(state, (ShowResult(walk.procedure, pairs(walk.answers), walk.have),))


def given_over(procedure: str, rule: HandOverRule, outcome: Outcome) -> HandOver:
    """The officer's case, with what may be told of it meanwhile."""
    certain = tuple(used.use.paper for used in outcome.papers if used.certain)
    prepare = certain if rule.prepare else ()
    return HandOver(rule.reason, procedure, rule.fact, prepare)


def answer(
    state: State,
    world: World,
    procedure: str,
    question_id: str,
    option_id: str,
    told: Mapping[str, str] | None = None,
) -> Turn | None:
    """Take an answer; None when the question is not of this walk (an old button).

    ``told`` are answers to later questions, given in the same words.
    """
    walk = state.walk
    if walk is None or walk.procedure != procedure:
        return None
    checklist = world.knowledge.procedures[walk.procedure].checklist
    question = checklist.question(question_id)
    if question is None or question.option(option_id) is None:
        return None
    earlier = _before(walk, question_id)
    # An earlier question answered anew makes the later answers void.
    kept = {**_kept(walk, earlier), question_id: option_id}
    more = _new(checklist, told or {}, kept)
    changed = walk.model_copy(
        update={"answers": {**kept, **more}, "asked": (*earlier, question_id), "done": False}
    )
    state = state.model_copy(update={"walk": changed, "misses": 0})
    return proceed(state, world, known=pairs(more))


def tell(state: State, world: World, told: Mapping[str, str]) -> Turn | None:
    """Note what was told of questions that are still open; None when that is nothing new."""
    walk = state.walk
    if walk is None or open_question(state, world) is None:
        return None
    checklist = world.knowledge.procedures[walk.procedure].checklist
    new = _new(checklist, told, walk.answers)
    if not new:
        return None
    walk = walk.model_copy(update={"answers": {**walk.answers, **new}})
    state = state.model_copy(update={"walk": walk, "misses": 0})
    return proceed(state, world, known=pairs(new))


def _new(
    checklist: Checklist, told: Mapping[str, str], answers: Mapping[str, str]
) -> dict[str, str]:
    """What is worth taking of what was told (see :func:`start`) and is no answer yet."""
    taken = checklists.worth_taking(checklist, told)
    return {question: o for question, o in taken.items() if question not in answers}


def _before(walk: Walk, question_id: str) -> tuple[str, ...]:
    if question_id in walk.asked:
        return walk.asked[: walk.asked.index(question_id)]
    return walk.asked


def _kept(walk: Walk, earlier: tuple[str, ...]) -> dict[str, str]:
    by_hand = set(walk.asked)
    return {q: o for q, o in walk.answers.items() if q not in by_hand or q in earlier}


def back(state: State, world: World) -> Turn:
    """Undo the last answer and ask it again; with nothing to undo, ask the same again."""
    walk = state.walk
    assert walk is not None
    if walk.asked:
        answers = {q: o for q, o in walk.answers.items() if q != walk.asked[-1]}
        walk = walk.model_copy(update={"answers": answers, "asked": walk.asked[:-1], "done": False})
    elif walk.done:
        # Everything came from the citizen's own words: ask all of it.
        walk = walk.model_copy(update={"answers": {}, "done": False})
    return proceed(state.model_copy(update={"walk": walk}), world)


def open_question(state: State, world: World) -> Question | None:
    """The question that the walk waits on, if any."""
    walk = state.walk
    if walk is None or walk.done or walk.paused:
        return None
    if walk.procedure not in world.knowledge.procedures:
        return None
    checklist = world.knowledge.procedures[walk.procedure].checklist
    return checklists.next_question(checklist, walk.answers)


def match_option(question: Question, text: str, text_key: str) -> Option | None:
    """The option that free text names: its label, its cue, or a plain yes or no."""
    moments = moments_of(text_key)
    text_key = " ".join(_SPELT.get(word, word) for word in text_key.split())
    said = [text_key, *words.plainer(text_key)]
    for option in question.options:
        if any(wording in said for wording in (*_wordings(option), option.id.replace("_", " "))):
            return option
    small = words.small(text, text_key)
    if small is not None:
        return _plain_answer(question, small)
    if len(text_key) > LONGEST_ANSWER:
        return None  # a story: the understanding reads it first
    found = find_option(question, TextKey(text_key, moments), asked=True)
    if found is not None:
        return question.option(found)
    return _by_part(question, said) or _nearly(question, said)


def _wordings(option: Option) -> tuple[str, str]:
    return key(option.label), key(option.short)


def _plain_answer(question: Question, small: words.Small) -> Option | None:
    """The one option that a bare "có", "chưa", "không rõ" can mean, if there is just one."""
    polar = _POLAR.search(key(question.ask)) is not None
    if small == "unsure":
        named = [o for o in question.options if _is_unsure(o)]
    elif small in {"yes", "no"} and polar:
        starts = _YES if small == "yes" else _NO
        named = [o for o in question.options if _says(o, starts) and not _is_unsure(o)]
    else:
        return None
    return named[0] if len(named) == 1 else None


def _says(option: Option, starts: tuple[str, ...]) -> bool:
    """Whether the option is a plain yes (or no): "Có, ...", or in both its wordings."""
    first = option.label.partition(",")
    if first[1] and key(first[0]) in starts:
        return True
    return all(key(said).split(" ")[0] in starts for said in (option.label, option.short))


def _is_unsure(option: Option) -> bool:
    label = key(option.label)
    return label.startswith(_UNSURE) or label.endswith(_UNSURE)


def _by_part(question: Question, said: list[str]) -> Option | None:
    """The option of whose wording just a part was said ("ông bà"), if just one has it."""
    named = [o for o in question.options if not _parts(o).isdisjoint(said)]
    return named[0] if len(named) == 1 else None


def _parts(option: Option) -> set[str]:
    """ "cha hoặc mẹ" -> "cha", "me"; what denies something says too little alone."""
    parts = {key(p) for w in (option.label, option.short) for p in _JOINED.split(w)}
    return {part for part in parts if part and not set(part.split()) & set(_NO)}


def _nearly(question: Question, said: list[str]) -> Option | None:
    """The option whose label was written with a word left out or added, if just one."""
    near = [
        option
        for option in question.options
        if any(_alike(heard.split(), w.split()) for heard in said for w in _wordings(option))
    ]
    return near[0] if len(near) == 1 else None


def _alike(heard: list[str], label: list[str]) -> bool:
    """Whether one word is missing on one side, and that is no "không" or "chưa"."""
    short, long = sorted((heard, label), key=len)
    if len(short) < _ENOUGH_WORDS or len(long) != len(short) + 1:
        return False
    return any(word not in _NO and long[:n] + long[n + 1 :] == short for n, word in enumerate(long))


def papers_of(state: State, world: World) -> list[str]:
    """Ids of the papers of a finished walk, in the order shown."""
    walk = state.walk
    assert walk is not None
    procedure: Procedure = world.knowledge.procedures[walk.procedure]
    outcome = checklists.outcome(procedure, world.knowledge, walk.answers)
    return [use.paper for _, use, _ in outcome.papers]


def tick(state: State, world: World, papers: tuple[str, ...] | None) -> Turn:
    """Tick papers off, or untick them; None ticks all."""
    walk = state.walk
    assert walk is not None
    listed = papers_of(state, world)
    if papers is None:
        have = tuple(listed)
    else:
        toggled = [p for p in papers if p in listed]
        have = tuple(p for p in listed if (p in walk.have) != (p in toggled))
    walk = walk.model_copy(update={"have": have})
    state = state.model_copy(update={"walk": walk})
    return Turn(state, (ShowTicks(walk.procedure, pairs(walk.answers), have),))
