"""One server with the real webhook and the simulated gateway, and the real sender."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx
import pytest
from aiohttp import web

from bot.clock import FixedClock
from bot.messages import Outgoing
from integrations.sms.gateway import SmsGateway
from integrations.sms.generic_http.sender import GenericHttpSender
from integrations.sms.generic_http.webhook import routes
from integrations.sms.simulator import Faults, SmsGatewaySimulator
from integrations.testing import RecordingIntake
from tests.integrations.http import serving

COMMUNE, CITIZEN, OFFICE = "song-phuong", "+84912345678", "+84900000001"
GATEWAY = SmsGateway(
    name="generic",
    commune=COMMUNE,
    url="http://127.0.0.1:1/messages",
    own_number=OFFICE,
    secret="webhook-secret-for-tests",
    token="gateway-token-for-tests",
)
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def outgoing(text: str = "Xin chao ba con", message_id: str = "o1") -> Outgoing:
    """A row of the outbox for :data:`CITIZEN`."""
    return Outgoing(message_id, COMMUNE, "sms", CITIZEN, text)


@dataclass
class Town:
    """Everything that a test of the whole channel needs."""

    clock: FixedClock
    intake: RecordingIntake
    simulator: SmsGatewaySimulator
    sender: GenericHttpSender
    handset: httpx.AsyncClient
    webhook: str
    gateways: dict[str, SmsGateway]

    @property
    def faults(self) -> Faults:
        return self.simulator.faults

    async def write(self, text: str, number: str = CITIZEN) -> None:
        """A handset sends ``text``; returns when its webhook is settled."""
        await self.handset.post(f"/handset/{number}/send", json={"text": text})
        await self.simulator.courier.idle()

    async def shown(self, number: str = CITIZEN) -> list[dict[str, object]]:
        """What the handset shows."""
        answer = await self.handset.get(f"/handset/{number}/messages")
        messages: list[dict[str, object]] = answer.json()["messages"]
        return messages


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    clock, intake = FixedClock(START), RecordingIntake()
    simulator = SmsGatewaySimulator(
        clock,
        "http://127.0.0.1:1/not-yet",
        secret=GATEWAY.secret,
        token=GATEWAY.token,
        own_number=OFFICE,
        delay_scale=0.001,
    )
    app = web.Application()
    app.add_routes(routes(intake, {("generic", COMMUNE): GATEWAY}, clock))
    app.add_subapp("/sms", simulator.app())
    async with serving(app) as address:
        webhook = f"{address}/webhooks/sms/generic/{COMMUNE}"
        simulator.courier.url = webhook
        gateways = {COMMUNE: replace(GATEWAY, url=f"{address}/sms/messages")}
        sender = GenericHttpSender(gateways, timeout=2.0)
        async with httpx.AsyncClient(base_url=f"{address}/sms", timeout=25) as handset:
            yield Town(clock, intake, simulator, sender, handset, webhook, gateways)
        await sender.close()
