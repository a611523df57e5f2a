"""What the scheduler does besides reminders, at each look or seldom."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.core import Core
from bot.delivery.announce import Announcer
from bot.delivery.schedule import Chore
from bot.store import dossiers, parts


def chores(core: Core) -> list[Chore]:
    """All of them."""
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
