"""The tables of gammu-smsd, as far as we use them, in both of its schemas (17 and 18).

Times are the database's own: SQLite keeps what its triggers write in UTC in schema 17 and in
local time in schema 18, PostgreSQL in the session's zone. So ages are computed where they were
written, and no time of these tables ever leaves SQL as an instant.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    cast,
    extract,
    func,
    literal_column,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

SCHEMAS = (17, 18)


class Flag(TypeDecorator[bool]):
    """``true`` and ``false``: a boolean in PostgreSQL, these words in SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Boolean() if _is_postgres(dialect) else String())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        if value is None or _is_postgres(dialect):
            return value
        return "true" if value else "false"

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        return value if isinstance(value, bool) or value is None else value in ("true", "yes")


def _is_postgres(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"


_metadata = MetaData()

gammu = Table("gammu", _metadata, Column("Version", Integer))

inbox = Table(
    "inbox",
    _metadata,
    Column("ID", Integer, primary_key=True),
    Column("ReceivingDateTime", String),
    Column("SenderNumber", String),
    Column("Text", Text),
    Column("TextDecoded", Text),
    Column("Coding", String),
    Column("UDH", Text),
    Column("RecipientID", Text),
    Column("Processed", Flag),
    Column("MessageID", Integer),
    Column("SequencePosition", Integer),
    Column("PartCount", Integer),
)
INBOX_SINCE_18 = ("MessageID", "SequencePosition", "PartCount")

outbox = Table(
    "outbox",
    _metadata,
    Column("ID", Integer, primary_key=True),
    Column("InsertIntoDB", String),
    Column("DestinationNumber", String),
    Column("Coding", String),
    Column("UDH", Text),
    Column("TextDecoded", Text),
    Column("MultiPart", Flag),
    Column("SenderID", String),
    Column("SendingTimeOut", String),
    Column("DeliveryReport", String),
    Column("CreatorID", Text),
)

outbox_multipart = Table(
    "outbox_multipart",
    _metadata,
    Column("ID", Integer, primary_key=True),
    Column("SequencePosition", Integer, primary_key=True),
    Column("Coding", String),
    Column("UDH", Text),
    Column("TextDecoded", Text),
)

sentitems = Table(
    "sentitems",
    _metadata,
    Column("ID", Integer, primary_key=True),
    Column("SequencePosition", Integer, primary_key=True),
    Column("UpdatedInDB", String),
    Column("DestinationNumber", String),
    Column("Status", String),
    Column("CreatorID", Text),
    Column("SenderID", String),
)

phones = Table(
    "phones",
    _metadata,
    Column("IMEI", String, primary_key=True),
    Column("ID", Text),
    Column("UpdatedInDB", String),
    Column("Send", Flag),
    Column("Receive", Flag),
    Column("NetName", String),
    Column("Battery", Integer),
    Column("Signal", Integer),
)


class Times:
    """Comparisons with times that the database wrote itself."""

    def __init__(self, dialect: str, version: int) -> None:
        self._postgres = dialect == "postgresql"
        self._local = ("localtime",) if version >= 18 else ()

    def age(self, column: ColumnElement[Any]) -> ColumnElement[int]:
        """Seconds since what a default or a trigger wrote."""
        if self._postgres:
            now: ColumnElement[Any] = literal_column("LOCALTIMESTAMP")
            return cast(extract("epoch", now - column), Integer)
        utc = func.strftime("%s", "now", *self._local)
        return cast(utc, Integer) - cast(func.strftime("%s", column), Integer)

    def is_over(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether an end that gammu-smsd set (always in local time) has passed."""
        if self._postgres:
            return column < literal_column("LOCALTIMESTAMP")
        return column < func.datetime("now", "localtime")
