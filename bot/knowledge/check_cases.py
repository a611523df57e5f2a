"""Rules about checklists: every way through them leads somewhere, nothing is out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bot.knowledge import checklist as checklists
from bot.knowledge.conditions import Case
from bot.knowledge.cues import find_option
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Checklist, Procedure, Question
from bot.knowledge.references import conditional_parts
from bot.text import key

MAX_QUESTIONS: Final = 7


def case_faults(
    document: Document, procedure: Procedure, knowledge: Knowledge
) -> Iterator[ContentFault]:
    """Faults of the checklist and of the cues of its options."""
    checklist = procedure.checklist
    ways = list(checklists.paths(checklist))
    yield from _ways(document, checklist, ways)
    yield from _out_of_reach(document, checklist, ways)
    for index, question in enumerate(checklist.questions):
        yield from _cues(document, question, ("checklist", "questions", index))


def _ways(
    document: Document, checklist: Checklist, ways: list[dict[str, str]]
) -> Iterator[ContentFault]:
    for answers in ways:
        told = ", ".join(answers.values())
        if len(answers) > MAX_QUESTIONS:
            reason = f"hỏi quá {MAX_QUESTIONS} câu khi {told}"
            yield document.fault(reason, "checklist", "questions")
        if not _leads_somewhere(checklist, answers):
            reason = f"không có giấy tờ, ghi chú riêng hay chuyển cán bộ khi {told}"
            yield document.fault(reason, "checklist", "papers")


def _leads_somewhere(checklist: Checklist, answers: dict[str, str]) -> bool:
    """Whether the case ends in papers, with the officer, or with a word of its own."""
    case = Case(checklist, answers)
    ends = [paper.when for paper in checklist.papers]
    ends += [rule.when for rule in checklist.handovers]
    ends += [note.when for note in checklist.notes if note.when]
    return any(case.holds(when) for when in ends)


def _out_of_reach(
    document: Document, checklist: Checklist, ways: list[dict[str, str]]
) -> Iterator[ContentFault]:
    asked = {question for answers in ways for question in answers}
    for index, question in enumerate(checklist.questions):
        if question.id not in asked:
            reason = f"không trường hợp nào hỏi đến câu “{question.id}”"
            yield document.fault(reason, "checklist", "questions", index)
    cases = [Case(checklist, answers) for answers in ways]
    for path, when in conditional_parts(checklist):
        if not any(case.holds(when) for case in cases):
            yield document.fault("không trường hợp nào đến được đây", *path)


def _cues(
    document: Document, question: Question, path: tuple[str | int, ...]
) -> Iterator[ContentFault]:
    seen: dict[str, str] = {}
    for number, option in enumerate(question.options):
        for index, cue in enumerate(option.cues):
            cue_key = key(cue)
            place = (*path, "options", number, "cues", index)
            if cue_key in seen:
                reason = f"“{cue}” đã có ở lựa chọn “{seen[cue_key]}”"
                yield document.fault(reason, *place)
            elif find_option(question, cue_key) != option.id:
                reason = f"“{cue}” không dẫn đến lựa chọn “{option.id}”, vì lẫn với câu khác"
                yield document.fault(reason, *place)
            seen.setdefault(cue_key, option.id)
