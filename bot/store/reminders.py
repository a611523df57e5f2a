"""Reminders and the consents behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import conversations, outbox
from bot.store.conversations import address_hash, insert_ignoring, rows_changed
from bot.store.engine import vault_of
from bot.store.models import Consent, Conversation, OptOut, Reminder


@dataclass(frozen=True, slots=True)
class NewReminder:
    """One reminder to schedule; ``key`` names its cause, so that it is scheduled once."""

    key: str
    kind: str
    procedure: str | None
    text: str
    due_at: datetime
    expires_at: datetime


async def agree(
    session: AsyncSession,
    commune: str,
    conversation_id: int,
    phone: str,
    purpose: str,
    text_shown: str,
    inbox_id: int,
    now: datetime,
) -> int:
    """Record a consent (who, when, to which words, by which message); returns its id.

    A new consent lifts an earlier stop of the same number.
    """
    subject = address_hash(session, commune, "sms", phone)
    consent = Consent(
        commune=commune,
        conversation_id=conversation_id,
        subject_hash=subject,
        purpose=purpose,
        text_shown=text_shown,
        inbox_id=inbox_id,
        given_at=now,
    )
    session.add(consent)
    await session.execute(
        update(OptOut)
        .where(
            OptOut.commune == commune, OptOut.subject_hash == subject, OptOut.lifted_at.is_(None)
        )
        .values(lifted_at=now)
    )
    await session.flush()
    return consent.id


async def schedule(
    session: AsyncSession,
    commune: str,
    conversation_id: int,
    phone: str,
    consent_id: int,
    reminder: NewReminder,
    now: datetime,
) -> bool:
    """Store a reminder; False when one of the same key is there already.

    It replaces one of the same kind, procedure and moment agreed here before.
    """
    target = await conversations.get_or_create(session, commune, "sms", phone, now)
    await session.execute(
        update(Reminder)
        .where(
            Reminder.conversation_id == conversation_id,
            Reminder.target_id == target,
            Reminder.kind == reminder.kind,
            Reminder.procedure == reminder.procedure,
            Reminder.due_at == reminder.due_at,
            Reminder.state == "scheduled",
            Reminder.key != reminder.key,
        )
        .values(state="cancelled")
    )
    result = await session.execute(
        insert_ignoring(session, Reminder).values(
            key=reminder.key,
            commune=commune,
            conversation_id=conversation_id,
            target_id=target,
            consent_id=consent_id,
            kind=reminder.kind,
            procedure=reminder.procedure,
            body_enc=vault_of(session).encrypt(reminder.text),
            due_at=reminder.due_at,
            expires_at=reminder.expires_at,
            state="scheduled",
            created_at=now,
        )
    )
    return rows_changed(result) == 1


async def queue_due(
    session: AsyncSession, now: datetime, not_before: datetime, limit: int = 100
) -> int:
    """Turn due reminders into outbox rows; returns how many were queued.

    The reminder's change of state and its outbox row are one transaction, and the row's key
    is the reminder's: a crash before the commit leaves it due, after it it is queued once.

    Args:
        now: reminders due until then.
        not_before: when the message may leave at the earliest (end of the quiet hours).
    """
    rows = await session.scalars(
        select(Reminder)
        .where(Reminder.state == "scheduled", Reminder.due_at <= now)
        .order_by(Reminder.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    queued = 0
    for row in rows:
        if row.expires_at <= not_before or row.body_enc is None:
            row.state = "expired"
            continue
        draft = outbox.Draft(
            key=f"reminder:{row.id}",
            author="reminder",
            text=vault_of(session).decrypt(row.body_enc),
            not_before=not_before,
            expires_at=row.expires_at,
        )
        await outbox.queue(session, row.target_id, draft, now)
        row.state = "queued"
        queued += 1
    return queued


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next scheduled reminder is due."""
    return await session.scalar(
        select(func.min(Reminder.due_at)).where(Reminder.state == "scheduled")
    )


async def pending(session: AsyncSession, conversation_id: int) -> list[Reminder]:
    """Scheduled reminders agreed in, or going to, a conversation."""
    return list(
        await session.scalars(
            select(Reminder)
            .where(
                (Reminder.conversation_id == conversation_id)
                | (Reminder.target_id == conversation_id),
                Reminder.state == "scheduled",
            )
            .order_by(Reminder.due_at)
        )
    )


async def stop(session: AsyncSession, conversation_id: int, now: datetime) -> int:
    """HUY / TC: cancel everything scheduled from or to this conversation, note the refusal.

    Consents are withdrawn; numbers stay refused until they agree anew. Returns how many
    reminders were cancelled.
    """
    concerned = (Reminder.conversation_id == conversation_id) | (
        Reminder.target_id == conversation_id
    )
    # Also what is queued but has not left (waiting for the morning).
    targets = list(await session.scalars(select(Reminder.target_id).where(concerned).distinct()))
    result = await session.execute(
        update(Reminder)
        .where(concerned, Reminder.state == "scheduled")
        .values(state="cancelled")
        .execution_options(synchronize_session=False)
    )
    cancelled = rows_changed(result)
    for target in {*targets, conversation_id}:
        cancelled += await outbox.cancel_queued(session, target, "reminder")
        await _refuse(session, target, now)
    await session.execute(
        update(Consent)
        .where(
            Consent.id.in_(select(Reminder.consent_id).where(concerned)),
            Consent.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )
    return cancelled


async def _refuse(session: AsyncSession, conversation_id: int, now: datetime) -> None:
    row = await session.get_one(Conversation, conversation_id)
    if row.channel == "sms":
        session.add(OptOut(commune=row.commune, subject_hash=row.address_hash, at=now))


async def refused(session: AsyncSession, conversation_id: int) -> bool:
    """Whether the number of an SMS conversation said stop and has not agreed since."""
    row = await session.get_one(Conversation, conversation_id)
    found = await session.scalar(
        select(OptOut.id).where(
            OptOut.commune == row.commune,
            OptOut.subject_hash == row.address_hash,
            OptOut.lifted_at.is_(None),
        )
    )
    return found is not None
