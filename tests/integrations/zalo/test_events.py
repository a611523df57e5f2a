"""Every event kind, from recorded shapes with invented values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.messages import Echo, Inbound, InboundKind, Receipt, ReceiptState
from integrations.bodies import MalformedBodyError, decode_object
from integrations.inbox import Arrival
from integrations.zalo.events import MEDIA, parse_event
from tests.integrations.zalo.conftest import ACCOUNT, COMMUNE, USER

FOLDER = Path(__file__).parent / "payloads"
FILES = {path.stem: path for path in sorted(FOLDER.glob("*.json"))}
TEXTS = {
    "user_send_text": "làm giấy khai sinh cần những gì ạ 🙏",
    "user_send_text_quote": "cái này là gì",
    "user_send_text_number_ids": "KS",
}
CAPTIONS = {
    "user_send_image": "giấy chứng sinh của cháu",
    "user_send_link": "https://example.vn/bai",
    "user_send_location": "Nhà văn hoá thôn 1",
    "user_send_business_card": "Anh Ví Dụ",
}
MARKS = {
    "follow": InboundKind.START,
    "user_click_chatnow": InboundKind.START,
    "unfollow": InboundKind.STOP,
    "user_withdraw": InboundKind.STOP,
}
ECHOES = {name for name in FILES if name.startswith("oa_send_")} - {
    "oa_send_anonymous_text",
    "oa_send_group_text",
    "oa_send_consent",
}
RECEIPTS = {name for name in FILES if name.startswith(("user_received_", "user_seen_"))}
IGNORED = set(FILES) - set(TEXTS) - set(MEDIA) - set(MARKS) - ECHOES - RECEIPTS


def parse(raw: bytes) -> list[Arrival]:
    return parse_event(COMMUNE, ACCOUNT.oa_id, decode_object(raw), raw)


def one(name: str) -> Inbound:
    (arrival,) = parse(FILES[name].read_bytes())
    assert isinstance(arrival, Inbound)
    assert (arrival.commune, arrival.channel) == (COMMUNE, "zalo")
    return arrival


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_texts(name: str) -> None:
    inbound = one(name)
    assert (inbound.kind, inbound.text) == (InboundKind.TEXT, TEXTS[name])
    assert inbound.address == USER
    assert inbound.provider_id.startswith("user_send_text:")
    assert inbound.sent_at == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def test_ids_may_be_numbers_beyond_53_bits() -> None:
    inbound = one("user_send_text_number_ids")
    assert inbound.provider_id == "user_send_text:12345678901234567890"


@pytest.mark.parametrize("name", sorted(MEDIA))
def test_media(name: str) -> None:
    inbound = one(name)
    assert (inbound.kind, inbound.media) == (InboundKind.MEDIA, MEDIA[name])
    assert (inbound.address, inbound.text) == (USER, CAPTIONS.get(name, ""))


@pytest.mark.parametrize("name", sorted(MARKS))
def test_start_and_stop(name: str) -> None:
    inbound = one(name)
    assert (inbound.kind, inbound.address) == (MARKS[name], USER)


@pytest.mark.parametrize("name", sorted(ECHOES))
def test_echoes(name: str) -> None:
    payload = json.loads(FILES[name].read_bytes())
    (echo,) = parse(FILES[name].read_bytes())
    assert isinstance(echo, Echo)
    assert echo.address == USER
    assert echo.provider_message_id == payload["message"]["msg_id"]
    assert echo.text == payload["message"].get("text", "")
    assert echo.by_human is (name == "oa_send_text_by_officer")


@pytest.mark.parametrize("name", sorted(RECEIPTS))
def test_receipts(name: str) -> None:
    payload = json.loads(FILES[name].read_bytes())
    message = payload["message"]
    ids = message.get("msg_ids") or [message["msg_id"]]
    seen = ReceiptState.SEEN if name == "user_seen_message" else ReceiptState.DELIVERED
    assert parse(FILES[name].read_bytes()) == [Receipt(COMMUNE, "zalo", i, seen) for i in ids]


@pytest.mark.parametrize("name", sorted(IGNORED))
def test_the_rest_is_kept_without_text(name: str) -> None:
    inbound = one(name)
    assert (inbound.kind, inbound.text, inbound.media) == (InboundKind.IGNORED, "", None)
    assert inbound.provider_id


def test_no_two_files_share_a_provider_id() -> None:
    ids = [one(name).provider_id for name in FILES if name not in ECHOES | RECEIPTS]
    assert len(set(ids)) == len(ids)


def test_a_redelivered_event_without_an_id_keeps_its_name() -> None:
    assert one("follow").provider_id == one("follow").provider_id
    other = FILES["follow"].read_bytes().replace(b"1795140000000", b"1795140000001")
    (arrival,) = parse(other)
    assert isinstance(arrival, Inbound)
    assert arrival.provider_id != one("follow").provider_id


def changed(name: str, **top: object) -> bytes:
    payload: dict[str, Any] = json.loads(FILES[name].read_bytes())
    return json.dumps(payload | top).encode()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(changed("user_send_text", recipient={"id": "1"}), id="another OA"),
        pytest.param(changed("follow", oa_id="1"), id="another OA follows"),
        pytest.param(changed("user_send_text", sender={"id": ACCOUNT.oa_id}), id="from itself"),
        pytest.param(changed("user_send_text", sender=None), id="nobody"),
        pytest.param(changed("user_send_text", sender={"id": "a\x00b"}), id="null byte"),
        pytest.param(changed("user_send_text", sender={"id": True}), id="a boolean"),
        pytest.param(changed("user_send_text", event_name=7), id="no name"),
        pytest.param(changed("oa_send_text", message={"text": "x"}), id="echo without id"),
        pytest.param(changed("user_seen_message", message={"msg_ids": [{}]}), id="seen nothing"),
        pytest.param(b"{}", id="empty"),
    ],
)
def test_what_cannot_be_placed_is_ignored(raw: bytes) -> None:
    (arrival,) = parse(raw)
    assert isinstance(arrival, Inbound)
    assert (arrival.kind, arrival.text) == (InboundKind.IGNORED, "")


def test_hostile_ids_are_hashed() -> None:
    (arrival,) = parse(changed("user_send_text", message={"text": "a", "msg_id": "x\x00" * 500}))
    assert isinstance(arrival, Inbound)
    assert arrival.kind is InboundKind.TEXT
    assert len(arrival.provider_id) < 100
    assert "\x00" not in arrival.provider_id


def test_absurd_times_are_unknown_times() -> None:
    for value in (10**14, "soon", -5, 1.5, None, "٣", 10**40):
        (arrival,) = parse(changed("user_send_text", timestamp=value))
        assert isinstance(arrival, Inbound)
        assert arrival.sent_at is None or arrival.sent_at.year > 5000


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
near_events = st.fixed_dictionaries(
    {},
    optional={
        "event_name": st.sampled_from([*FILES, "", "x"]) | json_values,
        "sender": st.just({"id": USER}) | st.just({"id": ACCOUNT.oa_id}) | json_values,
        "recipient": st.just({"id": ACCOUNT.oa_id}) | st.just({"id": USER}) | json_values,
        "message": st.fixed_dictionaries(
            {}, optional={"text": json_values, "msg_id": json_values, "msg_ids": json_values}
        )
        | json_values,
        "follower": json_values,
        "oa_id": json_values,
        "user_id": json_values,
        "timestamp": json_values,
    },
)


@given(near_events | st.dictionaries(st.text(), json_values, max_size=5))
def test_any_object_is_sorted(payload: dict[str, object]) -> None:
    raw = json.dumps(payload).encode()
    arrivals = parse(raw)
    assert arrivals
    for arrival in arrivals:
        if isinstance(arrival, Inbound):
            assert 0 < len(arrival.provider_id) <= 160
            arrival.provider_id.encode()
            arrival.address.encode()
            assert "\x00" not in arrival.provider_id + arrival.address


@given(st.binary(max_size=200) | json_values.map(lambda v: json.dumps(v).encode()))
@example(b"[" * 100_000)
@example(b'{"a":' * 50_000)
@example(b'{"timestamp":' + b"9" * 5000 + b"}")
@example(b"\xff\xfe{}")
@example(b"")
def test_any_bytes_are_an_object_or_malformed(raw: bytes) -> None:
    try:
        payload = decode_object(raw)
    except MalformedBodyError:
        return
    assert isinstance(payload, dict)
