"""What is the citizen's own: dossiers, reminders, announcements, the proof of a number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from bot.dialogue.acts import (
    AskProof,
    AskStop,
    CheckProof,
    HandOver,
    ListReminders,
    OfferReminder,
    Say,
    SendProof,
    StopOne,
    StopReminders,
    Subscribe,
    TellDossier,
)
from bot.dialogue.outcome import (
    AgreeDossiers,
    AgreeNotices,
    CancelReminders,
    CancelSome,
    CountTry,
    Effect,
    Known,
    LinkPhone,
    SendCode,
    ToldDossier,
    ToldReminder,
    Verdict,
)
from bot.messages import Channel
from bot.segments import count
from tests.dialogue.driver import PHONE, SECRET, Talk

CODE = "H56-231120-0001"
FULL = f"000.00.08.{CODE}"
SINCE = date(2026, 11, 20)
CHATS: tuple[Channel, ...] = ("zalo", "zalobot", "web")


def dossier(state: str = "processing", code: str = FULL, **more: object) -> ToldDossier:
    return ToldDossier(code, state, SINCE, **more)  # type: ignore[arg-type]


def knowing(channel: Channel, *dossiers: ToldDossier, **more: object) -> Talk:
    """A talk with somebody whose number (on a chat: a proved one) these dossiers are of."""
    talk = Talk(channel, proven=None if channel == "sms" else PHONE)
    talk.state = talk.state.model_copy(update={"greeted": True})
    talk.known = Known(dossiers=dossiers, **more)  # type: ignore[arg-type]
    return talk


def of_kind(talk: Talk, kind: type[Effect]) -> list[Effect]:
    return [effect for effect in talk.effects if isinstance(effect, kind)]


# --- HS ---------------------------------------------------------------------------------

STATES = [
    (dossier("received"), "da tiep nhan tu 20/11/2026"),
    (dossier(due_on=date(2026, 12, 5)), "Hen tra 5/12/2026"),
    (
        dossier(appointment_at=datetime(2026, 12, 5, 1, 30, tzinfo=UTC)),
        "Hen 8h30 5/12/2026",
    ),
    (dossier("need_papers", missing="giấy chứng sinh."), "Thieu: giay chung sinh. Mang den Trung"),
    (dossier("need_papers"), "Goi 0200 000 0000"),
    (dossier("ready"), "Moi mang giay hen den Trung tam hanh chinh cong xa Hoa Mai nhan"),
    (dossier("returned"), "da tra ket qua"),
    (dossier("returned", valid_until=date(2027, 5, 20)), "Giay dung duoc den het 20/5/2027"),
    (dossier("closed"), "Can hoi thi goi 0200 000 0000"),
]


@pytest.mark.parametrize(("known", "said"), STATES)
def test_a_dossier_is_told_in_one_part_with_its_day_and_what_to_do(
    known: ToldDossier, said: str
) -> None:
    talk = knowing("sms", known)
    text = talk.say(f"hs {CODE.lower()}")
    assert said in text
    assert FULL in text
    assert count(text).parts == 1
    assert "TIEP" not in text


def test_an_appointment_that_is_over_is_told_no_more() -> None:
    past = dossier(appointment_at=datetime(2026, 11, 20, 1, 30, tzinfo=UTC))
    assert "Hen" not in knowing("sms", past).say("HS 123")


def test_no_kind_of_paper_is_named() -> None:
    for channel in ("sms", "zalo"):
        text = knowing(channel, dossier("ready")).say(f"HS {CODE}")  # type: ignore[arg-type]
        assert "khai sinh" not in text.lower()
        assert "sinh" not in text


def test_a_code_that_is_not_there_and_one_of_somebody_else_read_the_same() -> None:
    """What is looked up cannot tell them apart: either finds nothing."""
    texts = {knowing("sms").say(f"HS {code}") for code in (CODE, "H56-231120-9999", "123")}
    assert len(texts) == 1
    assert "So nay khong co ho so nao mang ma do" in texts.pop()


def test_bare_hs_tells_how_to_ask_and_the_dossiers_of_the_number() -> None:
    assert "nhan HS va ma" in knowing("sms").say("HS")
    assert f"Ho so {FULL}: dang" in knowing("sms", dossier()).say("HS")
    several = knowing("sms", dossier(), dossier("ready", "000.00.08.H56-231121-0002"))
    text = several.say("HS")
    assert f"{CODE} dang giai quyet; H56-231121-0002 da co ket qua" in text
    assert count(text).parts == 1


@pytest.mark.parametrize("channel", CHATS)
def test_a_chat_is_told_nothing_before_its_number_is_proved(channel: Channel) -> None:
    """Also where dossiers were looked up by mistake."""
    talk = Talk(channel, known=Known(dossiers=(dossier("ready"),)))
    text = talk.say(f"HS {CODE}")
    assert "kết quả" not in text
    assert "giữ kín" in text
    assert talk.reasons == []
    assert any(payload == "#xacnhan" for payload in talk.offered or ()) or (
        "Xác nhận số điện thoại" in talk.labels
    )


@pytest.mark.parametrize("channel", CHATS)
def test_a_proved_chat_is_told_like_the_telephone(channel: Channel) -> None:
    text = knowing(channel, dossier("ready")).say(f"HS {CODE}")
    assert "đã có kết quả" in text
    assert "giấy hẹn" in text


STATUS = {"hồ sơ của tôi đến đâu rồi": ("none", "trang_thai"),
          f"hồ sơ {CODE} làm đến đâu rồi em": ("khai_sinh", "trang_thai")}  # fmt: skip


def test_in_free_words_too_and_the_officer_where_there_is_nothing_to_tell() -> None:
    asked, named = STATUS
    talk = knowing("sms", dossier("ready"))
    talk.meanings = STATUS
    assert "da co ket qua" in talk.say(asked)
    assert talk.acts == (TellDossier(None, None, in_words=True),)
    talk.say(named)
    assert talk.acts == (TellDossier("H562311200001", "khai_sinh", in_words=True),)
    assert talk.reasons == []
    nothing = Talk("sms", STATUS)
    nothing.say(asked)
    assert nothing.reasons == ["Hỏi hồ sơ đã nộp đến đâu"]
    chat = Talk("zalo", STATUS)
    chat.say(asked)
    assert chat.reasons == ["Hỏi hồ sơ đã nộp đến đâu"]
    assert "giữ kín" in chat.say(named)


# --- NHAC and HUY -----------------------------------------------------------------------

PLANNED = (
    ToldReminder((1, 2), (date(2026, 11, 27), date(2026, 11, 29)), "hen", "khai_sinh"),
    ToldReminder((3,), (date(2026, 12, 1),), "han", "khai_sinh"),
    ToldReminder((4, 5), (date(2026, 12, 3),), "ket_qua", None, FULL),
)


def test_nhac_lists_what_is_planned_with_numbers() -> None:
    talk = knowing("sms", reminders=PLANNED)
    text = talk.say("NHAC")
    assert "1) hen khai sinh (27/11, 29/11); 2) han 60 ngay" in text
    assert count(text).parts == 1
    assert talk.state.listed == ((1, 2), (3,), (4, 5))


def test_nhac_offers_reminders_of_what_is_spoken_of_where_none_is_planned() -> None:
    talk = Talk("sms")
    talk.play("KS PHI", "NHAC")
    assert talk.acts == (ListReminders("khai_sinh"),)
    assert "1 nhac han" in talk.text
    assert isinstance(Talk("sms").play("KS PHI", "nhắc tôi"), str)
    assert "nhan NHAC va ma ho so" in Talk("sms").say("NHAC")


def test_nhac_at_the_papers_offers_reminders_as_the_text_says() -> None:
    talk = Talk("sms")
    talk.play("#buoc.khai_sinh", "1", "1", "1", "1", "1")
    talk.say("NHAC")
    assert talk.acts == (ListReminders("khai_sinh"),)
    talk.say("1")
    assert talk.state.form is not None
    assert OfferReminder("khai_sinh") not in talk.acts


def test_huy_and_a_number_stops_what_that_line_stood_for() -> None:
    talk = knowing("sms", reminders=PLANNED)
    talk.say("NHAC")
    # One went out meanwhile: the numbers still mean what was shown.
    talk.known = Known(reminders=PLANNED[1:])
    text = talk.say("HUY 2")
    assert talk.acts == (StopOne("2", (3,)),)
    assert of_kind(talk, CancelSome) == [CancelSome((3,))]
    assert "Da thoi nhac: han 60 ngay" in text
    assert not talk.stopped


def test_without_a_list_the_number_counts_now_and_one_too_many_stops_nothing() -> None:
    talk = knowing("sms", reminders=PLANNED)
    talk.say("HUY 3")
    assert of_kind(talk, CancelSome) == [CancelSome((4, 5))]
    assert "Khong thay loi nhac" in talk.say("HUY 4")
    assert len(of_kind(talk, CancelSome)) == 1
    assert "thoi het: nhan HUY" in talk.text


@pytest.mark.parametrize("code", [FULL, CODE, "h56 231120 0001"])
def test_huy_and_a_code_stops_the_reminders_of_that_dossier(code: str) -> None:
    talk = knowing("sms", reminders=PLANNED)
    talk.say(f"HUY {code}")
    assert of_kind(talk, CancelSome) == [CancelSome((4, 5))]


def test_stop_and_an_unknown_number_neither_stops_all_nor_is_left_without_a_word() -> None:
    talk = knowing("sms", reminders=PLANNED)
    assert "thoi het: nhan HUY" in talk.say("STOP 12345")
    assert not talk.stopped


def test_a_digit_after_the_list_stops_nothing_by_sms_and_a_button_does_elsewhere() -> None:
    talk = knowing("sms", reminders=PLANNED)
    talk.play("NHAC", "1")
    assert talk.effects == []
    chat = knowing("zalo", reminders=PLANNED)
    chat.say("NHAC")
    chat.tap("Thôi lời nhắc số 2")
    assert of_kind(chat, CancelSome) == [CancelSome((3,))]


def test_nhac_and_a_code_agrees_with_the_words_that_are_shown() -> None:
    talk = knowing("sms", dossier())
    text = talk.say(f"NHAC {CODE}")
    assert of_kind(talk, AgreeDossiers) == [AgreeDossiers(PHONE, text)]
    assert "nhan HUY" in text
    assert count(text).parts == 1


@pytest.mark.parametrize(
    "talk",
    [
        knowing("sms"),
        knowing("sms", dossier("returned")),
        Talk("zalo", known=Known(dossiers=(dossier(),))),
    ],
    ids=["none of that code", "over", "a chat that nobody proved"],
)
def test_nothing_is_agreed_where_there_is_nothing_to_be_reminded_of(talk: Talk) -> None:
    talk.say(f"NHAC {CODE}")
    assert of_kind(talk, AgreeDossiers) == []


# --- DUNG -------------------------------------------------------------------------------


@pytest.mark.parametrize("yes", ["DUNG", "1", "có", "đúng", "dừng", "dung a", "#thoitin", "TC"])
def test_bare_dung_is_asked_about_before_anything_is_stopped(yes: str) -> None:
    talk = Talk("sms")
    talk.say("DUNG")
    assert talk.acts == (AskStop(),)
    assert not talk.stopped
    talk.say(yes)
    assert talk.acts == (StopReminders(),)
    assert talk.stopped


@pytest.mark.parametrize("no", ["không", "2", "KS PHI", "#khong"])
def test_dung_that_meant_something_else_stops_nothing(no: str) -> None:
    talk = Talk("sms")
    talk.play("DUNG", no, "GIO")
    assert of_kind(talk, CancelReminders) == []


def test_dung_answers_a_question_that_waits() -> None:
    talk = Talk("sms")
    talk.play("#buoc.khai_sinh", "DUNG")
    assert AskStop() not in talk.acts
    assert talk.state.walk is not None


def test_typed_with_its_diacritics_it_is_asked_about_all_the_same() -> None:
    talk = Talk("zalo")
    talk.say("dừng")
    assert talk.acts == (AskStop(),)
    other = Talk("zalo")
    other.say("đúng")
    assert AskStop() not in other.acts


# --- DK ---------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "zalo"])
def test_dk_subscribes_at_once_and_says_how_to_stop(channel: Channel) -> None:
    talk = Talk(channel)
    talk.state = talk.state.model_copy(update={"greeted": True})
    text = talk.say("DK")
    assert of_kind(talk, AgreeNotices) == [AgreeNotices(None, text)]
    assert "nhan HUY" in text or "nhắn HUY" in text


def test_dk_and_a_village_subscribes_to_it() -> None:
    talk = Talk("sms")
    text = talk.say("dk thôn bến")
    assert talk.acts == (Subscribe("ben"),)
    assert [e.village for e in of_kind(talk, AgreeNotices)] == ["ben"]  # type: ignore[union-attr]
    assert "thon Ben" in text


def test_an_unknown_village_is_answered_with_those_that_there_are() -> None:
    talk = Talk("sms")
    text = talk.say("DK thôn Xa Lắc")
    assert talk.acts == (Subscribe(None, unknown=True),)
    assert of_kind(talk, AgreeNotices) == []
    assert "thon Dinh, thon Ben" in text
    assert count(text).parts == 1


def test_the_web_chat_reaches_nobody() -> None:
    talk = Talk("web")
    assert "+84900000113" in talk.say("DK")
    assert of_kind(talk, AgreeNotices) == []
    linked = Talk("web", proven=PHONE)
    linked.say("DK")
    assert len(of_kind(linked, AgreeNotices)) == 1


# --- the proof of a number --------------------------------------------------------------


def proving(*lines: str, verdict: Verdict = "none", may: bool = True) -> Talk:
    talk = Talk("zalo", known=Known(code_may_go=may, verdict=verdict))
    for line in lines:
        talk.say(line)
    return talk


def test_a_number_is_asked_for_a_code_is_sent_and_typed() -> None:
    talk = proving(f"HS {CODE}", "#xacnhan")
    assert talk.acts == (AskProof(),)
    talk.say("0166 234 5678")
    assert talk.acts == (SendProof("+84362345678"),)
    (sent,) = of_kind(talk, SendCode)
    assert isinstance(sent, SendCode)
    assert (sent.phone, sent.code) == ("+84362345678", SECRET)
    assert SECRET in sent.text
    assert SECRET not in talk.text
    assert count(sent.text).parts == 1
    assert "Khong ai goi dien hoi ma nay" in sent.text
    talk.known = Known(verdict="right", dossiers=(dossier("ready"),))
    text = talk.say(SECRET)
    assert talk.acts == (CheckProof(SECRET, "H562311200001"),)
    assert of_kind(talk, LinkPhone) == [LinkPhone()]
    assert "đã được xác nhận" in text
    assert "đã có kết quả" in text  # what was asked for before
    assert talk.state.proof is None


@pytest.mark.parametrize("typed", ["042137", "MA 042137", "mã: 042 137", "042137."])
def test_the_code_is_read_however_it_is_typed(typed: str) -> None:
    talk = proving("#xacnhan", "0912345678", typed, verdict="wrong")
    assert talk.acts == (CheckProof("042137"),)
    assert of_kind(talk, CountTry) == [CountTry()]


@pytest.mark.parametrize("verdict", ["expired", "used_up", "none"])
def test_a_code_that_no_longer_counts_can_be_sent_anew(verdict: Verdict) -> None:
    talk = proving("#xacnhan", "0912345678", "042137", verdict=verdict)
    assert of_kind(talk, CountTry) == of_kind(talk, LinkPhone) == []
    talk.tap("Gửi mã mới")
    assert talk.acts == (SendProof("+84912345678"),)


def test_so_many_codes_a_day_and_no_more() -> None:
    talk = proving("#xacnhan", "0912345678", may=False)
    assert of_kind(talk, SendCode) == []
    assert "đủ 3 mã" in talk.text


@pytest.mark.parametrize(
    ("said", "acts"),
    [
        ("09123", None),
        ("091234", (AskProof(again=True),)),
        ("không", (Say("ack"),)),
        ("0241234567", (AskProof(again=True),)),
    ],
)
def test_what_is_no_number_is_not_guessed_at(said: str, acts: Sequence[object] | None) -> None:
    talk = proving("#xacnhan", said)
    assert of_kind(talk, SendCode) == []
    assert acts is None or talk.acts == acts


def test_another_question_in_between_is_answered() -> None:
    talk = proving("#xacnhan", "KS PHI")
    assert "lệ phí" in talk.text.lower() or "mất tiền" in talk.text
    talk.say("0912345678")
    assert talk.acts == (SendProof("+84912345678"),)


def test_a_code_that_is_answered_by_sms_links_nobody() -> None:
    """Somebody else may have claimed the number and hope for just that."""
    talk = Talk("sms", known=Known(verdict="right"))
    text = talk.say("MA 042137")
    assert of_kind(talk, LinkPhone) == []
    assert "khong nhan vao day" in text


def test_a_reminder_to_a_typed_number_offers_to_prove_it() -> None:
    talk = Talk("zalo", known=Known(code_may_go=True))
    talk.play("#hoi.khai_sinh.le_phi", "#nhac.hen", "5/12", "0912345678", "đồng ý")
    assert talk.agreed
    talk.tap("Xác nhận số điện thoại")
    assert talk.acts == (SendProof("+84912345678"),)
    proved = Talk("zalo", proven=PHONE)
    proved.play("#hoi.khai_sinh.le_phi", "#nhac.hen", "5/12", "đồng ý")
    assert proved.agreed
    assert proved.labels == []


# --- not understood ---------------------------------------------------------------------


def test_by_sms_help_comes_once_then_an_officer_then_nothing() -> None:
    talk = Talk("sms")
    assert "chua hieu" in talk.say("xyz abc")
    talk.say("qwe rty")
    assert talk.acts == (HandOver("Trợ lý hai lần chưa hiểu câu hỏi"),)
    for _ in range(5):
        assert talk.say("asd fgh") == ""
    talk.days_later(1)
    assert "chua hieu" in talk.say("xyz abc")


def test_what_is_understood_in_between_ends_the_silence() -> None:
    talk = Talk("sms")
    talk.play("xyz", "qwe", "asd")
    assert "mat tien" in talk.say("KS PHI")
    assert "chua hieu" in talk.say("xyz")


@pytest.mark.parametrize("channel", CHATS)
def test_elsewhere_nobody_pays_and_every_message_gets_a_word(channel: Channel) -> None:
    talk = Talk(channel)
    assert all(talk.say(f"xyz {n}") for n in range(6))
