"""The sender: delivers outbox rows, one at a time per conversation, and never twice.

A row is *sending* before the request leaves; by which gateway, where there are several, is
written down with it (``routing``), and what a gateway certainly did not carry goes by another.
When the process dies or the answer does not come, the row stays so until its lease ends;
whoever finds it then asks the provider whether the message went out before sending it again.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import Plans, Reaches, Sender, one_way, only_sms
from bot.clock import Clock
from bot.delivery import ladder
from bot.delivery.crew import Crew
from bot.delivery.routing import Router, Wait
from bot.delivery.wakeups import Wakeups
from bot.messages import (
    GROUP_ADDRESS,
    Channel,
    Outgoing,
    OutgoingKind,
    PermanentSendError,
    SendResult,
    TemporarySendError,
    UnknownOutcomeError,
)
from bot.reminders.quiet import Days, EveryDay, allowed, next_allowed
from bot.segments import count
from bot.store import (
    attempts,
    conversations,
    gateway_trials,
    handovers,
    outbox,
    phones,
    recipients,
    refusals,
)
from bot.store.attempts import Cost
from bot.store.engine import Store, take_turns
from bot.store.models import BOT, Conversation, OutboxRow
from bot.store.outbox import Claimed

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=45)
"""Longer than any provider call may take (a 10 s lock with a 30 s call: facts/zalo.md 2)."""
UNSURE_WAIT = timedelta(seconds=20)
"""A provider may still be working on a request whose answer did not come."""
BEATS = 3
"""So often within a lease it is prolonged: to wait for a token or a limit may take longer."""
MAX_ATTEMPTS = 20
BACKOFF_BASE, BACKOFF_CAP = 2.0, 900.0
LATE = timedelta(hours=24)
"""What was lost is sent again by another gateway only so long after it was written."""
NOTICE = "notice"
"""Author of announcements."""
CODE = phones.AUTHOR
"""Author of the codes by which a number is proved."""
UNASKED = ("reminder", NOTICE)
"""Authors of what nobody asked for: whoever said HUY gets none of it."""


Troubled = Callable[[str, Channel, str, str], Awaitable[None]]
"""Told commune, channel, a Vietnamese sentence when a person has to mend the account, and which
of several gateways it is; "" as the sentence when that gateway has carried a message."""


async def nobody_told(commune: str, channel: Channel, sentence: str, gateway: str) -> None:
    """For an installation without accounts."""


DaysOf = Callable[[str], Days]
"""Commune -> the days on which nothing unasked is sent there."""


def no_holidays(commune: str) -> Days:
    """For an installation without a calendar."""
    return EveryDay()


class Outbound(Crew[Claimed]):
    """Runs the outbox."""

    topic = "outbox"
    kind = "sender"

    def __init__(
        self,
        store: Store,
        senders: Mapping[Channel, Sender],
        wakeups: Wakeups,
        clock: Clock,
        wall: Clock,
        concurrency: int = 8,
        unsure_wait: timedelta = UNSURE_WAIT,
        lease: timedelta = LEASE,
        reaches: Reaches = only_sms,
        troubled: Troubled = nobody_told,
        plans: Plans = one_way,
        days: DaysOf = no_holidays,
        router: Router | None = None,
    ) -> None:
        super().__init__(wakeups, concurrency)
        self._store = store
        self._senders = senders
        self._clock = clock
        self._wall = wall
        self._unsure_wait = unsure_wait
        self._lease_time = lease
        self._reaches = reaches
        self._troubled = troubled
        self._plans = plans
        self._days = days
        self._router = router or Router()
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """(channel, outcome) -> how many since the start."""

    async def _lease(self, limit: int) -> Sequence[Claimed]:
        async with self._store.write() as session:
            return await outbox.claim(
                session, self.name, self._clock.now(), self._wall.now(), self._lease_time, limit
            )

    def _id(self, thing: Claimed) -> int:
        return thing.row_id

    async def _work(self, thing: Claimed) -> None:
        try:
            sender = self._senders.get(thing.message.channel)
            if sender is None:
                await self._failed(thing, "kênh này chưa được cài đặt")
            else:
                async with self._held(thing):
                    await self._send(thing, sender)
        except Exception:
            # The lease runs out and the row is looked at again.
            log.exception("outbox.failed", row=thing.row_id)
        self._wakeups.notify("outbox")

    @asynccontextmanager
    async def _held(self, row: Claimed) -> AsyncIterator[None]:
        """Keep the lease while the message is on its way: nobody takes us for dead."""
        done = asyncio.Event()
        beating = asyncio.create_task(self._beat(row, done))
        try:
            yield
        finally:
            # Not cancelled: that would tear a transaction, and its connection with it.
            done.set()
            await beating

    async def _beat(self, row: Claimed, done: asyncio.Event) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._lease_time.total_seconds() / BEATS):
                    await done.wait()
                return
            until = self._wall.now() + self._lease_time
            try:
                async with self._store.write() as session:
                    if not await outbox.keep(session, row.row_id, self.name, until):
                        return  # settled meanwhile
            except Exception:
                log.exception("outbox.beat_failed", row=row.row_id)

    async def _go(self, row: Claimed) -> Outgoing | None:
        """Drop or postpone what must not leave now; else choose the way and write it down."""
        now, message = self._clock.now(), row.message
        days = self._days(message.commune)
        async with self._store.write() as session:
            current = await outbox.hold(session, row.row_id)
            if current.state != "sending" or current.lease_by != self.name:
                return None  # settled meanwhile, or somebody else has it
            conversation = await session.get_one(Conversation, current.conversation_id)
            end = await self._pointless(session, row, conversation, now)
            if end is not None:
                await outbox.finish(session, row.row_id, self.name, *end)
                return None
            if not allowed(now, days) and await self._keeps_hours(session, row):
                morning = next_allowed(now, days)
                await outbox.put_back(session, row.row_id, self.name, morning)
                return None
            gateway = await self._gateway(session, row)
            if isinstance(gateway, Wait):
                await outbox.put_back(session, row.row_id, self.name, now + gateway.span)
                return None
            current.gateway = gateway or None
            if message.channel != "web":
                cost = self._cost(message, gateway)
                await attempts.begin(session, current, gateway, cost, self._wall.now())
        return replace(message, gateway=gateway)

    async def _keeps_hours(self, session: AsyncSession, row: Claimed) -> bool:
        if row.author == NOTICE and await recipients.urgent(session, row.row_id):
            return False
        return row.bulk

    async def _gateway(self, session: AsyncSession, row: Claimed) -> str | Wait:
        """By which of several gateways it leaves; "" where there is no choice."""
        commune = row.message.commune
        plans = self._plans(commune, row.message.channel)
        if not plans:
            return ""
        wall = self._wall.now()
        if any(plan.per_minute or plan.per_hour or plan.per_day for plan in plans):
            await take_turns(session, f"caps {commune}")
        return await self._router.choose(session, commune, plans, row.tried, wall, bulk=row.bulk)

    def _cost(self, message: Outgoing, gateway: str) -> Cost:
        if message.channel != "sms":
            return Cost()
        plans = self._plans(message.commune, message.channel)
        each = next((plan.price for plan in plans if plan.name == gateway), 0)
        parts = count(message.text).parts
        return Cost(parts, parts * each)

    async def _pointless(
        self, session: AsyncSession, row: Claimed, conversation: Conversation, now: datetime
    ) -> tuple[str, str] | None:
        """State and reason with which a row ends that must not leave any more."""
        if row.expires_at is not None and row.expires_at <= now:
            return "expired", "quá hạn, không còn ích gì"
        if conversation.stopped_at is not None:
            return "cancelled", "đã bỏ theo dõi"
        if row.author == "bot" and conversation.owner != BOT:
            return "cancelled", "cán bộ đã nhận trả lời"
        if row.author == NOTICE and (why := await recipients.held(session, row.row_id)):
            return "cancelled", why
        if row.author in UNASKED and await refusals.refused(session, conversation.id):
            return "cancelled", "đã nhắn HUY"
        return None

    async def _send(self, row: Claimed, sender: Sender) -> None:
        """Send, after it was looked up whether an earlier attempt has arrived."""
        try:
            found = await sender.find_sent(row.message) if row.uncertain else None
            if found is None:
                if row.uncertain:
                    await self._was_not_taken(row)
                message = await self._go(row)
                if message is None:
                    return
                row = replace(row, message=message, uncertain=False)
            result = found or await sender.send(row.message)
        except TemporarySendError as error:
            await self._temporary(row, error)
        except PermanentSendError as error:
            await self._permanent(row, error)
        except UnknownOutcomeError as error:
            await self._unsure(row, error.reason)
        else:
            await self._sent(row, result)

    async def _was_not_taken(self, row: Claimed) -> None:
        async with self._store.write() as session:
            wall = self._wall.now()
            await outbox.hold(session, row.row_id)
            await attempts.end(session, row.row_id, "failed", wall, error="chưa tới nơi nhận")

    async def _sent(self, row: Claimed, result: SendResult) -> None:
        self.outcomes[row.message.channel, "sent"] += 1
        given = result.provider_message_id
        async with self._store.write() as session:
            now = self._clock.now()
            await outbox.one_report(session, given)
            await outbox.hold(session, row.row_id)
            # First: a receipt that is waiting for this answer moves both on.
            await attempts.end(
                session, row.row_id, "accepted", self._wall.now(), provider_message_id=given
            )
            await outbox.mark_sent(session, row.row_id, self.name, given, now)
            await self._learn(session, row)
        if row.message.gateway:
            await self._tell(row.message, "")

    async def _tell(self, message: Outgoing, sentence: str) -> None:
        await self._troubled(message.commune, message.channel, sentence, message.gateway)

    async def _learn(self, session: AsyncSession, row: Claimed) -> None:
        gateway, commune = row.message.gateway, row.message.commune
        if gateway:
            plans = self._plans(commune, row.message.channel)
            await self._router.learn(session, commune, plans, gateway, self._wall.now())

    def _others(self, row: Claimed) -> list[str]:
        """Gateways that have not been tried with it."""
        gone = {*row.tried, row.message.gateway}
        plans = self._plans(row.message.commune, row.message.channel)
        return [plan.name for plan in plans if plan.name not in gone]

    async def _temporary(self, row: Claimed, error: TemporarySendError) -> None:
        if row.uncertain:
            # Whether the first attempt arrived could not be told now: ask again later.
            return await self._unsure(row, error.reason)
        if error.needs_person:
            await self._tell(row.message, error.reason)
        others = self._others(row)
        # What waits for a person may wait for days; a reminder has another way.
        person = error.needs_person and row.reminder_id is not None and not others
        if row.attempts >= MAX_ATTEMPTS or person:
            return await self._failed(row, error.reason)
        self.outcomes[row.message.channel, "retry"] += 1
        if others:  # at once, by another one
            return await self._again(row, error.reason, 0.0, (*row.tried, row.message.gateway))
        wait = error.retry_after or backoff(row.attempts)
        return await self._again(row, error.reason, wait)

    async def _again(
        self, row: Claimed, reason: str, wait: float, tried: Sequence[str] = ()
    ) -> None:
        async with self._store.write() as session:
            until = self._clock.now() + timedelta(seconds=wait)
            await outbox.hold(session, row.row_id)
            await attempts.end(session, row.row_id, "failed", self._wall.now(), error=reason)
            await outbox.retry_later(session, row.row_id, self.name, until, reason, tried)
            await self._learn(session, row)

    async def _permanent(self, row: Claimed, error: PermanentSendError) -> None:
        if error.other_way and self._others(row):
            tried = (*row.tried, row.message.gateway)
            return await self._again(row, error.reason, 0.0, tried)
        return await self._failed(row, error.reason, state="refused")

    async def _unsure(self, row: Claimed, reason: str) -> None:
        self.outcomes[row.message.channel, "unknown"] += 1
        if row.attempts >= MAX_ATTEMPTS:
            reason = f"không rõ đã gửi được chưa: {reason}"
            return await self._failed(row, reason, certain=False, state="unknown")
        wait = max(self._unsure_wait, timedelta(seconds=min(2.0**row.attempts, 300)))
        if not row.uncertain:
            wait = self._unsure_wait
        async with self._store.write() as session:
            retry_at = self._wall.now() + wait
            await outbox.hold(session, row.row_id)
            await attempts.end(session, row.row_id, "unknown", self._wall.now(), error=reason)
            await outbox.still_uncertain(session, row.row_id, self.name, retry_at, reason)
            await self._learn(session, row)
        return None

    async def _failed(
        self, row: Claimed, reason: str, *, certain: bool = True, state: str = "failed"
    ) -> None:
        """Give up; a reminder takes its next way, of all else an officer is told.

        ``certain``: the citizen has not got it. Otherwise nothing goes a second way.
        """
        self.outcomes[row.message.channel, "failed"] += 1
        log.warning("outbox.gave_up", row=row.row_id, channel=row.message.channel)
        async with self._store.write() as session:
            await outbox.hold(session, row.row_id)
            await attempts.end(session, row.row_id, state, self._wall.now(), error=reason)
            if not await outbox.finish(session, row.row_id, self.name, "failed", reason):
                return
            now, reaches = self._clock.now(), self._reaches
            await undelivered(session, row.row_id, reason, now, reaches, certain=certain)


async def undelivered(
    session: AsyncSession,
    row_id: int,
    reason: str,
    now: datetime,
    reaches: Reaches,
    *,
    certain: bool = True,
    plans: Plans = one_way,
) -> None:
    """What follows when a message of ours did not reach the citizen.

    ``plans`` where it was taken and reported lost later: another gateway may carry it.
    """
    row = await session.get_one(OutboxRow, row_id)
    if row.created_at > now - LATE and (row.expires_at is None or row.expires_at > now):
        names = [plan.name for plan in plans(row.commune, cast("Channel", row.channel))]
        if await outbox.other_gateway(session, row, names):
            return
    if row.reminder_id is not None:
        if certain:
            await ladder.step_down(session, row.reminder_id, now, reaches)
        else:
            await ladder.to_call(session, row.reminder_id)
        return
    if row.author in (NOTICE, CODE) or row.key.startswith(gateway_trials.KEY):
        # The announcement's report counts it; no code came, and the number is not theirs;
        # the page of the gateway tells whoever tries it.
        return
    body = outbox.opened(session, row.body_enc)
    conversation = await conversations.get(session, row.conversation_id)
    assert conversation is not None
    # A form beside a question, and what is told to a group, are missed by no citizen.
    if body.kind is OutgoingKind.ASK_PHONE or conversation.address.startswith(GROUP_ADDRESS):
        return
    told = f"Không gửi được tin cho người dân: {reason}"
    await handovers.open_one(session, row.commune, row.conversation_id, None, told, now)


def backoff(attempt: int) -> float:
    """Full jitter: a random wait up to base * 2^attempt seconds, at least one."""
    return max(1.0, random.uniform(0, min(BACKOFF_CAP, BACKOFF_BASE * 2.0**attempt)))
