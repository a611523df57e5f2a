"""Zalo shows a message (echo), reports it (receipt) and answers its send, all at the same instant.

The answer comes to a worker, the other two to the web process. Whoever commits first, the echo
is ours: it must never be taken for an officer's message, which would silence the bot.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable

import pytest

from bot.messages import Receipt, ReceiptState
from bot.store import outbox
from bot.store.engine import Store
from bot.store.models import BOT
from bot.store.outbox import Claimed
from tests.factories import HOME, House, echoed

ROUNDS = 60
JITTER = 0.006


async def soon(work: Awaitable[object]) -> None:
    """After at most a few milliseconds."""
    await asyncio.sleep(random.uniform(0, JITTER))
    await work


async def answered(house: House, row: Claimed, message_id: str) -> None:
    """The worker gets Zalo's answer."""
    async with house.store.write() as session:
        await outbox.mark_sent(session, row.row_id, "s1", message_id, house.clock.now())


@pytest.fixture
async def sending(store: Store) -> tuple[House, int]:
    """A conversation in which nothing has been said yet."""
    house = House(store)
    return house, await house.hear("KS")


async def test_an_echo_beside_the_answer_is_ours(sending: tuple[House, int]) -> None:
    house, where = sending
    for n in range(ROUNDS):
        await house.queue(where, "Bà con cần giấy chứng sinh.")  # the same words each time
        (row,) = await house.claim()
        echo = house.intake.echo(echoed(f"z{n}", row.message.text))
        await asyncio.gather(soon(echo), soon(answered(house, row, f"z{n}")))
        assert (await house.view(where)).owner == BOT, f"round {n}"
    rows = await house.outbox_rows(where)
    assert [(one.state, one.provider_message_id) for one in rows] == [
        ("sent", f"z{n}") for n in range(ROUNDS)
    ]


async def test_a_report_beside_the_answer_counts(sending: tuple[House, int]) -> None:
    house, where = sending
    for n in range(ROUNDS):
        await house.queue(where, f"Tin {n}")
        (row,) = await house.claim()
        receipt = house.intake.receipt(Receipt(HOME, "zalo", f"z{n}", ReceiptState.DELIVERED))
        await asyncio.gather(soon(receipt), soon(answered(house, row, f"z{n}")))
    assert set(await house.states(where)) == {"delivered"}
