"""Brings a database to the newest schema with Alembic."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.store.engine import Store, StoreError

_LOCK = 6_874_601
"""Advisory lock id on PostgreSQL: of several machines that start together one migrates."""


_TRIES = 200


def alembic_config() -> Config:
    """Alembic's configuration; there is no alembic.ini to keep in step."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


async def upgrade(store: Store) -> None:
    """Create or upgrade the schema.

    Raises:
        StoreError: the database cannot be reached or is newer than this program.
    """
    try:
        engine = _engine(store.url)
        try:
            if engine.dialect.name == "sqlite":
                await _write_ahead(store.url)
            async with engine.begin() as connection:
                if engine.dialect.name == "postgresql":
                    await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
                await connection.run_sync(_upgrade)
        finally:
            await engine.dispose()
    except (SQLAlchemyError, OSError) as error:
        raise StoreError(f"không mở được cơ sở dữ liệu: {_first_line(error)}") from error


def _engine(url: str) -> AsyncEngine:
    """An engine of its own: SQLite batch migrations work with foreign keys switched off.

    On SQLite the whole upgrade is one transaction that begins IMMEDIATE: of several
    processes that start together one migrates, and a killed one leaves nothing half done.
    """
    if not url.startswith("sqlite"):
        return create_async_engine(url)
    engine = create_async_engine(url, connect_args={"timeout": 30})
    event.listen(engine.sync_engine, "connect", _leave_transactions_to_us)
    event.listen(engine.sync_engine, "begin", _begin_alone)
    return engine


async def _write_ahead(url: str) -> None:
    """Switch the file to write-ahead logging, once for its life.

    Processes that do it at the same time hold what the others need; SQLite then tells some
    of them at once that the file is locked, so we ask again.
    """
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT", connect_args={"timeout": 0.1})
    try:
        for attempt in range(_TRIES + 1):
            try:
                async with engine.connect() as connection:
                    await connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                break
            except OperationalError as error:
                if attempt == _TRIES or "locked" not in str(error):
                    raise
                await asyncio.sleep(0.05)
    finally:
        await engine.dispose()


def _leave_transactions_to_us(connection: Any, _record: Any) -> None:
    connection.isolation_level = None


def _begin_alone(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _upgrade(connection: Connection) -> None:
    config = alembic_config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in known:
        raise StoreError(
            f"cơ sở dữ liệu ở phiên bản mới hơn chương trình ({current}): hãy cập nhật hotro"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def revision_of(store: Store) -> tuple[str | None, str | None]:
    """The database's revision and the program's newest one."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    async with store.engine.connect() as connection:
        current = await connection.run_sync(
            lambda c: MigrationContext.configure(c).get_current_revision()
        )
    return current, head


def _first_line(error: Exception) -> str:
    origin: Any = getattr(error, "orig", None) or error
    return str(origin).splitlines()[0] if str(origin) else type(origin).__name__


def main() -> None:
    """Write a new revision from the models: ``python -m bot.store.migrate "message"``."""
    import sys
    import tempfile

    from bot.store.vault import Vault

    async def autogenerate(message: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = Store(f"sqlite:///{folder}/now.db", Vault("0" * 16))
            await upgrade(store)
            engine = create_async_engine(store.url)
            async with engine.begin() as connection:
                await connection.run_sync(_revise, message)
            await engine.dispose()
            await store.close()

    asyncio.run(autogenerate(sys.argv[1]))


def _revise(connection: Connection, message: str) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.revision(config, message, autogenerate=True)


if __name__ == "__main__":
    main()
