"""A send that waits longer than its lease (for a token, for the limit a minute) is made once.

Two processes share an outbox. One has claimed a message and still waits before the request
leaves; the other must not take the message for one whose sender died.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import SystemClock
from bot.messages import Outgoing, SendResult
from bot.store import outbox
from bot.store.engine import Store
from tests.acceptance.town import until
from tests.factories import House, ScriptedSender

LEASE = timedelta(seconds=0.4)


class Patient(ScriptedSender):
    """Waits for three leases before the request leaves."""

    async def send(self, message: Outgoing) -> SendResult:
        await asyncio.sleep(3 * LEASE.total_seconds())
        return await super().send(message)


@pytest.mark.parametrize("processes", [1, 2])
async def test_what_waits_longer_than_its_lease_is_sent_once(store: Store, processes: int) -> None:
    house = House(store, wall=SystemClock())  # type: ignore[arg-type]
    house.provider = Patient()
    where = await house.hear("KS")
    await house.queue(where, "một", "hai")
    running = [
        asyncio.create_task(house.outbound(lease=LEASE, unsure_wait=LEASE).run())
        for _ in range(processes)
    ]

    async def sent() -> bool:
        return await house.states(where) == ["sent", "sent"]

    try:
        with suppress(TimeoutError):
            await until(sent, 8)
        await asyncio.sleep(4 * LEASE.total_seconds())  # whoever began it as well is through
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert house.provider.texts == ["một", "hai"]
    assert await sent()


async def test_a_send_that_ends_while_its_lease_is_prolonged_tears_no_transaction(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled in its middle, a statement takes its connection to PostgreSQL with it."""
    begun, ended = [], []
    prolong = outbox.keep

    async def slowly(session: AsyncSession, row_id: int, worker: str, until: datetime) -> bool:
        begun.append(row_id)
        await asyncio.sleep(0.9 * LEASE.total_seconds())  # under way when the send ends
        kept = await prolong(session, row_id, worker, until)
        ended.append(row_id)
        return kept

    monkeypatch.setattr(outbox, "keep", slowly)
    house = House(store, wall=SystemClock())  # type: ignore[arg-type]
    house.provider = Patient()
    where = await house.hear("KS")
    await house.queue(where, "một", "hai")
    await house.outbound(lease=LEASE, unsure_wait=LEASE).drain()
    assert house.provider.texts == ["một", "hai"]
    assert begun
    assert begun == ended
