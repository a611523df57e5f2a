"""Whom an approved announcement goes to, one row a person, and what became of each.

waiting -> queued (from then on its outbox row tells) | skipped. A row goes back to waiting when
its message was drawn back, or certainly did not arrive in a chat and an SMS may.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.store.audience import Audience, people
from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.models import (
    Announcement,
    AnnouncementRecipient,
    Conversation,
    OutboxRow,
    SendAttempt,
)

Reason = Literal["refused", "no_way", "late", "same", "cancelled"]
"""Why somebody is skipped: said stop, cannot be reached, it was too late, is a person who gets
it anyway, the announcement was cancelled."""
OPEN = ("queued", "sending")
"""States of an outbox row that has not left, or is about to."""
LOST = ("failed", "refused", "undelivered")
"""How the last attempt of a message ended that certainly did not arrive."""


async def add_missing(session: AsyncSession, row: Announcement, limit: int) -> int:
    """Make rows for people of the audience who have none yet; how many.

    The audience is that of the approval: who agreed later is not added.
    """
    assert row.approved_at is not None
    there = aliased(Conversation)
    known = (
        select(func.coalesce(there.linked_id, there.id))
        .join(AnnouncementRecipient, AnnouncementRecipient.conversation_id == there.id)
        .where(AnnouncementRecipient.announcement_id == row.id)
    )
    wanted = people(row.commune, Audience.read(row.audience), row.approved_at).subquery()
    missing = await session.scalars(
        select(wanted.c.person)
        .where(wanted.c.person.not_in(known))
        .order_by(wanted.c.person)
        .limit(limit)
    )
    values = [
        {
            "commune": row.commune,
            "announcement_id": row.id,
            "conversation_id": person,
            "state": "waiting",
            "look_at": row.start_at or row.approved_at,
        }
        for person in missing
    ]
    if values:
        await session.execute(insert_ignoring(session, AnnouncementRecipient), values)
    return len(values)


async def waiting(
    session: AsyncSession, announcement_id: int, now: datetime, limit: int
) -> list[AnnouncementRecipient]:
    """Those whose turn it is."""
    rows = await session.scalars(
        select(AnnouncementRecipient)
        .where(
            AnnouncementRecipient.announcement_id == announcement_id,
            AnnouncementRecipient.state == "waiting",
            AnnouncementRecipient.look_at <= now,
        )
        .order_by(AnnouncementRecipient.look_at, AnnouncementRecipient.id)
        .limit(limit)
    )
    return list(rows)


async def is_known(session: AsyncSession, announcement_id: int, person: int) -> bool:
    """Whether a person has a row already."""
    found = await session.scalar(
        select(AnnouncementRecipient.id).where(
            AnnouncementRecipient.announcement_id == announcement_id,
            AnnouncementRecipient.conversation_id == person,
        )
    )
    return found is not None


async def begin(session: AsyncSession, ids: Collection[int]) -> set[int]:
    """waiting -> queued; those that were not changed meanwhile (the person said stop)."""
    found = await session.scalars(
        update(AnnouncementRecipient)
        .where(AnnouncementRecipient.id.in_(ids), AnnouncementRecipient.state == "waiting")
        .values(state="queued")
        .returning(AnnouncementRecipient.id)
        .execution_options(synchronize_session=False)
    )
    return set(found)


async def carry(session: AsyncSession, messages: Mapping[int, int]) -> None:
    """Note which outbox row carries each recipient's message."""
    if messages:
        given = [{"id": row, "outbox_id": message} for row, message in messages.items()]
        await session.execute(update(AnnouncementRecipient), given)


async def carried(session: AsyncSession, key: str) -> int:
    """The message of that key, which is there already."""
    return (await session.execute(select(OutboxRow.id).where(OutboxRow.key == key))).scalar_one()


async def postpone(session: AsyncSession, recipient_id: int, at: datetime, last: datetime) -> None:
    """Look again at ``at``; too late when that is not before ``last``."""
    late = {"state": "skipped", "reason": "late"} if at >= last else {}
    await session.execute(
        update(AnnouncementRecipient)
        .where(AnnouncementRecipient.id == recipient_id, AnnouncementRecipient.state == "waiting")
        .values(look_at=at, **late)
        .execution_options(synchronize_session=False)
    )


async def skip(session: AsyncSession, recipient_id: int, reason: Reason) -> None:
    """They do not get it."""
    await session.execute(
        update(AnnouncementRecipient)
        .where(AnnouncementRecipient.id == recipient_id, AnnouncementRecipient.state == "waiting")
        .values(state="skipped", reason=reason)
        .execution_options(synchronize_session=False)
    )


async def is_another(session: AsyncSession, row: AnnouncementRecipient, person: int) -> bool:
    """Numbers were linked since: whether the person has a row beside this one.

    When not, this one is theirs from now on.
    """
    if await is_known(session, row.announcement_id, person):
        return True
    await session.execute(
        update(AnnouncementRecipient)
        .where(AnnouncementRecipient.id == row.id)
        .values(conversation_id=person)
        .execution_options(synchronize_session=False)
    )
    return False


async def failed_in_chat(session: AsyncSession, row: AnnouncementRecipient) -> bool:
    """Whether a chat was tried and did not carry it."""
    if row.outbox_id is None:
        return False
    message = await session.get(OutboxRow, row.outbox_id)
    return message is not None and message.state == "failed" and message.channel != "sms"


async def hold(session: AsyncSession, conversation_ids: Collection[int]) -> None:
    """Nobody else writes to, or decides about, these conversations until the commit.

    In the order of their ids, as everybody does who locks several.
    """
    await session.scalars(
        select(Conversation)
        .where(Conversation.id.in_(conversation_ids))
        .order_by(Conversation.id)
        .with_for_update()
    )


async def is_over(session: AsyncSession, announcement_id: int) -> bool:
    """Whether nobody waits and nothing is about to leave."""
    left = await session.scalar(
        select(AnnouncementRecipient.id)
        .where(
            AnnouncementRecipient.announcement_id == announcement_id,
            AnnouncementRecipient.state == "waiting",
        )
        .limit(1)
    )
    return left is None and await in_flight(session, announcement_id) == 0


async def in_flight(session: AsyncSession, announcement_id: int) -> int:
    """How many messages have not left yet, or are about to."""
    found = await session.scalar(
        select(func.count())
        .select_from(AnnouncementRecipient)
        .join(OutboxRow, OutboxRow.id == AnnouncementRecipient.outbox_id)
        .where(
            AnnouncementRecipient.announcement_id == announcement_id,
            AnnouncementRecipient.state == "queued",
            OutboxRow.state.in_(OPEN),
        )
    )
    return int(found or 0)


async def skip_waiting(session: AsyncSession, announcement_id: int, reason: Reason) -> int:
    """Whoever still waits does not get it; how many."""
    result = await session.execute(
        update(AnnouncementRecipient)
        .where(
            AnnouncementRecipient.announcement_id == announcement_id,
            AnnouncementRecipient.state == "waiting",
        )
        .values(state="skipped", reason=reason)
        .execution_options(synchronize_session=False)
    )
    return rows_changed(result)


# --- drawn back ---------------------------------------------------------------------------


def _messages(announcement_id: int) -> Select[int | None]:
    return select(AnnouncementRecipient.outbox_id).where(
        AnnouncementRecipient.announcement_id == announcement_id,
        AnnouncementRecipient.state == "queued",
    )


async def withdraw(session: AsyncSession, announcement_id: int, now: datetime) -> int:
    """Draw back what has not left; its people wait again. How many messages."""
    mine = _messages(announcement_id)
    result = await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id.in_(mine), OutboxRow.state == "queued")
        .values(state="cancelled")
        .execution_options(synchronize_session=False)
    )
    drawn = select(OutboxRow.id).where(OutboxRow.id.in_(mine), OutboxRow.state == "cancelled")
    await _back_in_line(session, announcement_id, drawn, now)
    return rows_changed(result)


async def stragglers(session: AsyncSession) -> dict[int, str]:
    """Stopped announcements with messages in line, and their states.

    Those were being tried when it was stopped, and failed: the sender put them back.
    """
    rows = await session.execute(
        select(Announcement.id, Announcement.state)
        .join(AnnouncementRecipient, AnnouncementRecipient.announcement_id == Announcement.id)
        .join(OutboxRow, OutboxRow.id == AnnouncementRecipient.outbox_id)
        .where(
            OutboxRow.state == "queued",
            OutboxRow.author == "notice",
            Announcement.state.in_(("paused", "cancelled")),
        )
        .distinct()
    )
    return {row.id: row.state for row in rows}


async def retry_by_sms(session: AsyncSession, announcement_id: int, now: datetime) -> None:
    """Whom a chat certainly did not reach waits again, for an SMS."""
    last = (
        select(SendAttempt.state)
        .where(SendAttempt.outbox_id == OutboxRow.id)
        .order_by(SendAttempt.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    lost = select(OutboxRow.id).where(
        OutboxRow.id.in_(_messages(announcement_id)),
        OutboxRow.state == "failed",
        OutboxRow.channel != "sms",
        last.in_(LOST),
    )
    await _back_in_line(session, announcement_id, lost, now)


async def _back_in_line(
    session: AsyncSession, announcement_id: int, messages: Select[int], now: datetime
) -> None:
    await session.execute(
        update(AnnouncementRecipient)
        .where(
            AnnouncementRecipient.announcement_id == announcement_id,
            AnnouncementRecipient.state == "queued",
            AnnouncementRecipient.outbox_id.in_(messages),
        )
        .values(state="waiting", look_at=now)
        .execution_options(synchronize_session=False)
    )


# --- asked by the sender ------------------------------------------------------------------

HELD = {"paused": "thông báo đang tạm dừng", "cancelled": "thông báo đã huỷ"}


async def held(session: AsyncSession, outbox_id: int) -> str | None:
    """Why a message of an announcement must not leave now; None when it may."""
    found = await session.scalar(
        select(Announcement.state)
        .join(AnnouncementRecipient, AnnouncementRecipient.announcement_id == Announcement.id)
        .where(AnnouncementRecipient.outbox_id == outbox_id)
    )
    return HELD.get(found or "")


async def urgent(session: AsyncSession, outbox_id: int) -> bool:
    """Whether night and holidays do not hold a message up (storm, fire)."""
    found = await session.scalar(
        select(Announcement.urgent)
        .join(AnnouncementRecipient, AnnouncementRecipient.announcement_id == Announcement.id)
        .where(AnnouncementRecipient.outbox_id == outbox_id)
    )
    return bool(found)
