"""Notice boards with QR codes, and the count of their scans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import BoardView
from bot.clock import Clock
from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.engine import Store
from bot.store.models import BoardRow, Scan


@dataclass(frozen=True, slots=True)
class BoardCount:
    """A board and how often it was scanned, in all and in the last 30 days."""

    board: BoardView
    total: int
    last_30_days: int
    last_at: datetime | None


async def add(
    session: AsyncSession,
    code: str,
    commune: str,
    place: str,
    procedure: str | None,
    now: datetime,
) -> bool:
    """Make a board; False when the code is in use."""
    result = await session.execute(
        insert_ignoring(session, BoardRow).values(
            code=code, commune=commune, place=place[:200], procedure=procedure, created_at=now
        )
    )
    return rows_changed(result) == 1


async def scan(session: AsyncSession, code: str, now: datetime) -> BoardView | None:
    """Count one scan; None when there is no such board."""
    board = await session.get(BoardRow, code)
    if board is None:
        return None
    session.add(Scan(commune=board.commune, board_code=code, at=now))
    return _view(board)


async def get(session: AsyncSession, code: str) -> BoardView | None:
    """The board of that code, without counting a scan."""
    board = await session.get(BoardRow, code)
    return None if board is None else _view(board)


async def listing(session: AsyncSession, commune: str, now: datetime) -> list[BoardCount]:
    """All boards of a commune with their counts."""
    recent = func.count(Scan.id).filter(Scan.at >= now - timedelta(days=30))
    rows = await session.execute(
        select(BoardRow, func.count(Scan.id), recent, func.max(Scan.at))
        .outerjoin(Scan, Scan.board_code == BoardRow.code)
        .where(BoardRow.commune == commune)
        .group_by(BoardRow.code)
        .order_by(BoardRow.code)
    )
    return [BoardCount(_view(b), int(n), int(r), at) for b, n, r, at in rows]


def _view(board: BoardRow) -> BoardView:
    return BoardView(board.code, board.commune, board.place, board.procedure)


class StoredBoards:
    """Counts scans (bot.channels.Boards)."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def scan(self, code: str) -> BoardView | None:
        """Count one scan; None when there is no such board."""
        async with self._store.write() as session:
            return await scan(session, code, self._clock.now())
