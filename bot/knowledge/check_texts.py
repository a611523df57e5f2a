"""Rules about how long texts come out, and which characters an SMS carries."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.knowledge import checklist as checklists
from bot.knowledge import placeholders
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.model import Answer, Commune, Procedure
from bot.knowledge.references import Place
from bot.knowledge.render import OUTCOME_SMS, Rendered, render_facts, render_outcome
from bot.messages import CHOICE_LABEL
from bot.text import fold

ANSWER_SMS: Final = 290
"""Two parts of GSM 7-bit are 306 characters; the rest is for a word from the bot."""
ANSWER_LONG: Final = 900
OUTCOME_LONG: Final = 1900
"""A Zalo message holds 2,000 characters."""
QUESTION_SMS: Final = 160

_GSM = frozenset(string.ascii_letters + string.digits + " \n@$_!\"#%&'()*+,-./:;<=>?")
"""What one 7-bit character holds, as far as folded Vietnamese needs it."""


def outside_gsm(document: Document, text: str, *path: str | int) -> Iterator[ContentFault]:
    """A fault when ``text``, folded, has characters that an SMS sends at double price."""
    outside = sorted(set(fold(text)) - _GSM)
    if outside:
        reason = f"SMS không gửi được ký tự {' '.join(outside)}"
        yield document.fault(reason, *path)


@dataclass(frozen=True, slots=True)
class View:
    """The content of one day in one commune, with what is needed to look at all of it."""

    knowledge: Knowledge
    commune: Commune
    day: date

    @property
    def place(self) -> str:
        return f"ở {self.commune.name} ngày {self.day:%d/%m/%Y}"


LOOK_AHEAD: Final = timedelta(days=400)


def views(library: Library, communes: Collection[str] | None = None) -> list[View]:
    """Every commune (or only these) on the day of the first check and on each later day on
    which something changes."""
    checks = [item.checked_on for _, _, item in library.dated()]
    first, last = min(checks, default=date.min), max(checks, default=date.min)
    later = [day for day in library.turning_days() if first < day <= last + LOOK_AHEAD]
    return [
        View(library.on(day, commune.id), commune, day)
        for day in (first, *later)
        for commune in library.communes.values()
        if communes is None or commune.id in communes
    ]


def text_faults(
    document: Document, procedure: Procedure, days: Sequence[View]
) -> Iterator[ContentFault]:
    """Answers, questions and lists that are too long, or that an SMS would spoil."""
    yield from _characters(document, procedure)
    yield from _answers(document, procedure, days)
    yield from _questions(document, procedure, days)
    yield from _outcomes(document, procedure, days)


def _characters(document: Document, procedure: Procedure) -> Iterator[ContentFault]:
    yield from outside_gsm(document, procedure.short, "short")
    yield from outside_gsm(document, procedure.opening_short or "", "opening_short")
    yield from short_faults(document)


_SHORT: Final = frozenset({"short", "case_short", "label_short", "ask_short", "said_short"})


def short_faults(document: Document) -> Iterator[ContentFault]:
    """Characters that an SMS cannot carry, in all short texts of a file."""
    for path, text in document.texts():
        if path[-1] in _SHORT:
            yield from outside_gsm(document, placeholders.fill(text, lambda _: ""), *path)


def written_answers(procedure: Procedure) -> Iterator[tuple[Place, Answer]]:
    """All answers of a procedure and of its variants, with their places."""
    for aspect, answer in procedure.answers.items():
        yield ("answers", aspect), answer
    for index, variant in enumerate(procedure.variants):
        for aspect, answer in variant.answers.items():
            yield ("variants", index, "answers", aspect), answer


def _answers(
    document: Document, procedure: Procedure, days: Sequence[View]
) -> Iterator[ContentFault]:
    for path, answer in written_answers(procedure):
        told = False
        for view in days:
            own = view.knowledge.procedure(procedure.id)
            rendered = render_facts(view.knowledge, own, answer, view.commune)
            if rendered is not None:
                told = True
                limits = (ANSWER_LONG, ANSWER_SMS)
                yield from _lengths(document, rendered, limits, view.place, *path)
        if days and not told:
            yield document.fault("các dữ kiện không cùng hiệu lực vào ngày nào", *path)
        yield from _repeats(document, answer, *path)


def _repeats(document: Document, answer: Answer, *path: str | int) -> Iterator[ContentFault]:
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


def _questions(
    document: Document, procedure: Procedure, days: Sequence[View]
) -> Iterator[ContentFault]:
    if not days:
        return  # without a commune that can be read, numbers stand open in the questions
    filled = days[0].knowledge.procedure(procedure.id)
    for index, question in enumerate(filled.checklist.questions):
        path = ("checklist", "questions", index)
        menu = "".join(f"\n{n}: {o.short}" for n, o in enumerate(question.options, 1))
        size = len(fold(question.short + menu))
        if size > QUESTION_SMS:
            reason = f"SMS câu hỏi có {size} ký tự (nhiều nhất {QUESTION_SMS})"
            yield document.fault(reason, *path, "short")
        for number, option in enumerate(question.options):
            if len(option.label) > CHOICE_LABEL:
                reason = f"nút “{option.label}” dài hơn {CHOICE_LABEL} ký tự"
                yield document.fault(reason, *path, "options", number, "label")


def _outcomes(
    document: Document, procedure: Procedure, days: Sequence[View]
) -> Iterator[ContentFault]:
    told = False
    seen: list[tuple[object, ...]] = []
    for view in days:
        own = view.knowledge.procedure(procedure.id)
        same = (own, view.knowledge.common, view.commune.id)
        if same in seen:
            told = True
            continue
        seen.append(same)
        ways = list(_rendered_paths(own, view))
        told = told or bool(ways)
        # Of many cases that are too long, the longest tells enough.
        worst = [max(ways, key=lambda way: len(way[1].long), default=None)]
        worst += [max(ways, key=lambda way: len(way[1].short), default=None)]
        for answers, rendered in (way for way in worst if way):
            case = ", ".join(answers.values()) or "chưa trả lời gì"
            limits = (OUTCOME_LONG, OUTCOME_SMS)
            yield from _lengths(document, rendered, limits, f"khi {case}", "checklist")
    if days and not told:
        reason = "giấy tờ và ghi chú không cùng hiệu lực vào ngày nào"
        yield document.fault(reason, "checklist")


def _rendered_paths(procedure: Procedure, view: View) -> Iterator[tuple[dict[str, str], Rendered]]:
    for answers in ({}, *checklists.paths(procedure.checklist)):
        outcome = checklists.outcome(procedure, view.knowledge, answers)
        if outcome.papers or outcome.handover is None:
            yield answers, render_outcome(outcome, view.knowledge, view.commune)


def longest_sms(procedure: Procedure, days: Sequence[View]) -> int:
    """The length of the longest SMS that the procedure's content makes, folded."""
    sizes = [0]
    for view in days:
        own = view.knowledge.procedure(procedure.id)
        for _, answer in written_answers(procedure):
            rendered = render_facts(view.knowledge, own, answer, view.commune)
            sizes.append(len(fold(rendered.short)) if rendered else 0)
    for view in days[:1]:
        own = view.knowledge.procedure(procedure.id)
        sizes += [len(fold(r.short)) for _, r in _rendered_paths(own, view)]
    return max(sizes)
