"""The part of hotro that sends by itself, living through simulated time until it is killed.

A frozen clock jumps from one moment at which something is to be done to the next. Where it
stands is kept in a small file, so that whoever comes after a SIGKILL goes on from there, and so
that the gateway can note at what time of the simulation a message arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import traceback
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcing import wording
from bot.announcing.estimate import estimate
from bot.channels import GatewayPlan, only_sms
from bot.clock import FixedClock, local_date
from bot.delivery.announce import Announcer
from bot.delivery.schedule import Scheduler
from bot.delivery.sender import Outbound
from bot.delivery.wakeups import LocalWakeups
from bot.dossiers import saving
from bot.knowledge.workdays import Calendar
from bot.messages import Channel
from bot.reminders.quiet import Days
from bot.store import announcements, conversations, notes, refusals, subscriptions
from bot.store.announcement_views import Draft as NoticeDraft
from bot.store.audience import Audience
from bot.store.dossiers import Draft
from bot.store.engine import Store
from bot.store.models import (
    Announcement,
    AnnouncementRecipient,
    Officer,
    OutboxRow,
    Reminder,
)
from bot.store.vault import Vault
from integrations.sms.gateway import GatewayConfig, Tools
from integrations.sms.pool import Pool
from integrations.sms.sender import SmsSender
from tests.acceptance.year_life import Event, Life, phone
from tests.factories import HOME, library

SECRET = "a secret for the simulated year"
DONE = "year_done"
"""Note: how many events have been applied."""
CAPS = GatewayPlan("main", 100, per_minute=10, per_hour=100, per_day=500, price=300)
TICK = timedelta(seconds=20)
LOOK = timedelta(hours=2)
"""Longest time between two looks."""
VILLAGES = ("dinh", "ben", "cho", "thuong")


@dataclass(frozen=True)
class Place:
    """Where one simulation keeps its things."""

    database: str
    clock: Path
    gateway: str

    def read_clock(self) -> datetime:
        """The time of the simulation."""
        return datetime.fromisoformat(self.clock.read_text())

    def write_clock(self, at: datetime) -> None:
        """Move it; always as many characters, so that nobody reads half of one."""
        with self.clock.open("r+" if self.clock.exists() else "w") as file:
            file.write(at.isoformat(timespec="microseconds"))


class Child:
    """One process between two kills."""

    def __init__(self, place: Place, life: Life, events: list[Event]) -> None:
        self._place, self._life, self._events = place, life, events
        self._store = Store(place.database, Vault(SECRET))
        self._clock = FixedClock(place.read_clock())
        self._library = library()

    def _days(self, commune: str) -> Days:
        return Calendar(self._library.on(local_date(self._clock.now()), commune).holidays)

    def _office(self, commune: str) -> Collection[str]:
        rules = self._library.on(local_date(self._clock.now()), commune).reminders
        return rules.calling_in() if rules is not None else ()

    def _plans(self, commune: str, channel: Channel) -> tuple[GatewayPlan, ...]:
        return (CAPS,) if channel == "sms" else ()

    async def live(self) -> None:
        """Until the end, or until killed."""
        pool = Pool(Tools(self._clock))
        pool.take([_config(self._place.gateway)])
        wakeups = LocalWakeups()
        announcer = Announcer(self._store, wakeups, plans=self._plans, days=self._days)
        scheduler = Scheduler(
            self._store, wakeups, self._clock,
            plans=self._plans, days=self._days, office=self._office, chores=[announcer.look],
        )  # fmt: skip
        outbound = Outbound(
            self._store, {"sms": SmsSender(pool)}, wakeups, self._clock, self._clock,
            plans=self._plans, days=self._days,
        )  # fmt: skip
        while self._clock.now() < self._life.end:
            await self._happen()
            await scheduler.look()
            await outbound.drain()
            await self._move()
        await pool.close()
        await self._store.close()

    # --- the commune ----------------------------------------------------------------

    async def _happen(self) -> None:
        """Apply what has happened by now, each event in one transaction with its number."""
        while True:
            async with self._store.write() as session:
                done = int(await notes.get(session, DONE) or 0)
                if done >= len(self._events) or self._events[done].at > self._clock.now():
                    return
                event = self._events[done]
                await self._apply(session, event)
                await notes.put(session, DONE, str(done + 1))
            if event.what == "outage" and event.until and event.until > self._clock.now():
                self._jump(event.until)

    async def _apply(self, session: AsyncSession, event: Event) -> None:
        now = self._clock.now()
        if event.what == "dossier":
            await self._dossier(session, event, now)
        elif event.what == "notice":
            await self._notice(session, event, now)
        elif event.what == "stop":
            number = phone(event.person)
            there = await conversations.get_or_create(session, HOME, "sms", number, now)
            await refusals.stop(session, there, now)

    async def _dossier(self, session: AsyncSession, event: Event, now: datetime) -> None:
        draft = Draft(
            code=event.code,
            state=event.state,  # type: ignore[arg-type]
            state_on=local_date(now),
            procedure=event.procedure,
            received_on=event.received_on,
            due_on=event.due_on,
            appointment_at=event.appointment_at,
            event_on=event.event_on,
            phone=phone(event.person),
            missing="bản sao giấy khai sinh" if event.state == "need_papers" else "",
        )
        known = self._library.on(local_date(now), HOME)
        officer = await session.scalar(select(func.min(Officer.id)))
        await saving.save(session, known, draft, officer, now, agreed=event.agreed or None)

    async def _notice(self, session: AsyncSession, event: Event, now: datetime) -> None:
        author, approver = list(await session.scalars(select(Officer.id).order_by(Officer.id)))[:2]
        where = None if event.village is None else (VILLAGES[event.village],)
        draft = NoticeDraft(
            title=event.code,
            text="Mời bà con tiêm phòng cho trẻ tại trạm y tế.",
            sms_text="Moi ba con dua tre di tiem phong tai tram y te.",
            audience=Audience(where),
            urgent=False,
            start_at=None,
            expires_at=now + timedelta(days=6),
        )
        commune = self._library.commune(HOME)
        said = wording.texts(commune, draft.title, draft.text, draft.sms_text)
        plans = self._plans(HOME, "sms")
        cost = await estimate(session, HOME, draft.audience, said, only_sms, plans, now)
        shown = cost.dump()
        number = await announcements.create(session, HOME, author, draft, now)
        await announcements.submit(session, HOME, number, author, shown, now)
        await announcements.approve(session, HOME, number, approver, draft.digest, shown, now)

    # --- time -----------------------------------------------------------------------

    async def _move(self) -> None:
        """To the next moment at which something may be done."""
        now = self._clock.now()
        async with self._store.read() as session:
            done = int(await notes.get(session, DONE) or 0)
            moments = [at async for at in _moments(session)]
        if done < len(self._events):
            moments.append(self._events[done].at)
        due = min((at for at in moments if at > now), default=self._life.end)
        late = any(at <= now for at in moments)
        self._jump(now + TICK if late else min(due, now + LOOK, self._life.end))

    def _jump(self, at: datetime) -> None:
        self._clock.set(at)
        self._place.write_clock(at)


async def _moments(session: AsyncSession):  # type: ignore[no-untyped-def]
    """When rows want to be looked at."""
    live = select(Announcement.id).where(Announcement.state == "approved")
    for query in (
        select(func.min(Reminder.look_at)).where(Reminder.state == "scheduled"),
        select(func.min(AnnouncementRecipient.look_at)).where(
            AnnouncementRecipient.state == "waiting",
            AnnouncementRecipient.announcement_id.in_(live),
        ),
        select(func.min(OutboxRow.not_before)).where(OutboxRow.state == "queued"),
        select(func.min(OutboxRow.lease_until)).where(OutboxRow.state == "sending"),
    ):
        found = await session.scalar(query)
        if found is not None:
            yield found


def _config(url: str) -> GatewayConfig:
    keys = {"token": "t", "secret": "s"}
    return GatewayConfig(HOME, CAPS.name, "generic", options={"url": url}, secrets=keys)


async def settle(place: Place, life: Life) -> None:
    """Officers, and the people who agreed to announcements."""
    store = Store(place.database, Vault(SECRET))
    async with store.write() as session:
        for name in ("an", "binh"):
            session.add(
                Officer(
                    commune=HOME,
                    username=name,
                    name=name,
                    password_hash="-",
                    created_at=life.start,
                )
            )
    for person in life.subscribers:
        async with store.write() as session:
            number = phone(person)
            there = await conversations.get_or_create(session, HOME, "sms", number, life.start)
            village = VILLAGES[person % len(VILLAGES)]
            await subscriptions.agree(session, there, village, "Đồng ý", life.start, source="paper")
    await store.close()


@contextlib.contextmanager
def forked(place: Place, life: Life, events: list[Event]) -> Iterator[int]:
    """A child process that lives on from where the clock stands; yields its number."""
    number = os.fork()
    if number == 0:
        status = 1
        try:
            asyncio.run(Child(place, life, events).live())
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    yield number
