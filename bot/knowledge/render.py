"""Content -> the sentences that a citizen reads, in both lengths.

Short texts come back with or without diacritics; SMS folds them when sending.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from bot.knowledge import placeholders
from bot.knowledge.checklist import Outcome, UsedPaper, answer_of
from bot.knowledge.conditions import Answers
from bot.knowledge.hours import Opening, opening, render_hours
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Answer, AnswerAspect, Commune, Fact, Paper, Procedure

__all__ = [
    "OUTCOME_SMS",
    "Opening",
    "Rendered",
    "lapsed",
    "opening",
    "render_answer",
    "render_fact",
    "render_facts",
    "render_hours",
    "render_outcome",
    "render_paper",
]

OUTCOME_SMS: Final = 250
"""Room for a list of papers in an SMS of two parts, beside the sentence around it."""

_AND_MORE: Final = "giấy khác tùy trường hợp"

_TO_DO: Final = {
    ("nop", "ban_chinh"): "nộp bản chính",
    ("nop", "ban_sao"): "nộp bản sao",
    ("nop", "ban_sao_chung_thuc"): "nộp bản sao có chứng thực",
    ("nop", "ban_chinh_hoac_ban_sao"): "nộp bản chính hoặc bản sao",
    ("nop", "mau_dien_san"): "điền và nộp",
    ("nop", "anh_chup"): "gửi ảnh chụp qua mạng",
    ("nop", "thong_tin"): "cho cán bộ biết",
    ("xuat_trinh", "ban_chinh"): "cho xem bản chính rồi mang về",
    ("xuat_trinh", "ban_sao"): "cho xem bản sao rồi mang về",
    ("xuat_trinh", "ban_sao_chung_thuc"): "cho xem bản sao có chứng thực rồi mang về",
    ("xuat_trinh", "ban_chinh_hoac_ban_sao"): "cho xem bản chính hoặc bản sao rồi mang về",
    ("xuat_trinh", "mau_dien_san"): "điền rồi cho xem",
    ("xuat_trinh", "anh_chup"): "cho xem ảnh chụp",
    ("xuat_trinh", "thong_tin"): "cho cán bộ xem",
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """One answer in both lengths; ``confirm``: what an officer has yet to confirm of it."""

    long: str
    short: str
    confirm: list[str]


def render_fact(fact: Fact, knowledge: Knowledge, commune: Commune, short: bool) -> str:
    """The fact's sentence for this commune's citizens."""

    def value(place: str) -> str | None:
        if place == "value":
            return None if fact.value is None else placeholders.show(fact.value)
        owner, _, name = place.partition(".")
        return _commune_place(commune, name, short) if owner == "commune" else None

    return placeholders.fill(fact.short if short else fact.long, value)


def _commune_place(commune: Commune, name: str, short: bool) -> str | None:
    office, police = commune.desk("tu_phap"), commune.desk("cong_an")
    places = {
        "name": commune.short if short else commune.name,
        "office": office.short if short else office.name,
        "address": office.address_short if short else office.address,
        "phone": office.phone,
        "hours": render_hours(office, short),
        "police": police.short if short else police.name,
        "police_address": police.address_short if short else police.address,
        "police_phone": police.phone,
        "police_hours": render_hours(police, short),
    }
    return places.get(name)


def render_answer(
    knowledge: Knowledge,
    procedure: Procedure,
    aspect: AnswerAspect,
    commune: Commune,
    case: Answers | None = None,
) -> Rendered | None:
    """The answer to one aspect, in that case; none when it may not be told on the day."""
    answer = answer_of(procedure, aspect, case or {})
    return None if answer is None else render_facts(knowledge, procedure, answer, commune)


def render_facts(
    knowledge: Knowledge, procedure: Procedure, answer: Answer, commune: Commune
) -> Rendered | None:
    """The facts of ``answer``; none when one that it needs may not be told on the day."""
    if lapsed(knowledge, procedure, answer):
        return None
    long, short = (
        [fact for fact_id in ids if (fact := knowledge.find_fact(procedure, fact_id))]
        for ids in (answer.facts, answer.short)
    )
    if not long or not short:
        return None
    return Rendered(
        long="\n".join(render_fact(fact, knowledge, commune, short=False) for fact in long),
        short=" ".join(render_fact(fact, knowledge, commune, short=True) for fact in short),
        confirm=_confirm((*long, *short)),
    )


def lapsed(knowledge: Knowledge, procedure: Procedure, answer: Answer) -> list[str]:
    """The facts without which ``answer`` is none and that may not be told on the day."""
    return [
        fact_id
        for fact_id in dict.fromkeys((*answer.facts, *answer.short))
        if (why := knowledge.why_missing(procedure, fact_id)) is not None
        and knowledge.find_fact(procedure, fact_id) is None
        and not why.optional
    ]


def _confirm(items: Iterable[Fact | Paper]) -> list[str]:
    return list(dict.fromkeys(item.confirm for item in items if item.confirm))


def render_paper(used: UsedPaper, short: bool, case: bool = True) -> str:
    """One line of the list of papers; with its ``case``, as long as that is not certain."""
    paper, use, certain = used
    told = None if certain or not case else use.case_short if short else use.case
    name = paper.short if short else paper.name
    if paper.copies > 1:
        name = f"{name}, {paper.copies} bản"
    if short:
        return f"{told}: {name}" if told else name
    what = f"{name} ({_TO_DO[paper.how, paper.form]})."
    what = f"{told[0].upper()}{told[1:]}: {what}" if told else what
    return " ".join(part for part in (what, paper.where, paper.waived) if part)


def render_outcome(outcome: Outcome, knowledge: Knowledge, commune: Commune) -> Rendered:
    """The papers, then the notes; headings around them are the caller's phrases.

    The papers of a finished case are numbered. Those of an open one tell in which case
    they are asked for; an SMS then names as many of them as fit in :data:`OUTCOME_SMS`.
    Notes that an SMS need not carry fill what room is left.
    """
    long = [_long_line(outcome, n, used) for n, used in enumerate(outcome.papers, 1)]
    long += [render_fact(fact, knowledge, commune, short=False) for fact in outcome.notes]
    must = [render_fact(fact, knowledge, commune, short=True) for fact in outcome.sms_notes]
    listed = _listed(outcome.papers) if outcome.complete else _fitting(outcome.papers, must)
    short = " ".join(part for part in (listed, *must) if part)
    if outcome.complete:
        may = [fact for fact in outcome.notes if fact not in outcome.sms_notes]
        short = _filled(short, (render_fact(fact, knowledge, commune, True) for fact in may))
    return Rendered(
        long="\n".join(long),
        short=short,
        confirm=_confirm((*(used.paper for used in outcome.papers), *outcome.notes)),
    )


def _long_line(outcome: Outcome, number: int, used: UsedPaper) -> str:
    mark = f"{number}." if outcome.complete else "-"
    return f"{mark} {render_paper(used, short=False)}"


def _filled(short: str, notes: Iterable[str]) -> str:
    """``short`` and each note after it that still fits."""
    for note in notes:
        more = f"{short} {note}".strip()
        short = more if len(more) <= OUTCOME_SMS else short
    return short


def _listed(papers: Sequence[UsedPaper]) -> str:
    listed = "; ".join(f"{n}) {render_paper(used, True)}" for n, used in enumerate(papers, 1))
    return f"{listed}." if listed else ""


def _fitting(papers: Sequence[UsedPaper], notes: Iterable[str]) -> str:
    """The certain papers and as many of the others, in order, as an SMS has room for."""
    room = OUTCOME_SMS - sum(len(note) + 1 for note in notes)
    ordered = sorted(papers, key=lambda used: not used.certain)
    for count in range(len(ordered), -1, -1):
        listed = _open_list(ordered[:count])
        if count < len(ordered):
            listed = f"{listed}; {_AND_MORE}" if listed else _AND_MORE
        if len(listed) < room or all(used.certain for used in ordered[:count]):
            break
    return f"{listed}." if listed else ""


def _open_list(papers: Iterable[UsedPaper]) -> str:
    """Papers with their case, said once for neighbours that share it."""
    runs = groupby(papers, key=lambda used: None if used.certain else used.use.case_short)
    parts = []
    for case, run in runs:
        names = ", ".join(render_paper(used, True, case=False) for used in run)
        parts.append(f"{case}: {names}" if case else names)
    return "; ".join(parts)
