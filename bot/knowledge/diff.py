"""What changes for citizens between two days: every answer and every case, said on both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import get_args

from bot.knowledge import checklist as checklists
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.model import AnswerAspect, Commune, Procedure
from bot.knowledge.render import render_answer, render_facts, render_outcome


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is said otherwise; None: it is not said, the officer answers."""

    procedure: str
    about: str
    """An aspect, a variant's aspect, or a case of the checklist in its options' words."""
    before: str | None
    after: str | None

    def lines(self) -> tuple[list[str], list[str]]:
        """The lines that go and the lines that come."""
        before, after = ((text or "").split("\n") for text in (self.before, self.after))
        gone = [line for line in before if line and line not in after]
        come = [line for line in after if line and line not in before]
        return gone, come


def changes(library: Library, commune: Commune, first: date, second: date) -> Iterator[Change]:
    """What is said otherwise on ``second`` than on ``first`` in that commune.

    Cases that change in the same lines are told once, by the shortest of them.
    """
    one, other = (library.on(day, commune.id) for day in (first, second))
    for name in library.procedures:
        yield from _answers(name, one, other, commune)
        yield from _cases(name, one, other, commune)


def _answers(name: str, one: Knowledge, other: Knowledge, commune: Commune) -> Iterator[Change]:
    for aspect in get_args(AnswerAspect):
        texts = [_answer(view, view.procedure(name), aspect, commune) for view in (one, other)]
        if texts[0] != texts[1]:
            yield Change(name, aspect, texts[0], texts[1])
    for index, variant in enumerate(one.procedure(name).variants):
        for aspect in variant.answers:
            texts = []
            for view in (one, other):
                own = view.procedure(name)
                answer = own.variants[index].answers[aspect]
                rendered = render_facts(view, own, answer, commune)
                texts.append(rendered.long if rendered else None)
            if texts[0] != texts[1]:
                yield Change(name, f"{aspect} ({variant.id})", texts[0], texts[1])


def _answer(
    knowledge: Knowledge, procedure: Procedure, aspect: AnswerAspect, commune: Commune
) -> str | None:
    rendered = render_answer(knowledge, procedure, aspect, commune)
    return rendered.long if rendered else None


def _cases(name: str, one: Knowledge, other: Knowledge, commune: Commune) -> Iterator[Change]:
    ways = sorted(checklists.paths(one.procedure(name).checklist), key=len)
    seen: set[tuple[tuple[str, ...], tuple[str, ...]]] = set()
    for answers in ways:
        texts = [_case(view, view.procedure(name), answers, commune) for view in (one, other)]
        if texts[0] == texts[1]:
            continue
        change = Change(name, _told(one.procedure(name), answers), texts[0], texts[1])
        gone, come = change.lines()
        lines = (tuple(gone), tuple(come)) if come else ((), ())
        if lines not in seen:
            seen.add(lines)
            yield change


def _case(
    knowledge: Knowledge, procedure: Procedure, answers: dict[str, str], commune: Commune
) -> str | None:
    outcome = checklists.outcome(procedure, knowledge, answers)
    if outcome.handover is not None:
        reason = outcome.handover.reason
        return None if reason.startswith(checklists.LAPSED) else reason
    rendered = render_outcome(outcome, knowledge, commune)
    result = outcome.variant.result
    fact = knowledge.find_fact(procedure, result) if result else None
    return "\n".join([rendered.long, *([fact.long] if fact else [])])


def _told(procedure: Procedure, answers: dict[str, str]) -> str:
    labels = []
    for question_id, option_id in answers.items():
        question = procedure.checklist.question(question_id)
        option = question.option(option_id) if question else None
        labels += [option.label] if option else []
    return "giấy tờ khi: " + "; ".join(labels)
