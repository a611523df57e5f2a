"""Attempts to send: one row each, from before the request left to the last report on it.

started -> accepted -> delivered -> seen, with the exits failed (not taken), refused (for what
the message is: a number that is none), undelivered (taken, and reported as not arrived) and
unknown (no answer came; a later report still settles it). What comes late, twice or about
nothing changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.messages import Receipt, ReceiptState
from bot.store.models import OutboxRow, SendAttempt

OWN_ID = "hotro-"
"""What our id of a message begins with; the number of its row follows."""
OPEN = ("started", "unknown")
"""States in which it is not known whether the provider took it."""
FORWARD: dict[ReceiptState, tuple[str, ...]] = {
    ReceiptState.SENT: OPEN,
    ReceiptState.DELIVERED: (*OPEN, "accepted"),
    ReceiptState.SEEN: (*OPEN, "accepted", "delivered"),
    ReceiptState.FAILED: (*OPEN, "accepted"),
}
FAULTS = ("failed", "undelivered", "unknown")
"""What speaks against a gateway."""
NAMES = {
    ReceiptState.SENT: "accepted",
    ReceiptState.DELIVERED: "delivered",
    ReceiptState.SEEN: "seen",
    ReceiptState.FAILED: "undelivered",
}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one attempt costs: SMS parts, and đồng for all of them."""

    parts: int = 0
    price: int = 0


@dataclass(frozen=True, slots=True)
class Used:
    """How many attempts a gateway made in the last minute, the last hour, and today."""

    minute: int = 0
    hour: int = 0
    day: int = 0


@dataclass(frozen=True, slots=True)
class Recent:
    """How the last attempts of a gateway went."""

    total: int
    failed: int
    slow: int


async def begin(
    session: AsyncSession, row: OutboxRow, gateway: str, cost: Cost, wall: datetime
) -> None:
    """Note that ``row`` is about to leave; in the transaction that says so."""
    last = await session.scalar(
        select(func.max(SendAttempt.number)).where(SendAttempt.outbox_id == row.id)
    )
    session.add(
        SendAttempt(
            commune=row.commune,
            outbox_id=row.id,
            number=int(last or 0) + 1,
            channel=row.channel,
            gateway=gateway,
            bulk=row.bulk,
            state="started",
            parts=cost.parts,
            price=cost.price,
            started_at=wall,
        )
    )


async def end(
    session: AsyncSession,
    outbox_id: int,
    state: str,
    wall: datetime | None = None,
    *,
    provider_message_id: str | None = None,
    error: str = "",
) -> None:
    """What became of the attempt that is open; nothing when none is (any more).

    ``wall``: when the provider answered; None when it was learnt in another way.
    """
    open_one = select(func.max(SendAttempt.id)).where(
        SendAttempt.outbox_id == outbox_id, SendAttempt.state.in_(OPEN)
    )
    values: dict[str, object] = {"state": state, "ended_at": wall, "error": error[:500] or None}
    if provider_message_id is not None:
        values["provider_message_id"] = provider_message_id
    await session.execute(
        update(SendAttempt)
        .where(SendAttempt.id == open_one.scalar_subquery())
        .values(**values)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class Reported:
    """Whose report it is, whether it says something new, and whether the message has been
    tried again since."""

    outbox_id: int
    is_news: bool
    is_latest: bool


async def message_of(session: AsyncSession, receipt: Receipt) -> int | None:
    """The outbox row whose attempt a receipt names; None when it names none of ours."""
    found = await _named(session, receipt)
    return found.outbox_id if found is not None else None


async def report(session: AsyncSession, receipt: Receipt) -> Reported | None:
    """Move the attempt that a receipt names forward; None when it names none of ours.

    Whoever calls holds the row of its message.
    """
    found = await _named(session, receipt)
    if found is None:
        return None
    row = await session.get_one(SendAttempt, found.id)
    row.provider_message_id = row.provider_message_id or receipt.provider_message_id
    is_news = row.state in FORWARD[receipt.state]
    if is_news:
        row.state, row.error = NAMES[receipt.state], receipt.detail[:500] or None
    last = await session.scalar(
        select(func.max(SendAttempt.id)).where(SendAttempt.outbox_id == row.outbox_id)
    )
    return Reported(row.outbox_id, is_news, last == row.id)


class _Found(NamedTuple):
    id: int
    outbox_id: int


async def _named(session: AsyncSession, receipt: Receipt) -> _Found | None:
    """By the provider's id, else by ours and the gateway whose name stands before the id."""
    there = (SendAttempt.commune == receipt.commune, SendAttempt.channel == receipt.channel)
    named = (SendAttempt.provider_message_id == receipt.provider_message_id,)
    found = await _newest(session, *there, *named)
    number = receipt.own_id.removeprefix(OWN_ID)
    if found is not None or not (receipt.own_id.startswith(OWN_ID) and number.isdecimal()):
        return found
    gateway, colon, _ = receipt.provider_message_id.partition(":")
    own = (SendAttempt.outbox_id == int(number[:18]), SendAttempt.gateway == gateway * len(colon))
    return await _newest(session, *there, *own)


async def _newest(session: AsyncSession, *where: ColumnElement[bool]) -> _Found | None:
    query = select(SendAttempt.id, SendAttempt.outbox_id).where(*where)
    row = (await session.execute(query.order_by(SendAttempt.id.desc()).limit(1))).first()
    return _Found(*row) if row is not None else None


async def of_message(session: AsyncSession, outbox_id: int) -> list[SendAttempt]:
    """All attempts of a message, first one first."""
    query = select(SendAttempt).where(SendAttempt.outbox_id == outbox_id)
    return list(await session.scalars(query.order_by(SendAttempt.number)))


async def used(session: AsyncSession, commune: str, wall: datetime) -> dict[str, Used]:
    """What a commune's gateways have sent lately, by the machine's clock."""

    hour = wall - timedelta(hours=1)
    today = datetime.combine(wall.astimezone(LOCAL).date(), time(0), LOCAL)

    def since(start: datetime) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((SendAttempt.started_at > start, 1), else_=0)), 0)

    rows = await session.execute(
        select(
            SendAttempt.gateway,
            since(wall - timedelta(minutes=1)),
            since(hour),
            since(today),
        )
        .where(SendAttempt.commune == commune, SendAttempt.started_at > min(hour, today))
        .group_by(SendAttempt.gateway)
    )
    return {name: Used(int(minute), int(hour), int(day)) for name, minute, hour, day in rows}


async def recent(
    session: AsyncSession, commune: str, gateway: str, since: datetime, last: int, slow: timedelta
) -> Recent:
    """How the ``last`` attempts since then went; ``slow``: from when on an answer is slow."""
    rows: Sequence[SendAttempt] = (
        await session.scalars(
            select(SendAttempt)
            .where(
                SendAttempt.commune == commune,
                SendAttempt.gateway == gateway,
                SendAttempt.started_at > since,
                SendAttempt.state != "started",
            )
            .order_by(SendAttempt.id.desc())
            .limit(last)
        )
    ).all()
    failed = sum(row.state in FAULTS for row in rows)
    late = sum(row.ended_at is not None and row.ended_at - row.started_at > slow for row in rows)
    return Recent(len(rows), failed, late)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a gateway did in a span of time."""

    sent: int
    failed: int
    parts: int
    price: int


async def tally(session: AsyncSession, commune: str, since: datetime) -> dict[str, Tally]:
    """By gateway: taken and failed attempts, and what the taken ones cost."""
    taken = SendAttempt.state.in_(("accepted", "delivered", "seen"))
    lost = SendAttempt.state.in_(("failed", "refused", "undelivered"))
    rows = await session.execute(
        select(
            SendAttempt.gateway,
            func.sum(case((taken, 1), else_=0)),
            func.sum(case((lost, 1), else_=0)),
            func.sum(case((taken, SendAttempt.parts), else_=0)),
            func.sum(case((taken, SendAttempt.price), else_=0)),
        )
        .where(
            SendAttempt.commune == commune,
            SendAttempt.channel == "sms",
            SendAttempt.started_at > since,
        )
        .group_by(SendAttempt.gateway)
    )
    return {name: Tally(*(int(value or 0) for value in values)) for name, *values in rows}
