"""A citizen's own data: told, erased on request, and dropped when its time is over.

Kept after an erasure: that a message came and was answered (times and states, no words),
the proof of consents (words shown, no words of the citizen), and a refusal of reminders.
A question that was not understood goes with its message. What an officer has labelled may
stay to learn from, masked: when its message's time is over, nothing tells any more whose it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import questions
from bot.store.conversations import rows_changed
from bot.store.models import Conversation, InboxRow, OutboxRow, Reminder, UnclearQuestion

TEXT_LIFE = timedelta(days=30)
"""How long the words of a conversation are kept after it was last used."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held on one conversation."""

    messages: int
    since: datetime | None
    reminders: int


async def held(session: AsyncSession, conversation_id: int) -> Held:
    """Count what a citizen may ask to see."""
    messages, since = (
        await session.execute(
            select(func.count(), func.min(InboxRow.received_at)).where(
                InboxRow.conversation_id == conversation_id, InboxRow.text_enc.is_not(None)
            )
        )
    ).one()
    reminders = await session.scalar(
        select(func.count())
        .select_from(Reminder)
        .where(
            (Reminder.conversation_id == conversation_id) | (Reminder.target_id == conversation_id),
            Reminder.state == "scheduled",
        )
    )
    return Held(int(messages), since, int(reminders or 0))


async def erase(session: AsyncSession, conversation_id: int, up_to_inbox_id: int) -> None:
    """Erase the words of a conversation, its state, its questions and its reminders' texts.

    Messages after ``up_to_inbox_id`` (the request itself) stay until they are handled; rows
    on their way out keep their words until they are sent.
    """
    await session.execute(
        update(InboxRow)
        .where(InboxRow.conversation_id == conversation_id, InboxRow.id <= up_to_inbox_id)
        .values(text_enc=None)
    )
    await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.conversation_id == conversation_id,
            OutboxRow.state.not_in(("queued", "sending")),
        )
        .values(body_enc=None)
    )
    await session.execute(
        delete(UnclearQuestion).where(UnclearQuestion.conversation_id == conversation_id)
    )
    await _erase_reminders(session, conversation_id)
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(state_enc=None, phone_enc=None)
    )


async def _erase_reminders(session: AsyncSession, conversation_id: int) -> None:
    """What was agreed here or goes here, and what went out of it to a phone."""
    agreed = or_(Reminder.conversation_id == conversation_id, Reminder.target_id == conversation_id)
    sent = select(Reminder.id).where(agreed)
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.reminder_id.in_(sent), OutboxRow.state.not_in(("queued", "sending")))
        .values(body_enc=None)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Reminder)
        .where(agreed)
        .values(body_enc=None)
        .execution_options(synchronize_session=False)
    )


async def drop_old(session: AsyncSession, now: datetime, life: timedelta = TEXT_LIFE) -> int:
    """Erase the words of conversations unused for ``life``; returns how many messages.

    A reminder's words go so long after the day on which it became pointless.
    """
    old = (
        select(Conversation.id)
        .where(func.coalesce(Conversation.last_inbound_at, Conversation.created_at) < now - life)
        .scalar_subquery()
    )
    dropped = 0
    dropped += rows_changed(
        await session.execute(
            update(InboxRow)
            .where(
                InboxRow.conversation_id.in_(old),
                InboxRow.text_enc.is_not(None),
                InboxRow.state != "new",
            )
            .values(text_enc=None)
            .execution_options(synchronize_session=False)
        )
    )
    dropped += rows_changed(
        await session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.conversation_id.in_(old),
                OutboxRow.body_enc.is_not(None),
                OutboxRow.state.not_in(("queued", "sending")),
                OutboxRow.created_at < now - life,
            )
            .values(body_enc=None)
            .execution_options(synchronize_session=False)
        )
    )
    await session.execute(
        update(Reminder)
        .where(
            Reminder.state != "scheduled",
            Reminder.body_enc.is_not(None),
            Reminder.expires_at < now - life,
        )
        .values(body_enc=None)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Conversation)
        .where(
            Conversation.id.in_(old),
            or_(Conversation.state_enc.is_not(None), Conversation.phone_enc.is_not(None)),
        )
        .values(state_enc=None, phone_enc=None)
        .execution_options(synchronize_session=False)
    )
    await _drop_old_questions(session, old, now - life)
    return dropped


async def _drop_old_questions(
    session: AsyncSession, old: ScalarSelect[int], before: datetime
) -> None:
    """What nobody labelled goes with its message; what somebody did loses its link."""
    linked = UnclearQuestion.conversation_id
    await session.execute(
        delete(UnclearQuestion)
        .where(
            UnclearQuestion.state.in_(("open", "skipped")), or_(linked.in_(old), linked.is_(None))
        )
        .execution_options(synchronize_session=False)
    )
    await questions.unlink(
        session,
        UnclearQuestion.state == "labelled",
        linked.is_not(None),
        UnclearQuestion.created_at < before,
    )
