"""What is served is what Rasa itself would say: the whole test set, both ways.

``trained`` (tests/conftest.py) trains once, keeps the archive as Rasa wrote it beside the
stripped one, and both by the hash of their inputs.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.understanding import agent_process
from bot.understanding.child import SERVICE, Child
from bot.understanding.client import BATCH
from bot.understanding.evaluation.testset import read_test_set
from bot.understanding.service import RANKED
from bot.understanding.training import TrainedModel
from bot.understanding.types import Label
from tests.understanding.conftest import ROOT

ODD = ["😀", "chào shop", "KS", "a" * 500, "Cơ sở dữ liệu".upper(), "0912 345 678", "???"]
CLOSE = 1e-6


async def ranked(module: str, archive: Path, texts: Sequence[str]) -> list[list[Label]]:
    """The rankings of ``texts`` by a process of ``module``."""
    child = await Child.spawn(sys.executable, archive, module)
    try:
        await child.wait_ready(200)
        batches = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
        return [ranking for batch in batches for ranking in await child.ask(batch, 200)]
    finally:
        await child.stop()


@pytest.mark.nlu
@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_the_service_ranks_the_whole_test_set_as_rasa_does(trained: TrainedModel) -> None:
    texts = [row.text for row in read_test_set(ROOT / "nlu_data" / "test")] + ODD
    by_rasa = await ranked(agent_process.MODULE, trained.rasa_archive, texts)
    served = await ranked(SERVICE, trained.path, texts)
    assert len(served) == len(by_rasa) == len(texts)
    different = [
        (text, ours[:2], theirs[:2])
        for text, ours, theirs in zip(texts, served, by_rasa, strict=True)
        if not same(ours, theirs[:RANKED])
    ]
    assert different == []


def same(ours: Sequence[Label], theirs: Sequence[Label]) -> bool:
    """The same names in the same order, as likely."""
    return [(label.procedure, label.aspect) for label in ours] == [
        (label.procedure, label.aspect) for label in theirs
    ] and all(
        abs(one.confidence - other.confidence) <= CLOSE
        for one, other in zip(ours, theirs, strict=True)
    )


def test_a_difference_would_be_seen() -> None:
    label = Label("khai_sinh", "ho_so", 0.5)
    assert same([label], [Label("khai_sinh", "ho_so", 0.5 + 1e-9)])
    assert not same([label], [Label("khai_sinh", "ho_so", 0.5001)])
    assert not same([label], [Label("khai_sinh", "le_phi", 0.5)])
    assert not same([label], [])
