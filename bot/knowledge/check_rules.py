"""Rules about single items and about what is shared between files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, get_args

from bot.knowledge import placeholders, reading
from bot.knowledge.check_texts import outside_gsm
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.keywords import keyword_faults
from bot.knowledge.library import Library
from bot.knowledge.model import (
    AnswerAspect,
    Commune,
    FactVersions,
    Hours,
    Menu,
    PaperVersions,
    Phrase,
    Procedure,
    source_of,
)
from bot.knowledge.references import Place, fact_uses, version_places
from bot.knowledge.villages import twice

BOT_FACTS: Final = ("after_15h", "no_district", "old_names_ok", "status_lookup")
"""Shared facts that the bot's own code speaks of."""
FIRST_DAY: Final = date(1945, 9, 2)
"""No rule of ours is older than the state that made it."""


def date_faults(
    document: Document, place: Place, items: Mapping[str, FactVersions | PaperVersions]
) -> Iterator[ContentFault]:
    """Dates that cannot be, and doubtful items that nobody is asked to confirm."""
    for path, item in version_places(document, place, items):
        if item.holds_to is not None and item.holds_to < item.holds_from:
            reason = (
                f"hết hiệu lực ({item.holds_to}) trước khi có hiệu lực ({item.holds_from}); "
                "xem ngày của các nguồn"
            )
            yield document.fault(reason, *path, "sources")
        for field in ("holds_from", "checked_on"):
            if getattr(item, field) < FIRST_DAY:
                yield document.fault(f"{field} không hợp lý", *path, field)
        if item.confidence == "M" and not item.confirm:
            yield document.fault("độ tin cậy M thì phải có mục confirm", *path, "confidence")


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
    return {fact_id for _, fact_id in fact_uses(procedure)} | _facts_in_places(document)


def _facts_in_places(document: Document) -> set[str]:
    """Facts whose value some text of the file takes: ``{fact.value}``."""
    return {
        place.removesuffix(".value")
        for _, text in document.texts()
        for place in placeholders.find(text)
        if place.endswith(".value")
    }


def shared_faults(documents: Mapping[str, Document], library: Library) -> Iterator[ContentFault]:
    """What several files share: used by someone, and said once."""
    if not library.procedures:
        yield ContentFault("faq/procedures", 1, "chưa có thủ tục nào")
    yield from _unused_common(documents, library)
    yield from _unused_sources(documents["sources.yaml"], library)
    yield from _keywords_twice(documents, library)
    yield from _codes_twice(documents, library)
    if library.menu is not None:
        yield from _not_in_menu(documents["menu.yaml"], library, library.menu)


def _not_in_menu(document: Document, library: Library, menu: Menu) -> Iterator[ContentFault]:
    """What the menu does not lead to can only be found by asking for it."""
    listed = {*menu.first, *(name for group in menu.groups for name in group.procedures)}
    for name in library.procedures.keys() - listed:
        yield document.fault(f"thiếu thủ tục “{name}”", "groups")


def _unused_common(documents: Mapping[str, Document], library: Library) -> Iterator[ContentFault]:
    document = documents["common.yaml"]
    facts = set(BOT_FACTS) | _facts_in_places(document)
    papers: set[str] = set()
    for procedure in library.procedures.values():
        facts |= _used_facts(documents[f"procedures/{procedure.id}.yaml"], procedure)
        papers |= {use.paper for use in procedure.checklist.papers}
    for fact_id in library.common.facts.keys() - facts:
        yield document.fault(f"dữ kiện “{fact_id}” không dùng ở đâu", "facts", fact_id)
    for paper_id in library.common.papers.keys() - papers:
        yield document.fault(f"giấy tờ “{paper_id}” không dùng ở đâu", "papers", paper_id)


def _unused_sources(document: Document, library: Library) -> Iterator[ContentFault]:
    cited = {source_of(citation) for _, _, item in library.dated() for citation in item.sources}
    for name in library.sources.keys() - cited:
        yield document.fault(f"nguồn “{name}” không được dẫn ở đâu", name)


def _keywords_twice(documents: Mapping[str, Document], library: Library) -> Iterator[ContentFault]:
    seen: dict[str, str] = {}
    for procedure in library.procedures.values():
        word = procedure.keyword
        if word in seen:
            document = documents[f"procedures/{procedure.id}.yaml"]
            yield document.fault(f"từ khoá “{word}” đã có ở {seen[word]}", "keyword")
        seen[word] = procedure.id


def _codes_twice(documents: Mapping[str, Document], library: Library) -> Iterator[ContentFault]:
    """One national code under two official names: one of them is copied wrongly."""
    names: dict[str, str] = {}
    for procedure in library.procedures.values():
        document = documents[f"procedures/{procedure.id}.yaml"]
        for index, variant in enumerate(procedure.variants):
            if variant.code is None:
                continue
            name = names.setdefault(variant.code, variant.name)
            if name != variant.name:
                reason = f"mã thủ tục “{variant.code}” ở nơi khác mang tên “{name}”"
                yield document.fault(reason, "variants", index)


def reading_faults(
    document: Document, keywords: Iterable[str], places: Iterable[str] = ()
) -> Iterator[ContentFault]:
    """Sentences that are too long to be heard once, abbreviations that nobody explained.

    Args:
        places: the top-level parts of the file that are looked at; all of them when empty.
    """
    wanted = set(places)
    for path, text in reading.spoken(document):
        if wanted and path[0] not in wanted:
            continue
        for sentence, count in reading.sentences(text):
            if count > reading.MAX_SYLLABLES:
                start = " ".join(sentence.split()[:6])
                reason = f"câu dài {count} tiếng (nhiều nhất {reading.MAX_SYLLABLES}): {start} ..."
                yield document.fault(reason, *path)
        for word in reading.abbreviations(text, keywords):
            yield document.fault(f"chữ viết tắt “{word}” chưa được giải thích", *path)


def commune_faults(documents: Mapping[str, Document], library: Library) -> Iterator[ContentFault]:
    """Communes: opening hours in order, boards that lead somewhere, texts that SMS carries."""
    boards: dict[str, str] = {}
    for commune in library.communes.values():
        document = documents.get(f"communes/{commune.id}.yaml")
        if document is not None:
            yield from _hours(document, commune.hours, ("hours",))
            yield from _boards(document, commune, library, boards)
            yield from keyword_faults(document, commune)
            for index, name in twice(commune.villages):
                reason = f"“{name}” chỉ hai thôn khác nhau"
                yield document.fault(reason, "villages", index)
            for field in ("short", "office_short", "address_short", "phone"):
                yield from outside_gsm(document, getattr(commune, field), field)
            if commune.police is not None:
                yield from _hours(document, commune.police.hours, ("police", "hours"))
                for field in ("short", "address_short", "phone"):
                    place = ("police", field)
                    yield from outside_gsm(document, getattr(commune.police, field), *place)


def _hours(document: Document, hours: Hours, place: Place) -> Iterator[ContentFault]:
    for day, periods in hours.items():
        last = None
        for index, period in enumerate(periods):
            late = last is not None and period.opens < last
            if late or period.opens >= period.closes:
                yield document.fault(f"giờ mở cửa {day} không đúng thứ tự", *place, day, index)
            last = period.closes


def _boards(
    document: Document, commune: Commune, library: Library, seen: dict[str, str]
) -> Iterator[ContentFault]:
    for index, board in enumerate(commune.boards):
        path = ("boards", index)
        if board.procedure is not None and board.procedure not in library.procedures:
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
