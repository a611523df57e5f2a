"""Short ways to make what the tests of announcements need."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from bot.announcing import wording
from bot.announcing.estimate import Estimate
from bot.channels import GatewayPlan, Plans, Reach, Standing, Unlimited
from bot.delivery.announce import Announcer
from bot.messages import Channel
from bot.reminders.quiet import Days, EveryDay
from bot.store import announcement_views, announcements, conversations, subscriptions
from bot.store.announcement_views import AnnouncementView, Draft
from bot.store.audience import Audience
from bot.store.models import AnnouncementRecipient, Conversation, Officer
from tests.factories import HOME, NOON, House, library

EVERYBODY = Audience()
PLAN = GatewayPlan("sim", per_hour=100, per_day=500, price=350)
_number = itertools.count(1)


class Windowed:
    """A chat that is free for two days after the citizen's last word, then closed."""

    template = ""

    def standing(
        self, last_interaction: datetime | None, now: datetime
    ) -> tuple[Standing, datetime | None]:
        free = last_interaction is not None and now - last_interaction < timedelta(days=2)
        return (Standing.FREE if free else Standing.CLOSED), None


def reaches(commune: str, channel: Channel) -> Reach | None:
    """A gateway, and a Zalo with a window."""
    return {"sms": Unlimited(), "zalo": Windowed()}.get(channel)


def no_caps(commune: str, channel: Channel) -> Sequence[GatewayPlan]:
    """SMS as fast as one likes."""
    return (GatewayPlan("fast", price=350),)


def draft(**more: Any) -> Draft:
    """A draft that can be sent."""
    values: dict[str, Any] = {
        "title": "Họp thôn",
        "text": "Mời bà con họp lúc 19 giờ tối nay tại nhà văn hoá thôn.",
        "sms_text": "Mời bà con họp 19h tối nay tại nhà văn hoá.",
        "audience": EVERYBODY,
        "urgent": False,
        "start_at": None,
        "expires_at": NOON + timedelta(hours=8),
    }
    return Draft(**(values | more))


@dataclass
class Hall:
    """A commune's announcements: the officers Lan and Minh, and people who agreed."""

    house: House
    plans: Plans = no_caps
    days: Days = field(default_factory=EveryDay)
    officers: dict[str, int] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    @property
    def announcer(self) -> Announcer:
        return Announcer(
            self.house.store, self.house.wakeups, reaches, self.plans, lambda commune: self.days
        )

    async def look(self) -> int:
        return await self.announcer.look(self.now)

    async def officer(self, name: str) -> int:
        if name not in self.officers:
            async with self.house.store.read() as session:
                there = await session.scalar(select(Officer.id).where(Officer.username == name))
            self.officers[name] = there or await self.house.officer(name)
        return self.officers[name]

    # --- people -----------------------------------------------------------------------------

    async def joins(
        self, channel: Channel = "sms", village: str | None = None, linked: int | None = None
    ) -> int:
        """Somebody subscribes; the conversation."""
        number = next(_number)
        address = f"+84912{number:06}" if channel == "sms" else f"z{number}"
        async with self.house.store.write() as session:
            there = await conversations.get_or_create(session, HOME, channel, address, self.now)
            row = await session.get_one(Conversation, there)
            row.last_inbound_at, row.linked_id = self.now, linked
            await session.flush()
            await subscriptions.agree(session, there, village, "Đồng ý?", self.now)
        return there

    async def people(self, count: int, **more: Any) -> list[int]:
        return [await self.joins(**more) for _ in range(count)]

    # --- announcements ----------------------------------------------------------------------

    def draft(self, **more: Any) -> Draft:
        return draft(**({"expires_at": self.now + timedelta(hours=8)} | more))

    async def submitted(self, **more: Any) -> int:
        """Lan has written it and asks for approval."""
        lan = await self.officer("lan")
        new = self.draft(**more)
        async with self.house.store.write() as session:
            made = await announcements.create(session, HOME, lan, new, self.now)
            await announcements.submit(session, HOME, made, lan, estimate(new), self.now)
        return made

    async def approved(self, **more: Any) -> int:
        """Lan has written it, Minh lets it go out."""
        made = await self.submitted(**more)
        await self.approve(made)
        return made

    async def approve(self, made: int) -> None:
        minh = await self.officer("minh")
        there = (await self.view(made)).draft
        async with self.house.store.write() as session:
            await announcements.approve(
                session, HOME, made, minh, there.digest, estimate(there), self.now
            )

    async def does(self, act: Any, made: int, *more: Any) -> Any:
        """Lan does something to it (announcements.pause, ...)."""
        lan = await self.officer("lan")
        async with self.house.store.write() as session:
            return await act(session, HOME, made, lan, *more, self.now)

    async def view(self, made: int) -> AnnouncementView:
        async with self.house.store.read() as session:
            found = await announcement_views.get(session, HOME, made)
        assert found is not None
        return found

    async def states(self, made: int) -> list[str]:
        """What became of each person, in order; the reason of those who were skipped."""
        async with self.house.store.read() as session:
            rows = await session.scalars(
                select(AnnouncementRecipient)
                .where(AnnouncementRecipient.announcement_id == made)
                .order_by(AnnouncementRecipient.id)
            )
            return [row.reason or row.state for row in rows]


def estimate(of: Draft) -> dict[str, Any]:
    """Of nobody; the words are those that go out."""
    commune = library().communes[HOME]
    words = wording.texts(commune, of.title, of.text, of.sms_text)
    return Estimate(0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, words).dump()
