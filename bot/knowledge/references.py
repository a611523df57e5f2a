"""Whether every name in ``faq/`` leads to something: what the bot relies on to run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from bot.knowledge import placeholders
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.model import (
    COMMON,
    Answer,
    AnswerAspect,
    Common,
    Dated,
    Fact,
    FactVersions,
    Holidays,
    Layer,
    Menu,
    PaperVersions,
    Procedure,
    When,
    source_of,
)

Place = tuple[str | int, ...]
Known = tuple[Collection[str], Collection[str]]
"""Keys of sources, keys of what is to be confirmed."""

COMMUNE_PLACES = frozenset(
    f"commune.{name}"
    for name in (
        "name",
        "office",
        "address",
        "phone",
        "hours",
        "police",
        "police_address",
        "police_phone",
        "police_hours",
    )
)
"""The commune's places that a fact's text may hold."""


def reference_faults(
    documents: Mapping[str, Document],
    known: Known,
    common: Common,
    procedures: Mapping[str, Procedure],
) -> Iterator[ContentFault]:
    """Every name that leads nowhere, with its place."""
    yield from _owner(documents["common.yaml"], common.facts, common.papers, known)
    for procedure in procedures.values():
        document = documents.get(f"procedures/{procedure.id}.yaml")
        if document is not None:
            yield from _owner(document, procedure.facts, procedure.papers, known)
            yield from _procedure(document, procedure, common)


def layer_faults(
    document: Document,
    layer: Layer,
    known: Known,
    common: Common,
    procedures: Mapping[str, Procedure],
) -> Iterator[ContentFault]:
    """The same for a province or a commune: what it replaces must be there."""
    sources, to_confirm = known
    known = ({*sources, *layer.sources}, to_confirm)
    for owner, facts in layer.facts.items():
        procedure = procedures.get(owner)
        if owner != COMMON and procedure is None:
            yield document.fault(f"không có thủ tục “{owner}”", "facts", owner)
            continue
        there = {**common.facts, **(procedure.facts if procedure else {})}
        for fact_id, versions in facts.items():
            if fact_id not in there:
                reason = f"không có dữ kiện “{fact_id}” để thay"
                yield document.fault(reason, "facts", owner, fact_id)
            elif (counted := _kinds(there[fact_id]) - {type(None)}) and _kinds(versions) - counted:
                # Questions, deadlines and other texts count on the number.
                reason = f"“{fact_id}” phải có value giống kiểu dữ kiện được thay"
                yield document.fault(reason, "facts", owner, fact_id)
        yield from _facts(document, ("facts", owner), facts, known)
        yield from _value_places(document, {**there, **facts}, ("facts", owner))
    yield from holiday_faults(document, layer.holidays, ("holidays",), known)
    for name in layer.confirmed:
        if name not in to_confirm:
            yield document.fault(f"to_confirm.yaml không có “{name}”", "confirmed", name)


def holiday_faults(
    document: Document, holidays: Holidays, place: Place, known: Known
) -> Iterator[ContentFault]:
    """Special days that cite a source, or wait for a word, that nobody knows."""
    sources, to_confirm = known
    for name in ("days_off", "work_days"):
        for index, special in enumerate(getattr(holidays, name)):
            if special.source is not None and source_of(special.source) not in sources:
                reason = f"nguồn “{source_of(special.source)}” không có trong sources.yaml"
                yield document.fault(reason, *place, name, index, "source")
    for index, day in enumerate(holidays.uncertain):
        if day.confirm not in to_confirm:
            reason = f"to_confirm.yaml không có “{day.confirm}”"
            yield document.fault(reason, *place, "uncertain", index, "confirm")


def _kinds(versions: FactVersions) -> set[type]:
    """Number, text or nothing."""
    return {type(version.value) for version in versions}


def menu_faults(
    document: Document, menu: Menu, procedures: Collection[str]
) -> Iterator[ContentFault]:
    """Procedures that the menu names and that do not exist, or that stand there twice."""
    listed: list[tuple[Place, str]] = [(("first", n), name) for n, name in enumerate(menu.first)]
    for at, group in enumerate(menu.groups):
        listed += [
            (("groups", at, "procedures", n), name) for n, name in enumerate(group.procedures)
        ]
    seen: set[str] = set()
    for place, name in listed:
        if name not in procedures:
            yield document.fault(f"không có thủ tục “{name}”", *place)
        elif name in seen:
            yield document.fault(f"thủ tục “{name}” có hai lần", *place)
        seen.add(name)


def version_places(
    document: Document, place: Place, items: Mapping[str, FactVersions | PaperVersions]
) -> Iterator[tuple[Place, Dated]]:
    """Every version with its place: a list of versions has numbers, a single one has none."""
    for name, versions in items.items():
        written = _at(document, (*place, name))
        for number, version in enumerate(versions):
            numbered = (number,) if isinstance(written, list) else ()
            yield (*place, name, *numbered), version


def _at(document: Document, place: Place) -> object:
    value = document.data
    for part in place:
        value = value[part]
    return value


def _owner(
    document: Document,
    facts: Mapping[str, FactVersions],
    papers: Mapping[str, PaperVersions],
    known: Known,
) -> Iterator[ContentFault]:
    yield from _facts(document, ("facts",), facts, known)
    for place, paper in version_places(document, ("papers",), papers):
        yield from _cited(document, place, paper, known)
    yield from _overlaps(document, "papers", papers)
    yield from _other_places(document)


def _facts(
    document: Document, place: Place, facts: Mapping[str, FactVersions], known: Known
) -> Iterator[ContentFault]:
    for at, fact in version_places(document, place, facts):
        yield from _cited(document, at, fact, known)
        assert isinstance(fact, Fact)
        for length in ("long", "short"):
            yield from _places(document, (*at, length), getattr(fact, length), fact)
    for name, versions in facts.items():
        yield from _overlapping(document, (*place, name), versions)


def _overlaps(
    document: Document, kind: str, items: Mapping[str, PaperVersions]
) -> Iterator[ContentFault]:
    for name, versions in items.items():
        yield from _overlapping(document, (kind, name), versions)


def _overlapping(
    document: Document, place: Place, versions: FactVersions | PaperVersions
) -> Iterator[ContentFault]:
    """Versions of which two hold on one day."""
    ordered = sorted(versions, key=lambda version: version.holds_from)
    for one, other in pairwise(ordered):
        if one.holds_to is None or other.holds_from <= one.holds_to:
            reason = f"hai bản cùng có hiệu lực vào {other.holds_from:%d/%m/%Y}"
            yield document.fault(reason, *place)


def _cited(document: Document, place: Place, item: Dated, known: Known) -> Iterator[ContentFault]:
    sources, to_confirm = known
    for index, citation in enumerate(item.sources):
        if source_of(citation) not in sources:
            reason = f"nguồn “{source_of(citation)}” không có trong sources.yaml"
            yield document.fault(reason, *place, "sources", index)
    if item.confirm is not None and item.confirm not in to_confirm:
        reason = f"to_confirm.yaml không có “{item.confirm}”"
        yield document.fault(reason, *place, "confirm")


def _places(document: Document, path: Place, text: str, fact: Fact) -> Iterator[ContentFault]:
    for place in placeholders.find(text):
        known = place in COMMUNE_PLACES or (place == "value" and fact.value is not None)
        if not known and not place.endswith(".value"):
            yield document.fault(_unfilled(place), *path)


def _unfilled(place: str) -> str:
    return f"chỗ trống “{{{place}}}” không có gì để điền vào"


def _other_places(document: Document) -> Iterator[ContentFault]:
    """Places left open in texts that are not facts: nothing would ever fill them."""
    for path, text in document.texts():
        is_fact = path[:1] == ("facts",) and path[-1] in ("long", "short")
        if not is_fact:
            filled = path[:1] in FILLED
            for place in placeholders.find(text):
                if not (filled and place.endswith(".value")):
                    yield document.fault(_unfilled(place), *path)


FILLED = {("facts",), ("papers",), ("checklist",), ("deadlines",)}
"""Where numbers of facts may stand; when one of them lapses, what speaks of it is not told."""


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
    counted: list[tuple[Place, str | None]] = [
        *(
            (("variants", n, "takes"), variant.takes)
            for n, variant in enumerate(procedure.variants)
        ),
        *((("deadlines", n, "fact"), one.fact) for n, one in enumerate(procedure.deadlines)),
    ]
    for path, counts in counted:
        if not all(isinstance(fact.value, int) for fact in facts.get(counts or "", ())):
            yield document.fault(f"dữ kiện “{counts}” phải có value là số ngày", *path)
    yield from _value_places(document, facts)
    yield from _variants(document, procedure)
    yield from _conditions(document, procedure)


def _variants(document: Document, procedure: Procedure) -> Iterator[ContentFault]:
    seen: set[str] = set()
    for index, variant in enumerate(procedure.variants):
        if variant.id in seen:
            yield document.fault(f"“{variant.id}” bị lặp lại", "variants", index, "id")
        seen.add(variant.id)
        if (index == 0) == bool(variant.when):
            reason = (
                "dạng đầu tiên là dạng thường, không có when"
                if index == 0
                else "dạng này phải có when"
            )
            yield document.fault(reason, "variants", index)


def fact_uses(procedure: Procedure) -> Iterator[tuple[Place, str]]:
    """The facts that a procedure names: place and id of each."""
    yield from _answer_uses((), procedure.answers)
    for index, variant in enumerate(procedure.variants):
        yield from _answer_uses(("variants", index), variant.answers)
        for field, fact_id in (("result", variant.result), ("takes", variant.takes)):
            if fact_id is not None:
                yield ("variants", index, field), fact_id
        if variant.takes is not None:
            yield ("variants", index, "takes"), variant.takes
    if procedure.meanwhile is not None:
        yield ("meanwhile",), procedure.meanwhile
    for index, note in enumerate(procedure.checklist.notes):
        yield ("checklist", "notes", index, "fact"), note.fact
    for index, rule in enumerate(procedure.checklist.handovers):
        if rule.fact is not None:
            yield ("checklist", "handovers", index, "fact"), rule.fact
    for index, deadline in enumerate(procedure.deadlines):
        yield ("deadlines", index, "fact"), deadline.fact
        if deadline.late is not None:
            yield ("deadlines", index, "late"), deadline.late


def _answer_uses(
    place: Place, answers: Mapping[AnswerAspect, Answer]
) -> Iterator[tuple[Place, str]]:
    for aspect, answer in answers.items():
        for field in ("facts", "short"):
            for index, fact_id in enumerate(getattr(answer, field)):
                yield (*place, "answers", aspect, field, index), fact_id


def _value_places(
    document: Document, facts: Mapping[str, FactVersions], within: Place = ()
) -> Iterator[ContentFault]:
    """``{fact.value}`` places (in that part of the file) whose fact is missing or has no value."""
    for path, text in document.texts():
        if path[: len(within)] != within:
            continue
        for place in placeholders.find(text):
            versions = facts.get(place.removesuffix(".value"), ())
            known = versions and all(fact.value is not None for fact in versions)
            if place.endswith(".value") and not known:
                yield document.fault(_unfilled(place), *path)


def _conditions(document: Document, procedure: Procedure) -> Iterator[ContentFault]:
    checklist = procedure.checklist
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
    for place, when in conditional_parts(procedure):
        yield from _when(document, (*place, "when"), when, known)


def conditional_parts(procedure: Procedure) -> Iterator[tuple[Place, When]]:
    """Variants, papers, notes and hand-overs: place and condition of each."""
    checklist = procedure.checklist
    for index, variant in enumerate(procedure.variants):
        yield ("variants", index), variant.when
    for index, paper in enumerate(checklist.papers):
        yield ("checklist", "papers", index), paper.when
    for index, note in enumerate(checklist.notes):
        yield ("checklist", "notes", index), note.when
    for index, rule in enumerate(checklist.handovers):
        yield ("checklist", "handovers", index), rule.when


def _when(
    document: Document,
    path: Place,
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
