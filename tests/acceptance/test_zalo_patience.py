"""A send that waits longer than its lease (for a token, for the limit a minute) is made once.

Two processes share an outbox. One has claimed a message and still waits before the request
leaves; the other must not take the message for one whose sender died.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from bot.clock import SystemClock
from bot.messages import Outgoing, SendResult
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
