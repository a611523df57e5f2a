"""Announcements as they stand: for lists, pages and the history."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.audience import Audience
from bot.store.models import Announcement, AnnouncementEvent, Officer

State = Literal["draft", "submitted", "rejected", "approved", "paused", "done", "cancelled"]
_FIRST: tuple[State, ...] = ("submitted", "approved", "paused", "rejected", "draft")


@dataclass(frozen=True, slots=True)
class Draft:
    """What the author writes."""

    title: str
    text: str
    sms_text: str
    audience: Audience
    urgent: bool
    start_at: datetime | None
    expires_at: datetime

    @property
    def digest(self) -> str:
        """Names exactly this content: who approves says by it what they have seen."""
        parts = (self.title, self.text, self.sms_text, self.audience.dump(), str(self.urgent))
        times = (str(self.start_at and self.start_at.timestamp()), str(self.expires_at.timestamp()))
        return hashlib.sha256("\x1f".join((*parts, *times)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class AnnouncementView:
    """One announcement as it stands."""

    id: int
    commune: str
    draft: Draft
    state: State
    author_id: int
    author: str
    created_at: datetime
    approver: str
    approved_at: datetime | None
    ended_at: datetime | None
    note: str
    estimate: Mapping[str, Any] | None
    """What was shown to the author, and then to who approved."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history."""

    what: str
    officer: str
    """"" when it came by itself."""
    note: str
    at: datetime


async def get(session: AsyncSession, commune: str, announcement_id: int) -> AnnouncementView | None:
    """One announcement of a commune."""
    found = await _views(session, commune, Announcement.id == announcement_id)
    return found[0] if found else None


async def listing(session: AsyncSession, commune: str, limit: int = 100) -> list[AnnouncementView]:
    """A commune's announcements: those that ask for something first, then the newest."""
    return await _views(session, commune, limit=limit)


async def _views(
    session: AsyncSession, commune: str, *where: Any, limit: int = 1
) -> list[AnnouncementView]:
    ranked = case(
        {state: rank for rank, state in enumerate(_FIRST)}, value=Announcement.state, else_=9
    )
    rows = await session.scalars(
        select(Announcement)
        .where(Announcement.commune == commune, *where)
        .order_by(ranked, Announcement.id.desc())
        .limit(limit)
    )
    found = list(rows)
    names = await _names(session, {i for row in found for i in (row.created_by, row.approved_by)})
    return [_view(row, names) for row in found]


def _view(row: Announcement, names: Mapping[int | None, str]) -> AnnouncementView:
    return AnnouncementView(
        id=row.id,
        commune=row.commune,
        draft=draft_of(row),
        state=cast("State", row.state),
        author_id=row.created_by,
        author=names.get(row.created_by, ""),
        created_at=row.created_at,
        approver=names.get(row.approved_by, ""),
        approved_at=row.approved_at,
        ended_at=row.ended_at,
        note=row.note or "",
        estimate=json.loads(row.estimate) if row.estimate else None,
    )


def draft_of(row: Announcement) -> Draft:
    """What a row says."""
    return Draft(
        title=row.title,
        text=row.text,
        sms_text=row.sms_text,
        audience=Audience.read(row.audience),
        urgent=row.urgent,
        start_at=row.start_at,
        expires_at=row.expires_at,
    )


async def _names(session: AsyncSession, ids: Collection[int | None]) -> dict[int | None, str]:
    rows = await session.execute(
        select(Officer.id, Officer.name).where(Officer.id.in_([i for i in ids if i is not None]))
    )
    return {row.id: row.name for row in rows}


async def history(session: AsyncSession, commune: str, announcement_id: int) -> list[Event]:
    """Who did what, oldest first."""
    rows = await session.execute(
        select(AnnouncementEvent, Officer.name)
        .outerjoin(Officer, Officer.id == AnnouncementEvent.officer_id)
        .where(
            AnnouncementEvent.commune == commune,
            AnnouncementEvent.announcement_id == announcement_id,
        )
        .order_by(AnnouncementEvent.id)
    )
    return [Event(row.what, name or "", row.note or "", row.at) for row, name in rows]


async def approvers(session: AsyncSession, commune: str, author_id: int) -> list[str]:
    """Who could approve what that author wrote: the other officers of the commune."""
    rows = await session.scalars(
        select(Officer.name)
        .where(Officer.commune == commune, Officer.id != author_id, Officer.disabled_at.is_(None))
        .order_by(Officer.name)
    )
    return list(rows)
