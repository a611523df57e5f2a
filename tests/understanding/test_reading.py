"""From the rankings of a message's pieces to one understanding; the facade with a fake model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding.client import NluClient
from bot.understanding.facade import Reader, Understander
from bot.understanding.reading import SURE, Reading
from bot.understanding.types import (
    ASPECTS,
    NONE,
    PROCEDURES,
    Correction,
    Label,
    Understanding,
)

Meanings = Mapping[str, Sequence[Label]]


def label(text: str, confidence: float = 0.9) -> Label:
    procedure, _, aspect = text.partition("+")
    return Label(procedure, aspect, confidence)


class ScriptedModel:
    """Ranks by a book; counts how often it is asked."""

    def __init__(self, book: Meanings) -> None:
        self.book = book
        self.batches: list[list[str]] = []

    async def parse(self, texts: Sequence[str]) -> list[list[Label]]:
        self.batches.append(list(texts))
        return [list(self.book.get(text, [label("none+ngoai_pham_vi", 0.3)])) for text in texts]


async def understood(text: str, book: Meanings) -> Understanding:
    return await Understander(cast("NluClient", ScriptedModel(book))).understand(text)


def asked(meant: Understanding) -> list[str]:
    return [f"{one.procedure}+{one.aspect}" for one in meant.questions]


PAPERS = [label("khai_sinh+ho_so")]
FEE = [label("none+le_phi")]
FEE_OF = [label("khai_sinh+le_phi", 0.7), label("khai_sinh+ho_so", 0.25)]


async def test_a_clause_without_a_name_takes_the_procedure_of_the_other() -> None:
    text = "làm khai sinh cần gì và mất bao nhiêu tiền"
    book = {text: FEE_OF, "làm khai sinh cần gì": PAPERS, "mất bao nhiêu tiền": FEE}
    meant = await understood(text, book)
    assert asked(meant) == ["khai_sinh+ho_so", "khai_sinh+le_phi"]
    assert meant.decision == "answer"
    assert meant.text == text


async def test_also_when_the_name_comes_with_the_second() -> None:
    book = {
        "cần gì": [label("none+ho_so")],
        "làm khai sinh bao lâu": [label("khai_sinh+thoi_gian")],
    }
    meant = await understood("cần gì, làm khai sinh bao lâu", book)
    assert asked(meant) == ["khai_sinh+ho_so", "khai_sinh+thoi_gian"]


async def test_a_bare_name_takes_the_aspect_of_the_other() -> None:
    text = "khai sinh cần gì, còn khai tử thì sao?"
    book = {text: PAPERS, "khai sinh cần gì": PAPERS, "còn khai tử thì sao?": []}
    assert asked(await understood(text, book)) == ["khai_sinh+ho_so", "khai_tu+ho_so"]


async def test_three_questions_are_three() -> None:
    text = "khai sinh cần gì, nộp ở đâu, lệ phí bao nhiêu"
    book = {"khai sinh cần gì": PAPERS, "nộp ở đâu": [label("none+noi_nop")],
            "lệ phí bao nhiêu": FEE}  # fmt: skip
    meant = await understood(text, book)
    assert asked(meant) == ["khai_sinh+ho_so", "khai_sinh+noi_nop", "khai_sinh+le_phi"]


async def test_where_no_clause_names_a_procedure_it_stays_open() -> None:
    book = {"cần gì": [label("none+ho_so")], "mất bao nhiêu tiền": FEE}
    meant = await understood("cần gì, mất bao nhiêu tiền", book)
    assert asked(meant) == ["none+ho_so", "none+le_phi"]
    assert meant.decision == "clarify"


async def test_the_same_question_twice_is_one() -> None:
    text = "khai sinh bao lâu có, mất mấy ngày"
    whole = [label("khai_sinh+thoi_gian")]
    book = {text: whole, "khai sinh bao lâu có": whole, "mất mấy ngày": [label("none+thoi_gian")]}
    meant = await understood(text, book)
    assert (asked(meant), meant.second) == (["khai_sinh+thoi_gian"], None)


async def test_a_clause_that_is_not_sure_changes_nothing() -> None:
    text = "khai sinh cần gì, thế kia thì sao"
    book = {text: PAPERS, "khai sinh cần gì": PAPERS,
            "thế kia thì sao": [label("none+dieu_kien", 0.4), label("vneid+loi", 0.3)]}  # fmt: skip
    assert (await understood(text, book)).second is None


async def test_where_the_whole_surely_means_something_else_it_is_believed() -> None:
    text = "khai sinh cần gì, nhập khẩu ở đâu"
    book = {text: [label("lien_thong_khai_sinh+ho_so")], "khai sinh cần gì": PAPERS,
            "nhập khẩu ở đâu": [label("thuong_tru+noi_nop")]}  # fmt: skip
    meant = await understood(text, book)
    assert asked(meant) == ["lien_thong_khai_sinh+ho_so"]


async def test_a_whole_that_mixes_both_halves_gives_way() -> None:
    text = "chứng thực bao nhiêu tiền, khai tử bao lâu"
    book = {text: [label("khai_tu+le_phi", 0.7)],
            "chứng thực bao nhiêu tiền": [label("chung_thuc+le_phi")],
            "khai tử bao lâu": [label("khai_tu+thoi_gian")]}  # fmt: skip
    assert asked(await understood(text, book)) == ["chung_thuc+le_phi", "khai_tu+thoi_gian"]


async def test_hours_and_a_person_are_questions_of_their_own() -> None:
    book = {"khai sinh cần gì": PAPERS, "thứ bảy có làm không": [label("none+gio_lam_viec")],
            "cho em xin số cán bộ": [label("none+gap_can_bo")]}  # fmt: skip
    meant = await understood("khai sinh cần gì, thứ bảy có làm không, cho em xin số cán bộ", book)
    assert asked(meant) == ["khai_sinh+ho_so", "none+gio_lam_viec", "none+gap_can_bo"]


@pytest.mark.parametrize("talk", ["chao", "cam_on"])
async def test_thanks_before_a_question_do_not_hide_it(talk: str) -> None:
    text = "cảm ơn nhé, còn lệ phí?"
    book = {text: [label(f"none+{talk}")], "còn lệ phí?": FEE}
    assert asked(await understood(text, book)) == ["none+le_phi"]


async def test_thanks_alone_stay_thanks() -> None:
    text = "dạ vâng, em hiểu rồi ạ. Có gì em hỏi sau"
    assert (await understood(text, {text: [label("none+cam_on")]})).aspect == "cam_on"


# --- no procedure is named ----------------------------------------------------------------


async def test_without_a_name_the_aspect_is_told_apart_from_the_procedure() -> None:
    ranked = [label("chung_thuc+thoi_gian", 0.4), label("vneid+thoi_gian", 0.3),
              label("none+loi", 0.2)]  # fmt: skip
    meant = await understood("bao giờ có", {"bao giờ có": ranked})
    assert meant.named == ()
    assert [(one.aspect, round(one.confidence, 1)) for one in meant.bare] == [
        ("thoi_gian", 0.7),
        ("loi", 0.2),
    ]


async def test_a_name_or_a_model_that_is_very_sure_leave_nothing_open() -> None:
    named = await understood(
        "khai tử bao giờ có", {"khai tử bao giờ có": [label("vneid+loi", 0.4)]}
    )
    sure = await understood("bao giờ có", {"bao giờ có": [label("vneid+thoi_gian", 0.95)]})
    assert (named.named, named.bare, sure.bare) == (("khai_tu",), (), ())


async def test_the_portal_stands_for_no_procedure_unless_it_is_named() -> None:
    ranked = [label("dich_vu_cong+trang_thai", 0.95)]
    assert (await understood("bao giờ có", {"bao giờ có": ranked})).bare
    named = "dịch vụ công bao giờ có"
    assert not (await understood(named, {named: ranked})).bare


async def test_a_question_about_a_paper_names_no_procedure() -> None:
    text = "có cần mang hộ khẩu không"
    meant = await understood(text, {text: [label("thuong_tru+ho_so", 0.95)]})
    assert (meant.named, meant.bare) == ((), (Label(NONE, "ho_so", 1.0),))


# --- corrections --------------------------------------------------------------------------


async def test_of_a_correction_what_is_meant_is_understood() -> None:
    text = "không phải khai sinh, khai tử bao lâu"
    book = {text: PAPERS, "khai tử bao lâu": [label("khai_tu+thoi_gian")]}
    meant = await understood(text, book)
    assert (meant.text, asked(meant)) == (text, ["khai_tu+thoi_gian"])
    assert meant.correction == Correction("khai tử bao lâu", ("khai_sinh",))


@pytest.mark.parametrize(("text", "only"), [("không, KT", True), ("nhầm, KT PHI", False)])
async def test_a_keyword_in_a_correction_needs_no_model_and_is_no_command(
    text: str, only: bool
) -> None:
    meant = await Understander(NluClient(lambda: None)).understand(text)
    assert (meant.procedure, meant.keyword, meant.name_only) == ("khai_tu", None, only)


async def test_who_only_says_that_it_was_wrong_means_nothing_yet() -> None:
    meant = await understood("nhầm rồi", {"nhầm rồi": [label("none+loi")]})
    assert (meant.correction, meant.bare) == (Correction(""), ())


# --- the facade ---------------------------------------------------------------------------


async def test_all_pieces_of_all_messages_are_ranked_in_one_batch() -> None:
    model = ScriptedModel({})
    texts = ["khai sinh cần gì, bao lâu có", "KS", "nhầm, khai tử phải làm ở đâu", "làm gì"]
    meant = await Understander(cast("NluClient", model)).understand_many(texts)
    assert model.batches == [
        [
            "khai sinh cần gì, bao lâu có",
            "khai sinh cần gì",
            "bao lâu có",
            "khai tử phải làm ở đâu",
            "làm gì",
        ]
    ]
    assert [one.text for one in meant] == texts


async def test_the_json_of_the_contract_stays_as_it_was() -> None:
    text = "khai sinh cần gì, mất bao nhiêu tiền"
    book = {text: PAPERS, "khai sinh cần gì": PAPERS, "mất bao nhiêu tiền": FEE}
    meant = await understood(text, book)
    assert meant.second is not None
    assert set(json.loads(json.dumps(meant.to_json()))) == {
        "text", "procedure", "aspect", "confidence", "decision", "alternatives"
    }  # fmt: skip


RANKINGS = st.lists(
    st.builds(Label, st.sampled_from(PROCEDURES), st.sampled_from(ASPECTS), st.floats(0, 1)),
    max_size=6,
).map(lambda found: sorted(found, key=lambda one: -one.confidence))
TEXTS = st.sampled_from(
    ["cần gì, bao lâu có", "khai sinh cần gì, khai tử ở đâu, bao lâu có", "cảm ơn, còn lệ phí?",
     "nhầm, cần gì và mất bao nhiêu", "có cần mang hộ khẩu không, nộp ở đâu", "còn khai tử?"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(text=TEXTS, data=st.data())
def test_whatever_the_model_says_no_further_question_is_unsure_or_said_twice(
    text: str, data: st.DataObject
) -> None:
    reader = Reader()
    reading = reader.read(text)
    assert isinstance(reading, Reading)
    meant = reader.settle(reading, [data.draw(RANKINGS) for _ in reading.texts])
    pairs = [(one.procedure, one.aspect) for one in meant.questions]
    assert len(set(pairs)) == len(pairs)
    assert all(one.confidence >= SURE for one in meant.questions[1:])
    assert meant.third is None or meant.second is not None
    assert all(a in ASPECTS and p in PROCEDURES for p, a in pairs)
