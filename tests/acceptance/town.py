"""A commune for acceptance tests: real ``hotro`` processes between two honest simulators."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from aiohttp import web
from sqlalchemy import func, select

from bot.clock import SystemClock
from bot.outside_zalo import ZALO, SqlTokens
from bot.store import accounts, outbox
from bot.store.accounts import Tokens
from bot.store.engine import Store
from bot.store.migrate import upgrade
from bot.store.models import InboxRow, OutboxRow
from bot.store.vault import Vault
from integrations.simulation.faults import Faults
from integrations.sms.simulator.app import SmsGatewaySimulator
from integrations.zalo.oa.oauth import ACCESS_LIFE, REFRESH_LIFE, TokenPair
from integrations.zalo.simulator.app import ZaloSimulator
from integrations.zalo.simulator.policy import Policy
from tests.factories import HOME, ROOT
from tests.peers import free_port

OA = "1000000000000000001"
OFFICE = "+84900000113"
APP = "2000000000000000002"
SECRETS = {
    "oa": "oa-secret",
    "app": "app-secret",
    "token": "zalo-token",
    "refresh": "zalo-refresh-token",
    "sms": "sms-secret",
    "sms_token": "sms-token",
}
FREELY = Policy(free_replies=None, per_minute=1_000_000)
"""A package that stands in nobody's way."""
KEY = "the key of the acceptance tests"
LEASE = 3
"""Seconds; so long the work of a killed process waits."""
UNSURE = 1

PYTHON = (sys.executable, "-X", "faulthandler")


@dataclass
class Process:
    """One running ``hotro`` process with its log."""

    handle: asyncio.subprocess.Process
    log: Path

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self.handle.returncode is None

    async def kill(self) -> None:
        """SIGKILL: nothing in it gets to know."""
        if self.alive:
            self.handle.send_signal(signal.SIGKILL)
        await self.handle.wait()

    async def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        self.handle.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.handle.wait(), 30)

    async def until_says(self, words: str) -> None:
        """Return when the log holds ``words``."""
        await until(lambda: words in self.said or not self.alive)
        assert words in self.said, self.said[-3000:]

    def children(self) -> list[int]:
        """Process ids of its children."""
        tasks = Path(f"/proc/{self.handle.pid}/task").glob("*/children")
        return [int(pid) for task in tasks for pid in task.read_text().split()]


@dataclass
class Town:
    """Simulators in this process, ``hotro`` in others, one database between them."""

    folder: Path
    database: str
    zalo: ZaloSimulator
    sms: SmsGatewaySimulator
    port: int
    sim_port: int
    lease: float = LEASE
    processes: list[Process] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def openapi(self) -> str:
        """Where the simulated Zalo is."""
        return f"http://127.0.0.1:{self.sim_port}/zalo"

    def environment(self) -> dict[str, str]:
        """What the processes run with."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("HOTRO_")}
        return own | {
            "HOTRO_CONFIG": str(self.folder / "hotro.toml"),
            "HOTRO_DATA_DIR": str(self.folder / "var"),
            "HOTRO_DATABASE_URL": self.database,
            "HOTRO_SECRET_KEY": KEY,
            "HOTRO_PORT": str(self.port),
            "HOTRO_LEASE_SECONDS": str(self.lease),
            "HOTRO_UNSURE_SECONDS": str(UNSURE),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "no_proxy": "127.0.0.1",
        }

    def write_settings(self, *, token: str = SECRETS["token"], openapi: str = "") -> None:
        """Accounts in hotro.toml, as a commune's volunteer writes them.

        Without ``token`` the OA has to be connected (:meth:`connect`); ``openapi`` is another
        address of Zalo than the simulator in this process.
        """
        sim = f"http://127.0.0.1:{self.sim_port}"
        pasted = f'access_token = "{token}"' if token else ""
        (self.folder / "hotro.toml").write_text(
            f"""
[zalo.{HOME}]
app_id = "{APP}"
oa_id = "{OA}"
oa_secret = "{SECRETS["oa"]}"
{pasted}
openapi = "{openapi or self.openapi}"
per_minute = {FREELY.per_minute}

[sms.{HOME}]
url = "{sim}/sms/messages"
own_number = "{OFFICE}"
secret = "{SECRETS["sms"]}"
token = "{SECRETS["sms_token"]}"
per_minute = 0
per_hour = 0
per_day = 0
"""
        )

    async def connect(self, *, openapi: str = "", **settings: object) -> None:
        """An OA that consented: with a pair of tokens that are renewed, none in hotro.toml.

        ``openapi``: see :meth:`write_settings`; ``settings``: more of what is entered in the
        console (per_minute, template, ...).
        """
        self.write_settings(token="", openapi=openapi)
        clock = SystemClock()
        now = clock.now()
        pair = TokenPair(
            SECRETS["token"], SECRETS["refresh"], now + ACCESS_LIFE, now + REFRESH_LIFE
        )
        async with self.store() as store:
            await upgrade(store)
            async with store.write() as session:
                own = {"app_secret": SECRETS["app"]}
                await accounts.put(session, HOME, ZALO, settings, own, now)
            assert await SqlTokens(store, HOME, clock).save(OA, pair, 0)

    async def tokens(self) -> Tokens:
        """The pair of the connected OA as it is now."""
        async with self.store() as store, store.read() as session:
            found = await accounts.tokens(session, HOME, ZALO)
        assert found is not None
        return found

    def share_model(self, model: Path) -> None:
        """Use a copy of a trained model: the original may be replaced during the test."""
        models = self.folder / "var" / "models"
        shutil.copytree(model.parent, models / model.parent.name)
        shutil.copy(model.parents[1] / "current.json", models / "current.json")

    async def start(self, *arguments: str) -> Process:
        """Start ``hotro web``, ``hotro worker``, ..."""
        return await self.start_python("-m", "bot.cli", *arguments)

    async def start_python(self, *arguments: str) -> Process:
        """Start Python with these arguments in the town's environment."""
        log = self.folder / f"process-{len(self.processes)}.log"
        with log.open("wb") as out:
            handle = await asyncio.create_subprocess_exec(
                *PYTHON,
                *arguments,
                cwd=self.folder,
                env=self.environment(),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        self.processes.append(Process(handle, log))
        return self.processes[-1]

    async def open_web(self) -> Process:
        """Start the web process; returns when it answers."""
        started = await self.start("web")
        await started.until_says("hotro đang nghe")
        return started

    # --- citizens -------------------------------------------------------------------

    def says(self, who: str, text: str) -> None:
        """A citizen writes: by SMS from a number, otherwise on Zalo."""
        if who.startswith("+"):
            self.sms.network.write(who, text)
        else:
            self.zalo.world.type(who, text)

    def answers(self, who: str) -> list[str]:
        """What the citizen's phone shows from the office, in order."""
        journal = self.sms.network.journal if who.startswith("+") else self.zalo.world.journal
        return [bubble.text for bubble in journal.since(who, 0) if bubble.author != "user"]

    async def heard_all(self) -> None:
        """Return when the web process has acknowledged everything that was posted."""
        await self.zalo.courier.idle()
        await self.sms.courier.idle()

    # --- the database ---------------------------------------------------------------

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Store]:
        """The database, looked at from outside."""
        store = Store(self.database, Vault(KEY))
        try:
            yield store
        finally:
            await store.close()

    async def open_rows(self) -> dict[str, int]:
        """How many rows are not finished, by state."""
        inbox = select(InboxRow.state, func.count()).where(InboxRow.state != "done")
        waiting = OutboxRow.state.in_(("queued", "sending"))
        outbox = select(OutboxRow.state, func.count()).where(waiting)
        async with self.store() as store, store.read() as session:
            rows = (await session.execute(inbox.group_by(InboxRow.state))).all()
            rows = [*rows, *(await session.execute(outbox.group_by(OutboxRow.state))).all()]
        return {str(state): int(count) for state, count in rows}

    async def outbox_states(self) -> dict[str, int]:
        """How many messages to citizens are in each state."""
        async with self.store() as store, store.read() as session:
            return await outbox.depth(session)

    async def settled(self, seconds: float = 90) -> None:
        """Return when every message is answered and nothing waits to be sent."""
        await self.heard_all()

        async def quiet() -> bool:
            return not await self.open_rows()

        try:
            await until(quiet, seconds, every=0.2)
        except TimeoutError:
            tails = [f"{p.log.name}:\n{p.said[-1500:]}" for p in self.processes[-2:]]
            raise AssertionError("\n".join([f"left: {await self.open_rows()}", *tails])) from None

    async def metric(self, name: str) -> float:
        """The sum of a metric's series on the web process."""
        async with httpx.AsyncClient(trust_env=False) as client:
            lines = (await client.get(f"{self.address}/metrics")).text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + "{"))


@asynccontextmanager
async def town(
    folder: Path,
    database: str,
    *,
    policy: Policy = FREELY,
    faults: Faults | None = None,
    connected: bool = False,
    delay_scale: float = 0.02,
) -> AsyncIterator[Town]:
    """Simulators that are listening; every process that was started is ended with the block.

    ``connected``: the first access token of Zalo ends as every token does, and can be renewed;
    :meth:`Town.connect` tells hotro of it. ``delay_scale`` shortens Zalo's retry ladder.
    """
    clock = SystemClock()
    port, sim_port = free_port(), free_port()
    zalo = ZaloSimulator(
        clock,
        f"http://127.0.0.1:{port}/webhooks/zalo/{HOME}",
        app_id=APP,
        oa_id=OA,
        oa_secret=SECRETS["oa"],
        access_token=SECRETS["token"],
        refresh_token=SECRETS["refresh"] if connected else "",
        app_secret=SECRETS["app"],
        policy=policy,
        faults=faults,
        delay_scale=delay_scale,
    )
    sms = SmsGatewaySimulator(
        clock,
        f"http://127.0.0.1:{port}/webhooks/sms/generic/{HOME}",
        secret=SECRETS["sms"],
        token=SECRETS["sms_token"],
        own_number=OFFICE,
        delay_scale=0.05,
    )
    app = web.Application()
    app.add_subapp("/zalo", zalo.app())
    app.add_subapp("/sms", sms.app())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", sim_port).start()
    made = Town(folder, database, zalo, sms, port, sim_port)
    made.write_settings()
    try:
        yield made
    finally:
        for process in made.processes:
            await process.kill()
        await runner.cleanup()


async def until(
    condition: Callable[[], bool | Awaitable[bool]], seconds: float = 60, every: float = 0.05
) -> None:
    """Wait for ``condition``.

    Raises:
        TimeoutError: it did not come true.
    """
    async with asyncio.timeout(seconds):
        while True:
            met = condition()
            if met if isinstance(met, bool) else await met:
                return
            await asyncio.sleep(every)


def in_order(expected: dict[tuple[str, str], list[str]], kind: str, asked: Sequence[str]) -> Any:
    """All answers that a citizen of one channel must have after ``asked``."""
    return [answer for question in asked for answer in expected[kind, question]]
