"""What every part shares: store, content, clocks, wake-ups, accounts; and how it is opened.

A part of the composition root: it knows the integrations, the console and the store.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import make_url

from bot.clock import Clock, SystemClock, local_date
from bot.delivery.intake import StoreIntake
from bot.delivery.wakeups import LocalWakeups, Wakeups
from bot.knowledge.errors import ContentError
from bot.knowledge.library import Knowledge
from bot.knowledge.render import render_hours
from bot.knowledge.source import KnowledgeSource
from bot.knowledge.workdays import Calendar
from bot.loops import kept_running
from bot.outside import Outside
from bot.reminders.quiet import Days
from bot.settings import Settings
from bot.store import boards, content
from bot.store.engine import Store
from bot.store.schema import is_current
from bot.store.vault import Vault, load_or_create_secret
from console.desk import CommuneInfo
from integrations.webchat.views import CommuneView

if TYPE_CHECKING:
    from bot.smstext import Policy

log = structlog.get_logger(__name__)

CONTENT_EVERY = 3.0
"""Seconds between two looks at what another process or a command said anew."""


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

    def calling_in(self, commune: str) -> Collection[str]:
        """Kinds of reminders that, when late, wait until the office is open."""
        known = self.knowledge(commune)
        return known.reminders.calling_in() if known is not None and known.reminders else ()

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
        watch = asyncio.create_task(kept_running("watch", core.watch), name="watch")
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
