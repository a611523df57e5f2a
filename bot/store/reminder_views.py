"""Reminders as officers see them: what is to come, and what became of what was sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Channel
from bot.store import outbox
from bot.store.conversations import rows_changed
from bot.store.engine import vault_of
from bot.store.models import Conversation, Dossier, Officer, OutboxRow, Reminder
from bot.store.reminders import words_of

Outcome = Literal[
    "planned", "on_its_way", "arrived", "unknown", "to_call", "called", "failed", "expired",
    "replaced", "cancelled",
]  # fmt: skip
"""``arrived``: the provider has it, or more; ``expired``: too late to be of use."""

_OF_ROW: dict[str, Outcome] = {
    "queued": "on_its_way",
    "sending": "on_its_way",
    "sent": "arrived",
    "delivered": "arrived",
    "seen": "arrived",
    "unknown": "unknown",
    "failed": "failed",
    "expired": "expired",
    "cancelled": "cancelled",
}
_OF_REMINDER: dict[str, Outcome] = {
    "scheduled": "planned",
    "to_call": "to_call",
    "called": "called",
    "expired": "expired",
    "replaced": "replaced",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class ReminderView:
    """One reminder."""

    id: int
    kind: str
    outcome: Outcome
    due_at: datetime
    look_at: datetime
    """When it is looked at; later than ``due_at`` at night, on holidays, in a queue."""
    expires_at: datetime
    dossier_id: int | None
    code: str
    """Of the dossier; "" of another reminder."""
    phone: str
    text: str
    """As it reads in a chat; "" when the words were erased."""
    sms: str
    channel: Channel | None
    """By which it went last."""
    sent_at: datetime | None
    error: str
    officer: str
    """Who wrote it, of an officer's own."""


async def upcoming(session: AsyncSession, commune: str, limit: int = 100) -> list[ReminderView]:
    """What is planned, the next first."""
    query = _query(Reminder.commune == commune, Reminder.state == "scheduled")
    return await _views(session, query.order_by(Reminder.look_at, Reminder.id).limit(limit))


async def count_upcoming(session: AsyncSession, commune: str) -> int:
    """How many are planned."""
    query = select(func.count()).where(Reminder.commune == commune, Reminder.state == "scheduled")
    return int(await session.scalar(query) or 0)


async def since(
    session: AsyncSession, commune: str, start: datetime, limit: int = 500
) -> list[ReminderView]:
    """What was due since then and is not planned any more, the latest first; what was
    cancelled does not count."""
    query = _query(
        Reminder.commune == commune,
        Reminder.due_at >= start,
        Reminder.state.not_in(("scheduled", "cancelled")),
    )
    return await _views(session, query.order_by(Reminder.due_at.desc()).limit(limit))


async def of_dossier(session: AsyncSession, dossier_id: int) -> list[ReminderView]:
    """All of a dossier, the latest first."""
    query = _query(Reminder.dossier_id == dossier_id)
    return await _views(session, query.order_by(Reminder.due_at.desc(), Reminder.id.desc()))


async def cancel_own(session: AsyncSession, commune: str, reminder_id: int) -> bool:
    """An officer's own reminder is not wanted any more; False when it is too late for that."""
    this = (Reminder.id == reminder_id, Reminder.commune == commune, Reminder.kind == "rieng")
    result = await session.execute(
        update(Reminder)
        .where(*this, Reminder.state == "scheduled")
        .values(state="cancelled")
        .execution_options(synchronize_session=False)
    )
    withdrawn = await outbox.cancel_reminders(session, select(Reminder.id).where(*this))
    return rows_changed(result) + withdrawn > 0


def _query(*wanted: ColumnElement[bool]) -> Select[Reminder, str, str, str, OutboxRow]:
    last = (
        select(func.max(OutboxRow.id))
        .where(OutboxRow.reminder_id == Reminder.id)
        .correlate(Reminder)
        .scalar_subquery()
    )
    return (
        select(Reminder, Conversation.address_enc, Dossier.code, Officer.name, OutboxRow)
        .join(Conversation, Conversation.id == Reminder.target_id)
        .outerjoin(Dossier, Dossier.id == Reminder.dossier_id)
        .outerjoin(Officer, Officer.id == Reminder.officer_id)
        .outerjoin(OutboxRow, OutboxRow.id == last)
        .where(*wanted)
    )


async def _views(
    session: AsyncSession, query: Select[Reminder, str, str, str, OutboxRow]
) -> list[ReminderView]:
    rows: Sequence[Any] = (await session.execute(query)).all()
    return [_view(session, *row) for row in rows]


def _view(
    session: AsyncSession,
    row: Reminder,
    address: str,
    code: str | None,
    officer: str | None,
    sent: OutboxRow | None,
) -> ReminderView:
    words = words_of(session, row) if row.body_enc else None
    went = sent is not None and row.state == "queued"
    return ReminderView(
        id=row.id,
        kind=row.kind,
        outcome=_OF_ROW[sent.state] if sent and went else _OF_REMINDER.get(row.state, "on_its_way"),
        due_at=row.due_at,
        look_at=row.look_at,
        expires_at=row.expires_at,
        dossier_id=row.dossier_id,
        code=code or "",
        phone=vault_of(session).decrypt(address),
        text=words.chat if words else "",
        sms=words.sms if words else "",
        channel=cast("Channel", sent.channel) if sent else None,
        sent_at=sent.sent_at if sent else None,
        error=(sent.error or "") if sent else "",
        officer=officer or "",
    )
