"""A conversation read back: what the citizen wrote and what was said to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import TranscriptLine
from bot.messages import Channel, Choice, InboundKind
from bot.store import conversations, phones
from bot.store.engine import Store, vault_of
from bot.store.models import InboxRow, Officer, OutboxRow
from bot.store.outbox import opened

ERASED = "(nội dung đã xoá)"
LOOK_BACK = 8
"""So many messages back is looked for one that was typed."""


CODE_SENT = "(mã xác nhận số điện thoại)"
"""Stands for a code that proves a number: it is for its owner's eyes alone."""

Author = Literal["citizen", "bot", "officer", "reminder", "notice", "code"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line for the officer: with its state, and who wrote it (as ``OutboxRow.author``)."""

    author: Author
    name: str
    text: str
    at: datetime
    state: str
    seq: int
    choices: tuple[Choice, ...] = ()
    media: str | None = None
    kind: str = ""
    """What the citizen did (an InboundKind)."""
    error: str | None = None
    """Why it could not be sent."""


async def read(session: AsyncSession, conversation_id: int, limit: int = 200) -> list[Line]:
    """The last ``limit`` lines of each side, in the order in which they were committed."""
    inbound = await session.scalars(
        select(InboxRow)
        .where(InboxRow.conversation_id == conversation_id, InboxRow.kind != "ignored")
        .order_by(InboxRow.id.desc())
        .limit(limit)
    )
    outbound = await session.execute(
        select(OutboxRow, Officer.name)
        .outerjoin(Officer, Officer.id == OutboxRow.officer_id)
        .where(OutboxRow.conversation_id == conversation_id)
        .order_by(OutboxRow.id.desc())
        .limit(limit)
    )
    lines = [_from_citizen(session, row) for row in inbound]
    lines += [_to_citizen(session, row, name) for row, name in outbound]
    return sorted(lines, key=lambda line: line.seq)


async def last_words(
    session: AsyncSession,
    conversation_ids: Iterable[int],
    skip: Callable[[str], bool] = lambda text: False,
) -> dict[int, str]:
    """What the citizen last typed in each of these conversations.

    Args:
        skip: tells texts that nobody typed (taps); what stands before them is given then.
    """
    recency = func.row_number().over(
        partition_by=InboxRow.conversation_id, order_by=InboxRow.id.desc()
    )
    typed = (
        select(InboxRow.id, recency.label("recency"))
        .where(
            InboxRow.conversation_id.in_(set(conversation_ids)),
            InboxRow.kind == InboundKind.TEXT.value,
        )
        .subquery()
    )
    rows = await session.scalars(
        select(InboxRow)
        .join(typed, typed.c.id == InboxRow.id)
        .where(typed.c.recency <= LOOK_BACK)
        .order_by(InboxRow.id)
    )
    texts = [(row.conversation_id, _from_citizen(session, row).text) for row in rows]
    return {conversation_id: text for conversation_id, text in texts if not skip(text)}


def _from_citizen(session: AsyncSession, row: InboxRow) -> Line:
    text = vault_of(session).decrypt(row.text_enc) if row.text_enc else ERASED
    return Line(
        "citizen", "", text, row.received_at, row.state, row.seq, media=row.media, kind=row.kind
    )


def _to_citizen(session: AsyncSession, row: OutboxRow, name: str | None) -> Line:
    body = opened(session, row.body_enc)
    text = CODE_SENT if row.author == phones.AUTHOR else body.text
    return Line(
        cast("Author", row.author),
        name or "",
        text or ERASED,
        row.created_at,
        row.state,
        row.seq,
        body.choices,
        error=row.error,
    )


class WebTranscript:
    """Reads the web chat's conversations back (bot.channels.Transcript)."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(
        self, commune: str, channel: Channel, address: str, after: int = 0
    ) -> list[TranscriptLine]:
        """Lines after number ``after``; a tap is shown by its label, not its payload."""
        async with self._store.read() as session:
            conversation_id = await conversations.find(session, commune, channel, address)
            if conversation_id is None:
                return []
            lines = await read(session, conversation_id)
        labels = {c.payload: c.label for line in lines for c in line.choices if c.payload}
        return [
            TranscriptLine(
                seq=line.seq,
                author=_author(line.author),
                text=labels.get(line.text, line.text),
                at=line.at,
                choices=line.choices,
            )
            for line in lines
            if line.seq > after and line.state not in ("cancelled", "expired") and _shown(line)
        ]


def _author(author: str) -> Literal["citizen", "bot", "officer"]:
    return "citizen" if author == "citizen" else "officer" if author == "officer" else "bot"


def _shown(line: Line) -> bool:
    """Opening the page is an event, not something that the citizen said."""
    return line.author != "citizen" or line.kind != "start"
