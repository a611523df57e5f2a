"""Who wants to hear no more: said once, on whatever channel, obeyed on all of them.

The conversations of one person are those linked to one number (``Conversation.linked_id``,
proved by a code), and, for stopping, also the SMS conversation of a number given unproved: to
stop too much is the smaller harm.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import conversations, outbox
from bot.store.conversations import rows_changed
from bot.store.models import (
    AnnouncementRecipient,
    Consent,
    Conversation,
    OptOut,
    OutboxRow,
    Reminder,
    Subscription,
)

WAITING = ("scheduled", "to_call")


async def person(session: AsyncSession, conversation_id: int) -> set[int]:
    """All conversations that are proved to be of the same person, this one included."""
    linked = await session.scalar(
        select(Conversation.linked_id).where(Conversation.id == conversation_id)
    )
    root = linked or conversation_id
    rows = await session.scalars(select(Conversation.id).where(Conversation.linked_id == root))
    return {root, conversation_id, *rows}


async def refused(session: AsyncSession, conversation_id: int) -> bool:
    """Whether the person said stop, here or elsewhere, and has not agreed since."""
    mine = await person(session, conversation_id)
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
    mine = await person(session, conversation_id)
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
    ended += await _end_notices(session, mine | targets, now)
    for one in mine | targets:
        await _refuse(session, one, now)
    return ended


async def _concerned(session: AsyncSession, conversation_id: int) -> set[int]:
    mine = await person(session, conversation_id)
    view = await conversations.get(session, conversation_id)
    if view is not None and view.phone:
        there = await conversations.find(session, view.commune, "sms", view.phone)
        mine |= set() if there is None else await person(session, there)
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
    await _withdraw(session, select(Reminder.consent_id).where(about), now)
    return rows_changed(result) + withdrawn


async def _end_notices(session: AsyncSession, mine: set[int], now: datetime) -> int:
    theirs = Subscription.conversation_id.in_(mine)
    await _withdraw(session, select(Subscription.consent_id).where(theirs), now)
    await session.execute(
        update(Subscription)
        .where(theirs, Subscription.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    waiting = await session.execute(
        update(AnnouncementRecipient)
        .where(
            AnnouncementRecipient.conversation_id.in_(mine),
            AnnouncementRecipient.state == "waiting",
        )
        .values(state="skipped", reason="refused")
        .execution_options(synchronize_session=False)
    )
    queued = await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.conversation_id.in_(mine),
            OutboxRow.author == "notice",
            OutboxRow.state == "queued",
        )
        .values(state="cancelled")
        .execution_options(synchronize_session=False)
    )
    return rows_changed(waiting) + rows_changed(queued)


async def _withdraw(session: AsyncSession, consents: Select[int], now: datetime) -> None:
    await session.execute(
        update(Consent)
        .where(Consent.id.in_(consents), Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )


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
