"""Who wants to hear no more: said once, on whatever channel, obeyed on all of them.

For stopping, the SMS conversation of a number given unproved counts as the person's
(``people``): to stop too much is the smaller harm.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import conversations, leaving, outbox, people
from bot.store.conversations import rows_changed
from bot.store.models import Conversation, OptOut, Reminder

WAITING = ("scheduled", "to_call")


async def refused(session: AsyncSession, conversation_id: int) -> bool:
    """Whether the person said stop, here or elsewhere, and has not agreed since."""
    mine = await people.conversations_of(session, conversation_id)
    found = await session.scalar(
        select(OptOut.id)
        .join(
            Conversation,
            (Conversation.commune == OptOut.commune)
            & (Conversation.address_hash == OptOut.subject_hash),
        )
        .where(Conversation.id.in_(mine), OptOut.lifted_at.is_(None))
        .limit(1)
    )
    return found is not None


async def lift(session: AsyncSession, conversation_id: int, now: datetime) -> None:
    """They agree anew: what they refused before is over, on all their channels."""
    mine = await people.conversations_of(session, conversation_id)
    hashes = select(Conversation.address_hash).where(Conversation.id.in_(mine))
    await session.execute(
        update(OptOut)
        .where(OptOut.subject_hash.in_(hashes), OptOut.lifted_at.is_(None))
        .values(lifted_at=now)
        .execution_options(synchronize_session=False)
    )


async def stop(session: AsyncSession, conversation_id: int, now: datetime) -> int:
    """HUY / TC: end everything that is sent unasked, and refuse it until they agree anew.

    Reminders from or to this person, announcements, and what of both waits to leave; consents
    are withdrawn. Returns how many messages will not come any more.
    """
    mine = await _concerned(session, conversation_id)
    about = or_(Reminder.conversation_id.in_(mine), Reminder.target_id.in_(mine))
    targets = set(await session.scalars(select(Reminder.target_id).where(about).distinct()))
    ended = await _end_reminders(session, mine, now)
    ended += (await leaving.end(session, mine | targets, now)).messages
    for one in mine | targets:
        await _refuse(session, one, now)
    return ended


async def _concerned(session: AsyncSession, conversation_id: int) -> set[int]:
    mine = await people.conversations_of(session, conversation_id)
    view = await conversations.get(session, conversation_id)
    if view is not None and view.phone:
        there = await conversations.find(session, view.commune, "sms", view.phone)
        mine |= set() if there is None else await people.conversations_of(session, there)
    return mine


async def _end_reminders(session: AsyncSession, mine: set[int], now: datetime) -> int:
    about = or_(Reminder.conversation_id.in_(mine), Reminder.target_id.in_(mine))
    result = await session.execute(
        update(Reminder)
        .where(about, Reminder.state.in_(WAITING))
        .values(state="cancelled")
        .execution_options(synchronize_session=False)
    )
    # Also what is queued but has not left (waiting for the morning).
    withdrawn = await outbox.cancel_reminders(session, select(Reminder.id).where(about))
    await leaving.withdraw(session, select(Reminder.consent_id).where(about), now)
    return rows_changed(result) + withdrawn


async def _refuse(session: AsyncSession, conversation_id: int, now: datetime) -> None:
    row = await session.get_one(Conversation, conversation_id)
    there = await session.scalar(
        select(OptOut.id).where(
            OptOut.commune == row.commune,
            OptOut.subject_hash == row.address_hash,
            OptOut.lifted_at.is_(None),
        )
    )
    if there is None:
        session.add(OptOut(commune=row.commune, subject_hash=row.address_hash, at=now))
        await session.flush()
