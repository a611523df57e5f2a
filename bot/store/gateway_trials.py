"""Trying a gateway: a message to a number that an officer names, and one that comes back.

Which messages were trials is kept with what is known of the gateway; they themselves are
outbox rows like all others.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import attempts, conversations, gateways, outbox
from bot.store.engine import vault_of
from bot.store.models import Conversation, InboxRow, OutboxRow
from bot.store.outbox import Draft

KEY = "smstest:"
"""What the key of a trial's outbox row begins with."""
KEPT = 10
"""So many trials of a gateway are remembered."""
LIFE = timedelta(minutes=30)
"""A trial that has not left by then says nothing any more."""
RECENT = 300
"""So many messages back is looked for one that came through a gateway."""
_TRIED_ROOM = 120  # of the column


@dataclass(frozen=True, slots=True)
class TrialView:
    """One trial, and what became of it by this gateway."""

    at: datetime
    number: str
    state: str
    """The outbox row's, while this gateway has not tried it; then the attempt's."""
    gateway: str
    """By which it went at last."""
    error: str


@dataclass(frozen=True, slots=True)
class Came:
    """A message that came through a gateway."""

    at: datetime
    number: str
    text: str


async def count(
    session: AsyncSession, commune: str, officer_id: int | None, since: datetime
) -> int:
    """How many trials an officer made since then, by any gateway of the commune."""
    known = await gateways.health(session, commune)
    return sum(
        told["officer"] == officer_id and datetime.fromisoformat(told["at"]) > since
        for one in known.values()
        for told in one.standing.get("trials", ())
    )


async def begin(
    session: AsyncSession,
    commune: str,
    name: str,
    draft: Draft,
    number: str,
    others: Collection[str],
    now: datetime,
) -> bool:
    """Queue a trial to ``number``; False when it was queued before.

    ``others``: the commune's other gateways, which are passed over.
    """
    conversation = await conversations.get_or_create(session, commune, "sms", number, now)
    row_id = await outbox.queue(session, conversation, draft, now)
    if row_id is None:
        return False
    passed_over = ",".join(others)
    if passed_over and len(passed_over) <= _TRIED_ROOM:
        await session.execute(
            update(OutboxRow).where(OutboxRow.id == row_id).values(tried=passed_over)
        )
    known = (await gateways.health(session, commune)).get(name)
    trials = list(known.standing.get("trials", ())) if known else []
    new = {"row": row_id, "at": now.isoformat(), "officer": draft.officer_id}
    await gateways.note_standing(session, commune, name, {"trials": [new, *trials][:KEPT]})
    return True


async def listing(session: AsyncSession, commune: str, name: str) -> Sequence[TrialView]:
    """A gateway's last trials, newest first."""
    known = (await gateways.health(session, commune)).get(name)
    found = []
    for told in known.standing.get("trials", ()) if known else ():
        row = await session.get(OutboxRow, told["row"])
        if row is not None and row.commune == commune:
            found.append(await _view(session, row, name))
    return found


async def _view(session: AsyncSession, row: OutboxRow, name: str) -> TrialView:
    conversation = await session.get_one(Conversation, row.conversation_id)
    number = vault_of(session).decrypt(conversation.address_enc)
    mine = [one for one in await attempts.of_message(session, row.id) if one.gateway == name]
    state, error = (mine[0].state, mine[0].error) if mine else (row.state, row.error)
    return TrialView(row.created_at, number, state, row.gateway or "", error or "")


async def came(session: AsyncSession, commune: str, name: str) -> Sequence[Came]:
    """What came through a gateway among the last messages of all, newest first."""
    last = select(InboxRow.id).order_by(InboxRow.id.desc()).limit(RECENT).subquery()
    rows = await session.execute(
        select(InboxRow, Conversation.address_enc)
        .join(last, last.c.id == InboxRow.id)
        .join(Conversation, Conversation.id == InboxRow.conversation_id)
        .where(
            InboxRow.commune == commune,
            InboxRow.channel == "sms",
            InboxRow.provider_id.startswith(f"{name}:", autoescape=True),
        )
        .order_by(InboxRow.id.desc())
    )
    vault = vault_of(session)
    return [
        Came(
            row.received_at,
            vault.decrypt(address_enc),
            vault.decrypt(row.text_enc) if row.text_enc else "",
        )
        for row, address_enc in rows
    ]


async def last_came(session: AsyncSession, commune: str) -> dict[str, datetime]:
    """Gateway -> when a message last came through it, among the last messages of all."""
    last = select(InboxRow.id).order_by(InboxRow.id.desc()).limit(RECENT).subquery()
    rows = await session.execute(
        select(InboxRow.provider_id, InboxRow.received_at)
        .join(last, last.c.id == InboxRow.id)
        .where(InboxRow.commune == commune, InboxRow.channel == "sms")
        .order_by(InboxRow.id)
    )
    return {provider_id.partition(":")[0]: at for provider_id, at in rows}
