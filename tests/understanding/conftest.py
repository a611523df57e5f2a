"""A client on the run's one trained model (tests/conftest.py)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.understanding.child import Timing
from bot.understanding.client import NluClient
from bot.understanding.training import TrainedModel

ROOT = Path(__file__).resolve().parents[2]
QUICK = Timing(load=120, answer=10, poll=0.2, backoff=0.05, backoff_max=0.2)


async def _started(trained: TrainedModel) -> AsyncIterator[NluClient]:
    started = NluClient(lambda: trained.path, timing=QUICK)
    started.start()
    yield started
    await started.stop()


@pytest.fixture
async def client(trained: TrainedModel) -> AsyncIterator[NluClient]:
    """A started client on the trained model, of one test's own."""
    async for started in _started(trained):
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_client(trained: TrainedModel) -> AsyncIterator[NluClient]:
    """One for a whole module that only asks; its tests run in the module's loop."""
    async for started in _started(trained):
        yield started
