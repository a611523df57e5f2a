"""``hotro evaluate``: how well labelled questions are understood, beside stock Rasa too."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bot.commands.evaluate_table import (
    compared_lines,
    legend_lines,
    report_lines,
    worst_lines,
)
from bot.core import StartError
from bot.nlu import ready_nlu
from bot.settings import Settings
from bot.text import clean
from bot.understanding import baseline
from bot.understanding.evaluation.judged import Judged
from bot.understanding.evaluation.report import Report, measure
from bot.understanding.evaluation.rows import Row, RowError, read_rows
from bot.understanding.evaluation.testset import read_test_set
from bot.understanding.facade import Understander
from bot.understanding.training import current_model
from bot.understanding.training_data import inputs_hash
from bot.understanding.types import Understanding
from bot.understanding.views import folded_rows

OURS = "hotro"
BATCH = 256

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What ``hotro evaluate`` was asked for."""

    files: tuple[Path, ...] = ()
    """None: the repository's own test set."""
    baseline: bool = False
    epochs: int | None = None
    """Rounds of the baselines' training where they are not to be Rasa's 100."""
    worst: int = 0
    json_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Questions:
    """The rows to measure, and accented ones once more without diacritics."""

    rows: Sequence[Row]
    folded: Sequence[Row]

    @property
    def texts(self) -> list[str]:
        """What has to be understood."""
        return [row.text for row in (*self.rows, *self.folded)]

    def judge(self, understood: Sequence[Understanding]) -> tuple[list[Judged], list[Judged]]:
        """The rows beside what :attr:`texts` were taken for."""
        judged = list(map(Judged, (*self.rows, *self.folded), understood))
        return judged[: len(self.rows)], judged[len(self.rows) :]


async def run(settings: Settings, wanted: Wanted, say: Say) -> str:
    """Measure, write the JSON file if there is to be one, and return the tables.

    Raises:
        StartError: no model, a bad file, or a baseline that could not be trained.
    """
    questions = _questions(settings, wanted.files)
    _check(settings, wanted.baseline, say)
    if wanted.json_file is not None:
        _write(wanted.json_file, "")  # a fault shows now, not after hours
    say(f"{OURS}: {len(questions.texts)} câu")
    understood = {OURS: await _understand(settings, questions.texts)}
    if wanted.baseline:
        understood |= await _by_baselines(settings, questions.texts, wanted.epochs, say)
    judged = {name: questions.judge(found) for name, found in understood.items()}
    reports = {name: measure(rows, folded) for name, (rows, folded) in judged.items()}
    if wanted.json_file is not None:
        _write(wanted.json_file, _json([row.file for row in questions.rows], reports))
    return "\n".join(_tables(reports, judged[OURS][0], wanted.worst))


def _questions(settings: Settings, files: Sequence[Path]) -> Questions:
    try:
        if files:
            rows = [row for path in files for row in read_rows(path)]
        else:
            rows = read_test_set(settings.nlu_dir / "test")
    except RowError as error:
        raise StartError(str(error)) from error
    return Questions(rows, folded_rows(rows))


def _check(settings: Settings, exactly: bool, say: Say) -> None:
    """There has to be a model; a comparison is fair only on the same utterances."""
    model = current_model(settings.models_dir)
    if model is None:
        raise StartError("chưa có mô hình hiểu tiếng Việt: chạy `hotro train` trước")
    if exactly and find_spec("pyvi") is None:
        raise StartError("chưa cài pyvi, cần cho --baseline: chạy `make setup`")
    if not model.parent.name.startswith(inputs_hash(settings.nlu_dir)):
        advice = "mô hình cũ hơn dữ liệu trong nlu_data: chạy `hotro train`"
        if exactly:
            raise StartError(f"{advice} trước, để so sánh trên cùng dữ liệu")
        say(f"Lưu ý: {advice} để đo dữ liệu hiện nay.")


async def _understand(settings: Settings, texts: Sequence[str]) -> list[Understanding]:
    async with ready_nlu(settings) as nlu:
        understander = Understander(nlu)
        return [
            understood
            for at in range(0, len(texts), BATCH)
            for understood in await understander.understand_many(texts[at : at + BATCH])
        ]


async def _by_baselines(
    settings: Settings, texts: Sequence[str], epochs: int | None, say: Say
) -> dict[str, list[Understanding]]:
    """What each pipeline of ``nlu_data/baselines`` would make of ``texts``."""
    cleaned = [clean(text) for text in texts]
    pipelines = baseline.baselines(settings.nlu_dir, epochs)
    models = await _trained(settings, pipelines, say)
    understood: dict[str, list[Understanding]] = {}
    for one, model in zip(pipelines, models, strict=True):
        try:
            ranked = await baseline.rank(model, cleaned, _named(say, one.name))
        except baseline.BaselineError as error:
            raise StartError(f"{one.name}: {error}") from error
        understood[one.name] = list(map(baseline.plain_decision, texts, ranked))
    return understood


async def _trained(
    settings: Settings, pipelines: Sequence[baseline.Baseline], say: Say
) -> list[Path]:
    """Train what is not there yet, side by side: each keeps one core busy for hours."""
    cache = settings.data_dir / "baselines"

    async def train(one: baseline.Baseline) -> Path:
        try:
            return await baseline.trained(one, settings.nlu_dir, cache, _named(say, one.name))
        except baseline.BaselineError as error:
            raise StartError(f"{one.name}: {error}") from error

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(train(one)) for one in pipelines]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def _named(say: Say, name: str) -> Say:
    return lambda line: say(f"{name}: {line}")


def _tables(reports: dict[str, Report], judged: Sequence[Judged], worst: int) -> Iterator[str]:
    if len(reports) > 1:
        yield from compared_lines(reports)
        yield ""
        yield (
            f"{', '.join(name for name in reports if name != OURS)}: Rasa nguyên bản, huấn luyện "
            "trên cùng các câu ấy."
        )
        yield (
            "Rasa không tự quyết định; ở đây coi như nó trả lời ngay khi nhãn cao nhất đạt "
            f"{baseline.THRESHOLD:.0%} và hơn nhãn kế {baseline.AMBIGUITY:.0%}"
        )
        yield "(mặc định của FallbackClassifier), nếu không thì hỏi lại."
        yield ""
        yield f"Riêng {OURS}:"
    yield from report_lines(reports[OURS])
    if worst:
        yield ""
        yield "Những câu hiểu sai mà tin chắc nhất:"
        yield from worst_lines(judged, worst)
    yield ""
    yield from legend_lines()


def _json(files: Sequence[str], reports: dict[str, Report]) -> str:
    """All figures; ``files`` says where each row stands."""
    models = {name: report.to_json() for name, report in reports.items()}
    return json.dumps({"files": Counter(files), "models": models}, ensure_ascii=False, indent=1)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise StartError(f"không ghi được {path}: {error.strerror}") from error
