"""Towns on both databases, and a model that is not trained anew for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.understanding.training import current_model
from tests.acceptance.town import Town, town
from tests.factories import ROOT


@pytest.fixture(scope="session")
def model(request: pytest.FixtureRequest) -> Path:
    """Any trained model: what it was trained on does not matter here."""
    published = current_model(ROOT / "var" / "models")
    if published is not None:
        return published
    path: Path = request.getfixturevalue("trained").path
    return path


@pytest.fixture
async def sqlite_town(tmp_path: Path) -> AsyncIterator[Town]:
    """On a SQLite file that does not exist yet."""
    async with town(tmp_path, f"sqlite:///{tmp_path / 'hotro.db'}") as made:
        yield made


@pytest.fixture
async def postgres_town(tmp_path: Path, postgres_url: str) -> AsyncIterator[Town]:
    """On PostgreSQL."""
    async with town(tmp_path, postgres_url) as made:
        yield made
