"""One server with the real webhook and the simulated platform, and the real sender."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import httpx
import pytest
from aiohttp import web

from bot.clock import FixedClock
from bot.messages import Choice, Outgoing
from integrations.testing import RecordingIntake
from integrations.zalobot.account import BotAccount
from integrations.zalobot.client import BotClient
from integrations.zalobot.lease import MemoryPollLease, PollLease
from integrations.zalobot.polling import Poller
from integrations.zalobot.sender import BotSender
from integrations.zalobot.simulator import BotSimulator, Faults
from integrations.zalobot.webhook import routes
from tests.integrations.http import serving

COMMUNE, USER, TOKEN = "song-phuong", "6ede9afa66b88fe6d6a9", "1234567890:bi-mat-cua-bot"
SECRET = "secret-for-tests"
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def outgoing(text: str = "Xin chào bà con", *choices: Choice, **more: object) -> Outgoing:
    """A row of the outbox for :data:`USER`."""
    row = Outgoing("o1", COMMUNE, "zalobot", USER, text, choices)
    return replace(row, **more)  # type: ignore[arg-type]


@dataclass
class Town:
    """Everything that a test of the whole channel needs."""

    intake: RecordingIntake
    simulator: BotSimulator
    accounts: dict[str, BotAccount]
    sender: BotSender
    client: BotClient
    phone: httpx.AsyncClient
    address: str
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def faults(self) -> Faults:
        return self.simulator.faults

    @property
    def account(self) -> BotAccount:
        return self.accounts[COMMUNE]

    @account.setter
    def account(self, account: BotAccount) -> None:
        self.accounts[COMMUNE] = account

    async def write(self, text: str = "chao", user: str = USER) -> None:
        """A citizen writes to the bot."""
        answer = await self.phone.post(f"/phone/{user}/send", json={"text": text})
        assert answer.is_success

    async def shown(self, user: str = USER) -> list[str]:
        """What the bot's bubbles on the phone say."""
        answer = await self.phone.get(f"/phone/{user}/messages")
        return [m["text"] for m in answer.json()["messages"] if m["from"] == "oa"]

    def texts(self) -> list[str]:
        """What the intake got."""
        return [inbound.text for inbound in self.intake.inbounds]

    def poller(self, lease: PollLease | None = None, **more: str) -> Poller:
        """A poller with short pauses; it polls for a second at a time."""

        async def problem(commune: str, sentence: str) -> None:
            self.problems.append((commune, sentence))

        lease = lease or MemoryPollLease()
        args = (self.intake, self.accounts, lease, problem)
        return Poller(*args, poll_seconds=1, scale=0.005, owner=more.get("owner", ""))


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    intake, accounts = RecordingIntake(), dict[str, BotAccount]()
    simulator = BotSimulator(FixedClock(START), TOKEN, allow_http=True, delay_scale=0.001)
    app = web.Application()
    app.add_routes(routes(intake, accounts))
    app.add_subapp("/platform", simulator.app())
    async with serving(app) as address:
        base = f"{address}/platform"
        accounts[COMMUNE] = BotAccount(TOKEN, base=base)
        sender = BotSender(accounts, timeout=2.0)
        async with httpx.AsyncClient(base_url=base, timeout=25) as http:
            client = BotClient(TOKEN, http, base)
            yield Town(intake, simulator, accounts, sender, client, http, address)
        await sender.close()
