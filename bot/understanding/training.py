"""``hotro train``: train in a subprocess, measure, publish the model atomically.

``var/models/`` holds one folder a model (``<hash>/model.tar.gz`` to serve,
``rasa.tar.gz`` as Rasa wrote it) and ``current.json``, the only thing that readers
trust. It is replaced last, so a kill at any moment leaves the old model in place.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.clock import Clock, SystemClock
from bot.understanding import gate, train_process
from bot.understanding.archive import strip_archive
from bot.understanding.child import ChildError, RequestError
from bot.understanding.evaluation.rows import Row, RowError
from bot.understanding.normalise import LexiconError, load_lexicon
from bot.understanding.training_data import TrainingError, inputs_hash, read_examples

CURRENT = "current.json"
KEPT_MODELS = 3
TIME_LIMIT = 900.0
"""Seconds after which a training run is given up."""

_STEPS = (  # step as the subprocess names it, what a person reads, percent reached
    ("loading Rasa", "đang nạp Rasa", 2),
    ("reading utterances", "đang đọc các câu mẫu", 35),
    ("reading words", "đang tách từ", 45),
    ("learning", "đang học thủ tục và điều được hỏi", 50),
    ("calibrating", "đang đo độ chắc chắn", 75),
)

__all__ = ["NotPublished", "TrainedModel", "TrainingError", "current_model", "train"]


class NotPublished(TrainingError):
    """The new model understands less than the one in use, which stays. The message says
    where; ``refused`` is kept, and training again with ``anyway`` publishes it."""

    def __init__(self, faults: Sequence[str], refused: TrainedModel) -> None:
        super().__init__("; ".join(faults))
        self.refused = refused


@dataclass(frozen=True, slots=True)
class TrainedModel:
    """A published model. ``counts`` has ``examples`` and ``intents``."""

    path: Path
    hash: str
    created: str
    counts: dict[str, int]
    fresh: bool
    """Whether this call trained it (False: inputs had not changed)."""
    both: float | None
    """Share of the test set that it understands; None when there is no test set."""

    @property
    def rasa_archive(self) -> Path:
        """The archive as Rasa wrote it, for ``rasa`` tools."""
        return self.path.with_name("rasa.tar.gz")


def current_model(models_dir: Path) -> Path | None:
    """The archive to serve, or None when nothing usable was published."""
    published = _read_current(models_dir)
    path = models_dir / published["model"] if published else None
    return path if path is not None and path.is_file() else None


async def train(
    models_dir: Path,
    data_dir: Path,
    on_progress: Callable[[str], None],
    force: bool = False,
    clock: Clock | None = None,
    anyway: bool = False,
) -> TrainedModel:
    """Train on ``data_dir`` (the Rasa project) unless its model is published already.

    ``on_progress`` gets lines such as ``" 45 %  12 s  đang tách từ"``. Two callers
    at once wait for each other; the second then finds the work done. With ``anyway`` the
    model is published even when the gate (bot.understanding.gate) refuses it.

    Raises:
        NotPublished: trained, but refused by the gate.
        TrainingError: nothing was trained; the published model is as before.
    """
    models_dir = models_dir.resolve()  # the training process works elsewhere
    models_dir.mkdir(parents=True, exist_ok=True)
    async with _exclusive(models_dir):
        await asyncio.to_thread(read_examples, data_dir)  # names faults before anything else
        rows = await asyncio.to_thread(_test_rows, data_dir)
        known = None if force else _find(models_dir, _fingerprint(data_dir))
        if known is not None:
            on_progress("100 %  dữ liệu không đổi, giữ mô hình đã có")
            return await _admit(models_dir, known, rows, anyway, fresh=False)
        work = models_dir / f".new-{os.getpid()}"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        try:
            project = _snapshot(data_dir, work / "project")
            info = _describe(project, clock or SystemClock())
            await _run(project, work, on_progress)
            if rows:
                on_progress(f" 98 %  đang làm bài kiểm tra {len(rows)} câu")
                measured = await _measure(work / "model.tar.gz", rows)
                info["measured"] = measured.to_json()
            kept = await asyncio.to_thread(_keep, models_dir, work, info)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        try:
            return await _admit(models_dir, kept, rows, anyway, fresh=True)
        finally:
            _prune(models_dir)


def _test_rows(data_dir: Path) -> list[Row]:
    try:
        return gate.test_rows(data_dir)
    except RowError as error:
        raise TrainingError(str(error)) from None


async def _measure(archive: Path, rows: Sequence[Row]) -> gate.Measured:
    try:
        return await gate.measure(archive, rows)
    except (ChildError, RequestError) as error:
        raise TrainingError(f"the new model does not answer: {error}") from None


async def _admit(
    models_dir: Path, kept: dict[str, Any], rows: Sequence[Row], anyway: bool, fresh: bool
) -> TrainedModel:
    """Let ``kept`` answer from now on, unless it is worse than the model in use."""
    current = _read_current(models_dir)
    trained = _trained(models_dir, kept, fresh)
    if rows and not anyway and current is not None and current["model"] != kept["model"]:
        new = _measured(kept, rows) or await _measure(trained.path, rows)
        path = models_dir / current["model"]
        old = _measured(current, rows) or await gate.measure_if_it_loads(path, rows)
        faults = gate.worse(new, old) if old is not None else []
        if faults:
            raise NotPublished(faults, trained)
    _write_current(models_dir, kept)
    return trained


def _measured(info: dict[str, Any], rows: Sequence[Row]) -> gate.Measured | None:
    """What was measured when the model was made, if it was on these rows."""
    try:
        measured = gate.Measured.from_json(info["measured"])
    except (KeyError, TypeError, ValueError):
        return None
    return measured if measured.test_set == gate.name_of(rows) else None


def _fingerprint(data_dir: Path) -> str:
    try:
        load_lexicon(data_dir / "lexicon")
        return inputs_hash(data_dir)
    except FileNotFoundError as error:
        raise TrainingError(f"{error.filename} is missing") from None
    except LexiconError as error:
        raise TrainingError(str(error)) from None


@asynccontextmanager
async def _exclusive(models_dir: Path) -> AsyncIterator[None]:
    with (models_dir / ".lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.2)
        yield


async def _run(data_dir: Path, work: Path, on_progress: Callable[[str], None]) -> None:
    """Run the training process into ``work/rasa.tar.gz``, then strip to ``model.tar.gz``."""
    output = work / "rasa.tar.gz"
    arguments = ["--project", str(data_dir.resolve()), "--output", str(output.resolve())]
    with (work / "train.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot.understanding.train_process", *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env=train_process.environment(work),
        )
        try:
            async with asyncio.timeout(TIME_LIMIT):
                reason = await _follow(process, on_progress)
                await process.wait()
        except TimeoutError:
            raise TrainingError(f"training took longer than {TIME_LIMIT:.0f} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if reason is not None or not output.is_file():
        raise TrainingError(reason or _last_line(work / "train.log"))
    await asyncio.to_thread(strip_archive, output, work / "model.tar.gz")


async def _follow(
    process: asyncio.subprocess.Process, on_progress: Callable[[str], None]
) -> str | None:
    """Pass the process's steps on; returns its error, if any."""
    assert process.stdout is not None
    started, percent, reason = time.monotonic(), 0, None
    known = {step: (text, reached) for step, text, reached in _STEPS}
    async for line in process.stdout:
        message: dict[str, Any] = json.loads(line)
        if "error" in message:
            reason = str(message["error"])
        if "step" in message:
            step = str(message["step"])
            text, percent = known.get(step, (step, min(percent + 20, 95)))
            on_progress(f"{percent:3d} %  {time.monotonic() - started:.0f} s  {text}")
    if reason is None:
        on_progress(f" 97 %  {time.monotonic() - started:.0f} s  đang đóng gói")
    return reason


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else "the training process ended without a word"


def _snapshot(data_dir: Path, project: Path) -> Path:
    """A copy to train on: an edit during the training must not enter under the old hash."""
    shutil.copytree(data_dir / "data", project / "data")
    shutil.copy(data_dir / "config.yml", project)
    if (data_dir / "lexicon").is_dir():
        shutil.copytree(data_dir / "lexicon", project / "lexicon")
    return project


def _describe(project: Path, clock: Clock) -> dict[str, Any]:
    examples = read_examples(project)
    return {
        "hash": _fingerprint(project),
        "created": clock.now().isoformat(timespec="seconds"),
        "counts": {"examples": len(examples), "intents": len({e.intent for e in examples})},
    }


def _keep(models_dir: Path, work: Path, info: dict[str, Any]) -> dict[str, Any]:
    """Move ``work``'s archives to their own folder; nothing points at it yet."""
    for extra in ("project", "cache", "train.log"):
        path = work / extra
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    folder, attempt = models_dir / info["hash"], 1
    while folder.exists():  # forced: the old one may be loading right now
        attempt += 1
        folder = models_dir / f"{info['hash']}-{attempt}"
    published = {"model": f"{folder.name}/model.tar.gz", **info}
    (work / "info.json").write_text(json.dumps(published, indent=2), encoding="utf-8")
    for path in (*work.iterdir(), work):
        _fsync(path)
    work.rename(folder)
    _fsync(models_dir)
    return published


def _write_current(models_dir: Path, published: dict[str, Any]) -> None:
    if _read_current(models_dir) == published:
        return
    fresh = models_dir / f".{CURRENT}"
    fresh.write_text(json.dumps(published, indent=2) + "\n", encoding="utf-8")
    _fsync(fresh)
    fresh.replace(models_dir / CURRENT)
    _fsync(models_dir)


def _read_current(models_dir: Path) -> dict[str, Any] | None:
    return _read_json(models_dir / CURRENT)


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return data if isinstance(data, dict) and "model" in data else None


def _find(models_dir: Path, fingerprint: str) -> dict[str, Any] | None:
    """The newest complete model with this hash."""
    for folder in sorted(models_dir.glob(f"{fingerprint}*"), reverse=True):
        info = _read_json(folder / "info.json")
        if info is not None and (folder / "model.tar.gz").is_file():
            return info
    return None


def _trained(models_dir: Path, info: dict[str, Any], fresh: bool) -> TrainedModel:
    path = models_dir / info["model"]
    both = info["measured"]["both"] if "measured" in info else None
    return TrainedModel(path, info["hash"], info["created"], dict(info["counts"]), fresh, both)


def _prune(models_dir: Path) -> None:
    """Remove leftovers of killed runs and all but the newest models."""
    for leftover in models_dir.glob(".new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    current = _read_current(models_dir) or {"model": ""}
    folders = [path.parent for path in models_dir.glob("*/info.json")]
    folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[KEPT_MODELS:]:
        if not current["model"].startswith(f"{folder.name}/"):
            shutil.rmtree(folder, ignore_errors=True)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
