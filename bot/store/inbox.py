"""Inbox rows: stored once, done once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Inbound, InboundKind
from bot.store import conversations
from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.engine import vault_of
from bot.store.models import Conversation, InboxRow


@dataclass(frozen=True, slots=True)
class InboxView:
    """One stored message, opened."""

    id: int
    conversation_id: int
    kind: InboundKind
    text: str
    media: str | None
    received_at: datetime
    attempts: int
    reply_to: str = ""


async def insert(
    session: AsyncSession, inbound: Inbound, now: datetime, wall: datetime
) -> int | None:
    """Store ``inbound`` (its text already clean and masked); None when it is a duplicate.

    Args:
        now: when it arrived, as people are told it.
        wall: the machine's time, from which it may be worked on.
    """
    conversation_id = await conversations.get_or_create(
        session, inbound.commune, inbound.channel, inbound.address, now
    )
    ignored = inbound.kind is InboundKind.IGNORED
    inbox_id = await session.scalar(
        insert_ignoring(session, InboxRow)
        .values(
            commune=inbound.commune,
            channel=inbound.channel,
            provider_id=inbound.provider_id[:200],
            conversation_id=conversation_id,
            seq=await conversations.next_seq(session, conversation_id),
            kind=inbound.kind.value,
            media=inbound.media,
            reply_to=inbound.reply_to[:200] or None,
            text_enc=vault_of(session).encrypt(inbound.text),
            received_at=now,
            state="done" if ignored else "new",
            attempts=0,
            not_before=wall,
        )
        .returning(InboxRow.id)
    )
    if inbox_id is not None and not ignored:
        await session.execute(
            update(Conversation)
            .where(Conversation.id == conversation_id)
            .values(last_inbound_at=now)
        )
    return int(inbox_id) if inbox_id is not None else None


async def next_new(session: AsyncSession, conversation_id: int, wall: datetime) -> InboxView | None:
    """The oldest message of the conversation that is not done, unless it must wait still."""
    row = await session.scalar(
        select(InboxRow)
        .where(InboxRow.conversation_id == conversation_id, InboxRow.state == "new")
        .order_by(InboxRow.id)
        .limit(1)
    )
    if row is None or row.not_before > wall:
        return None
    return InboxView(
        id=row.id,
        conversation_id=row.conversation_id,
        kind=InboundKind(row.kind),
        text=vault_of(session).decrypt(row.text_enc) if row.text_enc else "",
        media=row.media,
        received_at=row.received_at,
        attempts=row.attempts,
        reply_to=row.reply_to or "",
    )


async def mark_done(session: AsyncSession, inbox_id: int, now: datetime) -> bool:
    """new -> done; False when it was done already (then nothing may be queued for it)."""
    result = await session.execute(
        update(InboxRow)
        .where(InboxRow.id == inbox_id, InboxRow.state == "new")
        .values(state="done", done_at=now, error=None)
    )
    return rows_changed(result) == 1


async def postpone(
    session: AsyncSession, inbox_id: int, not_before: datetime, error: str, *, failed: bool = True
) -> None:
    """The message is tried again from ``not_before``; ``failed`` counts as an attempt."""
    await session.execute(
        update(InboxRow)
        .where(InboxRow.id == inbox_id, InboxRow.state == "new")
        .values(attempts=InboxRow.attempts + int(failed), not_before=not_before, error=error[:500])
    )


async def give_up(session: AsyncSession, inbox_id: int, now: datetime, error: str) -> bool:
    """new -> failed; False when it was not new any more."""
    result = await session.execute(
        update(InboxRow)
        .where(InboxRow.id == inbox_id, InboxRow.state == "new")
        .values(state="failed", done_at=now, error=error[:500])
    )
    return rows_changed(result) == 1


async def waiting(session: AsyncSession) -> tuple[int, datetime | None]:
    """How many messages wait for an answer, and since when the oldest does."""
    row = (
        await session.execute(
            select(func.count(), func.min(InboxRow.received_at)).where(InboxRow.state == "new")
        )
    ).one()
    return int(row[0]), row[1]
