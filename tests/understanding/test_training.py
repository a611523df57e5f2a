from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.understanding import training
from bot.understanding.archive import strip_metadata
from bot.understanding.training import TrainedModel, TrainingError, current_model, train
from bot.understanding.training_data import inputs_hash, read_examples
from tests.understanding.conftest import ROOT

GOOD = 'version: "3.1"\nnlu:\n- intent: none+chao\n  examples: |\n    - chào\n    - xin chào\n'


def project(folder: Path, text: str = GOOD) -> Path:
    """A tiny Rasa project."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.yml").write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "nlu_data" / "config.yml", folder)
    return folder


class FakeRun:
    """Stands for the training process: writes the archives, or fails half way."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.calls = 0
        self.error = error

    async def __call__(self, data_dir: Path, work: Path, on_progress: Any) -> None:
        self.calls += 1
        (work / "rasa.tar.gz").write_bytes(b"rasa")
        if self.error is not None:
            raise self.error
        (work / "model.tar.gz").write_bytes(b"stripped")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> FakeRun:
    fake = FakeRun()
    monkeypatch.setattr(training, "_run", fake)
    return fake


async def test_a_model_is_published_with_its_particulars(tmp_path: Path, run: FakeRun) -> None:
    models, data = tmp_path / "models", project(tmp_path / "nlu")
    trained = await train(models, data, lambda _: None)
    current = json.loads((models / "current.json").read_text(encoding="utf-8"))
    assert current_model(models) == trained.path == models / current["model"]
    assert current["hash"] == inputs_hash(data) == trained.hash
    assert current["counts"] == {"examples": 2, "intents": 1}
    assert current["created"] == trained.created
    assert trained.rasa_archive.read_bytes() == b"rasa"


async def test_unchanged_inputs_are_not_trained_again(tmp_path: Path, run: FakeRun) -> None:
    models, data = tmp_path / "models", project(tmp_path / "nlu")
    first = await train(models, data, lambda _: None)
    second = await train(models, data, lambda _: None)
    assert (run.calls, second) == (1, replace(first, fresh=False))


@pytest.mark.parametrize("changed", ["data/a.yml", "config.yml", "lexicon/teencode.yml"])
async def test_every_input_counts(tmp_path: Path, run: FakeRun, changed: str) -> None:
    data = project(tmp_path / "nlu")
    before = inputs_hash(data)
    path = data / changed
    path.parent.mkdir(exist_ok=True)
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    path.write_text(f"{text}\n# changed\n", encoding="utf-8")
    assert inputs_hash(data) != before


async def test_an_edit_during_the_training_does_not_enter_it(
    tmp_path: Path, run: FakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    models, data = tmp_path / "models", project(tmp_path / "nlu")
    seen: list[str] = []

    async def edited(folder: Path, work: Path, on_progress: Any) -> None:
        (data / "data" / "a.yml").write_text(GOOD + "    - alo\n", encoding="utf-8")
        seen.append((folder / "data" / "a.yml").read_text(encoding="utf-8"))
        await run(folder, work, on_progress)

    monkeypatch.setattr(training, "_run", edited)
    before = inputs_hash(data)
    trained = await train(models, data, lambda _: None)
    assert (trained.hash, seen) == (before, [GOOD])
    assert inputs_hash(data) != before


async def test_force_trains_beside_the_model_in_use(tmp_path: Path, run: FakeRun) -> None:
    models, data = tmp_path / "models", project(tmp_path / "nlu")
    first = await train(models, data, lambda _: None)
    second = await train(models, data, lambda _: None, force=True)
    assert run.calls == 2
    assert first.path != second.path == current_model(models)
    assert first.path.is_file()


async def test_a_failed_training_leaves_the_old_model(tmp_path: Path, run: FakeRun) -> None:
    models, data = tmp_path / "models", project(tmp_path / "nlu")
    first = await train(models, data, lambda _: None)
    run.error = TrainingError("no luck")
    with pytest.raises(TrainingError, match="no luck"):
        await train(models, data, lambda _: None, force=True)
    assert current_model(models) == first.path
    assert not list(models.glob(".new-*"))


async def test_a_kill_in_the_middle_leaves_the_old_model(tmp_path: Path, run: FakeRun) -> None:
    models, data = tmp_path / "models", project(tmp_path / "nlu")
    first = await train(models, data, lambda _: None)
    # what a killed run leaves: a work folder, a half-written pointer, a folder without info
    (models / ".new-1").mkdir()
    (models / ".current.json").write_text("{", encoding="utf-8")
    (models / "feedfeedfeedfeed").mkdir()
    assert current_model(models) == first.path
    await train(models, data, lambda _: None, force=True)
    assert not (models / ".new-1").exists()


async def test_two_trainings_at_once_do_the_work_once(tmp_path: Path, run: FakeRun) -> None:
    models, data = tmp_path / "models", project(tmp_path / "nlu")
    both = await asyncio.gather(*(train(models, data, lambda _: None) for _ in range(2)))
    assert run.calls == 1
    assert both[0].path == both[1].path


async def test_old_models_are_removed_but_never_the_current_one(
    tmp_path: Path, run: FakeRun
) -> None:
    models, data = tmp_path / "models", project(tmp_path / "nlu")
    for _ in range(training.KEPT_MODELS + 3):
        last = await train(models, data, lambda _: None, force=True)
    assert len(list(models.glob("*/info.json"))) == training.KEPT_MODELS
    assert current_model(models) == last.path


def test_no_model_is_none(tmp_path: Path) -> None:
    assert current_model(tmp_path) is None
    (tmp_path / "current.json").write_text('{"model": "gone/model.tar.gz"}', encoding="utf-8")
    assert current_model(tmp_path) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nlu:\n- intent: 'x\n", r"a\.yml:\d+: "),
        ("nlu: 5\n", r"a\.yml:1: expected a list"),
        ("nlu:\n- intent: none+chao\n", r"a\.yml:2: expected `intent:` and"),
        (GOOD.replace("none+chao", "greet"), r"a\.yml:3: not procedure\+aspect: 'greet'"),
        (GOOD.replace("- xin", "xin"), r"a\.yml:6: an utterance starts"),
        ("nlu:\n- intent: none+chao\n  examples: |\n    -\n", r"a\.yml:4: an utterance starts"),
        ("nlu: []\n", "no utterances"),
    ],
)
async def test_bad_data_names_file_and_line(tmp_path: Path, text: str, reason: str) -> None:
    data = project(tmp_path / "nlu", text)
    with pytest.raises(TrainingError, match=reason):
        await train(tmp_path / "models", data, lambda _: None)


async def test_a_bad_lexicon_is_a_training_error(tmp_path: Path) -> None:
    data = project(tmp_path / "nlu")
    (data / "lexicon").mkdir()
    (data / "lexicon" / "dialect.yml").write_text("a: [", encoding="utf-8")
    with pytest.raises(TrainingError, match=r"dialect\.yml:"):
        await train(tmp_path / "models", data, lambda _: None)


async def test_a_missing_config_is_a_training_error(tmp_path: Path) -> None:
    data = project(tmp_path / "nlu")
    (data / "config.yml").unlink()
    with pytest.raises(TrainingError, match=r"config\.yml is missing"):
        await train(tmp_path / "models", data, lambda _: None)


def test_metadata_of_an_unknown_graph_is_refused() -> None:
    with pytest.raises(ValueError, match="RegexMessageHandler"):
        strip_metadata({"predict_schema": {"nodes": {}}})


def test_the_shipped_utterances_are_readable() -> None:
    assert len(read_examples(ROOT / "nlu_data")) > 1000


@pytest.mark.nlu
async def test_a_library_fault_is_one_line(tmp_path: Path) -> None:
    data = project(tmp_path / "nlu")  # one intent only: nothing to tell apart
    steps: list[str] = []
    with pytest.raises(TrainingError, match="two procedures") as caught:
        await train(tmp_path / "models", data, steps.append)
    assert "\n" not in str(caught.value)
    assert any("đang nạp Rasa" in step for step in steps)


@pytest.mark.nlu
def test_the_trained_model_is_current(trained: TrainedModel) -> None:
    assert current_model(ROOT / "var" / "models") == trained.path


def test_the_domain_names_the_intents_of_the_data() -> None:
    """``rasa data validate`` warns otherwise."""
    domain = yaml.safe_load((ROOT / "nlu_data" / "domain.yml").read_text(encoding="utf-8"))
    used = {example.intent for example in read_examples(ROOT / "nlu_data")}
    assert used <= set(domain["intents"])
