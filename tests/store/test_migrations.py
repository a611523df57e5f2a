"""From nothing to the models, by several at once, and never from the future."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, DateTime, inspect, text

from bot.store.engine import Store, StoreError
from bot.store.migrate import revision_of, upgrade
from bot.store.models import Base, UtcDateTime
from tests.conftest import SECRET
from tests.factories import ROOT, House

OpenStore = Callable[[str], Store]


def _same_type(_c: Any, _i: Any, _m: Any, inspected: Any, modelled: Any) -> bool | None:
    return not isinstance(inspected, DateTime) if isinstance(modelled, UtcDateTime) else None


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": _same_type})
    return list(compare_metadata(context, Base.metadata))


async def test_the_migrations_make_what_the_models_say(
    empty_database_url: str, open_store: OpenStore
) -> None:
    store = open_store(empty_database_url)
    async with store.engine.connect() as connection:
        assert await connection.run_sync(_differences)  # it can tell
    await upgrade(store)
    async with store.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    current, head = await revision_of(store)
    assert current == head is not None


async def test_the_index_that_allows_one_open_handover_is_made(
    empty_database_url: str, open_store: OpenStore
) -> None:
    """Alembic does not compare the condition of a partial index."""
    store = open_store(empty_database_url)
    await upgrade(store)
    async with store.engine.connect() as connection:
        indexes = await connection.run_sync(lambda c: inspect(c).get_indexes("handover"))
    (one,) = [index for index in indexes if index["name"] == "uq_handover_one_open"]
    assert one["unique"]
    conditions = [str(value) for value in one["dialect_options"].values()]
    assert any("closed_at IS NULL" in condition for condition in conditions)


async def test_a_second_upgrade_keeps_what_is_there(store: Store) -> None:
    house = House(store)
    await house.hear("KS")
    await upgrade(store)
    assert await house.inbox_states() == ["new"]


async def test_machines_that_start_together_on_an_empty_database_all_start(
    empty_database_url: str,
) -> None:
    program = (
        "import asyncio, sys; from bot.store.engine import Store; "
        "from bot.store.migrate import upgrade; from bot.store.vault import Vault\n"
        "async def go():\n"
        f"    store = Store({empty_database_url!r}, Vault({SECRET!r}))\n"
        "    await upgrade(store); await store.ping(); await store.close()\n"
        "asyncio.run(go())"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, cwd=ROOT, stderr=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    said = [(await process.communicate())[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said


async def test_a_new_file_is_switched_to_write_ahead_even_while_somebody_reads_it(
    tmp_path: Path, open_store: OpenStore
) -> None:
    """So the first start of several processes does not end in "database is locked"."""
    path = tmp_path / "new.db"
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("CREATE TABLE other (x)")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM other").fetchall()
    asyncio.get_running_loop().call_later(0.3, reader.close)
    await upgrade(open_store(f"sqlite:///{path}"))
    after = sqlite3.connect(path)
    assert after.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    after.close()


async def test_a_database_newer_than_the_program_is_refused_with_a_clear_line(
    store: Store,
) -> None:
    async with store.engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"mới hơn chương trình \(9999\): hãy cập nhật hotro"):
        await upgrade(store)
    async with store.engine.connect() as connection:
        found = (await connection.execute(text("SELECT version_num FROM alembic_version"))).all()
    assert [tuple(row) for row in found] == [("9999",)]


async def test_an_upgrade_that_fails_half_way_leaves_nothing(
    empty_database_url: str, open_store: OpenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot.store import migrate

    store = open_store(empty_database_url)
    with monkeypatch.context() as patch:
        real = migrate._upgrade

        def half_way(connection: Connection) -> None:
            real(connection)
            raise OSError("disk full")

        patch.setattr(migrate, "_upgrade", half_way)
        with pytest.raises(StoreError, match="disk full"):
            await upgrade(store)
    async with store.engine.connect() as connection:
        assert await connection.run_sync(lambda c: inspect(c).get_table_names()) == []
    await upgrade(store)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://root@localhost/x", "chỉ dùng được SQLite hoặc PostgreSQL"),
        ("not an address", "không đọc được"),
    ],
)
def test_another_kind_of_database_is_refused(url: str, says: str, open_store: OpenStore) -> None:
    with pytest.raises(StoreError, match=says):
        open_store(url)


async def test_a_database_that_is_not_there_is_one_clear_line(open_store: OpenStore) -> None:
    with pytest.raises(StoreError, match="không mở được cơ sở dữ liệu: ") as caught:
        await upgrade(open_store("postgresql://nobody@127.0.0.1:1/x"))
    assert "\n" not in str(caught.value)


async def test_a_file_that_is_no_database_is_one_clear_line(
    tmp_path: Path, open_store: OpenStore
) -> None:
    (tmp_path / "notes.db").write_text("mua sữa\n" * 200)
    with pytest.raises(StoreError, match="không mở được cơ sở dữ liệu: "):
        await upgrade(open_store(f"sqlite:///{tmp_path / 'notes.db'}"))
