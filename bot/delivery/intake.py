"""Where adapters leave what arrived: cleaned, masked and committed before it is acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import structlog

from bot.channels import Plans, Reaches, one_way, only_sms
from bot.clock import Clock
from bot.delivery.routing import Router
from bot.delivery.sender import undelivered
from bot.delivery.wakeups import Wakeups
from bot.messages import (
    GROUP_ADDRESS,
    Channel,
    Echo,
    Inbound,
    InboundKind,
    InboundPart,
    Notice,
    Receipt,
    ReceiptState,
)
from bot.store import conversations, handovers, inbox, outbox, parts, receipts
from bot.store.engine import Store
from bot.text import for_keeping

log = structlog.get_logger(__name__)

AUTO = "auto"
"""``Echo.kind`` of what the account says by itself."""


async def nobody_listens(notice: Notice) -> None:
    """For an installation without accounts."""


class StoreIntake:
    """The Intake of the real system.

    Args:
        clock: the time that citizens and officers see.
        wall: the machine's time, by which work is leased and retried.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        wall: Clock,
        wakeups: Wakeups,
        reaches: Reaches = only_sms,
        noticed: Callable[[Notice], Awaitable[None]] = nobody_listens,
        plans: Plans = one_way,
    ) -> None:
        self._store = store
        self._clock = clock
        self._wall = wall
        self._wakeups = wakeups
        self._reaches = reaches
        self._noticed = noticed
        self._plans = plans
        self._router = Router()
        self.received: Counter[tuple[str, str]] = Counter()
        """(channel, kind) -> how many arrived, for /metrics."""
        self.duplicates: Counter[str] = Counter()
        self.events: Counter[tuple[str, str]] = Counter()
        """(channel, the provider's name of an event that asked for no answer) -> how many."""

    async def receive(self, inbound: Inbound) -> bool:
        """Store one message; False when it was stored before."""
        inbound = replace(inbound, text=for_keeping(inbound.text))
        async with self._store.write() as session:
            inbox_id = await inbox.insert(
                session, inbound, now=self._clock.now(), wall=self._wall.now()
            )
        if inbox_id is None:
            self.duplicates[inbound.channel] += 1
            return False
        self.received[inbound.channel, inbound.kind.value] += 1
        if inbound.kind is InboundKind.IGNORED:
            self.events[inbound.channel, inbound.event or "?"] += 1
        log.info("inbox.stored", id=inbox_id, channel=inbound.channel, kind=inbound.kind.value)
        if inbound.kind is not InboundKind.IGNORED:
            self._wakeups.notify("inbox")
        return True

    async def part(self, part: InboundPart) -> bool:
        """Store a part; with the last one the whole is a message. False when it was stored before.

        A part that cannot be one (number 3 of 2) is taken for a message of its own.
        """
        if not 1 <= part.number <= part.total or part.total == 1:
            return await self.receive(_alone(part))
        now, wall = self._clock.now(), self._wall.now()
        async with self._store.write() as session:
            added = await parts.add(session, part, now, wall)
        if not added.new:
            self.duplicates[part.channel] += 1
        log.info("inbox.part", channel=part.channel, new=added.new, number=part.number)
        self._put_together(part.channel, added.made)
        return added.new

    def _put_together(self, channel: Channel, made: Sequence[int]) -> None:
        for inbox_id in made:
            self.received[channel, InboundKind.TEXT.value] += 1
            log.info("inbox.stored", id=inbox_id, channel=channel, kind="parts")
        if made:
            self._wakeups.notify("inbox")

    async def receipt(self, receipt: Receipt) -> bool:
        """Move an outbox row forward; False when nothing changed.

        A message that did not arrive after all is put on the officers' list.
        """
        now = self._clock.now()
        async with self._store.write() as session:
            row = await receipts.apply(session, receipt, now)
            if row is not None and receipt.state is ReceiptState.FAILED:
                plans = self._plans(row.commune, receipt.channel)
                if row.gateway is not None:
                    wall = self._wall.now()
                    await self._router.learn(session, row.commune, plans, row.gateway, wall)
                reason = "nhà mạng báo tin không đến"
                await undelivered(session, row.id, reason, now, self._reaches, plans=self._plans)
        return row is not None

    async def echo(self, echo: Echo) -> None:
        """Settle an uncertain row, or fall silent: a person answered outside.

        What the account says by itself (its greeting) and what goes to a group silence nobody.
        """
        now = self._clock.now()
        async with self._store.write() as session:
            conversation_id = await conversations.find(
                session, echo.commune, echo.channel, echo.address
            )
            if conversation_id is None:
                return
            await outbox.one_report(session, echo.provider_message_id)
            if await outbox.knows(session, echo.channel, echo.provider_message_id):
                return
            if await receipts.settle_by_echo(session, conversation_id, echo, now):
                return
            if echo.kind == AUTO or echo.address.startswith(GROUP_ADDRESS):
                return
            await handovers.taken_outside(session, conversation_id, now)
            await receipts.record_outside(session, conversation_id, echo, now)

    async def notice(self, notice: Notice) -> None:
        """Tell whoever looks after the accounts; it may come twice."""
        self.received[notice.channel, "notice"] += 1
        await self._noticed(notice)


def _alone(part: InboundPart) -> Inbound:
    return Inbound(
        commune=part.commune,
        channel=part.channel,
        address=part.address,
        provider_id=part.provider_id,
        kind=InboundKind.TEXT,
        text=part.text,
    )
