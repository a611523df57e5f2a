"""The shipped content keeps its promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from bot.knowledge.check import check
from bot.knowledge.library import Knowledge
from bot.knowledge.model import AnswerAspect, Dated
from tests.knowledge.conftest import FAQ

PROCEDURES = {"khai_sinh", "khai_tu", "ket_hon", "tinh_trang_hon_nhan", "chung_thuc"}


def dated(knowledge: Knowledge) -> list[tuple[str, Dated]]:
    return [
        (name, item)
        for owner in knowledge.owners()
        for name, item in (*owner.facts.items(), *owner.papers.items())
    ]


def words(knowledge: Knowledge) -> list[str]:
    facts = [f for owner in knowledge.owners() for f in owner.facts.values()]
    return [text for fact in facts for text in (fact.long, fact.short)]


def test_the_shipped_content_has_no_fault() -> None:
    report = check(FAQ)
    assert [str(fault) for fault in report.faults] == []
    assert report.counts["thủ tục"] == len(PROCEDURES)


@pytest.mark.parametrize("path", sorted(FAQ.rglob("*.yaml")), ids=lambda p: p.name)
def test_files_are_text_that_editors_keep(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert "\t" not in text
    assert "\r" not in text


def test_the_five_procedures_are_there(knowledge: Knowledge) -> None:
    assert set(knowledge.procedures) == PROCEDURES
    for procedure in knowledge.procedures.values():
        assert set(procedure.answers) == set(get_args(AnswerAspect))


def test_every_statement_has_source_dates_and_checker(knowledge: Knowledge) -> None:
    for name, item in dated(knowledge):
        assert item.sources, name
        assert item.checked_by, name
        assert item.confidence == "H" or item.confirm, name


def test_what_rests_on_the_law_of_2014_ends_with_it(knowledge: Knowledge) -> None:
    for name, item in dated(knowledge):
        if any(citation.source in ("LHT14", "N120") for citation in item.sources):
            assert str(item.holds_to) == "2027-02-28", name


def test_nobody_is_threatened(knowledge: Knowledge) -> None:
    for text in words(knowledge):
        assert not re.search(r"\bphạt\b", text), text


def test_money_is_only_what_the_law_fixes(knowledge: Knowledge) -> None:
    for owner in knowledge.owners():
        for name, fact in owner.facts.items():
            if fact.unit and fact.unit.startswith("đồng"):
                assert fact.value in (0, 1000, 2000, 8000, 10000, 50000, 200000), name
    for path in FAQ.rglob("*.yaml"):
        # Amounts stand in `value`; texts take them from there.
        assert not re.search(r"\d\.\d{3} đồng", path.read_text(encoding="utf-8")), path


def test_no_text_stands_twice(knowledge: Knowledge) -> None:
    seen: dict[str, str] = {}
    for owner in knowledge.owners():
        for name, fact in owner.facts.items():
            assert fact.long not in seen or name in ("processing",), (name, seen[fact.long])
            seen[fact.long] = name


def test_deadlines_are_computed_from_facts(knowledge: Knowledge) -> None:
    found = {
        p.id: [(p.facts[d.fact].value, d.remind_days_before) for d in p.deadlines]
        for p in knowledge.procedures.values()
        if p.deadlines
    }
    assert found == {"khai_sinh": [(60, (10, 3))], "khai_tu": [(15, (5, 2))]}


def test_a_death_is_met_with_condolence(knowledge: Knowledge) -> None:
    assert "chia buồn" in (knowledge.procedure("khai_tu").opening or "")


def test_each_question_lets_people_not_know_or_is_about_themselves(knowledge: Knowledge) -> None:
    sure = {  # people know this of themselves, or the options leave nothing out
        ("khai_sinh", "doi_tuong"),
        ("khai_sinh", "nguoi_di_khai"),
        ("khai_tu", "noi_mat"),
        ("khai_tu", "nguoi_di_khai"),
        ("ket_hon", "den_xa"),
        ("tinh_trang_hon_nhan", "cap_lai"),
        ("tinh_trang_hon_nhan", "nguoi_nop"),
        ("chung_thuc", "nguoi_ky"),
    }
    for procedure in knowledge.procedures.values():
        for question in procedure.checklist.questions:
            labels = " ".join(option.label.lower() for option in question.options)
            unsure = "rõ" in labels
            assert unsure or (procedure.id, question.id) in sure, question.id


def test_the_demo_commune_is_plainly_a_sample(knowledge: Knowledge) -> None:
    demo = knowledge.commune("hoa-mai")
    assert demo.province == "tỉnh mẫu"
    assert len(demo.boards) == len(PROCEDURES)
    assert {board.procedure for board in demo.boards} == PROCEDURES
