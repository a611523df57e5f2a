"""From a message centre to the inbox and back, through everything that the worker runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import select

from bot.clock import SystemClock
from bot.store import transcript
from bot.store.engine import Store
from bot.store.models import InboxRow
from integrations.sms.gateway import Tools
from integrations.sms.lease import MemoryListenLease
from integrations.sms.listening import Listeners
from integrations.sms.pool import Pool
from integrations.sms.sender import SmsSender
from tests.factories import House
from tests.integrations.sms.contract import CITIZEN, LONG, outgoing
from tests.integrations.sms.smpp.centre import Centre
from tests.integrations.sms.smpp.test_centre import made


async def test_long_both_ways_over_a_connection_that_breaks(
    sqlite_url: str, open_store: Callable[[str], Store]
) -> None:
    house = House(open_store(sqlite_url))
    centre = Centre()
    await centre.start()
    pool = Pool(Tools(SystemClock()))
    pool.take([made(centre.port).config])
    problems: list[str] = []

    async def told(commune: str, name: str, sentence: str) -> None:
        problems.append(sentence)

    listeners = Listeners(house.intake, pool, MemoryListenLease(), told, scale=0.01)
    running = asyncio.create_task(listeners.run())
    sender = SmsSender(pool)
    await centre.write(CITIZEN, LONG, 7)
    centre.wire.cut()
    await centre.write(CITIZEN, "CB")
    assert await _heard(house.store) == [LONG, "CB"]
    await sender.send(outgoing(LONG))
    assert centre.shown() == [LONG]
    listeners.stop()
    await running
    await pool.close()
    await centre.stop()
    assert [sentence for sentence in problems if sentence] == []


async def _heard(store: Store) -> list[str]:
    async with store.read() as session:
        (conversation,) = set(await session.scalars(select(InboxRow.conversation_id)))
        return [line.text for line in await transcript.read(session, conversation)]
