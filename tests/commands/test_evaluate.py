"""``hotro evaluate``: the tables, the JSON, and what is said when something is missing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.commands import evaluate
from bot.commands.evaluate import Wanted
from bot.core import StartError
from bot.settings import Settings
from bot.text import fold
from bot.understanding import baseline
from bot.understanding.evaluation.testset import read_test_set
from bot.understanding.training import TrainedModel
from bot.understanding.types import Label, Understanding
from tests.conftest import ROOT
from tests.test_cli import hotro

ROWS = [
    {"text": "khai sinh cần gì", "procedure": "khai_sinh", "aspect": "ho_so", "kind": "real"},
    {"text": "khai tử mất bao nhiêu", "procedure": "khai_tu", "aspect": "le_phi", "kind": "real"},
    {"text": "ks lm tn", "procedure": "khai_sinh", "aspect": "cach_lam", "kind": "teencode"},
    {"text": "chào em", "procedure": "none", "aspect": "chao", "kind": "short"},
]


def scripted(text: str) -> Understanding:
    """Right about births, wrong about the rest; unaccented texts are not understood."""
    if fold(text) == text:
        return Understanding(text, "giam_ho", "loi", 0.2, "clarify")
    if "sinh" in text:
        return Understanding(text, "khai_sinh", "ho_so", 0.9, "answer")
    return Understanding(text, "ket_hon", "le_phi", 0.7, "answer")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    nlu, model = tmp_path / "nlu", tmp_path / "var" / "models" / "feed"
    (nlu / "test").mkdir(parents=True)
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS]
    (nlu / "test" / "a.jsonl").write_text("".join(lines), encoding="utf-8")
    (nlu / "baselines").mkdir()
    for name in ("stock", "other"):
        (nlu / "baselines" / f"{name}.yml").touch()
    model.mkdir(parents=True)
    (model / "model.tar.gz").touch()
    (model.parent / "current.json").write_text('{"model": "feed/model.tar.gz"}')

    async def understand(_: Settings, texts: Sequence[str]) -> list[Understanding]:
        return list(map(scripted, texts))

    monkeypatch.setattr(evaluate, "_understand", understand)
    monkeypatch.setattr(evaluate, "inputs_hash", lambda _: "feed")
    return Settings(data_dir=tmp_path / "var", nlu_dir=nlu)


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Baselines that take everything for a birth."""

    async def trained(one: baseline.Baseline, nlu: Path, cache: Path, say: baseline.Say) -> Path:
        say("huấn luyện 50 %")
        assert cache.name == "baselines"
        return cache / one.name

    async def rank(model: Path, texts: Sequence[str], say: baseline.Say) -> list[list[Label]]:
        return [[Label("khai_sinh", "ho_so", 0.8)] for _ in texts]

    monkeypatch.setattr(baseline, "trained", trained)
    monkeypatch.setattr(baseline, "rank", rank)


def cells(table: str, name: str) -> list[str]:
    """The figures of the first line ``name``."""
    line = next(line for line in table.splitlines() if line.startswith(f"{name} "))
    return line.removeprefix(name).replace("|", " ").split()


async def test_without_a_file_the_own_test_set_is_measured_by_view(settings: Settings) -> None:
    said: list[str] = []
    table = await evaluate.run(settings, Wanted(), said.append)
    # two plain accented rows and five views of each, beside the two others
    assert cells(table, "tất cả")[0] == "14"
    for name in ("unaccented", "half", "telex", "glued", "typos"):
        assert cells(table, name)[0] == "2"
    assert cells(table, "real") == [
        *("2", "50.0", "100.0", "50.0", "50.0", "100.0", "50.0"),
        *("100.0", "50.0", "50.0", "0.0", "2", "0", "0", "0"),
    ]
    assert cells(table, "mọi câu, bỏ dấu")[0] == "3"
    assert max(map(len, table.splitlines())) <= 120
    assert said == ["hotro: 17 câu"]


async def test_files_are_measured_together(settings: Settings, tmp_path: Path) -> None:
    paths = []
    for name in ("one.jsonl", "two.jsonl"):
        row = {**ROWS[0], "id": "same", "second": {"procedure": "none", "aspect": "le_phi"}}
        (tmp_path / name).write_text(json.dumps(row), encoding="utf-8")
        paths.append(tmp_path / name)
    out = tmp_path / "out.json"
    table = await evaluate.run(settings, Wanted(tuple(paths), json_file=out), print)
    assert "Tin có hai câu hỏi (2): thấy câu thứ hai 0.0 %" in table
    data = json.loads(out.read_text(encoding="utf-8"))
    assert data["files"] == {"one.jsonl": 1, "two.jsonl": 1}
    assert list(data["models"]) == ["hotro"]
    assert data["models"]["hotro"]["total"]["n"] == 2


async def test_it_prints_the_same_twice(settings: Settings) -> None:
    wanted = Wanted(worst=5)
    assert await evaluate.run(settings, wanted, print) == await evaluate.run(
        settings, wanted, print
    )


async def test_the_worst_are_the_most_confident_mistakes_once_each(settings: Settings) -> None:
    table = await evaluate.run(settings, Wanted(worst=2), print)
    worst = table.split("tin chắc nhất:\n")[1].split("\n\n")[0].splitlines()
    assert worst[:3] == [
        " 70.0 %  ket_hon+le_phi (answer)",
        "         đúng ra: khai_tu+le_phi",
        "         real a.jsonl:2: khai tử mất bao nhiêu",
    ]
    assert worst[4:6] == ["         đúng ra: none+chao", "         short a.jsonl:4: chào em"]
    assert len(worst) == 6


async def test_models_are_compared_side_by_side(
    settings: Settings, stock: None, tmp_path: Path
) -> None:
    said: list[str] = []
    out = tmp_path / "out.json"
    wanted = Wanted(baseline=True, json_file=out)
    table = await evaluate.run(settings, wanted, said.append)
    block = table.split("đúng thủ tục, nhãn nhận\n")[1].splitlines()
    assert block[0].split()[:4] == ["%", "tất", "cả", "real"]
    assert [line.split()[:3] for line in block[1:4]] == [
        ["hotro", "21.4", "50.0"],
        ["other", "50.0", "50.0"],
        ["stock", "50.0", "50.0"],
    ]
    assert "stock: huấn luyện 50 %" in said
    assert max(map(len, table.splitlines())) <= 120
    assert "30% và hơn nhãn kế 10%" in table
    assert list(json.loads(out.read_text(encoding="utf-8"))["models"]) == [
        "hotro", "other", "stock",
    ]  # fmt: skip


async def test_the_comparison_of_many_kinds_stays_within_the_width(
    settings: Settings, stock: None, tmp_path: Path
) -> None:
    path = tmp_path / "many.jsonl"
    rows = [{**ROWS[0], "id": str(n), "kind": f"a_long_kind_{n}"} for n in range(20)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    table = await evaluate.run(settings, Wanted((path,), baseline=True), print)
    assert max(map(len, table.splitlines())) <= 120
    assert all(f"a_long_kind_{n}" in table for n in range(20))


async def test_a_comparison_needs_a_model_of_the_same_utterances(
    settings: Settings, stock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "inputs_hash", lambda _: "other")
    said: list[str] = []
    assert await evaluate.run(settings, Wanted(), said.append)
    assert "mô hình cũ hơn dữ liệu" in said[0]
    with pytest.raises(StartError, match="hotro train"):
        await evaluate.run(settings, Wanted(baseline=True), print)


async def test_a_baseline_that_fails_is_one_line(
    settings: Settings, stock: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def trained(*_: object) -> Path:
        raise baseline.BaselineError("no memory")

    monkeypatch.setattr(baseline, "trained", trained)
    with pytest.raises(StartError, match="other: no memory"):
        await evaluate.run(settings, Wanted(baseline=True), print)


async def test_faults_are_one_line(settings: Settings, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "a", "procedure": "x", "aspect": "ho_so"}', encoding="utf-8")
    with pytest.raises(StartError, match=r"bad\.jsonl:1: \"procedure\" có nhãn lạ 'x'"):
        await evaluate.run(settings, Wanted((bad,)), print)
    with pytest.raises(StartError, match="không ghi được"):
        await evaluate.run(settings, Wanted(json_file=tmp_path / "no" / "x.json"), print)
    (settings.models_dir / "current.json").unlink()
    with pytest.raises(StartError, match="hotro train"):
        await evaluate.run(settings, Wanted(), print)


@pytest.mark.nlu
def test_the_command_measures_the_trained_model(tmp_path: Path, trained: TrainedModel) -> None:
    (tmp_path / "models").symlink_to(trained.path.parents[1], target_is_directory=True)
    out = tmp_path / "out.json"
    done = hotro("evaluate", "--json", str(out), "--worst", "3", data=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[1:]) == (0, [])
    total = json.loads(out.read_text(encoding="utf-8"))["models"]["hotro"]["total"]
    assert total["n"] == len(read_test_set(ROOT / "nlu_data" / "test"))
    assert total["lenient"]["procedure"] > 0.8
    assert cells(done.stdout, "tất cả")[0] == str(total["n"])


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = hotro("evaluate", "gone.jsonl", data=tmp_path)
    assert done.returncode == 2
    assert "gone.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
