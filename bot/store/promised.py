"""What a person is going to be reminded of, and stopping one of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import outbox, people
from bot.store.conversations import rows_changed
from bot.store.models import Consent, Dossier, Reminder
from bot.store.refusals import WAITING


@dataclass(frozen=True, slots=True)
class Promised:
    """Reminders of one matter, soonest first."""

    ids: tuple[int, ...]
    due_at: tuple[datetime, ...]
    kind: str
    procedure: str | None
    code: str | None
    """Of the dossier that it is about."""


async def of(session: AsyncSession, conversation_id: int) -> list[Promised]:
    """What is planned for the person of this conversation, the next first."""
    mine = await people.conversations_of(session, conversation_id)
    rows = await session.execute(
        select(Reminder, Dossier.code)
        .outerjoin(Dossier, Dossier.id == Reminder.dossier_id)
        .where(
            Reminder.conversation_id.in_(mine) | Reminder.target_id.in_(mine),
            Reminder.state.in_(WAITING),
        )
        .order_by(Reminder.due_at, Reminder.id)
    )
    found: dict[str, list[tuple[Reminder, str | None]]] = {}
    for row, code in rows:
        # An appointment that was moved and its old one are two matters of one thread.
        matter = f"d{row.dossier_id}" if row.dossier_id else f"{row.thread} {row.expires_at}"
        found.setdefault(matter, []).append((row, code))
    return [
        Promised(
            ids=tuple(row.id for row, _ in rows),
            due_at=tuple(row.due_at for row, _ in rows),
            kind=rows[0][0].kind,
            procedure=rows[0][0].procedure,
            code=rows[0][1],
        )
        for rows in found.values()
    ]


async def stop(
    session: AsyncSession, conversation_id: int, ids: Collection[int], now: datetime
) -> int:
    """Cancel these reminders of the person; how many will not come any more.

    Nothing is planned anew for a dossier whose reminders are stopped: its consent is withdrawn,
    or, where that holds for other dossiers as well, taken from it.
    """
    mine = await people.conversations_of(session, conversation_id)
    these = (
        Reminder.id.in_(ids),
        Reminder.conversation_id.in_(mine) | Reminder.target_id.in_(mine),
    )
    await _no_more(session, select(Reminder.dossier_id).where(*these), now)
    result = await session.execute(
        update(Reminder)
        .where(*these, Reminder.state.in_(WAITING))
        .values(state="cancelled")
        .execution_options(synchronize_session=False)
    )
    withdrawn = await outbox.cancel_reminders(session, select(Reminder.id).where(*these))
    return rows_changed(result) + withdrawn


async def _no_more(session: AsyncSession, dossier_ids: Select[int | None], now: datetime) -> None:
    these = set(await session.scalars(dossier_ids)) - {None}
    held = select(Dossier.consent_id).where(Dossier.id.in_(these))
    consents = set(await session.scalars(held)) - {None}
    others = Dossier.consent_id.in_(consents), Dossier.id.not_in(these)
    shared = set(await session.scalars(select(Dossier.consent_id).where(*others)))
    await session.execute(
        update(Consent)
        .where(Consent.id.in_(consents - shared), Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Dossier)
        .where(Dossier.id.in_(these), Dossier.consent_id.in_(shared))
        .values(consent_id=None)
        .execution_options(synchronize_session=False)
    )
