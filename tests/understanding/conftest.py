"""One trained model for the run, from the repository's own cache."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.understanding.child import Timing
from bot.understanding.client import NluClient
from bot.understanding.training import TrainedModel, train

ROOT = Path(__file__).resolve().parents[2]
QUICK = Timing(load=120, answer=10, poll=0.2, backoff=0.05, backoff_max=0.2)


@pytest.fixture(scope="session")
def trained() -> TrainedModel:
    """The model of ``nlu_data`` as it is; trains only when its inputs changed."""
    return asyncio.run(train(ROOT / "var" / "models", ROOT / "nlu_data", lambda _: None))


@pytest.fixture
async def client(trained: TrainedModel) -> AsyncIterator[NluClient]:
    """A started client on the trained model."""
    started = NluClient(lambda: trained.path, timing=QUICK)
    started.start()
    yield started
    await started.stop()
