"""Rules about checklists: every way through them leads somewhere, nothing is out of reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, get_args

from bot.knowledge import checklist as checklists
from bot.knowledge import placeholders
from bot.knowledge.conditions import Case
from bot.knowledge.cues import find_option
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.model import Checklist, FactVersions, Procedure, Question, Subject
from bot.knowledge.references import conditional_parts
from bot.knowledge.times import Moment, days, limits, readable, settled
from bot.text import key

MAX_QUESTIONS: Final = 7
MAX_PATHS: Final = 5000
"""More cannot be walked by a test, nor overlooked by a person."""
_PLACE: Final = re.compile(r"\{([a-z0-9_]+)\.value\} (ngày|tháng|tuổi)")


def case_faults(
    document: Document, procedure: Procedure, facts: Mapping[str, FactVersions]
) -> Iterator[ContentFault]:
    """Faults of the checklist and of the cues of its options."""
    checklist = procedure.checklist
    ways = list(islice(checklists.paths(checklist), MAX_PATHS + 1))
    if len(ways) > MAX_PATHS:
        reason = f"có hơn {MAX_PATHS} trường hợp: chia nhỏ hoặc bớt câu hỏi"
        yield document.fault(reason, "checklist", "questions")
    yield from _ways(document, checklist, ways)
    yield from _out_of_reach(document, procedure, ways)
    values = {
        f"{name}.value": placeholders.show(versions[0].value)
        for name, versions in facts.items()
        if versions[0].value is not None
    }
    for index, question in enumerate(checklist.questions):
        path = ("checklist", "questions", index)
        # Numbers of the law stand in cues and times by their names.
        tree = placeholders.fill_tree(question.model_dump(), values.get)
        filled = Question.model_validate(tree)
        yield from _unsure(document, question, path)
        yield from _cues(document, filled, path)
        yield from _times(document, filled, path, facts)


def _unsure(
    document: Document, question: Question, path: tuple[str | int, ...]
) -> Iterator[ContentFault]:
    count = sum(option.unsure for option in question.options)
    if count != 1:
        reason = f"phải có đúng một lựa chọn unsure (chưa rõ), đang có {count}"
        yield document.fault(reason, *path, "options")


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
    document: Document, procedure: Procedure, ways: list[dict[str, str]]
) -> Iterator[ContentFault]:
    checklist = procedure.checklist
    asked = {question for answers in ways for question in answers}
    for index, question in enumerate(checklist.questions):
        if question.id not in asked:
            reason = f"không trường hợp nào hỏi đến câu “{question.id}”"
            yield document.fault(reason, "checklist", "questions", index)
    cases = [Case(checklist, answers) for answers in ways]
    for path, when in conditional_parts(procedure):
        if not any(case.holds(when) for case in cases):
            yield document.fault("không trường hợp nào đến được đây", *path)
    met = {checklists.variant_of(procedure, answers).id for answers in ways}
    for index, variant in enumerate(procedure.variants):
        if variant.id not in met:
            reason = f"không trường hợp nào ra dạng “{variant.id}”"
            yield document.fault(reason, "variants", index)


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


def _times(
    document: Document,
    question: Question,
    path: tuple[str | int, ...],
    facts: Mapping[str, FactVersions],
) -> Iterator[ContentFault]:
    """Dates and ages that answer: limits of facts only, and no time that gives two answers."""
    bad = False
    for number, option in enumerate(question.options):
        place = (*path, "options", number, "told")
        for alternative, told in enumerate(option.told):
            if not told or not all(b.model_dump(exclude_none=True) for b in told.values()):
                bad = True
                reason = "“told” phải nói về ai và ít nhất một mức (over, up_to, at_least, below)"
                yield document.fault(reason, *place, alternative)
        for alternative, subject, name, limit in limits(option):
            at = (*place, alternative, subject, name)
            if not readable(limit) or not _from_fact(document, at, facts):
                bad = True
                reason = "phải viết dạng “{dữ_kiện.value} ngày”, “... tháng” hoặc “... tuổi”"
                yield document.fault(f"“{name}” {reason}", *at)
    if not bad:
        yield from _twofold(document, question, path)


def _from_fact(
    document: Document, path: tuple[str | int, ...], facts: Mapping[str, FactVersions]
) -> bool:
    """Whether number and unit are a fact's: no number of the law is written twice."""
    written = document.data
    for part in path:
        written = written[part]
    found = _PLACE.fullmatch(str(written))
    versions = facts.get(found[1], ()) if found is not None else ()
    return any(found is not None and fact.unit in (None, found[2]) for fact in versions)


def _twofold(
    document: Document, question: Question, path: tuple[str | int, ...]
) -> Iterator[ContentFault]:
    marks = {days(limit) or 0.0 for o in question.options for _, _, _, limit in limits(o)}
    near = sorted({int(mark) + step for mark in marks for step in (-1, 0, 1, 2)})
    for subject in get_args(Subject):
        for day in near:
            given = settled(question, (Moment(subject, day, day),), asked=False) or set()
            if len(given) > 1:
                reason = f"{day} ngày ({subject}) cho hai câu trả lời: {', '.join(sorted(given))}"
                yield document.fault(reason, *path, "options")
                return
