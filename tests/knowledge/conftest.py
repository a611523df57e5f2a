"""The shipped content, read once, and a tiny content to break."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.library import Knowledge, Library
from bot.knowledge.loader import load
from bot.knowledge.model import Commune

FAQ = Path(__file__).parents[2] / "faq"
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def library() -> Library:
    """All that ``faq/`` ships."""
    return load(FAQ)


@pytest.fixture(scope="session")
def knowledge(library: Library) -> Knowledge:
    """What of it may be told today in the demo commune."""
    return library.on(TODAY, "hoa-mai")


@pytest.fixture(scope="session")
def commune(library: Library) -> Commune:
    """The demo commune."""
    return library.commune("hoa-mai")
