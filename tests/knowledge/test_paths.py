"""Every way through every shipped checklist: overview and result agree, and all of it fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import get_args

import pytest

from actions.registry import perform
from bot.clock import LOCAL
from bot.delivery.compose import sms_pages
from bot.dialogue.acts import AnswerAspect as AskedAspect
from bot.dialogue.outcome import Env
from bot.knowledge.checklist import LAPSED, Outcome, next_question, outcome, paths, variant_of
from bot.knowledge.conditions import Case
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.loader import load
from bot.knowledge.model import AnswerAspect, Commune, Procedure, Variant
from bot.knowledge.render import render_answer
from bot.messages import Channel, Reply
from bot.segments import count
from tests.knowledge.conftest import FAQ, TODAY

ZALO = 2000
"""Characters that one message holds."""
PLACE = "hoa-mai"
NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=LOCAL)


@dataclass(frozen=True, slots=True)
class Way:
    """One way through a checklist and what it comes to."""

    answers: dict[str, str]
    outcome: Outcome

    @property
    def papers(self) -> set[str]:
        return {used.use.paper for used in self.outcome.papers}


PROCEDURES = sorted(path.stem for path in (FAQ / "procedures").glob("*.yaml"))
COMMUNES = sorted(path.stem for path in (FAQ / "communes").glob("*.yaml"))


@cache
def library() -> Library:
    """All that is shipped."""
    return load(FAQ)


@cache
def today() -> Knowledge:
    """What may be told in the demo commune."""
    return library().on(TODAY, PLACE)


@cache
def ways(procedure_id: str) -> tuple[Way, ...]:
    """Every way through a checklist, walked once."""
    procedure = today().procedure(procedure_id)
    return tuple(
        Way(answers, outcome(procedure, today(), answers)) for answers in paths(procedure.checklist)
    )


def ended(procedure_id: str) -> list[Way]:
    """The ways that end with papers or a word, and not with the officer."""
    return [way for way in ways(procedure_id) if way.outcome.handover is None]


@pytest.mark.parametrize("name", PROCEDURES)
def test_today_nothing_of_it_has_lapsed(name: str) -> None:
    assert name not in today().unfilled
    for way in ways(name):
        handover = way.outcome.handover
        assert handover is None or not handover.reason.startswith(LAPSED), way.answers
    assert ended(name)


# --- the overview beside the results ----------------------------------------------------


@pytest.mark.parametrize("name", PROCEDURES)
def test_the_overview_lists_just_the_papers_that_some_case_needs(name: str) -> None:
    overview = outcome(today().procedure(name), today(), {})
    needed = set[str]().union(*(way.papers for way in ended(name)))
    assert {used.use.paper for used in overview.papers} == needed


@pytest.mark.parametrize("name", PROCEDURES)
def test_the_overview_is_sure_of_just_the_papers_that_every_case_needs(name: str) -> None:
    overview = outcome(today().procedure(name), today(), {})
    always = set.intersection(*(way.papers for way in ended(name)))
    assert {used.use.paper for used in overview.papers if used.certain} == always


@pytest.mark.parametrize("name", PROCEDURES)
def test_an_answer_settles_papers_and_never_brings_up_new_ones(name: str) -> None:
    """On the way from the overview to the result, sure stays sure and what fell out is out."""
    procedure = today().procedure(name)
    seen: dict[tuple[tuple[str, str], ...], Outcome] = {}

    def at(answers: dict[str, str]) -> Outcome:
        place = tuple(answers.items())
        if place not in seen:
            seen[place] = outcome(procedure, today(), answers)
        return seen[place]

    for way in ended(name):
        told: dict[str, str] = {}
        for question, option in way.answers.items():
            before = at(told)
            told = {**told, question: option}
            after = way.outcome if told == way.answers else at(told)
            listed, sure = ({u.use.paper for u in o.papers} for o in (before, after))
            assert sure <= listed, told
            assert {u.use.paper for u in before.papers if u.certain} <= {
                u.use.paper for u in after.papers if u.certain
            }, told


@pytest.mark.parametrize("name", PROCEDURES)
def test_a_finished_case_is_sure_of_its_papers_and_has_each_once(name: str) -> None:
    for way in ended(name):
        found = way.outcome
        assert found.complete, way.answers
        assert all(used.certain for used in found.papers), way.answers
        assert len(way.papers) == len(found.papers), way.answers
        assert found.papers or found.notes, way.answers


@pytest.mark.parametrize("name", PROCEDURES)
def test_a_case_of_the_officer_is_asked_nothing_more(name: str) -> None:
    procedure = today().procedure(name)
    for way in ways(name):
        assert next_question(procedure.checklist, way.answers) is None
        if (rule := way.outcome.handover) is not None and rule.fact is not None:
            assert today().find_fact(procedure, rule.fact) is not None, rule.fact


@pytest.mark.parametrize("name", PROCEDURES)
def test_nothing_stays_open_when_all_questions_are_answered(name: str) -> None:
    checklist = today().procedure(name).checklist
    conditions = [paper.when for paper in checklist.papers]
    conditions += [note.when for note in checklist.notes]
    conditions += [rule.when for rule in checklist.handovers]
    for way in ended(name):
        case = Case(checklist, way.answers)
        assert None not in [case.holds(when) for when in conditions], way.answers


# --- who does not know ------------------------------------------------------------------


@pytest.mark.parametrize("name", PROCEDURES)
def test_every_question_lets_people_not_know(name: str) -> None:
    for question in today().procedure(name).checklist.questions:
        assert [option.unsure for option in question.options].count(True) == 1, question.id


@pytest.mark.parametrize("name", PROCEDURES)
def test_whoever_does_not_know_gets_somewhere(name: str) -> None:
    procedure = today().procedure(name)
    unsure = {
        (question.id, option.id)
        for question in procedure.checklist.questions
        for option in question.options
        if option.unsure
    }
    met = set()
    for way in ways(name):
        not_known = unsure & set(way.answers.items())
        met |= not_known
        found = way.outcome
        special = [note for note in procedure.checklist.notes if note.when]
        told = Case(procedure.checklist, way.answers)
        if not_known:
            somewhere = found.handover or found.papers or any(told.holds(n.when) for n in special)
            assert somewhere, way.answers
    assert met == unsure  # each of them is on some way


@pytest.mark.parametrize("name", PROCEDURES)
def test_whoever_never_knows_gets_somewhere_too(name: str) -> None:
    procedure = today().procedure(name)
    answers: dict[str, str] = {}
    while (question := next_question(procedure.checklist, answers)) is not None:
        (unsure,) = [option.id for option in question.options if option.unsure]
        answers[question.id] = unsure
    found = outcome(procedure, today(), answers)
    assert found.handover is not None or found.papers or found.notes


# --- how long it comes out --------------------------------------------------------------


def cases(name: str) -> Iterator[tuple[Variant, dict[str, str]]]:
    """Each variant of a procedure with the first case that comes to it."""
    procedure = today().procedure(name)
    found: dict[str, dict[str, str]] = {}
    for way in ways(name):
        found.setdefault(variant_of(procedure, way.answers).id, way.answers)
    for variant in procedure.variants:
        yield variant, found[variant.id]


def reply(name: str, aspect: str, case: dict[str, str], place: Commune, channel: Channel) -> Reply:
    """What a citizen who asks gets to read."""
    env = Env(library().on(TODAY, place.id), place, channel, NOON, TODAY)
    (found,) = perform(AskedAspect(name, aspect, tuple(case.items())), env).replies
    return found


def fits_sms(pages: list[str]) -> bool:
    return all(
        page.isascii() and page.replace("\n", "").isprintable() and count(page).parts <= 2
        for page in pages
    )


@pytest.mark.parametrize("commune", COMMUNES)
@pytest.mark.parametrize("name", PROCEDURES)
def test_every_answer_of_every_variant_is_one_message_and_one_sms_of_two_parts(
    name: str, commune: str
) -> None:
    place = library().commune(commune)
    knowledge = library().on(TODAY, commune)
    procedure: Procedure = knowledge.procedure(name)
    for variant, case in cases(name):
        for aspect in get_args(AnswerAspect):
            rendered = render_answer(knowledge, procedure, aspect, place, case)
            assert rendered is not None, (variant.id, aspect)
            assert 0 < len(rendered.long) <= ZALO, (variant.id, aspect)
            pages = sms_pages(rendered.short)
            assert len(pages) == 1, (variant.id, aspect)
            assert fits_sms(pages), pages


@pytest.mark.parametrize("commune", COMMUNES)
@pytest.mark.parametrize("name", PROCEDURES)
def test_every_reply_with_all_that_is_said_around_it_fits(name: str, commune: str) -> None:
    place = library().commune(commune)
    for variant, case in cases(name):
        for aspect in ("ho_so", *get_args(AnswerAspect)):
            for told in ({}, case):
                shown = reply(name, aspect, told, place, "zalo")
                assert len(shown.long) <= ZALO, (variant.id, aspect, len(shown.long))
                sent = reply(name, aspect, told, place, "sms")
                pages = sms_pages(sent.short, sent.choices)
                assert fits_sms(pages), (variant.id, aspect, pages)
                assert len(pages) <= 2, (variant.id, aspect, pages)
