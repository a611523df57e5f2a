"""What a message tells beside its question: dates answer the checklist, the officer is told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.dialogue import noted, told
from bot.dialogue.acts import AnswerAspect, AskConsent, AskQuestion, HandOver, ShowResult
from bot.dialogue.heard import Heard
from bot.dialogue.state import Noted
from bot.knowledge.checklist import find_case
from bot.knowledge.times import TextKey, moments_of
from bot.messages import InboundKind
from bot.text import key
from bot.understanding.entities import find_entities
from bot.understanding.types import Understanding
from tests.dialogue.driver import MORNING, Talk, shipped

TODAY = date(2026, 11, 24)


def case(procedure: str, text: str) -> dict[str, str]:
    """What ``text`` tells of the procedure's checklist."""
    understood = Understanding(text, procedure, "ho_so", 0.9, "answer")
    heard = told.hear(Heard(InboundKind.TEXT, text, key(text), understanding=understood), TODAY)
    return find_case(shipped().procedure(procedure).checklist, heard.key)


def asked_how_old() -> Talk:
    """A talk in which it was just asked whether 60 days are over."""
    talk = Talk()
    talk.play(
        "#buoc.khai_sinh",
        *[
            "#tl.khai_sinh." + a
            for a in (
                "doi_tuong.tre_em",
                "giay_chung_sinh.co",
                "cha_me_ket_hon.da",
                "nguoi_di_khai.cha_me",
            )
        ],
    )
    assert isinstance(talk.acts[-1], AskQuestion)
    assert talk.acts[-1].question == "qua_han"
    return talk  # fmt: skip


BIRTH = [
    ("cháu sinh 5/8, làm khai sinh cần gì", "roi"),
    ("chau sinh 5/8 lam khai sinh can gi", "roi"),
    ("con em sinh ngày 25/9/2026", "chua"),
    ("con em sinh ngày 24/9/2026", "roi"),
    ("bé sinh hôm 20", "chua"),
    ("vợ em sinh tuần rồi", "chua"),
    ("cháu sinh tháng trước", "chua"),
    ("cháu sinh tháng này", "chua"),
    ("cháu sinh tháng 9", None),
    ("cháu sinh tháng 8", "roi"),
    ("cháu sinh năm ngoái", "roi"),
    ("cháu được 20 ngày", "chua"),
    ("cháu được 2 tháng", None),
    ("cháu gần 2 tháng", "chua"),
    ("cháu được hai tháng rưỡi", "roi"),
    ("cháu bảy tuổi", "roi"),
    ("cháu sinh mùng 3 tết", None),
    ("em sinh năm 1998, con sinh hôm 20/11", "chua"),
    ("bé lớn sinh 5/8/2024, bé nhỏ sinh hôm qua", None),
    ("dự sinh 5/12", None),
    ("hôm qua em lên xã", None),
    ("mẹ em sinh 1950", None),
    ("sinh hôm 20/11, nghe nói quá 60 ngày rồi", None),
]


@pytest.mark.parametrize(("text", "option"), BIRTH)
def test_a_birth_tells_whether_the_deadline_is_over(text: str, option: str | None) -> None:
    assert case("khai_sinh", text).get("qua_han") == option


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("bố em mất hôm 20/11", "chua"), ("bà mất cách đây 3 ngày", "chua"),
        ("ông mất cách đây 2 tuần", None), ("cụ mất 3/11", "roi"),
        ("má tui mất tháng trước", "roi"),
        ("ông mất 49 ngày rồi", "roi"), ("mất giấy khai tử hôm 20/11", None),
        ("bố sinh 1950 mất hôm qua", "chua"), ("bà mất rằm tháng bảy", None),
    ],
)  # fmt: skip
def test_a_death_tells_whether_the_deadline_is_over(text: str, option: str | None) -> None:
    assert case("khai_tu", text).get("qua_han") == option


@pytest.mark.parametrize(
    ("text", "option"),
    [
        ("anh 25 tuổi, bạn gái 22 tuổi", "du"), ("cả hai đều 30 tuổi", "du"),
        ("anh 25 tuổi, bạn gái 14 tuổi rưỡi", "chua"), ("em 17 tuổi", "chua"),
        ("bạn trai 18 tuổi", "chua"), ("bạn gái 18 tuổi", None), ("em 25 tuổi", None),
        ("em sinh năm 2010", "chua"), ("em sinh 2000", None), ("nam 20 tuổi nữ 18 tuổi", None),
    ],
)  # fmt: skip
def test_ages_tell_whether_two_may_marry(text: str, option: str | None) -> None:
    assert case("ket_hon", text).get("tuoi") == option


@pytest.mark.parametrize("channel", ["zalo", "sms"])
@pytest.mark.parametrize(
    ("text", "option"),
    [("cháu sinh 5/8, làm khai sinh cần gì", "roi"), ("cháu sinh hôm qua cần giấy gì", "chua")],
)
def test_a_date_in_the_question_goes_straight_to_its_case(
    channel: str, text: str, option: str
) -> None:
    talk = Talk(channel, {text: ("khai_sinh", "ho_so")})  # type: ignore[arg-type]
    talk.say(text)
    assert talk.acts[-1] == AnswerAspect("khai_sinh", "ho_so", (("qua_han", option),))
    start = talk.choices[0].payload if talk.choices else talk.offered[0]
    assert start == f"#buoc.khai_sinh.qua_han-{option}"
    talk.play(
        start,
        *[
            "#tl.khai_sinh." + a
            for a in (
                "doi_tuong.tre_em",
                "giay_chung_sinh.co",
                "cha_me_ket_hon.da",
                "nguoi_di_khai.cha_me",
            )
        ],
    )
    assert not isinstance(talk.acts[-1], AskQuestion)  # fmt: skip


def test_the_late_case_says_that_it_is_still_accepted_and_lists_every_paper() -> None:
    text = "cháu sinh 5/8, làm khai sinh cần gì"
    talk = Talk("zalo", {text: ("khai_sinh", "ho_so")})
    said = talk.say(text)
    assert "Quá hạn vẫn đăng ký được" in said
    assert "trường hợp đã quá 60 ngày" in said
    assert "Giấy chứng sinh" in said
    sms = Talk("sms", {text: ("khai_sinh", "ho_so")})
    assert "van dang ky duoc" in sms.say(text)


def test_a_date_says_nothing_to_a_question_about_something_else() -> None:
    text = "cháu sinh hôm qua thì phí bao nhiêu"
    talk = Talk("zalo", {text: ("khai_sinh", "le_phi")})
    talk.say(text)
    assert talk.acts[-1] == AnswerAspect("khai_sinh", "le_phi")


@pytest.mark.parametrize(
    ("said", "option"),
    [("5/8", "roi"), ("cháu sinh 5/8 ạ", "roi"), ("hôm qua", "chua"), ("3 tháng", "roi"),
     ("dạ 20 ngày rồi ạ", "chua"), ("mới hơn tháng", None), ("tháng trước", "chua")],
)  # fmt: skip
def test_a_date_answers_the_question_that_was_put(said: str, option: str | None) -> None:
    talk = asked_how_old()
    talk.say(said)
    assert talk.state.walk is not None
    assert talk.state.walk.answers.get("qua_han") == option


def test_what_is_told_in_passing_is_repeated_once_and_not_asked_again() -> None:
    talk = Talk()
    talk.play("#buoc.khai_sinh", "cháu nhà em sinh hôm 20/11")
    assert talk.state.walk is not None
    assert talk.state.walk.answers == {"qua_han": "chua"}
    assert "chưa quá 60 ngày" in talk.text
    assert isinstance(talk.acts[-1], AskQuestion)


def test_an_age_below_the_law_is_taken() -> None:
    text = "bạn trai em 18 tuổi rưỡi, đăng ký kết hôn cần gì"
    talk = Talk("zalo", {text: ("ket_hon", "ho_so")})
    talk.say(text)
    assert talk.acts[-1] == HandOver("Kết hôn: có người chưa đủ tuổi", "ket_hon", "too_young")
    assert "đủ 20 tuổi" in talk.text


def test_a_plain_key_tells_no_time() -> None:
    assert moments_of("chau sinh 5 8") == ()
    assert TextKey("a b") == "a b"


# --- for the officer ----------------------------------------------------------------------


def named(*texts: str) -> str:
    """What the officer reads after these messages."""
    notes: tuple[Noted, ...] = ()
    for text in texts:
        notes = noted.added(notes, find_entities(text, TODAY), TODAY)
    return noted.line(notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cháu sinh 5/8", "sinh ngày 5/8/2026"),
        ("bố mất tháng trước", "mất tháng 10/2026"),
        ("bà mất cách đây 2 tuần", "mất khoảng 7/11/2026 đến 13/11/2026"),
        ("cụ mất mùng 3 tết", "mất ngày 3 tháng 1 âm lịch"),
        ("nộp hôm 20/11 hẹn 27/11", "nộp hồ sơ ngày 20/11/2026; hẹn ngày 27/11/2026"),
        ("con em được 3 tháng", "cháu được khoảng 3 tháng"),
        ("hs H01.02.03-250701-0001", "mã hồ sơ H01.02.03-250701-0001"),
        ("gọi em số 0912.345.678", "điện thoại 0912 345 678"),
        ("sao y 5 bản", "5 bản"),
        (
            "xã Song Phượng huyện Đan Phượng",
            "xã Song Phượng, huyện Đan Phượng, thành phố Hà Nội "
            "(cũ, nay là xã Đan Phượng, thành phố Hà Nội)",
        ),
        ("hôm nay xã có làm không", ""),
        ("em làm hộ mẹ", ""),
    ],
)
def test_the_officer_reads_it_in_plain_words(text: str, said: str) -> None:
    assert named(text) == said


def test_a_divided_commune_is_told_with_all_its_successors() -> None:
    said = named("phường Mễ Trì cũ")
    assert "nay chia về phường Đại Mỗ" in said
    assert "phường Yên Hòa" in said


def test_nothing_is_told_twice_and_the_latest_stands_last() -> None:
    assert named("sđt 0912345678", "sinh 5/8", "sđt 0912 345 678") == (
        "sinh ngày 5/8/2026; điện thoại 0912 345 678"
    )
    many = named(*(f"số 09123456{n}" for n in range(10, 30)))
    assert many.count(";") == noted.MOST - 1


def test_after_a_month_it_is_forgotten() -> None:
    old = noted.added((), find_entities("sinh 5/8", TODAY), TODAY)
    assert noted.added(old, (), TODAY + noted.LIFE) == old
    assert noted.added(old, (), TODAY + noted.LIFE + timedelta(days=1)) == ()


def test_a_conversation_keeps_it_until_it_is_erased() -> None:
    talk = Talk()
    talk.play("cháu sinh 5/8, hồ sơ H01.02.03-250701-0001", "tôi muốn gặp cán bộ")
    line = "sinh ngày 5/8/2026; mã hồ sơ H01.02.03-250701-0001"
    assert noted.line(talk.state.noted) == line
    talk.days_later(2)
    assert noted.line(talk.state.noted) == line
    talk.play("XOA", "có")
    assert talk.erased
    assert talk.state.noted == ()


# --- the form -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("con sinh hôm 20", date(2026, 11, 20)), ("ngày năm tháng mười một", date(2026, 11, 5)),
        ("bữa kia", date(2026, 11, 22)), ("5/11 âm tức 13/11/2026", date(2026, 11, 13)),
        ("thứ sáu", date(2026, 11, 20)), ("chủ nhật vừa rồi", date(2026, 11, 22)),
    ],
)  # fmt: skip
def test_the_form_reads_dates_with_the_same_eyes(said: str, day: date) -> None:
    talk = Talk("zalo")
    talk.play("#hoi.khai_sinh.le_phi", "#nhac.han", said)
    assert talk.state.form is not None
    assert talk.state.form.day == day


@pytest.mark.parametrize("said", ["tháng trước", "cách đây 2 tuần", "mùng 3", "mấy hôm trước"])
def test_the_form_asks_again_for_what_is_no_day(said: str) -> None:
    talk = Talk("zalo")
    talk.play("#hoi.khai_sinh.le_phi", "#nhac.han", said)
    assert talk.state.form is not None
    assert talk.state.form.day is None


def test_the_form_takes_an_old_number_as_what_it_is_now() -> None:
    talk = Talk("zalo")
    talk.play("#hoi.khai_sinh.le_phi", "#nhac.han", "hôm qua", "0168 123 4567")
    assert isinstance(talk.acts[-1], AskConsent)
    assert talk.acts[-1].phone == "+84381234567"


def test_the_morning_of_the_tests_is_the_day_that_they_count_from() -> None:
    assert MORNING.date() == TODAY


LIMIT = {"thời hạn thế nào ạ": ("khai_sinh", "thoi_gian")}


def test_a_birthday_told_before_tells_how_many_days_are_left() -> None:
    talk = Talk(
        meanings={"con em sinh 5/11/2026 làm khai sinh cần gì": ("khai_sinh", "ho_so"), **LIMIT}
    )
    talk.say("con em sinh 5/11/2026 làm khai sinh cần gì")
    assert "còn 41 ngày" in talk.text
    talk.say("thời hạn thế nào ạ")
    assert "còn 41 ngày" in talk.text
    talk.days_later(31)
    talk.say("thời hạn thế nào ạ")
    assert "còn" not in talk.text.partition("Cha mẹ đăng ký")[0]


def test_the_papers_of_the_case_come_with_the_days_that_are_left() -> None:
    talk = asked_how_old()
    talk.say("cháu sinh 5/11/2026")
    assert isinstance(talk.acts[-1], ShowResult)
    assert talk.acts[-1].since == date(2026, 11, 5)
    assert "còn 41 ngày" in talk.text


def test_the_day_of_a_death_is_none_of_a_birth() -> None:
    talk = Talk(meanings={"ông em mất ngày 20/11/2026": ("khai_tu", "ho_so"), **LIMIT})
    talk.say("ông em mất ngày 20/11/2026")
    assert "còn 11 ngày" in talk.text
    talk.say("thời hạn thế nào ạ")
    assert "ngày. Bà con còn" not in talk.text
    assert "còn 11 ngày" not in talk.text
