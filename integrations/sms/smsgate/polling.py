"""Asks the phone for what came, where it cannot call us: no address with https is needed.

The inbox is read a day back at each look, because an SMS bears the time at which the service
centre took it: one that waited for the phone to be switched on comes with an old time. What was
handed over before is skipped; after a restart the inbox of the bot knows it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.channels import Intake
from bot.clock import Clock
from bot.messages import Inbound, ReceiptState
from integrations.fields import Payload, part, string
from integrations.sms.gateway import GatewayConfig
from integrations.sms.smsgate.client import SmsGateClient
from integrations.sms.smsgate.events import STATES, instant, message, of_other_sim, report

EVERY = 5.0
"""Seconds between two looks."""
STATES_EVERY = 6
"""Looks at the inbox for one at the messages that went out."""
PAGE = 100
LOOK_BACK = timedelta(days=1)
OPEN_FOR = timedelta(hours=6)
"""So long a message that was sent is watched for the report that it was delivered."""
SLACK = timedelta(minutes=10)
"""How far the phone's clock and ours may be apart."""


class Poller:
    """Asks one phone; see the module."""

    def __init__(self, config: GatewayConfig, client: SmsGateClient, clock: Clock) -> None:
        self._config = config
        self._client = client
        self._clock = clock
        self._since = instant(config.option("since"))
        self._looked: tuple[object, ...] = ()
        """What the inbox looked like when all of it had been handed over."""
        self._handed: set[str] = set()
        self._told: dict[str, ReceiptState] = {}
        self._open_since: datetime | None = None

    async def run(self, intake: Intake) -> None:
        """See :class:`integrations.sms.gateway.Listener`."""
        looks = 0
        while True:
            await self._inbox(intake)
            if looks % STATES_EVERY == 0:
                await self._states(intake)
            looks += 1
            await asyncio.sleep(EVERY)

    async def _inbox(self, intake: Intake) -> None:
        """Hand over what the phone received, oldest first."""
        begin = self._clock.now() - LOOK_BACK
        params = {"type": "SMS", "from": _iso(begin.replace(minute=0, second=0))}
        rows, total = await self._page("/inbox", params, 0)
        look = (params["from"], total, *(string(row, "id") for row in rows))
        if look == self._looked:
            return
        received = self._received(await self._rest("/inbox", params, rows, total))
        for sms in received:
            if sms.provider_id not in self._handed:
                await intake.receive(sms)
                self._handed.add(sms.provider_id)
        self._looked, self._handed = look, {sms.provider_id for sms in received}

    def _received(self, rows: Iterable[Payload]) -> list[Inbound]:
        found = [self._sms(row) for row in rows]
        return [sms for sms in reversed(found) if sms is not None]

    def _sms(self, row: Payload) -> Inbound | None:
        sender, text = string(row, "sender"), row.get("contentPreview")
        at = instant(string(row, "createdAt"))
        if not sender or not isinstance(text, str) or at is None:
            return None
        early = self._since is not None and at < self._since
        if early or of_other_sim(self._config, row):
            return None
        return message(self._config, sender, text, at, "")

    async def _states(self, intake: Intake) -> None:
        """Tell what became of the messages that are not yet at an end."""
        now = self._clock.now()
        begin = max(self._open_since or now - OPEN_FOR, now - OPEN_FOR)
        params = {"from": _iso(begin - SLACK)}
        rows, total = await self._page("/messages", params, 0)
        rows = await self._rest("/messages", params, rows, total)
        for row in rows:
            await self._tell(intake, row)
        self._told = {name: self._told[name] for name in map(_id, rows) if name in self._told}
        self._open_since = min([now, *(_began(row) or begin for row in rows if _is_open(row))])

    async def _tell(self, intake: Intake, row: Payload) -> None:
        name, state = _id(row), _state(row)
        if name and state is not None and self._told.get(name) is not state:
            await intake.receipt(report(self._config, name, state, _error(row)))
            self._told[name] = state

    async def _rest(
        self, path: str, params: dict[str, str], rows: list[Payload], total: int
    ) -> list[Payload]:
        """``rows`` and the pages after them; both lists have the newest first."""
        while len(rows) < total:
            more, total = await self._page(path, params, len(rows))
            if not more:
                break
            rows = [*rows, *more]
        return rows

    async def _page(
        self, path: str, params: dict[str, str], offset: int
    ) -> tuple[list[Payload], int]:
        page = {"limit": str(PAGE), "offset": str(offset)}
        return await self._client.listed(path, params | page)


def _id(row: Payload) -> str:
    return string(row, "id")


def _state(row: Payload) -> ReceiptState | None:
    return STATES.get(string(row, "state"))


def _is_open(row: Payload) -> bool:
    return _state(row) in (None, ReceiptState.SENT)


def _began(row: Payload) -> datetime | None:
    states = part(row, "states")
    times = [instant(string(states, name)) for name in states]
    return min((at for at in times if at is not None), default=None)


def _error(row: Payload) -> str:
    recipients = row.get("recipients")
    first = recipients[0] if isinstance(recipients, list) and recipients else None
    return string(first, "error") if isinstance(first, dict) else ""


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
