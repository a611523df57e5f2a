"""``hotro content check``: everything that can be wrong with ``faq/``, with its place.

:mod:`bot.knowledge.loader` finds what makes content unusable; the rules here find what
makes it bad: a paper that no case asks for, an answer that does not fit two SMS, a fact
without a legal source that is really cited, a cue that means two things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.knowledge import checklist as checklists
from bot.knowledge.check_cases import case_faults
from bot.knowledge.check_rules import (
    commune_faults,
    date_faults,
    phrase_faults,
    procedure_faults,
    shared_faults,
)
from bot.knowledge.check_texts import longest_sms, text_faults
from bot.knowledge.errors import ContentFault
from bot.knowledge.library import Knowledge
from bot.knowledge.loader import PHRASES, Content, parse, read_texts


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: faults in file and line order, and how much content there is."""

    faults: tuple[ContentFault, ...]
    counts: dict[str, int]


def check(faq_dir: Path) -> Report:
    """Check all content files of ``faq_dir``; never raises on bad content."""
    texts, faults = read_texts(faq_dir)
    content = parse(texts)
    faults += content.faults
    if PHRASES not in texts:
        faults.append(ContentFault(f"faq/{PHRASES}", 1, "thiếu tệp này"))
    if content.common is not None:
        faults += _rules(content)
    sound = _sound(content)
    return Report(tuple(sorted(set(faults))), _counts(content.knowledge(), sound))


def _rules(content: Content) -> Iterator[ContentFault]:
    knowledge = content.knowledge()
    yield from date_faults(content.documents["common.yaml"], knowledge.common)
    yield from commune_faults(content.documents, knowledge)
    if content.phrases:
        yield from phrase_faults(content.documents[PHRASES], knowledge.phrases)
    for procedure_id in _sound(content):
        procedure = knowledge.procedures[procedure_id]
        document = content.documents[f"procedures/{procedure_id}.yaml"]
        yield from date_faults(document, procedure)
        yield from procedure_faults(document, procedure)
        yield from case_faults(document, procedure, knowledge)
        yield from text_faults(document, procedure, knowledge)
    if not content.faults:
        # Half-read content would make everything look unused.
        yield from shared_faults(content.documents, knowledge)


def _sound(content: Content) -> list[str]:
    """Procedures that can be walked: no fault in them nor in what they share."""
    broken = {fault.file for fault in content.faults}
    if "faq/common.yaml" in broken or content.common is None:
        return []
    return [p for p in content.procedures if f"faq/procedures/{p}.yaml" not in broken]


def _counts(knowledge: Knowledge, sound: list[str]) -> dict[str, int]:
    owners = knowledge.owners()
    facts = [fact for owner in owners for fact in owner.facts.values()]
    papers = [paper for owner in owners for paper in owner.papers.values()]
    counts = {
        "thủ tục": len(knowledge.procedures),
        "dữ kiện": len(facts),
        "giấy tờ": len(papers),
        "nguồn": len(knowledge.sources),
        "xã": len(knowledge.communes),
        "câu nói": len(knowledge.phrases),
        "chờ cán bộ xác nhận": sum(item.confirm is not None for item in (*facts, *papers)),
    }
    for name in sound:
        paths = checklists.paths(knowledge.procedures[name].checklist)
        counts[f"trường hợp của {name}"] = sum(1 for _ in paths)
        counts[f"SMS dài nhất của {name}"] = longest_sms(knowledge.procedures[name], knowledge)
    return counts
