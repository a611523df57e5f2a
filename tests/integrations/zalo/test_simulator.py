"""The simulator refuses what Zalo refuses, repeats as Zalo repeats, and forgets nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.clock import FixedClock
from bot.messages import PermanentSendError, TemporarySendError
from integrations.testing import RecordingIntake
from integrations.zalo.simulator import Policy, ZaloSimulator
from integrations.zalo.webhook import routes
from tests.integrations.http import serving, until
from tests.integrations.zalo.conftest import ACCOUNT, COMMUNE, START, TOKEN, USER, Town, outgoing

SEND = "/v3.0/oa/message/cs"
URL = {"title": "Mở", "type": "oa.open.url", "payload": {"url": "https://example.vn"}}
TAP = {"title": "Có", "type": "oa.query.hide", "payload": "k:1"}


def body(text: object = "chào", *buttons: object, **message: object) -> dict[str, Any]:
    inside: dict[str, object] = {"text": text} | message
    if buttons:
        inside["attachment"] = {"type": "template", "payload": {"buttons": list(buttons)}}
    return {"recipient": {"user_id": USER}, "message": inside}


async def post(town: Town, content: object, token: str = TOKEN) -> dict[str, Any]:
    answer = await town.phone.post(SEND, json=content, headers={"access_token": token})
    assert answer.status_code == 200
    result: dict[str, Any] = answer.json()
    return result


async def test_the_answer_of_a_send(town: Town) -> None:
    await town.meet()
    answer = await post(town, body())
    assert answer["error"] == 0
    assert answer["data"]["user_id"] == USER
    assert answer["data"]["sent_time"] == str(int(START.timestamp() * 1000))
    assert answer["data"]["quota"] == {"quota_type": "reply", "remain": "7", "total": "8"}


async def test_tokens(town: Town) -> None:
    await town.meet()
    assert (await post(town, body(), token="wrong"))["error"] == -216
    assert (await town.phone.post(SEND, json=body())).json()["error"] == -216


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (body("a" * 2001), -210),
        (body(""), -201),
        (body(7), -201),
        (body(template_type="x"), -201),
        ({"recipient": {"user_id": "404"}, "message": {"text": "a"}}, -201),
        ({"recipient": {"phone": "84900000001"}, "message": {"text": "a"}}, -201),
        ({"recipient": {"user_id": USER}}, -201),
        ([], -201),
        (body("a", *[TAP] * 5), 0),
        (body("a", *[TAP] * 6), -210),
        (body("a", URL), 0),
        (body("a", TAP | {"title": "x" * 101}), -210),
        (body("a", TAP | {"payload": "x" * 1001}), -210),
        (body("a", TAP | {"payload": {"x": 1}}), -201),
        (body("a", URL | {"payload": "https://example.vn"}), -201),
        (body("a", URL | {"payload": {"url": "javascript:alert(1)"}}), -201),
        (body("a", TAP | {"type": "oa.query.unknown"}), -201),
        (body("a", TAP | {"colour": "red"}), -201),
        (body("a", "x"), -201),
        (
            body(
                attachment={
                    "type": "template",
                    "payload": {"template_type": "button", "buttons": [TAP]},
                }
            ),
            -233,
        ),
        (body(attachment={"type": "file", "payload": {"token": "t"}}), -233),
        (body(attachment={"type": "template", "payload": {"buttons": []}}), -201),
    ],
)
async def test_shapes_and_limits(town: Town, content: object, code: int) -> None:
    await town.meet()
    assert (await post(town, content))["error"] == code


async def test_the_windows_of_48_hours_and_7_days(town: Town) -> None:
    await town.meet()
    for left in "76543210":
        assert (await post(town, body()))["data"]["quota"]["remain"] == left
    assert (await post(town, body()))["data"]["quota"]["quota_type"] == "sub_quota"
    town.clock.advance(timedelta(hours=48, seconds=1))
    quota = (await post(town, body()))["data"]["quota"]
    assert (quota["quota_type"], quota["remain"], quota["total"]) == ("sub_quota", "498", "500")
    town.clock.advance(timedelta(days=5))
    with pytest.raises(PermanentSendError, match="-230"):
        await town.sender.send(outgoing())
    await town.meet()
    assert (await post(town, body()))["data"]["quota"]["remain"] == "7"


async def test_the_allowance_ends(town: Town) -> None:
    town.simulator.world.policy = Policy(free_replies=None, sub_quota=1)
    await town.meet()
    assert (await post(town, body()))["data"]["quota"]["total"] == "unlimited"
    town.clock.advance(timedelta(hours=50))
    assert (await post(town, body()))["error"] == 0
    assert (await post(town, body()))["error"] == -211
    town.simulator.world.policy = Policy(openapi_in_package=False)
    assert (await post(town, body()))["error"] == -224


async def test_who_unfollowed_is_left_alone_until_they_write(town: Town) -> None:
    await town.phone.post(f"/phone/{USER}/follow")
    assert (await post(town, body()))["error"] == 0
    await town.phone.post(f"/phone/{USER}/unfollow")
    assert (await post(town, body()))["error"] == -213
    await town.meet()
    assert (await post(town, body()))["error"] == 0


async def test_the_limit_per_minute(town: Town) -> None:
    town.simulator.world.policy = Policy(per_minute=2)
    await town.meet()
    headers = {"access_token": TOKEN}
    first = await town.phone.post(SEND, json=body(), headers=headers)
    assert first.headers["X-RateLimit-Limit"] == "2"
    assert first.headers["X-RateLimit-Remain"] == "1"
    await town.sender.send(outgoing())
    with pytest.raises(TemporarySendError) as caught:
        await town.sender.send(outgoing())
    assert caught.value.retry_after == 60
    town.clock.advance(timedelta(minutes=1))
    await town.sender.send(outgoing())


async def get(town: Town, path: str, data: str) -> dict[str, Any]:
    headers = {"access_token": TOKEN}
    answer = await town.phone.get(path, params={"data": data}, headers=headers)
    result: dict[str, Any] = answer.json()
    return result


async def test_the_conversation_is_read_in_small_pages(town: Town) -> None:
    await town.meet("một")
    await town.sender.send(outgoing("hai"))
    path = "/v2.0/oa/conversation"
    answer = await get(town, path, f'{{"user_id":"{USER}","offset":0,"count":10}}')
    newest, oldest = answer["data"]
    assert (newest["src"], newest["message"], newest["from_id"]) == (0, "hai", ACCOUNT.oa_id)
    assert (oldest["src"], oldest["message"], oldest["to_id"]) == (1, "một", ACCOUNT.oa_id)
    assert oldest["time"] == int(START.timestamp() * 1000)
    for data, code in (
        (f'{{"user_id":"{USER}","offset":0,"count":11}}', -210),
        (f'{{"user_id":"{USER}","offset":-1,"count":1}}', -201),
        (f'{{"user_id":"{USER}","count":"1"}}', -201),
        ('{"user_id":"404"}', -201),
        ("", -201),
        ("[]", -201),
    ):
        assert (await get(town, path, data))["error"] == code


async def test_people_and_the_oa_itself(town: Town) -> None:
    await town.meet()
    person = (await get(town, "/v3.0/oa/user/detail", f'{{"user_id":"{USER}"}}'))["data"]
    assert person["user_last_interaction_date"] == "20/11/2026"
    assert person["user_is_follower"] is False
    assert (await get(town, "/v3.0/oa/user/detail", '{"user_id":"4"}'))["error"] == -201
    assert (await get(town, "/v2.0/oa/getoa", ""))["data"]["oaid"] == ACCOUNT.oa_id


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (f"/phone/{USER}/send", {}),
        (f"/phone/{USER}/send", {"text": ""}),
        (f"/phone/{USER}/send", {"text": 7}),
        (f"/phone/{USER}/send", {"media": "hologram"}),
        (f"/phone/{USER}/send", []),
        (f"/manager/{USER}/send", {}),
        ("/faults", {"earthquake": 1}),
        ("/faults", {"drop_answers": True}),
    ],
)
async def test_the_phone_refuses_nonsense(town: Town, path: str, content: object) -> None:
    assert (await town.phone.post(path, json=content)).status_code == 400


async def test_odd_polls(town: Town) -> None:
    path = f"/phone/{USER}/messages"
    assert (await town.phone.get(path, params={"after": "x"})).status_code == 400
    for after in ("-1", "nan", "inf", "1e300"):
        assert (await town.phone.get(path, params={"after": after})).status_code == 200
    assert (await town.phone.get("/phone/a b/messages")).status_code == 404


async def test_odd_texts_are_kept(town: Town) -> None:
    for text in ("a\x00b", "👨‍👩‍👧", "x" * 100_000):
        await town.meet(text)
    content = b'{"text":"\\ud800b"}'
    assert (await town.phone.post(f"/phone/{USER}/send", content=content)).status_code == 200
    await town.simulator.courier.idle()
    assert [len(i.text) for i in town.intake.inbounds] == [3, 5, 100_000, 1]


async def test_faults_are_switched_over_http_and_count_down(town: Town) -> None:
    await town.meet()
    switches = {"server_errors": 1, "latency": 0}
    answer = await town.phone.post("/faults", json=switches)
    assert answer.json()["server_errors"] == 1
    headers = {"access_token": TOKEN}
    first = await town.phone.post(SEND, json=body(), headers=headers)
    assert first.status_code == 500
    assert (await post(town, body()))["error"] == 0
    assert (await town.phone.get("/faults")).json()["server_errors"] == 0


# --- webhooks ----------------------------------------------------------------------


async def test_duplicates_and_lost_acknowledgements_are_recognised(town: Town) -> None:
    town.faults.duplicate_webhooks = 1
    town.faults.lost_acks = 2
    await town.meet("một lần thôi")
    assert [i.text for i in town.intake.inbounds] == ["một lần thôi"]
    assert town.intake.duplicates == 3


async def test_a_failing_server_gets_it_again(town: Town) -> None:
    town.intake.fail_next = 3
    await town.meet("vẫn tới")
    assert [i.text for i in town.intake.inbounds] == ["vẫn tới"]


async def test_after_the_last_repeat_the_webhook_is_disabled(town: Town) -> None:
    town.intake.fail_next = 6
    await town.meet("mất")
    assert town.simulator.courier.disabled
    await town.meet("không gửi")
    town.simulator.courier.enable()
    await town.meet("lại gửi")
    assert [i.text for i in town.intake.inbounds] == ["lại gửi"]


async def test_messages_of_one_person_keep_their_order(town: Town) -> None:
    for n in range(20):
        town.simulator.world.type(USER, str(n))
    await town.simulator.courier.idle()
    assert [i.text for i in town.intake.inbounds] == [str(n) for n in range(20)]


async def test_repeats_say_how_often(town: Town) -> None:
    headers: list[str | None] = []

    async def deaf(request: web.Request) -> web.Response:
        headers.append(request.headers.get("num_retry"))
        return web.Response(status=500 if len(headers) < 3 else 200)

    app = web.Application()
    app.add_routes([web.post("/", deaf)])
    async with serving(app) as address:
        town.simulator.courier.url = f"{address}/"
        await town.meet()
    assert headers == [None, "1", "2"]


@asynccontextmanager
async def restarted(state: Path, intake: RecordingIntake, url: str = "") -> AsyncIterator[Any]:
    simulator = ZaloSimulator(
        FixedClock(START),
        url or "http://127.0.0.1:1/nobody",
        app_id=ACCOUNT.app_id,
        oa_id=ACCOUNT.oa_id,
        oa_secret=ACCOUNT.oa_secret,
        access_token=TOKEN,
        state_path=state,
    )
    app = web.Application()
    app.add_routes(routes(intake, {COMMUNE: replace(ACCOUNT)}))
    app.add_subapp("/zalo", simulator.app())
    async with serving(app) as address, httpx.AsyncClient(base_url=f"{address}/zalo") as phone:
        if url:
            simulator.courier.url = f"{address}{url}"
        yield phone


async def test_a_restart_keeps_phones_and_what_was_not_acknowledged(tmp_path: Path) -> None:
    state, intake = tmp_path / "zalo" / "state.sqlite", RecordingIntake()
    async with restarted(state, intake) as phone:
        await phone.post(f"/phone/{USER}/send", json={"text": "có ai không"})
    assert not intake.inbounds
    async with restarted(state, intake, url=f"/webhooks/zalo/{COMMUNE}") as phone:
        shown = (await phone.get(f"/phone/{USER}/messages")).json()["messages"]
        assert [(m["text"], m["status"]) for m in shown] == [("có ai không", "sent")]
        await until(lambda: len(intake.inbounds) == 1)
        await until(lambda: state.exists())
        headers = {"access_token": TOKEN}
        assert (await phone.post(SEND, json=body(), headers=headers)).json()["error"] == 0
