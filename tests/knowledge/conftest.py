"""The shipped content, read once, and a tiny content to break."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.library import Knowledge
from bot.knowledge.loader import load
from bot.knowledge.model import Commune

FAQ = Path(__file__).parents[2] / "faq"
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """What ``faq/`` ships."""
    return load(FAQ)


@pytest.fixture(scope="session")
def commune(knowledge: Knowledge) -> Commune:
    """The demo commune."""
    return knowledge.commune("hoa-mai")
