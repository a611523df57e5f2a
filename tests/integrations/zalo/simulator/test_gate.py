"""What stands before every call: token, proof, limits, package, rights, faults."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import timedelta

import httpx
import pytest

from tests.integrations.zalo.simulator.conftest import ACCESS, SECRETS, SEND, USER, Lab, message

HEADERS = {"access_token": ACCESS}
QUOTA = "/v3.0/oa/quota/message"


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", SEND, -216),
        ("GET", "/v2.0/oa/getoa", -216),
        ("POST", "/v2.0/oa/upload/image", -216),
        ("GET", "/v3.0/oa/group/getgroupsofoa", -216),
        ("POST", "/v3.0/oa/message/template", -216),
        ("POST", "/message/template", -124),
        ("GET", "/message/status", -124),
    ],
)
async def test_every_call_needs_a_token(lab: Lab, method: str, path: str, code: int) -> None:
    for headers in ({}, {"access_token": "wrong"}, {"Authorization": f"Bearer {ACCESS}"}):
        answer = await lab.http.request(method, path, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (200, code)


async def test_the_proof(lab: Lab) -> None:
    await lab.meet()
    right = hmac.new(SECRETS["app_secret"].encode(), ACCESS.encode(), hashlib.sha256).hexdigest()

    async def code(path: str = "/v2.0/oa/getoa", **proof: str) -> int:
        answer = await lab.http.get(path, headers=HEADERS | proof)
        return int(answer.json()["error"])

    assert await code() == 0
    assert await code(appsecret_proof=right) == 0
    assert await code(appsecret_proof="0" * 64) == -242
    assert await code("/message/quota", appsecret_proof="0" * 64) == -1241
    lab.policy(require_proof=True)
    assert await code() == -242
    assert await code(appsecret_proof=right) == 0


async def test_the_limit_of_the_oa(lab: Lab) -> None:
    lab.policy(per_minute=2)
    await lab.meet()
    first = await lab.http.post(SEND, json=message(), headers=HEADERS)
    assert first.headers["X-RateLimit-Limit"] == "2"
    assert first.headers["X-RateLimit-Remain"] == "1"
    await lab.send()
    refused = await lab.send()
    assert (refused["error"], "OA" in refused["message"]) == (-32, True)
    # Templates are outside the OA's bucket.
    assert (await lab.get("/message/quota"))["error"] == 0
    lab.clock.advance(timedelta(minutes=1))
    assert (await lab.send())["error"] == 0


async def test_the_limit_of_the_app_is_another_text(lab: Lab) -> None:
    lab.policy(app_per_minute=1)
    assert (await lab.get("/message/quota"))["error"] == 0
    refused = await lab.get("/v2.0/oa/getoa")
    assert (refused["error"], "application" in refused["message"]) == (-32, True)


async def test_package_and_rights(lab: Lab) -> None:
    await lab.meet()
    lab.policy(openapi_in_package=False)
    assert (await lab.send())["error"] == -224
    lab.policy(missing_rights=frozenset({"message"}))
    assert (await lab.send())["error"] == -223
    assert (await lab.get("/v2.0/oa/getoa"))["error"] == 0


async def test_broken_answers(lab: Lab) -> None:
    await lab.meet()

    async def broken(**fault: int) -> httpx.Response:
        await lab.http.post("/faults", json=fault)
        return await lab.http.post(SEND, json=message(), headers=HEADERS)

    assert (await broken(server_errors=1)).status_code == 500
    html = await broken(html_bodies=1)
    assert html.headers["Content-Type"].startswith("text/html")
    assert (await broken(unauthorized=1)).status_code == 401
    assert lab.simulator.world.sends[USER] == 0
    empty = await broken(empty_bodies=1)
    assert (empty.status_code, empty.content) == (200, b"")
    assert lab.simulator.world.sends[USER] == 1
    assert (await lab.send())["error"] == 0


@pytest.mark.parametrize(("when", "carried_out"), [("after", 1), ("before", 0)])
async def test_a_lost_answer(lab: Lab, when: str, carried_out: int) -> None:
    await lab.meet()
    await lab.http.post(
        "/faults", json={"drop_answers": 1, "drop_when": when, "drop_seconds": 0.01}
    )
    with pytest.raises(httpx.RemoteProtocolError):
        await lab.http.post(SEND, json=message(), headers=HEADERS)
    assert lab.simulator.world.sends[USER] == carried_out
    assert (await lab.send())["error"] == 0


async def test_chosen_refusals(lab: Lab) -> None:
    await lab.meet()
    await lab.http.post("/faults", json={"refuse": {"-218": 1, "-200": 2}})
    assert [(await lab.send())["error"] for _ in range(4)] == [-218, -200, -200, 0]
    assert (await lab.get("/v2.0/oa/getoa"))["error"] == 0


async def test_slow_answers(lab: Lab) -> None:
    lab.faults.latency = 0.2
    with pytest.raises(httpx.ReadTimeout):
        await lab.http.get("/v2.0/oa/getoa", headers=HEADERS, timeout=0.05)


async def test_calls_side_by_side_are_counted_once_each(lab: Lab) -> None:
    await lab.meet()
    answers = await asyncio.gather(*(lab.send() for _ in range(20)))
    assert {one["error"] for one in answers} == {0}
    assert lab.simulator.world.sends[USER] == 20
    assert len({one["data"]["message_id"] for one in answers}) == 20
