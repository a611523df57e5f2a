"""The gateway simulator: strict about its contract, and it forgets nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.clock import FixedClock
from bot.messages import PermanentSendError, TemporarySendError
from integrations.sms.gateway import Tools
from integrations.sms.generic_http.gateway import GenericGateway
from integrations.sms.pool import Pool
from integrations.sms.simulator import SmsGatewaySimulator
from integrations.sms.webhook import routes
from integrations.testing import RecordingIntake
from tests.integrations.http import serving, until
from tests.integrations.sms.conftest import (
    CITIZEN,
    COMMUNE,
    GATEWAY,
    OFFICE,
    SECRET,
    START,
    TOKEN,
    Town,
    outgoing,
)

GOOD = {"id": "x1", "to": CITIZEN, "from": OFFICE, "text": "Xin chao"}
AUTH = {"Authorization": f"Bearer {TOKEN}"}


async def post(town: Town, body: Any, headers: dict[str, str] = AUTH) -> httpx.Response:
    return await town.handset.post("/messages", json=body, headers=headers)


async def test_taking_and_asking(town: Town) -> None:
    first = await post(town, GOOD)
    assert (first.status_code, first.json()["id"], first.json()["parts"]) == (202, "x1", 1)
    again = await post(town, GOOD | {"text": "khac"})
    assert again.json()["id"] == "x1"
    assert [m["text"] for m in await town.shown()] == ["Xin chao"]
    asked = await town.handset.get("/messages/x1", headers=AUTH)
    assert asked.json() == {"id": "x1", "status": "delivered", "parts": 1}
    assert (await town.handset.get("/messages/x2", headers=AUTH)).status_code == 404


async def test_tokens(town: Town) -> None:
    assert (await post(town, GOOD, {})).status_code == 401
    assert (await post(town, GOOD, {"Authorization": "Bearer wrong"})).status_code == 401
    assert (await town.handset.get("/messages/x1")).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({}, 400),
        (GOOD | {"more": 1}, 400),
        (GOOD | {"text": 1}, 400),
        (GOOD | {"id": ""}, 400),
        (GOOD | {"id": "x" * 65}, 400),
        (GOOD | {"to": "0912345678"}, 422),
        (GOOD | {"to": "VIETTEL"}, 422),
        (GOOD | {"from": CITIZEN}, 422),
        (GOOD | {"text": ""}, 422),
        (GOOD | {"text": "a" * 1225}, 422),
        (GOOD | {"text": "a" * 1224}, 202),
    ],
)
async def test_shapes_and_limits(town: Town, body: Any, status: int) -> None:
    assert (await post(town, body)).status_code == status


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, PermanentSendError),
        (422, PermanentSendError),
        (401, TemporarySendError),
        (402, TemporarySendError),
        (404, TemporarySendError),
        (503, TemporarySendError),
    ],
)
async def test_statuses_are_sorted(status: int, kind: type[Exception]) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(status))
    sender = GenericGateway(GATEWAY, Tools(FixedClock(START), transport))
    with pytest.raises(kind) as caught:
        await sender.send(outgoing())
    assert type(caught.value) is kind
    await sender.close()


async def test_an_answer_without_an_id_is_known_by_ours() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text="OK"))
    sender = GenericGateway(GATEWAY, Tools(FixedClock(START), transport))
    assert (await sender.send(outgoing())).provider_message_id == "generic:o1"
    await sender.close()


async def test_nobody_listens() -> None:
    sender = GenericGateway(GATEWAY, Tools(FixedClock(START)))
    with pytest.raises(TemporarySendError):
        await sender.send(outgoing())
    await sender.close()


@pytest.mark.parametrize("content", [{}, {"text": 7}, []])
async def test_the_handset_refuses_nonsense(town: Town, content: object) -> None:
    path = f"/handset/{CITIZEN}/send"
    assert (await town.handset.post(path, json=content)).status_code == 400


async def test_faults_are_switched_over_http(town: Town) -> None:
    answer = await town.handset.post("/faults", json={"drop_answers": -1, "drop_seconds": 1})
    assert answer.json()["drop_answers"] == -1
    assert town.faults.drop_seconds == 1.0


async def test_a_restart_keeps_handsets_and_what_was_not_acknowledged(tmp_path: Path) -> None:
    intake, clock = RecordingIntake(), FixedClock(START)

    def simulator() -> SmsGatewaySimulator:
        return SmsGatewaySimulator(
            clock,
            "http://127.0.0.1:1/nobody",
            secret=SECRET,
            token=TOKEN,
            own_number=OFFICE,
            state_path=tmp_path / "sms.sqlite",
        )

    path = f"/handset/{CITIZEN}"
    async with serving(simulator().app()) as address, httpx.AsyncClient(base_url=address) as http:
        await http.post(f"{path}/send", json={"text": "con ai khong"})
    after = simulator()
    app, pool = web.Application(), Pool(Tools(clock))
    pool.take([GATEWAY])
    app.add_routes(routes(intake, pool, clock))
    app.add_subapp("/sms", after.app())
    async with serving(app) as address, httpx.AsyncClient(base_url=f"{address}/sms") as http:
        after.courier.url = f"{address}/webhooks/sms/generic/{COMMUNE}"
        shown = (await http.get(f"{path}/messages")).json()["messages"]
        assert [m["text"] for m in shown] == ["con ai khong"]
        await until(lambda: [i.text for i in intake.inbounds] == ["con ai khong"])
    await pool.close()
