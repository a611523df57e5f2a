"""The outbox's side: what is sent, what is refused, what nobody can know."""

from __future__ import annotations

import unicodedata

import pytest
from structlog.testing import capture_logs

from bot.messages import (
    CAPABILITIES,
    Choice,
    OutgoingKind,
    PermanentSendError,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.zalobot.client import MAX_TEXT
from integrations.zalobot.sender import compose
from tests.integrations.zalobot.conftest import COMMUNE, START, Town, outgoing

LINK = Choice("Mở trang", url="https://example.vn/a")


async def test_a_reply_arrives(town: Town) -> None:
    await town.write()
    result = await town.sender.send(outgoing("Chào bác", Choice("Có", "co"), LINK))
    assert await town.shown() == ["Chào bác\nMở trang: https://example.vn/a"]
    assert result.provider_message_id not in ("", "o1")


def test_the_text_is_nfc_and_links_stand_once() -> None:
    assert compose(outgoing(unicodedata.normalize("NFD", "Giấy"))) == "Giấy"
    assert compose(outgoing(unicodedata.normalize("NFD", "ệ" * 2000))) == "ệ" * 2000
    assert compose(outgoing(f"Xem {LINK.url}", LINK)) == f"Xem {LINK.url}"
    assert compose(outgoing("Chọn:\n1. Có", Choice("Có", "co"))) == "Chọn:\n1. Có"


def test_a_link_that_does_not_fit_is_left_out() -> None:
    text = "a" * (MAX_TEXT - 5)
    with capture_logs() as logs:
        assert compose(outgoing(text, LINK)) == text
    assert logs[0]["event"] == "zalobot.link_left_out"


def test_the_renderer_knows_the_limit() -> None:
    assert CAPABILITIES["zalobot"].max_chars == MAX_TEXT


@pytest.mark.parametrize(
    "message",
    [
        outgoing(""),
        outgoing(" \n"),
        outgoing("a" * 2001),
        outgoing(kind=OutgoingKind.ASK_PHONE),
        outgoing(kind=OutgoingKind.TEMPLATE),
        outgoing(address="group:g1"),
        outgoing(commune="elsewhere"),
    ],
)
async def test_what_never_leaves(town: Town, message: object) -> None:
    await town.write()
    with pytest.raises(PermanentSendError):
        await town.sender.send(message)  # type: ignore[arg-type]
    assert await town.shown() == []


async def test_faults_are_sorted(town: Town) -> None:
    await town.write()
    town.faults.rate_limits = 1
    with pytest.raises(TemporarySendError):
        await town.sender.send(outgoing())
    town.faults.server_errors = 1
    with pytest.raises(UnknownOutcomeError):
        await town.sender.send(outgoing())
    assert await town.shown() == []
    town.faults.drop_answers, town.faults.drop_seconds = 1, 0.05
    with pytest.raises(UnknownOutcomeError):
        await town.sender.send(outgoing())
    assert await town.shown() == ["Xin chào bà con"]


async def test_an_unknown_outcome_is_the_officers(town: Town) -> None:
    """There is nothing to look in, and nobody shall read an answer twice."""
    with pytest.raises(PermanentSendError) as caught:
        await town.sender.find_sent(outgoing(first_tried_at=START))
    assert "không rõ" in caught.value.reason


async def test_a_new_token_counts_at_once(town: Town) -> None:
    await town.write()
    good = town.account
    town.account = type(good)("1:old", base=good.base)
    with pytest.raises(TemporarySendError):
        await town.sender.send(outgoing())
    town.accounts[COMMUNE] = good
    assert await town.sender.send(outgoing())
