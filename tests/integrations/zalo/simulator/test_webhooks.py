"""Webhooks: signed, repeated, twice, late, in another order; and what each phone can cause."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.clock import FixedClock
from integrations.zalo.simulator.media import MEDIA
from tests.integrations.http import serving, until
from tests.integrations.zalo.simulator.conftest import (
    OA,
    OTHER,
    START,
    USER,
    Hook,
    Lab,
    laboratory,
    message,
    simulator,
)


async def test_every_body_is_compact_and_signed(lab: Lab) -> None:
    await lab.meet("Xin chào 👋")
    await lab.send()
    await lab.settled()
    await lab.shown()
    assert lab.hook.all_signed()
    for _, body in lab.hook.requests:
        event = json.loads(body)
        assert body == json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        assert event["timestamp"] == str(int(START.timestamp() * 1000))
    names = ["user_send_text", "oa_send_text", "user_received_message", "user_seen_message"]
    assert lab.hook.names == names


@pytest.mark.parametrize("name", sorted(MEDIA))
async def test_media(lab: Lab, name: str) -> None:
    bubble = await lab.act(f"/phone/{USER}/send", {"media": name})
    (event,) = lab.hook.events
    assert event["event_name"] == f"user_send_{name}"
    assert event["message"]["msg_id"] == bubble["id"]
    assert len(event["message"]["attachments"]) == 1


async def test_odd_shapes_that_zalo_has(lab: Lab) -> None:
    await lab.act(f"/phone/{USER}/send", {"media": "location"})
    await lab.act(f"/phone/{USER}/send", {"media": "business_card"})
    place, card = (event["message"] for event in lab.hook.events)
    assert isinstance(place["attachments"][0]["payload"]["coordinates"]["latitude"], str)
    details = json.loads(card["attachments"][0]["payload"]["description"])
    assert (card["text"], details["phone"]) == ("Cô Hiền", "84900000009")


async def test_people_come_and_go(lab: Lab) -> None:
    for what in ("follow", "chatnow", "unfollow", "withdraw"):
        await lab.act(f"/phone/{USER}/{what}")
    names = ["follow", "user_click_chatnow", "unfollow", "user_withdraw"]
    assert lab.hook.names == names
    assert all(event["oa_id"] == OA and "message" not in event for event in lab.hook.events)
    assert lab.hook.events[0]["follower"] == {"id": USER}


async def test_the_form_in_both_shapes(lab: Lab) -> None:
    form = {"name": "Lan", "phone": "84912345678"}
    await lab.act(f"/phone/{USER}/submit", form)
    await lab.act(f"/phone/{USER}/submit", form | {"shape": "old"})
    new, old = (event["info"] for event in lab.hook.named("user_submit_info"))
    assert (new["phone"], new["full_address"]["user_ward"]) == ("84912345678", "Song Phượng")
    assert (old["phone"], old["ward"]) == (84912345678, "Song Phượng")
    shown = await lab.shown()
    assert [one["text"] for one in shown] == ["[Đã gửi thông tin] Lan, 84912345678"] * 2


async def test_a_quoted_reply_and_a_reaction(lab: Lab) -> None:
    await lab.meet()
    sent = (await lab.send())["data"]["message_id"]
    await lab.act(f"/phone/{USER}/send", {"text": "cái này", "quote": sent})
    await lab.act(f"/phone/{USER}/react", {"id": sent, "icon": "/-strong"})
    assert lab.hook.named("user_send_text")[-1]["message"]["quote_msg_id"] == sent
    (event,) = lab.hook.named("user_reacted_message")
    assert event["message"] == {"msg_id": sent, "react_icon": "/-strong"}


async def test_an_officer_in_oa_manager(lab: Lab) -> None:
    await lab.meet()
    await lab.act(f"/manager/{USER}/send", {"text": "Chị mang hộ khẩu nhé"})
    await lab.act(f"/manager/{USER}/send", {"text": "Không tên", "admin_id": ""})
    await lab.act(f"/manager/{USER}/send", {"text": "Mục lục", "kind": "list"})
    echoes = [event for event in lab.hook.events if event["event_name"].startswith("oa_send_")]
    assert [(one["event_name"], one["sender"].get("admin_id")) for one in echoes] == [
        ("oa_send_text", "can-bo-1"),
        ("oa_send_text", None),
        ("oa_send_list", "can-bo-1"),
    ]
    assert lab.simulator.world.sends == {}


async def test_the_seen_event_names_several(lab: Lab) -> None:
    await lab.meet()
    ids = [(await lab.send())["data"]["message_id"] for _ in range(3)]
    await lab.shown()
    await lab.shown()
    (seen,) = lab.hook.named("user_seen_message")
    assert seen["message"]["msg_ids"] == ids


async def test_any_event_can_be_posted_signed(lab: Lab) -> None:
    body = b'{"event_name": "user_flies", "timestamp": "17"}'
    assert (await lab.http.post("/events/raw", content=body)).status_code == 200
    await lab.settled()
    assert lab.hook.requests[0][1] == body
    assert lab.hook.all_signed()
    for odd in (b"[1]", b'"x"', b"{}"):
        assert (await lab.http.post("/events/raw", content=odd)).status_code == 200
    assert (await lab.http.post("/events/raw", content=b"{")).status_code == 400
    await lab.simulator.courier.idle()
    assert len(lab.hook.requests) == 4


# --- the ladder --------------------------------------------------------------------


async def test_a_failing_server_gets_it_again_and_is_told_how_often(lab: Lab) -> None:
    lab.hook.failures = 3
    await lab.meet()
    assert [headers.get("num_retry") for headers, _ in lab.hook.requests] == [None, "1", "2", "3"]
    assert len({body for _, body in lab.hook.requests}) == 1
    assert lab.hook.all_signed()


async def test_after_the_last_repeat_the_webhook_is_disabled(lab: Lab) -> None:
    lab.hook.failures = 6
    await lab.meet("mất")
    assert lab.simulator.courier.disabled
    await lab.meet("không gửi")
    await lab.act("/console/webhook/enable")
    await lab.meet("lại gửi")
    texts = [event["message"]["text"] for event in lab.hook.events]
    assert texts == ["mất"] * 6 + ["lại gửi"]


async def test_a_slow_answer_is_no_answer() -> None:
    asked = 0

    async def slow(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await asyncio.sleep(2.2 if asked == 1 else 0)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", slow)
    async with laboratory() as lab, serving(app) as address:
        lab.simulator.courier.url = address
        await lab.meet()
    assert asked == 2


async def test_messages_of_one_person_keep_their_order(lab: Lab) -> None:
    for n in range(20):
        lab.simulator.world.type(USER, str(n))
    await lab.settled()
    assert [event["message"]["text"] for event in lab.hook.events] == [str(n) for n in range(20)]


async def test_twice_and_acknowledgements_that_are_lost(lab: Lab) -> None:
    lab.faults.duplicate_webhooks, lab.faults.lost_acks = 1, 2
    await lab.meet()
    assert lab.hook.names == ["user_send_text"] * 4


async def test_one_is_held_back_until_the_next_was_posted(lab: Lab) -> None:
    await lab.http.post("/faults", json={"reorder_webhooks": 1, "hold_seconds": 5})
    for n in range(3):
        lab.simulator.world.type(USER, str(n))
    lab.simulator.world.type(OTHER, "khác")
    await asyncio.wait_for(lab.settled(), 3)
    texts = [event["message"]["text"] for event in lab.hook.events if event["sender"]["id"] == USER]
    assert sorted(texts) == ["0", "1", "2"]
    assert texts.index("1") < texts.index("0")
    assert lab.simulator.courier.overtaken == {USER}


async def test_the_last_one_is_not_held_back_for_ever(lab: Lab) -> None:
    lab.faults.reorder_webhooks, lab.faults.hold_seconds = -1, 0.02
    await lab.meet("một")
    assert lab.hook.names == ["user_send_text"]


async def test_delays(lab: Lab) -> None:
    lab.faults.webhook_delay = 0.1
    lab.simulator.world.type(USER, "chậm")
    await asyncio.sleep(0.02)
    assert lab.hook.names == []
    assert await lab.settled() == ["user_send_text"]


async def test_the_echo_may_come_before_the_answer(lab: Lab) -> None:
    await lab.meet()
    lab.faults.echo_first = True
    answer = await lab.send()
    assert lab.hook.named("oa_send_text")[0]["message"]["msg_id"] == answer["data"]["message_id"]
    lab.faults.reorder_webhooks = -1
    assert (await asyncio.wait_for(lab.send(), 0.9))["error"] == 0


async def test_saving_an_address_posts_a_test_event(lab: Lab) -> None:
    url = lab.simulator.courier.url
    lab.simulator.courier.url = "http://127.0.0.1:1/old"
    await lab.act("/console/webhook", {"url": url})
    assert lab.hook.names == ["webhook_test"]
    assert lab.simulator.courier.url == url
    lab.hook.failures = 1
    answer = await lab.http.post("/console/webhook", json={"url": f"{url}?x=1"})
    assert (answer.status_code, lab.simulator.courier.url) == (422, url)
    assert (await lab.http.post("/console/webhook", json={"url": "hook"})).status_code == 400
    odd = await lab.http.post("/console/webhook", json={"url": "http://[x"})
    assert (odd.status_code, lab.simulator.courier.url) == (422, url)


async def test_a_restart_keeps_phones_and_what_was_not_acknowledged(tmp_path: Path) -> None:
    state, clock, hook = tmp_path / "zalo" / "state.sqlite", FixedClock(START), Hook()
    dead = simulator(clock, "http://127.0.0.1:1/nobody", state_path=state, delay_scale=1.0)
    app = web.Application()
    app.add_subapp("/zalo", dead.app())
    async with serving(app):
        dead.world.type(USER, "có ai không")
        await until(lambda: bool(dead.courier.overtaken))
    async with laboratory(state, clock=clock, hook=hook) as lab:
        shown = (await lab.http.get(f"/phone/{USER}/messages")).json()["messages"]
        assert [(one["text"], one["status"]) for one in shown] == [("có ai không", "sent")]
        await until(lambda: hook.names == ["user_send_text"])
        assert (await lab.send(message()))["error"] == 0


# --- phones ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (f"/phone/{USER}/send", {}),
        (f"/phone/{USER}/send", {"text": ""}),
        (f"/phone/{USER}/send", {"text": 7}),
        (f"/phone/{USER}/send", {"media": "hologram"}),
        (f"/phone/{USER}/send", []),
        (f"/phone/{USER}/submit", {"name": "Lan"}),
        (f"/phone/{USER}/submit", {"name": "Lan", "phone": "0912345678"}),
        (f"/phone/{USER}/submit", {"name": "Lan", "phone": "84912345678", "shape": "round"}),
        (f"/phone/{USER}/react", {"id": "x"}),
        (f"/manager/{USER}/send", {}),
        (f"/manager/{USER}/send", {"text": "a", "kind": "hologram"}),
        (f"/manager/{USER}/send", {"text": "a", "admin_id": 7}),
        ("/groups/nobody/status", {"enabled": True}),
        ("/groups/nobody/status", {"enabled": 1}),
    ],
)
async def test_the_phone_refuses_nonsense(lab: Lab, path: str, content: object) -> None:
    assert (await lab.http.post(path, json=content)).status_code == 400


async def test_odd_polls(lab: Lab) -> None:
    path = f"/phone/{USER}/messages"
    assert (await lab.http.get(path, params={"after": "x"})).status_code == 400
    for after in ("-1", "nan", "inf", "1e300"):
        assert (await lab.http.get(path, params={"after": after})).status_code == 200
    assert (await lab.http.get("/phone/a b/messages")).status_code == 404


async def test_odd_texts_are_kept(lab: Lab) -> None:
    for text in ("a\x00b", "👨‍👩‍👧", "x" * 100_000):
        await lab.meet(text)
    for body in (b'{"text":"\\ud800b"}', b'{"text":"a","quote":"\\ud800"}'):
        assert (await lab.http.post(f"/phone/{USER}/send", content=body)).status_code == 200
    await lab.settled()
    lengths = [len(event["message"]["text"]) for event in lab.hook.events]
    assert lengths == [3, 5, 100_000, 1, 1]


async def test_a_tap_shows_the_label_and_sends_the_payload(lab: Lab) -> None:
    await lab.act(f"/phone/{USER}/send", {"tap": "ks:1", "title": "Có rồi"})
    assert lab.hook.events[0]["message"]["text"] == "ks:1"
    assert [one["text"] for one in await lab.shown()] == ["Có rồi"]


async def test_a_long_poll_of_a_group_wakes(lab: Lab) -> None:
    await lab.meet()
    group = lab.simulator.groups.create("Cán bộ", [USER])
    path = f"/groups/{group.group_id}"
    polling = asyncio.create_task(lab.http.get(f"{path}/messages", params={"wait": 20}))
    await asyncio.sleep(0.05)
    assert not polling.done()
    await lab.act(f"{path}/members/{USER}/send", {"text": "alô"})
    body: Any = (await asyncio.wait_for(polling, 2)).json()
    assert [(one["from"], one["text"]) for one in body["messages"]] == [(USER, "alô")]
