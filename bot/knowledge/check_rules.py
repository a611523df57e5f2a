"""Rules about single items and about what is shared between files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, get_args

from bot.knowledge import placeholders
from bot.knowledge.check_texts import outside_gsm
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.library import Knowledge
from bot.knowledge.model import (
    AnswerAspect,
    Common,
    Commune,
    Phrase,
    Procedure,
)
from bot.knowledge.references import fact_uses

FIRST_DAY: Final = date(1945, 9, 2)
"""No rule of ours is older than the state that made it."""


def date_faults(document: Document, owner: Common | Procedure) -> Iterator[ContentFault]:
    """Dates that cannot be, and doubtful items that nobody is asked to confirm."""
    for kind, items in (("facts", owner.facts), ("papers", owner.papers)):
        for name, item in items.items():
            path = (kind, name)
            if item.holds_to is not None and item.holds_to < item.holds_from:
                yield document.fault("holds_to sớm hơn holds_from", *path, "holds_to")
            for field in ("holds_from", "checked_on"):
                if getattr(item, field) < FIRST_DAY:
                    yield document.fault(f"{field} không hợp lý", *path, field)
            if item.confidence == "M" and not item.confirm:
                reason = "độ tin cậy M thì phải có mục confirm"
                yield document.fault(reason, *path, "confidence")


def procedure_faults(document: Document, procedure: Procedure) -> Iterator[ContentFault]:
    """Aspects without an answer, items without a use, cases without words."""
    for aspect in get_args(AnswerAspect):
        if aspect not in procedure.answers:
            yield document.fault(f"thiếu câu trả lời cho “{aspect}”", "answers")
    used = _used_facts(document, procedure)
    for fact_id in procedure.facts.keys() - used:
        yield document.fault(f"dữ kiện “{fact_id}” không dùng ở đâu", "facts", fact_id)
    listed = [use.paper for use in procedure.checklist.papers]
    for paper_id in procedure.papers.keys() - set(listed):
        yield document.fault(f"giấy tờ “{paper_id}” không dùng ở đâu", "papers", paper_id)
    for index, use in enumerate(procedure.checklist.papers):
        path = ("checklist", "papers", index)
        if use.paper in listed[:index]:
            yield document.fault(f"giấy tờ “{use.paper}” bị liệt kê hai lần", *path, "paper")
        if use.when and not (use.case and use.case_short):
            reason = f"giấy tờ “{use.paper}” có điều kiện thì phải có case và case_short"
            yield document.fault(reason, *path, "when")


def _used_facts(document: Document, procedure: Procedure) -> set[str]:
    used = {fact_id for _, fact_id in fact_uses(procedure)}
    return used | _facts_in_places(document)


def _facts_in_places(document: Document) -> set[str]:
    """Facts whose value some text of the file takes: ``{fact.value}``."""
    return {
        place.removesuffix(".value")
        for _, text in document.texts()
        for place in placeholders.find(text)
        if place.endswith(".value")
    }


def shared_faults(
    documents: Mapping[str, Document], knowledge: Knowledge
) -> Iterator[ContentFault]:
    """What several files share: used by someone, and said once."""
    if not knowledge.procedures:
        yield ContentFault("faq/procedures", 1, "chưa có thủ tục nào")
    yield from _unused_common(documents, knowledge)
    yield from _unused_sources(documents["sources.yaml"], knowledge)
    for field, place in (("codes", "mã thủ tục"), ("keyword", "từ khoá")):
        yield from _twice(documents, knowledge, field, place)


def _unused_common(
    documents: Mapping[str, Document], knowledge: Knowledge
) -> Iterator[ContentFault]:
    document = documents["common.yaml"]
    facts = _facts_in_places(document)
    papers: set[str] = set()
    for procedure in knowledge.procedures.values():
        facts |= _used_facts(documents[f"procedures/{procedure.id}.yaml"], procedure)
        papers |= {use.paper for use in procedure.checklist.papers}
    for fact_id in knowledge.common.facts.keys() - facts:
        yield document.fault(f"dữ kiện “{fact_id}” không dùng ở đâu", "facts", fact_id)
    for paper_id in knowledge.common.papers.keys() - papers:
        yield document.fault(f"giấy tờ “{paper_id}” không dùng ở đâu", "papers", paper_id)


def _unused_sources(document: Document, knowledge: Knowledge) -> Iterator[ContentFault]:
    cited = {
        citation.source
        for owner in knowledge.owners()
        for item in (*owner.facts.values(), *owner.papers.values())
        for citation in item.sources
    }
    for name in knowledge.sources.keys() - cited:
        yield document.fault(f"nguồn “{name}” không được dẫn ở đâu", name)


def _twice(
    documents: Mapping[str, Document], knowledge: Knowledge, field: str, what: str
) -> Iterator[ContentFault]:
    seen: dict[str, str] = {}
    for procedure in knowledge.procedures.values():
        names = [c for c, _ in procedure.codes] if field == "codes" else [procedure.keyword]
        for index, name in enumerate(names):
            if name in seen:
                document = documents[f"procedures/{procedure.id}.yaml"]
                yield document.fault(f"{what} “{name}” đã có ở {seen[name]}", field, index)
            seen[name] = procedure.id


def commune_faults(
    documents: Mapping[str, Document], knowledge: Knowledge
) -> Iterator[ContentFault]:
    """Communes: opening hours in order, boards that lead somewhere, texts that SMS carries."""
    boards: dict[str, str] = {}
    for commune in knowledge.communes.values():
        document = documents.get(f"communes/{commune.id}.yaml")
        if document is not None:
            yield from _hours(document, commune)
            yield from _boards(document, commune, knowledge, boards)
            for field in ("short", "office_short", "address_short", "phone"):
                yield from outside_gsm(document, getattr(commune, field), field)


def _hours(document: Document, commune: Commune) -> Iterator[ContentFault]:
    for day, periods in commune.hours.items():
        last = None
        for index, period in enumerate(periods):
            late = last is not None and period.opens < last
            if late or period.opens >= period.closes:
                yield document.fault(f"giờ mở cửa {day} không đúng thứ tự", "hours", day, index)
            last = period.closes


def _boards(
    document: Document, commune: Commune, knowledge: Knowledge, seen: dict[str, str]
) -> Iterator[ContentFault]:
    for index, board in enumerate(commune.boards):
        path = ("boards", index)
        if board.procedure is not None and board.procedure not in knowledge.procedures:
            yield document.fault(f"không có thủ tục “{board.procedure}”", *path, "procedure")
        if board.code in seen:
            reason = f"mã bảng “{board.code}” đã có ở {seen[board.code]}"
            yield document.fault(reason, *path, "code")
        seen[board.code] = commune.id


def phrase_faults(document: Document, phrases: Mapping[str, Phrase]) -> Iterator[ContentFault]:
    """Phrases whose braces do not close, or that SMS would spoil."""
    for phrase_id, phrase in phrases.items():
        for field, text in (("long", phrase.long), ("short", phrase.short)):
            for place in placeholders.find(text):
                if not place.isidentifier():
                    reason = f"ngoặc nhọn “{place}” không đúng"
                    yield document.fault(reason, phrase_id, field)
        filled = placeholders.fill(phrase.short, lambda _: "")
        yield from outside_gsm(document, filled, phrase_id, "short")
