"""Small settings of the installation that outlive a restart."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import Note

EVERYWHERE = "*"
"""The commune of notes that concern the whole installation."""


async def get(session: AsyncSession, name: str, commune: str = EVERYWHERE) -> str | None:
    """The note's value, or None."""
    row = await session.get(Note, (commune, name))
    return None if row is None else row.value


async def put(session: AsyncSession, name: str, value: str, commune: str = EVERYWHERE) -> None:
    """Write or replace a note."""
    await session.merge(Note(commune=commune, name=name, value=value))
