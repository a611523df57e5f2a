"""Questions that were not understood: kept masked, labelled by an officer, exported to learn.

Words are masked here, so that nothing unmasked can get in. A row is linked to its conversation
as long as it has to be erased with it (:mod:`bot.store.privacy`); the export cuts the link.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.masking import has_words, mask
from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.engine import vault_of
from bot.store.models import InboxRow, UnclearQuestion

State = Literal["open", "labelled", "skipped", "exported"]
STATES: tuple[State, ...] = ("open", "labelled", "skipped", "exported")
LONGEST = 1000
"""Characters that are kept of a long story."""
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Guess:
    """What the understanding took the question for."""

    procedure: str
    aspect: str
    confidence: float
    decision: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One kept question, opened. ``suggested`` and ``label`` are (procedure, aspect)."""

    id: int
    commune: str
    text: str
    guess: Guess
    why: str
    suggested: tuple[str, str] | None
    label: tuple[str, str] | None
    decided_by: str | None
    decided_at: datetime | None
    state: str
    created_at: datetime


# --- written in a turn --------------------------------------------------------------------


async def keep(
    session: AsyncSession,
    conversation_id: int,
    inbox_id: int,
    guess: Guess,
    why: str,
    now: datetime,
) -> None:
    """Keep the words of a message, once; nothing when they are gone or say nothing."""
    row = await session.get(InboxRow, inbox_id)
    if row is None or row.conversation_id != conversation_id or row.text_enc is None:
        return
    vault = vault_of(session)
    text = mask(vault.decrypt(row.text_enc))[:LONGEST]
    if not has_words(text):
        return
    await session.execute(
        insert_ignoring(session, UnclearQuestion).values(
            commune=row.commune,
            conversation_id=conversation_id,
            inbox_id=inbox_id,
            text_enc=vault.encrypt(text),
            guess_procedure=guess.procedure,
            guess_aspect=guess.aspect,
            guess_confidence=guess.confidence,
            guess_decision=guess.decision,
            why=why,
            state="open",
            created_at=now,
        )
    )


async def suggest(session: AsyncSession, inbox_id: int, procedure: str, aspect: str) -> None:
    """Note what the citizen meant by a kept message, until an officer has decided."""
    await session.execute(
        update(UnclearQuestion)
        .where(UnclearQuestion.inbox_id == inbox_id, UnclearQuestion.state == "open")
        .values(suggested_procedure=procedure, suggested_aspect=aspect)
    )


# --- read and decided by officers ---------------------------------------------------------


async def listing(
    session: AsyncSession, commune: str | None, state: State, limit: int
) -> list[QuestionView]:
    """The oldest ``limit`` rows in ``state``, of one commune or of all."""
    query = select(UnclearQuestion).where(UnclearQuestion.state == state)
    if commune is not None:
        query = query.where(UnclearQuestion.commune == commune)
    return await _opened(session, query.order_by(UnclearQuestion.id).limit(limit))


async def get(session: AsyncSession, question_id: int) -> QuestionView | None:
    """One row, or None."""
    found = await _opened(session, select(UnclearQuestion).where(UnclearQuestion.id == question_id))
    return found[0] if found else None


async def label(
    session: AsyncSession, question_id: int, procedure: str, aspect: str, by: str, now: datetime
) -> bool:
    """open, labelled or skipped -> labelled; False when it is exported, or not there."""
    return await _decide(
        session,
        question_id,
        state="labelled",
        label_procedure=procedure,
        label_aspect=aspect,
        decided_by=by[:LONGEST_NAME],
        decided_at=now,
    )


async def skip(session: AsyncSession, question_id: int, by: str, now: datetime) -> bool:
    """open, labelled or skipped -> skipped: it teaches nothing; False as for :func:`label`."""
    return await _decide(
        session,
        question_id,
        state="skipped",
        label_procedure=None,
        label_aspect=None,
        decided_by=by[:LONGEST_NAME],
        decided_at=now,
    )


async def _decide(session: AsyncSession, question_id: int, **values: object) -> bool:
    result = await session.execute(
        update(UnclearQuestion)
        .where(UnclearQuestion.id == question_id, UnclearQuestion.state != "exported")
        .values(**values)
    )
    return rows_changed(result) == 1


async def to_export(session: AsyncSession, states: Sequence[State]) -> list[QuestionView]:
    """All rows in ``states``, oldest first, locked until the commit."""
    query = select(UnclearQuestion).where(UnclearQuestion.state.in_(states))
    return await _opened(session, query.order_by(UnclearQuestion.id).with_for_update())


async def mark_exported(session: AsyncSession, question_ids: Sequence[int]) -> None:
    """labelled -> exported; from now on nothing tells whose words they were."""
    chosen = UnclearQuestion.id.in_(question_ids)
    await unlink(session, chosen)
    await session.execute(update(UnclearQuestion).where(chosen).values(state="exported"))


async def unlink(session: AsyncSession, *which: ColumnElement[bool]) -> None:
    """Cut what tells whose words they are.

    That is also the minute: the times of messages are kept, so it would lead to one of them.
    The month stays.
    """
    for row in await session.scalars(select(UnclearQuestion).where(*which)):
        row.conversation_id = row.inbox_id = None
        row.created_at = row.created_at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    await session.flush()


async def _opened(session: AsyncSession, query: Select[UnclearQuestion]) -> list[QuestionView]:
    vault = vault_of(session)
    return [_view(row, vault.decrypt(row.text_enc)) for row in await session.scalars(query)]


def _view(row: UnclearQuestion, text: str) -> QuestionView:
    return QuestionView(
        id=row.id,
        commune=row.commune,
        text=text,
        guess=Guess(
            row.guess_procedure, row.guess_aspect, row.guess_confidence, row.guess_decision
        ),
        why=row.why,
        suggested=_pair(row.suggested_procedure, row.suggested_aspect),
        label=_pair(row.label_procedure, row.label_aspect),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        state=row.state,
        created_at=row.created_at,
    )


def _pair(procedure: str | None, aspect: str | None) -> tuple[str, str] | None:
    return None if procedure is None or aspect is None else (procedure, aspect)
