"""From a citizen's answers to the papers of their own case. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from bot.knowledge.conditions import Answers, Case
from bot.knowledge.cues import find_case
from bot.knowledge.library import Knowledge
from bot.knowledge.model import (
    Answer,
    AnswerAspect,
    Checklist,
    Fact,
    HandOverRule,
    Paper,
    PaperUse,
    Procedure,
    Question,
    Variant,
    When,
)

__all__ = [
    "LAPSED",
    "Outcome",
    "UsedPaper",
    "answer_of",
    "find_case",
    "next_question",
    "notable",
    "officers_anyway",
    "outcome",
    "paths",
    "special",
    "told_notes",
    "usual_papers",
    "variant_of",
    "worth_taking",
]

LAPSED: Final = "Nội dung hết hạn, cần cán bộ trả lời"
"""Begins the officer's line when something of the case may not be told on the day."""


class UsedPaper(NamedTuple):
    """A paper of this case; not ``certain`` while the answers do not tell yet."""

    paper: Paper
    use: PaperUse
    certain: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case comes to, as far as the answers go."""

    papers: tuple[UsedPaper, ...]
    """Only the certain ones when the case is handed over; none when one of them may not be
    told on the day."""
    notes: tuple[Fact, ...]
    """What belongs to this case for certain and may be told on the day."""
    sms_notes: tuple[Fact, ...]
    """The ones of ``notes`` that an SMS carries always."""
    handover: HandOverRule | None
    complete: bool
    """No question is left."""
    variant: Variant
    """The national procedure that the case comes to, as far as the answers tell."""


def next_question(checklist: Checklist, answers: Answers) -> Question | None:
    """The first open question of the case; none when done or when it is the officer's."""
    return _next(checklist, Case(checklist, answers))


def _officers(checklist: Checklist, case: Case) -> HandOverRule | None:
    """The rule by which the case is the officer's, if one holds."""
    return next((rule for rule in checklist.handovers if case.holds(rule.when)), None)


def _next(checklist: Checklist, case: Case) -> Question | None:
    if _officers(checklist, case) is not None:
        return None
    given = case.answers
    for question in checklist.questions:
        if case.asked(question.id) and question.id not in given:
            return question
    return None


def outcome(procedure: Procedure, knowledge: Knowledge, answers: Answers) -> Outcome:
    """The papers and notes of the case, under the law of the knowledge's day."""
    checklist = procedure.checklist
    case = Case(checklist, answers)
    handover = _officers(checklist, case)
    uses = [use for use in checklist.papers if case.holds(use.when) is not False]
    papers = tuple(_papers(procedure, knowledge, case, uses))
    told = [use for use in checklist.notes if case.holds(use.when)]
    notes = [(knowledge.find_fact(procedure, use.fact), use.sms) for use in told]
    lapsed = [use.paper for use in uses if knowledge.find_paper(procedure, use.paper) is None]
    if lapsed or procedure.id in knowledge.unfilled:
        handover, papers = _lapsed(procedure, knowledge, lapsed), ()
    elif handover is not None:
        papers = tuple(used for used in papers if used.certain)
    return Outcome(
        papers=papers,
        notes=tuple(fact for fact, _ in notes if fact is not None),
        sms_notes=tuple(fact for fact, sms in notes if sms and fact is not None),
        handover=handover,
        complete=_next(checklist, case) is None,
        variant=_variant(procedure, case),
    )


def _papers(
    procedure: Procedure, knowledge: Knowledge, case: Case, uses: Iterable[PaperUse]
) -> Iterator[UsedPaper]:
    for use in uses:
        paper = knowledge.find_paper(procedure, use.paper)
        if paper is not None:
            yield UsedPaper(paper, use, case.holds(use.when) is True)


def _lapsed(procedure: Procedure, knowledge: Knowledge, papers: Iterable[str]) -> HandOverRule:
    """The hand-over when a paper, or a number in a question, may not be told on the day."""
    reason = f"{LAPSED}: {procedure.name}, giấy tờ"
    for paper in papers:
        missing = knowledge.why_missing(procedure, paper)
        if missing is not None:
            reason = f"{reason} ({paper}: {missing.why})"
            break
    return HandOverRule(when=({},), reason=reason, fact=procedure.meanwhile)


def variant_of(procedure: Procedure, answers: Answers) -> Variant:
    """The national procedure that these answers lead to; the ordinary one while they do not
    tell.

    Who tells that nobody can come is taken at their word, whatever else is still open.
    """
    return _variant(procedure, Case(procedure.checklist, answers))


def _variant(procedure: Procedure, case: Case) -> Variant:
    told = case.answers
    special = (variant for variant in procedure.variants[1:] if _told(variant.when, told))
    return next(special, procedure.variants[0])


def _told(when: When, answers: Answers) -> bool:
    """Whether one of the alternatives holds by ``answers`` alone."""
    return any(
        condition and all(answers.get(q) in options for q, options in condition.items())
        for condition in when
    )


def answer_of(procedure: Procedure, aspect: AnswerAspect, answers: Answers) -> Answer | None:
    """What is answered to ``aspect`` in this case: the variant's own answer, else the
    procedure's."""
    own = variant_of(procedure, answers).answers.get(aspect) if answers else None
    return own or procedure.answers.get(aspect)


def notable(checklist: Checklist, answers: Answers) -> dict[str, str]:
    """The answers that are not the ordinary ones: an option other than its question's first,
    and any where the question asks for the kind of matter."""
    return {
        question.id: answers[question.id]
        for question in checklist.questions
        if question.id in answers
        and (question.kind or answers[question.id] != question.options[0].id)
    }


def special(checklist: Checklist, answers: Answers) -> Iterator[str]:
    """The questions that are answered by another option than their first."""
    for question in checklist.questions:
        if answers.get(question.id, question.options[0].id) != question.options[0].id:
            yield question.id


def worth_taking(checklist: Checklist, answers: Answers) -> dict[str, str]:
    """The answers to take from a citizen's own words: notable ones, and those to questions
    that a date can answer, which nobody answers by the way."""
    timed = {question.id for question in checklist.questions if question.timed}
    given = notable(checklist, answers)
    return {q: o for q, o in answers.items() if q in given or q in timed}


def told_notes(procedure: Procedure, knowledge: Knowledge, answers: Answers) -> tuple[Fact, ...]:
    """What belongs to the case by ``answers`` alone, whatever else is still open."""
    facts = [
        knowledge.find_fact(procedure, note.fact)
        for note in procedure.checklist.notes
        if _told(note.when, answers)
    ]
    return tuple(fact for fact in facts if fact is not None)


def usual_papers(procedure: Procedure, answers: Answers) -> tuple[frozenset[str], frozenset[str]]:
    """The papers that most of the cases still possible ask for, and those that all of them do
    (of officers' cases only those for which papers are made ready)."""
    ahead = _ahead(procedure, answers)
    return ahead.usual, ahead.always


def officers_anyway(procedure: Procedure, answers: Answers) -> HandOverRule | None:
    """The rule of an officer's case, where every case still possible is one: the ordinary
    one's."""
    return _ahead(procedure, answers).officers


@dataclass(frozen=True, slots=True)
class _Ahead:
    """What the cases that are still possible have in common."""

    usual: frozenset[str]
    always: frozenset[str]
    officers: HandOverRule | None


def _ahead(procedure: Procedure, answers: Answers) -> _Ahead:
    return _look_ahead(_Kept(procedure.checklist), tuple(sorted(answers.items())))


class _Kept:
    """A checklist as the key of a cache: equal only to itself."""

    def __init__(self, checklist: Checklist) -> None:
        self.checklist = checklist

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.checklist is self.checklist

    def __hash__(self) -> int:
        return id(self.checklist)


@lru_cache(maxsize=2048)
def _look_ahead(kept: _Kept, answers: tuple[tuple[str, str], ...]) -> _Ahead:
    count: Counter[str] = Counter()
    ways = 0
    first: HandOverRule | None = None
    others = False
    for way in paths(kept.checklist, dict(answers)):
        case = Case(kept.checklist, way)
        rule = _officers(kept.checklist, case)
        first = first or rule
        others = others or rule is None
        if rule is not None and not rule.prepare:
            continue
        ways += 1
        count.update(use.paper for use in kept.checklist.papers if case.holds(use.when))
    usual = frozenset(paper for paper, times in count.items() if 2 * times > ways)
    always = frozenset(paper for paper, times in count.items() if times == ways)
    return _Ahead(usual, always, None if others else first)


def paths(checklist: Checklist, given: Answers | None = None) -> Iterator[dict[str, str]]:
    """Every way through the questions, as the answers given on it; from ``given`` answers on."""
    open_paths: list[dict[str, str]] = [dict(given or {})]
    while open_paths:
        answers = open_paths.pop()
        question = next_question(checklist, answers)
        if question is None:
            yield answers
            continue
        open_paths.extend({**answers, question.id: o.id} for o in reversed(question.options))
