"""What became of an announcement: how many have it, who has not and why, what it cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.audience import PERSON
from bot.store.models import (
    Announcement,
    AnnouncementRecipient,
    Conversation,
    OutboxRow,
    SendAttempt,
    Subscription,
)
from bot.store.recipients import HELD

Fate = Literal["waiting", "queued", "sent", "delivered", "failed", "skipped"]
TAKEN: Final = ("accepted", "delivered", "seen")
"""States of attempts that are paid for."""
_FATES: Final[dict[str, tuple[Fate, str]]] = {
    "queued": ("queued", ""),
    "sending": ("queued", ""),
    "sent": ("sent", ""),
    "unknown": ("sent", ""),
    "delivered": ("delivered", ""),
    "seen": ("delivered", ""),
    "failed": ("failed", ""),
    "cancelled": ("skipped", "refused"),
    "held": ("waiting", ""),
    "dropped": ("skipped", "cancelled"),
    "expired": ("skipped", "late"),
}
"""By the state of the outbox row."""
_BECAME = case(
    (and_(OutboxRow.state == "cancelled", OutboxRow.error == HELD["paused"]), "held"),
    (and_(OutboxRow.state == "cancelled", OutboxRow.error == HELD["cancelled"]), "dropped"),
    else_=OutboxRow.state,
)
"""That state; of what the sender held back it tells for whose sake."""


def fate(state: str, reason: str | None, message: str | None) -> tuple[Fate, str]:
    """What became of one person, and why they were skipped.

    Args:
        message: the state of the outbox row, when there is one.
    """
    if state == "waiting":
        return "waiting", ""
    if state == "skipped":
        return "skipped", reason or ""
    return _FATES[message or "queued"]


@dataclass(slots=True)
class Progress:
    """How many people are where."""

    by_fate: Counter[Fate] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    """Reason -> how many."""
    by_channel: Counter[str] = field(default_factory=Counter)
    """Of those who have it, or will soon: chat or sms."""

    @property
    def people(self) -> int:
        """All who were to get it."""
        return sum(self.by_fate.values())

    @property
    def reached(self) -> int:
        """Those to whom it has left."""
        return self.by_fate["sent"] + self.by_fate["delivered"]

    @property
    def settled(self) -> int:
        """Those for whom nothing more happens."""
        return self.people - self.by_fate["waiting"] - self.by_fate["queued"]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is told of one announcement."""

    progress: Progress
    parts: int
    price: int
    """In đồng, of what the gateways took."""
    opted_out: int
    """Of the people: said stop, or were taken off the list, since it was approved."""
    errors: tuple[tuple[str, int], ...]
    """Why messages failed, as the providers say it, and how often."""
    last_at: datetime | None
    """When the last message left."""


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the detailed list; nothing tells who it is."""

    village: str | None
    channel: str
    fate: Fate
    reason: str
    at: datetime | None
    parts: int
    price: int


async def progress(session: AsyncSession, ids: Collection[int]) -> dict[int, Progress]:
    """Of several announcements at once."""
    found = {announcement_id: Progress() for announcement_id in ids}
    row, message = AnnouncementRecipient, OutboxRow
    rows = await session.execute(
        select(row.announcement_id, row.state, row.reason, _BECAME, message.channel, func.count())
        .outerjoin(message, message.id == row.outbox_id)
        .where(row.announcement_id.in_(found))
        .group_by(row.announcement_id, row.state, row.reason, _BECAME, message.channel)
    )
    for announcement_id, state, reason, message_state, channel, count in rows:
        one = found[announcement_id]
        where, why = fate(state, reason, message_state)
        one.by_fate[where] += count
        if where == "skipped":
            one.skipped[why] += count
        elif where in ("queued", "sent", "delivered"):
            one.by_channel["sms" if channel == "sms" else "chat"] += count
    return found


async def report(session: AsyncSession, announcement_id: int) -> Report:
    """All figures of one announcement."""
    parts, price = await _cost(session, announcement_id)
    return Report(
        progress=(await progress(session, [announcement_id]))[announcement_id],
        parts=parts,
        price=price,
        opted_out=await _opted_out(session, announcement_id),
        errors=await _errors(session, announcement_id),
        last_at=await session.scalar(
            select(func.max(OutboxRow.sent_at))
            .join(AnnouncementRecipient, AnnouncementRecipient.outbox_id == OutboxRow.id)
            .where(AnnouncementRecipient.announcement_id == announcement_id)
        ),
    )


async def _cost(session: AsyncSession, announcement_id: int) -> tuple[int, int]:
    parts, price = (
        await session.execute(
            select(func.sum(SendAttempt.parts), func.sum(SendAttempt.price))
            .join(AnnouncementRecipient, AnnouncementRecipient.outbox_id == SendAttempt.outbox_id)
            .where(
                AnnouncementRecipient.announcement_id == announcement_id,
                SendAttempt.state.in_(TAKEN),
            )
        )
    ).one()
    return int(parts or 0), int(price or 0)


async def _opted_out(session: AsyncSession, announcement_id: int) -> int:
    since = select(Announcement.approved_at).where(Announcement.id == announcement_id)
    gone = (
        select(PERSON)
        .join(Subscription, Subscription.conversation_id == Conversation.id)
        .where(Subscription.ended_at >= since.scalar_subquery())
    )
    found = await session.scalar(
        select(func.count())
        .select_from(AnnouncementRecipient)
        .where(
            AnnouncementRecipient.announcement_id == announcement_id,
            AnnouncementRecipient.conversation_id.in_(gone),
        )
    )
    return int(found or 0)


async def _errors(session: AsyncSession, announcement_id: int) -> tuple[tuple[str, int], ...]:
    error = func.coalesce(OutboxRow.error, "")
    rows = await session.execute(
        select(error, func.count())
        .join(AnnouncementRecipient, AnnouncementRecipient.outbox_id == OutboxRow.id)
        .where(
            AnnouncementRecipient.announcement_id == announcement_id, OutboxRow.state == "failed"
        )
        .group_by(error)
        .order_by(func.count().desc(), error)
        .limit(10)
    )
    return tuple((text, int(count)) for text, count in rows)


async def lines(session: AsyncSession, announcement_id: int) -> list[Line]:
    """One line a person, in the order in which they were taken up."""
    villages = (
        select(PERSON.label("person"), func.max(Subscription.village).label("village"))
        .join(Subscription, Subscription.conversation_id == Conversation.id)
        .group_by(PERSON)
        .subquery()
    )
    cost = (
        select(
            SendAttempt.outbox_id,
            func.sum(SendAttempt.parts).label("parts"),
            func.sum(SendAttempt.price).label("price"),
        )
        .where(SendAttempt.state.in_(TAKEN))
        .group_by(SendAttempt.outbox_id)
        .subquery()
    )
    row, message = AnnouncementRecipient, OutboxRow
    rows = await session.execute(
        select(
            row.state, row.reason, _BECAME, message.channel, message.sent_at,
            cost.c.parts, cost.c.price, villages.c.village,
        )
        .outerjoin(message, message.id == row.outbox_id)
        .outerjoin(cost, cost.c.outbox_id == message.id)
        .outerjoin(villages, villages.c.person == row.conversation_id)
        .where(row.announcement_id == announcement_id)
        .order_by(row.id)
    )  # fmt: skip
    found = []
    for state, reason, message_state, channel, at, parts, price, where in rows:
        became, why = fate(state, reason, message_state)
        told = channel or "" if became != "skipped" else ""
        found.append(Line(where, told, became, why, at, int(parts or 0), int(price or 0)))
    return found
