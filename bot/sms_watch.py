"""Asks every SMS gateway now and then how it is: somebody hears of a fault before citizens do."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.outside_sms import SmsGateways
from bot.store.gateways import HealthView

EVERY = timedelta(minutes=10)
LOOK = 60.0
"""Seconds between two looks whether it is time; the rows tell all processes."""

log = structlog.get_logger(__name__)


class SmsWatch:
    """A gateway that twice in a row says that it is not well needs a person."""

    def __init__(self, sms: SmsGateways, wall: Clock) -> None:
        self._sms = sms
        self._wall = wall

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> int:
        """Ask those that were not asked lately; how many."""
        due = []
        for commune in sorted(self._sms.communes()):
            health = await self._sms.health(commune)
            there = [gateway.config for gateway in self._sms.pool.of(commune)]
            due += [one for one in there if self._is_due(health.get(one.name, HealthView()))]
        await asyncio.gather(*(self._ask(one.commune, one.name) for one in due))
        return len(due)

    def _is_due(self, health: HealthView) -> bool:
        asked = health.standing.get("asked_at")
        return asked is None or self._wall.now() - datetime.fromisoformat(asked) >= EVERY

    async def _ask(self, commune: str, name: str) -> None:
        condition = await self._sms.ask(commune, name, by_hand=False)
        if condition is not None and not condition.well:
            log.warning("sms.not_well", commune=commune, gateway=name)
