"""One server with the real webhook and the simulated Zalo, and the real sender."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import httpx
import pytest
from aiohttp import web

from bot.clock import FixedClock
from bot.messages import Choice, Outgoing
from integrations.testing import RecordingIntake
from integrations.zalo.account import ZaloAccount
from integrations.zalo.oa.client import Hosts
from integrations.zalo.oa.tokens import static_token
from integrations.zalo.sender import ZaloSender
from integrations.zalo.simulator import Faults, ZaloSimulator
from integrations.zalo.webhook import routes
from tests.integrations.http import serving

COMMUNE, USER, TOKEN = "song-phuong", "1112223334445556667", "token-for-tests"
ACCOUNT = ZaloAccount(
    app_id="900100200300",
    oa_id="7778889990001112223",
    oa_secret="oa-secret-for-tests",
    access_token=static_token(TOKEN),
)
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def outgoing(text: str = "Xin chào bà con", *choices: Choice, **more: object) -> Outgoing:
    """A row of the outbox for :data:`USER`."""
    row = Outgoing("o1", COMMUNE, "zalo", USER, text, choices)
    return replace(row, **more)  # type: ignore[arg-type]


@dataclass
class Town:
    """Everything that a test of the whole channel needs."""

    clock: FixedClock
    intake: RecordingIntake
    simulator: ZaloSimulator
    sender: ZaloSender
    phone: httpx.AsyncClient
    accounts: dict[str, ZaloAccount]

    @property
    def faults(self) -> Faults:
        return self.simulator.faults

    async def meet(self, text: str = "chao") -> None:
        """The citizen writes, so that the OA may answer."""
        await self.phone.post(f"/phone/{USER}/send", json={"text": text})
        await self.simulator.courier.idle()


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    clock, intake = FixedClock(START), RecordingIntake()
    simulator = ZaloSimulator(
        clock,
        "http://127.0.0.1:1/not-yet",
        app_id=ACCOUNT.app_id,
        oa_id=ACCOUNT.oa_id,
        oa_secret=ACCOUNT.oa_secret,
        access_token=TOKEN,
        delay_scale=0.001,
    )
    accounts: dict[str, ZaloAccount] = {}
    app = web.Application()
    app.add_routes(routes(intake, accounts))
    app.add_subapp("/zalo", simulator.app())
    async with serving(app) as address:
        simulator.courier.url = f"{address}/webhooks/zalo/{COMMUNE}"
        accounts[COMMUNE] = replace(ACCOUNT, hosts=Hosts.at(f"{address}/zalo"))
        sender = ZaloSender(accounts, timeout=2.0)
        async with httpx.AsyncClient(base_url=f"{address}/zalo", timeout=25) as phone:
            yield Town(clock, intake, simulator, sender, phone, accounts)
        await sender.close()
