"""What a turn teaches: which questions are kept, and what they turn out to have meant."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.dialogue.outcome import KeepQuestion, SuggestLabel
from bot.understanding.types import Understanding
from tests.dialogue.driver import Meaning, Talk, torn

BOOK: Mapping[str, Meaning] = {
    "lệ phí bao nhiêu": ("none", "le_phi", 0.8),
    "còn lệ phí thì sao": ("none", "le_phi", 0.8),
    "làm giấy cho con": torn("khai_sinh", "ho_so", ("chung_thuc", "ho_so"), ("ket_hon", "ho_so")),
    "giấy cho cháu ấy": torn("khai_sinh", "ho_so", ("ket_hon", "ho_so")),
    "cái giấy ấy": torn("vneid", "loi", ("can_cuoc", "cach_lam")),
    "khai tử hết bao nhiêu tiền": ("khai_tu", "le_phi"),
    "không, ý tôi là khai tử hết bao nhiêu": ("khai_tu", "le_phi"),
    "không phải thế": torn("ket_hon", "ho_so", ("khai_tu", "ho_so")),
    "không phải thế, khai sinh mất tiền không": ("khai_sinh", "le_phi"),
    "giấy khai sinh ghi nhầm tên thì sao": ("cai_chinh", "cach_lam"),
    "cho gặp ai đó": Understanding("", "none", "gap_can_bo", 0.3, "clarify"),
    "bực quá": Understanding("", "none", "khieu_nai", 0.6, "handover"),
    "thẻ căn cước làm ở đâu": ("can_cuoc", "noi_nop"),
    "...": torn("khai_sinh", "ho_so", ("ket_hon", "ho_so")),
}
UNSURE = KeepQuestion(1, "khai_sinh", "ho_so", 0.4, "clarify", "asked_back")


def talk_on(channel: str = "zalo", lacking: tuple[str, ...] = ()) -> Talk:
    """A fresh talk that knows the book."""
    return Talk(channel, BOOK, lacking=lacking)  # type: ignore[arg-type]


def taught(talk: Talk, *lines: str) -> list[object]:
    """What several messages teach, one after the other."""
    lessons: list[object] = []
    for line in lines:
        talk.say(line)
        lessons += talk.lessons
    return lessons


# --- what is kept -------------------------------------------------------------------------


def test_a_question_that_was_asked_back_is_kept_with_what_it_was_taken_for() -> None:
    assert taught(talk_on(), "làm giấy cho con") == [UNSURE]


def test_a_question_that_was_not_understood_is_kept_and_so_is_the_one_handed_over() -> None:
    first, second = taught(talk_on(), "abc xyz", "xyz abc")
    assert isinstance(first, KeepQuestion)
    assert isinstance(second, KeepQuestion)
    assert (first.message, first.why, first.decision) == (1, "not_understood", "handover")
    assert (second.message, second.why) == (2, "handed_over")


@pytest.mark.parametrize(
    "text",
    ["khai sinh mất tiền không", "KS PHI", "GIO", "XOA", "1", "99", "có", "không biết", "vâng ạ",
     "#hoi.khai_sinh", "cảm ơn", "tôi muốn gặp cán bộ", "bực quá", "giá vàng hôm nay",
     "lệ phí bao nhiêu", "thẻ căn cước làm ở đâu", "...", "🙂", "123 456"],
)  # fmt: skip
def test_what_was_understood_or_is_no_question_is_not_kept(text: str) -> None:
    for channel in ("zalo", "sms"):
        assert taught(talk_on(channel), text) == []


def test_a_follow_up_names_no_procedure_and_is_understood_all_the_same() -> None:
    assert taught(talk_on(), "KT PHI", "còn lệ phí thì sao") == []


def test_a_wish_for_a_person_that_is_not_clear_is_kept() -> None:
    (kept,) = taught(talk_on(), "cho gặp ai đó")
    assert isinstance(kept, KeepQuestion)
    assert kept.why == "handed_over"


@pytest.mark.parametrize(
    "text", ["Trẻ em, cha mẹ là người Việt Nam", "1", "dạ tụi em ở xa", "bố cháu người nước ngoài"]
)
def test_an_answer_to_a_checklist_is_not_kept(text: str) -> None:
    talk = talk_on()
    talk.say("#buoc.khai_sinh")
    assert taught(talk, text) == []


def test_a_question_in_the_middle_of_a_checklist_is_kept() -> None:
    talk = talk_on()
    talk.say("#buoc.khai_sinh")
    (kept,) = taught(talk, "cái giấy ấy")
    assert isinstance(kept, KeepQuestion)
    assert (kept.message, kept.procedure) == (2, "vneid")


@pytest.mark.parametrize("text", ["abc", "để tôi xem đã", "5 giờ"])
def test_an_answer_to_a_form_is_not_kept(text: str) -> None:
    talk = talk_on()
    talk.play("KS", "#nhac.hen")
    assert talk.state.form is not None
    assert taught(talk, text) == []


def test_pictures_and_opening_the_chat_teach_nothing() -> None:
    talk = talk_on()
    talk.say("làm giấy cho con")
    talk.send("image")
    assert talk.lessons == ()
    talk.open("#hoi.khai_sinh")
    assert talk.lessons == ()
    assert talk.state.asked is None


# --- what it meant ------------------------------------------------------------------------


def test_the_choice_that_was_tapped_is_suggested() -> None:
    talk = talk_on()
    assert taught(talk, "làm giấy cho con", "2") == [UNSURE, SuggestLabel(1, "chung_thuc", "ho_so")]
    assert taught(talk, "1", "KS PHI") == []


def test_a_choice_through_the_menus_is_suggested() -> None:
    talk = talk_on()
    lessons = taught(talk, "abc xyz", "#menu", "#hoi.ket_hon", "#hoi.ket_hon.le_phi")
    assert lessons[1:] == [SuggestLabel(1, "ket_hon", "le_phi")]


@pytest.mark.parametrize("said", ["KT PHI", "khai tử hết bao nhiêu tiền"])
def test_what_is_asked_next_in_clear_words_is_suggested(said: str) -> None:
    assert taught(talk_on(), "abc xyz", said)[1:] == [SuggestLabel(1, "khai_tu", "le_phi")]


def test_the_aspect_alone_is_enough_when_the_procedure_was_understood() -> None:
    lessons = taught(talk_on(), "giấy cho cháu ấy", "còn lệ phí thì sao")
    assert lessons[1:] == [SuggestLabel(1, "khai_sinh", "le_phi")]


@pytest.mark.parametrize("other", ["GIO", "cảm ơn", "tôi muốn gặp cán bộ", "#hoi.khai_sinh.xyz"])
def test_anything_else_says_nothing_about_the_last_question(other: str) -> None:
    talk = talk_on()
    assert taught(talk, "làm giấy cho con", other)[1:] == []
    assert taught(talk, "#hoi.khai_tu.le_phi") == []


def test_what_comes_after_a_hand_over_is_said_to_the_officer() -> None:
    assert len(taught(talk_on(), "abc xyz", "xyz abc", "khai tử hết bao nhiêu tiền")) == 2


# --- answers that were wrong --------------------------------------------------------------


def test_a_sure_answer_that_the_citizen_corrects_is_kept_with_what_was_meant() -> None:
    talk = talk_on()
    lessons = taught(talk, "khai sinh mất tiền không", "không, ý tôi là khai tử hết bao nhiêu")
    kept = KeepQuestion(1, "khai_sinh", "le_phi", 0.9, "answer", "corrected")
    assert lessons == [kept, SuggestLabel(1, "khai_tu", "le_phi")]


def test_a_correction_that_is_not_understood_itself_is_kept_beside_it() -> None:
    lessons = taught(talk_on(), "khai sinh mất tiền không", "không phải thế")
    whys = [(k.message, k.why) for k in lessons if isinstance(k, KeepQuestion)]
    assert whys == [(1, "corrected"), (2, "asked_back")]
    assert len(lessons) == 2


def test_a_tap_on_another_procedure_corrects_the_answer() -> None:
    lessons = taught(talk_on(), "khai sinh mất tiền không", "#hoi.khai_tu.le_phi")
    assert lessons[1:] == [SuggestLabel(1, "khai_tu", "le_phi")]


@pytest.mark.parametrize(
    "said",
    ["không phải thế, khai sinh mất tiền không", "#hoi.khai_sinh.ho_so", "KT PHI",
     "khai tử hết bao nhiêu tiền", "giấy khai sinh ghi nhầm tên thì sao"],
)  # fmt: skip
def test_another_question_is_no_correction(said: str) -> None:
    assert taught(talk_on(), "khai sinh mất tiền không", said) == []


def test_only_the_next_message_corrects() -> None:
    talk = talk_on()
    talk.play("khai sinh mất tiền không", "cảm ơn")
    assert taught(talk, "không, ý tôi là khai tử hết bao nhiêu") == []
