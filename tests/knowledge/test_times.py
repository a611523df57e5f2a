"""Options that a date or an age gives: declared with a fact's number, never with two answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.check import check
from bot.knowledge.checklist import find_case, told_notes, worth_taking
from bot.knowledge.cues import find_option
from bot.knowledge.library import Knowledge
from bot.knowledge.loader import build
from bot.knowledge.model import Bound
from bot.knowledge.times import Moment, TextKey, lies
from tests.knowledge import mini

OVER = "{id: roi, label: Đã quá, short: roi, cues: [quá hạn]}"
IN_TIME = "{id: chua, label: Chưa quá, short: chua, cues: [còn hạn, chưa quá hạn]}"


def with_told(over: str, in_time: str = "") -> dict[str, str]:
    """The small content with ``told`` at its first question."""
    procedure = mini.PROCEDURE.replace(OVER, OVER[:-1] + f", told: [{over}]}}")
    if in_time:
        procedure = procedure.replace(IN_TIME, IN_TIME[:-1] + f", told: [{in_time}]}}")
    return mini.texts(procedure=procedure)


BORN_OVER = '{born: {over: "{days.value} ngày"}}'
BORN_IN_TIME = '{born: {up_to: "{days.value} ngày"}}'


def given_by(texts: dict[str, str], *moments: Moment, key: str = "", asked: bool = False) -> object:
    knowledge = build(texts).on(mini.DAY, mini.PLACE)
    question = knowledge.procedure("thu").checklist.questions[0]
    return find_option(question, TextKey(key, moments), asked=asked)


def test_the_limit_is_the_number_of_the_fact(tmp_path: Path) -> None:
    texts = with_told(BORN_OVER, BORN_IN_TIME)
    assert check(mini.write(tmp_path, texts)).faults == ()
    assert given_by(texts, Moment("born", 60, 60)) == "chua"
    assert given_by(texts, Moment("born", 61, 61)) == "roi"
    assert given_by(texts, Moment("born", 60, 61)) is None
    assert given_by(texts, Moment("died", 61, 61)) is None


def test_a_time_of_which_nothing_was_said_answers_only_when_asked() -> None:
    texts = with_told(BORN_OVER, BORN_IN_TIME)
    assert given_by(texts, Moment(None, 90, 120)) is None
    assert given_by(texts, Moment(None, 90, 120), asked=True) == "roi"


def test_what_contradicts_itself_leaves_the_question_open() -> None:
    texts = with_told(BORN_OVER, BORN_IN_TIME)
    assert given_by(texts, Moment("born", 3, 3), Moment("born", 99, 99)) is None
    assert given_by(texts, Moment("born", 3, 3), Moment("born", 99, 99), key="qua han") is None
    assert given_by(texts, Moment("born", 3, 3), key="qua han") is None
    assert given_by(texts, Moment("born", 99, 99), key="qua han") == "roi"


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ('{born: {over: "60 ngày"}}', "dữ_kiện.value"),
        ('{born: {over: "{days.value}"}}', "dữ_kiện.value"),
        ('{born: {over: "{days.value} giờ"}}', "dữ_kiện.value"),
        ('{born: {over: "{late.value} ngày"}}', "không có gì để điền"),
        ("{born: {}}", "ít nhất một mức"),
        ("{}", "ít nhất một mức"),
        ('{cat: {over: "{days.value} ngày"}}', "phải là một trong"),
        ('{born: {than: "{days.value} ngày"}}', "không có trong mẫu"),
        ('{born: {at_least: "{days.value} ngày"}}', "hai câu trả lời"),
    ],
)
def test_a_bad_limit_is_found_with_its_line(tmp_path: Path, told: str, word: str) -> None:
    texts = with_told(told, BORN_IN_TIME)
    faults = check(mini.write(tmp_path, texts)).faults
    assert [fault for fault in faults if word in fault.reason], faults
    lines = texts["procedures/thu.yaml"].splitlines()
    (fault, *_) = [fault for fault in faults if word in fault.reason]
    assert "told" in lines[fault.line - 1] or "options:" in lines[fault.line - 1]


def test_a_limit_in_another_unit_than_its_fact_is_a_fault(tmp_path: Path) -> None:
    texts = with_told('{born: {over: "{days.value} tuổi"}}')
    procedure = texts["procedures/thu.yaml"].replace(
        "    value: 60\n", "    value: 60\n    unit: ngày\n"
    )
    faults = check(mini.write(tmp_path, {**texts, "procedures/thu.yaml": procedure})).faults
    assert any("dữ_kiện.value" in fault.reason for fault in faults)


def test_an_answer_to_a_timed_question_is_worth_taking(knowledge: Knowledge) -> None:
    procedure = knowledge.procedure("khai_sinh")
    told = {"doi_tuong": "tre_em", "qua_han": "chua", "giay_chung_sinh": "mat"}
    taken = worth_taking(procedure.checklist, told)
    assert taken == {"qua_han": "chua", "giay_chung_sinh": "mat"}


def test_a_note_of_what_was_told_does_not_wait_for_the_rest(knowledge: Knowledge) -> None:
    procedure = knowledge.procedure("khai_sinh")
    assert told_notes(procedure, knowledge, {"qua_han": "roi"}) == (
        knowledge.fact(procedure, "birth_late_ok"),
    )
    assert told_notes(procedure, knowledge, {"qua_han": "chua"}) == ()


def test_every_limit_of_the_shipped_content_is_read(knowledge: Knowledge) -> None:
    cases = {
        "khai_sinh": ("qua_han", Moment("born", 61, 61), "roi"),
        "khai_tu": ("qua_han", Moment("died", 15, 15), "chua"),
        "ket_hon": ("tuoi", Moment("person", 6000, 6500), "chua"),
    }
    for procedure, (question, moment, option) in cases.items():
        checklist = knowledge.procedure(procedure).checklist
        assert find_case(checklist, TextKey("", (moment,))) == {question: option}


DAYS = st.integers(0, 50_000)


@given(least=DAYS, more=DAYS, limit=st.integers(1, 200))
def test_a_span_lies_so_only_when_each_of_its_days_does(least: int, more: int, limit: int) -> None:
    most = least + more
    for name in ("over", "up_to", "at_least", "below"):
        bound = Bound.model_validate({name: f"{limit} ngày"})
        ends = [lies(day, day, bound) for day in (least, most)]
        assert lies(least, most, bound) == all(ends)
    assert not lies(least, most, Bound())
    assert not lies(least, most, Bound(over="vài ngày"))
