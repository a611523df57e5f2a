"""Conversations: found by pseudonym, leased by one worker at a time, owned by one voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Channel
from bot.store.engine import vault_of
from bot.store.models import BOT, Conversation, InboxRow, officer_owner


@dataclass(frozen=True, slots=True)
class ConversationView:
    """A conversation with its address and state opened."""

    id: int
    commune: str
    channel: Channel
    address: str
    owner: str
    state: dict[str, Any] | None
    created_at: datetime
    last_inbound_at: datetime | None
    last_officer_at: datetime | None
    stopped_at: datetime | None
    phone: str | None = None
    """A number that the citizen gave for being written to, E.164."""
    linked_id: int | None = None
    """The SMS conversation of the number that is proved to be theirs."""

    @property
    def bot_owns(self) -> bool:
        """Whether the bot may answer."""
        return self.owner == BOT


def insert_ignoring(session: AsyncSession, model: type[Any]) -> Any:
    """``INSERT ... ON CONFLICT DO NOTHING`` in the dialect of ``session``."""
    dialect = session.get_bind().dialect.name
    insert = pg_insert if dialect == "postgresql" else sqlite_insert
    return insert(model).on_conflict_do_nothing()


def rows_changed(result: Any) -> int:
    """How many rows an UPDATE, DELETE or INSERT touched."""
    return cast("CursorResult[Any]", result).rowcount


def address_hash(session: AsyncSession, commune: str, channel: str, address: str) -> str:
    """The pseudonym under which a citizen's address is stored."""
    return vault_of(session).pseudonym(commune, channel, address)


async def get_or_create(
    session: AsyncSession, commune: str, channel: Channel, address: str, now: datetime
) -> int:
    """Return the id of the citizen's conversation, making it on first contact."""
    hashed = address_hash(session, commune, channel, address)
    find = select(Conversation.id).where(
        Conversation.commune == commune,
        Conversation.channel == channel,
        Conversation.address_hash == hashed,
    )
    found = await session.scalar(find)
    if found is not None:
        return found
    await session.execute(
        insert_ignoring(session, Conversation).values(
            commune=commune,
            channel=channel,
            address_hash=hashed,
            address_enc=vault_of(session).encrypt(address),
            owner=BOT,
            created_at=now,
        )
    )
    return (await session.execute(find)).scalar_one()


async def next_seq(session: AsyncSession, conversation_id: int) -> int:
    """The number of the next line; locks the conversation until the commit.

    So numbers grow in the order of the commits, and who reads on from the last number
    seen misses nothing.
    """
    seq = await session.scalar(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(last_seq=Conversation.last_seq + 1)
        .returning(Conversation.last_seq)
        .execution_options(synchronize_session=False)
    )
    assert seq is not None
    return seq


async def find(session: AsyncSession, commune: str, channel: str, address: str) -> int | None:
    """The id of a citizen's conversation, or None."""
    return await session.scalar(
        select(Conversation.id).where(
            Conversation.commune == commune,
            Conversation.channel == channel,
            Conversation.address_hash == address_hash(session, commune, channel, address),
        )
    )


def view(session: AsyncSession, row: Conversation) -> ConversationView:
    """Open a row."""
    vault = vault_of(session)
    return ConversationView(
        id=row.id,
        commune=row.commune,
        channel=cast("Channel", row.channel),
        address=vault.decrypt(row.address_enc),
        owner=row.owner,
        state=vault.open(row.state_enc) if row.state_enc else None,
        created_at=row.created_at,
        last_inbound_at=row.last_inbound_at,
        last_officer_at=row.last_officer_at,
        stopped_at=row.stopped_at,
        phone=vault.decrypt(row.phone_enc) if row.phone_enc else None,
        linked_id=row.linked_id,
    )


async def get(
    session: AsyncSession, conversation_id: int, *, lock: bool = False
) -> ConversationView | None:
    """One conversation; with ``lock`` nobody else changes it until the commit."""
    query = select(Conversation).where(Conversation.id == conversation_id)
    row = await session.scalar(query.with_for_update() if lock else query)
    return None if row is None else view(session, row)


async def save_state(session: AsyncSession, conversation_id: int, state: dict[str, Any]) -> None:
    """Store the dialogue's state."""
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(state_enc=vault_of(session).seal(state))
    )


async def keep_phone(session: AsyncSession, conversation_id: int, phone: str) -> None:
    """Store the number that the citizen gave (the consent is a row of its own)."""
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(phone_enc=vault_of(session).encrypt(phone))
    )


async def set_owner(
    session: AsyncSession, conversation_id: int, officer_id: int | None, now: datetime
) -> None:
    """Give the conversation to an officer, or back to the bot (None)."""
    owner = BOT if officer_id is None else officer_owner(officer_id)
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(owner=owner, last_officer_at=now)
    )


async def set_stopped(session: AsyncSession, conversation_id: int, at: datetime | None) -> None:
    """Note that the citizen blocked us (or came back, None)."""
    await session.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(stopped_at=at)
    )


async def claim(
    session: AsyncSession, worker: str, now: datetime, lease: timedelta, limit: int
) -> Sequence[int]:
    """Lease up to ``limit`` conversations with work, longest waiting first.

    A conversation has work when its oldest open message is due: while that one is
    postponed, later ones wait behind it. A conversation whose lease ran out (its worker
    died) is free again. On PostgreSQL rows that another worker is looking at are skipped.
    """
    oldest = (
        select(func.min(InboxRow.id))
        .where(InboxRow.state == "new")
        .group_by(InboxRow.conversation_id)
    )
    waiting = (
        select(InboxRow.conversation_id)
        .where(InboxRow.id.in_(oldest), InboxRow.not_before <= now)
        .subquery()
    )
    free = or_(Conversation.lease_until.is_(None), Conversation.lease_until < now)
    rows = await session.scalars(
        select(Conversation.id)
        .where(Conversation.id.in_(select(waiting.c.conversation_id)), free)
        .order_by(Conversation.last_inbound_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(rows)
    if ids:
        await session.execute(
            update(Conversation)
            .where(Conversation.id.in_(ids))
            .values(lease_by=worker, lease_until=now + lease)
        )
    return ids


async def holds_lease(
    session: AsyncSession, conversation_id: int, worker: str, until: datetime
) -> bool:
    """Extend the worker's lease to ``until``; False when somebody else has taken it."""
    result = await session.execute(
        update(Conversation)
        .where(and_(Conversation.id == conversation_id, Conversation.lease_by == worker))
        .values(lease_until=until)
    )
    return rows_changed(result) == 1


async def release(session: AsyncSession, conversation_id: int, worker: str) -> None:
    """Give the lease back."""
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.lease_by == worker)
        .values(lease_by=None, lease_until=None)
    )
