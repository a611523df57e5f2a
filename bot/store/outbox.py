"""Outbox rows: queued in the transaction that decided them, then a one-way state machine.

queued -> sending -> sent -> delivered -> seen, with the exits failed, cancelled and
expired. A row that stays in *sending* past its lease had its sender killed: its outcome
is unknown and is looked up at the provider before it is sent again. Receipts only move a
row forward; late, double and unknown ones change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.messages import Channel, Choice, Outgoing, ReceiptState
from bot.store import conversations
from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.engine import vault_of
from bot.store.models import BOT, Conversation, OutboxRow
from bot.text import clean

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""``not_before`` of what need not wait, also when the demo's clock is moved."""

FORWARD: dict[ReceiptState, tuple[str, ...]] = {
    ReceiptState.SENT: ("queued", "sending"),
    ReceiptState.DELIVERED: ("queued", "sending", "sent"),
    ReceiptState.SEEN: ("queued", "sending", "sent", "delivered"),
    ReceiptState.FAILED: ("queued", "sending", "sent"),
}
"""From which states a receipt may move a row."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to queue."""

    key: str
    author: str
    text: str
    choices: tuple[Choice, ...] = ()
    officer_id: int | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row leased for sending."""

    row_id: int
    author: str
    attempts: int
    uncertain: bool
    """An earlier attempt ended without a known outcome."""
    expires_at: datetime | None
    message: Outgoing


async def queue(
    session: AsyncSession, conversation: Conversation | int, draft: Draft, now: datetime
) -> int | None:
    """Queue ``draft`` to a conversation; None when its key is there already."""
    if isinstance(conversation, int):
        row = await session.get_one(Conversation, conversation)
    else:
        row = conversation
    body = {"text": draft.text, "choices": [[c.label, c.payload, c.url] for c in draft.choices]}
    outbox_id = await session.scalar(
        insert_ignoring(session, OutboxRow)
        .values(
            key=draft.key,
            commune=row.commune,
            channel=row.channel,
            conversation_id=row.id,
            seq=await conversations.next_seq(session, row.id),
            author=draft.author,
            officer_id=draft.officer_id,
            body_enc=vault_of(session).seal(body),
            state="queued",
            attempts=0,
            not_before=draft.not_before or AT_ONCE,
            expires_at=draft.expires_at,
            created_at=now,
        )
        .returning(OutboxRow.id)
    )
    return int(outbox_id) if outbox_id is not None else None


def opened(session: AsyncSession, body_enc: str | None) -> tuple[str, tuple[Choice, ...]]:
    """The text and choices of a sealed body ("" when it was erased)."""
    if body_enc is None:
        return "", ()
    body = vault_of(session).open(body_enc)
    return body["text"], tuple(Choice(*parts) for parts in body["choices"])


async def claim(
    session: AsyncSession,
    worker: str,
    now: datetime,
    wall: datetime,
    lease: timedelta,
    limit: int,
) -> list[Claimed]:
    """Lease up to ``limit`` sendable rows, oldest first, one per conversation.

    Args:
        now: the time by which rows become due (the demo may move it).
        wall: the machine's time, by which leases run.
    """
    earlier = aliased(OutboxRow)
    unfinished = (
        select(earlier.id)
        .where(
            earlier.conversation_id == OutboxRow.conversation_id,
            earlier.id < OutboxRow.id,
            earlier.state.in_(("queued", "sending")),
            # A retry keeps its place in the order; a reminder that waits does not hold up
            # the answers behind it.
            or_(
                earlier.state == "sending",
                earlier.not_before <= now,
                and_(earlier.attempts > 0, earlier.author != "reminder"),
            ),
        )
        .exists()
    )
    due = or_(
        and_(OutboxRow.state == "queued", OutboxRow.not_before <= now),
        and_(OutboxRow.state == "sending", OutboxRow.lease_until < wall),
    )
    rows: Sequence[tuple[OutboxRow, Conversation]] = (
        await session.execute(
            select(OutboxRow, Conversation)
            .join(Conversation, Conversation.id == OutboxRow.conversation_id)
            .where(due, ~unfinished)
            .order_by(OutboxRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=OutboxRow)
        )
    ).all()
    claimed = []
    for row, conversation in rows:
        if row.author == "bot" and conversation.owner != BOT and row.state == "queued":
            row.state = "cancelled"  # an officer has taken over since it was queued
            continue
        claimed.append(_lease(session, row, conversation.address_enc, worker, wall, lease))
    return claimed


def _lease(
    session: AsyncSession,
    row: OutboxRow,
    address_enc: str,
    worker: str,
    wall: datetime,
    lease: timedelta,
) -> Claimed:
    uncertain = row.state == "sending"
    text, choices = opened(session, row.body_enc)
    row.state, row.attempts = "sending", row.attempts + 1
    row.lease_by, row.lease_until = worker, wall + lease
    row.first_tried_at = row.first_tried_at or wall
    return Claimed(
        row_id=row.id,
        author=row.author,
        attempts=row.attempts,
        uncertain=uncertain,
        expires_at=row.expires_at,
        message=Outgoing(
            id=f"hotro-{row.id}",
            commune=row.commune,
            channel=cast("Channel", row.channel),
            address=vault_of(session).decrypt(address_enc),
            text=text,
            choices=choices,
            first_tried_at=row.first_tried_at if uncertain else None,
        ),
    )


async def mark_sent(
    session: AsyncSession, row_id: int, worker: str, provider_message_id: str, now: datetime
) -> bool:
    """sending -> sent. A receipt that came first keeps its further state."""
    result = await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.lease_by == worker, OutboxRow.state == "sending")
        .values(
            state="sent",
            sent_at=now,
            provider_message_id=provider_message_id,
            lease_by=None,
            lease_until=None,
            error=None,
        )
    )
    return rows_changed(result) == 1


async def retry_later(
    session: AsyncSession, row_id: int, worker: str, not_before: datetime, error: str
) -> None:
    """sending -> queued again, not before ``not_before``."""
    await _finish(session, row_id, worker, "queued", error, not_before=not_before)


async def put_back(session: AsyncSession, row_id: int, worker: str, not_before: datetime) -> None:
    """sending -> queued without an attempt having been made (quiet hours)."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.lease_by == worker, OutboxRow.state == "sending")
        .values(
            state="queued",
            attempts=OutboxRow.attempts - 1,
            not_before=not_before,
            first_tried_at=None,
            lease_by=None,
            lease_until=None,
        )
    )


async def finish(session: AsyncSession, row_id: int, worker: str, state: str, error: str) -> bool:
    """sending -> failed, cancelled or expired; False when it was settled meanwhile."""
    return await _finish(session, row_id, worker, state, error)


async def still_uncertain(
    session: AsyncSession, row_id: int, worker: str, retry_at: datetime, error: str
) -> None:
    """Keep the row in *sending* until ``retry_at`` (machine time): its outcome is unknown."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.lease_by == worker, OutboxRow.state == "sending")
        .values(lease_until=retry_at, lease_by=None, error=error[:500])
    )


async def _finish(
    session: AsyncSession,
    row_id: int,
    worker: str,
    state: str,
    error: str,
    not_before: datetime | None = None,
) -> bool:
    values: dict[str, object] = {
        "state": state,
        "error": error[:500],
        "lease_by": None,
        "lease_until": None,
    }
    if not_before is not None:
        values["not_before"] = not_before
    result = await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.lease_by == worker, OutboxRow.state == "sending")
        .values(**values)
    )
    return rows_changed(result) == 1


async def apply_receipt(
    session: AsyncSession,
    commune: str,
    channel: str,
    provider_message_id: str,
    state: ReceiptState,
    detail: str,
) -> bool:
    """Move the row of a provider's message id forward; False when nothing changed."""
    result = await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.commune == commune,
            OutboxRow.channel == channel,
            OutboxRow.provider_message_id == provider_message_id,
            OutboxRow.state.in_(FORWARD[state]),
        )
        .values(state=state.value, error=detail[:500] or None)
    )
    return rows_changed(result) > 0


async def conversation_of(
    session: AsyncSession, commune: str, channel: str, provider_message_id: str
) -> int | None:
    """To whose conversation a provider's message id belongs."""
    return await session.scalar(
        select(OutboxRow.conversation_id)
        .where(
            OutboxRow.commune == commune,
            OutboxRow.channel == channel,
            OutboxRow.provider_message_id == provider_message_id,
        )
        .limit(1)
    )


async def knows(session: AsyncSession, channel: str, provider_message_id: str) -> bool:
    """Whether a provider's message id belongs to one of our rows."""
    found = await session.scalar(
        select(OutboxRow.id)
        .where(
            OutboxRow.channel == channel,
            OutboxRow.provider_message_id == provider_message_id,
        )
        .limit(1)
    )
    return found is not None


async def settle_by_echo(
    session: AsyncSession, conversation_id: int, provider_message_id: str, text: str, now: datetime
) -> bool:
    """A provider showed a message of ours: the oldest unsettled row of that text was sent."""
    rows = await session.scalars(
        select(OutboxRow)
        .where(OutboxRow.conversation_id == conversation_id, OutboxRow.state == "sending")
        .order_by(OutboxRow.id)
    )
    for row in rows:
        if clean(opened(session, row.body_enc)[0]) == clean(text):
            row.state, row.sent_at, row.provider_message_id = "sent", now, provider_message_id
            row.lease_by = row.lease_until = None
            return True
    return False


async def cancel_queued(session: AsyncSession, conversation_id: int, author: str) -> int:
    """Withdraw what has not left yet (an officer takes over); returns how many."""
    result = await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.conversation_id == conversation_id,
            OutboxRow.author == author,
            OutboxRow.state == "queued",
        )
        .values(state="cancelled")
    )
    return rows_changed(result)


async def depth(session: AsyncSession) -> dict[str, int]:
    """How many rows are in each state."""
    rows = await session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))
    return {state: int(count) for state, count in rows}
