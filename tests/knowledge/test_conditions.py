"""Three-valued conditions: never wrong while answers are open."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.checklist import paths
from bot.knowledge.conditions import Case
from bot.knowledge.library import Knowledge
from bot.knowledge.loader import build
from bot.knowledge.model import Checklist
from bot.knowledge.references import conditional_parts
from tests.knowledge import mini


@pytest.fixture(scope="module")
def checklist() -> Checklist:
    return build(mini.texts()).procedures["thu"].checklist


def test_no_condition_always_holds(checklist: Checklist) -> None:
    assert Case(checklist, {}).holds(()) is True


@pytest.mark.parametrize(
    ("answers", "holds"),
    [
        ({}, None),
        ({"tuoi": "roi"}, None),
        ({"tuoi": "chua"}, False),
        ({"tuoi": "roi", "ai": "khac"}, True),
        ({"tuoi": "roi", "ai": "toi"}, False),
        ({"ai": "khac"}, True),
        ({"ai": "toi"}, False),
        ({"tuoi": "chua", "ai": "khac"}, False),
        ({"tuoi": "nonsense", "ai": "khac"}, True),
        ({"tuoi": "nonsense", "ai": "nonsense"}, None),
        ({"ai": "nonsense"}, None),
    ],
)
def test_a_condition_on_a_question(
    checklist: Checklist, answers: dict[str, str], holds: bool | None
) -> None:
    assert Case(checklist, answers).holds(({"ai": ("khac",)},)) is holds


def test_any_alternative_suffices(checklist: Checklist) -> None:
    case = Case(checklist, {"tuoi": "roi"})
    assert case.holds(({"ai": ("khac",)}, {"tuoi": ("roi",)})) is True
    assert case.holds(({"ai": ("khac",)}, {"tuoi": ("chua",)})) is None
    assert case.holds(({"ai": ("khac",), "tuoi": ("chua",)},)) is False


def test_an_answer_to_a_question_that_is_not_asked_does_not_count(checklist: Checklist) -> None:
    case = Case(checklist, {"tuoi": "chua", "ai": "khac"})
    assert case.answers == {"tuoi": "chua"}
    assert case.asked("ai") is False


def test_who_answers_a_later_question_has_told_the_case_in_which_it_is_asked(
    checklist: Checklist,
) -> None:
    case = Case(checklist, {"ai": "khac"})
    assert case.answers == {"tuoi": "roi", "ai": "khac"}
    assert case.asked("ai") is True


def test_an_answer_takes_for_granted_that_its_question_is_asked(checklist: Checklist) -> None:
    case = Case(checklist, {"ai": "khac"})
    assert case.asked("ai") is True
    assert case.answers == {"tuoi": "roi", "ai": "khac"}


@given(st.data())
def test_what_is_settled_early_stays_so(knowledge: Knowledge, data: st.DataObject) -> None:
    procedure = data.draw(st.sampled_from(sorted(knowledge.procedures)))
    shipped = knowledge.procedure(procedure).checklist
    ways = list(paths(shipped))
    full = ways[data.draw(st.integers(0, len(ways) - 1))]
    kept = data.draw(st.sets(st.sampled_from(sorted(full)))) if full else set()
    early = Case(shipped, {q: o for q, o in full.items() if q in kept})
    late = Case(shipped, full)
    for _, when in conditional_parts(knowledge.procedure(procedure)):
        settled = early.holds(when)
        assert settled is None or settled == late.holds(when)


def test_a_finished_path_settles_everything(knowledge: Knowledge) -> None:
    for procedure in knowledge.procedures.values():
        rules = [rule.when for rule in procedure.checklist.handovers]
        ways = list(paths(procedure.checklist))
        for answers in random.Random(1).sample(ways, min(60, len(ways))):
            case = Case(procedure.checklist, answers)
            if any(case.holds(when) for when in rules):
                continue  # handed over before the end
            for _, when in conditional_parts(procedure):
                assert case.holds(when) is not None
