from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.understanding import gate, training
from bot.understanding.child import ChildError
from bot.understanding.evaluation.rows import Row
from bot.understanding.gate import Measured, worse
from bot.understanding.training import NotPublished, TrainedModel, current_model, train
from tests.understanding.conftest import ROOT
from tests.understanding.test_training import GOOD, FakeRun, project

GOOD_MODEL = Measured("rows", 0.90, 0.02, {"accented": (300, 0.92), "story": (50, 0.80)})


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({}, False),
        ({"both": 0.895}, False),
        ({"both": 0.88}, True),
        ({"both": 0.95}, False),
        ({"wrong": 0.025}, False),
        ({"wrong": 0.04}, True),
        ({"views": {"accented": (300, 0.92), "story": (50, 0.73)}}, False),
        ({"views": {"accented": (300, 0.92), "story": (50, 0.70)}}, True),
        ({"views": {"accented": (300, 0.92), "story": (20, 0.50)}}, False),  # too few to tell
        ({"views": {"accented": (300, 0.88), "story": (50, 0.80)}}, True),
    ],
)
def test_only_clearly_worse_models_are_refused(change: dict[str, Any], refused: bool) -> None:
    assert bool(worse(replace(GOOD_MODEL, **change), GOOD_MODEL)) is refused


def test_figures_are_kept_and_read_back() -> None:
    kept = json.loads(json.dumps(GOOD_MODEL.to_json()))
    assert Measured.from_json(kept) == GOOD_MODEL
    with pytest.raises(KeyError):
        Measured.from_json({})


class Exam:
    """Stands for the measuring: gives the models marks in turn."""

    def __init__(self, *marks: float | None) -> None:
        self.marks = list(marks)
        self.sat: list[Path] = []

    async def __call__(self, archive: Path, rows: list[Row]) -> Measured:
        self.sat.append(archive)
        mark = self.marks.pop(0)
        if mark is None:
            raise ChildError("of another version")
        return Measured(gate.name_of(rows), mark, 0.0, {})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = project(tmp_path / "nlu")
    (folder / "test").mkdir()
    question = {"id": "1", "text": "chào xã", "procedure": "none", "aspect": "chao"}
    (folder / "test" / "a.jsonl").write_text(json.dumps(question) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def exam(monkeypatch: pytest.MonkeyPatch) -> Exam:
    monkeypatch.setattr(training, "_run", FakeRun())
    exam = Exam()
    monkeypatch.setattr(gate, "measure", exam)
    return exam


def edit(data: Path, word: str) -> None:
    (data / "data" / "a.yml").write_text(f"{GOOD}    - {word}\n", encoding="utf-8")


async def test_a_worse_model_is_not_published(tmp_path: Path, data: Path, exam: Exam) -> None:
    models = tmp_path / "models"
    exam.marks = [0.9, 0.8]
    first = await train(models, data, lambda _: None)
    assert first.both == 0.9
    edit(data, "alo")
    with pytest.raises(NotPublished, match=r"90\.0% -> 80\.0%") as refusal:
        await train(models, data, lambda _: None)
    assert refusal.value.refused.path.is_file()
    assert current_model(models) == first.path
    assert len(exam.sat) == 2  # the published model's mark was kept
    with pytest.raises(NotPublished):  # nor when asked again, and without training again
        await train(models, data, lambda _: None)
    kept = await train(models, data, lambda _: None, anyway=True)
    assert not kept.fresh
    assert current_model(models) == kept.path != first.path


async def test_a_better_model_is_published(tmp_path: Path, data: Path, exam: Exam) -> None:
    models = tmp_path / "models"
    exam.marks = [0.8, 0.9]
    await train(models, data, lambda _: None)
    edit(data, "alo")
    better = await train(models, data, lambda _: None)
    assert current_model(models) == better.path


async def test_another_test_set_measures_the_old_model_again(
    tmp_path: Path, data: Path, exam: Exam
) -> None:
    models = tmp_path / "models"
    exam.marks = [0.9, 0.8, 0.8]
    first = await train(models, data, lambda _: None)
    edit(data, "alo")
    more = {"id": "2", "text": "cảm ơn", "procedure": "none", "aspect": "cam_on"}
    (data / "test" / "b.jsonl").write_text(json.dumps(more) + "\n", encoding="utf-8")
    second = await train(models, data, lambda _: None)
    assert exam.sat[-1] == first.path
    assert current_model(models) == second.path


async def test_a_model_that_no_longer_loads_is_no_rival(
    tmp_path: Path, data: Path, exam: Exam
) -> None:
    models = tmp_path / "models"
    exam.marks = [0.9, 0.1]
    await train(models, data, lambda _: None)
    current = json.loads((models / "current.json").read_text(encoding="utf-8"))
    del current["measured"]
    (models / "current.json").write_text(json.dumps(current), encoding="utf-8")
    edit(data, "alo")
    exam.marks = [0.1, None]
    second = await train(models, data, lambda _: None)
    assert current_model(models) == second.path


async def test_a_real_model_is_measured_by_view(trained: TrainedModel) -> None:
    rows = gate.test_rows(ROOT / "nlu_data")
    measured = await gate.measure(trained.path, rows[::20])
    assert measured.test_set == gate.name_of(rows[::20])
    assert {"accented", "unaccented", "half", "story", "typos"} <= set(measured.views)
    assert 0.7 < measured.both <= 1.0
