"""What a simulator remembers: people, bubbles, records, webhooks not yet acknowledged.

SQLite in write-ahead mode: it survives the death of the process at any moment, and one
write takes some tens of microseconds, so it is done in the event loop.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS bubble (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL UNIQUE,
    address TEXT NOT NULL, author TEXT NOT NULL, text TEXT NOT NULL, wire TEXT NOT NULL,
    extra TEXT NOT NULL, at TEXT NOT NULL, status TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS bubble_of ON bubble (address, seq);
CREATE TABLE IF NOT EXISTS person (address TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (
    id INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT NOT NULL, body BLOB NOT NULL,
    tag TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS record (
    kind TEXT NOT NULL, key TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (kind, key));
"""
_COLUMNS = "address, author, text, at, message_id, status, wire, extra, seq"


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message on a phone. ``wire`` is what really went over the line, ``text`` what
    the phone shows; ``extra`` is small JSON (buttons, for one); ``seq`` grows."""

    address: str
    author: str
    text: str
    at: datetime
    message_id: str
    status: str = "sent"
    wire: str = ""
    extra: Mapping[str, object] = field(default_factory=dict)
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Pending:
    """A webhook body that was not acknowledged yet; ``tries`` counts the attempts made."""

    id: int
    address: str
    body: bytes
    tag: str
    tries: int


class Journal:
    """The store of one simulator at ``path``; None keeps it in memory."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def add(self, bubble: Bubble) -> Bubble:
        """Keep ``bubble`` and return it with its ``seq``.

        Raises:
            sqlite3.IntegrityError: the message id exists.
        """
        values = (
            bubble.address,
            bubble.author,
            bubble.text,
            bubble.at.isoformat(),
            bubble.message_id,
            bubble.status,
            bubble.wire,
            json.dumps(bubble.extra),
        )
        columns = _COLUMNS.removesuffix(", seq")
        statement = f"INSERT INTO bubble ({columns}) VALUES (?,?,?,?,?,?,?,?)"
        seq = self._db.execute(statement, values).lastrowid
        return replace(bubble, seq=seq or 0)

    def since(self, address: str, after: int) -> list[Bubble]:
        """Bubbles of ``address`` with a greater ``seq``, oldest first."""
        return self._bubbles("address = ? AND seq > ? ORDER BY seq", address, after)

    def latest(self, address: str, offset: int, count: int) -> list[Bubble]:
        """A page of the conversation, newest first."""
        where = "address = ? ORDER BY seq DESC LIMIT ? OFFSET ?"
        return self._bubbles(where, address, count, offset)

    def find(self, message_id: str) -> Bubble | None:
        """The bubble with this id."""
        return next(iter(self._bubbles("message_id = ?", message_id)), None)

    def recent(self) -> list[Bubble]:
        """The newest bubble of each address, newest first."""
        return self._bubbles(
            "seq IN (SELECT MAX(seq) FROM bubble GROUP BY address) ORDER BY seq DESC"
        )

    def set_status(self, message_id: str, status: str) -> None:
        """Note what became of a message."""
        self._db.execute("UPDATE bubble SET status = ? WHERE message_id = ?", (status, message_id))

    def person(self, address: str) -> dict[str, object] | None:
        """What was kept of ``address``; None for a stranger."""
        row = self._db.execute("SELECT data FROM person WHERE address = ?", (address,)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def save_person(self, address: str, data: Mapping[str, object]) -> None:
        """Replace what is kept of ``address``."""
        row = (address, json.dumps(data))
        self._db.execute("INSERT OR REPLACE INTO person (address, data) VALUES (?,?)", row)

    def people(self) -> dict[str, dict[str, object]]:
        """What is kept of everybody, by address."""
        rows = self._db.execute("SELECT address, data FROM person ORDER BY address")
        return {address: dict(json.loads(data)) for address, data in rows}

    def record(self, kind: str, key: str) -> dict[str, object] | None:
        """A small fact of the simulator's own (a token, an upload); None when there is none."""
        statement = "SELECT data FROM record WHERE kind = ? AND key = ?"
        row = self._db.execute(statement, (kind, key)).fetchone()
        return None if row is None else dict(json.loads(row[0]))

    def save_record(self, kind: str, key: str, data: Mapping[str, object]) -> None:
        """Keep or replace a small fact."""
        statement = (
            "INSERT INTO record (kind, key, data) VALUES (?,?,?)"
            " ON CONFLICT (kind, key) DO UPDATE SET data = excluded.data"
        )
        self._db.execute(statement, (kind, key, json.dumps(data)))

    def records(self, kind: str) -> dict[str, dict[str, object]]:
        """All facts of one kind by key."""
        rows = self._db.execute(
            "SELECT key, data FROM record WHERE kind = ? ORDER BY rowid", (kind,)
        )
        return {key: dict(json.loads(data)) for key, data in rows}

    def forget(self, kind: str, key: str) -> None:
        """Drop a small fact."""
        self._db.execute("DELETE FROM record WHERE kind = ? AND key = ?", (kind, key))

    def queue(self, address: str, body: bytes, tag: str) -> Pending:
        """Keep a webhook body until :meth:`settled`."""
        statement = "INSERT INTO delivery (address, body, tag) VALUES (?,?,?)"
        key = self._db.execute(statement, (address, body, tag)).lastrowid
        return Pending(key or 0, address, body, tag, 0)

    def tried(self, pending: Pending) -> None:
        """Count one attempt."""
        self._db.execute("UPDATE delivery SET tries = tries + 1 WHERE id = ?", (pending.id,))

    def settled(self, pending: Pending) -> None:
        """Forget a webhook: acknowledged, or given up."""
        self._db.execute("DELETE FROM delivery WHERE id = ?", (pending.id,))

    def pending(self) -> list[Pending]:
        """Webhooks that an earlier process left behind, oldest first."""
        rows = self._db.execute("SELECT id, address, body, tag, tries FROM delivery ORDER BY id")
        return [Pending(*row) for row in rows]

    def _bubbles(self, where: str, *values: object) -> list[Bubble]:
        rows = self._db.execute(f"SELECT {_COLUMNS} FROM bubble WHERE {where}", values)
        return [_bubble(row) for row in rows]


def _bubble(row: tuple[str, str, str, str, str, str, str, str, int]) -> Bubble:
    address, author, text, at, message_id, status, wire, extra, seq = row
    when = datetime.fromisoformat(at)
    return Bubble(
        address, author, text, when, message_id, status, wire, dict(json.loads(extra)), seq
    )
