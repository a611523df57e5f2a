"""The yardstick: what stock Rasa would do, and that it is really trained and asked."""

from __future__ import annotations

import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding import baseline
from bot.understanding.baseline import Baseline, BaselineError, baselines, fingerprint
from bot.understanding.types import Decision, Label
from tests.understanding.conftest import ROOT

TINY = """version: "3.1"
nlu:
- intent: khai_sinh+ho_so
  examples: |
    - làm khai sinh cần giấy tờ gì
    - giấy tờ khai sinh gồm những gì
- intent: khai_tu+le_phi
  examples: |
    - khai tử hết bao nhiêu tiền
    - lệ phí khai tử là bao nhiêu
- intent: none+chao
  examples: |
    - xin chào
    - chào em
"""


def tiny(folder: Path, data: str = TINY) -> Path:
    """A small project with the shipped pipelines, one epoch each."""
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a.yml").write_text(data, encoding="utf-8")
    (folder / "baselines").mkdir()
    for path in (ROOT / "nlu_data" / "baselines").glob("*.yml"):
        config = path.read_text(encoding="utf-8").replace("epochs: 100", "epochs: 1")
        (folder / "baselines" / path.name).write_text(config, encoding="utf-8")
    return folder


def ranked(*labels: tuple[str, float]) -> list[Label]:
    return [Label(*intent.split("+"), confidence) for intent, confidence in labels]


@pytest.mark.parametrize(
    ("labels", "decision"),
    [
        ([("khai_sinh+ho_so", 0.5), ("khai_tu+ho_so", 0.1)], "answer"),
        ([("khai_sinh+ho_so", 0.29), ("khai_tu+ho_so", 0.1)], "clarify"),
        ([("khai_sinh+ho_so", 0.5), ("khai_tu+ho_so", 0.45)], "clarify"),
        ([("khai_sinh+ho_so", 0.3)], "answer"),
        ([("none+chao", 0.9)], "smalltalk"),
        ([("none+gap_can_bo", 0.9)], "handover"),
        ([("none+le_phi", 0.9)], "clarify"),
        ([("nlu_fallback+", 0.9)], "clarify"),
        ([], "clarify"),
    ],
)
def test_rasa_answers_above_the_thresholds_of_its_fallback(
    labels: list[tuple[str, float]], decision: Decision
) -> None:
    understood = baseline.plain_decision("text", ranked(*labels))
    assert understood.decision == decision
    if decision != "clarify":
        assert f"{understood.procedure}+{understood.aspect}" == labels[0][0]


def test_the_thresholds_are_rasas_own() -> None:
    rasa = find_spec("rasa")  # read, not imported: that takes long
    assert rasa is not None
    assert rasa.origin is not None
    constants = (Path(rasa.origin).parent / "core" / "constants.py").read_text(encoding="utf-8")
    assert f"DEFAULT_NLU_FALLBACK_THRESHOLD = {baseline.THRESHOLD}" in constants
    assert f"DEFAULT_NLU_FALLBACK_AMBIGUITY_THRESHOLD = {baseline.AMBIGUITY}" in constants


def test_the_shipped_pipelines_are_stock() -> None:
    names = [one.name for one in baselines(ROOT / "nlu_data")]
    assert names == ["rasa-diet", "rasa-diet-pyvi"]
    stock, pyvi = (
        yaml.safe_load(one.config.read_text(encoding="utf-8"))["pipeline"]
        for one in baselines(ROOT / "nlu_data")
    )
    assert stock[0] == {"name": "WhitespaceTokenizer"}
    assert "PyviTokenizer" in pyvi[0]["name"]
    assert stock[1:] == pyvi[1:]
    assert stock[-1]["name"] == "DIETClassifier"
    assert stock[-1]["epochs"] == 100


def test_a_shorter_training_is_another_baseline(tmp_path: Path) -> None:
    nlu = ROOT / "nlu_data"
    short, full = baselines(nlu, epochs=5)[0], baselines(nlu)[0]
    assert short.name == "rasa-diet-5"
    assert yaml.safe_load(short.text)["pipeline"][-1]["epochs"] == 5
    assert short.text.replace("epochs: 5", "epochs: 100") == full.text
    assert fingerprint(short, nlu) != fingerprint(full, nlu)


def test_a_baseline_is_kept_by_its_inputs(tmp_path: Path) -> None:
    nlu = tiny(tmp_path / "nlu")
    stock, pyvi = baselines(nlu)
    before = fingerprint(stock, nlu)
    assert fingerprint(stock, nlu) == before != fingerprint(pyvi, nlu)
    stock.config.write_text(stock.config.read_text(encoding="utf-8") + "# x\n", encoding="utf-8")
    changed = fingerprint(stock, nlu)
    (nlu / "data" / "b.yml").write_text(TINY, encoding="utf-8")
    assert len({before, changed, fingerprint(stock, nlu)}) == 3


async def test_a_trained_baseline_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nlu, cache, calls = tiny(tmp_path / "nlu"), tmp_path / "baselines", []

    async def train(work: Path, say: object) -> None:
        calls.append((work / "project" / "config.yml").read_text(encoding="utf-8"))
        (work / baseline.ARCHIVE).write_bytes(b"archive")

    monkeypatch.setattr(baseline, "_train", train)
    monkeypatch.setattr(baseline, "KEPT", 2)
    stock, pyvi = baselines(nlu)
    (cache / ".new-stock-0").mkdir(parents=True)  # what a killed run leaves
    first = await baseline.trained(stock, nlu, cache, print)
    assert await baseline.trained(stock, nlu, cache, print) == first
    await baseline.trained(pyvi, nlu, cache, print)
    assert len(calls) == 2
    assert "pyvi_tokenizer" in calls[1]
    await baseline.trained(replace(pyvi, name="third"), nlu, cache, print)
    assert len(list(cache.iterdir())) == 2  # the oldest went, and what was half made


@pytest.mark.nlu
async def test_an_archive_that_does_not_load_is_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "rasa.tar.gz"
    broken.write_bytes(b"nothing")
    with pytest.raises(BaselineError) as caught:
        await baseline.rank(broken, ["khai sinh"], print)
    assert "\n" not in str(caught.value)


@pytest.mark.nlu
async def test_a_pipeline_that_does_not_train_is_one_line(tmp_path: Path) -> None:
    nlu = tiny(tmp_path / "nlu")
    config = nlu / "baselines" / "broken.yml"
    config.write_text("recipe: default.v1\nlanguage: vi\npipeline:\n- name: NoSuchThing\n")
    with pytest.raises(BaselineError, match="NoSuchThing") as caught:
        await baseline.trained(Baseline("broken", config), nlu, tmp_path / "cache", print)
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.nlu
@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_it_is_trained_and_asked(tmp_path: Path) -> None:
    nlu, said = tiny(tmp_path / "nlu"), list[str]()
    pyvi = baselines(nlu)[1]
    model = await baseline.trained(pyvi, nlu, tmp_path / "cache", said.append)
    assert any("100 %" in line for line in said)
    assert [path.name for path in (tmp_path / "cache").rglob("*")] == [
        fingerprint(pyvi, nlu), baseline.ARCHIVE,
    ]  # fmt: skip
    shutil.rmtree(nlu / "data")  # asking needs the archive only
    texts = ["khai sinh cần gì", "xin chào", "😀"]
    rankings = await baseline.rank(model, texts, said.append)
    assert [len(ranking) for ranking in rankings] == [3, 3, 3]
    for ranking in rankings:
        assert sum(label.confidence for label in ranking) == pytest.approx(1.0, abs=1e-4)
        assert {label.procedure for label in ranking} == {"khai_sinh", "khai_tu", "none"}


@pytest.mark.nlu
class TestPyviTokenizer:
    @staticmethod
    def tokens(text: str) -> list[tuple[str, str]]:
        from rasa.shared.nlu.training_data.message import Message

        from bot.understanding.rasa_components.pyvi_tokenizer import PyviTokenizer

        tokenizer = PyviTokenizer(PyviTokenizer.get_default_config())
        found = tokenizer.tokenize(Message({"text": text}), "text")
        return [(token.text, text[token.start : token.end]) for token in found]

    def test_words_of_several_syllables_are_one_token(self) -> None:
        assert self.tokens("Đăng ký  khai\tsinh ở đâu?") == [
            ("Đăng_ký", "Đăng ký"),
            ("khai_sinh", "khai\tsinh"),
            ("ở", "ở"),
            ("đâu", "đâu"),
            ("?", "?"),
        ]
        assert self.tokens("a_b ___") == [("a_b", "a_b"), ("___", "___")]

    @given(st.text(max_size=40))
    def test_any_text_is_cut(self, text: str) -> None:
        assert all(word for word, _ in self.tokens(text))
