"""What the officers' group has been told of, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Channel, InboundKind
from bot.store.engine import vault_of
from bot.store.handovers import HandOverView, of_conversation
from bot.store.models import (
    OUTSIDE_APP,
    Conversation,
    HandOver,
    InboxRow,
    OutboxRow,
    officer_owner,
)

_FIRST_LOOK_BACK = 3
"""So many of the last messages tell what a hand-over is about."""
_SAME_TALK = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A hand-over of which the group has something to learn."""

    handover_id: int
    channel: Channel
    reason: str
    texts: tuple[str, ...]
    """What the citizen typed that the group has not seen, oldest first."""
    told_before: bool
    newest: int
    """The citizen's newest message of all; 0 when there is none."""


async def untold(session: AsyncSession, commune: str, since: datetime) -> Sequence[Waiting]:
    """Open hand-overs since then that nobody of the console has, with something that is new."""
    newest = (
        select(func.coalesce(func.max(InboxRow.id), 0))
        .where(InboxRow.conversation_id == HandOver.conversation_id)
        .correlate(HandOver)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(HandOver, Conversation, newest)
        .join(Conversation, Conversation.id == HandOver.conversation_id)
        .where(
            HandOver.commune == commune,
            HandOver.closed_at.is_(None),
            HandOver.taken_by.is_(None),
            HandOver.opened_at > since,
            # Told already: only what is written while the group itself answers.
            HandOver.told_group_at.is_(None)
            | (
                (Conversation.owner == officer_owner(OUTSIDE_APP))
                & (newest > func.coalesce(HandOver.told_inbox_id, 0))
            ),
        )
        .order_by(HandOver.id)
        .with_for_update(skip_locked=True, of=HandOver)
    )
    return [await _waiting(session, *row) for row in rows.all()]


async def _waiting(
    session: AsyncSession, handover: HandOver, conversation: Conversation, newest: int
) -> Waiting:
    return Waiting(
        handover_id=handover.id,
        channel=cast("Channel", conversation.channel),
        reason=handover.reason,
        texts=await _texts(session, handover),
        told_before=handover.told_group_at is not None,
        newest=newest,
    )


async def _texts(session: AsyncSession, handover: HandOver) -> tuple[str, ...]:
    typed = (
        select(InboxRow)
        .where(
            InboxRow.conversation_id == handover.conversation_id,
            InboxRow.kind == InboundKind.TEXT.value,
            InboxRow.text_enc.is_not(None),
        )
        .order_by(InboxRow.id.desc())
    )
    if handover.told_group_at is not None:
        typed = typed.where(InboxRow.id > (handover.told_inbox_id or 0))
    else:
        typed = typed.where(InboxRow.received_at > handover.opened_at - _SAME_TALK)
    rows = await session.scalars(typed.limit(_FIRST_LOOK_BACK))
    vault = vault_of(session)
    return tuple(vault.decrypt(row.text_enc or "") for row in reversed(rows.all()))


async def newest_of(session: AsyncSession, conversation_id: int) -> int:
    """The citizen's newest message; 0 when there is none."""
    newest = select(func.max(InboxRow.id)).where(InboxRow.conversation_id == conversation_id)
    return int(await session.scalar(newest) or 0)


async def told(session: AsyncSession, handover_id: int, newest: int, now: datetime) -> None:
    """The group knows of everything up to ``newest``."""
    await session.execute(
        update(HandOver)
        .where(HandOver.id == handover_id)
        .values(told_group_at=func.coalesce(HandOver.told_group_at, now), told_inbox_id=newest)
    )


async def quoted(session: AsyncSession, group_id: int, provider_message_id: str) -> int | None:
    """Of which hand-over a post in the group told; None when it told of none."""
    key = await session.scalar(
        select(OutboxRow.key).where(
            OutboxRow.conversation_id == group_id,
            OutboxRow.provider_message_id == provider_message_id,
            OutboxRow.key.startswith("handover:"),
        )
    )
    return int(key.split(":")[1]) if key else None


async def open_handover(
    session: AsyncSession, commune: str, handover_id: int
) -> HandOverView | None:
    """The hand-over of that number, while it is open."""
    conversation_id = await session.scalar(
        select(HandOver.conversation_id).where(
            HandOver.id == handover_id,
            HandOver.commune == commune,
            HandOver.closed_at.is_(None),
        )
    )
    return None if conversation_id is None else await of_conversation(session, conversation_id)
