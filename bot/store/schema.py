"""Whether a database has the newest schema, found out without loading Alembic.

Loading Alembic costs a third of the web process's start, and almost every start needs
none of it. Revisions are numbered like their files: ``0001_first_tables.py`` is ``0001``.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot.store.engine import Store

VERSIONS = Path(__file__).parent / "migrations" / "versions"


def newest() -> str:
    """The revision that this program wants."""
    return max(path.name.split("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))


async def is_current(store: Store) -> bool:
    """Whether nothing has to be migrated; False also when that cannot be told."""
    try:
        async with store.engine.connect() as connection:
            found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    except (SQLAlchemyError, OSError):
        return False
    return bool(found == newest())
