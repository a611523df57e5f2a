"""Agreeing on a reminder: nothing is scheduled without a clear yes to the very words shown."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.clock import local_date
from bot.dialogue.acts import AskConsent, AskPhone, AskReminderDate, DeadlinePassed
from bot.dialogue.heard import taps_in
from bot.dialogue.state import State
from bot.text import for_sms
from bot.understanding.entities import read_phone
from tests.dialogue.driver import Talk


def asked_for_date(channel: str = "zalo", kind: str = "han") -> Talk:
    """A talk in which the date was just asked for."""
    talk = Talk(channel)  # type: ignore[arg-type]
    talk.play("#hoi.khai_sinh.le_phi", f"#nhac.{kind}")
    assert isinstance(talk.acts[-1], AskReminderDate)
    return talk


def asked_for_consent(channel: str = "zalo") -> Talk:
    """A talk in which the consent was just asked for."""
    talk = asked_for_date(channel)
    talk.say("5/11/2026")
    if channel != "sms":
        talk.say("0912 345 678")
    assert isinstance(talk.acts[-1], AskConsent)
    return talk


@pytest.mark.parametrize(
    "said",
    ["5/11", "5/11/2026", "05-11-2026", "5.11.26", "ngày 5/11 ạ", "5 11 2026", "mùng 5 tháng 11",
     "ngày 5 tháng 11 năm 2026", "cháu sinh 5/11/2026"],
)  # fmt: skip
def test_the_birth_date_may_be_written_in_many_ways(said: str) -> None:
    talk = asked_for_date()
    talk.say(said)
    assert isinstance(talk.acts[-1], AskPhone)
    assert talk.state.form is not None
    assert talk.state.form.day == date(2026, 11, 5)


def test_yesterday_is_a_date() -> None:
    talk = asked_for_date()
    talk.say("hôm qua")
    assert talk.state.form is not None
    assert talk.state.form.day == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("25/12/2026", "chưa tới"),
        ("1/1/1850", "xa quá"),
        ("30/2/2026", "chưa đọc được"),
        ("5/11 âm lịch", "dương lịch"),
        ("rằm tháng bảy", "dương lịch"),
        ("hôm nào nhỉ", "chưa đọc được"),
    ],
)
def test_a_birth_date_that_cannot_be_is_asked_again_with_the_reason(said: str, told: str) -> None:
    talk = asked_for_date()
    talk.say(said)
    assert told in talk.text
    assert isinstance(talk.acts[-1], AskReminderDate)


@pytest.mark.parametrize(("said", "told"), [("1/11/2026", "đã qua"), ("5/12/2030", "xa quá")])
def test_an_appointment_lies_ahead_and_not_years_ahead(said: str, told: str) -> None:
    talk = asked_for_date(kind="hen")
    talk.say(said)
    assert told in talk.text
    assert talk.state.form is not None
    assert talk.state.form.stage == "date"


def test_a_date_that_looks_like_two_numbers_ticks_no_papers() -> None:
    talk = Talk("sms")
    talk.play("#buoc.khai_sinh", "1", "1", "1", "1", "1")  # the papers are on the screen
    talk.play("NHAC", "1", "1/11")
    assert isinstance(talk.acts[-1], AskConsent)
    assert talk.state.walk is not None
    assert talk.state.walk.have == ()


def test_while_a_date_is_waited_for_digits_choose_nothing_shown_before() -> None:
    talk = Talk("sms")
    talk.play("KS", "#nhac.han", "1")
    assert isinstance(talk.acts[-1], AskReminderDate)
    ticking = State(choices=("#co.form", "#co.identity"), form=talk.state.form)
    assert taps_in("1/2", ticking) == ()


def test_past_the_deadline_it_is_still_accepted_and_no_fine_is_threatened() -> None:
    for channel in ("zalo", "sms"):
        talk = asked_for_date(channel)
        talk.say("1/3/2026")
        assert isinstance(talk.acts[-1], DeadlinePassed)
        said = for_sms(talk.text).lower()
        assert "van dang ky duoc" in said
        assert "phat" not in said.replace("phat hien", "")
        assert talk.state.form is None
        assert talk.agreed == []


def test_on_the_last_day_itself_the_deadline_has_not_passed() -> None:
    talk = asked_for_date()
    talk.say("25/9/2026")  # sixty days before today
    assert not any(isinstance(act, DeadlinePassed) for act in talk.acts)


def test_one_day_after_the_last_day_it_has() -> None:
    talk = asked_for_date()
    talk.say("24/9/2026")
    assert isinstance(talk.acts[-1], DeadlinePassed)


def test_too_late_for_any_reminder_nothing_waits_for_a_yes() -> None:
    talk = asked_for_date("sms")
    talk.say("25/9/2026")
    assert "gan qua" in talk.text
    talk.say("co")
    assert talk.agreed == []


@pytest.mark.parametrize("number", ["0912345678", "0912.345.678", "+84 912 345 678", "84912345678"])
def test_a_mobile_number_may_be_written_in_many_ways(number: str) -> None:
    assert read_phone(f"dạ số {number} ạ") == "+84912345678"


@pytest.mark.parametrize("number", ["091234567", "02043 888 999", "0112345678", "113", "1 2 3"])
def test_what_is_no_mobile_number_is_refused(number: str) -> None:
    talk = asked_for_date()
    talk.play("5/11", number)
    assert isinstance(talk.acts[-1], AskPhone)
    assert talk.state.form is not None
    assert talk.state.form.phone is None


@pytest.mark.parametrize("channel", ["zalo", "sms", "web"])
def test_the_words_agreed_to_are_recorded_as_they_were_shown(channel: str) -> None:
    talk = asked_for_consent(channel)
    shown, number = talk.text, "0912 345 678"
    assert number in shown
    talk.say("đồng ý")
    (agreed,) = talk.agreed
    assert agreed.text_shown == (shown.split("\n1 ")[0] if channel == "sms" else shown)
    assert agreed.phone == "+84912345678"
    days = [local_date(planned.due_at) for planned in agreed.reminders]
    assert days == [date(2026, 12, 25), date(2026, 12, 31)]  # not on New Year's Day
    assert [f"{d.day}/{d.month}/{d.year}" in shown for d in days] == [True, True]


def test_the_reminder_itself_says_who_sends_it_until_when_and_how_to_stop_it() -> None:
    talk = asked_for_consent("sms")
    talk.say("1")
    texts = {planned.text for planned in talk.agreed[0].reminders}
    (text,) = texts
    assert text.startswith("UBND xa Hoa Mai: ")
    assert "4/1/2027" in text
    assert "nhan KS" in text
    assert text.endswith("Thoi nhac: nhan HUY")
    assert len(text) <= 160


@pytest.mark.parametrize("yes", ["có", "Đồng ý", "dạ vâng ạ", "ok", "được ạ", "1", "#dongy", "ừ"])
def test_a_clear_yes_schedules(yes: str) -> None:
    talk = asked_for_consent("sms")
    talk.say(yes)
    assert len(talk.agreed) == 1


@pytest.mark.parametrize(
    "unclear",
    ["có lẽ", "để xem", "dạ", "chắc vậy", "đồng ý không nhỉ", "có tốn tiền không", "dung", "👍",
     "3", "có nhưng để mai", "ok để xem đã", "được không", "im lặng", ""],
)  # fmt: skip
def test_what_is_no_clear_yes_schedules_nothing(unclear: str) -> None:
    talk = asked_for_consent("sms")
    talk.say(unclear)
    talk.say(unclear)
    assert talk.agreed == []


@pytest.mark.parametrize(
    "no",
    ["không", "Thôi ạ", "thôi không cần", "không cần nữa", "từ chối", "2", "khỏi em ơi", "#khong"],
)
@pytest.mark.parametrize("stage", ["date", "consent"])
def test_a_refusal_ends_the_matter_kindly(no: str, stage: str) -> None:
    if no == "2" and stage == "date":
        no = "không"
    talk = asked_for_date("sms") if stage == "date" else asked_for_consent("sms")
    talk.say(no)
    assert "khong nhac" in talk.text
    talk.say("co")
    assert talk.agreed == []
    assert not talk.stopped


def test_going_back_leads_from_the_consent_to_the_number_to_the_date_to_the_kinds() -> None:
    talk = asked_for_consent()
    asked = [type(last(talk, "quay lại")).__name__ for _ in range(2)]
    assert asked == ["AskPhone", "AskReminderDate"]
    talk.say("0")
    assert "Nhắc ngày hẹn" in talk.labels
    assert talk.state.form is None


def last(talk: Talk, said: str) -> object:
    """The last act after saying ``said``."""
    talk.say(said)
    return talk.acts[-1]


def test_another_question_in_the_middle_is_answered_and_the_form_goes_on() -> None:
    talk = asked_for_date()
    talk.say("mấy giờ xã làm việc")
    assert "7h30" in talk.text
    assert isinstance(talk.acts[-1], AskReminderDate)
    talk.say("5/11")
    assert isinstance(talk.acts[-1], AskPhone)


def test_a_keyword_in_the_middle_is_obeyed_and_the_form_goes_on() -> None:
    talk = asked_for_consent("sms")
    talk.say("GIO")
    assert isinstance(talk.acts[-1], AskConsent)
    talk.say("dong y")
    assert len(talk.agreed) == 1


def test_asking_for_a_person_in_the_middle_ends_the_form() -> None:
    talk = asked_for_date()
    talk.say("tôi muốn gặp cán bộ")
    assert talk.reasons == ["Người dân muốn gặp cán bộ"]
    assert talk.state.form is None


def test_not_understood_twice_the_form_is_given_up() -> None:
    talk = asked_for_date()
    talk.play("trời đẹp nhỉ", "ờ thì cũng đẹp")
    assert "để việc nhắc lại sau" in talk.text
    assert talk.state.form is None


def test_missing_papers_are_reminded_of_by_choice() -> None:
    talk = asked_for_date("sms", "giay")
    talk.play("2", "co")
    (agreed,) = talk.agreed
    assert [local_date(planned.due_at) for planned in agreed.reminders] == [date(2026, 12, 1)]
    assert "giay con thieu cho viec khai sinh" in agreed.reminders[0].text


def test_an_appointment_is_reminded_of_three_days_and_one_day_before() -> None:
    talk = asked_for_date("sms", "hen")
    talk.play("5/12", "co")
    days = [local_date(planned.due_at).day for planned in talk.agreed[0].reminders]
    assert days == [2, 4]


def test_an_appointment_tomorrow_is_reminded_of_once_in_the_morning() -> None:
    talk = asked_for_date("sms", "hen")
    talk.play("mai", "co")
    (planned,) = talk.agreed[0].reminders
    assert planned.due_at == datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


def test_a_procedure_without_a_legal_deadline_offers_none() -> None:
    talk = Talk()
    talk.play("#hoi.chung_thuc.le_phi", "#nhac")
    assert talk.labels == ["Nhắc mang giấy còn thiếu", "Nhắc ngày hẹn", "Không cần nhắc"]


def test_after_a_reminder_agreed_in_the_middle_the_checklist_goes_on() -> None:
    talk = Talk("sms")
    talk.play("#buoc.khai_sinh", "1", "NHAC", "2", "1")
    talk.say("co")
    assert len(talk.agreed) == 1
    assert "Chau co Giay chung sinh khong?" in talk.text


def test_the_number_is_asked_for_where_the_channel_has_none() -> None:
    talk = asked_for_date("web")
    talk.play("5/11")
    assert isinstance(talk.acts[-1], AskPhone)
    assert talk.labels == ["Không cần nhắc"]


def test_a_form_left_for_days_still_needs_its_yes() -> None:
    talk = asked_for_consent()
    talk.days_later(3)
    talk.say("đồng ý")
    assert talk.agreed[0].reminders[0].due_at > talk.now
