"""Walking a checklist: ask, go back, leave, resume, tick off."""

from __future__ import annotations

from bot.dialogue.acts import Act, AskQuestion, HandOver, ShowResult, ShowTicks, Turn
from bot.dialogue.heard import World
from bot.dialogue.state import State, Walk
from bot.knowledge import checklist as checklists
from bot.knowledge.model import Checklist, Option, Procedure, Question
from bot.text import key

_YES = frozenset({"co", "da co", "roi", "dung", "dung roi", "vang", "da", "u", "uh", "ok", "phai"})
_NO = frozenset({"khong", "chua", "khong co", "chua co", "khong phai", "khong a", "chua a"})
_UNSURE = frozenset({"khong biet", "khong ro", "chua ro", "chua biet", "khong nho", "chiu"})


def pairs(answers: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Answers as acts carry them."""
    return tuple(answers.items())


def start(state: State, world: World, procedure: str, known: dict[str, str]) -> Turn:
    """Begin the checklist of ``procedure``, with what the citizen has told already.

    Only answers out of the ordinary are taken from their words: "khai sinh cho con" does
    not tell that neither parent is a foreigner, so that is still asked.
    """
    known = checklists.notable(world.knowledge.procedures[procedure].checklist, known)
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
    walk = state.walk
    assert walk is not None
    procedure = world.knowledge.procedures[walk.procedure]
    outcome = checklists.outcome(procedure, world.knowledge, walk.answers, world.today)
    if outcome.handover is not None:
        state = state.model_copy(update={"walk": None})
        rule = outcome.handover
        return Turn(state, (HandOver(rule.reason, walk.procedure, rule.fact),))
    question = checklists.next_question(procedure.checklist, walk.answers)
    if question is not None:
        act: Act = AskQuestion(
            walk.procedure, question.id, known, resumed, can_go_back=bool(walk.asked)
        )
        return Turn(state, (act,))
    state = state.model_copy(update={"walk": walk.model_copy(update={"done": True})})
    return Turn(state, (ShowResult(walk.procedure, pairs(walk.answers), walk.have),))


def answer(state: State, world: World, question_id: str, option_id: str) -> Turn | None:
    """Take an answer; None when the question is not of this walk (an old button)."""
    walk = state.walk
    if walk is None:
        return None
    question = world.knowledge.procedures[walk.procedure].checklist.question(question_id)
    if question is None or question.option(option_id) is None:
        return None
    earlier = _before(walk, question_id)
    changed = walk.model_copy(
        update={
            # An earlier question answered anew makes the later answers void.
            "answers": {**_kept(walk, earlier), question_id: option_id},
            "asked": (*earlier, question_id),
            "done": False,
        }
    )
    return proceed(state.model_copy(update={"walk": changed, "misses": 0}), world)


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
    if walk is None or walk.done or walk.procedure not in world.knowledge.procedures:
        return None
    checklist = world.knowledge.procedures[walk.procedure].checklist
    return checklists.next_question(checklist, walk.answers)


def match_option(question: Question, checklist: Checklist, text_key: str) -> Option | None:
    """The option that free text names: its label, its cue, or a plain yes or no."""
    for option in question.options:
        if text_key in (key(option.label), key(option.short), option.id.replace("_", " ")):
            return option
    if len(text_key) > 120:
        return None  # a story: the understanding reads it first
    found = checklists.find_case(checklist, text_key).get(question.id)
    if found is not None:
        return question.option(found)
    for words, starts in ((_UNSURE, ("khong biet", "chua ro", "khong ro")), (_YES, ("co", "dung",
        "roi", "da ")), (_NO, ("khong", "chua"))):  # fmt: skip
        if text_key in words:
            named = [o for o in question.options if key(o.label).startswith(starts)]
            named = [o for o in named if words is _UNSURE or not _is_unsure(o)]
            return named[0] if len(named) == 1 else None
    return None


def _is_unsure(option: Option) -> bool:
    return key(option.label).startswith(("khong biet", "chua ro", "khong ro", "toi khong ro"))


def papers_of(state: State, world: World) -> list[str]:
    """Ids of the papers of a finished walk, in the order shown."""
    walk = state.walk
    assert walk is not None
    procedure: Procedure = world.knowledge.procedures[walk.procedure]
    outcome = checklists.outcome(procedure, world.knowledge, walk.answers, world.today)
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
