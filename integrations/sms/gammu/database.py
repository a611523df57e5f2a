"""Opens the database that gammu-smsd and we share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, event, func, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.messages import SendError, TemporarySendError, UnknownOutcomeError
from integrations.outbound import SETTINGS_RETRY
from integrations.sms.gammu.tables import SCHEMAS, Times, gammu

BUSY_SECONDS = 10
"""Writers of SQLite wait for one another; gammu-smsd itself gives up at once and comes again."""
_PASSING = ("locked", "busy", "connection was closed", "too many clients")


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction."""

    connection: AsyncConnection
    version: int
    times: Times

    @property
    def is_postgres(self) -> bool:
        return self.connection.dialect.name == "postgresql"


class GammuDatabase:
    """Transactions on the tables of gammu-smsd.

    A connection is made for each: somebody may put another file in the place of the old one,
    or load a newer schema, without telling us.
    """

    def __init__(self, url: URL) -> None:
        arguments = {"timeout": BUSY_SECONDS} if _is_sqlite(url) else {"timeout": 10}
        self._engine = create_async_engine(url, poolclass=NullPool, connect_args=arguments)
        self._writing = self._engine.execution_options(gammu_write=True)
        if _is_sqlite(url):
            event.listen(self._engine.sync_engine, "connect", _prepare)
            event.listen(self._engine.sync_engine, "begin", _begin)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Work]:
        """Look.

        Raises:
            TemporarySendError: the database cannot be used now, or as it is.
        """
        with _explained():
            async with self._engine.connect() as connection, connection.begin():
                yield await _opened(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Work]:
        """One transaction; on SQLite it waits until no other writes.

        Raises:
            TemporarySendError: nothing was written.
            UnknownOutcomeError: the connection broke while it was committed.
        """
        with _explained():
            async with self._writing.connect() as connection:
                transaction = await connection.begin()
                try:
                    yield await _opened(connection)
                except BaseException:
                    await transaction.rollback()
                    raise
                try:
                    await transaction.commit()
                except (DBAPIError, OSError) as fault:
                    if _is_sqlite(connection.engine.url):
                        raise  # it is all there or not at all, and says so
                    raise UnknownOutcomeError("mất kết nối cơ sở dữ liệu khi đang ghi") from fault

    async def close(self) -> None:
        """Close all connections."""
        await self._engine.dispose()


def address(text: str, password: str = "") -> URL:
    """The database of a setting: a path, ``sqlite:///…`` or ``postgresql://user@host/name``.

    Raises:
        ValueError: none that we can use.
    """
    text = text.strip()
    if text.startswith("/"):
        return _file(text)
    try:
        url = make_url(text)
    except ArgumentError as fault:
        raise ValueError("địa chỉ cơ sở dữ liệu của gammu-smsd không đọc được") from fault
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database:
        return _file(url.database)
    if backend == "postgresql" and url.database:
        url = url.set(drivername="postgresql+asyncpg")
        return url.set(password=password) if password else url
    raise ValueError("gammu-smsd phải dùng SQLite hoặc PostgreSQL, và địa chỉ phải có tên tệp")


def _file(path: str) -> URL:
    # Never made by us: an empty file in its place would only hide a wrong path.
    return URL.create(
        "sqlite+aiosqlite", database=f"file:{quote(path)}", query={"mode": "rw", "uri": "true"}
    )


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _prepare(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: _begin does.
    connection.isolation_level = None
    # A name that is no UTF-8 must not keep everybody else from being heard.
    connection.driver_connection.text_factory = _lenient


def _lenient(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _begin(connection: Connection) -> None:
    write = connection.get_execution_options().get("gammu_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


async def _opened(connection: AsyncConnection) -> Work:
    version = await connection.scalar(select(func.max(gammu.c.Version)))
    if version not in SCHEMAS:
        raise TemporarySendError(
            f"bảng của gammu-smsd có phiên bản {version}, hotro dùng được 17 và 18: "
            "hãy nạp lại tệp bảng đi kèm gammu-smsd",
            SETTINGS_RETRY,
            needs_person=True,
        )
    return Work(connection, int(version), Times(connection.dialect.name, int(version)))


@contextmanager
def _explained() -> Iterator[None]:
    """Turns what a driver raises into a SendError; drivers raise many kinds."""
    try:
        yield
    except SendError:
        raise
    except Exception as fault:
        if not _of_driver(fault):
            raise
        # Without the chain: the message of a database error may quote the row.
        raise _reason(fault) from None


def _of_driver(fault: Exception) -> bool:
    return isinstance(fault, DBAPIError | OSError) or type(fault).__module__.startswith("asyncpg")


def _reason(fault: Exception) -> TemporarySendError:
    if isinstance(fault, OSError) or any(word in str(fault).lower() for word in _PASSING):
        return TemporarySendError("cơ sở dữ liệu của gammu-smsd đang bận hoặc chưa chạy")
    return TemporarySendError(
        "không mở được cơ sở dữ liệu của gammu-smsd: kiểm tra địa chỉ, mật khẩu, "
        "quyền đọc ghi và các bảng",
        SETTINGS_RETRY,
        needs_person=True,
    )
