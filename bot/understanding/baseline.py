"""Stock Rasa as a yardstick: trained on our utterances, asked through Rasa's own agent.

Each ``nlu_data/baselines/*.yml`` is a Rasa config. Training one takes long (a hundred
epochs of DIET), so an archive is kept by the hash of utterances, config and libraries.
Everything of Rasa runs in child processes.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bot.understanding import train_process
from bot.understanding.agent_process import MODULE
from bot.understanding.child import Child, ChildError, RequestError
from bot.understanding.types import (
    NONE,
    PROCEDURES,
    SMALLTALK_ASPECTS,
    Decision,
    Label,
    Understanding,
)

THRESHOLD: Final = 0.3
"""What Rasa's FallbackClassifier asks of the likeliest intent where nothing else is said ..."""
AMBIGUITY: Final = 0.1
"""... and how far ahead of the second one it has to be."""
BATCH: Final = 32
LOAD_SECONDS: Final = 300.0
ANSWER_SECONDS: Final = 300.0
KEPT: Final = 6
"""Trained baselines that are kept."""
ARCHIVE: Final = "rasa.tar.gz"

_EPOCH = re.compile(rb"Epochs:\s*(\d+)%")
_ROUNDS = re.compile(r"epochs: \d+")

Say = Callable[[str], None]


class BaselineError(Exception):
    """A baseline could not be trained or asked; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A pipeline to measure beside ours."""

    name: str
    config: Path
    epochs: int | None = None
    """Rounds of DIET where they are not those of ``config``."""

    @property
    def text(self) -> str:
        """The Rasa config."""
        written = self.config.read_text(encoding="utf-8")
        return _ROUNDS.sub(f"epochs: {self.epochs}", written) if self.epochs else written


def baselines(nlu_dir: Path, epochs: int | None = None) -> list[Baseline]:
    """The pipelines of ``nlu_dir/baselines``; with ``epochs`` a shorter (or longer) training."""
    paths = sorted((nlu_dir / "baselines").glob("*.yml"), key=lambda path: path.stem)
    name = f"-{epochs}" if epochs else ""
    return [Baseline(f"{path.stem}{name}", path, epochs) for path in paths]


# --- what it would do ---------------------------------------------------------------------


def plain_decision(text: str, ranked: Sequence[Label]) -> Understanding:
    """The likeliest intent, and what Rasa would do with the FallbackClassifier's defaults.

    Below its thresholds Rasa asks to say it again; a question that names no procedure
    has no answer either.
    """
    if not ranked or ranked[0].procedure not in PROCEDURES:
        return Understanding(text, NONE, "ngoai_pham_vi", 0.0, "clarify")
    best = ranked[0]
    second = ranked[1].confidence if len(ranked) > 1 else 0.0
    sure = best.confidence >= THRESHOLD and best.confidence - second >= AMBIGUITY
    return Understanding(
        text,
        best.procedure,
        best.aspect,
        best.confidence,
        _decision(best, sure),
        tuple(ranked[1:3]),
    )


def _decision(best: Label, sure: bool) -> Decision:
    if not sure:
        return "clarify"
    if best.aspect == "gap_can_bo":
        return "handover"
    if best.aspect in SMALLTALK_ASPECTS:
        return "smalltalk"
    return "clarify" if best.procedure == NONE else "answer"


# --- asking it ----------------------------------------------------------------------------


async def rank(model: Path, texts: Sequence[str], say: Say) -> list[list[Label]]:
    """Rankings of ``texts`` by Rasa's agent on the archive ``model``.

    Raises:
        BaselineError: the process died or did not answer.
    """
    child = await Child.spawn(sys.executable, model, MODULE)
    ranked: list[list[Label]] = []
    try:
        await child.wait_ready(LOAD_SECONDS)
        for at in range(0, len(texts), BATCH):
            ranked += await child.ask(texts[at : at + BATCH], ANSWER_SECONDS)
            if at % (BATCH * 10) == 0:
                say(f"{len(ranked)}/{len(texts)} câu")
    except (ChildError, RequestError) as error:
        raise BaselineError(str(error)) from error
    finally:
        await child.stop()
    return ranked


# --- training it --------------------------------------------------------------------------


async def trained(baseline: Baseline, nlu_dir: Path, cache: Path, say: Say) -> Path:
    """The archive of ``baseline`` on the utterances of ``nlu_dir``; trains it if need be.

    Raises:
        BaselineError: training failed.
    """
    cache = cache.resolve()
    folder = cache / fingerprint(baseline, nlu_dir)
    if (folder / ARCHIVE).is_file():
        os.utime(folder)
        return folder / ARCHIVE
    _sweep(cache)
    work = cache / f".new-{baseline.name}-{os.getpid()}"
    try:
        shutil.copytree(nlu_dir / "data", work / "project" / "data")
        (work / "project" / "config.yml").write_text(baseline.text, encoding="utf-8")
        await _train(work, say)
        folder.mkdir(exist_ok=True)
        (work / ARCHIVE).replace(folder / ARCHIVE)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _prune(cache)
    return folder / ARCHIVE


def fingerprint(baseline: Baseline, nlu_dir: Path) -> str:
    """A name for what the training of ``baseline`` depends on."""
    digest = hashlib.sha256()
    inputs = sorted((nlu_dir / "data").rglob("*.yml"))
    digest.update(baseline.text.encode())
    libraries = ["rasa", "tensorflow-cpu"]
    if "pyvi" in baseline.text:
        inputs.append(Path(__file__).with_name("rasa_components") / "pyvi_tokenizer.py")
        libraries.append("pyvi")
    for library in libraries:
        digest.update(f"{library}=={version(library)}\n".encode())
    for path in inputs:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return f"{baseline.name}-{digest.hexdigest()[:16]}"


async def _train(work: Path, say: Say) -> None:
    """Train ``work/project`` into ``work/rasa.tar.gz``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot.understanding.train_process"),
        *("--project", str(work / "project"), "--output", str(work / ARCHIVE)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=train_process.environment(work),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        reason, last = await asyncio.gather(_steps(process.stdout), _epochs(process.stderr, say))
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if reason or not (work / ARCHIVE).is_file():
        raise BaselineError(reason or last or "the training process ended without a word")


async def _steps(lines: asyncio.StreamReader) -> str | None:
    """The error that the training process names, if any."""
    reason = None
    async for line in lines:
        reason = json.loads(line).get("error", reason)
    return reason


async def _epochs(errors: asyncio.StreamReader, say: Say) -> str:
    """Pass on how far it is, from Rasa's progress bar; returns the last line."""
    started, told, tail = time.monotonic(), -1, b""
    while chunk := await errors.read(4096):
        tail = (tail + chunk)[-4096:]
        percents = _EPOCH.findall(tail)
        if percents and int(percents[-1]) > told:
            told = int(percents[-1])
            say(f"huấn luyện {told} %  {time.monotonic() - started:.0f} s")
    lines = tail.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


def _sweep(cache: Path) -> None:
    """Remove what killed runs left."""
    for left in cache.glob(".new-*"):
        if not Path("/proc", left.name.rpartition("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)


def _prune(cache: Path) -> None:
    folders = [path.parent for path in cache.glob(f"*/{ARCHIVE}")]
    folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in folders[KEPT:]:
        shutil.rmtree(folder, ignore_errors=True)
