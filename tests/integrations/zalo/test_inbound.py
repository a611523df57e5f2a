"""What an event means to a commune, and what of it is kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.messages import Echo, Inbound, InboundKind, Notice, Receipt, ReceiptState
from integrations.bodies import MalformedBodyError, decode_object
from integrations.inbox import Arrival
from integrations.zalo.account import ZaloAccount
from integrations.zalo.inbound import NOBODY, NOTICES, arrivals
from integrations.zalo.oa.events import MEDIA_KINDS
from tests.integrations.zalo.conftest import ACCOUNT, COMMUNE, USER
from tests.integrations.zalo.test_events import (
    EXPECTED,
    FILES,
    GROUP,
    VARIANTS,
    any_object,
    json_values,
    load,
)

OWN = replace(ACCOUNT, officer_group=GROUP, auto_replies=("Xin chào bà con. ",))
CLASS_OF = EXPECTED | VARIANTS
CONTACTS = {"user_submit_info", "user_submit_info_new", "user_submit_info_phone_local"}
CAPTIONS = {
    "image": "giấy chứng sinh của cháu",
    "link": "https://example.vn/bai",
    "location": "Nhà văn hoá thôn 1",
    "business_card": "Anh Ví Dụ",
}
MARKS = {
    "follow": InboundKind.START,
    "user_click_chatnow": InboundKind.START,
    "unfollow": InboundKind.STOP,
    "user_withdraw": InboundKind.WITHDRAWN,
}


def of_class(*names: str) -> list[str]:
    """The examples whose event is of a class with one of these names."""
    return [file for file in FILES if CLASS_OF[file].__name__ in names]


def sort(raw: bytes, account: ZaloAccount = OWN) -> list[Arrival]:
    return arrivals(COMMUNE, account, decode_object(raw), raw)


def changed(name: str, **top: object) -> bytes:
    return json.dumps(load(name) | top).encode()


def one(name: str, **top: object) -> Inbound:
    (arrival,) = sort(changed(name, **top) if top else FILES[name].read_bytes())
    assert isinstance(arrival, Inbound)
    assert (arrival.commune, arrival.channel) == (COMMUNE, "zalo")
    return arrival


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_event_leaves_something_with_its_name(name: str) -> None:
    found = sort(FILES[name].read_bytes())
    assert found
    inbounds = [arrival for arrival in found if isinstance(arrival, Inbound)]
    assert all(arrival.event == load(name)["event_name"] for arrival in inbounds)


@pytest.mark.parametrize("name", of_class("UserText"))
def test_texts(name: str) -> None:
    inbound = one(name)
    assert (inbound.kind, inbound.address) == (InboundKind.TEXT, USER)
    assert inbound.text == load(name)["message"]["text"]
    assert inbound.reply_to == load(name)["message"].get("quote_msg_id", "")
    assert inbound.sent_at is not None
    assert inbound.sent_at.isoformat() == "2026-11-20T02:00:00+00:00"


@pytest.mark.parametrize("kind", MEDIA_KINDS)
def test_media(kind: str) -> None:
    inbound = one(f"user_send_{kind}")
    assert (inbound.kind, inbound.media) == (InboundKind.MEDIA, kind)
    assert (inbound.address, inbound.text) == (USER, CAPTIONS.get(kind, ""))


@pytest.mark.parametrize("name", sorted(MARKS))
def test_start_and_stop(name: str) -> None:
    inbound = one(name)
    assert (inbound.kind, inbound.address, inbound.text) == (MARKS[name], USER, "")


@pytest.mark.parametrize("name", sorted(CONTACTS))
def test_a_given_phone_number(name: str) -> None:
    inbound = one(name)
    assert (inbound.kind, inbound.address) == (InboundKind.CONTACT, USER)
    assert inbound.text == "+84900000001"


@pytest.mark.parametrize("phone", ["", "không có", "12", 12, None, "0" * 40, "000000000"])
def test_what_is_no_phone_number_is_no_contact(phone: object) -> None:
    inbound = one("user_submit_info", info={"phone": phone})
    assert (inbound.kind, inbound.address, inbound.text) == (InboundKind.IGNORED, USER, "")


def test_receipts() -> None:
    seen = sort(FILES["user_seen_message"].read_bytes())
    ids = load("user_seen_message")["message"]["msg_ids"]
    assert seen == [Receipt(COMMUNE, "zalo", i, ReceiptState.SEEN) for i in ids]
    (received,) = sort(FILES["user_received_message"].read_bytes())
    got = load("user_received_message")["message"]["msg_id"]
    assert received == Receipt(COMMUNE, "zalo", got, ReceiptState.DELIVERED)


def test_a_template_that_arrived_brings_our_own_id_back() -> None:
    (receipt,) = sort(FILES["user_received_message_zbs"].read_bytes())
    delivered = ReceiptState.DELIVERED
    expected = Receipt(COMMUNE, "zalo", "a1b2c3d4e5f60718000d", delivered, own_id="nhac-1")
    assert receipt == expected


def test_a_receipt_with_the_sides_the_other_way_round_counts_too() -> None:
    """One catalogue shows the person as the sender of receipts (fact sheet 3.4)."""
    turned = {"sender": {"id": USER}, "recipient": {"id": ACCOUNT.oa_id}}
    raw = changed("user_received_message", **turned)
    assert isinstance(sort(raw)[0], Receipt)


@pytest.mark.parametrize("name", of_class("Echo"))
def test_echoes(name: str) -> None:
    (echo,) = sort(FILES[name].read_bytes())
    message, admin = load(name)["message"], load(name)["sender"].get("admin_id")
    assert echo == Echo(
        COMMUNE,
        "zalo",
        USER,
        message["msg_id"],
        message.get("text", ""),
        by_human=admin is not None,
        kind=load(name)["event_name"].removeprefix("oa_send_"),
    )


@pytest.mark.parametrize("name", of_class("GroupEcho"))
def test_echoes_to_a_group(name: str) -> None:
    (echo,) = sort(FILES[name].read_bytes())
    assert isinstance(echo, Echo)
    assert echo.address == f"group:{GROUP}"
    assert echo.by_human is (name == "oa_send_group_text_by_officer")
    assert echo.kind == load(name)["event_name"].removeprefix("oa_send_group_")


@pytest.mark.parametrize("name", ["oa_send_text_by_officer", "oa_send_group_text_by_officer"])
@pytest.mark.parametrize("text", ["Xin chào bà con.", " Xin cha\u0300o ba\u0300 con.\n"])
def test_what_the_account_says_by_itself_is_nobodys_word(name: str, text: str) -> None:
    (echo,) = sort(changed(name, message={"text": text, "msg_id": "m"}))
    assert isinstance(echo, Echo)
    assert (echo.kind, echo.by_human) == ("auto", False)


def test_an_empty_automatic_reply_matches_nothing() -> None:
    raw = changed("oa_send_text_by_officer", message={"text": "", "msg_id": "m"})
    (echo,) = sort(raw, replace(OWN, auto_replies=("", " ")))
    assert isinstance(echo, Echo)
    assert (echo.kind, echo.by_human) == ("text", True)


@pytest.mark.parametrize("name", of_class("GroupText"))
def test_the_officers_group_is_heard(name: str) -> None:
    inbound = one(name)
    message = load(name)["message"]
    assert (inbound.kind, inbound.address) == (InboundKind.GROUP, f"group:{GROUP}")
    assert inbound.text == message["text"]
    quoted = {"user_send_group_text_quote": "b7", "user_send_group_text_quote_copy": "b8"}
    assert inbound.reply_to == quoted.get(name, "")


@pytest.mark.parametrize(
    ("name", "officer_group"),
    [(name, group) for name in of_class("GroupText") for group in ("", "1")]
    + [(name, GROUP) for name in of_class("GroupMedia", "GroupChange", "Anonymous")],
)
def test_what_residents_say_in_a_group_is_not_kept(name: str, officer_group: str) -> None:
    account = replace(OWN, officer_group=officer_group)
    (inbound,) = sort(FILES[name].read_bytes(), account)
    assert isinstance(inbound, Inbound)
    assert (inbound.kind, inbound.address) == (InboundKind.IGNORED, NOBODY)
    assert (inbound.text, inbound.media, inbound.reply_to) == ("", None, "")


@pytest.mark.parametrize("name", of_class("Management", "Reaction", "Feedback"))
def test_the_rest_is_counted_without_words(name: str) -> None:
    inbound, *notices = sort(FILES[name].read_bytes())
    assert isinstance(inbound, Inbound)
    assert (inbound.kind, inbound.text, inbound.media) == (InboundKind.IGNORED, "", None)
    assert inbound.address in (USER, NOBODY)
    assert bool(notices) is (load(name)["event_name"] in NOTICES)


def test_the_commune_hears_of_its_account() -> None:
    def notice(name: str) -> Arrival:
        return sort(FILES[name].read_bytes())[1]

    assert notice("permission_revoked") == Notice(COMMUNE, "zalo", "permission_revoked", "")
    status = "1: PENDING_REVIEW → REJECT (Nội dung chưa rõ)"
    rejected = notice("change_template_status_rejected")
    assert rejected == Notice(COMMUNE, "zalo", "change_template_status", status)
    quota = notice("change_oa_daily_quota")
    assert quota == Notice(COMMUNE, "zalo", "change_oa_daily_quota", "500 → 1000")


def test_an_event_that_nobody_knows_keeps_its_body() -> None:
    inbound = one("unknown_event")
    assert (inbound.kind, inbound.event) == (InboundKind.IGNORED, "event_of_next_year")
    assert json.loads(inbound.text)["something"] == {"new": [1, 2, 3]}


def test_a_kept_body_is_short_and_holds_no_card_number() -> None:
    raw = changed("unknown_event", a="x" * 3700, b="001090012345", c="001090012345" * 400)
    (inbound,) = sort(raw)
    assert isinstance(inbound, Inbound)
    assert len(inbound.text) == 4000
    assert "0010900" not in inbound.text.split('"b"')[1].split('"c"')[0]
    for cut in range(40):
        text = one("unknown_event", a="x" * (3600 + cut * 5), b="001090012345").text
        assert "00109" not in text


@pytest.mark.parametrize(
    ("name", "top"),
    [
        pytest.param("user_send_text", {"recipient": {"id": "1"}}, id="another OA"),
        pytest.param("follow", {"oa_id": "1"}, id="another OA follows"),
        pytest.param("unknown_event", {"oa_id": "1"}, id="another OA, unknown"),
        pytest.param("oa_send_text", {"sender": {"id": "1"}}, id="another OA sends"),
        pytest.param("user_send_text", {"sender": {"id": ACCOUNT.oa_id}}, id="from itself"),
        pytest.param("user_send_group_text", {"sender": {"id": ACCOUNT.oa_id}}, id="group, itself"),
        pytest.param("user_send_group_text", {"recipient": None}, id="group of nobody"),
        pytest.param("user_send_text", {"sender": None}, id="nobody"),
        pytest.param("user_send_text", {"sender": {"id": "a\x00b"}}, id="null byte"),
        pytest.param("user_send_text", {"sender": {"id": True}}, id="a boolean"),
        pytest.param("oa_send_text", {"message": {"text": "x"}}, id="echo without id"),
        pytest.param("oa_send_text", {"recipient": None}, id="echo to nobody"),
        pytest.param("oa_send_group_text", {"recipient": None}, id="echo to no group"),
        pytest.param("user_seen_message", {"message": {"msg_ids": [{}]}}, id="seen nothing"),
        pytest.param("user_received_message", {"message": None}, id="received nothing"),
        pytest.param("user_received_message_zbs", {"message": {"delivery_time": 1}}, id="no id"),
    ],
)
def test_what_cannot_be_placed_is_ignored(name: str, top: dict[str, object]) -> None:
    inbound = one(name, **top)
    assert (inbound.kind, inbound.text) == (InboundKind.IGNORED, "")


def test_a_body_without_a_name_is_kept_as_unknown() -> None:
    (inbound,) = sort(b"{}")
    assert isinstance(inbound, Inbound)
    assert (inbound.event, inbound.text, inbound.address) == ("unknown", "{}", NOBODY)


def test_no_two_examples_share_a_provider_id() -> None:
    found = [arrival for name in FILES for arrival in sort(FILES[name].read_bytes())]
    ids = [arrival.provider_id for arrival in found if isinstance(arrival, Inbound)]
    assert len(set(ids)) == len(ids)


def test_ids_of_messages_and_of_bodies() -> None:
    text = one("user_send_text").provider_id
    assert text == "user_send_text:a1b2c3d4e5f607180001"
    assert one("user_send_text", timestamp="1795140000001").provider_id == text
    assert one("follow").provider_id == one("follow").provider_id
    later = one("follow", timestamp="1795140000001")
    assert later.provider_id != one("follow").provider_id
    assert later.provider_id.startswith("follow:")


def test_a_second_reaction_to_a_message_is_another_event() -> None:
    again = load("user_reacted_message")["message"] | {"react_icon": "/-strong"}
    second = one("user_reacted_message", message=again)
    assert second.provider_id != one("user_reacted_message").provider_id


def test_hostile_ids_are_hashed() -> None:
    inbound = one("user_send_text", message={"text": "a", "msg_id": "x\x00" * 500})
    assert inbound.kind is InboundKind.TEXT
    assert len(inbound.provider_id) < 100
    assert "\x00" not in inbound.provider_id


@pytest.mark.parametrize("name", ["tin nhắn mới", "x" * 500, "a\x00b", "\ud800", ""])
def test_hostile_names_are_short_or_unknown(name: str) -> None:
    inbound = one("unknown_event", event_name=name)
    assert inbound.event in ("unknown", "x" * 40)


@given(any_object)
def test_any_object_is_sorted(payload: dict[str, object]) -> None:
    raw = json.dumps(payload).encode()
    found = sort(raw)
    assert found
    for arrival in found:
        ids = [arrival.commune, getattr(arrival, "address", ""), getattr(arrival, "event", "")]
        ids += [getattr(arrival, name, "") for name in ("provider_id", "reply_to", "own_id")]
        ids += [getattr(arrival, name, "") for name in ("provider_message_id", "kind")]
        for one_id in ids:
            one_id.encode("ascii")
            assert len(one_id) <= 160
            assert "\x00" not in one_id
        if isinstance(arrival, Inbound):
            assert arrival.provider_id
            assert arrival.event
            assert arrival.kind is not InboundKind.IGNORED or len(arrival.text) <= 4000


@given(st.binary(max_size=200) | json_values.map(lambda v: json.dumps(v).encode()))
@example(b"[" * 100_000)
@example(b'{"a":' * 50_000)
@example(b'{"timestamp":' + b"9" * 5000 + b"}")
@example(b"\xff\xfe{}")
@example(b"")
def test_any_bytes_are_sorted_or_malformed(raw: bytes) -> None:
    try:
        payload = decode_object(raw)
    except MalformedBodyError:
        return
    assert arrivals(COMMUNE, OWN, payload, raw)
