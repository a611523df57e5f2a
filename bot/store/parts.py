"""Parts of long SMS: kept until the whole is there, which then becomes one inbox row.

A part is known by (commune, gateway, sender, reference, number). Phones count references in
one byte or always use the same, so a whole that was made gives its reference free at once: its
rows stay for :data:`REMEMBERED`, without words and under another reference, only to recognise
copies. A copy has the provider's id of a part that was stored, or within :data:`REUSED` the
same words in the same place.

What waits is not masked yet: an identity number may be cut in two. It waits for minutes only,
encrypted, and is masked as one text when it is put together.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Inbound, InboundKind, InboundPart
from bot.store import inbox
from bot.store.conversations import address_hash
from bot.store.engine import take_turns, vault_of
from bot.store.models import SmsPart
from bot.text import for_keeping

PATIENCE = timedelta(minutes=10)
"""So long without another part a message is taken for incomplete."""
REUSED = timedelta(hours=1)
"""After this the same reference and words are another message."""
REMEMBERED = timedelta(days=1)
MISSING = "[...]"
"""Stands where a part did not come."""
LONGEST_REFERENCE = 20
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Added:
    """What came of a part. ``made``: inbox rows (the whole; an older one that it cut short)."""

    new: bool
    made: tuple[int, ...] = ()


async def add(session: AsyncSession, part: InboundPart, now: datetime, wall: datetime) -> Added:
    """Store ``part``; with the last one that was missing, the whole becomes an inbox row.

    Args:
        now: when it arrived, as people are told it.
        wall: the machine's time, by which parts wait.
    """
    sender = address_hash(session, part.commune, part.channel, part.address)
    await take_turns(session, f"sms_part:{sender}")
    known = await _of(session, part, sender)
    if _is_copy(session, part, known, wall):
        return Added(new=False)
    waiting = [row for row in known if _waits(row)]
    made: list[int] = []
    if not _fits(part, waiting, wall):
        made += await _make(session, waiting, now, wall)
        waiting = []
    waiting.append(await _store(session, part, sender, wall))
    if len(waiting) >= part.total:
        made += await _make(session, waiting, now, wall)
    return Added(True, tuple(made))


async def sweep(session: AsyncSession, now: datetime, wall: datetime) -> list[int]:
    """Hand over what stays incomplete, with a mark at each gap, and forget old wholes.

    Returns the ids of the inbox rows; whoever calls wakes the workers.
    """
    await session.execute(
        delete(SmsPart).where(SmsPart.sender_enc == "", SmsPart.received_at < wall - REMEMBERED)
    )
    made: list[int] = []
    for commune, gateway, sender, reference in await _overdue(session, wall):
        await take_turns(session, f"sms_part:{sender}")
        waiting = (
            SmsPart.commune == commune,
            SmsPart.gateway == gateway,
            SmsPart.sender_hash == sender,
            SmsPart.reference == reference,
            SmsPart.sender_enc != "",
        )
        rows = list(await session.scalars(select(SmsPart).where(*waiting)))
        if rows and max(row.received_at for row in rows) < wall - PATIENCE:
            made += await _make(session, rows, now, wall)
    return made


async def _overdue(session: AsyncSession, wall: datetime) -> Sequence[tuple[str, str, str, str]]:
    """Wholes whose last part came long ago. In one order, so that two sweeps cannot lock."""
    whole = (SmsPart.commune, SmsPart.gateway, SmsPart.sender_hash, SmsPart.reference)
    rows = await session.execute(
        select(*whole)
        .where(SmsPart.sender_enc != "")
        .group_by(*whole)
        .having(func.max(SmsPart.received_at) < wall - PATIENCE)
        .order_by(SmsPart.sender_hash, SmsPart.reference)
        .limit(AT_ONCE)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def _of(session: AsyncSession, part: InboundPart, sender: str) -> list[SmsPart]:
    """What is held of this sender that has to do with ``part``: its whole, and earlier ones."""
    reference = _reference(part)
    rows = await session.scalars(
        select(SmsPart)
        .where(
            SmsPart.commune == part.commune,
            SmsPart.gateway == part.gateway,
            SmsPart.sender_hash == sender,
            or_(
                SmsPart.reference == reference,
                SmsPart.reference.startswith(f"{reference}/", autoescape=True),
                SmsPart.provider_id == part.provider_id[:200],
            ),
        )
        .order_by(SmsPart.id)
    )
    return list(rows)


def _is_copy(
    session: AsyncSession, part: InboundPart, known: Sequence[SmsPart], wall: datetime
) -> bool:
    for row in known:
        if row.provider_id == part.provider_id[:200]:
            return True
        same_place = (row.total, row.number) == (part.total, part.number)
        if same_place and row.received_at > wall - REUSED and _says(session, row, part.text):
            return True
    return False


def _fits(part: InboundPart, waiting: Sequence[SmsPart], wall: datetime) -> bool:
    """Whether ``part`` belongs to those that wait; otherwise its reference was used again."""
    return all(
        row.total == part.total and row.number != part.number and row.received_at > wall - REUSED
        for row in waiting
    )


async def _store(session: AsyncSession, part: InboundPart, sender: str, wall: datetime) -> SmsPart:
    vault = vault_of(session)
    row = SmsPart(
        commune=part.commune,
        gateway=part.gateway,
        sender_hash=sender,
        sender_enc=vault.seal([part.channel, part.address]),
        reference=_reference(part),
        total=part.total,
        number=part.number,
        provider_id=part.provider_id[:200],
        text_enc=vault.encrypt(json.dumps(part.text)),
        received_at=wall,
    )
    session.add(row)
    await session.flush()
    return row


async def _make(
    session: AsyncSession, rows: Sequence[SmsPart], now: datetime, wall: datetime
) -> list[int]:
    """One inbox row of ``rows``; they themselves lose their words and the reference."""
    vault = vault_of(session)
    first = min(rows, key=lambda row: row.id)
    channel, address = vault.open(first.sender_enc)
    texts = {row.number: json.loads(vault.decrypt(row.text_enc)) for row in rows}
    inbound = Inbound(
        commune=first.commune,
        channel=channel,
        address=address,
        provider_id=first.provider_id,
        kind=InboundKind.TEXT,
        text=for_keeping(joined(texts, first.total)),
        event="" if len(texts) == first.total else "incomplete",
    )
    inbox_id = await inbox.insert(session, inbound, now, wall)
    for row in rows:
        row.text_enc = _digest(session, texts[row.number])
        row.sender_enc = ""
        row.reference = f"{row.reference}/{first.id}"
    await session.flush()
    return [] if inbox_id is None else [inbox_id]


def joined(texts: dict[int, str], total: int) -> str:
    """The parts by their numbers in order, a mark for each run that is missing.

    A character that takes two units may have been cut in two: its halves meet again.
    """
    whole, gap = "", False
    for number in range(1, total + 1):
        text = texts.get(number)
        if text is None:
            gap = True
            continue
        whole += f"{' ' if whole else ''}{MISSING} {text}" if gap else text
        gap = False
    if gap:
        whole += f" {MISSING}"
    return whole.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _waits(row: SmsPart) -> bool:
    return row.sender_enc != ""


def _says(session: AsyncSession, row: SmsPart, text: str) -> bool:
    if not _waits(row):
        return row.text_enc == _digest(session, text)
    return bool(json.loads(vault_of(session).decrypt(row.text_enc)) == text)


def _digest(session: AsyncSession, text: str) -> str:
    return vault_of(session).pseudonym("sms_part", json.dumps(text))


def _reference(part: InboundPart) -> str:
    return part.reference.replace("/", "-")[:LONGEST_REFERENCE]
