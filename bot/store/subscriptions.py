"""Who agreed to be told what the commune announces.

Each conversation has at most one row; a person's conversations (``people``) count as
one. Somebody who ends it keeps the row, so that it tells since when and until when.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import leaving, people, refusals
from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.models import Consent, Conversation, Subscription

PURPOSE = "thong_bao"
"""Of the consents behind subscriptions."""


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What a person agreed to; ``village`` is its key, None when it was not said."""

    conversation_ids: tuple[int, ...]
    village: str | None
    since: datetime


async def agree(
    session: AsyncSession,
    conversation_id: int,
    village: str | None,
    text_shown: str,
    now: datetime,
    *,
    inbox_id: int | None = None,
    source: str = "message",
    officer_id: int | None = None,
    given_at: datetime | None = None,
) -> bool:
    """Record the consent of this conversation's person and subscribe it.

    An earlier stop of the person is lifted. True: it was not subscribed before.

    Args:
        given_at: when it was signed, of a paper; ``now`` when left out.
    """
    row = await session.get_one(Conversation, conversation_id)
    consent = Consent(
        commune=row.commune,
        conversation_id=conversation_id,
        subject_hash=row.address_hash,
        purpose=PURPOSE,
        text_shown=text_shown,
        source=source,
        inbox_id=inbox_id,
        officer_id=officer_id,
        given_at=given_at or now,
    )
    session.add(consent)
    await session.flush()
    await refusals.lift(session, conversation_id, now)
    return await subscribe(session, conversation_id, village, consent.id, now)


async def subscribe(
    session: AsyncSession,
    conversation_id: int,
    village: str | None,
    consent_id: int,
    now: datetime,
) -> bool:
    """Subscribe a conversation by a consent; True when it was not subscribed before.

    A ``village`` holds for the whole person, who lives in one; None leaves it as it was.
    """
    row = await session.get_one(Conversation, conversation_id)
    made = await session.execute(
        insert_ignoring(session, Subscription).values(
            commune=row.commune,
            conversation_id=conversation_id,
            village=village,
            consent_id=consent_id,
            since=now,
        )
    )
    fresh = rows_changed(made) == 1
    if not fresh:
        fresh = await _revive(session, conversation_id, consent_id, now)
    await move(session, conversation_id, village)
    return fresh


async def _revive(
    session: AsyncSession, conversation_id: int, consent_id: int, now: datetime
) -> bool:
    """The row is there already: begin anew when it had ended."""
    result = await session.execute(
        update(Subscription)
        .where(Subscription.conversation_id == conversation_id, Subscription.ended_at.is_not(None))
        .values(ended_at=None, since=now, consent_id=consent_id)
        .execution_options(synchronize_session=False)
    )
    if rows_changed(result) == 1:
        return True
    await session.execute(
        update(Subscription)
        .where(Subscription.conversation_id == conversation_id)
        .values(consent_id=consent_id)
        .execution_options(synchronize_session=False)
    )
    return False


async def move(session: AsyncSession, conversation_id: int, village: str | None) -> None:
    """The person lives in that village; None changes nothing."""
    if village is None:
        return
    mine = await people.conversations_of(session, conversation_id)
    await session.execute(
        update(Subscription)
        .where(Subscription.conversation_id.in_(mine), Subscription.ended_at.is_(None))
        .values(village=village)
        .execution_options(synchronize_session=False)
    )


async def end_all(session: AsyncSession, conversation_id: int, now: datetime) -> int:
    """The whole person is told no more, on any channel; how many subscriptions ended.

    What waits for them, or waits to leave, is withdrawn. Unlike ``refusals.stop`` it leaves
    reminders alone.
    """
    mine = await people.conversations_of(session, conversation_id)
    return (await leaving.end(session, mine, now)).subscriptions


async def of(session: AsyncSession, conversation_id: int) -> Subscribed | None:
    """What the conversation's person is subscribed to now; None when to nothing."""
    mine = await people.conversations_of(session, conversation_id)
    rows = list(
        await session.scalars(
            select(Subscription)
            .where(Subscription.conversation_id.in_(mine), Subscription.ended_at.is_(None))
            .order_by(Subscription.since.desc(), Subscription.id.desc())
        )
    )
    if not rows:
        return None
    village = next((row.village for row in rows if row.village is not None), None)
    ids = tuple(sorted(row.conversation_id for row in rows))
    return Subscribed(ids, village, rows[-1].since)
