"""What providers report of messages: receipts and echoes move a row forward, never back.

Late, double and unknown ones change nothing; one that comes before the provider's own answer
is kept for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Echo, OutgoingKind, Receipt, ReceiptState
from bot.store import attempts
from bot.store.attempts import OWN_ID
from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.models import EarlyReceipt, OutboxRow
from bot.store.outbox import Body, Draft, one_report, opened, queue, settle
from bot.text import clean

ECHO_LATE = timedelta(hours=2)
"""So long after it was made a row given up as unknown may still turn out to have left."""

FORWARD: dict[ReceiptState, tuple[str, ...]] = {
    ReceiptState.SENT: ("queued", "sending"),
    ReceiptState.DELIVERED: ("queued", "sending", "sent"),
    ReceiptState.SEEN: ("queued", "sending", "sent", "delivered"),
    ReceiptState.FAILED: ("queued", "sending", "sent"),
}
"""From which states a receipt may move a row."""


async def apply(session: AsyncSession, receipt: Receipt, now: datetime) -> OutboxRow | None:
    """Move the row that a report is about forward; None when it changes nothing.

    A report on a message that nobody knows yet is kept until its row is settled: providers
    deliver it before their own answer. ``own_id`` finds a row whose outcome was unknown.
    """
    await one_report(session, receipt.provider_message_id)
    row = await _reported(session, receipt)
    if row is None:
        await _keep_early(session, receipt, now)
        return None
    attempt = await attempts.report(session, receipt)
    if attempt is not None and not attempt.is_news:
        return None
    if attempt is not None and receipt.state is ReceiptState.FAILED and not attempt.is_latest:
        return None  # it has been sent again since
    if row.state not in FORWARD[receipt.state]:
        return None
    if attempt is None:
        given = receipt.provider_message_id
        state = attempts.NAMES[receipt.state]
        await attempts.end(session, row.id, state, provider_message_id=given)
    if row.provider_message_id is None:
        row.provider_message_id, row.sent_at = receipt.provider_message_id, now
    row.state, row.error = receipt.state.value, receipt.detail[:500] or None
    row.lease_by = row.lease_until = None
    return row


async def _reported(session: AsyncSession, receipt: Receipt) -> OutboxRow | None:
    """The message that a report is about, held."""
    there = (OutboxRow.commune == receipt.commune, OutboxRow.channel == receipt.channel)
    tried = await attempts.message_of(session, receipt)
    if tried is not None:
        named = OutboxRow.id == tried
    else:
        named = OutboxRow.provider_message_id == receipt.provider_message_id
    row = await session.scalar(select(OutboxRow).where(*there, named).limit(1).with_for_update())
    number = receipt.own_id.removeprefix(OWN_ID)
    if row is not None or not (receipt.own_id.startswith(OWN_ID) and number.isdecimal()):
        return row
    own = (OutboxRow.id == int(number[:18]), OutboxRow.provider_message_id.is_(None))
    return await session.scalar(select(OutboxRow).where(*there, *own).with_for_update())


async def _keep_early(session: AsyncSession, receipt: Receipt, now: datetime) -> None:
    name = (receipt.commune, receipt.channel, receipt.provider_message_id[:200])
    kept = await session.get(EarlyReceipt, name)
    if kept is not None:
        if kept.state in FORWARD[receipt.state]:
            kept.state, kept.detail = receipt.state.value, receipt.detail[:500]
        return
    await session.execute(
        insert_ignoring(session, EarlyReceipt).values(
            commune=name[0],
            channel=name[1],
            provider_message_id=name[2],
            state=receipt.state.value,
            detail=receipt.detail[:500],
            at=now,
        )
    )


async def drop_early(session: AsyncSession, before: datetime) -> int:
    """Forget reports on messages that never turned out to be ours."""
    return rows_changed(await session.execute(delete(EarlyReceipt).where(EarlyReceipt.at < before)))


async def settle_by_echo(
    session: AsyncSession, conversation_id: int, echo: Echo, now: datetime
) -> bool:
    """A provider shows a message: was it ours, the oldest one like it whose outcome is open?

    Also one that was given up as unknown a short while ago.
    """
    unsure = and_(
        OutboxRow.state == "failed",
        OutboxRow.provider_message_id.is_(None),
        OutboxRow.first_tried_at.is_not(None),
        OutboxRow.created_at > now - ECHO_LATE,
    )
    rows = await session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.conversation_id == conversation_id,
            OutboxRow.channel == echo.channel,
            or_(OutboxRow.state == "sending", unsure),
        )
        .order_by(OutboxRow.id)
    )
    for row in rows:
        if _same(opened(session, row.body_enc), echo):
            await settle(session, row, echo.provider_message_id, now)
            return True
    return False


def _same(body: Body, echo: Echo) -> bool:
    if body.kind is OutgoingKind.TEXT:
        return clean(body.text) == clean(echo.text)
    # A form or a template is echoed without the words that we gave.
    return echo.kind != "text"


async def record_outside(
    session: AsyncSession, conversation_id: int, echo: Echo, now: datetime
) -> None:
    """What an officer wrote in the provider's own app becomes a line of the conversation."""
    draft = Draft(f"echo:{conversation_id}:{echo.provider_message_id}"[:80], "officer", echo.text)
    row_id = await queue(session, conversation_id, draft, now)
    if row_id is not None:
        row = await session.get_one(OutboxRow, row_id)
        await settle(session, row, echo.provider_message_id, now)
