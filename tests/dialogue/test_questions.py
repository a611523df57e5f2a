"""Free text by its understanding: answers, follow-ups, asking back, handing over."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.dialogue.acts import AnswerAspect, AskQuestion, Clarify, HandOver, OpeningHours, Say
from bot.text import for_sms
from bot.understanding.types import NONE, PROCEDURES
from tests.dialogue.driver import Meaning, Talk, shipped, torn

BOOK: Mapping[str, Meaning] = {
    "lệ phí bao nhiêu": ("none", "le_phi", 0.8),
    "còn lệ phí thì sao": ("none", "le_phi", 0.8),
    "hồ sơ của tôi đến đâu rồi": ("none", "trang_thai", 0.8),
    "khai sinh của tôi xong chưa": ("khai_sinh", "trang_thai"),
    "không, ý tôi là khai tử": ("khai_tu", "cach_lam"),
    "khai tử ạ": ("khai_tu", "cach_lam"),
    "thẻ căn cước làm ở đâu": ("can_cuoc", "noi_nop"),
    "cán bộ nhũng nhiễu": ("none", "khieu_nai"),
    "làm giấy cho con": torn("khai_sinh", "ho_so", ("chung_thuc", "ho_so"), ("ket_hon", "ho_so"),
                             ("khai_tu", "ho_so")),
    "cái giấy ấy": torn("vneid", "loi", ("can_cuoc", "cach_lam")),
    "chồng người nước ngoài thì khai sinh cần gì": ("khai_sinh", "ho_so"),
    "nhặt được cháu bé thì khai sinh cần gì": ("khai_sinh", "ho_so"),
}  # fmt: skip


def talk_on(channel: str = "zalo", lacking: tuple[str, ...] = ()) -> Talk:
    """A fresh talk that knows the book."""
    return Talk(channel, BOOK, lacking=lacking)  # type: ignore[arg-type]


def test_not_understood_twice_an_officer_is_called() -> None:
    talk = talk_on()
    talk.say("abc xyz")
    assert talk.reasons == []
    assert "chưa hiểu" in talk.text
    talk.say("xyz abc")
    assert talk.reasons == ["Trợ lý hai lần chưa hiểu câu hỏi"]


def test_an_answer_in_between_forgets_the_first_miss() -> None:
    talk = talk_on()
    talk.play("abc xyz", "KS PHI", "xyz abc")
    assert talk.reasons == []


def test_not_understood_in_a_checklist_its_question_is_asked_again() -> None:
    talk = talk_on()
    talk.play("#buoc.khai_sinh", "abc xyz")
    assert isinstance(talk.acts[-1], AskQuestion)
    assert "chưa hiểu" in talk.text


def test_in_doubt_at_most_three_meanings_are_offered_and_a_tap_answers() -> None:
    talk = talk_on()
    talk.say("làm giấy cho con")
    assert len(talk.choices) == 3
    talk.say("2")
    assert talk.acts == (AnswerAspect("chung_thuc", "ho_so"),)


def test_in_doubt_between_things_it_cannot_answer_it_does_not_offer_them() -> None:
    talk = talk_on(lacking=("vneid", "can_cuoc"))
    talk.say("cái giấy ấy")
    assert not any(isinstance(act, Clarify) for act in talk.acts)


@pytest.mark.parametrize("named", ["khai tử", "KT", "khai tử ạ", "#hoi.khai_tu"])
def test_asked_for_which_procedure_its_name_alone_is_answered(named: str) -> None:
    talk = talk_on()
    talk.say("lệ phí bao nhiêu")
    assert "cho việc nào" in talk.text
    assert len(talk.choices) == 3
    talk.say(named)
    assert talk.acts == (AnswerAspect("khai_tu", "le_phi"),)


def test_what_was_asked_without_its_procedure_is_forgotten_by_the_next_turn() -> None:
    talk = talk_on("sms")
    talk.play("lệ phí bao nhiêu", "GIO", "KT")
    assert talk.acts == (AnswerAspect("khai_tu", "ho_so"),)


def test_a_follow_up_is_about_what_was_spoken_of_last() -> None:
    talk = talk_on()
    talk.play("KT PHI", "còn lệ phí thì sao")
    assert talk.acts == (AnswerAspect("khai_tu", "le_phi"),)


def test_a_correction_is_answered_and_the_wrong_checklist_left_alone() -> None:
    talk = talk_on()
    talk.play("#buoc.khai_sinh", "không, ý tôi là khai tử")
    assert talk.acts == (AnswerAspect("khai_tu", "cach_lam"),)
    assert talk.state.topic == "khai_tu"


@pytest.mark.parametrize("asked", ["hồ sơ của tôi đến đâu rồi", "khai sinh của tôi xong chưa"])
def test_where_ones_dossier_is_the_officer_tells_and_one_can_look_it_up(asked: str) -> None:
    for channel in ("zalo", "sms"):
        talk = talk_on(channel)
        talk.say(asked)
        assert talk.reasons == ["Hỏi hồ sơ đã nộp đến đâu"]
        assert "dichvucong.gov.vn" in talk.text
        fact = shipped().fact(None, "status_lookup")
        assert for_sms(fact.short) in talk.text if channel == "sms" else fact.long in talk.text


def test_a_procedure_that_it_was_not_given_goes_to_the_officer_by_name() -> None:
    talk = talk_on(lacking=("can_cuoc",))
    talk.say("thẻ căn cước làm ở đâu")
    assert talk.reasons == ["Hỏi về việc trợ lý chưa được giao: Thẻ căn cước"]


@pytest.mark.parametrize("procedure", [name for name in PROCEDURES if name != NONE])
def test_it_was_given_every_procedure_that_it_tells_apart(procedure: str) -> None:
    talk = Talk("zalo", {"việc ấy làm ở đâu": (procedure, "noi_nop", 0.97)})
    talk.say("việc ấy làm ở đâu")
    assert talk.acts == (AnswerAspect(procedure, "noi_nop"),)
    assert talk.reasons == []


def test_a_complaint_goes_to_the_officer() -> None:
    talk = talk_on()
    talk.say("cán bộ nhũng nhiễu")
    assert talk.reasons == ["Người dân phản ánh, khiếu nại"]


@pytest.mark.parametrize(
    ("asked", "word"),
    [
        ("chồng người nước ngoài thì khai sinh cần gì", "nước ngoài"),
        ("nhặt được cháu bé thì khai sinh cần gì", "bị bỏ rơi"),
    ],
)
def test_a_case_told_in_the_question_that_only_the_officer_decides_is_handed_over(
    asked: str, word: str
) -> None:
    talk = talk_on()
    talk.say(asked)
    assert isinstance(talk.acts[-1], HandOver)
    (reason,) = talk.reasons
    assert word in reason


def test_out_of_scope_offers_a_person_and_yes_calls_one() -> None:
    talk = talk_on()
    talk.say("giá vàng hôm nay")
    assert "chuyển câu hỏi cho cán bộ nhé?" in talk.text
    talk.say("vâng ạ")
    assert talk.reasons == ["Người dân muốn gặp cán bộ"]


def test_out_of_scope_and_no_calls_nobody() -> None:
    talk = talk_on()
    talk.play("giá vàng hôm nay", "không cần")
    assert talk.reasons == []
    assert talk.acts == (Say("ack"),)


def test_opening_hours_are_told() -> None:
    talk = talk_on()
    talk.say("mấy giờ xã làm việc")
    assert talk.acts == (OpeningHours(),)


@pytest.mark.parametrize("media", ["image", "voice", "video", "sticker", "location", "other"])
def test_a_picture_or_voice_is_asked_for_in_words(media: str) -> None:
    for channel in ("zalo", "sms", "web"):
        talk = talk_on(channel)
        talk.send(media)
        assert "vài chữ" in talk.text or "vai chu" in talk.text
        assert "#canbo" in talk.state.choices


def test_a_picture_in_the_middle_keeps_the_place() -> None:
    talk = talk_on()
    talk.say("#buoc.khai_sinh")
    talk.send("image")
    talk.say("Trẻ em, cha mẹ là người Việt Nam")
    assert isinstance(talk.acts[-1], AskQuestion)
    assert talk.acts[-1].question == "giay_chung_sinh"


@pytest.mark.parametrize("bare", ["có", "không", "chưa", "không biết"])
def test_a_bare_answer_without_a_question_starts_none(bare: str) -> None:
    talk = talk_on()
    talk.play("KS PHI", bare)
    assert talk.acts[0] == Say("choose_one")
    assert talk.state.walk is None


@pytest.mark.parametrize("nod", ["vâng", "dạ", "ok", "ừ", "Vâng ạ"])
def test_a_nod_is_answered_with_a_kind_word_and_no_menu(nod: str) -> None:
    talk = talk_on()
    talk.play("KS PHI", nod)
    assert talk.acts == (Say("ack"),)


@pytest.mark.parametrize("number", ["7", "0", "99", "1 2", "số 8"])
def test_a_number_that_stands_for_nothing_says_so_and_shows_what_there_is(number: str) -> None:
    talk = talk_on("sms")
    talk.play("KS PHI", number)
    assert "Khong co so nay" in talk.text
    assert "\n1 " in talk.text


@pytest.mark.parametrize(
    "payload",
    ["#tl.x.y", "#tl.khai_sinh.qua_han.roi", "#tl", "#buoc.", "#buoc.xyz", "#nhac.zzz", "#nhac.han",
     "#hoi.", "#hoi.xyz.le_phi", "#co.form", "#codu", "#sau.99999999999999999999", "#sau.²",
     "#dongy", "#xoahet", "#lui", "#tieptuc", "#thoi", "#khong"],
)  # fmt: skip
def test_a_payload_typed_by_hand_does_no_harm(payload: str) -> None:
    for channel in ("zalo", "sms"):
        talk = talk_on(channel)
        talk.say(payload)
        assert talk.text
        assert talk.effects == []


@pytest.mark.parametrize(
    "typed", ["#" + "x" * 5000, "#tl." + "a." * 150, "##", "#", "#hoi khai sinh"]
)
def test_what_only_looks_like_a_payload_is_text(typed: str) -> None:
    talk = talk_on()
    talk.say(typed)
    assert "chưa hiểu" in talk.text or "không còn dùng được" in talk.text


def test_opening_the_chat_with_garbage_greets() -> None:
    talk = talk_on()
    talk.open("#xyz")
    assert "Kính chào bà con" in talk.text
