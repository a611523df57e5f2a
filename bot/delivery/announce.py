"""Sends approved announcements: a few people at a time, each of them once.

A batch holds its announcement's row: pausing waits for it, and another process passes over it.
Whoever is taken goes from waiting to queued together with their outbox row, in one transaction;
killed in between, it never happened. What the pace, the hours or the person's day do not allow
is looked at again later.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcing.way import choose
from bot.announcing.wording import Texts
from bot.channels import Plans, Reaches, one_way, only_sms
from bot.delivery import pace
from bot.delivery.wakeups import Wakeups
from bot.reminders.quiet import Days, EveryDay, allowed
from bot.store import announcements, audience, outbox, recipients, refusals
from bot.store.audience import Contact
from bot.store.engine import Store
from bot.store.models import Announcement, AnnouncementRecipient
from bot.store.recipients import Reason

log = structlog.get_logger(__name__)

BATCH = 50
ROUNDS = 4
"""Batches of one announcement in one look."""
IN_FLIGHT = 200
"""Messages of one announcement that wait to leave: when nothing leaves, no more are queued."""
ADD = 500
"""People who get a row in one batch."""
MOST_A_DAY = 3
"""Unasked messages to one person in 24 hours, reminders included."""
DAY = timedelta(hours=24)
URGENT_AGAIN = timedelta(seconds=20)
"""When urgent ones ask the pace again: it speaks of permitted hours, which they need not keep."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody whose turn it is, and the conversation by which it goes to them."""

    recipient_id: int
    key: str
    contact: Contact


@dataclass(slots=True)
class Batch:
    """What one batch did, and who is left for the part that asks the pace."""

    queued: int = 0
    by_sms: Sequence[Turn] = ()


class Announcer:
    """One of the scheduler's chores."""

    def __init__(
        self,
        store: Store,
        wakeups: Wakeups,
        reaches: Reaches = only_sms,
        plans: Plans = one_way,
        days: Callable[[str], Days] = lambda commune: EveryDay(),
    ) -> None:
        self._store = store
        self._wakeups = wakeups
        self._reaches = reaches
        self._plans = plans
        self._days = days

    async def look(self, now: datetime) -> int:
        """Queue what may leave now; returns how many messages."""
        async with self._store.read() as session:
            live = await announcements.live(session)
        queued = 0
        for announcement_id in live:
            queued += await self._serve(announcement_id, now)
        await self._draw_back(now)
        if queued:
            log.info("announcements.queued", count=queued)
            self._wakeups.notify("outbox")
        return queued

    async def _draw_back(self, now: datetime) -> None:
        async with self._store.read() as session:
            stopped = await recipients.stragglers(session)
        for announcement_id, state in stopped.items():
            async with self._store.write() as session:
                await recipients.withdraw(session, announcement_id, now)
                if state == "cancelled":
                    await recipients.skip_waiting(session, announcement_id, "cancelled")

    async def _serve(self, announcement_id: int, now: datetime) -> int:
        queued = 0
        for _ in range(ROUNDS):
            async with self._store.write() as session:
                batch = await self._first(session, announcement_id, now)
            if batch.by_sms:
                async with self._store.write() as session:
                    batch.queued += await self._second(session, announcement_id, batch.by_sms, now)
            queued += batch.queued
            if not batch.queued:
                break
        return queued

    # --- all but SMS ----------------------------------------------------------------------

    async def _first(self, session: AsyncSession, announcement_id: int, now: datetime) -> Batch:
        row = await announcements.take(session, announcement_id)
        if row is None:
            return Batch()
        if row.expires_at <= now:
            await recipients.skip_waiting(session, row.id, "late")
            announcements.finish(session, row, now)
            return Batch()
        if row.start_at is not None and row.start_at > now:
            return Batch()
        await recipients.retry_by_sms(session, row.id, now)
        added = await recipients.add_missing(session, row, ADD)
        if not row.urgent and not allowed(now, self._days(row.commune)):
            return Batch()
        batch = await self._deal(session, row, now)
        if added < ADD and await recipients.is_over(session, row.id):
            announcements.finish(session, row, now)
        return batch

    async def _deal(self, session: AsyncSession, row: Announcement, now: datetime) -> Batch:
        """Take a few who wait: chats leave at once, SMS are left to the pace."""
        room = IN_FLIGHT - await recipients.in_flight(session, row.id)
        rows = await recipients.waiting(session, row.id, now, max(0, min(BATCH, room)))
        turns = await self._turns(session, row, rows, now)
        chats = [turn for turn in turns if turn.contact.channel != "sms"]
        queued = await _queue(session, row, chats, now)
        return Batch(queued, [turn for turn in turns if turn.contact.channel == "sms"])

    async def _turns(
        self,
        session: AsyncSession,
        row: Announcement,
        rows: Sequence[AnnouncementRecipient],
        now: datetime,
    ) -> list[Turn]:
        """Those of them who get it now; of the others it is noted why not, or when."""
        people = await audience.persons_of(session, [one.conversation_id for one in rows])
        persons = set(people.values())
        contacts = await audience.contacts(session, persons)
        subscribed = await audience.are_subscribed(session, persons)
        doubtful = await audience.with_history(session, persons, now - DAY)
        turns = []
        for one in rows:
            person = people[one.conversation_id]
            here = contacts[person] if person in subscribed else []
            found: Turn | datetime | Reason
            found = await self._decide(session, row, one, person, here, now)
            if isinstance(found, Turn) and person in doubtful:
                found = await _hindered(session, person, here, now) or found
            if isinstance(found, Turn):
                turns.append(found)
            elif isinstance(found, datetime):
                await recipients.postpone(session, one.id, found, row.expires_at)
            else:
                await recipients.skip(session, one.id, found)
        return turns

    async def _decide(
        self,
        session: AsyncSession,
        row: Announcement,
        one: AnnouncementRecipient,
        person: int,
        contacts: Sequence[Contact],
        now: datetime,
    ) -> Turn | Reason:
        """How it goes to somebody, or why they do not get it."""
        moved = person != one.conversation_id
        if moved and await recipients.is_another(session, one, person):
            return "same"
        if not contacts:
            return "refused"
        failed = await recipients.failed_in_chat(session, one)
        chosen = choose(contacts, row.commune, self._reaches, now, only_sms=failed)
        if chosen is None:
            return "no_way"
        earlier = f":{one.outbox_id}" if one.outbox_id is not None else ""
        return Turn(one.id, f"notice:{one.id}{earlier}", chosen)

    # --- SMS ------------------------------------------------------------------------------

    async def _second(
        self, session: AsyncSession, announcement_id: int, turns: Sequence[Turn], now: datetime
    ) -> int:
        """Ask the pace; a transaction of its own, so that locks are taken in one order by all:
        the pace before the conversations."""
        row = await announcements.take(session, announcement_id)
        if row is None:
            return 0
        plans, days = self._plans(row.commune, "sms"), self._days(row.commune)
        grant = await pace.take(session, row.commune, len(turns), now, plans, "notice", days)
        for turn, at in zip(turns[grant.free :], grant.later, strict=True):
            again = now + URGENT_AGAIN if row.urgent else at
            await recipients.postpone(session, turn.recipient_id, again, row.expires_at)
        return await _queue(session, row, turns[: grant.free], now)


async def _queue(
    session: AsyncSession, row: Announcement, turns: Sequence[Turn], now: datetime
) -> int:
    """waiting -> queued, each with its message; those that were changed meanwhile stay out."""
    if not turns:
        return 0
    there = [turn.contact.conversation_id for turn in turns]
    await recipients.hold(session, there)
    known = await audience.written_to(session, there)
    begun = await recipients.begin(session, [turn.recipient_id for turn in turns])
    words = _texts(row)
    messages: dict[int, int] = {}
    for turn in turns:
        if turn.recipient_id not in begun:
            continue
        where, channel = turn.contact.conversation_id, turn.contact.channel
        by_sms = words.sms if where in known else words.sms_first
        draft = outbox.Draft(
            key=turn.key,
            author="notice",
            text=by_sms if channel == "sms" else words.chat,
            expires_at=row.expires_at,
            bulk=True,
        )
        message = await outbox.queue(session, where, draft, now)
        messages[turn.recipient_id] = message or await recipients.carried(session, turn.key)
    await recipients.carry(session, messages)
    return len(messages)


def _texts(row: Announcement) -> Texts:
    """The words that were approved."""
    assert row.estimate is not None
    return Texts.read(json.loads(row.estimate)["texts"])


async def _hindered(
    session: AsyncSession, person: int, contacts: Sequence[Contact], now: datetime
) -> datetime | Reason | None:
    """Whether the person said stop, or had enough for a day, on whatever channel."""
    if await refusals.refused(session, person):
        return "refused"
    lately: list[datetime] = []
    for contact in contacts:
        lately += await outbox.recent_bulk(session, contact.conversation_id, now)
    lately.sort()
    return lately[-MOST_A_DAY] + DAY if len(lately) >= MOST_A_DAY else None
