"""From a citizen's answers to the papers of their own case. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from bot.knowledge.conditions import Answers, Case
from bot.knowledge.cues import find_case
from bot.knowledge.library import Knowledge
from bot.knowledge.model import (
    Checklist,
    Fact,
    HandOverRule,
    Paper,
    PaperUse,
    Procedure,
    Question,
)

__all__ = [
    "EXPIRED",
    "Outcome",
    "UsedPaper",
    "find_case",
    "next_question",
    "notable",
    "outcome",
    "paths",
    "told_notes",
    "worth_taking",
]

EXPIRED: Final = HandOverRule(
    when=({},),
    reason="Quy định về giấy tờ không còn hoặc chưa có hiệu lực vào ngày hỏi, cần cán bộ trả lời",
)
"""The hand-over when a paper of the case is not law on the day that was asked about."""


class UsedPaper(NamedTuple):
    """A paper of this case; not ``certain`` while the answers do not tell yet."""

    paper: Paper
    use: PaperUse
    certain: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case comes to, as far as the answers go."""

    papers: tuple[UsedPaper, ...]
    """Only the certain ones when the case is handed over; none when their law is not in
    force on the day."""
    notes: tuple[Fact, ...]
    """What belongs to this case for certain and is law on the day."""
    sms_notes: tuple[Fact, ...]
    """The ones of ``notes`` that an SMS carries always."""
    handover: HandOverRule | None
    complete: bool
    """No question is left."""


def next_question(checklist: Checklist, answers: Answers) -> Question | None:
    """The first open question of the case; none when done or when it is the officer's."""
    case = Case(checklist, answers)
    if any(case.holds(rule.when) for rule in checklist.handovers):
        return None
    given = case.answers
    for question in checklist.questions:
        if case.asked(question.id) and question.id not in given:
            return question
    return None


def outcome(procedure: Procedure, knowledge: Knowledge, answers: Answers, on: date) -> Outcome:
    """The papers and notes of the case, under the law of the day ``on``."""
    checklist = procedure.checklist
    case = Case(checklist, answers)
    papers = tuple(_papers(procedure, knowledge, case))
    uses = [use for use in checklist.notes if case.holds(use.when)]
    notes = [(knowledge.fact(procedure, use.fact), use.sms) for use in uses]
    handover = next((rule for rule in checklist.handovers if case.holds(rule.when)), None)
    if not all(used.paper.holds_on(on) for used in papers):
        handover, papers = handover or EXPIRED, ()
    elif handover is not None:
        papers = tuple(used for used in papers if used.certain)
    return Outcome(
        papers=papers,
        notes=tuple(fact for fact, _ in notes if fact.holds_on(on)),
        sms_notes=tuple(fact for fact, sms in notes if sms and fact.holds_on(on)),
        handover=handover,
        complete=next_question(checklist, answers) is None,
    )


def _papers(procedure: Procedure, knowledge: Knowledge, case: Case) -> Iterator[UsedPaper]:
    for use in procedure.checklist.papers:
        holds = case.holds(use.when)
        if holds is not False:
            yield UsedPaper(knowledge.paper(procedure, use.paper), use, holds is True)


def notable(checklist: Checklist, answers: Answers) -> dict[str, str]:
    """The answers that are not the ordinary ones: an option other than its question's first."""
    return {
        question.id: answers[question.id]
        for question in checklist.questions
        if question.id in answers and answers[question.id] != question.options[0].id
    }


def worth_taking(checklist: Checklist, answers: Answers) -> dict[str, str]:
    """The answers to take from a citizen's own words: notable ones, and those to questions
    that a date can answer, which nobody answers by the way."""
    timed = {question.id for question in checklist.questions if question.timed}
    given = notable(checklist, answers)
    return {q: o for q, o in answers.items() if q in given or q in timed}


def told_notes(
    procedure: Procedure, knowledge: Knowledge, answers: Answers, on: date
) -> tuple[Fact, ...]:
    """What belongs to the case by ``answers`` alone, whatever else is still open."""
    facts = [
        knowledge.fact(procedure, note.fact)
        for note in procedure.checklist.notes
        if any(
            condition and all(answers.get(q) in options for q, options in condition.items())
            for condition in note.when
        )
    ]
    return tuple(fact for fact in facts if fact.holds_on(on))


def paths(checklist: Checklist) -> Iterator[dict[str, str]]:
    """Every way through the questions, as the answers given on it."""
    open_paths: list[dict[str, str]] = [{}]
    while open_paths:
        answers = open_paths.pop()
        question = next_question(checklist, answers)
        if question is None:
            yield answers
            continue
        open_paths.extend({**answers, question.id: o.id} for o in reversed(question.options))
