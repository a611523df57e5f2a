"""Reminders and the consents behind them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import Reaches
from bot.messages import Channel, OutgoingKind, Template
from bot.reminders.ways import Person, Way, ladder
from bot.store import conversations, outbox
from bot.store.conversations import address_hash, insert_ignoring, rows_changed
from bot.store.engine import vault_of
from bot.store.models import Consent, Conversation, OptOut, Reminder


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
            body_enc=vault_of(session).seal(asdict(reminder.words)),
            due_at=reminder.due_at,
            expires_at=reminder.expires_at,
            state="scheduled",
            created_at=now,
        )
    )
    return rows_changed(result) == 1


async def queue_due(
    session: AsyncSession, now: datetime, not_before: datetime, reaches: Reaches, limit: int = 100
) -> int:
    """Send due reminders on their first way; returns how many were taken up.

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
        row.state = "queued"
        await _next_way(session, row, now, not_before, reaches)
        queued += 1
    return queued


async def step_down(
    session: AsyncSession, reminder_id: int, now: datetime, reaches: Reaches
) -> Way | None:
    """The last way did not carry the reminder: take the next one and return it.

    None when it is over (cancelled, expired, called) and nothing is to be done.
    """
    row = await session.scalar(select(Reminder).where(Reminder.id == reminder_id).with_for_update())
    if row is None or row.state != "queued" or row.body_enc is None or row.expires_at <= now:
        return None
    return await _next_way(session, row, now, now, reaches)


async def to_call(session: AsyncSession, reminder_id: int) -> None:
    """Whether it arrived cannot be told: somebody calls, nothing is sent a second time."""
    await session.execute(
        update(Reminder)
        .where(Reminder.id == reminder_id, Reminder.state == "queued")
        .values(state="to_call")
    )


async def _next_way(
    session: AsyncSession, row: Reminder, now: datetime, not_before: datetime, reaches: Reaches
) -> Way:
    chat = await session.get_one(Conversation, row.conversation_id)
    channel, stopped = cast("Channel", chat.channel), chat.stopped_at is not None
    person = Person(row.commune, channel, chat.last_inbound_at, stopped)
    tried = [Way(one) for one in row.tried.split(",") if one]
    way = ladder(person, reaches, now, tried)[0]
    row.tried = ",".join([*tried, way])
    if way is Way.CALL:
        row.state = "to_call"
    else:
        there = row.conversation_id if way in (Way.CHAT, Way.TEMPLATE) else row.target_id
        draft = _draft(session, row, way, not_before, reaches)
        await outbox.queue(session, there, draft, now)
    return way


def _draft(
    session: AsyncSession, row: Reminder, way: Way, not_before: datetime, reaches: Reaches
) -> outbox.Draft:
    words = _words(session, row)
    template = None
    if way in (Way.TEMPLATE, Way.TEMPLATE_PHONE):
        zalo = reaches(row.commune, "zalo")
        template = Template(zalo.template if zalo else "", words.fields)
    return outbox.Draft(
        key=f"reminder:{row.id}:{way}",
        author="reminder",
        text=words.sms if way is Way.SMS else words.chat,
        not_before=not_before,
        expires_at=row.expires_at,
        kind=OutgoingKind.TEMPLATE if template else OutgoingKind.TEXT,
        template=template,
        channel="zalo" if template else None,
        reminder_id=row.id,
    )


def _words(session: AsyncSession, row: Reminder) -> Words:
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
            _words(session, row).chat,
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
    mine = await _own_number(session, conversation_id)
    concerned = (Reminder.conversation_id == conversation_id) | (Reminder.target_id.in_(mine))
    targets = list(await session.scalars(select(Reminder.target_id).where(concerned).distinct()))
    result = await session.execute(
        update(Reminder)
        .where(concerned, Reminder.state.in_(("scheduled", "to_call")))
        .values(state="cancelled")
        .execution_options(synchronize_session=False)
    )
    # Also what is queued but has not left (waiting for the morning).
    withdrawn = await outbox.cancel_reminders(session, select(Reminder.id).where(concerned))
    for target in {*targets, *mine}:
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
    return rows_changed(result) + withdrawn


async def _own_number(session: AsyncSession, conversation_id: int) -> list[int]:
    """The conversation, and that by SMS with the number which its citizen gave."""
    view = await conversations.get(session, conversation_id)
    if view is None or not view.phone:
        return [conversation_id]
    there = await conversations.find(session, view.commune, "sms", view.phone)
    return [conversation_id] if there is None else [conversation_id, there]


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
