"""Two questions in one message, follow-ups and corrections, in several registers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from actions.phrasing import upper_first
from bot.dialogue import several
from bot.dialogue.acts import (
    Act,
    AnswerAspect,
    AskQuestion,
    AskReminderDate,
    Clarify,
    HandOver,
    OpeningHours,
    Say,
    ShowMenu,
    TellDossier,
)
from bot.dialogue.heard import World
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Answer
from tests.dialogue.driver import MORNING, Meaning, Talk, shipped

NO = "none"
BOOK: Mapping[str, Meaning] = {
    # clauses without a procedure
    "cần gì": (NO, "ho_so"), "can gi": (NO, "ho_so"), "cần j": (NO, "ho_so"),
    "cần giấy gì": (NO, "ho_so"), "mất bao nhiêu tiền": (NO, "le_phi"),
    "mat bao nhieu tien": (NO, "le_phi"), "bn tien": (NO, "le_phi"), "lệ phí": (NO, "le_phi"),
    "lệ phí bao nhiêu": (NO, "le_phi"), "le phi": (NO, "le_phi"), "con le phi": (NO, "le_phi"),
    "còn lệ phí": (NO, "le_phi"), "nộp ở đâu": (NO, "noi_nop"), "nop o dau": (NO, "noi_nop"),
    "nộp chỗ mô": (NO, "noi_nop"), "bao lâu có": (NO, "thoi_gian"), "bao lau co": (NO, "thoi_gian"),
    "mất mấy bữa rứa": (NO, "thoi_gian"), "bn ngay co": (NO, "thoi_gian"),
    "rồi nộp ở đâu": (NO, "noi_nop"), "thế làm online được không": (NO, "truc_tuyen"),
    "lam onl dc k": (NO, "truc_tuyen"), "online": (NO, "truc_tuyen"),
    "mang theo gì nữa không": (NO, "ho_so"), "con le phi thi sao": (NO, "le_phi"),
    "rứa có tốn tiền hông": (NO, "le_phi"), "nhờ chồng đi được không": (NO, "dieu_kien"),
    "thứ bảy có làm không": (NO, "gio_lam_viec"), "thu 7 co lam k": (NO, "gio_lam_viec"),
    "cho em xin số cán bộ": (NO, "gap_can_bo"), "giá vàng bao nhiêu": (NO, "ngoai_pham_vi"),
    "hồ sơ hôm trước em nộp xong chưa": (NO, "trang_thai"),
    # with one
    "làm khai sinh cần gì": ("khai_sinh", "ho_so"), "lam ks can j": ("khai_sinh", "ho_so"),
    "lam khai sinh can gi": ("khai_sinh", "ho_so"), "khai sinh thế nào": ("khai_sinh", "cach_lam"),
    "làm khai sinh ở đâu": ("khai_sinh", "noi_nop"),
    "mần khai sinh cho con cần giấy chi": ("khai_sinh", "ho_so"),
    "bà đẻ ở nhà không có giấy chứng sinh thì làm khai sinh được không": ("khai_sinh", "dieu_kien"),
    "nhặt được cháu bé thì khai sinh cần gì": ("khai_sinh", "ho_so"),
    "khai tử bao lâu phải làm": ("khai_tu", "thoi_gian"),
    "khai tu o cho nao": ("khai_tu", "noi_nop"), "khai tử cần giấy gì": ("khai_tu", "ho_so"),
    "làm thẻ căn cước ở chỗ nào": ("can_cuoc", "noi_nop"),
    "làm hộ khẩu ở chỗ nào": ("thuong_tru", "noi_nop"),
    "chứng thực hết bao nhiêu": ("chung_thuc", "le_phi"),
    "đăng ký kết hôn": ("ket_hon", "cach_lam"),
    "việc đăng ký kết hôn": ("ket_hon", "cach_lam"),
    "thế đăng ký khai tử thế nào": ("khai_tu", "cach_lam"), "dk ket hon": ("ket_hon", "cach_lam"),
    "giấy độc thân": ("tinh_trang_hon_nhan", "cach_lam"),
    "thẻ căn cước": ("can_cuoc", "cach_lam"),
    "cảm ơn nhé, còn lệ phí?": (NO, "cam_on"),
    "khai sinh cần gì cho đúng": ("khai_sinh", "ho_so"),
}  # fmt: skip


def talk_on(channel: str = "zalo", lacking: tuple[str, ...] = ()) -> Talk:
    """A fresh talk that knows the book."""
    return Talk(channel, BOOK, lacking=lacking)  # type: ignore[arg-type]


def answers(*pairs: str) -> tuple[Act, ...]:
    """ "khai_sinh.ho_so" -> the act."""
    halves = [pair.partition(".") for pair in pairs]
    return tuple(AnswerAspect(procedure, aspect) for procedure, _, aspect in halves)


# --- two questions in one message ---------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("làm khai sinh cần gì và mất bao nhiêu tiền", ["khai_sinh.ho_so", "khai_sinh.le_phi"]),
        ("làm khai sinh cần gì, nộp ở đâu", ["khai_sinh.ho_so", "khai_sinh.noi_nop"]),
        ("Làm khai sinh cần gì? Bao lâu có?", ["khai_sinh.ho_so", "khai_sinh.thoi_gian"]),
        ("làm khai sinh cần gì còn lệ phí", ["khai_sinh.ho_so", "khai_sinh.le_phi"]),
        ("cần gì, khai tử bao lâu phải làm", ["khai_tu.ho_so", "khai_tu.thoi_gian"]),
        ("mần khai sinh cho con cần giấy chi, rồi nộp chỗ mô",
         ["khai_sinh.ho_so", "khai_sinh.noi_nop"]),
        ("lam ks can j vs bn tien", ["khai_sinh.ho_so", "khai_sinh.le_phi"]),
        ("lam khai sinh can gi nop o dau bao lau co",
         ["khai_sinh.ho_so", "khai_sinh.noi_nop", "khai_sinh.thoi_gian"]),
        ("chứng thực hết bao nhiêu, với lại khai tử bao lâu phải làm",
         ["chung_thuc.le_phi", "khai_tu.thoi_gian"]),
        ("làm khai sinh cần gì, còn khai tử thì sao?", ["khai_sinh.ho_so", "khai_tu.ho_so"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("channel", ["zalo", "sms", "web"])
def test_each_of_several_questions_is_answered_in_order(
    channel: str, said: str, expected: list[str]
) -> None:
    talk = talk_on(channel)
    talk.say(said)
    assert talk.acts == answers(*expected)
    assert talk.state.topic == expected[-1].split(".")[0]


def test_what_is_said_once_is_said_once() -> None:
    talk = talk_on()
    text = talk.say("làm khai sinh cần gì và mất bao nhiêu tiền")
    assert len(talk.bubbles) == 2
    assert text.count("Trợ lý tự động") == 1
    assert text.count("Mã thủ tục") == 1
    assert "Lệ phí" not in talk.labels
    assert "Xem đúng cho trường hợp nhà tôi" in talk.labels


def test_condolence_is_said_once() -> None:
    talk = talk_on()
    text = talk.say("khai tử cần giấy gì, thế đăng ký khai tử thế nào")
    opening = shipped().procedure("khai_tu").opening
    assert opening
    assert text.count(opening) == 1


def test_by_sms_both_answers_come_with_what_does_not_fit_for_tiep() -> None:
    talk = talk_on("sms")
    text = talk.say("lam khai sinh can gi va mat bao nhieu tien")
    while text.endswith("(nhan TIEP xem tiep)"):
        assert len(talk.text) <= 306
        text += talk.say("TIEP")
    assert "to khai khai sinh" in text
    assert "khong mat tien" in text
    assert text.count("May tra loi") == 1


def test_hours_beside_a_question_are_told_too() -> None:
    talk = talk_on("sms")
    talk.say("lam khai sinh can gi, thu 7 co lam k")
    assert talk.acts == (*answers("khai_sinh.ho_so"), OpeningHours())


@pytest.mark.parametrize(
    ("said", "told", "reason"),
    [
        ("làm khai sinh cần gì, cho em xin số cán bộ", "khai_sinh.ho_so", "muốn gặp cán bộ"),
        ("làm thẻ căn cước ở chỗ nào và làm khai sinh cần gì", "khai_sinh.ho_so", "Thẻ căn cước"),
        ("làm khai sinh ở đâu, hồ sơ hôm trước em nộp xong chưa", "khai_sinh.noi_nop", "đến đâu"),
        ("nhặt được cháu bé thì khai sinh cần gì, nộp ở đâu", "khai_sinh.noi_nop", "bỏ rơi"),
    ],
)  # fmt: skip
def test_what_is_sure_is_answered_before_the_officer_gets_the_rest(
    said: str, told: str, reason: str
) -> None:
    talk = talk_on(lacking=("can_cuoc",))
    talk.say(said)
    assert talk.acts[:-1] == answers(told)
    assert isinstance(talk.acts[-1], HandOver | TellDossier)
    assert reason in talk.reasons[0]
    assert len(talk.reasons) == 1


def test_two_things_for_the_officer_are_one_hand_over() -> None:
    talk = talk_on(lacking=("can_cuoc", "thuong_tru"))
    text = talk.say("làm thẻ căn cước ở chỗ nào, làm hộ khẩu ở chỗ nào")
    (reason,) = talk.reasons
    assert "Thẻ căn cước" in reason
    assert "Đăng ký thường trú" in reason
    assert text.count("Tôi đã chuyển câu hỏi") == 1


def test_two_procedures_that_are_done_with_the_police_are_answered_one_after_the_other() -> None:
    talk = talk_on()
    talk.say("làm thẻ căn cước ở chỗ nào, làm hộ khẩu ở chỗ nào")
    assert talk.acts == answers("can_cuoc.noi_nop", "thuong_tru.noi_nop")
    assert talk.reasons == []


def test_what_is_none_of_our_business_comes_after_the_answer() -> None:
    talk = talk_on()
    talk.say("giá vàng bao nhiêu, làm khai sinh cần gì")
    assert talk.acts == (*answers("khai_sinh.ho_so"), Say("out_of_scope_too"))
    assert "Xem đúng cho trường hợp nhà tôi" in talk.labels
    talk.say("có ạ")
    assert talk.reasons == ["Người dân muốn gặp cán bộ"]


@pytest.mark.parametrize("channel", ["zalo", "sms"])
@pytest.mark.parametrize("named", ["khai tử", "KT", "#hoi.khai_tu", "giấy độc thân"])
def test_asked_for_the_procedure_once_all_its_questions_are_answered(
    channel: str, named: str
) -> None:
    talk = talk_on(channel)
    talk.say("cần giấy gì, mất bao nhiêu tiền")
    (asked,) = talk.acts
    assert isinstance(asked, Clarify)
    assert asked.which
    talk.say(named)
    procedure = "tinh_trang_hon_nhan" if "độc" in named else "khai_tu"
    assert talk.acts == answers(f"{procedure}.ho_so", f"{procedure}.le_phi")
    talk.say(named)
    assert len(talk.acts) == 1


def test_a_choice_tapped_for_the_procedure_answers_all_too() -> None:
    talk = talk_on()
    talk.say("cần giấy gì, mất bao nhiêu tiền, nộp ở đâu")
    talk.tap(upper_first(shipped().procedure("chung_thuc").said))
    assert talk.acts == answers("chung_thuc.ho_so", "chung_thuc.le_phi", "chung_thuc.noi_nop")


def test_two_follow_ups_at_once_are_about_what_was_spoken_of() -> None:
    talk = talk_on()
    talk.play("KT PHI", "cần giấy gì, nộp ở đâu")
    assert talk.acts == answers("khai_tu.ho_so", "khai_tu.noi_nop")


def test_a_case_told_in_one_question_counts_for_the_papers_once() -> None:
    talk = talk_on()
    talk.say("bà đẻ ở nhà không có giấy chứng sinh thì làm khai sinh được không, cần giấy gì")
    (act,) = talk.acts
    assert isinstance(act, AnswerAspect)
    assert ("giay_chung_sinh", "khong_co") in act.case


def test_in_the_middle_of_a_checklist_both_are_answered_and_it_goes_on() -> None:
    talk = talk_on()
    talk.play("#buoc.khai_sinh", "làm khai sinh ở đâu, mất bao nhiêu tiền")
    assert talk.acts[:2] == answers("khai_sinh.noi_nop", "khai_sinh.le_phi")
    assert isinstance(talk.acts[2], AskQuestion)


def test_an_answer_to_a_checklist_is_not_cut() -> None:
    talk = talk_on()
    talk.play("#buoc.khai_sinh", "Trẻ em, cha mẹ là người Việt Nam")
    talk.say("không có")
    assert isinstance(talk.acts[-1], AskQuestion)
    assert talk.acts[-1].question == "nguoi_lam_chung"


@pytest.mark.parametrize("keyword", ["KS PHI", "khai sinh o dau", "KT"])
def test_a_keyword_is_not_cut(keyword: str) -> None:
    talk = talk_on("sms")
    talk.say(keyword)
    assert len(talk.acts) == 1


def test_thanks_before_a_question_do_not_hide_it() -> None:
    talk = talk_on()
    talk.play("KS PHI", "cảm ơn nhé, còn lệ phí?")
    assert talk.acts == answers("khai_sinh.le_phi")


def test_two_answers_with_the_same_words_are_one() -> None:
    known = shipped()
    birth = known.procedure("khai_sinh")
    same: dict[str, Answer] = {**birth.answers, "dieu_kien": birth.answers["cach_lam"]}  # type: ignore[dict-item]
    procedures = {**known.procedures, "khai_sinh": birth.model_copy(update={"answers": same})}
    changed = Knowledge(**{**vars_of(known), "procedures": procedures})  # type: ignore[arg-type]
    world = World(changed, MORNING.date(), "zalo")
    acts = answers("khai_sinh.cach_lam", "khai_sinh.dieu_kien", "khai_sinh.le_phi")
    assert several.in_order(acts, world) == (acts[0], acts[2])


def vars_of(known: Knowledge) -> dict[str, object]:
    """The fields of ``known``."""
    return {name: getattr(known, name) for name in known.__dataclass_fields__}


# --- follow-ups ---------------------------------------------------------------------------

FOLLOW_UPS = [
    ("còn lệ phí?", "le_phi"), ("con le phi thi sao", "le_phi"),
    ("rứa có tốn tiền hông", "le_phi"), ("thế làm online được không", "truc_tuyen"),
    ("lam onl dc k", "truc_tuyen"), ("bao lâu có", "thoi_gian"), ("bn ngay co", "thoi_gian"),
    ("mất mấy bữa rứa", "thoi_gian"), ("rồi nộp ở đâu", "noi_nop"), ("nộp chỗ mô", "noi_nop"),
    ("mang theo gì nữa không", "ho_so"),
]  # fmt: skip


@pytest.mark.parametrize("procedure", list(shipped().procedures))
def test_a_follow_up_takes_the_procedure_of_the_conversation(procedure: str) -> None:
    talk = talk_on("sms" if len(procedure) % 2 else "zalo")
    talk.say(f"#hoi.{procedure}.cach_lam")
    for said, aspect in FOLLOW_UPS:
        talk.say(said)
        assert talk.acts == answers(f"{procedure}.{aspect}"), said


@pytest.mark.parametrize(
    "paper",
    ["có cần mang hộ khẩu không", "thế có phải công chứng không ạ", "co can cccd cua me khong",
     "không có giấy kết hôn thì sao"],
)  # fmt: skip
def test_a_question_about_a_paper_is_about_the_papers_of_what_was_spoken_of(paper: str) -> None:
    wrong: dict[str, Meaning] = {paper: ("thuong_tru", "ho_so")}
    talk = Talk("zalo", {**BOOK, **wrong})
    talk.play("KS PHI", paper)
    (act,) = talk.acts
    assert isinstance(act, AnswerAspect)
    assert (act.procedure, act.aspect) == ("khai_sinh", "ho_so")


def test_a_procedure_that_the_words_do_not_name_is_not_believed() -> None:
    talk = Talk("zalo", {**BOOK, "bao giờ có": ("vneid", "thoi_gian", 0.7)})
    talk.play("KT PHI", "bao giờ có")
    assert talk.acts == answers("khai_tu.thoi_gian")


def test_unless_the_model_is_very_sure() -> None:
    talk = Talk("zalo", {**BOOK, "cái máy đọc chip hỏng à": ("can_cuoc", "loi", 0.95)})
    talk.play("KT PHI", "cái máy đọc chip hỏng à")
    (act,) = talk.acts
    assert isinstance(act, AnswerAspect)
    assert (act.procedure, act.aspect) == ("can_cuoc", "loi")


def test_a_procedure_that_the_words_name_is_never_replaced_by_the_topic() -> None:
    talk = Talk("zalo", {**BOOK, "thế khai tử thì tốn mấy đồng": (NO, "le_phi")})
    talk.play("KS PHI", "thế khai tử thì tốn mấy đồng")
    assert talk.acts == answers("khai_tu.le_phi")


def test_what_is_none_of_our_business_is_no_follow_up() -> None:
    talk = Talk("zalo", {**BOOK, "làm sổ đỏ bao lâu": (NO, "thoi_gian", 0.6)})
    talk.play("KS PHI", "làm sổ đỏ bao lâu")
    assert answers("khai_sinh.thoi_gian")[0] not in talk.acts


def test_a_doubtful_follow_up_is_asked_about_with_its_procedure() -> None:
    talk = Talk("zalo", {**BOOK, "thế phải sao nữa": (NO, "cach_lam", 0.4)})
    talk.play("KS PHI", "thế phải sao nữa")
    assert not any(isinstance(act, AnswerAspect) for act in talk.acts)
    assert talk.reasons == []


@pytest.mark.parametrize(
    ("said", "procedure"),
    [
        ("còn khai tử thì sao?", "khai_tu"),
        ("thế đăng ký kết hôn?", "ket_hon"),
        ("con khai tu thi sao", "khai_tu"),
        ("vậy giấy độc thân thì sao ạ", "tinh_trang_hon_nhan"),
    ],
)
def test_a_name_after_and_what_of_asks_the_same_about_another_procedure(
    said: str, procedure: str
) -> None:
    talk = talk_on()
    talk.play("KS PHI", said)
    assert talk.acts == answers(f"{procedure}.le_phi")


def test_a_bare_name_alone_begins_anew() -> None:
    talk = talk_on()
    talk.play("KS PHI", "việc đăng ký kết hôn")
    assert talk.acts == answers("ket_hon.cach_lam")


# --- corrections --------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["zalo", "sms", "web"])
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("không, ý tôi là khai tử", "khai_tu.le_phi"),
        ("nhầm, đăng ký kết hôn cơ", "ket_hon.le_phi"),
        ("không phải khai sinh, khai tử", "khai_tu.le_phi"),
        ("khai tử chứ không phải khai sinh", "khai_tu.le_phi"),
        ("k phai ks, kt", "khai_tu.le_phi"),
        ("tui nói khai tử mờ", "khai_tu.le_phi"),
        ("khong, khai tu", "khai_tu.le_phi"),
        ("ko, y e la dk ket hon", "ket_hon.le_phi"),
        ("tôi hỏi nộp ở đâu mà", "khai_sinh.noi_nop"),
        ("ý là online ấy", "khai_sinh.truc_tuyen"),
        ("không phải, tôi hỏi bao lâu có", "khai_sinh.thoi_gian"),
        ("hổng phải, tui hỏi nộp chỗ mô", "khai_sinh.noi_nop"),
        ("nham roi, bao lau co", "khai_sinh.thoi_gian"),
        ("không, ý tôi là khai tử cần giấy gì", "khai_tu.ho_so"),
        ("không phải khai sinh mà là khai tử bao lâu phải làm", "khai_tu.thoi_gian"),
    ],
)
def test_a_correction_changes_what_it_names_and_keeps_the_other_half(
    channel: str, said: str, expected: str
) -> None:
    talk = talk_on(channel)
    talk.play("KS PHI", said)
    assert talk.acts == answers(expected)
    assert talk.state.topic == expected.split(".")[0]
    assert "nhầm" not in talk.text


def test_a_correction_with_two_questions_gets_two_answers() -> None:
    talk = talk_on()
    talk.play("KS PHI", "không, ý tôi là khai tử cần giấy gì, nộp ở đâu")
    assert talk.acts == answers("khai_tu.ho_so", "khai_tu.noi_nop")


def test_corrections_may_follow_one_another() -> None:
    talk = talk_on()
    talk.play("KS PHI", "không, ý tôi là khai tử", "nhầm, đăng ký kết hôn cơ", "ý là online ấy")
    assert talk.acts == answers("ket_hon.truc_tuyen")


def test_what_was_handed_over_by_mistake_can_be_corrected() -> None:
    talk = talk_on(lacking=("can_cuoc",))
    talk.play("làm thẻ căn cước ở chỗ nào", "không phải, khai sinh cơ")
    assert talk.acts == answers("khai_sinh.noi_nop")


def test_a_checklist_just_begun_for_the_wrong_procedure_is_dropped() -> None:
    talk = talk_on()
    talk.play("#buoc.khai_sinh", "không, ý tôi là khai tử")
    assert talk.acts == answers("khai_tu.cach_lam")
    assert talk.state.walk is None


def test_one_with_answers_is_put_aside_and_can_be_taken_up() -> None:
    talk = talk_on()
    talk.play("#buoc.khai_sinh", "1", "không, ý tôi là khai tử")
    assert talk.acts == answers("khai_tu.cach_lam")
    talk.say("làm tiếp")
    assert isinstance(talk.acts[-1], AskQuestion)
    assert talk.acts[-1].procedure == "khai_sinh"


def test_a_form_that_was_begun_is_put_aside() -> None:
    talk = talk_on()
    talk.play("KS PHI", "#nhac.hen", "không phải, tôi hỏi nộp ở đâu")
    assert talk.acts == answers("khai_sinh.noi_nop")
    assert talk.state.form is None


def test_a_corrected_date_is_an_answer_to_the_form() -> None:
    talk = talk_on()
    talk.play("KS PHI", "#nhac.hen", "nhầm, 5/12")
    assert talk.state.form is not None
    assert not any(isinstance(act, AskReminderDate) for act in talk.acts)


def test_a_no_with_its_reason_answers_the_checklist() -> None:
    talk = talk_on()
    talk.play("#buoc.khai_sinh", "1", "không, chưa có giấy chứng sinh")
    assert isinstance(talk.acts[-1], AskQuestion)
    assert talk.acts[-1].question == "nguoi_lam_chung"


def test_a_checklist_answer_that_was_wrong_is_changed() -> None:
    talk = talk_on()
    talk.play("#buoc.khai_sinh", "1", "1", "nhầm, chưa có giấy chứng sinh")
    assert talk.state.walk is not None
    assert talk.state.walk.answers["giay_chung_sinh"] == "khong_co"


def test_only_saying_that_it_was_wrong_goes_back_in_a_checklist() -> None:
    talk = talk_on("sms")
    talk.play("#buoc.khai_sinh", "1", "1", "nham roi")
    assert isinstance(talk.acts[-1], AskQuestion)
    assert talk.acts[-1].question == "giay_chung_sinh"


@pytest.mark.parametrize("channel", ["zalo", "sms"])
@pytest.mark.parametrize(
    "said",
    ["nhầm rồi", "không phải thế", "bạn hiểu sai ý tôi rồi", "khong phai", "ý tôi là cái kia cơ"],
)
def test_who_only_says_that_it_was_wrong_is_asked_with_three_choices(
    channel: str, said: str
) -> None:
    talk = talk_on(channel)
    talk.play("KS PHI", said)
    (act,) = talk.acts
    assert isinstance(act, Clarify)
    assert ("khai_sinh", "le_phi") not in act.options
    assert 2 <= len(talk.offered) <= 3
    talk.say("1")
    assert talk.acts == answers("khai_sinh.ho_so")


def test_what_was_denied_is_not_offered_again() -> None:
    talk = talk_on()
    talk.play("KS PHI", "tôi không hỏi khai sinh")
    (act,) = talk.acts
    assert isinstance(act, Clarify)
    assert all(p != "khai_sinh" and a == "le_phi" for p, a in act.options)
    assert talk.labels[-1] == "Việc khác"
    talk.tap("Việc khác")
    assert talk.acts == (ShowMenu(),)


def test_wrong_twice_an_officer_helps() -> None:
    talk = talk_on()
    talk.play("KS PHI", "nhầm rồi", "không phải thế")
    assert talk.reasons == ["Người dân nói trợ lý hiểu chưa đúng ý"]


def test_the_answer_that_was_wrong_is_not_given_again() -> None:
    talk = talk_on()
    talk.play("KS PHI", "tôi hỏi lệ phí mà")
    assert isinstance(talk.acts[-1], Clarify)


def test_with_nothing_said_before_a_correction_is_a_question() -> None:
    talk = talk_on()
    talk.say("nhầm, làm khai sinh cần gì")
    assert talk.acts == answers("khai_sinh.ho_so")
    talk = talk_on()
    talk.say("nhầm rồi")
    assert talk.acts[0] == Say("not_understood")
    talk = talk_on()
    talk.say("ý là online ấy")
    assert isinstance(talk.acts[-1], Clarify)
    assert talk.acts[-1].which


def test_the_procedure_corrected_where_it_was_asked_for_answers_what_was_asked() -> None:
    talk = talk_on()
    talk.play("lệ phí bao nhiêu", "nhầm, đăng ký kết hôn cơ")
    assert talk.acts == answers("ket_hon.le_phi")


@pytest.mark.parametrize("said", ["không, cảm ơn", "không, cho em xin số cán bộ", "không"])
def test_a_no_to_an_offer_is_no_correction(said: str) -> None:
    talk = talk_on()
    talk.play("giá vàng hôm nay", said)
    assert not any(isinstance(act, Clarify) for act in talk.acts)


def test_giving_the_erasing_up_is_no_correction() -> None:
    talk = talk_on("sms")
    talk.play("KS PHI", "XOA", "không phải")
    assert talk.acts == (Say("erase_declined"),)
    assert not talk.erased


def test_a_citizen_without_diacritics_by_sms_from_end_to_end() -> None:
    talk = talk_on("sms")
    talk.say("lam ks can j vs bn tien")
    assert talk.acts == answers("khai_sinh.ho_so", "khai_sinh.le_phi")
    talk.say("bn ngay co")
    assert talk.acts == answers("khai_sinh.thoi_gian")
    talk.say("kp, y e la kt")
    assert talk.acts == answers("khai_tu.thoi_gian")
    talk.say("con le phi thi sao")
    assert talk.acts == answers("khai_tu.le_phi")
    talk.say("nham roi")
    assert isinstance(talk.acts[-1], Clarify)
    assert "tôi hiểu nhầm" not in talk.text
    assert "toi hieu nham" in talk.text
    assert "3 viec khac" in talk.text
