"""Every announcement says who sends it and how to hear no more, in no more parts than allowed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.announcing import wording
from bot.announcing.wording import MAX_PARTS, Texts
from bot.knowledge.model import Commune, SmsPolicy
from bot.segments import count
from tests.factories import HOME, library

WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=300)


@pytest.fixture
def commune() -> Commune:
    return library().communes[HOME]


def test_the_sms_names_the_sender_and_the_way_out(commune: Commune) -> None:
    assert wording.sms(commune, "Họp  19h\ntối nay") == (
        "UBND xa Hoa Mai: Hop 19h toi nay. (Tu choi: nhan TC)"
    )
    assert wording.sms(commune, "Họp 19h!", first=True) == (
        "UBND xa Hoa Mai: Hop 19h! (Tin tu dong. Tu choi: nhan TC)"
    )


def test_a_commune_may_write_with_diacritics(commune: Commune) -> None:
    proud = commune.model_copy(update={"sms": SmsPolicy(accents="always")})
    assert wording.sms(proud, "Họp 19h.") == "UBND xã Hoa Mai: Họp 19h. (Từ chối: nhắn TC)"


def test_words_that_would_be_misread_without_diacritics_are_told(commune: Commune) -> None:
    (said,) = wording.unclear(commune, "Lệ phí mỗi nhà tám nghìn đồng.")
    assert "“tám” dễ đọc thành “tạm”" in said
    assert "nên viết: 8." in said
    assert wording.unclear(commune, "Họp lúc 19h tại nhà văn hoá.") == ()
    proud = commune.model_copy(update={"sms": SmsPolicy(accents="always")})
    assert wording.unclear(proud, "Lệ phí mỗi nhà tám nghìn đồng.") == ()


def test_the_chat_too(commune: Commune) -> None:
    said = wording.chat(commune, " Họp thôn ", "Tối nay.\n")
    assert said == (
        "UBND xã Hoa Mai thông báo: Họp thôn\n\nTối nay.\n\n"
        "Không muốn nhận thông báo của xã nữa, bà con nhắn TC."
    )


@pytest.mark.parametrize(
    ("title", "text", "wanted"),
    [
        ("Họp thôn", "Mời bà con.\nTối nay.", "Họp thôn: Mời bà con. Tối nay."),
        ("Họp thôn", "Mời đi họp thôn tối nay.", "Mời đi họp thôn tối nay."),
        ("", "Tối nay.", "Tối nay."),
    ],
)
def test_an_sms_is_proposed_from_the_text(title: str, text: str, wanted: str) -> None:
    assert wording.proposed(title, text) == wanted


@given(title=WORDS, text=WORDS, sms=WORDS)
def test_what_has_no_fault_fits_the_channels(title: str, text: str, sms: str) -> None:
    commune = library().communes[HOME]
    faults = wording.faults(commune, title, text, sms)
    words = wording.texts(commune, title, text, sms)
    assert Texts.read(words.dump()) == words
    for one in (words.sms, words.sms_first):
        assert one.startswith("UBND xa Hoa Mai: ")
        assert one.endswith("Tu choi: nhan TC)")
        assert count(one).encoding == "GSM-7"
    if not faults:
        assert len(words.chat) <= 2000
        assert count(words.sms_first).parts <= MAX_PARTS
        assert count(words.sms).parts <= count(words.sms_first).parts
