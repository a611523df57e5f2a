"""The shipped content keeps its promises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from bot.knowledge.check import check
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.model import AnswerAspect, Fact, source_of
from bot.understanding.types import NONE, PROCEDURES
from tests.knowledge.conftest import FAQ

CONTRACT = set(PROCEDURES) - {NONE}
"""All that the understanding tells apart."""
LAWS_OF_2014 = ("LHT14", "N123", "N18", "N120", "T04", "DVCHT")
"""The law on civil status of 2014 and what was decreed and published under it."""
MONEY = {
    "common": {8000},
    "chung_thuc": {0, 1000, 2000, 10_000, 25_000, 30_000, 50_000, 200_000},
    "can_cuoc": {0, 15_000, 25_000, 35_000},
    "giam_ho": {0},
    "ket_hon": {0},
    "khai_sinh": {0},
    "khai_tu": {0},
    "lien_thong_khai_sinh": {0},
    "lien_thong_khai_tu": {0},
    "tam_tru": {0, 5000, 7000, 10_000, 15_000},
    "thuong_tru": {0, 5000, 10_000, 20_000},
    "trich_luc": {8000},
    "xac_nhan_cu_tru": {0},
}
"""What the law itself fixes, in đồng; what provinces fix stands in their own files."""


def facts(library: Library) -> Iterator[tuple[str, str, Fact]]:
    """Every version of every fact: owner, name, itself."""
    return ((o, name, item) for o, name, item in library.dated() if isinstance(item, Fact))


def test_the_shipped_content_has_no_fault() -> None:
    report = check(FAQ)
    assert [str(fault) for fault in report.faults] == []
    assert report.counts["thủ tục"] == len(CONTRACT)
    assert {counts.procedure for counts in report.procedures} == CONTRACT


@pytest.mark.parametrize("path", sorted(FAQ.rglob("*.yaml")), ids=lambda p: p.name)
def test_files_are_text_that_editors_keep(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert "\t" not in text
    assert "\r" not in text


def test_all_procedures_of_the_contract_are_there(library: Library) -> None:
    assert set(library.procedures) == CONTRACT
    for procedure in library.procedures.values():
        assert set(procedure.answers) == set(get_args(AnswerAspect))


def test_every_statement_has_source_dates_and_checker(library: Library) -> None:
    for owner, name, item in library.dated():
        assert item.sources, (owner, name)
        assert item.checked_by, (owner, name)
        assert item.confidence == "H" or item.confirm, (owner, name)


def test_what_rests_on_the_law_of_2014_ends_with_it(library: Library) -> None:
    resting = 0
    for owner, name, item in library.dated():
        if any(source_of(citation) in LAWS_OF_2014 for citation in item.sources):
            resting += 1
            assert str(item.holds_to) == "2027-02-28", (owner, name)
    assert resting > 100


def test_nobody_is_threatened(library: Library) -> None:
    for _, name, fact in facts(library):
        assert not re.search(r"\bphạt\b", fact.long + fact.short), name


def test_money_is_only_what_the_law_fixes(library: Library) -> None:
    found: dict[str, set[object]] = {}
    for owner, name, fact in facts(library):
        layer, _, _ = owner.partition(".")
        if layer not in library.provinces and (fact.unit or "").startswith("đồng"):
            found.setdefault(owner, set()).add(fact.value)
            assert fact.value in MONEY.get(owner, ()), (owner, name)
    assert found == MONEY
    for path in FAQ.rglob("*.yaml"):
        # Amounts stand in `value`; texts take them from there.
        assert not re.search(r"\d\.\d{3} đồng", path.read_text(encoding="utf-8")), path


def test_no_text_stands_twice(library: Library) -> None:
    """What two procedures have in common stands in common.yaml; only a number is one's own."""
    seen: dict[str, set[tuple[str, str]]] = {}
    for owner, name, fact in facts(library):
        if "{value}" not in fact.long and name != "processing":
            seen.setdefault(fact.long, set()).add((owner, name))
    twice = {text: sorted(where) for text, where in seen.items() if len(where) > 1}
    assert twice == {}


def test_deadlines_are_computed_from_facts(knowledge: Knowledge) -> None:
    found = {
        p.id: [
            (knowledge.fact(p, d.fact).value, d.event, d.late, d.remind_days_before)
            for d in p.deadlines
        ]
        for p in knowledge.procedures.values()
        if p.deadlines
    }
    assert found == {
        "khai_sinh": [(60, "born", "birth_late_ok", (10, 3))],
        "lien_thong_khai_sinh": [(60, "born", "birth_late_ok", (10, 3))],
        "khai_tu": [(15, "died", "late_ok", (5, 2))],
    }


def test_a_death_is_met_with_condolence(library: Library) -> None:
    for procedure in ("khai_tu", "lien_thong_khai_tu"):
        assert "chia buồn" in (library.procedures[procedure].opening or "")


def test_each_question_lets_people_not_know(library: Library) -> None:
    for procedure in library.procedures.values():
        for question in procedure.checklist.questions:
            (unsure,) = (option for option in question.options if option.unsure)
            said = re.search(r"\b(rõ|biết|hỏi|khác)\b", unsure.label)
            assert said, (procedure.id, question.id, unsure.label)


def test_the_demo_commune_is_plainly_a_sample(library: Library) -> None:
    demo = library.commune("hoa-mai")
    assert demo.province == "tỉnh mẫu"
    assert demo.province not in library.provinces
    assert [board.procedure for board in demo.boards] == [
        "khai_sinh",
        "khai_tu",
        "ket_hon",
        "chung_thuc",
        "tinh_trang_hon_nhan",
    ]
    assert demo.police is not None
    for number in (demo.phone, demo.police.phone):
        assert re.fullmatch(r"0200 000 0\d{3}", number)
