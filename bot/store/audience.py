"""Whom an announcement is for: people, each of them once, however many channels they use.

A person is known by the conversation to which all others are linked (their SMS conversation),
or by their only one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Channel
from bot.store.models import Conversation, OptOut, OutboxRow, Subscription

NOT_SAID = ""
"""Stands among villages for those who did not say where they live."""
LEFT = ("queued", "sending", "sent", "delivered", "seen", "unknown")
"""States of a message that has reached somebody, or may yet."""


@dataclass(frozen=True, slots=True)
class Audience:
    """All who agreed, or those of some villages (keys, and ``NOT_SAID``)."""

    villages: tuple[str, ...] | None = None

    def dump(self) -> str:
        """As it is stored."""
        villages = None if self.villages is None else sorted(set(self.villages))
        return json.dumps({"villages": villages}, ensure_ascii=False)

    @staticmethod
    def read(stored: str) -> Audience:
        """From what :meth:`dump` made."""
        villages = json.loads(stored)["villages"]
        return Audience(None if villages is None else tuple(villages))


@dataclass(frozen=True, slots=True)
class Contact:
    """One conversation by which a person may be reached."""

    conversation_id: int
    channel: Channel
    last_inbound_at: datetime | None
    stopped: bool


PERSON = func.coalesce(Conversation.linked_id, Conversation.id)
"""Of a conversation: the id that all conversations of its person share."""


def people(commune: str, audience: Audience, subscribed_by: datetime | None = None) -> Select[int]:
    """The ids of the people of an audience.

    Args:
        subscribed_by: only those who had agreed by then.
    """
    each = _each(commune, subscribed_by).subquery()
    query = select(each.c.person)
    if audience.villages is None:
        return query
    named = each.c.village.in_([one for one in audience.villages if one != NOT_SAID])
    unsaid = each.c.village.is_(None)
    return query.where(or_(named, unsaid) if NOT_SAID in audience.villages else named)


def _each(commune: str, subscribed_by: datetime | None = None) -> Select[int, str | None]:
    """Every person who is subscribed, with the one village in which they count."""
    query = (
        select(PERSON.label("person"), func.max(Subscription.village).label("village"))
        .select_from(Subscription)
        .join(Conversation, Conversation.id == Subscription.conversation_id)
        .where(Subscription.commune == commune, Subscription.ended_at.is_(None))
        .group_by(PERSON)
    )
    return query if subscribed_by is None else query.where(Subscription.since <= subscribed_by)


async def members(session: AsyncSession, commune: str, audience: Audience) -> list[int]:
    """The people of an audience now, in order."""
    return sorted(await session.scalars(people(commune, audience)))


async def counts(session: AsyncSession, commune: str) -> dict[str, int]:
    """How many people each village has; ``NOT_SAID``: of no known one."""
    each = _each(commune).subquery()
    village = func.coalesce(each.c.village, NOT_SAID)
    rows = await session.execute(select(village, func.count()).group_by(village))
    return {name: int(count) for name, count in rows}


async def contacts(
    session: AsyncSession, people_ids: Collection[int]
) -> Mapping[int, list[Contact]]:
    """All conversations of each person, by the person's id, oldest first."""
    found: dict[int, list[Contact]] = {person: [] for person in people_ids}
    for part in _in_parts(sorted(found)):
        rows = await session.execute(
            select(
                PERSON,
                Conversation.id,
                Conversation.channel,
                Conversation.last_inbound_at,
                Conversation.stopped_at,
            )
            .where(or_(Conversation.id.in_(part), Conversation.linked_id.in_(part)))
            .order_by(Conversation.id)
        )
        for person, conversation_id, channel, last, stopped in rows:
            # A person's id that was linked to another one meanwhile is a person no more.
            contact = Contact(conversation_id, cast("Channel", channel), last, stopped is not None)
            found.get(person, []).append(contact)
    return found


async def persons_of(session: AsyncSession, conversation_ids: Collection[int]) -> dict[int, int]:
    """Conversation -> person."""
    found: dict[int, int] = {}
    for part in _in_parts(sorted(set(conversation_ids))):
        rows = await session.execute(
            select(Conversation.id, PERSON.label("person")).where(Conversation.id.in_(part))
        )
        found.update({row.id: row.person for row in rows})
    return found


async def are_subscribed(session: AsyncSession, people_ids: Collection[int]) -> set[int]:
    """Those of these people who are subscribed now, on whatever channel."""
    found: set[int] = set()
    for part in _in_parts(sorted(set(people_ids))):
        found.update(
            await session.scalars(
                select(PERSON)
                .select_from(Subscription)
                .join(Conversation, Conversation.id == Subscription.conversation_id)
                .where(
                    Subscription.ended_at.is_(None),
                    or_(Conversation.id.in_(part), Conversation.linked_id.in_(part)),
                )
            )
        )
    return found


async def with_history(
    session: AsyncSession, people_ids: Collection[int], since: datetime
) -> set[int]:
    """Those of these people who said stop, or were written to unasked since then.

    Whoever is not among them need not be asked about one by one.
    """
    found: set[int] = set()
    for part in _in_parts(sorted(set(people_ids))):
        mine = or_(Conversation.id.in_(part), Conversation.linked_id.in_(part))
        said = (Conversation.commune == OptOut.commune) & (
            Conversation.address_hash == OptOut.subject_hash
        )
        found.update(
            await session.scalars(
                select(PERSON).join(OptOut, said).where(mine, OptOut.lifted_at.is_(None))
            )
        )
        written = OutboxRow.conversation_id == Conversation.id
        at = func.coalesce(OutboxRow.sent_at, OutboxRow.created_at)
        found.update(
            await session.scalars(
                select(PERSON).join(OutboxRow, written).where(mine, OutboxRow.bulk, at > since)
            )
        )
    return found


async def written_to(session: AsyncSession, conversation_ids: Collection[int]) -> set[int]:
    """Those of these conversations to which something was sent already."""
    found: set[int] = set()
    for part in _in_parts(sorted(conversation_ids)):
        found.update(
            await session.scalars(
                select(OutboxRow.conversation_id)
                .where(OutboxRow.conversation_id.in_(part), OutboxRow.state.in_(LEFT))
                .distinct()
            )
        )
    return found


def _in_parts(ids: list[int], size: int = 500) -> list[list[int]]:
    """Databases limit how many values a statement may have."""
    return [ids[start : start + size] for start in range(0, len(ids), size)]
