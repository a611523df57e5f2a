"""When an SMS is stored but not answered: limits that a person never meets.

An answer costs money, and two machines that answer each other would never end. What is not
answered is kept; an officer is told once and sees it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.engine import vault_of
from bot.store.models import HandOver, InboxRow, OutboxRow
from bot.store.outbox import opened
from bot.text import key

SAME_WITHIN: Final = timedelta(minutes=5)
SAME: Final = 3
"""So often within that time the same words are answered; the operators count alike
(facts/sms_privacy.md 1.0)."""
SHORT: Final = 4
"""A reply of so few letters is a choice by number, CO, TIEP: a walk through the papers needs
many that are alike."""
SAME_SHORT: Final = 12
"""So often within that time the same short reply is answered."""
SHORT_TIME: Final = timedelta(minutes=10)
IN_SHORT_TIME: Final = 30
DAY: Final = timedelta(hours=24)
IN_A_DAY: Final = 100
ECHO: Final = 40
"""So many letters of our own words, sent back to us, were not typed by a person."""
LOOKED_AT: Final = 50
"""Messages that are compared at most."""
REASON: Final = "Số này nhắn dồn dập hoặc là máy trả lời tự động; trợ lý đã thôi trả lời"

Verdict = Literal["answer", "machine", "same", "echo", "often", "daily"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a number sent and was answered lately."""

    same: int = 0
    """Messages before this one that said the same, within :data:`SAME_WITHIN`."""
    is_short: bool = False
    short_time: int = 0
    """Answers within :data:`SHORT_TIME`."""
    day: int = 0
    echo: bool = False
    """It repeats what we said to it."""
    ours: bool = False
    """It is the number of a commune of this installation."""


def decide(seen: Seen, *, urgent: bool = False) -> Verdict:
    """Whether to answer, or why not; ``urgent``: a wish to stop or to be erased, which is obeyed
    however much was written before."""
    if seen.ours:
        return "machine"
    if seen.same >= (SAME_SHORT if seen.is_short else SAME):
        return "same"
    if seen.echo:
        return "echo"
    if urgent:
        return "answer"
    if seen.short_time >= IN_SHORT_TIME:
        return "often"
    return "daily" if seen.day >= IN_A_DAY else "answer"


async def seen(
    session: AsyncSession,
    conversation_id: int,
    inbox_id: int,
    text: str,
    address: str,
    now: datetime,
    own_numbers: Collection[str] = (),
) -> Seen:
    """Look at what came from a number before this message, and what it was answered."""
    return Seen(
        same=await _same(session, conversation_id, inbox_id, text, now),
        is_short=len(_plain(text)) <= SHORT,
        short_time=await _answers(session, conversation_id, now - SHORT_TIME),
        day=await _answers(session, conversation_id, now - DAY),
        echo=await _echoes(session, conversation_id, text),
        ours=address in own_numbers,
    )


async def _same(
    session: AsyncSession, conversation_id: int, inbox_id: int, text: str, now: datetime
) -> int:
    rows = await session.scalars(
        select(InboxRow.text_enc)
        .where(
            InboxRow.conversation_id == conversation_id,
            InboxRow.id < inbox_id,
            InboxRow.received_at > now - SAME_WITHIN,
            InboxRow.text_enc.is_not(None),
        )
        .order_by(InboxRow.id.desc())
        .limit(LOOKED_AT)
    )
    vault, said = vault_of(session), _plain(text)
    return sum(_plain(vault.decrypt(token)) == said for token in rows if token is not None)


def _plain(text: str) -> str:
    return key(text) or text.strip()


async def _answers(session: AsyncSession, conversation_id: int, since: datetime) -> int:
    found = await session.scalar(
        select(func.count())
        .select_from(OutboxRow)
        .where(
            OutboxRow.conversation_id == conversation_id,
            OutboxRow.author == "bot",
            OutboxRow.created_at > since,
        )
    )
    return int(found or 0)


async def _echoes(session: AsyncSession, conversation_id: int, text: str) -> bool:
    """Whether it holds one of our last messages: a forwarding rule, or a machine that quotes."""
    said = _plain(text)
    if len(said) < ECHO:
        return False
    rows = await session.scalars(
        select(OutboxRow.body_enc)
        .where(OutboxRow.conversation_id == conversation_id, OutboxRow.body_enc.is_not(None))
        .order_by(OutboxRow.id.desc())
        .limit(3)
    )
    ours = [_plain(opened(session, token).text) for token in rows]
    return any(len(one) >= ECHO and one in said for one in ours)


async def told_lately(session: AsyncSession, conversation_id: int, now: datetime) -> bool:
    """Whether an officer was told of this conversation within a day."""
    found = await session.scalar(
        select(HandOver.id)
        .where(HandOver.conversation_id == conversation_id, HandOver.opened_at > now - DAY)
        .limit(1)
    )
    return found is not None
