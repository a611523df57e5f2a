"""The quick look at the schema agrees with Alembic's slow one."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory

from bot.store.engine import Store
from bot.store.migrate import alembic_config, upgrade
from bot.store.schema import is_current, newest
from bot.store.vault import Vault


def test_the_newest_file_is_the_head_and_every_revision_is_named_like_its_file() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert newest() == scripts.get_current_head()
    for script in scripts.walk_revisions():
        assert Path(script.path).name.split("_")[0] == script.revision


async def test_a_database_is_current_only_after_it_was_migrated(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'x.db'}", Vault("0" * 16))
    assert not await is_current(store)
    await upgrade(store)
    assert await is_current(store)
    await store.close()
