"""How sentences read: cases inside a sentence, SMS texts, times of a hand-over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from actions.answer import told_case
from actions.phrasing import lower_first, readable, upper_first
from actions.registry import _PERFORMERS, perform
from actions.remind import worded
from bot.clock import local_date
from bot.delivery.compose import compose
from bot.dialogue import acts
from bot.dialogue.acts import AnswerAspect, Clarify, DeadlinePassed, HandOver, ShowTicks
from bot.dialogue.outcome import Env
from bot.dialogue.state import ReminderKind
from bot.knowledge import checklist as checklists
from bot.knowledge.placeholders import find
from bot.messages import CHANNELS, Channel
from bot.text import for_sms
from bot.understanding.types import CONTENT_ASPECTS
from tests.dialogue.driver import COMMUNE, MORNING, shipped


def env_on(channel: Channel = "zalo", now: datetime = MORNING) -> Env:
    """The demo commune on a channel."""
    known = shipped(local_date(now))
    return Env(known, known.commune(COMMUNE), channel, now, local_date(now))


def test_every_act_of_the_dialogue_has_somebody_who_performs_it() -> None:
    assert set(_PERFORMERS) == set(acts.Act.__args__)


@pytest.mark.parametrize(
    ("procedure", "question", "option", "told"),
    [
        ("khai_sinh", "giay_chung_sinh", "khong_co", "không có Giấy chứng sinh"),
        ("khai_sinh", "cha_nhan_con", "co", "cha muốn nhận con"),
        ("tinh_trang_hon_nhan", "noi_o", "nhieu_noi", "từng ở nhiều nơi"),
        ("tinh_trang_hon_nhan", "cap_lai", "mat_giay", "không còn giấy cũ"),
        ("ket_hon", "den_xa", "duoc", "cả hai đến được"),
    ],
)
def test_a_told_case_reads_inside_a_sentence(
    procedure: str, question: str, option: str, told: str
) -> None:
    assert told_case(shipped().procedure(procedure), {question: option}) == told


def test_no_option_reads_badly_inside_a_sentence() -> None:
    for procedure in shipped().procedures.values():
        for question in procedure.checklist.questions:
            for option in question.options:
                told = told_case(procedure, {question.id: option.id})
                assert told
                assert told[0] == told[0].lower()
                assert not told.startswith(("có,", "rồi,", "chưa,", "không,", "nhưng"))


@pytest.mark.parametrize("kind", ["han", "giay", "hen"])
def test_a_reminder_is_one_plain_sms_for_every_procedure(kind: ReminderKind) -> None:
    day = local_date(MORNING)
    for procedure in shipped().procedures.values():
        if kind == "han" and not procedure.deadlines:
            continue
        text = worded(env_on("sms"), kind, procedure.id, day).sms
        assert text == for_sms(text)
        assert len(text) <= 306
        assert f"nhan {procedure.keyword}." in text
        assert "HUY" in text


def test_a_number_is_told_in_readable_groups() -> None:
    assert readable("+84912345678") == "0912 345 678"


def test_first_letters_are_changed_and_nothing_else() -> None:
    assert lower_first("Đăng ký VNeID") == "đăng ký VNeID"
    assert upper_first("ủy quyền") == "Ủy quyền"
    assert lower_first("") == upper_first("") == ""


@pytest.mark.parametrize(
    ("now", "when"),
    [
        (datetime(2026, 11, 24, 2, 0, tzinfo=UTC), "trong giờ làm việc hôm nay"),
        (datetime(2026, 11, 24, 5, 0, tzinfo=UTC), "từ 13 giờ 30 thứ Ba 24/11"),
        (datetime(2026, 11, 28, 12, 0, tzinfo=UTC), "từ 7 giờ 30 thứ Hai 30/11"),
    ],
)
def test_a_hand_over_says_when_the_officer_is_there(now: datetime, when: str) -> None:
    (reply,) = perform(HandOver("x"), env_on(now=now)).replies
    assert "Tôi đã chuyển câu hỏi cho cán bộ xã Hoa Mai." in reply.long
    assert when in reply.long


def test_no_phrase_threatens_with_a_fine_or_leaves_a_place_open() -> None:
    for name, phrase in shipped().phrases.items():
        for text in (phrase.long, phrase.short):
            assert "phạt" not in text, name
            assert all(place.isidentifier() for place in find(text)), name


def test_short_phrases_fit_an_sms_with_what_is_filled_in() -> None:
    long = [name for name, p in shipped().phrases.items() if len(for_sms(p.short)) > 160]
    assert long == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_content_that_has_ceased_to_hold_is_left_to_the_officer(channel: Channel) -> None:
    env = env_on(channel, datetime(2040, 1, 2, 3, 0, tzinfo=UTC))
    for aspect in ("le_phi", "ho_so"):
        done = perform(AnswerAspect("khai_sinh", aspect), env)
        assert len(done.effects) == 1
        assert "cán bộ" in done.replies[0].long


def test_an_aspect_that_nobody_wrote_goes_to_the_officer() -> None:
    done = perform(AnswerAspect("khai_sinh", "xyz"), env_on())
    assert len(done.effects) == 1


def test_after_the_deadline_the_law_that_holds_today_is_quoted() -> None:
    act = DeadlinePassed("khai_sinh", local_date(MORNING))
    (reply,) = perform(act, env_on()).replies
    assert shipped().fact("khai_sinh", "birth_late_ok").long in reply.long
    later = env_on(now=datetime(2040, 1, 2, tzinfo=UTC))
    (reply,) = perform(act, later).replies
    assert shipped().fact("khai_sinh", "birth_late_ok").long not in reply.long


@pytest.mark.parametrize("channel", CHANNELS)
def test_with_all_papers_the_hour_to_come_before_is_the_one_of_the_fact(channel: Channel) -> None:
    case = {"doi_tuong": "nguoi_lon"}
    outcome = checklists.outcome(shipped().procedure("khai_sinh"), shipped(), case)
    have = tuple(used.use.paper for used in outcome.papers)
    (reply,) = perform(ShowTicks("khai_sinh", tuple(case.items()), have), env_on(channel)).replies
    hour = shipped().fact(None, "after_15h").value
    assert f"trước {hour} giờ" in reply.long
    assert f"trước {hour} giờ" in reply.short


ASKED = [aspect for aspect in CONTENT_ASPECTS if aspect != "trang_thai"]


@pytest.mark.parametrize("procedure", list(shipped().procedures))
def test_choices_of_a_question_back_are_short_and_say_what_people_say(procedure: str) -> None:
    for aspect in ASKED:
        (reply,) = perform(Clarify(((procedure, aspect),)), env_on()).replies
        (choice,) = reply.choices
        assert choice.label[0] == choice.label[0].upper()
        assert len(choice.label) <= 40
        assert len(for_sms(choice.short)) <= 32
        for office in ("điều kiện", "lệ phí", "thời hạn", "thủ tục", "hồ sơ", "trực tuyến"):
            assert office not in choice.label.lower()


def test_where_only_the_procedure_is_in_doubt_only_that_is_offered() -> None:
    options = (("khai_sinh", "le_phi"), ("tinh_trang_hon_nhan", "le_phi"))
    (reply,) = perform(Clarify(options, which=True), env_on()).replies
    assert [choice.label for choice in reply.choices] == ["Làm khai sinh", "Xin giấy độc thân"]
    assert [choice.payload for choice in reply.choices] == [
        "#hoi.khai_sinh.le_phi",
        "#hoi.tinh_trang_hon_nhan.le_phi",
    ]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("misheard", [False, True])
def test_three_choices_at_most_fit_one_message(channel: Channel, misheard: bool) -> None:
    longest = [("tinh_trang_hon_nhan", aspect) for aspect in ("dieu_kien", "le_phi", "ho_so")]
    act = Clarify(tuple(longest[: 2 if misheard else 3]), misheard=misheard)
    composed = compose(perform(act, env_on(channel)).replies, channel)
    assert len(composed.bubbles) == 1
    assert len(composed.numbered) == 3
    assert composed.pages == ()
    if channel == "sms":
        assert len(composed.bubbles[0].text) <= 160
