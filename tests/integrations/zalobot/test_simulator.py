"""The simulated platform: strict, and it forgets nothing that was not handed out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from bot.clock import FixedClock
from integrations.simulation.clock import MachineClock
from integrations.zalobot.simulator import BotSimulator
from integrations.zalobot.simulator.__main__ import main
from tests.integrations.http import serving
from tests.integrations.zalobot.conftest import SECRET, START, TOKEN, USER, Town


async def api(town: Town, method: str, body: Any = None) -> Any:
    answer = await town.phone.post(f"/bot{TOKEN}/{method}", json=body)
    assert answer.status_code in (200, answer.json().get("error_code"))
    return answer.json()


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("nothing", {}),
        ("GetMe", {}),
        ("sendMessage", {}),
        ("sendMessage", {"chat_id": "", "text": "a"}),
        ("sendMessage", {"chat_id": "stranger", "text": "a"}),
        ("sendMessage", {"chat_id": USER, "text": 1}),
        ("sendMessage", {"chat_id": USER, "text": " "}),
        ("sendMessage", {"chat_id": USER, "text": "a" * 2001}),
        ("sendMessage", [1]),
        ("sendChatAction", {"chat_id": USER, "action": "upload_photo"}),
        ("getUpdates", {"timeout": "-1"}),
        ("getUpdates", {"timeout": []}),
        ("setWebhook", {"url": "ftp://x.vn/h", "secret_token": SECRET}),
        ("setWebhook", {"url": "http://x.vn/h"}),
        ("setWebhook", {"url": "http://x.vn/h", "secret_token": "short"}),
        ("setWebhook", {"url": "http://x.vn/h", "secret_token": "x" * 257}),
        ("setWebhook", {"url": 1, "secret_token": SECRET}),
        ("getWebhookInfo", {}),
    ],
)
async def test_refusals(town: Town, method: str, body: Any) -> None:
    await town.write()
    answer = await api(town, method, body)
    assert answer["ok"] is False
    assert answer["error_code"] in (400, 404)


async def test_plain_http_is_refused_unless_allowed() -> None:
    simulator = BotSimulator(MachineClock(), TOKEN)
    async with serving(simulator.app()) as base, httpx.AsyncClient(base_url=base) as http:
        body = {"url": "http://127.0.0.1:1/h", "secret_token": SECRET}
        assert (await http.post(f"/bot{TOKEN}/setWebhook", json=body)).status_code == 400
        body["url"] = "https://127.0.0.1:1/h"
        assert (await http.post(f"/bot{TOKEN}/setWebhook", json=body)).status_code == 200


async def test_get_with_a_query_works_too(town: Town) -> None:
    await town.write()
    answer = await town.phone.get(
        f"/bot{TOKEN}/sendMessage", params={"chat_id": USER, "text": "chào"}
    )
    assert answer.json()["ok"] is True
    empty = await town.phone.get(f"/bot{TOKEN}/getUpdates", params={"timeout": "0"})
    assert empty.json()["result"]["message"]["text"] == "chao"


async def test_one_update_at_a_time_in_order(town: Town) -> None:
    for text in ("một", "hai"):
        await town.write(text)
    got = [(await api(town, "getUpdates", {"timeout": 0}))["result"] for _ in range(2)]
    assert [one["message"]["text"] for one in got] == ["một", "hai"]
    empty = await api(town, "getUpdates", {"timeout": "0"})
    assert empty == {"ok": False, "description": "Request timeout", "error_code": 408}


async def test_typing_is_shown_until_the_message(town: Town) -> None:
    await town.write()
    assert await api(town, "sendChatAction", {"chat_id": USER, "action": "typing"}) == {"ok": True}
    assert (await town.phone.get(f"/phone/{USER}/messages")).json()["typing"] is True
    await api(town, "sendMessage", {"chat_id": USER, "text": "chào"})
    shown = (await town.phone.get(f"/phone/{USER}/messages?after=1")).json()
    assert shown["typing"] is False
    assert [m["text"] for m in shown["messages"]] == ["chào"]


async def test_what_the_phone_may_send(town: Town) -> None:
    for body in ({}, {"text": ""}, {"media": "hologram"}):
        assert (await town.phone.post(f"/phone/{USER}/send", json=body)).status_code == 400
    await town.phone.post(f"/phone/{USER}/send", json={"text": "nhóm ơi", "group": "g1"})
    update = (await api(town, "getUpdates", {"timeout": 0}))["result"]
    assert update["message"]["chat"] == {"id": "g1", "chat_type": "GROUP"}


async def test_a_restart_keeps_what_was_not_handed_out(tmp_path: Path) -> None:
    path = tmp_path / "bot.sqlite"
    for expected in (None, "còn đây"):
        simulator = BotSimulator(FixedClock(START), TOKEN, state_path=path)
        async with serving(simulator.app()) as base, httpx.AsyncClient(base_url=base) as http:
            if expected is None:
                await http.post(f"/phone/{USER}/send", json={"text": "còn đây"})
                continue
            answer = await http.post(f"/bot{TOKEN}/getUpdates", json={"timeout": 0})
            assert answer.json()["result"]["message"]["text"] == expected


def test_the_command_explains_itself() -> None:
    result = CliRunner().invoke(main, ["--help"])
    assert result.exit_code == 0
    assert "9401" in result.output
