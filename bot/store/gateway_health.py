"""The weight of gateways: how much of its share each one gets, as all processes see it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.attempts import FAULTS
from bot.store.conversations import insert_ignoring
from bot.store.models import SendAttempt, SmsGatewayHealth

FULL = 100
LEAST = 5
"""What a failing gateway keeps, so that its recovery is noticed."""


async def ensure(session: AsyncSession, commune: str, name: str) -> None:
    """Make sure that there is a row."""
    await session.execute(
        insert_ignoring(session, SmsGatewayHealth).values(commune=commune, name=name, weight=FULL)
    )


async def weights(session: AsyncSession, commune: str) -> dict[str, int]:
    """Per cent of their shares, by gateway; one that never moved is not there."""
    rows = await session.execute(
        select(SmsGatewayHealth.name, SmsGatewayHealth.weight).where(
            SmsGatewayHealth.commune == commune
        )
    )
    return {name: int(weight) for name, weight in rows}


async def move(
    session: AsyncSession, commune: str, name: str, by: int, wall: datetime, every: timedelta
) -> bool:
    """Change a weight, unless somebody did within ``every``; False when it stays."""
    await ensure(session, commune, name)
    row = await session.scalar(
        select(SmsGatewayHealth)
        .where(SmsGatewayHealth.commune == commune, SmsGatewayHealth.name == name)
        .with_for_update()
    )
    assert row is not None
    new = min(FULL, max(LEAST, row.weight + by))
    if new == row.weight or (row.weight_at is not None and wall - row.weight_at < every):
        return False
    row.weight, row.weight_at = new, wall
    return True


async def recover(
    session: AsyncSession, wall: datetime, calm: timedelta, every: timedelta, step: int
) -> int:
    """Raise, at most once in ``every``, the weights of those without a fault for ``calm``."""
    low = await session.scalars(
        select(SmsGatewayHealth).where(
            SmsGatewayHealth.weight < FULL,
            or_(SmsGatewayHealth.weight_at.is_(None), SmsGatewayHealth.weight_at <= wall - every),
        )
    )
    raised = 0
    for row in list(low):
        fault = await session.scalar(
            select(SendAttempt.id)
            .where(
                SendAttempt.commune == row.commune,
                SendAttempt.gateway == row.name,
                SendAttempt.started_at > wall - calm,
                SendAttempt.state.in_(FAULTS),
            )
            .limit(1)
        )
        if fault is None:
            raised += await move(session, row.commune, row.name, step, wall, every)
    return raised
