"""Updates of every kind, and everything else that may come."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Inbound, InboundKind
from integrations.zalobot.inbound import parse_update
from tests.integrations.zalobot.conftest import COMMUNE, USER


def update(event: Any = "message.text.received", **message: Any) -> dict[str, Any]:
    """A documented update with ``message`` changed."""
    body: dict[str, Any] = {
        "from": {"id": USER, "display_name": "Ted", "is_bot": False},
        "chat": {"id": USER, "chat_type": "PRIVATE"},
        "message_id": "2d758cb5e222177a4e35",
        "date": 1750316131602,
    }
    body |= message
    return {"message": body} | ({"event_name": event} if event is not None else {})


def one(payload: object) -> Inbound:
    (arrival,) = parse_update(COMMUNE, payload)
    assert isinstance(arrival, Inbound)
    assert (arrival.commune, arrival.channel) == (COMMUNE, "zalobot")
    return arrival


def test_a_text() -> None:
    inbound = one(update(text="làm giấy khai sinh cần gì ạ 🙏"))
    assert (inbound.kind, inbound.address) == (InboundKind.TEXT, USER)
    assert inbound.text == "làm giấy khai sinh cần gì ạ 🙏"
    assert inbound.provider_id == "message.text.received:2d758cb5e222177a4e35"
    assert inbound.event == "message.text.received"
    assert inbound.sent_at == datetime(2025, 6, 19, 6, 55, 31, 602000, tzinfo=UTC)


def test_pushed_and_polled_are_the_same() -> None:
    bare = update(text="a")
    assert parse_update(COMMUNE, {"ok": True, "result": bare}) == parse_update(COMMUNE, bare)


@pytest.mark.parametrize(
    ("event", "message", "media", "text"),
    [
        ("message.image.received", {"photo": "https://x/a.jpg", "caption": "đây"}, "image", "đây"),
        ("message.image.received", {"photo_url": "https://x/a.jpg"}, "image", ""),
        ("message.sticker.received", {"sticker": "44"}, "sticker", ""),
        ("message.voice.received", {"voice_url": "https://x/a.aac"}, "audio", ""),
        ("message.unsupported.received", {}, "unsupported", ""),
    ],
)
def test_media(event: str, message: dict[str, str], media: str, text: str) -> None:
    inbound = one(update(event, **message))
    assert (inbound.kind, inbound.media, inbound.text) == (InboundKind.MEDIA, media, text)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ({"text": "a"}, "message.text.received"),
        ({"photo_url": "u"}, "message.image.received"),
        ({"sticker": "s"}, "message.sticker.received"),
        ({"voice_url": "v"}, "message.voice.received"),
    ],
)
def test_an_update_without_a_name_is_told_by_its_parts(message: dict[str, str], event: str) -> None:
    """One sample of getUpdates has no event_name."""
    assert one(update(None, **message)) == one(update(event, **message))


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(update(text="bí mật", chat={"id": "g1", "chat_type": "GROUP"}), id="group"),
        pytest.param(update("message.image.received", chat={"chat_type": "GROUP"}), id="picture"),
        pytest.param(update("new.event", chat={"chat_type": "GROUP"}, text="x"), id="new in group"),
        pytest.param(update(text="tôi", **{"from": {"id": "b", "is_bot": True}}), id="a bot"),
        pytest.param(update(text="x", chat={}), id="no chat"),
        pytest.param(update(text="x", chat={"id": "a\x00b"}), id="null byte"),
        pytest.param(update(text="x", chat=[USER]), id="a list"),
        pytest.param({}, id="empty"),
        pytest.param([], id="no object"),
        pytest.param(None, id="nothing"),
    ],
)
def test_what_is_nobodys_is_kept_without_words(payload: object) -> None:
    inbound = one(payload)
    assert (inbound.kind, inbound.text, inbound.address) == (InboundKind.IGNORED, "", "")


def test_an_event_that_we_do_not_know_keeps_its_body() -> None:
    inbound = one(update("message.reaction.received", emoji="👍"))
    assert (inbound.kind, inbound.event) == (InboundKind.IGNORED, "message.reaction.received")
    assert json.loads(inbound.text)["message"]["emoji"] == "👍"
    assert len(one(update("new.event", x="y" * 9000)).text) == 4000


def test_the_same_message_under_two_events_is_two() -> None:
    names = {one(update(e, text="a")).provider_id for e in ("message.text.received", "new.event")}
    assert len(names) == 2


def test_without_an_id_the_body_is_the_name() -> None:
    first, again = update(text="a", message_id=None), update(text="a", message_id=None)
    other = update(text="b", message_id=None)
    assert one(first).provider_id == one(again).provider_id != one(other).provider_id


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["message", "from", "chat", "id", "chat_type", "date", "text", "event_name", "message_id"]
)


@given(JSON | st.dictionaries(KEYS, JSON | st.dictionaries(KEYS, JSON)))
def test_any_json_is_taken(payload: object) -> None:
    inbound = one(payload)
    assert 0 < len(inbound.provider_id) <= 140
    assert inbound.provider_id.isascii()
    inbound.text.encode()
    assert inbound.kind in (InboundKind.TEXT, InboundKind.MEDIA, InboundKind.IGNORED)
    assert inbound.kind is InboundKind.IGNORED or inbound.address


@given(st.text(), st.sampled_from(["message", "chat", "from", "date", "text"]), JSON)
def test_a_text_with_one_part_spoilt(text: str, name: str, value: object) -> None:
    payload = update(text=text)
    target = payload if name == "message" else payload["message"]
    target[name] = value
    one(payload)
