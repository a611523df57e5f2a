"""What an installation says of its provinces and communes, as versioned rows.

Each row is a whole file of ``faq/communes`` or ``faq/provinces``; the newest one of a name
counts. Rows are never changed, so that every state can be looked at and brought back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.models import ContentVersion

Scope = Literal["commune", "province"]


@dataclass(frozen=True, slots=True)
class Version:
    """One state of a file."""

    scope: Scope
    id: str
    number: int
    text: str | None
    """None: it was removed."""
    author: str
    at: datetime


def path_of(scope: str, id_: str) -> str:
    """The path of the file inside ``faq/`` for which such a row stands in."""
    return f"{scope}s/{id_}.yaml"


async def texts(session: AsyncSession) -> dict[str, str | None]:
    """The newest text of each name, by its path inside ``faq/``; None: it was taken away."""
    newest = select(func.max(ContentVersion.id)).group_by(
        ContentVersion.scope, ContentVersion.commune
    )
    rows = await session.scalars(select(ContentVersion).where(ContentVersion.id.in_(newest)))
    return {path_of(r.scope, r.commune): r.text for r in rows}


async def stamp(session: AsyncSession) -> int:
    """Grows with every change; 0 while there is none."""
    return int(await session.scalar(select(func.max(ContentVersion.id))) or 0)


class Changed(Exception):
    """Somebody else added a version meanwhile; nothing was written. Look again, then retry."""


_LOCK = 7_301_001
"""Held while a version is added, so that versions are committed in the order of their ids."""


async def put(
    session: AsyncSession,
    scope: Scope,
    id_: str,
    text: str | None,
    author: str,
    now: datetime,
    after: int | None = None,
) -> int:
    """Add a version; None takes the file away. Returns its number, counted from 1.

    Args:
        after: the number of the version that was changed; 0: there was none.

    Raises:
        Changed: it is not the newest any more.
    """
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    newest = await latest(session, scope, id_)
    if after is not None and newest != after:
        raise Changed(f"{scope} {id_}: {newest}")
    number = newest + 1
    row = ContentVersion(
        scope=scope, commune=id_, number=number, text=text, author=author[:80], created_at=now
    )
    session.add(row)
    await session.flush()
    return number


async def latest(session: AsyncSession, scope: Scope, id_: str) -> int:
    """The number of the newest version; 0: there is none."""
    query = select(func.max(ContentVersion.number)).where(
        ContentVersion.scope == scope, ContentVersion.commune == id_
    )
    return int(await session.scalar(query) or 0)


async def history(session: AsyncSession, scope: Scope, id_: str) -> list[Version]:
    """Every version, the newest first."""
    rows = await session.scalars(
        select(ContentVersion)
        .where(ContentVersion.scope == scope, ContentVersion.commune == id_)
        .order_by(ContentVersion.number.desc())
    )
    return [Version(scope, id_, r.number, r.text, r.author, r.created_at) for r in rows]
