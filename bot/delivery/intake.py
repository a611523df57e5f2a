"""Where adapters leave what arrived: cleaned, masked and committed before it is acknowledged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog

from bot.channels import Reaches, only_sms
from bot.clock import Clock
from bot.delivery.sender import undelivered
from bot.delivery.wakeups import Wakeups
from bot.messages import GROUP_ADDRESS, Echo, Inbound, InboundKind, Notice, Receipt, ReceiptState
from bot.store import conversations, handovers, inbox, outbox, receipts
from bot.store.engine import Store
from bot.text import MAX_TEXT, clean, mask_ids

log = structlog.get_logger(__name__)

AUTO = "auto"
"""``Echo.kind`` of what the account says by itself."""
LONGEST_NUMBER = 48
"""Characters of an identity number with a mark between its digits, and what follows it."""


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
    ) -> None:
        self._store = store
        self._clock = clock
        self._wall = wall
        self._wakeups = wakeups
        self._reaches = reaches
        self._noticed = noticed
        self.received: Counter[tuple[str, str]] = Counter()
        """(channel, kind) -> how many arrived, for /metrics."""
        self.duplicates: Counter[str] = Counter()
        self.events: Counter[tuple[str, str]] = Counter()
        """(channel, the provider's name of an event that asked for no answer) -> how many."""

    async def receive(self, inbound: Inbound) -> bool:
        """Store one message; False when it was stored before."""
        # Masked before the cut: half a number would not be recognised any more.
        text = mask_ids(clean(inbound.text, MAX_TEXT + LONGEST_NUMBER))[:MAX_TEXT]
        inbound = replace(inbound, text=text)
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

    async def receipt(self, receipt: Receipt) -> bool:
        """Move an outbox row forward; False when nothing changed.

        A message that did not arrive after all is put on the officers' list.
        """
        now = self._clock.now()
        async with self._store.write() as session:
            row = await receipts.apply(session, receipt, now)
            if row is not None and receipt.state is ReceiptState.FAILED:
                reason = "nhà mạng báo tin không đến"
                await undelivered(session, row.id, reason, now, self._reaches)
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
