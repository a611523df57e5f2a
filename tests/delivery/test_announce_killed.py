"""The process that announces is killed, again and again: nobody is left out or told twice."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from bot.store import announcements
from bot.store.engine import Store
from bot.store.models import OutboxRow
from tests.factories import ROOT, House
from tests.notices import Hall

SEED = int(os.environ.get("HOTRO_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
PEOPLE, KILLS = 400, 6


@pytest.mark.slow
async def test_killed_at_any_moment_and_paused_in_between(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    dice = random.Random(SEED)
    hall = Hall(House(open_store(database_url)))
    people = await hall.people(PEOPLE)
    made = await hall.approved()
    died_at = []
    for n in range(KILLS):
        await _run_and_kill(database_url, hall, dice)
        died_at.append(await _count(hall))
        await _left(hall)
        if n == KILLS // 2:
            await hall.does(announcements.pause, made)
            await hall.does(announcements.resume, made)
    while await hall.look():
        await _left(hall)
    alive = [r for r in await hall.house.outbox_rows() if r.state != "cancelled"]
    assert sorted(row.conversation_id for row in alive) == people, f"seed {SEED}"
    assert await hall.states(made) == ["queued"] * PEOPLE
    assert sum(0 < n < PEOPLE for n in died_at) >= KILLS // 2, died_at


async def _run_and_kill(url: str, hall: Hall, dice: random.Random) -> None:
    """Let it begin, and strike at any moment of its work."""
    before = await _count(hall)
    arguments = ("-m", "tests.delivery.announcing_process", url, hall.now.isoformat())
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT)
    while process.returncode is None and await _count(hall) == before:
        await asyncio.sleep(0.002)
    await asyncio.sleep(dice.uniform(0, 0.05))
    if process.returncode is None:
        process.kill()
    await process.wait()


async def _count(hall: Hall) -> int:
    async with hall.house.store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(OutboxRow)) or 0)


async def _left(hall: Hall) -> None:
    """What is queued leaves, so that there is room for more."""
    async with hall.house.store.write() as session:
        await session.execute(
            update(OutboxRow).where(OutboxRow.state == "queued").values(state="sent")
        )
