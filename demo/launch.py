"""``hotro demo``: the real thing, embedded, with simulators of Zalo and of a basic phone.

The simulators stand under /sim/zalo and /sim/sms of the same web server; webhooks and API
calls between them and hotro are real HTTP with real signatures and tokens.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.app import stop_signals
from bot.clock import ShiftedClock, SystemClock
from bot.core import Core, StartError, open_core
from bot.settings import Settings
from bot.store import accounts, inbox, notes, officers
from bot.understanding.training import NotPublished, TrainingError, current_model, train
from bot.web_app import listening, web_app
from bot.working import Hands, working
from bot.zalo_desk import Accounts
from demo import before, people
from demo.control import Addresses, BoardLink, ModelState, Persona, ZaloGroup
from demo.routes import routes
from integrations.sms.gateway import GatewayConfig
from integrations.sms.simulator.app import SmsGatewaySimulator
from integrations.zalo.simulator.app import ZaloSimulator
from integrations.zalobot.simulator import BotSimulator

log = structlog.get_logger(__name__)

COMMUNE = "hoa-mai"
OFFICER, LEADER = "canbo", "phochutich"
APP_ID = "2000000000000000002"
_KEYS = (
    *("oa_secret", "app_secret", "access_token", "refresh_token"),
    *("sms_secret", "sms_token", "bot_token"),
)
OFFSET = "demo_clock_offset_seconds"


class Demo:
    """The running demo (demo.control.DemoControl)."""

    def __init__(self, core: Core, clock: ShiftedClock, login: tuple[str, str]) -> None:
        self._core = core
        self._clock = clock
        self._login = login
        self.hands: Hands | None = None
        self.training = ""
        self.failure = ""

    def now(self) -> datetime:
        return self._clock.now()

    async def advance(self, by: timedelta) -> None:
        self._clock.offset += by
        await self._keep()

    async def reset_clock(self) -> None:
        self._clock.offset = timedelta()
        await self._keep()

    async def _keep(self) -> None:
        async with self._core.store.write() as session:
            await notes.put(session, OFFSET, str(self._clock.offset.total_seconds()))
        for topic in ("schedule", "outbox", "inbox"):
            self._core.wakeups.notify(topic)

    def model_state(self) -> ModelState:
        if self.failure:
            return {"state": "failed", "detail": self.failure}
        if self.training:
            return {"state": "training", "detail": self.training}
        nlu = self.hands.nlu if self.hands else None
        return {"state": nlu.state if nlu else "loading", "detail": ""}

    def officer_login(self) -> tuple[str, str]:
        return self._login

    def approver(self) -> str:
        return LEADER

    def addresses(self) -> Addresses:
        library = self._core.library()
        commune = library.commune(COMMUNE)
        links: list[BoardLink] = [
            {
                "place": board.place,
                "title": library.procedures[board.procedure].short if board.procedure else "",
                "url": f"/q/{board.code}",
            }
            for board in commune.boards
        ]
        return {
            "commune": commune.name,
            "console": "/console",
            "chat": f"/chat/{COMMUNE}",
            "boards": links,
        }

    def zalo_users(self) -> list[Persona]:
        return list(people.ZALO_USERS)

    def handsets(self) -> list[Persona]:
        return list(people.HANDSETS)

    def bot_name(self) -> str:
        return people.BOT_NAME

    def bot_users(self) -> list[Persona]:
        return list(people.BOT_USERS)

    def officers_group(self) -> ZaloGroup:
        return ZaloGroup(people.GROUP_ID, people.GROUP_NAME, people.OFFICERS)


async def run(settings: Settings, say: Callable[[str], None]) -> None:
    """Start the demo and run until a signal comes.

    Raises:
        StartError: the port is taken, or the content is faulty.
    """
    folder = settings.data_dir / "demo"
    settings = settings.model_copy(
        update={"data_dir": folder, "database_url": "", "redis_url": "", "zalo": {}, "sms": {}}
    )
    models = settings.models_dir.parent.parent / "models"
    stop = stop_signals()
    clock = ShiftedClock(SystemClock())
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(open_core(settings, clock))
        await _restore(core, clock)
        login = await _officer(core, folder)
        demo = Demo(core, clock, login)
        phones = _Phones(core, clock, folder)

        async def ready() -> str | None:
            return None if demo.model_state()["state"] == "ready" else "model is not ready"

        app = web_app(core, ready)
        app.add_routes(routes(demo))
        app.add_subapp("/sim/zalo", phones.zalo.app())
        app.add_subapp("/sim/zalobot", phones.bot.app())
        app.add_subapp("/sim/sms", phones.sms.app())
        port = await stack.enter_async_context(listening(core, app))
        await phones.listen(settings.host, port)
        say(_welcome(f"http://{settings.host}:{port}", login))
        helper = asyncio.create_task(_come_alive(demo, core, stack, settings, models, phones, say))
        waiter = asyncio.create_task(stop.wait())
        await asyncio.wait({helper, waiter}, return_when=asyncio.FIRST_COMPLETED)
        if helper.done() and helper.exception() is not None:
            waiter.cancel()
            helper.result()
        await waiter
        helper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await helper
        say("Đang dừng bản chạy thử...")


class _Phones:
    """The simulators, and the accounts that lead to them: made as an officer would."""

    def __init__(self, core: Core, clock: ShiftedClock, folder: Path) -> None:
        self._core = core
        self._keys = _keys(folder)
        commune = core.library().commune(COMMUNE)
        self._oa_id = commune.zalo_oa_id or "1000000000000000001"
        self._number = commune.sms_number or "+84900000113"
        self.zalo = ZaloSimulator(
            clock,
            "",
            app_id=APP_ID,
            oa_id=self._oa_id,
            oa_secret=self._keys["oa_secret"],
            app_secret=self._keys["app_secret"],
            access_token=self._keys["access_token"],
            refresh_token=self._keys["refresh_token"],
            state_path=folder / "zalo.json",
            token_clock=core.wall,
        )
        self.bot = BotSimulator(clock, self._keys["bot_token"], state_path=folder / "bot.json")
        self.sms = SmsGatewaySimulator(
            clock,
            "",
            secret=self._keys["sms_secret"],
            token=self._keys["sms_token"],
            own_number=self._number,
            state_path=folder / "sms.json",
        )

    async def listen(self, host: str, port: int) -> None:
        """Now that the port is known, tell both sides where the other one is."""
        reach = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
        base = f"http://{reach}:{port}"
        self._core.outside.sms.fix(self._gateway(f"{base}/sim/sms/messages"))
        self.zalo.courier.url = f"{base}/webhooks/zalo/{COMMUNE}"
        self.sms.courier.url = f"{base}/webhooks/sms/generic/{COMMUNE}"
        core = self._core
        desk = Accounts(core.settings, core.store, core.outside, core.clock, core.wall)
        first = not (await desk.oa(COMMUNE)).connected
        ids = {"app_id": APP_ID, "oa_id": self._oa_id, "openapi": f"{base}/sim/zalo"}
        secrets_ = {name: self._keys[name] for name in ("app_secret", "oa_secret")}
        await desk.save(COMMUNE, {**ids, **secrets_, "per_minute": "2000"})
        if first:
            await desk.paste(COMMUNE, self._keys["access_token"], self._keys["refresh_token"])
        core.outside.bot_base = {"base": f"{base}/sim/zalobot"}
        await self._set_bot(f"{base}/sim/zalobot")

    async def _set_bot(self, base: str) -> None:
        core, now = self._core, self._core.wall.now()
        async with core.store.write() as session:
            token = {"token": self._keys["bot_token"]}
            await accounts.put(session, COMMUNE, "zalobot", {"base": base}, token, now)
            await accounts.note_standing(session, COMMUNE, "zalobot", {"name": people.BOT_NAME})
        await core.outside.refresh()

    async def open_group(self) -> None:
        """The officers' group, once: questions that wait are posted there."""
        core = self._core
        members = [one.id for one in people.OFFICERS]
        known = {group.group_id for group in self.zalo.groups.all()}
        if people.GROUP_ID not in known:
            for member in members:
                met = self.zalo.world.met(member).interacted(core.clock.now())
                self.zalo.world.save(member, replace(met, follows=True))
            self.zalo.groups.create(people.GROUP_NAME, members, group_id=people.GROUP_ID)
        desk = Accounts(core.settings, core.store, core.outside, core.clock, core.wall)
        await desk.save(COMMUNE, {"officer_group": people.GROUP_ID})

    def _gateway(self, url: str) -> GatewayConfig:
        return GatewayConfig(
            COMMUNE,
            "generic",
            "generic",
            self._number,
            options={"url": url},
            secrets={"secret": self._keys["sms_secret"], "token": self._keys["sms_token"]},
            per_minute=0,
            per_hour=0,
            per_day=0,
            price=350,
        )


def _keys(folder: Path) -> dict[str, str]:
    """Secrets of this demo, made on its first start."""
    path = folder / "keys.json"
    keys: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}
    if set(_KEYS) <= set(keys):
        return keys
    # Also one of an earlier version, that knew of fewer.
    keys = {name: secrets.token_urlsafe(18) for name in _KEYS} | keys
    keys["bot_token"] = f"4200000000000000042:{keys['bot_token'].rpartition(':')[2]}"
    keys.setdefault("password", f"hoamai-{secrets.randbelow(10**6):06}")  # to be typed by hand
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(keys))
    path.chmod(0o600)
    return keys


async def _officer(core: Core, folder: Path) -> tuple[str, str]:
    """Who answers, and a second one, who approves announcements; both with one password."""
    password = _keys(folder)["password"]
    names = {OFFICER: "Cán bộ tư pháp - hộ tịch", LEADER: "Phó Chủ tịch xã"}
    async with core.store.write() as session:
        known = {one.username for one in await officers.listing(session, COMMUNE)}
        for username in names.keys() - known:
            now = core.clock.now()
            await officers.add(session, COMMUNE, username, names[username], password, now)
    return OFFICER, password


async def _author(core: Core) -> int:
    async with core.store.read() as session:
        found = await officers.listing(session, COMMUNE)
    return next(one.id for one in found if one.username == OFFICER)


async def _restore(core: Core, clock: ShiftedClock) -> None:
    async with core.store.read() as session:
        seconds = await notes.get(session, OFFSET)
    clock.offset = timedelta(seconds=float(seconds or 0))


async def _come_alive(
    demo: Demo,
    core: Core,
    stack: AsyncExitStack,
    settings: Settings,
    models: Path,
    phones: _Phones,
    say: Callable[[str], None],
) -> None:
    """Train if need be, then answer. The page is up meanwhile and messages are kept."""
    _share_models(settings, models)

    def progress(line: str) -> None:
        demo.training = line.strip()
        say(f"  huấn luyện mô hình {line}")

    try:
        await train(models, settings.nlu_dir, progress)
    except NotPublished as error:
        say(f"  vẫn dùng mô hình cũ, mô hình mới hiểu kém hơn: {error}")
    except TrainingError as error:
        demo.failure = f"Không huấn luyện được mô hình: {error}"
        if current_model(models) is None:
            raise StartError(f"không huấn luyện được mô hình: {error}") from error
    demo.training = ""
    demo.hands = await stack.enter_async_context(working(core))
    await demo.hands.nlu.wait_ready(120)
    say("  trợ lý đã sẵn sàng trả lời")
    await phones.open_group()
    async with core.store.read() as session:
        fresh = await notes.get(session, "demo_samples") is None
    if fresh:
        await before.enter(core, COMMUNE, await _author(core))
        await people.play(phones.zalo, phones.sms, lambda: _quiet(core))
        async with core.store.write() as session:
            await notes.put(session, "demo_samples", "played")


def _share_models(settings: Settings, models: Path) -> None:
    """The demo uses the models of this checkout; they are not trained twice."""
    link = settings.models_dir
    models.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(models.absolute(), target_is_directory=True)


async def _quiet(core: Core) -> None:
    """Return when every message so far has been answered."""
    for _ in range(200):
        await asyncio.sleep(0.1)
        async with core.store.read() as session:
            if (await inbox.waiting(session))[0] == 0:
                await asyncio.sleep(0.3)
                return


def _welcome(base: str, login: tuple[str, str]) -> str:
    user, password = login
    return "\n".join(
        [
            "",
            "  hotro chạy thử - mở trang này bằng trình duyệt:",
            f"    {base}/",
            f"  Bàn cán bộ:  {base}/console   tên: {user}   mật khẩu: {password}",
            f"  (người duyệt thông báo: {LEADER}, cùng mật khẩu)",
            f"  Trò chuyện web:  {base}/chat/{COMMUNE}",
            "  Dừng: Ctrl+C",
            "",
        ]
    )
