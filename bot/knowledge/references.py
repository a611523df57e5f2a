"""Whether every name in ``faq/`` leads to something: what the bot relies on to run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from bot.knowledge import placeholders
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.model import Checklist, Common, Dated, Fact, Paper, Procedure, When

COMMUNE_PLACES = frozenset(
    f"commune.{name}" for name in ("name", "office", "address", "phone", "hours")
)
"""The commune's places that a fact's text may hold."""


def reference_faults(
    documents: Mapping[str, Document],
    sources: Collection[str],
    common: Common,
    procedures: Mapping[str, Procedure],
) -> Iterator[ContentFault]:
    """Every name that leads nowhere, with its place."""
    yield from _owner(documents["common.yaml"], common.facts, common.papers, sources)
    for procedure in procedures.values():
        document = documents.get(f"procedures/{procedure.id}.yaml")
        if document is not None:
            yield from _owner(document, procedure.facts, procedure.papers, sources)
            yield from _procedure(document, procedure, common)


def _owner(
    document: Document,
    facts: Mapping[str, Fact],
    papers: Mapping[str, Paper],
    sources: Collection[str],
) -> Iterator[ContentFault]:
    for fact_id, fact in facts.items():
        yield from _cited(document, ("facts", fact_id), fact, sources)
        for length in ("long", "short"):
            yield from _places(document, ("facts", fact_id, length), getattr(fact, length), fact)
    for paper_id, paper in papers.items():
        yield from _cited(document, ("papers", paper_id), paper, sources)
    yield from _other_places(document)


def _cited(
    document: Document, path: tuple[str, str], item: Dated, sources: Collection[str]
) -> Iterator[ContentFault]:
    for index, citation in enumerate(item.sources):
        if citation.source not in sources:
            reason = f"nguồn “{citation.source}” không có trong sources.yaml"
            yield document.fault(reason, *path, "sources", index, "source")


def _places(
    document: Document, path: tuple[str, ...], text: str, fact: Fact
) -> Iterator[ContentFault]:
    for place in placeholders.find(text):
        known = place in COMMUNE_PLACES or (place == "value" and fact.value is not None)
        if not known:
            yield document.fault(_unfilled(place), *path)


def _unfilled(place: str) -> str:
    return f"chỗ trống “{{{place}}}” không có gì để điền vào"


def _other_places(document: Document) -> Iterator[ContentFault]:
    """Places left open in texts that are not facts: nothing would ever fill them."""
    for path, text in document.texts():
        is_fact = path[:1] == ("facts",) and path[-1] in ("long", "short")
        if not is_fact:
            for place in placeholders.find(text):
                if not place.endswith(".value"):
                    yield document.fault(_unfilled(place), *path)


def _procedure(document: Document, procedure: Procedure, common: Common) -> Iterator[ContentFault]:
    facts = {**common.facts, **procedure.facts}
    papers = {**common.papers, **procedure.papers}
    for kind, twice in (
        ("facts", procedure.facts.keys() & common.facts.keys()),
        ("papers", procedure.papers.keys() & common.papers.keys()),
    ):
        for name in twice:
            yield document.fault(f"“{name}” đã có trong common.yaml", kind, name)
    for path, fact_id in fact_uses(procedure):
        if fact_id not in facts:
            yield document.fault(f"không có dữ kiện “{fact_id}”", *path)
    for index, use in enumerate(procedure.checklist.papers):
        if use.paper not in papers:
            reason = f"không có giấy tờ “{use.paper}”"
            yield document.fault(reason, "checklist", "papers", index, "paper")
    for index, deadline in enumerate(procedure.deadlines):
        fact = facts.get(deadline.fact)
        if fact is not None and not isinstance(fact.value, int):
            reason = f"dữ kiện “{deadline.fact}” phải có value là số ngày"
            yield document.fault(reason, "deadlines", index, "fact")
    yield from _value_places(document, facts)
    yield from _conditions(document, procedure.checklist)


def fact_uses(procedure: Procedure) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The facts that a procedure names: place and id of each."""
    for aspect, answer in procedure.answers.items():
        for index, fact_id in enumerate(answer.facts):
            yield ("answers", aspect, "facts", index), fact_id
        for index, fact_id in enumerate(answer.short):
            yield ("answers", aspect, "short", index), fact_id
    for index, note in enumerate(procedure.checklist.notes):
        yield ("checklist", "notes", index, "fact"), note.fact
    for index, rule in enumerate(procedure.checklist.handovers):
        if rule.fact is not None:
            yield ("checklist", "handovers", index, "fact"), rule.fact
    for index, deadline in enumerate(procedure.deadlines):
        yield ("deadlines", index, "fact"), deadline.fact


def _value_places(document: Document, facts: Mapping[str, Fact]) -> Iterator[ContentFault]:
    """``{fact.value}`` places outside facts, whose fact is missing or has no value."""
    for path, text in document.texts():
        if path[:1] == ("facts",):
            continue
        for place in placeholders.find(text):
            fact = facts.get(place.removesuffix(".value"))
            if place.endswith(".value") and (fact is None or fact.value is None):
                yield document.fault(_unfilled(place), *path)


def _conditions(document: Document, checklist: Checklist) -> Iterator[ContentFault]:
    known: dict[str, set[str]] = {}
    for index, question in enumerate(checklist.questions):
        path = ("checklist", "questions", index)
        yield from _when(document, (*path, "when"), question.when, known)
        if question.id in known:
            yield document.fault(f"câu hỏi “{question.id}” bị lặp lại", *path, "id")
        options = [option.id for option in question.options]
        for number, option in enumerate(options):
            if option in options[:number]:
                reason = f"lựa chọn “{option}” bị lặp lại"
                yield document.fault(reason, *path, "options", number, "id")
        known[question.id] = set(options)
    for place, when in conditional_parts(checklist):
        yield from _when(document, (*place, "when"), when, known)


def conditional_parts(checklist: Checklist) -> Iterator[tuple[tuple[str | int, ...], When]]:
    """The papers, notes and hand-overs of a checklist: place and condition of each."""
    for index, paper in enumerate(checklist.papers):
        yield ("checklist", "papers", index), paper.when
    for index, note in enumerate(checklist.notes):
        yield ("checklist", "notes", index), note.when
    for index, rule in enumerate(checklist.handovers):
        yield ("checklist", "handovers", index), rule.when


def _when(
    document: Document,
    path: tuple[str | int, ...],
    when: When,
    known: Mapping[str, set[str]],
) -> Iterator[ContentFault]:
    for index, condition in enumerate(when):
        for question, options in condition.items():
            if question not in known:
                reason = f"không có câu hỏi “{question}” ở phía trên"
                yield document.fault(reason, *path, index, question)
                continue
            for number, option in enumerate(options):
                if option not in known[question]:
                    reason = f"câu hỏi “{question}” không có lựa chọn “{option}”"
                    yield document.fault(reason, *path, index, question, number)
