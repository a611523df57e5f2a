"""Rules about how long texts come out, and which characters an SMS carries."""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from bot.knowledge import checklist as checklists
from bot.knowledge import placeholders
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Answer, Dated, Procedure
from bot.knowledge.render import OUTCOME_SMS, Rendered, render_answer, render_outcome
from bot.text import fold

ANSWER_SMS: Final = 290
"""Two parts of GSM 7-bit are 306 characters; the rest is for a word from the bot."""
ANSWER_LONG: Final = 900
OUTCOME_LONG: Final = 1900
"""A Zalo message holds 2,000 characters."""
QUESTION_SMS: Final = 160
LABEL: Final = 40

_GSM = frozenset(string.ascii_letters + string.digits + " \n@$_!\"#%&'()*+,-./:;<=>?")
"""What one 7-bit character holds, as far as folded Vietnamese needs it."""


def outside_gsm(document: Document, text: str, *path: str | int) -> Iterator[ContentFault]:
    """A fault when ``text``, folded, has characters that an SMS sends at double price."""
    outside = sorted(set(fold(text)) - _GSM)
    if outside:
        reason = f"SMS không gửi được ký tự {' '.join(outside)}"
        yield document.fault(reason, *path)


def text_faults(
    document: Document, procedure: Procedure, knowledge: Knowledge
) -> Iterator[ContentFault]:
    """Answers, questions and lists that are too long, or that an SMS would spoil."""
    yield from _characters(document, procedure)
    yield from _answers(document, procedure, knowledge)
    yield from _questions(document, procedure)
    yield from _outcomes(document, procedure, knowledge)


def _characters(document: Document, procedure: Procedure) -> Iterator[ContentFault]:
    yield from outside_gsm(document, procedure.short, "short")
    yield from outside_gsm(document, procedure.opening_short or "", "opening_short")
    for path, text in document.texts():
        if path[-1] in ("short", "case_short", "label_short", "ask_short") and path[0] != "answers":
            yield from outside_gsm(document, placeholders.fill(text, lambda _: ""), *path)


def _answers(
    document: Document, procedure: Procedure, knowledge: Knowledge
) -> Iterator[ContentFault]:
    for aspect, answer in procedure.answers.items():
        path = ("answers", aspect)
        day = common_day(knowledge.fact(procedure, f) for f in (*answer.facts, *answer.short))
        if day is None:
            yield document.fault("các dữ kiện không cùng hiệu lực vào ngày nào", *path)
            continue
        for commune in knowledge.communes.values():
            rendered = render_answer(knowledge, procedure, aspect, commune, day)
            if rendered is not None:
                where = f"ở {commune.name}"
                yield from _lengths(document, rendered, (ANSWER_LONG, ANSWER_SMS), where, *path)
        yield from _repeats(document, answer, *path)


def _repeats(document: Document, answer: Answer, *path: str) -> Iterator[ContentFault]:
    for field in ("facts", "short"):
        names: tuple[str, ...] = getattr(answer, field)
        for index, name in enumerate(names):
            if name in names[:index]:
                yield document.fault(f"dữ kiện “{name}” lặp lại", *path, field, index)


def _lengths(
    document: Document,
    rendered: Rendered,
    limits: tuple[int, int],
    where: str,
    *path: str | int,
) -> Iterator[ContentFault]:
    long, short = len(rendered.long), len(fold(rendered.short))
    if long > limits[0]:
        reason = f"bản dài {where} có {long} ký tự (nhiều nhất {limits[0]})"
        yield document.fault(reason, *path)
    if short > limits[1]:
        reason = f"SMS {where} có {short} ký tự (nhiều nhất {limits[1]})"
        yield document.fault(reason, *path)


def _questions(document: Document, procedure: Procedure) -> Iterator[ContentFault]:
    for index, question in enumerate(procedure.checklist.questions):
        path = ("checklist", "questions", index)
        menu = "".join(f"\n{n}: {o.short}" for n, o in enumerate(question.options, 1))
        size = len(fold(question.short + menu))
        if size > QUESTION_SMS:
            reason = f"SMS câu hỏi có {size} ký tự (nhiều nhất {QUESTION_SMS})"
            yield document.fault(reason, *path, "short")
        for number, option in enumerate(question.options):
            if len(option.label) > LABEL:
                reason = f"nút “{option.label}” dài hơn {LABEL} ký tự"
                yield document.fault(reason, *path, "options", number, "label")


def _outcomes(
    document: Document, procedure: Procedure, knowledge: Knowledge
) -> Iterator[ContentFault]:
    day = _checklist_day(procedure, knowledge)
    if day is None:
        reason = "giấy tờ và ghi chú không cùng hiệu lực vào ngày nào"
        yield document.fault(reason, "checklist")
        return
    ways = list(_rendered_paths(procedure, knowledge, day))
    # Of many cases that are too long, the longest tells enough.
    worst = [max(ways, key=lambda way: len(way[1].long), default=None)]
    worst += [max(ways, key=lambda way: len(way[1].short), default=None)]
    for answers, rendered in (way for way in worst if way):
        case = ", ".join(answers.values()) or "chưa trả lời gì"
        limits = (OUTCOME_LONG, OUTCOME_SMS)
        yield from _lengths(document, rendered, limits, f"khi {case}", "checklist")


def _checklist_day(procedure: Procedure, knowledge: Knowledge) -> date | None:
    checklist = procedure.checklist
    papers = [knowledge.paper(procedure, use.paper) for use in checklist.papers]
    notes = [knowledge.fact(procedure, use.fact) for use in checklist.notes]
    return common_day((*papers, *notes))


def _rendered_paths(
    procedure: Procedure, knowledge: Knowledge, day: date
) -> Iterator[tuple[dict[str, str], Rendered]]:
    for answers in ({}, *checklists.paths(procedure.checklist)):
        outcome = checklists.outcome(procedure, knowledge, answers, day)
        for commune in knowledge.communes.values():
            yield answers, render_outcome(outcome, knowledge, commune)


def common_day(items: Iterable[Dated]) -> date | None:
    """The first day on which all of ``items`` hold, if there is one."""
    items = list(items)
    day = max((item.holds_from for item in items), default=date.min)
    return day if all(item.holds_on(day) for item in items) or not items else None


def longest_sms(procedure: Procedure, knowledge: Knowledge) -> int:
    """The length of the longest SMS that the procedure's content makes, folded."""
    sizes = [0]
    for aspect, answer in procedure.answers.items():
        day = common_day(knowledge.fact(procedure, f) for f in (*answer.facts, *answer.short))
        for commune in knowledge.communes.values() if day else ():
            rendered = render_answer(knowledge, procedure, aspect, commune, day or date.min)
            sizes.append(len(fold(rendered.short)) if rendered else 0)
    day = _checklist_day(procedure, knowledge)
    if day is not None:
        sizes += [len(fold(r.short)) for _, r in _rendered_paths(procedure, knowledge, day)]
    return max(sizes)
