"""A commune whose time can be moved: hotro's web and worker in this process, real HTTP around.

Towns (town.py) have real processes; here the model's process is real, and the citizens' clock
and Zalo's are one clock that a test moves by days.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from aiohttp import web
from sqlalchemy import func, select

from bot.clock import LOCAL, ShiftedClock, SystemClock
from bot.core import Core, open_core
from bot.settings import Settings, SmsSettings
from bot.store import accounts, conversations, handovers, transcript
from bot.store.handovers import HandOverView
from bot.store.models import InboxRow, OutboxRow, Reminder
from bot.store.transcript import Line
from bot.web_app import listening, web_app
from bot.working import working
from bot.zalo_desk import Accounts
from integrations.simulation.journal import Bubble
from integrations.sms.simulator.app import SmsGatewaySimulator
from integrations.zalo.simulator import Policy, Template, ZaloSimulator
from tests.acceptance.town import APP, KEY, OA, OFFICE, SECRETS, until
from tests.factories import HOME
from tests.peers import free_port

TEMPLATE = "310001"
RULES = Policy(
    per_minute=2000,
    templates={
        TEMPLATE: Template("Nhắc việc", {"viec": 100, "ngay": 30, "noi": 100, "dien_thoai": 30})
    },
)
"""The comprehensive package, and a template with what our reminders fill in."""
AT = 9
"""O'clock in Vietnam: reminders and templates leave by day only."""


@dataclass
class Village:
    """Everything in it; ``clock`` is the citizens' and Zalo's time."""

    core: Core
    clock: ShiftedClock
    zalo: ZaloSimulator
    sms: SmsGatewaySimulator
    base: str
    sim: str
    desk: Accounts

    # --- connecting -----------------------------------------------------------------

    async def connect(self) -> httpx.Response:
        """An administrator fills in the page, consents at Zalo and comes back to us.

        Returns our own page, to which Zalo sent the browser.
        """
        entered = {"app_id": APP, "oa_id": OA, "openapi": f"{self.sim}/zalo"}
        entered |= {"app_secret": SECRETS["app"], "oa_secret": SECRETS["oa"]}
        state = await self.desk.save(HOME, {**entered, "per_minute": "2000", "template": TEMPLATE})
        self.zalo.oauth.redirect_uri = state.callback_url
        consent = await self.desk.connect(HOME)
        async with httpx.AsyncClient(trust_env=False) as browser:
            asked = await browser.get(consent)
            assert asked.status_code == 200, asked.text
            assert "Đồng ý" in asked.text
            agreed = await browser.post(consent, data=dict(httpx.URL(consent).params))
            back = agreed.headers["Location"]
            assert back.startswith(state.callback_url)
            saved = await browser.post(
                f"{self.sim}/zalo/console/webhook", json={"url": self._here(state.webhook_url)}
            )
            assert saved.json() == {"ok": True}
            return await browser.get(self._here(back))

    def _here(self, address: str) -> str:
        parts = urlsplit(address)
        return f"{self.base}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    # --- time -----------------------------------------------------------------------

    def now(self) -> datetime:
        """The citizens' now."""
        return self.clock.now()

    async def later(self, by: timedelta) -> None:
        """The clock is moved; what is due now is taken up."""
        self.clock.offset += by
        for topic in ("schedule", "outbox", "inbox"):
            self.core.wakeups.notify(topic)
        await self.calm()

    async def calm(self, seconds: float = 30) -> None:
        """Return when everything has been posted, answered, sent and reported."""

        async def quiet() -> bool:
            await self.zalo.courier.idle()
            await self.sms.courier.idle()
            return not await self._open() and not self.zalo.courier._tasks

        await until(quiet, seconds)

    async def _open(self) -> int:
        now = self.clock.now()
        inbox = select(func.count()).select_from(InboxRow).where(InboxRow.state == "new")
        waits = OutboxRow.state.in_(("queued", "sending")) & (OutboxRow.not_before <= now)
        outbox = select(func.count()).select_from(OutboxRow).where(waits)
        due = (Reminder.state == "scheduled") & (Reminder.due_at <= now)
        reminders = select(func.count()).select_from(Reminder).where(due)
        async with self.core.store.read() as session:
            return sum([int(await session.scalar(q) or 0) for q in (inbox, outbox, reminders)])

    # --- citizens and officers ------------------------------------------------------

    async def says(self, who: str, text: str, **more: str) -> list[Bubble]:
        """A citizen writes (``quote=``) or taps (``shown=``); returns what came back."""
        before = self.seq(who)
        self.zalo.world.type(who, text, **more)
        await self.calm()
        return self.answers(who, before)

    async def taps(self, who: str, bubble: Bubble, label: str) -> list[Bubble]:
        """A citizen taps the button ``label`` of ``bubble``."""
        (payload,) = [b["value"] for b in buttons(bubble) if b["title"] == label]
        return await self.says(who, payload, shown=label)

    def seq(self, who: str) -> int:
        """The number of the newest bubble on the phone."""
        return max((bubble.seq for bubble in self.zalo.world.journal.since(who, 0)), default=0)

    def answers(self, who: str, after: int = 0) -> list[Bubble]:
        """What the phone shows from the office after bubble ``after``."""
        shown = self.zalo.world.journal.since(who, after)
        return [bubble for bubble in shown if bubble.author != "user"]

    def texts(self, phone: str) -> list[str]:
        """What a basic phone got by SMS."""
        shown = self.sms.network.journal.since(phone, 0)
        return [bubble.text for bubble in shown if bubble.author != "user"]

    # --- the store ------------------------------------------------------------------

    async def conversation(self, who: str) -> int:
        async with self.core.store.read() as session:
            found = await conversations.find(session, HOME, "zalo", who)
        assert found is not None
        return found

    async def lines(self, who: str) -> list[Line]:
        """The conversation as an officer reads it."""
        async with self.core.store.read() as session:
            return await transcript.read(session, await self.conversation(who))

    async def handed_over(self) -> Sequence[HandOverView]:
        """The officers' list."""
        async with self.core.store.read() as session:
            return await handovers.listing(session, HOME)

    async def token_version(self) -> int:
        """How often the pair of tokens was replaced."""
        async with self.core.store.read() as session:
            found = await accounts.tokens(session, HOME, "zalo")
        assert found is not None
        return found.version

    async def quoted(self, who: str) -> list[str]:
        """Which of our messages the citizen's ones quote."""
        where = InboxRow.conversation_id == await self.conversation(who)
        async with self.core.store.read() as session:
            rows = await session.scalars(select(InboxRow).where(where).order_by(InboxRow.id))
            return [row.reply_to for row in rows if row.reply_to]

    async def owner(self, who: str) -> str:
        """Who answers: the bot or an officer."""
        async with self.core.store.read() as session:
            found = await conversations.get(session, await self.conversation(who))
        assert found is not None
        return found.owner

    async def reminders(self) -> list[tuple[str, str]]:
        """State and tried ways of every reminder."""
        async with self.core.store.read() as session:
            rows = await session.scalars(select(Reminder).order_by(Reminder.id))
            return [(row.state, row.tried) for row in rows]


def buttons(bubble: Bubble) -> list[dict[str, Any]]:
    """The buttons under a bubble: title, kind, value."""
    found = bubble.extra.get("buttons", [])
    assert isinstance(found, list)
    return found


def kind(bubble: Bubble) -> str:
    """text, form, template, ..."""
    return str(bubble.extra.get("kind"))


@asynccontextmanager
async def village(folder: Path, model: Path, policy: Policy = RULES) -> AsyncIterator[Village]:
    """A village with its simulators; nothing is connected yet."""
    async with AsyncExitStack() as stack:
        clock = ShiftedClock(SystemClock(), _until_morning())
        zalo = ZaloSimulator(
            clock,
            "",
            app_id=APP,
            oa_id=OA,
            oa_secret=SECRETS["oa"],
            app_secret=SECRETS["app"],
            policy=policy,
            delay_scale=0.001,
        )
        port = free_port()
        sms = _gateway(clock, port)
        sim = await stack.enter_async_context(_simulated(zalo, sms))
        core = await stack.enter_async_context(
            open_core(_settings(folder, model, port, sim), clock)
        )

        async def ready() -> None:
            return None

        await stack.enter_async_context(listening(core, web_app(core, ready)))
        hands = await stack.enter_async_context(working(core))
        await hands.nlu.wait_ready(60)
        desk = Accounts(core.settings, core.store, core.outside, core.clock, core.wall)
        yield Village(core, clock, zalo, sms, f"http://127.0.0.1:{port}", sim, desk)


def _until_morning() -> timedelta:
    now = datetime.now(LOCAL)
    return now.replace(hour=AT, minute=0, second=0) - now


def _gateway(clock: ShiftedClock, port: int) -> SmsGatewaySimulator:
    return SmsGatewaySimulator(
        clock,
        f"http://127.0.0.1:{port}/webhooks/sms/generic/{HOME}",
        secret=SECRETS["sms"],
        token=SECRETS["sms_token"],
        own_number=OFFICE,
        delay_scale=0.01,
    )


@asynccontextmanager
async def _simulated(zalo: ZaloSimulator, sms: SmsGatewaySimulator) -> AsyncIterator[str]:
    app = web.Application()
    app.add_subapp("/zalo", zalo.app())
    app.add_subapp("/sms", sms.app())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _settings(folder: Path, model: Path, port: int, sim: str) -> Settings:
    models = folder / "models"
    shutil.copytree(model.parent, models / model.parent.name)
    shutil.copy(model.parents[1] / "current.json", models / "current.json")
    assert json.loads((models / "current.json").read_text())
    gateway = SmsSettings(
        url=f"{sim}/sms/messages",
        own_number=OFFICE,
        secret=SECRETS["sms"],
        token=SECRETS["sms_token"],
        per_minute=0,
        per_hour=0,
        per_day=0,
    )
    return Settings(
        data_dir=folder,
        secret_key=KEY,
        port=port,
        lease_seconds=3,
        unsure_seconds=1,
        sms={HOME: gateway},
        zalo={},
    )
