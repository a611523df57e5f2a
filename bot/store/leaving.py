"""A person leaves the announcements: nothing of them comes any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.conversations import rows_changed
from bot.store.models import AnnouncementRecipient, Consent, OutboxRow, Subscription


@dataclass(frozen=True, slots=True)
class Left:
    """How many subscriptions ended, and how many messages will not come any more."""

    subscriptions: int
    messages: int


async def end(session: AsyncSession, conversation_ids: Collection[int], now: datetime) -> Left:
    """End the subscriptions of these conversations, their consents, and what was to come."""
    theirs = Subscription.conversation_id.in_(conversation_ids)
    await withdraw(session, select(Subscription.consent_id).where(theirs), now)
    ended = await session.execute(
        update(Subscription)
        .where(theirs, Subscription.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return Left(rows_changed(ended), await _take_back(session, conversation_ids))


async def withdraw(session: AsyncSession, consents: Select[int], now: datetime) -> None:
    """Consents end; those that ended before keep their day."""
    await session.execute(
        update(Consent)
        .where(Consent.id.in_(consents), Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )


async def _take_back(session: AsyncSession, conversation_ids: Collection[int]) -> int:
    """Announcements that have not left for them yet."""
    waiting = await session.execute(
        update(AnnouncementRecipient)
        .where(
            AnnouncementRecipient.conversation_id.in_(conversation_ids),
            AnnouncementRecipient.state == "waiting",
        )
        .values(state="skipped", reason="refused")
        .execution_options(synchronize_session=False)
    )
    queued = await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.conversation_id.in_(conversation_ids),
            OutboxRow.author == "notice",
            OutboxRow.state == "queued",
        )
        .values(state="cancelled")
        .execution_options(synchronize_session=False)
    )
    return rows_changed(waiting) + rows_changed(queued)
