"""The client against answers that were recorded, and against the simulator."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable

import httpx
import pytest

from bot.messages import (
    PermanentSendError,
    SendError,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.outbound import new_client
from integrations.zalobot.account import BASE, BotAccount
from integrations.zalobot.client import BotClient
from integrations.zalobot.errors import BotTokenError
from integrations.zalobot.redact import hidden
from tests.integrations.zalobot.conftest import SECRET, TOKEN, USER, Town

Handler = Callable[[httpx.Request], httpx.Response]
EMPTY = {"ok": False, "description": "Request timeout", "error_code": 408}


def client_to(handler: Handler, token: str = TOKEN) -> BotClient:
    return BotClient(token, new_client(httpx.MockTransport(handler), 5.0))


def answering(body: object, status: int = 200) -> Handler:
    def handler(request: httpx.Request) -> httpx.Response:
        if isinstance(body, str):
            return httpx.Response(status, text=body)
        return httpx.Response(status, json=body)

    return handler


async def failure(handler: Handler) -> SendError:
    with pytest.raises(SendError) as caught:
        await client_to(handler).send_message(USER, "chào")
    return caught.value


# --- what goes out ---------------------------------------------------------------------


async def test_address_and_bodies() -> None:
    seen: list[tuple[str, object]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url), json.loads(request.content)))
        return httpx.Response(200, json={"ok": True, "result": {"message_id": "m1", "date": 1}})

    client = client_to(handler)
    assert await client.send_message(USER, "chào") == "m1"
    await client.send_chat_action(USER)
    await client.get_updates(30.0)
    await client.set_webhook("https://x.vn/h", SECRET)
    assert seen == [
        (f"{BASE}/bot{TOKEN}/sendMessage", {"chat_id": USER, "text": "chào"}),
        (f"{BASE}/bot{TOKEN}/sendChatAction", {"chat_id": USER, "action": "typing"}),
        (f"{BASE}/bot{TOKEN}/getUpdates", {"timeout": 30}),
        (
            f"{BASE}/bot{TOKEN}/setWebhook",
            {"url": "https://x.vn/h", "secret_token": SECRET},
        ),
    ]


async def test_a_pasted_token_may_have_spaces_and_cannot_leave_the_path() -> None:
    paths: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path.decode())
        return httpx.Response(200, json={"ok": True, "result": {}})

    await client_to(handler, f" {TOKEN}\n").get_me()
    await client_to(handler, "a/../b?c").get_me()
    assert paths == [f"/bot{TOKEN}/getMe", "/bota%2F..%2Fb%3Fc/getMe"]
    with pytest.raises(BotTokenError):
        await client_to(handler, "  ").get_me()


# --- answers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (EMPTY, 408),
        (EMPTY, 200),
        (EMPTY | {"error_code": "408"}, 200),
        ({"ok": False, "description": "Request timeout"}, 200),
        ({"ok": True, "result": {}}, 200),
        ({"ok": True, "result": []}, 200),
        ({"ok": True}, 200),
    ],
)
async def test_a_poll_that_brought_nothing(body: object, status: int) -> None:
    assert await client_to(answering(body, status)).get_updates(1) == []


@pytest.mark.parametrize("result", [{"event_name": "e"}, [{"event_name": "e"}]])
async def test_one_update_or_a_list(result: object) -> None:
    client = client_to(answering({"ok": True, "result": result, "error_code": 0}))
    assert await client.get_updates(1) == [{"event_name": "e"}]


async def test_no_webhook_is_not_an_error() -> None:
    client = client_to(answering({"ok": False, "description": "Not Found", "error_code": 404}, 404))
    assert await client.get_webhook_info() == ""
    await client.delete_webhook()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, PermanentSendError),
        (401, BotTokenError),
        (403, UnknownOutcomeError),
        (404, PermanentSendError),
        (408, UnknownOutcomeError),
        (429, TemporarySendError),
        (500, UnknownOutcomeError),
        (502, UnknownOutcomeError),
        (503, TemporarySendError),
        (426, TemporarySendError),
    ],
)
@pytest.mark.parametrize("mirrored", [True, False])
async def test_every_code(code: int, kind: type[SendError], mirrored: bool) -> None:
    body = {"ok": False, "description": "secret words of Zalo", "error_code": code}
    error = await failure(answering(body, code if mirrored else 200))
    assert type(error) is kind
    assert "secret words" not in error.reason
    if isinstance(error, TemporarySendError):
        assert error.retry_after


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (200, UnknownOutcomeError),
        (401, BotTokenError),
        (403, TemporarySendError),
        (404, TemporarySendError),
        (429, TemporarySendError),
        (502, UnknownOutcomeError),
    ],
)
async def test_pages_of_servers_in_between(status: int, kind: type[SendError]) -> None:
    error = await failure(answering(f"<html>/bot{TOKEN}/ was not found</html>", status))
    assert type(error) is kind
    assert TOKEN not in error.reason


@pytest.mark.parametrize(
    "body", [{"ok": False}, {}, {"ok": 1}, {"ok": "true"}, {"ok": False, "error_code": "9" * 999}]
)
async def test_anything_but_true_is_a_refusal(body: object) -> None:
    assert type(await failure(answering(body))) is TemporarySendError


async def test_retry_after_is_heard() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(429, text="slow down", headers={"Retry-After": "7"})

    error = await failure(handler)
    assert isinstance(error, TemporarySendError)
    assert error.retry_after == 7


# --- the token ---------------------------------------------------------------------------

FAULTS: list[Exception] = [
    httpx.ConnectError(f"failed to reach {BASE}/bot{TOKEN}/sendMessage"),
    httpx.ReadTimeout(f"/bot{TOKEN}/"),
    httpx.UnsupportedProtocol(TOKEN),
    httpx.InvalidURL(TOKEN),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_no_failure_leads_back_to_the_token(fault: Exception) -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise fault

    error = await failure(handler)
    assert error.__cause__ is None
    assert error.__context__ is None
    assert TOKEN not in "".join(traceback.format_exception(error))
    left = isinstance(fault, httpx.ReadTimeout)
    assert type(error) is (UnknownOutcomeError if left else TemporarySendError)


async def test_httpx_may_log_and_still_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="httpx"):
        await client_to(answering({"ok": True, "result": {}})).get_me()
    assert "/bot***/getMe" in caplog.text
    assert TOKEN not in caplog.text


def test_what_is_hidden() -> None:
    assert hidden(f'POST "{BASE}/bot{TOKEN}/getMe"') == f'POST "{BASE}/bot***/getMe"'
    assert TOKEN not in repr(BotAccount(TOKEN, SECRET))
    assert SECRET not in repr(BotAccount(TOKEN, SECRET))


# --- the simulator keeps the same contract -------------------------------------------------


@pytest.mark.parametrize("mirrored", [True, False])
async def test_the_round_of_a_message(town: Town, mirrored: bool) -> None:
    town.simulator.api._mirror_status = mirrored
    assert (await town.client.get_me()).id == "1234567890"
    assert await town.client.get_updates(0) == []
    await town.write("xin hỏi")
    (update,) = await town.client.get_updates(1)
    assert isinstance(update, dict)
    assert update["message"]["text"] == "xin hỏi"
    assert await town.client.get_updates(0) == []
    assert await town.client.send_message(USER, "chào bác")
    assert await town.shown() == ["chào bác"]


async def test_webhooks_are_set_and_removed(town: Town) -> None:
    assert await town.client.get_webhook_info() == ""
    await town.client.set_webhook("https://x.vn/h", SECRET)
    assert await town.client.get_webhook_info() == "https://x.vn/h"
    with pytest.raises(PermanentSendError):
        await town.client.get_updates(0)
    await town.client.delete_webhook()
    assert await town.client.get_updates(0) == []


async def test_refusals(town: Town) -> None:
    with pytest.raises(PermanentSendError):
        await town.client.send_message(USER, "ai đó?")
    await town.write()
    for text in ("", "a" * 2001):
        with pytest.raises(PermanentSendError):
            await town.client.send_message(USER, text)
    stranger = BotClient("1:wrong", town.phone, town.account.base)
    with pytest.raises(BotTokenError):
        await stranger.get_me()
    with pytest.raises(BotTokenError):
        await stranger.get_updates(0)
