"""Questions, papers and hand-overs of a case."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.checklist import LAPSED, Outcome, next_question, outcome, paths
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.loader import build
from tests.knowledge import mini
from tests.knowledge.conftest import TODAY


def small(answers: dict[str, str], on: date = TODAY) -> Outcome:
    knowledge = mini.known(on)
    return outcome(knowledge.procedure("thu"), knowledge, answers)


def shipped(knowledge: Knowledge, procedure: str, answers: dict[str, str]) -> Outcome:
    return outcome(knowledge.procedure(procedure), knowledge, answers)


def papers(result: Outcome) -> list[tuple[str, bool]]:
    return [(used.use.paper, used.certain) for used in result.papers]


def test_questions_come_in_order_and_only_when_they_matter() -> None:
    checklist = build(mini.texts()).procedures["thu"].checklist
    first = next_question(checklist, {})
    assert first is not None
    assert first.id == "tuoi"
    second = next_question(checklist, {"tuoi": "roi"})
    assert second is not None
    assert second.id == "ai"
    assert next_question(checklist, {"tuoi": "chua"}) is None


def test_papers_are_uncertain_while_the_case_is_open() -> None:
    assert papers(small({})) == [("form", True), ("identity", False)]
    assert small({}).complete is False


def test_papers_are_certain_when_it_is_closed() -> None:
    assert papers(small({"tuoi": "chua"})) == [("form", True)]
    assert small({"tuoi": "chua"}).complete is True


def test_a_hand_over_ends_the_questions_and_keeps_only_certain_papers() -> None:
    result = small({"tuoi": "roi", "ai": "khac"})
    assert result.handover is not None
    assert result.handover.reason == "Nhờ người khác"
    assert papers(result) == [("form", True), ("identity", True)]


def test_notes_belong_to_their_case() -> None:
    assert [fact.short for fact in small({"tuoi": "roi"}).notes] == ["Muon van duoc."]
    assert small({"tuoi": "chua"}).notes == ()


def test_papers_of_another_day_are_the_officers() -> None:
    result = small({"tuoi": "chua"}, on=date(2019, 12, 31))
    assert result.handover is not None
    assert result.handover.reason == (
        f"{LAPSED}: Thủ tục thử, giấy tờ (form: chưa có hiệu lực trước 01/01/2020)"
    )
    assert result.papers == ()


def test_every_way_of_the_small_checklist() -> None:
    checklist = build(mini.texts()).procedures["thu"].checklist
    assert list(paths(checklist)) == [
        {"tuoi": "roi", "ai": "toi"},
        {"tuoi": "roi", "ai": "khac"},
        {"tuoi": "roi", "ai": "chua_ro"},
        {"tuoi": "chua"},
        {"tuoi": "chua_ro"},
    ]


def test_every_way_of_every_procedure_leads_somewhere(knowledge: Knowledge) -> None:
    for procedure in knowledge.procedures.values():
        for answers in paths(procedure.checklist):
            result = outcome(procedure, knowledge, answers)
            assert len(answers) <= 7
            assert result.complete
            assert all(used.certain for used in result.papers)
            assert result.papers or result.handover or result.notes, answers


@given(st.data())
def test_any_answers_at_all_are_survived(knowledge: Knowledge, data: st.DataObject) -> None:
    procedure = knowledge.procedure(data.draw(st.sampled_from(sorted(knowledge.procedures))))
    questions = [question.id for question in procedure.checklist.questions]
    options = [o.id for q in procedure.checklist.questions for o in q.options]
    answers = data.draw(
        st.dictionaries(st.sampled_from([*questions, "nope"]), st.sampled_from([*options, "nope"]))
    )
    result = outcome(procedure, knowledge, answers)
    assert result.complete == (next_question(procedure.checklist, answers) is None)


def test_walking_always_ends(knowledge: Knowledge) -> None:
    for procedure in knowledge.procedures.values():
        answers: dict[str, str] = {}
        while (question := next_question(procedure.checklist, answers)) is not None:
            assert question.id not in answers
            answers[question.id] = question.options[-1].id
        assert len(answers) <= 7


def test_a_home_birth_without_witness(knowledge: Knowledge) -> None:
    answers = {
        "doi_tuong": "tre_em",
        "giay_chung_sinh": "khong_co",
        "nguoi_lam_chung": "khong",
        "cha_me_ket_hon": "chua",
        "cha_nhan_con": "co",
        "nguoi_di_khai": "nguoi_than",
        "qua_han": "roi",
    }
    listed = [name for name, _ in papers(shipped(knowledge, "khai_sinh", answers))]
    assert listed == ["form", "identity", "pledge_paper", "recognise_form", "kinship_proof"]


def test_two_vietnamese_who_marry_here_need_no_single_status_paper(knowledge: Knowledge) -> None:
    result = shipped(knowledge, "tinh_trang_hon_nhan", {"muc_dich": "ket_hon_vn"})
    assert result.complete
    assert result.papers == ()
    assert result.handover is None
    assert list(result.notes) == [knowledge.fact("tinh_trang_hon_nhan", "not_needed")]


def test_cases_that_only_the_officer_decides(knowledge: Knowledge) -> None:
    for procedure, answers in (
        ("khai_sinh", {"doi_tuong": "nuoc_ngoai", "noi_sinh": "viet_nam"}),
        ("khai_sinh", {"doi_tuong": "dac_biet", "hoan_canh": "bo_roi"}),
        ("khai_tu", {"noi_mat": "nuoc_ngoai"}),
        (
            "khai_tu",
            {"noi_mat": "tai_nha", "giay_bao_tu": "lau_khong_giay", "giay_to_cu": "khong"},
        ),
        ("ket_hon", {"quoc_tich": "nuoc_ngoai"}),
        ("ket_hon", {"quoc_tich": "viet_nam", "tuoi": "chua"}),
        ("chung_thuc", {"loai": "thua_ke", "viec_thua_ke": "di_chuc", "nguoi_ky": "duoc"}),
        ("cai_chinh", {"viec": "khop_giay"}),
        (
            "dang_ky_lai",
            {
                "mat_gi": "mat_ca_hai",
                "luc_nao": "truoc_2016",
                "loai": "khai_tu",
                "giay_khac": "khong",
            },
        ),
        ("nhan_cha_me_con", {"hai_ben": "tranh_chap"}),
        ("thuong_tru", {"viec": "nhap", "noi_o": "thue", "nguoi": "nguoi_lon", "dong_y": "khong"}),
        ("tam_tru", {"viec": "dang_ky", "ai": "nuoc_ngoai"}),
        ("vneid", {"viec": "loi", "loi": "bi_lua"}),
    ):
        assert shipped(knowledge, procedure, answers).handover is not None, answers


def test_after_the_law_of_2014_ends_the_officer_answers(library: Library) -> None:
    for procedure, on, officer in (
        ("khai_sinh", date(2027, 2, 28), False),
        ("khai_sinh", date(2027, 3, 1), True),
        ("khai_tu", date(2027, 3, 1), True),
        ("ket_hon", date(2027, 3, 1), True),
        ("chung_thuc", date(2027, 3, 1), False),
    ):
        knowledge = library.on(on, "hoa-mai")
        rule = outcome(knowledge.procedure(procedure), knowledge, {}).handover
        lapsed = rule is not None and rule.reason.startswith(LAPSED)
        assert lapsed == officer, (procedure, on)
