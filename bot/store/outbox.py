"""Outbox rows: queued in the transaction that decided them, then a one-way state machine.

queued -> sending -> sent -> delivered -> seen, with the exits failed, cancelled and
expired. A row that stays in *sending* past its lease had its sender killed: its outcome
is unknown and is looked up at the provider before it is sent again. What providers report
later: ``receipts``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.messages import (
    Channel,
    Choice,
    Outgoing,
    OutgoingKind,
    Receipt,
    ReceiptState,
    Template,
)
from bot.store import attempts, conversations
from bot.store.attempts import OWN_ID
from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.engine import take_turns, vault_of
from bot.store.models import BOT, Conversation, EarlyReceipt, OutboxRow

AT_ONCE = datetime(2000, 1, 1, tzinfo=UTC)
"""``not_before`` of what need not wait, also when the demo's clock is moved."""


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
    kind: OutgoingKind = OutgoingKind.TEXT
    template: Template | None = None
    channel: Channel | None = None
    """By which it leaves; the conversation's own when None."""
    reminder_id: int | None = None
    bulk: bool = False
    """One of many that nobody asked for: it keeps to the pace and to the hours."""


@dataclass(frozen=True, slots=True)
class Body:
    """What a row says, opened; no text when it was erased."""

    text: str = ""
    choices: tuple[Choice, ...] = ()
    kind: OutgoingKind = OutgoingKind.TEXT
    template: Template | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row leased for sending."""

    row_id: int
    author: str
    attempts: int
    uncertain: bool
    """An earlier attempt ended without a known outcome."""
    expires_at: datetime | None
    reminder_id: int | None
    bulk: bool
    tried: tuple[str, ...]
    """Gateways that did not carry it."""
    message: Outgoing


async def queue(
    session: AsyncSession, conversation: Conversation | int, draft: Draft, now: datetime
) -> int | None:
    """Queue ``draft`` to a conversation; None when its key is there already."""
    if isinstance(conversation, int):
        row = await session.get_one(Conversation, conversation)
    else:
        row = conversation
    outbox_id = await session.scalar(
        insert_ignoring(session, OutboxRow)
        .values(
            key=draft.key,
            commune=row.commune,
            channel=draft.channel or row.channel,
            conversation_id=row.id,
            seq=await conversations.next_seq(session, row.id),
            author=draft.author,
            officer_id=draft.officer_id,
            reminder_id=draft.reminder_id,
            bulk=draft.bulk,
            body_enc=vault_of(session).seal(_sealed(draft)),
            state="queued",
            attempts=0,
            not_before=draft.not_before or AT_ONCE,
            expires_at=draft.expires_at,
            created_at=now,
        )
        .returning(OutboxRow.id)
    )
    return int(outbox_id) if outbox_id is not None else None


def _sealed(draft: Draft) -> dict[str, object]:
    body: dict[str, object] = {"text": draft.text}
    body["choices"] = [[c.label, c.payload, c.url] for c in draft.choices]
    if draft.kind is not OutgoingKind.TEXT:
        body["kind"] = draft.kind.value
    if draft.template is not None:
        body["template"] = [draft.template.id, dict(draft.template.data)]
    return body


def opened(session: AsyncSession, body_enc: str | None) -> Body:
    """A sealed body; an empty one when it was erased."""
    if body_enc is None:
        return Body()
    body = vault_of(session).open(body_enc)
    choices = tuple(Choice(*parts) for parts in body["choices"])
    template = Template(*body["template"]) if "template" in body else None
    return Body(body["text"], choices, OutgoingKind(body.get("kind", "text")), template)


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
                and_(earlier.attempts > 0, ~earlier.bulk),
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
    body = opened(session, row.body_enc)
    row.state, row.attempts = "sending", row.attempts + 1
    row.lease_by, row.lease_until = worker, wall + lease
    row.first_tried_at = row.first_tried_at or wall
    return Claimed(
        row_id=row.id,
        author=row.author,
        attempts=row.attempts,
        uncertain=uncertain,
        expires_at=row.expires_at,
        reminder_id=row.reminder_id,
        bulk=row.bulk,
        tried=tuple(name for name in row.tried.split(",") if name),
        message=Outgoing(
            id=f"{OWN_ID}{row.id}",
            commune=row.commune,
            channel=cast("Channel", row.channel),
            address=vault_of(session).decrypt(address_enc),
            text=body.text,
            choices=body.choices,
            kind=body.kind,
            template=body.template,
            first_tried_at=row.first_tried_at if uncertain else None,
            gateway=row.gateway or "",
        ),
    )


async def mark_sent(
    session: AsyncSession, row_id: int, worker: str, provider_message_id: str, now: datetime
) -> bool:
    """sending -> sent. A receipt that came first keeps its further state."""
    await one_report(session, provider_message_id)
    row = await session.scalar(
        select(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.lease_by == worker, OutboxRow.state == "sending")
        .with_for_update()
    )
    if row is None:
        return False
    await settle(session, row, provider_message_id, now)
    return True


async def one_report(session: AsyncSession, provider_message_id: str) -> None:
    """An answer, an echo and a receipt of one message may come at the same instant: in turn."""
    await take_turns(session, f"report {provider_message_id}")


async def hold(session: AsyncSession, row_id: int) -> OutboxRow:
    """Lock a row until the transaction ends.

    Always in this order, or two transactions wait for each other: ``one_report``, the row, its
    attempts.

    Raises:
        sqlalchemy.exc.NoResultFound: it has been erased.
    """
    query = select(OutboxRow).where(OutboxRow.id == row_id).with_for_update()
    return (await session.execute(query)).scalar_one()


async def settle(
    session: AsyncSession, row: OutboxRow, provider_message_id: str, now: datetime
) -> None:
    """The row was taken by the provider, which may have reported on it already."""
    row.state, row.sent_at, row.provider_message_id = "sent", now, provider_message_id
    row.lease_by = row.lease_until = row.error = None
    await attempts.end(session, row.id, "accepted", provider_message_id=provider_message_id)
    early = await session.get(EarlyReceipt, (row.commune, row.channel, provider_message_id))
    if early is not None:
        row.state, row.error = early.state, early.detail or None
        told = ReceiptState(early.state)
        channel = cast("Channel", row.channel)
        receipt = Receipt(row.commune, channel, provider_message_id, told, early.detail)
        await attempts.report(session, receipt)
        await session.delete(early)


async def retry_later(
    session: AsyncSession,
    row_id: int,
    worker: str,
    not_before: datetime,
    error: str,
    tried: Sequence[str] = (),
) -> None:
    """sending -> queued again, not before ``not_before``; ``tried``: gateways to pass over."""
    again = {"not_before": not_before, "tried": ",".join(tried)}
    await _finish(session, row_id, worker, "queued", error, **again)


async def other_gateway(session: AsyncSession, row: OutboxRow, names: Collection[str]) -> bool:
    """failed -> queued once more, by a gateway of ``names`` that was not tried; False: none.

    For a message that was taken and, as is reported now, did not arrive.
    """
    tried = {*row.tried.split(","), row.gateway or ""} - {""}
    if row.gateway is None or not set(names) - tried or row.state != "failed":
        return False
    row.state, row.tried, row.not_before = "queued", ",".join(sorted(tried)), AT_ONCE
    row.provider_message_id = row.sent_at = row.first_tried_at = None
    return True


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


async def keep(session: AsyncSession, row_id: int, worker: str, until: datetime) -> bool:
    """Prolong the lease of a row that is being sent; False when it is ours no longer."""
    result = await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.lease_by == worker, OutboxRow.state == "sending")
        .values(lease_until=until)
    )
    return rows_changed(result) == 1


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
    **more: object,
) -> bool:
    values: dict[str, object] = {
        "state": state,
        "error": error[:500],
        "lease_by": None,
        "lease_until": None,
        **more,
    }
    result = await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id, OutboxRow.lease_by == worker, OutboxRow.state == "sending")
        .values(**values)
    )
    return rows_changed(result) == 1


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


async def cancel_reminders(session: AsyncSession, reminder_ids: Select[int]) -> int:
    """Withdraw reminders that have not left yet, by whatever way; returns how many."""
    result = await session.execute(
        update(OutboxRow)
        .where(OutboxRow.reminder_id.in_(reminder_ids), OutboxRow.state == "queued")
        .values(state="cancelled")
        .execution_options(synchronize_session=False)
    )
    return rows_changed(result)


async def recent_bulk(session: AsyncSession, conversation_id: int, now: datetime) -> list[datetime]:
    """When bulk messages were queued to, or sent in, a conversation in the last 24 hours."""
    at = func.coalesce(OutboxRow.sent_at, OutboxRow.created_at)
    found = await session.scalars(
        select(at)
        .where(
            OutboxRow.conversation_id == conversation_id,
            OutboxRow.bulk,
            OutboxRow.state.in_(("queued", "sending", "sent", "delivered", "seen")),
            at > now - timedelta(hours=24),
        )
        .order_by(at)
    )
    return list(found)


async def hurry(session: AsyncSession, commune: str, channel: Channel) -> int:
    """The account works again: what waits to be tried once more is due now."""
    result = await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.commune == commune,
            OutboxRow.channel == channel,
            OutboxRow.state == "queued",
            OutboxRow.attempts > 0,
            # A reminder that waits for the morning waits on.
            ~OutboxRow.bulk,
        )
        .values(not_before=AT_ONCE)
    )
    return rows_changed(result)


async def depth(session: AsyncSession) -> dict[str, int]:
    """How many rows are in each state."""
    rows = await session.execute(select(OutboxRow.state, func.count()).group_by(OutboxRow.state))
    return {state: int(count) for state, count in rows}
