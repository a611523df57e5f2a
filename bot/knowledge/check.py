"""``hotro content check``: everything that can be wrong with ``faq/``, with its place.

:mod:`bot.knowledge.loader` finds what makes content unusable; the rules here find what
makes it bad: a paper that no case asks for, an answer that does not fit two SMS, a fact
without a legal source that is really cited, a cue that means two things.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from bot.knowledge import checklist as checklists
from bot.knowledge.ambiguous import ambiguous_faults
from bot.knowledge.check_cases import MAX_PATHS, case_faults
from bot.knowledge.check_ready import ready_faults
from bot.knowledge.check_reminders import reminder_text_faults
from bot.knowledge.check_rules import (
    commune_faults,
    date_faults,
    phrase_faults,
    procedure_faults,
    reading_faults,
    shared_faults,
)
from bot.knowledge.check_texts import View, longest_sms, short_faults, text_faults, views
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.library import Library
from bot.knowledge.loader import (
    COMMON_FILE,
    PHRASES,
    READY,
    Content,
    laid_over,
    parse,
    read_texts,
)
from bot.knowledge.model import Common, Fact, Procedure

NEEDED: Final = (PHRASES, "menu.yaml", "to_confirm.yaml")
"""Beside sources and what is shared, which the loader asks for."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much content one procedure has."""

    procedure: str
    variants: int
    facts: int
    papers: int
    to_confirm: int
    """Facts and papers that wait for an officer's word."""
    paths: int
    """Ways through the checklist; every one was walked."""
    longest_sms: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: faults in file and line order, and how much content there is."""

    faults: tuple[ContentFault, ...]
    counts: dict[str, int]
    procedures: tuple[Counts, ...] = ()


def check(
    faq_dir: Path,
    over: Mapping[str, str | None] | None = None,
    communes: Collection[str] | None = None,
) -> Report:
    """Check all content files of ``faq_dir``; never raises on bad content.

    Args:
        over: files that stand in for those of the folder or beside them; None: no such file.
        communes: where it is looked how long texts come out; all communes when left out. With
            them nothing is counted.
    """
    texts, faults = read_texts(faq_dir)
    texts = laid_over(texts, over or {})
    content = parse(texts)
    faults += content.faults
    for name in NEEDED:
        if name not in texts:
            faults.append(ContentFault(f"faq/{name}", 1, "thiếu tệp này"))
    library = content.library()
    days = views(library, communes) if content.common is not None else []
    if content.common is not None:
        faults += _rules(content, library, days)
    sound = _sound(content) if communes is None else []
    counted = tuple(_counted(library.procedures[p], days) for p in sound)
    return Report(tuple(sorted(set(faults))), _counts(library, counted), counted)


def _rules(content: Content, library: Library, days: Sequence[View]) -> Iterator[ContentFault]:
    keywords = [procedure.keyword for procedure in library.procedures.values()]
    common = content.documents[COMMON_FILE]
    yield from _dates(common, library.common)
    yield from reading_faults(common, keywords)
    yield from commune_faults(content.documents, library)
    yield from ambiguous_faults(content.documents)
    if content.phrases:
        yield from phrase_faults(content.documents[PHRASES], library.phrases)
        yield from reading_faults(content.documents[PHRASES], keywords)
        if content.reminders is not None:
            yield from reminder_text_faults(content.documents[PHRASES], days)
    if READY in content.documents:
        communes = library.communes.values()
        yield from ready_faults(content.documents[READY], library.ready_texts, communes)
    for folder, layers in (("provinces", library.provinces), ("communes", library.communes)):
        for layer in layers.values():
            document = content.documents.get(f"{folder}/{layer.id}.yaml")
            if document is not None:
                for owner, facts in layer.facts.items():
                    yield from date_faults(document, ("facts", owner), facts)
                yield from short_faults(document)
                yield from reading_faults(document, keywords, ["facts"])
    for procedure_id in _sound(content):
        procedure = library.procedures[procedure_id]
        document = content.documents[f"procedures/{procedure_id}.yaml"]
        yield from _dates(document, procedure)
        yield from procedure_faults(document, procedure)
        yield from case_faults(document, procedure, {**library.common.facts, **procedure.facts})
        yield from text_faults(document, procedure, days)
        yield from reading_faults(document, keywords)
    if not content.faults:
        # Half-read content would make everything look unused.
        yield from shared_faults(content.documents, library)


def _dates(document: Document, owner: Common | Procedure) -> Iterator[ContentFault]:
    yield from date_faults(document, ("facts",), owner.facts)
    yield from date_faults(document, ("papers",), owner.papers)


def _sound(content: Content) -> list[str]:
    """Procedures that can be walked: no fault in them nor in what they share."""
    broken = {fault.file for fault in content.faults}
    if f"faq/{COMMON_FILE}" in broken or content.common is None:
        return []
    return [p for p in content.procedures if f"faq/procedures/{p}.yaml" not in broken]


def _counted(procedure: Procedure, days: Sequence[View]) -> Counts:
    items = [*procedure.facts.values(), *procedure.papers.values()]
    return Counts(
        procedure=procedure.id,
        variants=len(procedure.variants),
        facts=sum(map(len, procedure.facts.values())),
        papers=sum(map(len, procedure.papers.values())),
        to_confirm=sum(version.confirm is not None for item in items for version in item),
        paths=sum(1 for _ in islice(checklists.paths(procedure.checklist), MAX_PATHS)),
        longest_sms=longest_sms(procedure, days),
    )


def _counts(library: Library, counted: Sequence[Counts]) -> dict[str, int]:
    everything = list(library.dated())
    facts = [item for _, _, item in everything if isinstance(item, Fact)]
    return {
        "thủ tục": len(library.procedures),
        "dạng thủ tục": sum(one.variants for one in counted),
        "dữ kiện": len(facts),
        "giấy tờ": len(everything) - len(facts),
        "nguồn": len(library.sources),
        "xã": len(library.communes),
        "tỉnh": len(library.provinces),
        "câu nói": len(library.phrases),
        "dữ kiện chờ cán bộ xác nhận": sum(item.confirm is not None for _, _, item in everything),
        "điều cán bộ cần xác nhận": len(library.to_confirm),
        "trường hợp đã đi hết": sum(one.paths for one in counted),
    }
