"""Facts, answers and lists of papers in words."""

from __future__ import annotations

from datetime import date

from bot.knowledge.check_texts import ANSWER_LONG, ANSWER_SMS, OUTCOME_LONG, written_answers
from bot.knowledge.checklist import outcome, paths
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.model import Commune
from bot.knowledge.render import (
    OUTCOME_SMS,
    render_answer,
    render_fact,
    render_facts,
    render_outcome,
)
from bot.text import fold
from tests.knowledge import mini
from tests.knowledge.conftest import TODAY


def test_a_fact_is_filled_with_its_value_and_the_commune() -> None:
    knowledge = mini.known()
    place = knowledge.commune("xa-thu")
    fact = knowledge.fact("thu", "days")
    assert render_fact(fact, knowledge, place, short=False) == ("Trong 60 ngày, tại Trung tâm Thử.")
    assert render_fact(fact, knowledge, place, short=True) == "Trong 60 ngay tai Trung tam Thu."


def test_an_answer_joins_its_facts_and_tells_what_is_to_be_confirmed() -> None:
    changed = mini.PROCEDURE.replace(
        "facts: [fee], short: [fee]", "facts: [fee, late], short: [late]"
    )
    changed = changed.replace("confidence: H", "confidence: M\n    confirm: muc_phi", 2)
    knowledge = mini.known(procedure=changed)
    place = knowledge.commune("xa-thu")
    found = render_answer(knowledge, knowledge.procedure("thu"), "le_phi", place)
    assert found is not None
    assert found.long == "Bản sao 8.000 đồng.\nMuộn vẫn được."
    assert found.short == "Muon van duoc."
    assert found.confirm == ["muc_phi"]


def test_no_answer_on_a_day_on_which_a_fact_does_not_hold(
    library: Library, commune: Commune
) -> None:
    for day, answered in (
        (date(2025, 12, 31), False),
        (date(2026, 11, 22), True),
        (date(2027, 2, 28), True),
        (date(2027, 3, 1), False),
    ):
        knowledge = library.on(day, commune.id)
        birth = knowledge.procedure("khai_sinh")
        found = render_answer(knowledge, birth, "thoi_gian", commune)
        assert (found is not None) == answered, day


def test_every_answer_fits(library: Library) -> None:
    for place in library.communes.values():
        knowledge = library.on(TODAY, place.id)
        for procedure in knowledge.procedures.values():
            for path, answer in written_answers(procedure):
                found = render_facts(knowledge, procedure, answer, place)
                assert found is not None, (procedure.id, path)
                assert len(found.long) <= ANSWER_LONG
                short = fold(found.short)
                assert len(short) <= ANSWER_SMS
                assert short.isascii()
                assert not set("[]{}^~|\\") & set(found.long + short)


def test_every_result_fits(knowledge: Knowledge, commune: Commune) -> None:
    for procedure in knowledge.procedures.values():
        for answers in ({}, *paths(procedure.checklist)):
            found = render_outcome(outcome(procedure, knowledge, answers), knowledge, commune)
            short = fold(found.short)
            assert len(short) <= OUTCOME_SMS, answers
            assert short.isascii()
            assert len(found.long) <= OUTCOME_LONG
            assert "{" not in found.long + short


def test_an_open_case_tells_when_each_paper_is_asked_for() -> None:
    knowledge = mini.known()
    result = outcome(knowledge.procedure("thu"), knowledge, {})
    found = render_outcome(result, knowledge, knowledge.commune("xa-thu"))
    assert found.long.splitlines() == [
        "- Tờ khai (điền và nộp). Lấy tại quầy.",
        "- Nếu người khác đi: Căn cước (cho xem bản chính rồi mang về). Mang theo.",
    ]
    assert found.short == "to khai; neu nguoi khac di: can cuoc."


def test_a_closed_case_is_numbered_and_carries_its_notes() -> None:
    knowledge = mini.known()
    result = outcome(knowledge.procedure("thu"), knowledge, {"tuoi": "roi", "ai": "toi"})
    found = render_outcome(result, knowledge, knowledge.commune("xa-thu"))
    assert found.long == "1. Tờ khai (điền và nộp). Lấy tại quầy.\nMuộn vẫn được."
    assert found.short == "1) to khai. Muon van duoc."


def test_an_open_case_with_many_papers_says_that_there_are_more(
    knowledge: Knowledge, commune: Commune
) -> None:
    result = outcome(knowledge.procedure("khai_sinh"), knowledge, {})
    short = fold(render_outcome(result, knowledge, commune).short)
    assert "Giay chung sinh" in short
    assert short.endswith("giay khac tuy truong hop.")


def test_money_is_written_as_people_write_it(knowledge: Knowledge, commune: Commune) -> None:
    found = render_answer(knowledge, knowledge.procedure("chung_thuc"), "le_phi", commune)
    assert found is not None
    assert "200.000 đồng" in found.long
