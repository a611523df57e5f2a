"""Posting a message: what is stored, what is refused and how it is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.messages import InboundKind
from integrations.webchat.limits import Buckets, Limits
from integrations.webchat.sender import WebSender
from tests.integrations.webchat.conftest import MESSAGES, PAGE, Site, error, post, say


async def test_a_message_is_stored_under_its_session_and_acknowledged(site: Site) -> None:
    client = await site.visitor()
    response = await post(client, say("xin chào", "a-1"))
    assert response.status == 202
    assert await response.json() == {"ok": True}
    (inbound,) = site.store.received
    assert (inbound.commune, inbound.channel) == ("song-phuong", "web")
    assert inbound.provider_id == f"{inbound.address}:a-1"
    assert (inbound.kind, inbound.text) == (InboundKind.TEXT, "xin chào")


async def test_the_same_id_twice_is_acknowledged_and_stored_once(site: Site) -> None:
    client = await site.visitor()
    assert [(await post(client, say("một", "same"))).status for _ in range(2)] == [202, 202]
    assert len(site.store.received) == 1


async def test_two_sessions_may_use_the_same_id(site: Site) -> None:
    for _ in range(2):
        await post(await site.visitor(), say("một", "same"))
    assert len({i.address for i in site.store.received}) == 2


@pytest.mark.parametrize(
    ("body", "kind", "text", "media"),
    [
        (say("#ks.chua", kind="tap"), InboundKind.TEXT, "#ks.chua", None),
        (say("#hoi.khai_sinh", kind="start"), InboundKind.START, "#hoi.khai_sinh", None),
        (say("drop table", kind="start"), InboundKind.START, "#chao", None),
        ({"id": "s", "kind": "start"}, InboundKind.START, "#chao", None),
        (say("image", kind="media"), InboundKind.MEDIA, "", "image"),
        (say("dấu hỏi? 👨‍👩‍👧 \x00 ok"), InboundKind.TEXT, "dấu hỏi? 👨‍👩‍👧 \x00 ok", None),
        (say("x" * 4000), InboundKind.TEXT, "x" * 4000, None),
    ],
    ids=["tap", "start", "bad-start", "bare-start", "media", "emoji-and-null", "longest"],
)
async def test_kinds(site: Site, body: Any, kind: str, text: str, media: str | None) -> None:
    assert (await post(await site.visitor(), body)).status == 202
    (inbound,) = site.store.received
    assert (inbound.kind, inbound.text, inbound.media) == (kind, text, media)


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "không đọc được"),
        (b"{", 400, "không đọc được"),
        (b"\xff\xfe", 400, "không đọc được"),
        (b"[" * 20_000, 400, "không đọc được"),
        (b"[]", 400, "không đọc được"),
        (b"null", 400, "không đọc được"),
        (b'{"id": ' + b"9" * 6000 + b"}", 400, "không đọc được"),
        ({"kind": "text", "text": "thiếu id"}, 400, "không đọc được"),
        (say("x", id="có dấu"), 400, "không đọc được"),
        (say("x", id="a" * 65), 400, "không đọc được"),
        (say("x", id="a:b"), 400, "không đọc được"),
        ({"id": 7, "kind": "text", "text": "x"}, 400, "không đọc được"),
        ({"id": "m", "kind": "text", "text": ["x"]}, 400, "không đọc được"),
        ({"id": "m", "kind": "text", "text": None}, 400, "không đọc được"),
        (say("x", kind="stop"), 400, "không đọc được"),
        ({"id": "m", "kind": ["text"], "text": "x"}, 400, "không đọc được"),
        (say("exe", kind="media"), 400, "không đọc được"),
        (say(""), 400, "đang trống"),
        (say(" \n\t "), 400, "đang trống"),
        (say("\x00\u200b\ud800"), 400, "đang trống"),
        (say("x" * 4001), 413, "dài quá"),
        (say("ế" * 1_000_000), 413, "dài quá"),
    ],
)
async def test_refused_bodies(site: Site, body: Any, status: int, reason: str) -> None:
    client = await site.visitor()
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = await client.post(MESSAGES, data=data, headers={"Content-Type": "application/json"})
    assert response.status == status
    assert reason in await error(response)
    assert not site.store.received
    assert (await post(client, say("vẫn chạy"))).status == 202


async def test_a_long_body_without_a_stated_length_is_cut_off(site: Site) -> None:
    async def endless() -> Any:
        for _ in range(64):
            yield b"x" * 16_384

    client = await site.visitor()
    response = await client.post(
        MESSAGES, data=endless(), headers={"Content-Type": "application/json"}
    )
    assert response.status == 413


async def test_a_form_is_not_a_message(site: Site) -> None:
    client = await site.visitor()
    assert (await client.post(MESSAGES, data={"id": "m", "text": "x"})).status == 415
    assert not site.store.received


async def test_without_a_session_nothing_is_taken(site: Site) -> None:
    response = await post(await site.client(), say("x"))
    assert response.status == 401
    assert "tải lại trang" in await error(response)


async def test_unknown_commune(site: Site) -> None:
    client = await site.visitor()
    response = await client.post("/chat/la/messages", json=say("x"))
    assert response.status == 404
    assert "không" in (await error(response)).lower()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://song-phuong.example"}, 202),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[bad"}, 403),
        ({"Origin": ""}, 403),
    ],
)
async def test_only_our_own_page_may_post(site: Site, headers: dict[str, str], status: int) -> None:
    assert (await post(await site.visitor(), say("x"), headers=headers)).status == status


async def test_origin_of_the_same_host_on_plain_http(site: Site) -> None:
    client = await site.visitor()
    origin = str(client.make_url("/").origin())
    assert (await post(client, say("x"), headers={"Origin": origin})).status == 202


async def test_flood_of_one_session(site: Site) -> None:
    client = await site.visitor(Limits(session_per_minute=3))
    statuses = [(await post(client, say("x", f"m{n}"))).status for n in range(4)]
    assert statuses == [202, 202, 202, 429]
    refused = await post(client, say("x", "m9"))
    assert "quá nhanh" in await error(refused)
    assert refused.headers["Retry-After"] == "20"
    site.seconds += 20
    assert (await post(client, say("x", "m9"))).status == 202
    assert len(site.store.received) == 4


async def test_flood_of_one_address_with_many_sessions(site: Site) -> None:
    client = await site.client(Limits(address_per_minute=5))
    statuses = []
    for n in range(7):
        headers = {"Cookie": f"hotro_chat={n:032x}"}
        statuses.append((await post(client, say("x"), headers=headers)).status)
    assert statuses == [202] * 5 + [429] * 2


async def test_the_proxys_word_tells_addresses_apart(site: Site) -> None:
    client = await site.client(
        Limits(address_per_minute=1), client_address=lambda r: r.headers["X-Real-IP"]
    )
    for n in range(3):
        headers = {"Cookie": f"hotro_chat={n:032x}", "X-Real-IP": f"10.0.0.{n}"}
        assert (await post(client, say("x"), headers=headers)).status == 202


async def test_a_store_that_fails_is_no_acknowledgement(site: Site) -> None:
    client = await site.visitor()
    site.store.broken = True
    response = await post(client, say("x", "again"))
    assert response.status == 503
    assert "gửi lại" in await error(response)
    site.store.broken = False
    assert (await post(client, say("x", "again"))).status == 202
    assert len(site.store.received) == 1


def test_buckets_forget_when_they_are_many() -> None:
    now = 0.0
    buckets = Buckets(2, lambda: now, max_keys=3)
    for key in "abcdefgh":
        assert buckets.take(key) == 0
    assert len(buckets._levels) <= 4
    now = 600.0
    assert [buckets.take("h") for _ in range(3)] == [0, 0, 30]


async def test_the_way_out_needs_no_provider() -> None:
    from bot.messages import Outgoing

    sender, message = WebSender(), Outgoing("7", "song-phuong", "web", "f" * 32, "chào")
    assert (await sender.send(message)).provider_message_id == "web-7"
    found = await sender.find_sent(message)
    assert found is not None
    assert found.provider_message_id == "web-7"
    await sender.close()


async def test_messages_of_another_path_do_not_see_the_cookie(site: Site) -> None:
    client = await site.visitor()
    assert (await client.get(f"{PAGE}/messages")).status == 200
    assert (await client.get("/chat/gia-phu/messages")).status == 401
