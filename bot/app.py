"""The composition root: the only module that knows everybody.

``run`` starts the parts asked for in one process: the web server first (it accepts and
stores messages at once), then worker, sender and scheduler. The model is loaded by a child
process meanwhile.
"""

from __future__ import annotations

import asyncio
import errno
import secrets
import signal
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import structlog
from aiohttp import web
from sqlalchemy import make_url

from bot.announcing.desk import AnnouncementDesk, Office
from bot.channels import Standing
from bot.clock import Clock, SystemClock, local_date
from bot.delivery.intake import StoreIntake
from bot.delivery.wakeups import LocalWakeups, Wakeups
from bot.health import Health
from bot.knowledge.errors import ContentError
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.render import render_hours
from bot.knowledge.source import KnowledgeSource
from bot.knowledge.workdays import Calendar
from bot.messages import Channel
from bot.outside import Outside
from bot.reminders.quiet import Days
from bot.reminders.ways import Person, standing
from bot.settings import ROOT, Settings
from bot.store import boards, content, officers, outbox
from bot.store.conversations import ConversationView
from bot.store.engine import Store
from bot.store.schema import is_current
from bot.store.transcript import WebTranscript
from bot.store.vault import Vault, load_or_create_secret
from console import routes as console_routes
from console.desk import CommuneInfo, Desk
from integrations.webchat.views import CommuneView

if TYPE_CHECKING:
    from bot.channels import Sender
    from bot.delivery.schedule import Chore
    from bot.delivery.worker import Worker
    from bot.smstext import Policy
    from bot.understanding.client import NluClient

log = structlog.get_logger(__name__)

Part = Literal["web", "worker"]
ALL_PARTS: frozenset[Part] = frozenset({"web", "worker"})
SHUTDOWN_SECONDS = 10.0
CONTENT_EVERY = 3.0
POLL_SECONDS = 15.0
LAST_POLL = POLL_SECONDS + 3
FORM_IMAGE = "xin-so.png"
"""The picture on Zalo's form for a telephone number."""


class StartError(Exception):
    """It cannot start; the message is one line that says what to do."""


@dataclass
class Core:
    """What every part shares: store, content, clocks, wake-ups, accounts."""

    settings: Settings
    store: Store
    library: KnowledgeSource
    clock: Clock
    wall: Clock
    wakeups: Wakeups
    outside: Outside
    over: Mapping[str, str | None] = field(default_factory=dict)
    """Content beside what the files and the database say."""
    muted: Counter[str] = field(default_factory=Counter)
    """Why messages were stored and not answered (bot.delivery.flood) -> how many."""
    _content_stamp: int = 0

    @property
    def intake(self) -> StoreIntake:
        """Where webhooks leave messages."""
        out = self.outside
        return StoreIntake(
            self.store, self.clock, self.wall, self.wakeups, out.reaches, out.noticed, out.plans
        )

    def days(self, commune: str) -> Days:
        """The holidays of a commune, with what it and the government said of this year."""
        known = commune if commune in self.library().communes else None
        return Calendar(self.library().on(local_date(self.clock.now()), known).holidays)

    def knowledge(self, commune: str) -> Knowledge | None:
        """What holds today in a commune; None when nothing is known of it."""
        if commune not in self.library().communes:
            return None
        return self.library().on(local_date(self.clock.now()), commune)

    async def watch(self) -> None:
        """Take up, every few seconds, what another process or a command said anew."""
        while True:
            await asyncio.sleep(CONTENT_EVERY)
            await self.refresh_content()
            await self.outside.refresh()

    async def refresh_content(self) -> None:
        """Take up what was said anew of communes and provinces; a faulty text changes nothing."""
        async with self.store.read() as session:
            stamp = await content.stamp(session)
            if stamp == self._content_stamp:
                return
            texts = await content.texts(session)
        self.library.lay_over({**self.over, **texts})
        await _sync_boards(self)
        self._content_stamp = stamp

    def commune_view(self, commune_id: str) -> CommuneView | None:
        """A commune as the web chat shows it."""
        commune = self.library().communes.get(commune_id)
        if commune is None:
            return None
        return CommuneView(
            id=commune.id,
            name=commune.name,
            office=commune.office,
            phone=commune.phone,
            zalo_oa_id=commune.zalo_oa_id or self._oa_of(commune_id),
            sms_number=commune.sms_number or "",
            hours_text=render_hours(commune, short=False),
        )

    def _oa_of(self, commune_id: str) -> str:
        account = self.outside.zalo.get(commune_id)
        return account.oa_id if account else ""

    def own_numbers(self) -> set[str]:
        """The numbers of all gateways: they are machines, and ours."""
        found = (gateway.config.own_number for gateway in self.outside.sms.pool.all())
        return {number for number in found if number}

    def accents(self, commune_id: str) -> Policy:
        """Whether the commune's SMS keep their diacritics."""
        commune = self.library().communes.get(commune_id)
        return commune.sms.accents if commune else "never"

    def commune_info(self, commune_id: str) -> CommuneInfo | None:
        """A commune as its printed boards show it."""
        commune = self.library().communes.get(commune_id)
        if commune is None:
            return None
        keywords = {p.id: p.keyword for p in self.library().procedures.values()}
        return CommuneInfo(commune.name, commune.phone, commune.sms_number, keywords)


@asynccontextmanager
async def open_core(
    settings: Settings,
    clock: Clock | None = None,
    wall: Clock | None = None,
    over: Mapping[str, str | None] | None = None,
) -> AsyncIterator[Core]:
    """Open the database (migrating it) and read the content.

    Args:
        over: content beside what the files and this database say.

    Raises:
        StartError, StoreError: it cannot be used; says what to do.
    """
    wall = wall or SystemClock()
    secret = settings.secret_key or load_or_create_secret(settings.data_dir / "secret.key")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = Store(settings.database, Vault(secret))
    try:
        if not await is_current(store):
            from bot.store.migrate import upgrade

            await upgrade(store)
        wakeups: Wakeups = LocalWakeups()
        if settings.redis_url:
            from bot.delivery.redis_wakeups import RedisWakeups

            wakeups = RedisWakeups(settings.redis_url)
            wakeups.start()
        try:
            library = KnowledgeSource(settings.faq_dir, _warn_content)
        except ContentError as error:
            first = str(error).splitlines()[0]
            raise StartError(f"nội dung có lỗi: {first} (xem: hotro content check)") from error
        outside = Outside(settings, store, wall)
        core = Core(settings, store, library, clock or wall, wall, wakeups, outside)
        core.over = over or {}
        library.lay_over(core.over)
        await core.refresh_content()
        await outside.refresh()
        await _sync_boards(core)
        watch = asyncio.create_task(_kept_running("watch", core.watch), name="watch")
        try:
            yield core
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            await outside.close()
        await wakeups.close()
    finally:
        await store.close()


async def stored_content(settings: Settings) -> dict[str, str | None]:
    """What the installation says of its communes, for a command with a database of its own;
    nothing where there is no database yet."""
    file = make_url(settings.database)
    if file.get_backend_name() == "sqlite" and not Path(file.database or "").is_file():
        return {}
    # Content is not encrypted: no key is needed, and none is made.
    store = Store(settings.database, Vault(secrets.token_urlsafe(32)))
    try:
        if not await is_current(store):
            return {}
        async with store.read() as session:
            return await content.texts(session)
    finally:
        await store.close()


def _warn_content(error: ContentError) -> None:
    log.error("content.faulty_edit_ignored", first=str(error).splitlines()[0])


async def _sync_boards(core: Core) -> None:
    """Boards that come with a commune's file become rows, so that scans can be counted."""
    async with core.store.write() as session:
        for commune in core.library().communes.values():
            for board in commune.boards:
                await boards.add(
                    session, board.code, commune.id, board.place, board.procedure, core.clock.now()
                )


# --- web --------------------------------------------------------------------------------


def web_app(core: Core, ready: Callable[[], Awaitable[str | None]]) -> web.Application:
    """The internet-facing application. Imports nothing of the model."""
    from integrations.sms import webhook as sms_webhook
    from integrations.webchat import routes as webchat
    from integrations.zalo import webhook as zalo_webhook
    from integrations.zalobot import webhook as zalobot_webhook

    app = web.Application(client_max_size=4 * 2**20)
    closing = asyncio.Event()
    intake = core.intake
    app.add_routes(zalo_webhook.routes(intake, core.outside.zalo, core.outside.webhook_came))
    app.add_routes(zalobot_webhook.routes(intake, core.outside.bots))
    app.add_routes(sms_webhook.routes(intake, core.outside.sms.pool, core.clock))
    app.add_routes(
        webchat.routes(
            intake,
            WebTranscript(core.store),
            boards.StoredBoards(core.store, core.clock),
            core.commune_view,
            sms_keyword=lambda procedure: _keyword(core.library(), procedure),
            closing=closing.is_set,
            client_address=_client_address(core.settings),
        )
    )
    app.add_routes(console_routes.routes(_desk(core)))
    app.router.add_static("/static", ROOT / "static")
    health = Health(core.store, core.clock, ready)
    health.count(
        "hotro_received",
        "Messages taken in",
        ("channel", "kind"),
        lambda: {tuple(k): n for k, n in intake.received.items()},
    )
    health.count(
        "hotro_duplicates",
        "Messages that came twice",
        ("channel",),
        lambda: {(channel,): n for channel, n in intake.duplicates.items()},
    )
    health.count(
        "hotro_events",
        "Events of providers that asked for no answer",
        ("channel", "event"),
        lambda: {tuple(k): n for k, n in intake.events.items()},
    )
    health.count(
        "hotro_muted",
        "SMS that were kept and not answered: machines and floods",
        ("why",),
        lambda: {(why,): n for why, n in core.muted.items()},
    )
    app.add_routes(health.routes())
    app.on_shutdown.append(_set(closing))
    return app


def _set(event: asyncio.Event) -> Callable[[web.Application], Awaitable[None]]:
    async def shut(_app: web.Application) -> None:
        event.set()

    return shut


def _keyword(library: Library, procedure: str | None) -> str:
    known = library.procedures.get(procedure or "")
    return known.keyword if known else "TG"


def _client_address(settings: Settings) -> Callable[[web.Request], str]:
    def address(request: web.Request) -> str:
        if settings.behind_proxy:
            # The nearest proxy appends; only its own word can be trusted.
            return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or "?"
        return request.remote or "?"

    return address


def _desk(core: Core) -> Desk:
    from bot.sms_desk import Gateways
    from bot.zalo_desk import Accounts
    from console.checklist_view import named, summarise

    def farewell(channel: Channel) -> str:
        return core.library().phrase("given_back", short=channel == "sms")

    def standing_of(view: ConversationView) -> tuple[Standing, datetime | None]:
        stopped = view.stopped_at is not None
        person = Person(view.commune, view.channel, view.last_inbound_at, stopped)
        return standing(core.outside.reaches, person, core.clock.now())

    return Desk(
        store=core.store,
        clock=core.clock,
        notify=lambda: core.wakeups.notify("outbox"),
        procedure_names={p.id: p.name for p in core.library().procedures.values()},
        checklist_summary=lambda stored, commune: summarise(
            stored, core.library().on(local_date(core.clock.now()), commune)
        ),
        farewell=farewell,
        accents=core.accents,
        commune_info=core.commune_info,
        base_url=core.settings.base_url,
        secure_cookies=core.settings.base_url.startswith("https:"),
        client_ip=_client_address(core.settings),
        named=named,
        zalo=Accounts(core.settings, core.store, core.outside, core.clock, core.wall),
        sms=Gateways(core.store, core.outside, core.clock, core.wall, core.accents),
        standing=standing_of,
        phone_form=lambda: core.library().phrase("phone_form"),
        knowledge=core.knowledge,
        announcements=announcement_desk(core),
    )


def announcement_desk(core: Core) -> AnnouncementDesk:
    """What officers do with announcements, from the console and from the command line."""
    outside = core.outside
    return AnnouncementDesk(
        Office(core.store, core.library, outside.reaches, outside.plans, core.clock)
    )


@asynccontextmanager
async def listening(core: Core, app: web.Application) -> AsyncIterator[int]:
    """Serve ``app``; yields the port.

    Raises:
        StartError: the port is taken or not allowed.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    host, port = core.settings.host, core.settings.port
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"cổng {port} đang có chương trình khác dùng: đổi bằng HOTRO_PORT=8081"
            ) from error
        raise StartError(f"không mở được {host}:{port}: {error.strerror}") from error
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


# --- worker -----------------------------------------------------------------------------


@dataclass
class Hands:
    """The working part: model, worker, sender, scheduler."""

    nlu: NluClient
    worker: Worker
    tasks: list[asyncio.Task[None]]


def senders(core: Core) -> dict[Channel, Sender]:
    """One sender for each channel that is set up."""
    from integrations.sms.sender import SmsSender
    from integrations.webchat.sender import WebSender
    from integrations.zalo.bucket import SharedBucket
    from integrations.zalo.sender import ZaloSender
    from integrations.zalobot.sender import BotSender

    async def is_known(provider_message_id: str) -> bool:
        async with core.store.read() as session:
            return await outbox.knows(session, "zalo", provider_message_id)

    outside = core.outside
    zalo = ZaloSender(
        outside.zalo,
        is_known=is_known,
        bucket=SharedBucket(core.settings.redis_url),
        on_quota=outside.note_quota,
        form_image=f"{core.settings.base_url}/static/{FORM_IMAGE}",
    )
    return {
        "web": WebSender(),
        "zalo": zalo,
        "zalobot": BotSender(outside.bots),
        "sms": SmsSender(outside.sms.pool),
    }


def build_worker(
    core: Core, nlu: NluClient, can_remind: Callable[[str], bool] = lambda commune: True
) -> Worker:
    """The worker with all that a turn needs; ``can_remind``: a commune has an SMS gateway."""
    from actions.registry import perform
    from bot.delivery.turns import Turns
    from bot.delivery.worker import Worker as TurnWorker
    from bot.understanding.facade import Understander
    from bot.understanding.normalise import load_lexicon

    lease = timedelta(seconds=core.settings.lease_seconds)
    turns = Turns(
        core.store,
        core.library,
        Understander(nlu),
        perform,
        core.clock,
        core.wall,
        load_lexicon(core.settings.nlu_dir / "lexicon"),
        officer_idle=timedelta(hours=core.settings.officer_idle_hours),
        lease=lease,
        can_remind=can_remind,
        groups=core.outside.groups(core.library),
        muted=core.muted,
        own_numbers=core.own_numbers,
    )
    concurrency = core.settings.worker_concurrency
    return TurnWorker(core.store, turns, core.wakeups, core.wall, concurrency, lease)


def new_nlu(settings: Settings) -> NluClient:
    """The door to the model's child process (not started yet)."""
    from bot.understanding.client import NluClient as Client
    from bot.understanding.training import current_model

    return Client(lambda: current_model(settings.models_dir))


@asynccontextmanager
async def ready_nlu(settings: Settings) -> AsyncIterator[NluClient]:
    """A model's child process that answers until the block ends, for commands.

    Raises:
        StartError: there is no trained model, or it does not load or answer.
    """
    from bot.understanding.client import NluUnavailable

    _need_model(settings)
    nlu = new_nlu(settings)
    nlu.start()
    try:
        await nlu.wait_ready()
        yield nlu
    except NluUnavailable as error:
        raise StartError(f"mô hình không chạy được: {error}") from error
    finally:
        await nlu.stop()


@asynccontextmanager
async def working(core: Core) -> AsyncIterator[Hands]:
    """Answer, send and remind until the block ends."""
    from bot.delivery.schedule import Scheduler
    from bot.delivery.sender import Outbound
    from bot.outside import SqlPollLease
    from bot.sms_watch import SmsWatch
    from integrations.sms.listening import Listeners
    from integrations.zalobot.lease import LEASE_SECONDS
    from integrations.zalobot.polling import Poller

    nlu = new_nlu(core.settings)
    nlu.start()
    outside = core.outside
    worker = build_worker(core, nlu, outside.can_remind)
    outgoing = senders(core)
    sender = Outbound(
        core.store,
        outgoing,
        core.wakeups,
        core.clock,
        core.wall,
        unsure_wait=timedelta(seconds=core.settings.unsure_seconds),
        lease=timedelta(seconds=core.settings.lease_seconds),
        reaches=outside.reaches,
        troubled=outside.troubled,
        plans=outside.plans,
        days=core.days,
    )
    life = timedelta(days=core.settings.text_life_days)
    groups = outside.groups(core.library)
    scheduler = Scheduler(
        core.store,
        core.wakeups,
        core.clock,
        life,
        outside.reaches,
        groups,
        plans=outside.plans,
        days=core.days,
        chores=chores(core),
        wall=core.wall,
    )
    poller = Poller(
        core.intake,
        outside.bots,
        SqlPollLease(core.store, core.wall, LEASE_SECONDS),
        outside.bot_problem,
        poll_seconds=POLL_SECONDS,
    )
    sms = outside.sms
    listeners = Listeners(core.intake, sms.pool, sms.lease, sms.listening)
    loops = {
        "worker": worker.run,
        "sender": sender.run,
        "scheduler": scheduler.run,
        "tokens": outside.keep_fresh,
        "poller": poller.run,
        "gateways": listeners.run,
        "gateway watch": SmsWatch(sms, core.wall).run,
    }
    tasks = [
        asyncio.create_task(_kept_running(name, loop), name=name) for name, loop in loops.items()
    ]
    try:
        yield Hands(nlu, worker, tasks)
    finally:
        # Polls under way may end, as far as a stop may take: what they bring is stored.
        poller.stop()
        await asyncio.wait(
            [task for task in tasks if task.get_name() == "poller"], timeout=LAST_POLL
        )
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await nlu.stop()
        for one in outgoing.values():
            await one.close()


def chores(core: Core) -> list[Chore]:
    """What else the scheduler does at each look."""
    from bot.delivery.announce import Announcer
    from bot.store import dossiers, parts

    outside = core.outside
    announcer = Announcer(core.store, core.wakeups, outside.reaches, outside.plans, core.days)

    async def incomplete(now: datetime) -> int:
        """Long SMS of which a part never came."""
        async with core.store.write() as session:
            if await parts.sweep(session, now, core.wall.now()):
                core.wakeups.notify("inbox")
        return 0

    async def over(now: datetime) -> int:
        """Dossiers that were closed long ago."""
        async with core.store.write() as session:
            await dossiers.drop_old(session, now)
        return 0

    return [announcer.look, incomplete, hourly(over)]


def hourly(chore: Chore) -> Chore:
    """``chore``, done at the first look of each hour."""
    last: list[datetime] = []

    async def seldom(now: datetime) -> int:
        if last and abs(now - last[0]) < timedelta(hours=1):
            return 0
        last[:] = [now]
        return await chore(now)

    return seldom


async def _kept_running(name: str, loop: Callable[[], Awaitable[None]]) -> None:
    """Start ``loop`` again when it fails (the database was away for a moment)."""
    while True:
        try:
            return await loop()
        except Exception:
            log.exception("loop.failed", loop=name)
            await asyncio.sleep(1)


# --- running ----------------------------------------------------------------------------


def stop_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def run(settings: Settings, parts: Iterable[Part], say: Callable[[str], None]) -> None:
    """``hotro serve``, ``hotro web``, ``hotro worker``: run until a signal comes.

    Raises:
        StartError, StoreError: it cannot start; says what to do.
    """
    wanted = frozenset(parts)
    hands: list[Hands] = []

    async def ready() -> str | None:
        if "worker" not in wanted:
            return None  # another process answers
        return None if hands and hands[0].nlu.state == "ready" else "model is not ready"

    stop = stop_signals()
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(open_core(settings))
        if "worker" in wanted:
            _need_model(settings)
        if "web" in wanted:
            port = await stack.enter_async_context(listening(core, web_app(core, ready)))
            say(f"hotro đang nghe ở http://{settings.host}:{port} (bàn cán bộ: /console)")
            await _hint_officer(core, say)
        if "worker" in wanted:
            hands.append(await stack.enter_async_context(working(core)))
            say("hotro đang trả lời tin nhắn")
        await stop.wait()
        say("hotro đang dừng...")


def _need_model(settings: Settings) -> None:
    from bot.understanding.training import current_model

    if current_model(settings.models_dir) is None:
        raise StartError("chưa có mô hình hiểu tiếng Việt: chạy `hotro train` trước")


async def _hint_officer(core: Core, say: Callable[[str], None]) -> None:
    async with core.store.read() as session:
        if not await officers.listing(session):
            say("chưa có cán bộ nào: chạy `hotro officer add` để tạo tài khoản")
