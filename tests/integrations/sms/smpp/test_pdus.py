"""What a centre delivers, in bytes: anything is read or refused, nothing is guessed."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import PermanentSendError, ReceiptState, TemporarySendError
from bot.segments import split
from integrations.sms.smpp.deliver import (
    RECEIPTED_ID,
    STATE,
    UnreadablePduError,
    read,
    report,
    words,
)
from integrations.sms.smpp.memory import COMES_AGAIN, JUST_NOW, Names, Sent
from integrations.sms.smpp.submit import ALPHABETS, encoded, refusal

DELIVERED, FAILED, SENT = ReceiptState.DELIVERED, ReceiptState.FAILED, ReceiptState.SENT


def body(
    message: bytes, *, esm_class: int = 0, coding: int = 0, extras: dict[int, bytes] | None = None
) -> bytes:
    tlvs = b"".join(struct.pack("!HH", t, len(v)) + v for t, v in (extras or {}).items())
    return (
        b"\x00\x01\x0184912345678\x00\x00\x018088\x00"
        + bytes((esm_class, 0, 0))
        + b"\x00\x00\x00\x00"
        + bytes((coding, 0, len(message)))
        + message
        + tlvs
    )


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        delivered = read(raw)
    except UnreadablePduError:
        return
    words(delivered, "gsm0338")
    report(delivered)
    _ = delivered.place


@given(st.binary(max_size=140), st.integers(0, 255), st.sampled_from(ALPHABETS))
def test_any_message_in_any_coding_is_text_or_data(
    message: bytes, coding: int, alphabet: str
) -> None:
    text = words(read(body(message, coding=coding)), alphabet)
    assert text is None or len(text) <= len(message)


@given(st.text(max_size=500), st.sampled_from(ALPHABETS))
def test_what_we_write_is_what_they_read(text: str, alphabet: str) -> None:
    pieces, coding = encoded(text, alphabet)
    number = 8 if coding == "ucs2" else 0
    again = [words(read(body(piece, coding=number)), alphabet) for piece in pieces]
    assert "".join(part or "" for part in again) == text
    assert all(len(piece) <= (140 if coding else 160) for piece in pieces)
    if coding is None:
        assert len(pieces) == len(split(text))


@pytest.mark.parametrize(
    ("coding", "message", "text"),
    [
        (0, b"\x00\x02", "@$"),
        (0, b"\x1b\x3cx\x1b\x3e", "[x]"),
        (1, b"KS", "KS"),
        (3, b"\xe9", "é"),
        (8, "xã".encode("utf-16-be"), "xã"),
        (0x18, "xã".encode("utf-16-be"), "xã"),
        (0xF1, b"KS", "KS"),
        (0xF5, b"\x01\x02", None),
        (4, b"\x01\x02", None),
        (2, b"\x01\x02", None),
    ],
)
def test_codings(coding: int, message: bytes, text: str | None) -> None:
    assert words(read(body(message, coding=coding)), "gsm0338") == text


@pytest.mark.parametrize(
    ("message", "extras", "told"),
    [
        (b"id:7 sub:001 dlvrd:001 submit date:2611201200 done date:2611201201 stat:DELIVRD err:000",
         {}, ("7", DELIVERED, "")),
        (b"ID:7 STAT:UNDELIV ERR:0B1 text:id:9 stat:DELIVRD", {}, ("7", FAILED, "UNDELIV 0B1")),
        (b"", {RECEIPTED_ID: b"abc\x00", STATE: b"\x02"}, ("abc", DELIVERED, "")),
        (b"id:7 stat:DELIVRD", {RECEIPTED_ID: b"abc\x00", STATE: b"\x05"},
         ("abc", FAILED, "UNDELIV")),
        (b"id:7 stat:ACCEPTD", {}, ("7", SENT, "")),
        (b"id:7 stat:UNKNOWN", {}, None),
        (b"stat:DELIVRD", {}, None),
        (b"\xff\xfe", {}, None),
    ],
)  # fmt: skip
def test_reports(
    message: bytes, extras: dict[int, bytes], told: tuple[str, ReceiptState, str] | None
) -> None:
    found = report(read(body(message, esm_class=4, extras=extras)))
    assert (None if found is None else (found.id, found.state, found.detail)) == told


@given(st.integers(1, 0xFFFFFFFF))
def test_every_status_is_told_as_not_taken(status: int) -> None:
    fault = refusal(status)
    assert isinstance(fault, TemporarySendError | PermanentSendError)
    assert fault.reason


# --- memory -------------------------------------------------------------------------------


def taken(sent: Sent, own_id: str, *ids: str) -> None:
    whole = sent.begin(own_id, len(ids))
    for one in ids:
        sent.accepted(whole, one)


@given(st.permutations(["a", "b", "c"]))
def test_all_parts_must_arrive_in_whatever_order(order: list[str]) -> None:
    sent = Sent()
    taken(sent, "hotro-1", "a", "b", "c")
    told = [sent.told(one, DELIVERED, "+84912345678") for one in [order[0], *order]]
    assert told == [None] * 3 + [("c", "hotro-1", DELIVERED)]


def test_reports_may_come_before_the_message_is_whole() -> None:
    sent = Sent()
    whole = sent.begin("hotro-1", 2)
    sent.accepted(whole, "a")
    sent.asked("hotro-1", "+84912345678")
    assert sent.told("a", DELIVERED, "+84912345678") is None
    assert sent.find("hotro-1") is None
    sent.accepted(whole, "b")
    sent.answered("hotro-1")
    assert sent.find("hotro-1") is whole
    assert sent.told("b", DELIVERED, "+84912345678") == ("b", "hotro-1", DELIVERED)


def test_a_doubt_is_settled_only_where_it_is_plain() -> None:
    sent = Sent()
    sent.asked("hotro-1", "+84912345678")
    assert sent.told("x", DELIVERED, "+84999999999") == ("x", "", DELIVERED)
    assert sent.told("x", DELIVERED, "+84912345678") == ("x", "hotro-1", DELIVERED)
    sent.asked("hotro-2", "+84912345678")
    assert sent.told("y", DELIVERED, "+84912345678") == ("y", "", DELIVERED)
    sent.answered("hotro-2")
    assert sent.told("y", DELIVERED, "+84912345678") == ("y", "hotro-1", DELIVERED)


def test_parts_that_were_accepted_are_not_offered_again() -> None:
    sent = Sent()
    sent.accepted(sent.begin("hotro-1", 2), "a")
    assert sent.begin("hotro-1", 2).ids == ["a"]
    assert sent.begin("hotro-2", 2).ids == []
    sent.accepted(sent.begin("hotro-1", 2), "b")
    assert sent.begin("hotro-1", 2).ids == []  # it was whole: this is another message


class Watch:
    """A clock for names."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def named(names: Names, raw: bytes, *, acknowledged: bool = True) -> str:
    name = names.name(raw)
    if acknowledged:
        names.acknowledged()
    return name


def test_equal_words_are_two_messages_while_the_connection_holds() -> None:
    names = Names(Watch())
    assert named(names, b"1") != named(names, b"1")


@pytest.mark.parametrize("acknowledged", [True, False])
def test_after_a_break_the_same_bytes_are_the_same_message_once(acknowledged: bool) -> None:
    names = Names(Watch())
    first = named(names, b"1", acknowledged=acknowledged)
    names.broken()
    assert named(names, b"2") != first
    assert named(names, b"1") == first
    assert named(names, b"1") != first


def test_what_could_not_be_stored_on_its_return_keeps_its_name() -> None:
    names = Names(Watch())
    first = named(names, b"1")
    names.broken()
    assert named(names, b"1", acknowledged=False) == first
    assert named(names, b"1") == first


def test_what_was_acknowledged_well_before_the_break_does_not_come_again() -> None:
    watch = Watch()
    names = Names(watch)
    first = named(names, b"1")
    watch.at += JUST_NOW + 1
    names.broken()
    assert named(names, b"1") != first


def test_a_late_acknowledgement_may_have_been_too_late() -> None:
    watch = Watch()
    names = Names(watch)
    first = names.name(b"1")
    watch.at += JUST_NOW + 1
    names.acknowledged()
    assert named(names, b"1") == first
    watch.at += COMES_AGAIN + 1
    assert named(names, b"1") != first
