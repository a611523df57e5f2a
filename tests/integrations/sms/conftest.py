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
from integrations.sms.gateway import GatewayConfig, Tools
from integrations.sms.pool import Pool
from integrations.sms.sender import SmsSender
from integrations.sms.simulator import Faults, SmsGatewaySimulator
from integrations.sms.webhook import routes
from integrations.testing import RecordingIntake
from tests.integrations.http import serving

COMMUNE, CITIZEN, OFFICE = "song-phuong", "+84912345678", "+84900000001"
SECRET, TOKEN = "webhook-secret-for-tests", "gateway-token-for-tests"
GATEWAY = GatewayConfig(
    commune=COMMUNE,
    name="generic",
    kind="generic",
    own_number=OFFICE,
    options={"url": "http://127.0.0.1:1/messages"},
    secrets={"secret": SECRET, "token": TOKEN},
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
    sender: SmsSender
    handset: httpx.AsyncClient
    webhook: str
    pool: Pool

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
        secret=SECRET,
        token=TOKEN,
        own_number=OFFICE,
        delay_scale=0.001,
    )
    pool = Pool(Tools(clock))
    app = web.Application()
    app.add_routes(routes(intake, pool, clock))
    app.add_subapp("/sms", simulator.app())
    async with serving(app) as address:
        webhook = f"{address}/webhooks/sms/generic/{COMMUNE}"
        simulator.courier.url = webhook
        pool.take([replace(GATEWAY, options={"url": f"{address}/sms/messages"})])
        async with httpx.AsyncClient(base_url=f"{address}/sms", timeout=25) as handset:
            yield Town(clock, intake, simulator, SmsSender(pool), handset, webhook, pool)
        await pool.close()
