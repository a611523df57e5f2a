"""A telephone number from the channel's own form, and what came instead of words."""

from __future__ import annotations

import pytest

from actions.contact import PURPOSE
from bot.dialogue.acts import AskConsent, AskPhone, ContactGiven
from bot.dialogue.outcome import AgreeReminders, KeepPhone
from bot.messages import OutgoingKind
from tests.dialogue.driver import PHONE, Talk
from tests.dialogue.test_reminder import asked_for_date


def _asked_for_phone() -> Talk:
    talk = asked_for_date()
    talk.say("5/11/2026")
    assert isinstance(talk.acts[-1], AskPhone)
    return talk


def test_on_zalo_the_form_comes_beside_the_question() -> None:
    talk = _asked_for_phone()
    assert [bubble.kind for bubble in talk.bubbles] == [OutgoingKind.TEXT, OutgoingKind.ASK_PHONE]
    assert "XOA" in talk.bubbles[-1].text


def test_a_number_from_the_form_goes_on_to_the_consent_and_is_kept() -> None:
    talk = _asked_for_phone()
    shown = talk.bubbles[-1].text
    talk.give(PHONE)
    assert [type(act) for act in talk.acts] == [ContactGiven, AskConsent]
    assert talk.effects == [KeepPhone(PHONE, PURPOSE, shown)]
    assert "0912 345 678" in talk.text
    talk.say("đồng ý")
    assert any(isinstance(effect, AgreeReminders) for effect in talk.effects)


def test_a_number_that_nobody_asked_for_is_kept_with_thanks() -> None:
    talk = Talk("zalo")
    talk.say("làm khai sinh cần giấy gì")
    talk.give(PHONE)
    assert [type(act) for act in talk.acts] == [ContactGiven]
    assert "0912 345 678" in talk.text
    assert "XOA" in talk.text


def test_a_typed_number_does_as_well() -> None:
    talk = _asked_for_phone()
    talk.say("0912 345 678")
    assert isinstance(talk.acts[-1], AskConsent)
    assert talk.effects == []


@pytest.mark.parametrize(
    ("media", "words"),
    [("sticker", "cảm ơn"), ("audio", "cán bộ nghe"), ("location", "Nơi làm giấy tờ")],
)
def test_what_came_instead_of_words_is_answered_in_its_own_way(media: str, words: str) -> None:
    talk = Talk("zalo")
    talk.send(media)
    assert words in talk.text
    assert talk.choices
