"""Opens the database: SQLite (one machine) or PostgreSQL (many)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from bot.store.vault import Vault

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


class StoreError(Exception):
    """The database cannot be used as configured; the message says what to do."""


class Store:
    """Sessions on one database, with the vault at hand.

    Inside ``async with store.write() as session`` everything is one transaction: it
    commits at the end and rolls back on an exception. SQLite write transactions begin
    IMMEDIATE, so that a read followed by a write cannot lose to another writer; within one
    process they take turns in the order they came (SQLite itself lets waiters poll, and an
    unlucky webhook could wait until its sender gave up).
    """

    def __init__(self, url: str, vault: Vault) -> None:
        self.url = async_url(url)
        self.vault = vault
        self.engine = _engine(self.url)
        self._writing = self.engine.execution_options(hotro_write=True)
        self._turn: AbstractAsyncContextManager[None] = (
            asyncio.Lock() if self.url.startswith("sqlite") else nullcontext()
        )

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """One read-write transaction."""
        async with (
            self._turn,
            AsyncSession(self._writing, expire_on_commit=False, info={"vault": self.vault}) as s,
            s.begin(),
        ):
            yield s

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """One read-only look."""
        async with AsyncSession(self.engine, info={"vault": self.vault}) as session:
            yield session

    async def ping(self) -> None:
        """Raise when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def vault_of(session: AsyncSession) -> Vault:
    """The vault that came with the session."""
    vault: Vault = session.info["vault"]
    return vault


async def take_turns(session: AsyncSession, name: str) -> None:
    """Whoever else says the same ``name`` waits until this transaction ends.

    For what two transactions may find or add that is not there yet, so that there is no row
    to lock. On SQLite all writers take turns anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), signed=True)
        await session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def async_url(url: str) -> str:
    """Return ``url`` with the async driver this project uses.

    Raises:
        StoreError: when it is no SQLite or PostgreSQL address.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"địa chỉ cơ sở dữ liệu không đọc được: {error}") from error
    backend = parsed.get_backend_name()
    if backend not in _DRIVERS:
        raise StoreError(f"chỉ dùng được SQLite hoặc PostgreSQL, không phải {backend}")
    return parsed.set(drivername=_DRIVERS[backend]).render_as_string(hide_password=False)


def _engine(url: str) -> AsyncEngine:
    if url.startswith("postgresql"):
        return create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    engine = create_async_engine(url, connect_args={"timeout": 30})
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: _begin_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("hotro_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
