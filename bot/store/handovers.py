"""Hand-overs: opened by the bot, taken, answered and given back by an officer.

``Conversation.owner`` alone says who may speak; it is read and changed under a row lock
in the same transaction that queues a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Channel
from bot.store import conversations, outbox
from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.models import (
    OUTSIDE_APP,
    Conversation,
    HandOver,
    Officer,
    officer_owner,
)

OUTSIDE = "Cán bộ trả lời trong ứng dụng Zalo"


class NotYours(Exception):
    """The conversation is with another officer, or not handed over at all."""


@dataclass(frozen=True, slots=True)
class HandOverView:
    """One line of the officer's list."""

    id: int
    conversation_id: int
    channel: Channel
    reason: str
    opened_at: datetime
    taken_by: int | None
    taken_by_name: str | None
    taken_at: datetime | None
    closed_at: datetime | None
    last_inbound_at: datetime | None
    last_officer_at: datetime | None


async def open_one(
    session: AsyncSession,
    commune: str,
    conversation_id: int,
    inbox_id: int | None,
    reason: str,
    now: datetime,
) -> bool:
    """Put the conversation on the officers' list; False when it is there already."""
    # A worker and a sender may find the same trouble at once: the index decides.
    result = await session.execute(
        insert_ignoring(session, HandOver).values(
            commune=commune,
            conversation_id=conversation_id,
            inbox_id=inbox_id,
            reason=reason,
            opened_at=now,
        )
    )
    return rows_changed(result) == 1


async def is_open(session: AsyncSession, conversation_id: int) -> bool:
    """Whether the conversation waits for, or is with, an officer."""
    found = await session.scalar(
        select(HandOver.id).where(
            HandOver.conversation_id == conversation_id, HandOver.closed_at.is_(None)
        )
    )
    return found is not None


async def listing(
    session: AsyncSession, commune: str, *, closed: bool = False, limit: int = 100
) -> list[HandOverView]:
    """Open ones, longest waiting first; or the latest closed ones."""
    query = (
        select(HandOver, Conversation, Officer.name)
        .join(Conversation, Conversation.id == HandOver.conversation_id)
        .outerjoin(Officer, Officer.id == HandOver.taken_by)
        .where(HandOver.commune == commune)
        .limit(limit)
    )
    if closed:
        query = query.where(HandOver.closed_at.is_not(None)).order_by(HandOver.closed_at.desc())
    else:
        query = query.where(HandOver.closed_at.is_(None)).order_by(HandOver.opened_at)
    rows = (await session.execute(query)).all()
    return [_view(handover, conversation, name) for handover, conversation, name in rows]


async def of_conversation(session: AsyncSession, conversation_id: int) -> HandOverView | None:
    """The open hand-over of a conversation, or its last closed one."""
    row = (
        await session.execute(
            select(HandOver, Conversation, Officer.name)
            .join(Conversation, Conversation.id == HandOver.conversation_id)
            .outerjoin(Officer, Officer.id == HandOver.taken_by)
            .where(HandOver.conversation_id == conversation_id)
            .order_by(HandOver.closed_at.is_not(None), HandOver.id.desc())
            .limit(1)
        )
    ).first()
    return None if row is None else _view(*row)


def _view(handover: HandOver, conversation: Conversation, name: str | None) -> HandOverView:
    return HandOverView(
        id=handover.id,
        conversation_id=conversation.id,
        channel=cast("Channel", conversation.channel),
        reason=handover.reason,
        opened_at=handover.opened_at,
        taken_by=handover.taken_by,
        taken_by_name=name,
        taken_at=handover.taken_at,
        closed_at=handover.closed_at,
        last_inbound_at=conversation.last_inbound_at,
        last_officer_at=conversation.last_officer_at,
    )


async def take(
    session: AsyncSession, commune: str, conversation_id: int, officer_id: int, now: datetime
) -> None:
    """The officer takes over: from this commit on the bot is silent.

    What the bot has queued but not sent is withdrawn. Somebody who answered in the
    provider's own app holds nothing: whoever takes it here has it.

    Raises:
        NotYours: another officer has it, or it belongs to another commune.
    """
    conversation = await conversations.get(session, conversation_id, lock=True)
    mine = officer_owner(officer_id)
    if conversation is None or conversation.commune != commune:
        raise NotYours("không có cuộc trò chuyện này")
    free = conversation.bot_owns or conversation.owner == officer_owner(OUTSIDE_APP)
    if not free and conversation.owner != mine:
        raise NotYours("cán bộ khác đang trả lời cuộc trò chuyện này")
    await open_one(session, commune, conversation_id, None, "Cán bộ chủ động nhận", now)
    await session.execute(
        update(HandOver)
        .where(HandOver.conversation_id == conversation_id, HandOver.closed_at.is_(None))
        .values(taken_by=officer_id, taken_at=now)
    )
    await conversations.set_owner(session, conversation_id, officer_id, now)
    await outbox.cancel_queued(session, conversation_id, "bot")


async def taken_outside(session: AsyncSession, conversation_id: int, now: datetime) -> None:
    """An officer answers in the provider's own app or in the group: the bot is silent.

    Whoever takes the conversation in the console has it from then on.
    """
    conversation = await conversations.get(session, conversation_id, lock=True)
    assert conversation is not None
    await open_one(session, conversation.commune, conversation_id, None, OUTSIDE, now)
    if conversation.bot_owns:
        await outbox.cancel_queued(session, conversation_id, "bot")
    if conversation.bot_owns or conversation.owner == officer_owner(OUTSIDE_APP):
        await conversations.set_owner(session, conversation_id, OUTSIDE_APP, now)


async def close_outside(
    session: AsyncSession, conversation_id: int, farewell: str, now: datetime
) -> None:
    """The group is done with it: the bot says so and answers again."""
    await _over(session, conversation_id, None, farewell, now)


async def write(
    session: AsyncSession,
    commune: str,
    conversation_id: int,
    officer_id: int,
    key: str,
    text: str,
    now: datetime,
) -> bool:
    """Queue the officer's message; False when this key was queued before (double click).

    Args:
        key: made by the form, so that sending twice queues once.

    Raises:
        NotYours: the officer has not taken the conversation (any more).
    """
    conversation = await conversations.get(session, conversation_id, lock=True)
    if (
        conversation is None
        or conversation.commune != commune
        or conversation.owner != officer_owner(officer_id)
    ):
        raise NotYours("anh/chị cần nhận cuộc trò chuyện này trước khi trả lời")
    draft = outbox.Draft(
        key=f"officer:{key}"[:80], author="officer", text=text, officer_id=officer_id
    )
    await conversations.set_owner(session, conversation_id, officer_id, now)
    return await outbox.queue(session, conversation_id, draft, now) is not None


async def give_back(
    session: AsyncSession,
    commune: str,
    conversation_id: int,
    officer_id: int,
    farewell: str,
    now: datetime,
) -> None:
    """The officer gives the conversation back; the bot says so and answers again.

    Raises:
        NotYours: the officer does not have it.
    """
    conversation = await conversations.get(session, conversation_id, lock=True)
    if (
        conversation is None
        or conversation.commune != commune
        or conversation.owner != officer_owner(officer_id)
    ):
        raise NotYours("cuộc trò chuyện này không ở chỗ anh/chị")
    await _over(session, conversation_id, officer_id, farewell, now)


async def reclaim(session: AsyncSession, conversation_id: int, now: datetime) -> None:
    """The bot takes a conversation back from an officer who has gone quiet.

    The hand-over stays on the list, untaken, so that another officer sees it.
    """
    await conversations.set_owner(session, conversation_id, None, now)
    await session.execute(
        update(HandOver)
        .where(HandOver.conversation_id == conversation_id, HandOver.closed_at.is_(None))
        .values(taken_by=None, taken_at=None)
    )


async def _over(
    session: AsyncSession,
    conversation_id: int,
    officer_id: int | None,
    farewell: str,
    now: datetime,
) -> None:
    handover_id = await _close(session, conversation_id, officer_id, now)
    await conversations.set_owner(session, conversation_id, None, now)
    draft = outbox.Draft(key=f"giveback:{handover_id}", author="bot", text=farewell)
    await outbox.queue(session, conversation_id, draft, now)


async def _close(
    session: AsyncSession, conversation_id: int, officer_id: int | None, now: datetime
) -> int | None:
    handover_id = await session.scalar(
        select(HandOver.id).where(
            HandOver.conversation_id == conversation_id, HandOver.closed_at.is_(None)
        )
    )
    await session.execute(
        update(HandOver)
        .where(HandOver.id == handover_id)
        .values(closed_at=now, closed_by=officer_id)
    )
    return handover_id


async def dismiss(
    session: AsyncSession, commune: str, conversation_id: int, officer_id: int, now: datetime
) -> bool:
    """Close a hand-over that needs no answer (nobody has taken it); False if it cannot."""
    result = await session.execute(
        update(HandOver)
        .where(
            HandOver.commune == commune,
            HandOver.conversation_id == conversation_id,
            HandOver.closed_at.is_(None),
            HandOver.taken_by.is_(None),
        )
        .values(closed_at=now, closed_by=officer_id)
    )
    return rows_changed(result) > 0


async def count_open(session: AsyncSession) -> int:
    """How many citizens wait for, or are with, an officer (all communes)."""
    return int(
        await session.scalar(
            select(func.count()).select_from(HandOver).where(HandOver.closed_at.is_(None))
        )
        or 0
    )
