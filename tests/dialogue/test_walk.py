"""Walking the birth checklist: every branch, in the middle of other things, days later."""

from __future__ import annotations

import pytest

from bot.dialogue.acts import AnswerAspect, AskQuestion, HandOver, ShowResult
from bot.knowledge import checklist as checklists
from bot.knowledge.render import render_fact
from bot.segments import count
from bot.text import for_sms
from tests.dialogue.driver import COMMUNE, MEANINGS, Meaning, Talk, shipped

START = "#buoc.khai_sinh"


def papers(talk: Talk) -> list[str]:
    """The papers of the result just shown, as ids."""
    (result,) = (act for act in talk.acts if isinstance(act, ShowResult))
    birth = shipped().procedure("khai_sinh")
    outcome = checklists.outcome(birth, shipped(), dict(result.answers))
    names = [used.paper.name for used in outcome.papers]
    assert [name for name in names if name not in talk.text] == []
    listed = {**birth.papers, **shipped().common.papers}.values()
    others = {paper.name for versions in listed for paper in versions} - set(names)
    assert [name for name in others if f"{name} (" in talk.text] == []
    return [used.use.paper for used in outcome.papers]


def question(talk: Talk) -> str:
    """The id of the question just asked."""
    act = talk.acts[-1]
    assert isinstance(act, AskQuestion)
    return act.question


def at(question_id: str, channel: str = "zalo", **more: Meaning) -> Talk:
    """A talk in which ``question_id`` of the birth checklist has just been asked."""
    answers = {
        "giay_chung_sinh": ["trẻ em"],
        "nguoi_lam_chung": ["trẻ em", "không có"],
        "cha_me_ket_hon": ["trẻ em", "có"],
        "cha_nhan_con": ["trẻ em", "có", "chưa"],
        "nguoi_di_khai": ["trẻ em", "có", "rồi"],
        "qua_han": ["trẻ em", "có", "rồi", "cha hoặc mẹ đi khai"],
    }
    talk = Talk(channel, more)  # type: ignore[arg-type]
    first = "trẻ em, cha mẹ là người việt nam"
    talk.play(START, *[first if a == "trẻ em" else a for a in answers[question_id]])
    assert question(talk) == question_id
    return talk


BRANCHES = {
    "with Giấy chứng sinh, married": (
        ["tre_em", "co", "da", "cha_me", "chua"],
        ["form", "birth_paper", "identity"],
    ),
    "no Giấy chứng sinh but a witness": (
        ["tre_em", "khong_co", "co", "da", "cha_me", "chua"],
        ["form", "witness_paper", "identity"],
    ),
    "no Giấy chứng sinh and no witness": (
        ["tre_em", "khong_co", "khong", "da", "cha_me", "chua"],
        ["form", "pledge_paper", "identity"],
    ),
    "not married, the father recognises": (
        ["tre_em", "co", "chua", "co", "cha_me", "chua"],
        ["form", "birth_paper", "identity", "kinship_proof", "recognise_form"],
    ),
    "not married, no father named": (
        ["tre_em", "co", "chua", "khong", "cha_me", "chua"],
        ["form", "birth_paper", "identity"],
    ),
    "filed by the grandparents": (
        ["tre_em", "co", "da", "nguoi_than", "chua"],
        ["form", "birth_paper", "identity"],
    ),
    "filed by somebody else": (
        ["tre_em", "co", "da", "nguoi_khac", "chua"],
        ["form", "birth_paper", "identity", "proxy_paper"],
    ),
    "over sixty days": (
        ["tre_em", "co", "da", "cha_me", "roi"],
        ["form", "birth_paper", "identity"],
    ),
    "an adult": (["nguoi_lon"], ["adult_papers", "adult_pledge", "form", "identity"]),
}


@pytest.mark.parametrize("branch", BRANCHES)
def test_by_buttons_the_result_lists_exactly_the_papers_of_the_case(branch: str) -> None:
    options, expected = BRANCHES[branch]
    talk = Talk()
    talk.say(START)
    for option in options:
        payload = next(c.payload for c in talk.choices if c.payload.endswith(f".{option}"))
        talk.say(payload)
    assert sorted(papers(talk)) == sorted(expected)


@pytest.mark.parametrize("branch", BRANCHES)
def test_by_digits_on_a_basic_phone_the_same_papers_are_named(branch: str) -> None:
    options, expected = BRANCHES[branch]
    talk = Talk("sms")
    talk.say(START)
    for option in options:
        digits = [n for n, p in enumerate(talk.state.choices, 1) if p.endswith(f".{option}")]
        talk.say(str(digits[0]))
    birth = shipped().procedure("khai_sinh")
    said = talk.text + talk.say("TIEP")
    for paper in expected:
        assert for_sms(shipped().paper(birth, paper).short) in said


def test_late_by_more_than_sixty_days_it_is_still_accepted() -> None:
    talk = at("qua_han")
    talk.say("đã quá 60 ngày")
    assert "Quá hạn vẫn đăng ký được" in talk.text


def test_grandparents_are_told_that_they_need_no_power_of_attorney() -> None:
    talk = at("nguoi_di_khai")
    talk.play("ông bà", "chưa")
    assert "không cần giấy uỷ quyền" in talk.text


@pytest.mark.parametrize(
    ("options", "fact"),
    [
        (["doi_tuong.nuoc_ngoai", "noi_sinh.viet_nam"], "foreign_case"),
        (["doi_tuong.nuoc_ngoai", "noi_sinh.nuoc_ngoai"], "foreign_abroad"),
        (["doi_tuong.dac_biet", "hoan_canh.bo_roi"], "abandoned"),
        (["doi_tuong.dac_biet", "hoan_canh.khong_cha_me"], "no_parents"),
        (["doi_tuong.dac_biet", "hoan_canh.chua_ro"], "special_case"),
    ],
)
def test_a_case_outside_the_rules_goes_to_the_officer_with_what_may_be_said(
    options: list[str], fact: str
) -> None:
    talk = Talk()
    talk.say(START)
    for option in options:
        assert talk.reasons == []
        talk.say(f"#tl.khai_sinh.{option}")
    assert isinstance(talk.acts[-1], HandOver)
    assert len(talk.reasons) == 1
    told = render_fact(
        shipped().fact("khai_sinh", fact), shipped(), shipped().commune(COMMUNE), short=False
    )
    assert told in talk.text
    assert talk.state.walk is None


@pytest.mark.parametrize(
    ("asked", "said", "option"),
    [
        ("giay_chung_sinh", "có", "co"),
        ("giay_chung_sinh", "Dạ ko có ạ", "khong_co"),
        ("giay_chung_sinh", "chưa em ơi", "khong_co"),
        ("giay_chung_sinh", "da khong a", "khong_co"),
        ("giay_chung_sinh", "không biết nữa", "chua_ro"),
        ("giay_chung_sinh", "Bị mất giấy chứng sinh rồi ạ", "mat"),
        ("giay_chung_sinh", "hổng có", "khong_co"),
        ("cha_me_ket_hon", "rồi", "da"),
        ("cha_me_ket_hon", "rồi ạ", "da"),
        ("cha_me_ket_hon", "có", "da"),
        ("cha_me_ket_hon", "đúng rồi", "da"),
        ("cha_me_ket_hon", "đúng", "da"),
        ("cha_me_ket_hon", "chưa", "chua"),
        ("cha_me_ket_hon", "chưa cô ơi, chưa cưới", "chua"),
        ("cha_me_ket_hon", "dạ chưa cưới ạ", "chua"),
        ("cha_me_ket_hon", "vâng đã đăng ký ạ", "da"),
        ("cha_me_ket_hon", "da dang ki ket hon", "da"),
        ("cha_me_ket_hon", "Chưa đăng ký kết hôn.", "chua"),
        ("cha_me_ket_hon", "chưa đi đăng ký kết hôn", "chua"),
        ("cha_nhan_con", "không", "khong"),
        ("cha_nhan_con", "dạ có ạ", "co"),
        ("nguoi_di_khai", "ông bà người thân đi khai", "nguoi_than"),
        ("nguoi_di_khai", "bà nội đi khai", "nguoi_than"),
        ("nguoi_di_khai", "cha hoặc mẹ", "cha_me"),
        ("nguoi_di_khai", "dạ ông bà ạ", "nguoi_than"),
        ("nguoi_di_khai", "mẹ", "cha_me"),
        ("qua_han", "chưa", "chua"),
        ("qua_han", "rồi", "roi"),
        ("qua_han", "cháu mới sinh tuần trước", "chua"),
    ],
)
def test_an_answer_in_ones_own_words_counts(asked: str, said: str, option: str) -> None:
    talk = at(asked)
    talk.say(said)
    walk = talk.state.walk
    assert walk is not None
    assert walk.answers.get(asked) == option


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("cha_me_ket_hon", "dung"),  # "đúng" or "dừng"?
        ("cha_me_ket_hon", "có lẽ"),
        ("cha_me_ket_hon", "để hỏi lại"),
        ("nguoi_di_khai", "không"),
        ("nguoi_di_khai", "có"),
        ("giay_chung_sinh", "có giấy chứng sinh không ạ"),
    ],
)
def test_what_is_no_clear_answer_is_asked_again_and_not_guessed(asked: str, said: str) -> None:
    talk = at(asked)
    before = talk.state.walk
    talk.say(said)
    assert talk.state.walk == before
    assert question(talk) == asked


def test_a_question_with_two_ways_to_say_no_takes_no_bare_no() -> None:
    talk = Talk()
    talk.play("#buoc.chung_thuc", "#tl.chung_thuc.loai.chu_ky", "#tl.chung_thuc.giay_ky.ly_lich")
    assert question(talk) == "nguoi_ky"
    talk.say("không")
    assert question(talk) == "nguoi_ky"


def test_a_no_to_who_will_come_does_not_say_that_nobody_is_left() -> None:
    talk = Talk()
    talk.play("#buoc.khai_tu", "ở nhà hoặc nơi khác", "đã có", "xã này")
    assert question(talk) == "nguoi_di_khai"
    talk.say("không")
    assert question(talk) == "nguoi_di_khai"


def test_an_original_that_is_not_intact_is_not_taken_for_none_at_all() -> None:
    talk = Talk()
    talk.play("#buoc.chung_thuc", "#tl.chung_thuc.loai.ban_sao")
    talk.say("#tl.chung_thuc.nguon_giay.viet_nam")
    assert question(talk) == "ban_chinh"
    talk.say("không")
    assert question(talk) == "ban_chinh"


def test_what_is_told_of_a_later_question_is_not_asked_again() -> None:
    talk = at("cha_me_ket_hon")
    talk.say("chưa cưới ạ, bố muốn nhận con")
    talk.say("#tl.khai_sinh.cha_nhan_con.co") if question(talk) == "cha_nhan_con" else None
    walk = talk.state.walk
    assert walk is not None
    assert walk.answers["cha_me_ket_hon"] == "chua"
    talk.say("Ông bà đi khai, cháu quá hạn rồi")
    assert talk.state.walk is not None
    assert talk.state.walk.answers["qua_han"] == "roi"
    assert talk.state.walk.done


def test_what_is_told_out_of_turn_is_noted_and_repeated() -> None:
    talk = at("cha_me_ket_hon")
    talk.say("bà nội đi khai cho cháu")
    assert "Tôi đã ghi: ông bà, người thân đi khai" in talk.text
    assert question(talk) == "cha_me_ket_hon"


def test_another_question_in_the_middle_is_answered_and_the_checklist_goes_on() -> None:
    talk = at("cha_me_ket_hon")
    talk.say("chứng thực hết bao nhiêu tiền")
    kinds = [type(act) for act in talk.acts]
    assert kinds == [AnswerAspect, AskQuestion]
    assert "quay lại việc đăng ký khai sinh" in talk.text
    talk.say("chưa")
    assert question(talk) == "cha_nhan_con"


@pytest.mark.parametrize("keyword", ["GIO", "KS PHI", "CT PHI", "TG", "DU LIEU"])
def test_a_keyword_in_the_middle_is_obeyed_and_the_question_asked_again(keyword: str) -> None:
    talk = at("cha_me_ket_hon", "sms")
    talk.say(keyword)
    assert question(talk) == "cha_me_ket_hon"
    talk.say("1")
    assert question(talk) == "nguoi_di_khai"


def test_a_button_of_another_answer_in_the_middle_brings_the_question_back() -> None:
    talk = at("cha_me_ket_hon")
    talk.say("#hoi.khai_sinh.le_phi")
    assert question(talk) == "cha_me_ket_hon"


@pytest.mark.parametrize("said", ["0", "quay lại", "lùi lại", "#lui"])
def test_going_back_undoes_the_last_answer(said: str) -> None:
    talk = at("cha_nhan_con")
    talk.say(said)
    assert question(talk) == "cha_me_ket_hon"
    talk.play("rồi")
    assert question(talk) == "nguoi_di_khai"


def test_going_back_at_the_first_question_asks_it_again() -> None:
    talk = Talk("sms")
    talk.play(START, "0", "0")
    assert question(talk) == "doi_tuong"


def test_after_the_result_an_answer_may_be_changed() -> None:
    talk = at("qua_han")
    talk.play("chưa", "#lui")
    assert question(talk) == "qua_han"
    talk.say("rồi")
    assert "Quá hạn vẫn" in talk.text


@pytest.mark.parametrize("said", ["thôi", "Thôi ạ", "dừng", "thôi để sau", "#thoi"])
def test_stopping_puts_the_checklist_aside(said: str) -> None:
    talk = at("cha_me_ket_hon")
    talk.say(said)
    assert "tạm nghỉ" in talk.text
    talk.say("rồi")
    assert talk.state.walk is not None
    assert "cha_me_ket_hon" not in talk.state.walk.answers


@pytest.mark.parametrize("said", ["làm tiếp", "tiếp tục", "TIEP", "#tieptuc"])
def test_what_was_put_aside_is_taken_up_again_by_a_word(said: str) -> None:
    talk = at("cha_me_ket_hon", "sms")
    talk.play("thôi", said)
    assert question(talk) == "cha_me_ket_hon"


@pytest.mark.parametrize("yes", ["có", "vâng ạ", "1", "làm tiếp"])
def test_days_later_a_greeting_offers_to_go_on(yes: str) -> None:
    talk = at("cha_me_ket_hon")
    talk.days_later(5)
    talk.say("chào")
    assert "Lần trước mình đang xem giấy tờ cho việc đăng ký khai sinh" in talk.text
    assert talk.labels[0] == "Làm tiếp"
    talk.say(yes)
    assert question(talk) == "cha_me_ket_hon"
    assert talk.state.walk is not None
    assert "cha_me_ket_hon" not in talk.state.walk.answers  # "có" was no answer to it


def test_no_to_going_on_shows_the_menu_and_later_answers_stay_alone() -> None:
    talk = at("cha_me_ket_hon")
    talk.play("chào", "không")
    assert "Đăng ký khai tử" in talk.labels
    talk.say("#hoi.khai_tu.le_phi")
    assert [type(act) for act in talk.acts] == [AnswerAspect]


def test_a_button_of_another_checklist_answers_nothing_here() -> None:
    talk = Talk()
    talk.play("#buoc.khai_tu", "#tl.khai_tu.noi_mat.tai_nha")
    before = talk.state.walk
    talk.say("#tl.khai_sinh.qua_han.roi")
    assert talk.state.walk == before
    assert "không còn dùng được" in talk.text
    assert question(talk) == "giay_bao_tu"


def finished(channel: str = "sms") -> Talk:
    """A talk with the papers of an ordinary birth on the screen."""
    talk = at("qua_han", channel)
    talk.say("chưa")
    assert talk.state.walk is not None
    assert talk.state.walk.done
    return talk


@pytest.mark.parametrize("said", ["1 3", "1,3", "1, 3 ạ", "số 1 và 3", "1/3"])
def test_papers_are_ticked_off_by_their_numbers(said: str) -> None:
    talk = finished()
    talk.say(said)
    assert "Da co: 1, 3. Con thieu: 2) " in talk.text


def test_the_same_number_again_unticks() -> None:
    talk = finished()
    talk.play("1 3", "3")
    assert "Da co: 1. Con thieu: 2) " in talk.text


@pytest.mark.parametrize("said", ["DU", "đủ rồi", "đủ hết rồi", "1 2 3"])
def test_with_all_papers_there_the_office_and_its_hours_are_told(said: str) -> None:
    talk = finished()
    talk.say(said)
    assert "Du giay roi!" in talk.text
    assert "7h30" in talk.text


def test_yes_to_the_offer_after_the_last_paper_starts_a_reminder() -> None:
    talk = finished("zalo")
    talk.say("đủ rồi")
    assert "nhắn tin nhắc bà con không" in talk.text
    talk.say("có")
    assert "Nhắc ngày hẹn" in talk.labels


def test_no_to_the_offer_after_the_last_paper_is_taken_as_no() -> None:
    talk = finished("zalo")
    talk.play("đủ rồi", "không cần")
    assert "không nhắc" in talk.text


def test_ticks_survive_other_questions() -> None:
    talk = finished()
    talk.play("1", "GIO", "2")
    assert "Da co: 1, 2." in talk.text


def test_a_number_beyond_the_papers_shows_the_list_again() -> None:
    talk = finished()
    talk.say("9")
    assert "Khong co so nay" in talk.text
    assert "Con thieu: 1)" in talk.text


def test_a_told_case_is_repeated_in_words_that_read_as_a_sentence() -> None:
    told = "con sinh ở nhà không có giấy chứng sinh, chưa cưới"
    talk = Talk(meanings={told: ("khai_sinh", "ho_so")})
    talk.say(told)
    assert "trường hợp không có Giấy chứng sinh; chưa đăng ký kết hôn, cần:" in talk.text


def test_whoever_registers_a_death_is_met_with_a_word_of_condolence() -> None:
    assert Talk("sms").say("#buoc.khai_tu").count("Xin chia buon") == 1
    assert "Xin chia buồn" in Talk("zalo").say("#hoi.khai_tu.ho_so")


@pytest.mark.parametrize("keyword", ["KS", "KT", "KH", "HN", "CT"])
def test_the_first_sms_to_a_keyword_shows_papers_and_choice_in_one_part(keyword: str) -> None:
    talk = Talk("sms")
    talk.say(keyword)
    assert count(talk.text).parts == 1
    assert talk.text.endswith("\n1 truong hop cua toi (nhan TIEP xem tiep)")
    assert count(talk.say("TIEP")).parts <= 2
    talk.say("1")
    assert isinstance(talk.acts[0], AskQuestion)


def test_the_book_of_meanings_names_real_procedures() -> None:
    procedures = {m[0] for m in MEANINGS.values() if isinstance(m, tuple)}
    assert procedures - {"none"} <= set(shipped().procedures)
