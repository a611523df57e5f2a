"""The gateway: one modem that gammu-smsd looks after."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import structlog

from bot.channels import Intake
from bot.messages import (
    Outgoing,
    Receipt,
    ReceiptState,
    SendError,
    SendResult,
    TemporarySendError,
)
from integrations.inbox import hand_over
from integrations.outbound import SETTINGS_RETRY
from integrations.sms.arrivals import marked, receipt
from integrations.sms.gammu import health, incoming, outgoing
from integrations.sms.gammu.database import GammuDatabase
from integrations.sms.gammu.outgoing import Fate, Found
from integrations.sms.gateway import Condition, GatewayConfig
from integrations.sms.statuses import checked

POLL = 2.0
STUCK = 900
"""Seconds a message may wait for a modem that is silent before it goes another way."""
LOOK_BACK = 3 * 86400
"""So long after it was sent a report on a message is still looked for."""
AGAIN = 1800
"""Rounds after which what is too old to change is left out (an hour)."""
REPORTS = {
    Fate.SENT: ReceiptState.SENT,
    Fate.DELIVERED: ReceiptState.DELIVERED,
    Fate.FAILED: ReceiptState.FAILED,
}
ADVICE = "Kiểm tra gammu-smsd và cơ sở dữ liệu của nó."

Result = TypeVar("Result")

log = structlog.get_logger(__name__)


class GammuModem:
    """Sends through ``outbox``, listens to ``inbox`` and ``sentitems``."""

    def __init__(self, config: GatewayConfig, database: GammuDatabase, poll: float = POLL) -> None:
        self._config = config
        self._database = database
        self._poll = poll

    @property
    def config(self) -> GatewayConfig:
        return self._config

    async def send(self, message: Outgoing) -> SendResult:
        """Put it into ``outbox``; not when nobody is there to take it out.

        gammu-smsd would send it whenever it comes back, long after another gateway did.
        """
        async with self._database.write() as work:
            told = health.silence(await health.modem(work, self._config))
            if told:
                raise TemporarySendError(_clause(told), SETTINGS_RETRY, needs_person=True)
            number = await outgoing.put(work, self._config, message)
        return SendResult(marked(self._config, f"{message.id}.{number}"))

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Whether gammu-smsd has it; of one that failed there is no doubt either."""
        creator = outgoing.creator(self._config, message.id)
        try:
            async with self._database.read() as work:
                found = await outgoing.find(work, creator, message.address)
        except TemporarySendError:
            raise
        except SendError as fault:
            raise TemporarySendError(fault.reason) from fault
        if found is None or found.fate is Fate.FAILED:
            return None
        return SendResult(marked(self._config, f"{message.id}.{found.id}"))

    async def check(self) -> Condition:
        """How the modem is."""
        return await checked(self._look, ADVICE)

    async def _look(self) -> Condition:
        async with self._database.read() as work:
            return await health.look(work, self._config)

    async def close(self) -> None:
        await self._database.close()

    # --- listening --------------------------------------------------------------------

    async def listen(self, intake: Intake) -> None:
        """Poll until cancelled, which waits for the end of a round: a transaction that is cut
        off takes its connection with it.

        What was reported is kept in mind only: after a restart the reports of the last days
        are told again, which changes nothing.
        """
        told: dict[int, Fate] = {}
        since, rounds = 0, 0
        while True:
            if rounds % AGAIN == 0:
                since = await _whole(self._first())
                told = {number: fate for number, fate in told.items() if number >= since}
            rounds += 1
            if not await _whole(self._round(intake, since, told)):
                await asyncio.sleep(self._poll)

    async def _first(self) -> int:
        async with self._database.read() as work:
            return await outgoing.first_of(work, self._config, LOOK_BACK)

    async def _round(self, intake: Intake, since: int, told: dict[int, Fate]) -> bool:
        """Hand over what is new; True when there may be more."""
        async with self._database.read() as work:
            rows = await incoming.unprocessed(work, self._config)
            moved = await outgoing.moved(work, self._config, since)
            silent = health.silence(await health.modem(work, self._config))
        await self._hear(intake, rows)
        for one in moved:
            if told.get(one.id) is not one.fate:
                await intake.receipt(self._receipt(one))
                told[one.id] = one.fate
        if silent:
            await self._free_stuck(intake)
        return len(rows) == incoming.AT_ONCE

    async def _hear(self, intake: Intake, rows: Sequence[Any]) -> None:
        """Store them with us and only then mark them; one that could not be marked comes
        again and is recognised by its id."""
        stored: list[int] = []
        try:
            for row in rows:
                await hand_over(intake, [incoming.read(self._config, row)])
                stored.append(row.ID)
        finally:
            if stored:
                async with self._database.write() as work:
                    await incoming.done(work, stored)

    async def _free_stuck(self, intake: Intake) -> None:
        """Let go another way what waits for a modem that is gone."""
        async with self._database.write() as work:
            taken = await outgoing.take_back(work, self._config, STUCK)
        for one in taken:
            log.warning("gammu.taken_back", commune=self._config.commune, number=one.id)
            await intake.receipt(self._receipt(one, "modem im lặng, tin chưa đi"))

    def _receipt(self, found: Found, detail: str = "") -> Receipt:
        own = outgoing.own_id(self._config, found.creator)
        state = REPORTS[found.fate]
        return receipt(self._config, f"{own}.{found.id}", state, detail=detail, own_id=own)


async def _whole(work: Coroutine[Any, Any, Result]) -> Result:
    """Do ``work`` to its end, also when we are cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is not None:
            log.warning("gammu.cut_off", error=type(task.exception()).__name__)
        raise


def _clause(sentence: str) -> str:
    """A sentence as part of another."""
    return sentence[:1].lower() + sentence[1:].rstrip(".")
