"""The way of a due reminder: when it may leave, at what pace, down which ladder of ways.

Chat inside its window, template, SMS (where the sender takes one gateway after the other),
the officers' list of calls. Each step is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import Plans, Reaches, one_way, only_sms
from bot.delivery import pace
from bot.messages import Channel, OutgoingKind, Template
from bot.reminders.quiet import Days, EveryDay, OfficeDays, allowed, next_allowed
from bot.reminders.ways import Person, Way, ladder
from bot.store import outbox, reminders
from bot.store.models import Conversation, Reminder

MOST_A_DAY = 3
"""Unasked messages to one number in 24 hours (NĐ 91/2020 for advertising, taken as a floor)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides when a due reminder may leave."""

    reaches: Reaches = only_sms
    plans: Plans = one_way
    days: Callable[[str], Days] = lambda commune: EveryDay()
    """Commune -> its holidays."""
    office: Callable[[str], Collection[str]] = lambda commune: ()
    """Commune -> kinds that call people to the office: when they are late, they wait until it
    is open."""

    def days_for(self, row: Reminder) -> Days:
        """On which days a reminder may leave."""
        days = self.days(row.commune)
        return OfficeDays(days) if row.kind in self.office(row.commune) else days


@dataclass(frozen=True, slots=True)
class Due:
    """What one look found."""

    queued: int
    looked: int
    """0: nothing more is due."""


async def queue_due(session: AsyncSession, now: datetime, rules: Rules, limit: int = 100) -> Due:
    """Send due reminders on their first way, as far as hours, pace and people allow.

    The reminder's change of state and its outbox row are one transaction, and the row's key
    is the reminder's: a crash before the commit leaves it due, after it it is queued once.
    What may not leave now is looked at again later; what is pointless by then expires.
    """
    rows = list(
        await session.scalars(
            select(Reminder)
            .where(Reminder.state == "scheduled", Reminder.look_at <= now)
            .order_by(Reminder.look_at, Reminder.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )
    ready = [row for row in rows if await _is_ready(session, row, now, rules)]
    queued = 0
    for commune in sorted({row.commune for row in ready}):
        mine = [row for row in ready if row.commune == commune]
        queued += await _queue_paced(session, commune, mine, now, rules)
    return Due(queued, len(rows))


async def _is_ready(session: AsyncSession, row: Reminder, now: datetime, rules: Rules) -> bool:
    """Whether it may leave at this hour of this day; else say when, or that it is over."""
    if row.expires_at <= now or row.body_enc is None:
        row.state = "expired"
    elif await _is_overtaken(session, row, now):
        row.state = "replaced"
    else:
        days = rules.days_for(row)
        if allowed(now, days):
            return True
        _later(row, next_allowed(now, days))
    return False


async def _is_overtaken(session: AsyncSession, row: Reminder, now: datetime) -> bool:
    """Whether a newer one of its thread is due as well (after an outage, or a new state)."""
    newer = await session.scalar(
        select(Reminder.id)
        .where(
            Reminder.commune == row.commune,
            Reminder.thread == row.thread,
            Reminder.state.in_(("scheduled", "queued")),
            Reminder.due_at <= now,
            or_(
                Reminder.due_at > row.due_at,
                and_(Reminder.due_at == row.due_at, Reminder.id > row.id),
            ),
        )
        .limit(1)
    )
    return newer is not None


def _later(row: Reminder, at: datetime) -> None:
    row.look_at = at
    if at >= row.expires_at:
        row.state = "expired"


async def _queue_paced(
    session: AsyncSession, commune: str, rows: Sequence[Reminder], now: datetime, rules: Rules
) -> int:
    """Queue those that the pace of the SIMs lets pass; what goes by chat needs none."""
    queued, by_sms = 0, []
    for row in rows:
        way = (await _ways(session, row, rules.reaches, now))[0]
        if way is Way.SMS:
            by_sms.append(row)
            continue
        await _set_out(session, row, now, rules.reaches)
        queued += 1
    fit: list[Reminder] = []
    for row in by_sms:
        others = sum(one.target_id == row.target_id for one in fit)
        if await _has_room(session, row, now, others):
            fit.append(row)
    days, plans = rules.days(commune), rules.plans(commune, "sms")
    grant = await pace.take(session, commune, len(fit), now, plans, "reminder", days)
    for row in fit[: grant.free]:
        await _set_out(session, row, now, rules.reaches)
    for row, at in zip(fit[grant.free :], grant.later, strict=True):
        _later(row, at)
    return queued + grant.free


async def _has_room(session: AsyncSession, row: Reminder, now: datetime, others: int) -> bool:
    """Nobody gets more than a few unasked messages in 24 hours; ``others`` leave just now."""
    lately = [*await outbox.recent_bulk(session, row.target_id, now), *[now] * others]
    if len(lately) < MOST_A_DAY:
        return True
    _later(row, lately[-MOST_A_DAY] + timedelta(hours=24))
    return False


async def _set_out(session: AsyncSession, row: Reminder, now: datetime, reaches: Reaches) -> None:
    """scheduled -> queued; an older one of its thread that waits to leave stays at home."""
    older = select(Reminder.id).where(
        Reminder.commune == row.commune,
        Reminder.thread == row.thread,
        Reminder.due_at < row.due_at,
        Reminder.state.in_(("queued", "to_call")),
    )
    if await outbox.cancel_reminders(session, older):
        await session.execute(
            update(Reminder)
            .where(Reminder.id.in_(older), Reminder.state == "queued")
            .values(state="replaced")
            .execution_options(synchronize_session=False)
        )
    row.state = "queued"
    await _next_way(session, row, now, now, reaches)


async def step_down(
    session: AsyncSession, reminder_id: int, now: datetime, reaches: Reaches
) -> Way | None:
    """The last way did not carry the reminder: take the next one and return it.

    None when it is over (cancelled, expired, called) and nothing is to be done.
    """
    row = await session.scalar(select(Reminder).where(Reminder.id == reminder_id).with_for_update())
    if row is None or row.state != "queued" or row.body_enc is None or row.expires_at <= now:
        return None
    return await _next_way(session, row, now, now, reaches)


async def to_call(session: AsyncSession, reminder_id: int) -> None:
    """Whether it arrived cannot be told: somebody calls, nothing is sent a second time."""
    await session.execute(
        update(Reminder)
        .where(Reminder.id == reminder_id, Reminder.state == "queued")
        .values(state="to_call")
    )


async def _next_way(
    session: AsyncSession, row: Reminder, now: datetime, not_before: datetime, reaches: Reaches
) -> Way:
    way = (await _ways(session, row, reaches, now))[0]
    row.tried = f"{row.tried},{way}".strip(",")
    if way is Way.CALL:
        row.state = "to_call"
    else:
        there = row.conversation_id if way in (Way.CHAT, Way.TEMPLATE) else row.target_id
        draft = _draft(session, row, way, not_before, reaches)
        await outbox.queue(session, there, draft, now)
    return way


async def _ways(session: AsyncSession, row: Reminder, reaches: Reaches, now: datetime) -> list[Way]:
    chat = await session.get_one(Conversation, row.conversation_id)
    channel, stopped = cast("Channel", chat.channel), chat.stopped_at is not None
    person = Person(row.commune, channel, chat.last_inbound_at, stopped)
    return ladder(person, reaches, now, [Way(one) for one in row.tried.split(",") if one])


def _draft(
    session: AsyncSession, row: Reminder, way: Way, not_before: datetime, reaches: Reaches
) -> outbox.Draft:
    words = reminders.words_of(session, row)
    template = None
    if way in (Way.TEMPLATE, Way.TEMPLATE_PHONE):
        zalo = reaches(row.commune, "zalo")
        template = Template(zalo.template if zalo else "", words.fields)
    return outbox.Draft(
        key=f"reminder:{row.id}:{way}",
        author="reminder",
        text=words.sms if way is Way.SMS else words.chat,
        not_before=not_before,
        expires_at=row.expires_at,
        kind=OutgoingKind.TEMPLATE if template else OutgoingKind.TEXT,
        template=template,
        channel="zalo" if template else None,
        reminder_id=row.id,
        bulk=True,
    )
