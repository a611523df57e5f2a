"""Which conversations are of one person: those linked to one number (``Conversation.linked_id``),
which was proved by a code."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import Conversation


async def conversations_of(session: AsyncSession, conversation_id: int) -> set[int]:
    """All conversations that are proved to be of the same person, this one included."""
    linked = await session.scalar(
        select(Conversation.linked_id).where(Conversation.id == conversation_id)
    )
    root = linked or conversation_id
    rows = await session.scalars(select(Conversation.id).where(Conversation.linked_id == root))
    return {root, conversation_id, *rows}
