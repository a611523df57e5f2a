"""A client on the run's one trained model (tests/conftest.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.understanding.child import Timing
from bot.understanding.client import NluClient
from bot.understanding.training import TrainedModel

ROOT = Path(__file__).resolve().parents[2]
QUICK = Timing(load=120, answer=10, poll=0.2, backoff=0.05, backoff_max=0.2)


@pytest.fixture
async def client(trained: TrainedModel) -> AsyncIterator[NluClient]:
    """A started client on the trained model."""
    started = NluClient(lambda: trained.path, timing=QUICK)
    started.start()
    yield started
    await started.stop()
