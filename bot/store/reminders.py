"""Reminders and the consents behind them.

scheduled -> queued -> to_call -> called, with the exits cancelled, expired and replaced. Of one
thread (a dossier, or one matter agreed in a chat) only the newest that is due goes out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import conversations, outbox, refusals
from bot.store.conversations import address_hash, insert_ignoring, rows_changed
from bot.store.engine import vault_of
from bot.store.models import Consent, Conversation, Reminder


@dataclass(frozen=True, slots=True)
class Words:
    """What a reminder says, by the way that it goes."""

    sms: str
    """Folded."""
    chat: str
    """With diacritics."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """For a template approved by the provider (docs/ket-noi-zalo.md)."""


@dataclass(frozen=True, slots=True)
class NewReminder:
    """One reminder to schedule; ``key`` names its cause, so that it is scheduled once."""

    key: str
    kind: str
    procedure: str | None
    words: Words
    due_at: datetime
    expires_at: datetime
    thread: str = ""
    """What it is about; "": of this kind and procedure in this conversation."""
    base_on: date | None = None
    dossier_id: int | None = None
    officer_id: int | None = None


async def agree(
    session: AsyncSession,
    commune: str,
    conversation_id: int,
    phone: str,
    purpose: str,
    text_shown: str,
    inbox_id: int | None,
    now: datetime,
    *,
    source: str = "message",
    officer_id: int | None = None,
) -> int:
    """Record a consent (who, when, to which words, by which message); returns its id.

    A new consent lifts an earlier stop of the same number. ``source``: message, paper (signed
    at the officer's desk) or import.
    """
    subject = address_hash(session, commune, "sms", phone)
    consent = Consent(
        commune=commune,
        conversation_id=conversation_id,
        subject_hash=subject,
        purpose=purpose,
        text_shown=text_shown,
        source=source,
        inbox_id=inbox_id,
        officer_id=officer_id,
        given_at=now,
    )
    session.add(consent)
    target = await conversations.get_or_create(session, commune, "sms", phone, now)
    for one in (target, conversation_id):
        await refusals.lift(session, one, now)
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

    It replaces one of the same thread, kind and moment. One of the same key that was cancelled
    before it left is taken up again (a date was moved there and back).
    """
    target = await conversations.get_or_create(session, commune, "sms", phone, now)
    thread = reminder.thread or f"c{conversation_id}:{reminder.kind}:{reminder.procedure or ''}"
    await session.execute(
        update(Reminder)
        .where(
            Reminder.commune == commune,
            Reminder.thread == thread,
            Reminder.kind == reminder.kind,
            Reminder.due_at == reminder.due_at,
            Reminder.state == "scheduled",
            Reminder.key != reminder.key,
        )
        .values(state="cancelled")
    )
    values: dict[str, object] = {
        "commune": commune,
        "conversation_id": conversation_id,
        "target_id": target,
        "consent_id": consent_id,
        "dossier_id": reminder.dossier_id,
        "officer_id": reminder.officer_id,
        "thread": thread,
        "kind": reminder.kind,
        "procedure": reminder.procedure,
        "base_on": reminder.base_on,
        "body_enc": vault_of(session).seal(asdict(reminder.words)),
        "due_at": reminder.due_at,
        "look_at": reminder.due_at,
        "expires_at": reminder.expires_at,
        "state": "scheduled",
    }
    new = {**values, "key": reminder.key, "created_at": now}
    result = await session.execute(insert_ignoring(session, Reminder).values(**new))
    if rows_changed(result) == 1:
        return True
    revived = await session.execute(
        update(Reminder)
        .where(
            Reminder.key == reminder.key,
            Reminder.commune == commune,
            Reminder.state.in_(("scheduled", "cancelled", "replaced")),
            Reminder.tried == "",
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(revived) == 1


async def keep_only(session: AsyncSession, dossier_id: int, keys: Collection[str]) -> int:
    """Cancel what is planned, or queued and has not left, for a dossier under other keys."""
    others = (Reminder.dossier_id == dossier_id, Reminder.key.not_in(list(keys)))
    result = await session.execute(
        update(Reminder)
        .where(*others, Reminder.state.in_(("scheduled", "to_call")))
        .values(state="cancelled")
        .execution_options(synchronize_session=False)
    )
    withdrawn = await outbox.cancel_reminders(session, select(Reminder.id).where(*others))
    return rows_changed(result) + withdrawn


def words_of(session: AsyncSession, row: Reminder) -> Words:
    """What a reminder says; its words must not have been erased."""
    assert row.body_enc is not None
    plain = vault_of(session).decrypt(row.body_enc)
    # Before the ladder there was a text for SMS alone.
    return Words(**json.loads(plain)) if plain.startswith("{") else Words(plain, plain)


@dataclass(frozen=True, slots=True)
class Call:
    """A reminder that somebody has to tell by telephone."""

    id: int
    phone: str
    text: str
    due_at: datetime
    expires_at: datetime


async def calls(session: AsyncSession, commune: str, now: datetime) -> list[Call]:
    """The officers' list of calls, most urgent first."""
    rows = await session.execute(
        select(Reminder, Conversation)
        .join(Conversation, Conversation.id == Reminder.target_id)
        .where(Reminder.commune == commune, Reminder.state == "to_call", Reminder.expires_at > now)
        .order_by(Reminder.expires_at)
    )
    vault = vault_of(session)
    return [
        Call(
            row.id,
            vault.decrypt(target.address_enc),
            words_of(session, row).chat,
            row.due_at,
            row.expires_at,
        )
        for row, target in rows
        if row.body_enc is not None
    ]


async def count_calls(session: AsyncSession, commune: str, now: datetime) -> int:
    """How many calls wait to be made."""
    there = (Reminder.commune == commune, Reminder.state == "to_call", Reminder.expires_at > now)
    return int(await session.scalar(select(func.count()).select_from(Reminder).where(*there)) or 0)


async def called(session: AsyncSession, commune: str, reminder_id: int) -> bool:
    """Somebody has called; False when it was not on the list (any more)."""
    this = (Reminder.id == reminder_id, Reminder.commune == commune, Reminder.state == "to_call")
    result = await session.execute(update(Reminder).where(*this).values(state="called"))
    return rows_changed(result) == 1


async def next_due(session: AsyncSession) -> datetime | None:
    """When the next scheduled reminder is to be looked at."""
    return await session.scalar(
        select(func.min(Reminder.look_at)).where(Reminder.state == "scheduled")
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
