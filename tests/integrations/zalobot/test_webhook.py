"""The pushed way: each step with what may go wrong in it, then the whole way."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from bot.messages import InboundKind
from integrations.zalobot.webhook import HEADER, MAX_BODY, same_secret
from tests.integrations.http import until
from tests.integrations.zalobot.conftest import COMMUNE, SECRET, USER, Town
from tests.integrations.zalobot.test_inbound import update

PATH = f"/webhooks/zalobot/{COMMUNE}"


async def knock(
    town: Town, raw: bytes, header: str | bytes | None = SECRET, path: str = PATH
) -> int:
    """POST ``raw``, as a bot with a webhook secret would get it."""
    town.account = replace(town.account, webhook_secret=SECRET)
    name, value = HEADER.encode(), header.encode() if isinstance(header, str) else header
    headers = {name: value} if value is not None else {}
    answer = await town.phone.post(town.address + path, content=raw, headers=headers)
    return answer.status_code


def body(text: str) -> bytes:
    return json.dumps({"ok": True, "result": update(text=text)}).encode()


async def test_stored_once(town: Town) -> None:
    assert await knock(town, body("chào")) == 200
    assert await knock(town, body("chào")) == 200
    assert town.texts() == ["chào"]
    assert town.intake.duplicates == 1


@pytest.mark.parametrize("header", [None, "", "secret-for-test", "x" * 9000, "bí mật".encode()])
async def test_strangers_are_refused(town: Town, header: str | bytes | None) -> None:
    with capture_logs() as logs:
        status = await knock(town, body("bí mật của bà"), header)
    assert status in (400, 401)  # 400: aiohttp's own limit on a header's length
    assert not town.intake.inbounds
    assert "bà" not in str(logs)
    assert SECRET not in str(logs)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
async def test_malformed_bodies(town: Town, raw: bytes) -> None:
    assert await knock(town, raw) == 400
    assert await knock(town, raw, "wrong") == 401


async def test_where_nobody_listens(town: Town) -> None:
    for commune in ("elsewhere", "%00"):
        assert await knock(town, body("x"), path=f"/webhooks/zalobot/{commune}") == 404
    assert (await town.phone.get(town.address + PATH)).text == "ok"
    town.account = replace(town.account, webhook_secret="")
    answer = await town.phone.post(town.address + PATH, content=body("x"), headers={HEADER: ""})
    assert answer.status_code == 404
    assert (await town.phone.get(town.address + PATH)).status_code == 404


async def test_too_large(town: Town) -> None:
    assert await knock(town, b" " * (MAX_BODY + 1)) == 413


async def test_a_failing_intake_asks_for_a_repeat(town: Town) -> None:
    town.intake.fail_next = 1
    assert await knock(town, body("còn đó không")) == 503
    assert await knock(town, body("còn đó không")) == 200
    assert town.texts() == ["còn đó không"]


def test_an_empty_secret_is_never_the_same() -> None:
    assert not same_secret("", "")
    assert same_secret(SECRET, SECRET)


async def test_the_whole_way(town: Town) -> None:
    town.account = replace(town.account, webhook_secret=SECRET)
    await town.write("trước")  # waits until there is somebody to post it to
    await town.client.set_webhook(town.address + PATH, SECRET)
    town.intake.fail_next = 1
    await town.write("sau")
    await town.phone.post(f"/phone/{USER}/send", json={"media": "image", "caption": "đây ạ"})
    await until(lambda: len(town.intake.inbounds) == 2)
    assert sorted(town.texts()) == ["sau", "đây ạ"]
    assert {i.kind for i in town.intake.inbounds} == {InboundKind.TEXT, InboundKind.MEDIA}
    await town.client.delete_webhook()
    assert len(await town.client.get_updates(1)) == 1


async def test_a_wrong_secret_is_never_accepted(town: Town) -> None:
    town.account = replace(town.account, webhook_secret=SECRET)
    await town.client.set_webhook(town.address + PATH, "another-secret")
    await town.write("chào")
    await town.simulator.courier.idle()
    assert not town.intake.inbounds
