"""Where adapters leave what arrived: cleaned, masked and committed before it is acknowledged."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import structlog

from bot.clock import Clock
from bot.delivery.wakeups import Wakeups
from bot.messages import Echo, Inbound, InboundKind, Notice, Receipt, ReceiptState
from bot.store import conversations, handovers, inbox, outbox
from bot.store.engine import Store
from bot.store.models import OUTSIDE_APP
from bot.text import MAX_TEXT, clean, mask_ids

log = structlog.get_logger(__name__)

LONGEST_NUMBER = 48
"""Characters of an identity number with a mark between its digits, and what follows it."""


class StoreIntake:
    """The Intake of the real system.

    Args:
        clock: the time that citizens and officers see.
        wall: the machine's time, by which work is leased and retried.
    """

    def __init__(self, store: Store, clock: Clock, wall: Clock, wakeups: Wakeups) -> None:
        self._store = store
        self._clock = clock
        self._wall = wall
        self._wakeups = wakeups
        self.received: Counter[tuple[str, str]] = Counter()
        """(channel, kind) -> how many arrived, for /metrics."""
        self.duplicates: Counter[str] = Counter()

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
        log.info("inbox.stored", id=inbox_id, channel=inbound.channel, kind=inbound.kind.value)
        if inbound.kind is not InboundKind.IGNORED:
            self._wakeups.notify("inbox")
        return True

    async def receipt(self, receipt: Receipt) -> bool:
        """Move an outbox row forward; False when nothing changed.

        A message that did not arrive after all is put on the officers' list.
        """
        sent = (receipt.commune, receipt.channel, receipt.provider_message_id)
        async with self._store.write() as session:
            changed = await outbox.apply_receipt(session, *sent, receipt.state, receipt.detail)
            if changed and receipt.state is ReceiptState.FAILED:
                conversation_id = await outbox.conversation_of(session, *sent)
                assert conversation_id is not None
                reason = "Không gửi được tin cho người dân: nhà mạng báo tin không đến"
                await handovers.open_one(
                    session, receipt.commune, conversation_id, None, reason, self._clock.now()
                )
        return changed

    async def echo(self, echo: Echo) -> None:
        """Settle an uncertain row, or fall silent when a person answered outside."""
        now = self._clock.now()
        sent = (echo.commune, echo.channel)
        async with self._store.write() as session:
            conversation_id = await conversations.find(session, *sent, echo.address)
            if conversation_id is None:
                return
            if await outbox.knows(session, echo.channel, echo.provider_message_id):
                return
            settled = await outbox.settle_by_echo(
                session, conversation_id, echo.provider_message_id, echo.text, now
            )
            if echo.by_human and not settled:
                await conversations.set_owner(session, conversation_id, OUTSIDE_APP, now)
                await outbox.cancel_queued(session, conversation_id, "bot")

    async def notice(self, notice: Notice) -> None:
        """Count it."""
        self.received[notice.channel, "notice"] += 1
