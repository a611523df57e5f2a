"""A commune with two officers, a neighbour with one, and citizens who need them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.announcing.desk import AnnouncementDesk, Office
from bot.channels import Standing
from bot.clock import FixedClock, local_date
from bot.messages import Channel, Inbound, InboundKind
from bot.store import conversations, handovers, inbox, officers, outbox
from bot.store.engine import Store
from bot.store.models import Base
from bot.store.outbox import Draft
from bot.store.vault import Vault
from console.checklist_view import named
from console.routes import CommuneInfo, Desk, Summary, routes
from tests.console.sms_fake import RecordingSms
from tests.console.zalo_fake import RecordingZalo
from tests.factories import library
from tests.notices import no_caps, reaches

HOME, NEIGHBOUR = "hoa-mai", "song-xanh"
PASSWORD = "mat khau cua toi"
FAREWELL = "Cán bộ đã trả lời xong. Em lại sẵn sàng giúp anh/chị."
PHONE_FORM = "Xã dùng số này để gọi lại cho bà con."
NAMES = {"khai_sinh": "Đăng ký khai sinh", "ket_hon": "Đăng ký kết hôn"}


def summary_of(state: dict[str, Any], commune: str) -> Summary | None:
    """What the lead's callable does, in small."""
    if "checklist" not in state:
        return None
    return Summary(
        "Đăng ký khai sinh",
        (("Cháu sinh ở đâu?", "Ở nhà"), ("Bố mẹ đã kết hôn chưa?", "Chưa")),
        (("Tờ khai đăng ký khai sinh", True), ("Văn bản của người làm chứng việc sinh", False)),
    )


def commune_info(commune: str) -> CommuneInfo | None:
    """Only the home commune has printed information."""
    if commune != HOME:
        return None
    return CommuneInfo("xã Hoa Mai", "024 3333 4444", "+84912345678", {"khai_sinh": "KS"})


@dataclass
class World:
    """The store behind the desk, and short ways to fill it."""

    store: Store
    clock: FixedClock
    desk: Desk
    app: web.Application
    woken: list[int]
    zalo: RecordingZalo
    standing: list[tuple[Standing, datetime | None]]
    """The last is what holds of every conversation on Zalo."""
    sms: RecordingSms
    _count: int = field(default=0)

    async def asks(
        self,
        text: str = "Bố cháu mất không có giấy tờ thì làm sao?",
        channel: Channel = "zalo",
        address: str = "5566778899001234",
        commune: str = HOME,
        reason: str = "Hỏi về giấy tờ đã mất",
        state: dict[str, Any] | None = None,
        handed_over: bool = True,
    ) -> int:
        """A citizen writes, the bot answers that it asks the officer; the conversation's id."""
        self._count += 1
        now = self.clock.now()
        inbound = Inbound(
            commune, channel, address, f"m{self._count}", InboundKind.TEXT, text, sent_at=now
        )
        async with self.store.write() as session:
            inbox_id = await inbox.insert(session, inbound, now, now)
            assert inbox_id is not None
            await inbox.mark_done(session, inbox_id, now)
            conversation = await conversations.find(session, commune, channel, address)
            assert conversation is not None
            if state is not None:
                await conversations.save_state(session, conversation, state)
            if handed_over:
                await handovers.open_one(session, commune, conversation, inbox_id, reason, now)
                draft = Draft(f"in:{inbox_id}:0", "bot", "Em đã chuyển câu hỏi tới cán bộ.")
                await outbox.queue(session, conversation, draft, now)
        return conversation

    async def outgoing(self, conversation: int) -> list[tuple[str, str]]:
        """State and text of what goes to the citizen."""
        from bot.store import transcript

        async with self.store.read() as session:
            lines = await transcript.read(session, conversation)
        return [(line.author, line.text) for line in lines if line.author != "citizen"]

    async def owner(self, conversation: int) -> str:
        """Who may speak."""
        async with self.store.read() as session:
            view = await conversations.get(session, conversation)
        assert view is not None
        return view.owner


class Browser:
    """A client that keeps cookies, fills in CSRF tokens, and follows redirects."""

    def __init__(self, client: TestClient[Any, Any]) -> None:
        self.client = client
        self.csrf = ""

    async def get(self, path: str, **more: Any) -> ClientResponse:
        """GET; remembers the page's CSRF token."""
        response = await self.client.get(path, **more)
        found = re.search(r'name="csrf" value="([^"]+)"', await response.text())
        self.csrf = found.group(1) if found else self.csrf
        return response

    async def post(self, path: str, *, csrf: str | None = None, **fields: str) -> ClientResponse:
        """POST a form as the page would."""
        token = self.csrf if csrf is None else csrf
        return await self.client.post(path, data={"csrf": token, **fields})

    async def log_in(self, username: str, password: str = PASSWORD) -> ClientResponse:
        """Log in, and open the list."""
        response = await self.client.post(
            "/console/login", data={"username": username, "password": password}
        )
        await self.get("/console")
        return response


@pytest.fixture(scope="session", autouse=True)
def _quick_argon2() -> Any:
    """The real cost is for real passwords; here it would only slow the tests."""
    from argon2 import PasswordHasher

    patch = pytest.MonkeyPatch()
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    patch.setattr(officers, "_HASHER", quick)
    quick_nobody = quick.hash("nobody")
    patch.setattr(officers, "_nobody", lambda: quick_nobody)
    yield
    patch.undo()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    store = Store(f"sqlite:///{tmp_path / 'desk.db'}", Vault("a secret for the tests only"))
    async with store.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    clock = FixedClock(datetime(2026, 7, 6, 2, 0, tzinfo=UTC))
    async with store.write() as session:
        for commune, username, name in (
            (HOME, "lan", "Nguyễn Thị Lan"),
            (HOME, "minh", "Trần Văn Minh"),
            (NEIGHBOUR, "hai", "Lê Hải"),
        ):
            await officers.add(session, commune, username, name, PASSWORD, clock.now())
    woken: list[int] = []
    zalo, sms = RecordingZalo(), RecordingSms()
    standing: list[tuple[Standing, datetime | None]] = [
        (Standing.FREE, datetime(2026, 7, 8, 2, 0, tzinfo=UTC))
    ]
    desk = Desk(
        store=store,
        clock=clock,
        notify=lambda: woken.append(1),
        procedure_names=NAMES,
        checklist_summary=summary_of,
        farewell=lambda channel: FAREWELL,
        commune_info=commune_info,
        base_url="https://hotro.example.vn",
        secure_cookies=False,
        wall=clock,
        named=named,
        zalo=zalo,
        sms=sms,
        standing=lambda view: standing[-1],
        phone_form=lambda: PHONE_FORM,
        announcements=AnnouncementDesk(Office(store, library, reaches, no_caps, clock)),
        knowledge=lambda commune: (
            library().on(local_date(clock.now()), commune) if commune == HOME else None
        ),
    )
    app = web.Application()
    app.add_routes(routes(desk))
    yield World(store, clock, desk, app, woken, zalo, standing, sms)
    await store.close()


@pytest.fixture
async def open_browser(world: World) -> AsyncIterator[Any]:
    """Makes browsers, each with its own cookies, on one running desk."""
    server = TestServer(world.app)
    await server.start_server()
    clients: list[TestClient[Any, Any]] = []

    async def make(username: str | None = None) -> Browser:
        from aiohttp import CookieJar

        client = TestClient(server, cookie_jar=CookieJar(unsafe=True))
        clients.append(client)
        browser = Browser(client)
        if username:
            await browser.log_in(username)
        return browser

    yield make
    for client in clients:
        await client.session.close()
    await server.close()


@pytest.fixture
async def lan(open_browser: Any) -> Browser:
    """The officer Lan, logged in."""
    browser: Browser = await open_browser("lan")
    return browser
