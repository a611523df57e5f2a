"""Our model's process beside stock Rasa: ``uv run python bench/understanding.py``.

Each is asked in a process of its own, one after the other, by the same lines over the same
pipe, with the questions of ``nlu_data/test``: time from the start of the process until it
answers, memory after 200 texts, time of one message, messages a second in batches of 64,
size of the archive. Stock Rasa is ``rasa.core.agent.Agent`` on the pipeline
``nlu_data/baselines/rasa-diet.yml``, trained first if ``hotro evaluate --baseline`` has not
done so (hours; ``--epochs 1`` is enough for time and memory). Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path

from bot.settings import load
from bot.understanding import agent_process, baseline
from bot.understanding.child import SERVICE, Child
from bot.understanding.evaluation.testset import read_test_set
from bot.understanding.training import current_model

PIPELINE = "rasa-diet"
WARM = 200
BATCH = 64
SECONDS = 300.0


@dataclass(frozen=True)
class Measured:
    """The figures of one process."""

    ready: float
    rss: float
    singles: Sequence[float]
    """Milliseconds, sorted."""
    a_second: float
    archive: float

    def percentile(self, percent: int) -> float:
        """Of the single messages."""
        return statistics.quantiles(self.singles, n=100, method="inclusive")[percent - 1]


async def measure(module: str, archive: Path, texts: list[str], singles: int) -> Measured:
    """Start ``module`` on ``archive`` and ask it ``texts``, again and again."""
    started = time.perf_counter()
    child = await Child.spawn(sys.executable, archive, module)
    try:
        await child.wait_ready(SECONDS)
        ready = time.perf_counter() - started
        await timed(child, [[text] for text in islice(cycle(texts), WARM)])
        rss = resident(child.pid)
        single = await timed(child, [[text] for text in islice(cycle(texts), singles)])
        batches = [list(islice(cycle(texts[at:] + texts[:at]), BATCH)) for at in starts(texts)]
        together = await timed(child, batches)
    finally:
        await child.stop()
    a_second = BATCH * len(batches) / sum(together)
    return Measured(
        ready,
        rss,
        sorted(1000 * seconds for seconds in single),
        a_second,
        archive.stat().st_size / 1e6,
    )


def starts(texts: Sequence[str]) -> range:
    """Where the batches begin."""
    return range(0, min(len(texts), BATCH * 16), BATCH)


async def timed(child: Child, requests: Sequence[Sequence[str]]) -> list[float]:
    """Seconds of each request, there and back."""
    seconds = []
    for texts in requests:
        started = time.perf_counter()
        await child.ask(texts, SECONDS)
        seconds.append(time.perf_counter() - started)
    return seconds


def resident(pid: int) -> float:
    """Resident memory of a process, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def table(measured: dict[str, Measured]) -> str:
    """One line a figure, one column a process."""
    rows = {
        "process start until ready, s": [f"{one.ready:.1f}" for one in measured.values()],
        f"resident after {WARM} texts, MB": [f"{one.rss:.0f}" for one in measured.values()],
        **{
            f"one message, p{percent}, ms": [
                f"{one.percentile(percent):.2f}" for one in measured.values()
            ]
            for percent in (50, 95, 99)
        },
        f"messages a second, by {BATCH}": [f"{one.a_second:.0f}" for one in measured.values()],
        "archive on disk, MB": [f"{one.archive:.1f}" for one in measured.values()],
    }
    head = f"{'':32}" + "".join(f"{name:>14}" for name in measured)
    lines = [f"{title:32}" + "".join(f"{cell:>14}" for cell in row) for title, row in rows.items()]
    return "\n".join([head, *lines])


async def run(singles: int, epochs: int | None) -> None:
    """Measure both and print; ``epochs`` of the stock pipeline change no figure here."""
    settings = load()
    ours = current_model(settings.models_dir)
    if ours is None:
        raise SystemExit("no model: run `uv run hotro train` first")
    found = baseline.baselines(settings.nlu_dir, epochs)
    pipeline = next(one for one in found if one.config.stem == PIPELINE)
    stock = await baseline.trained(
        pipeline,
        settings.nlu_dir,
        settings.data_dir / "baselines",
        lambda line: print(f"{PIPELINE}: {line}", file=sys.stderr),
    )
    texts = [row.text for row in read_test_set(settings.nlu_dir / "test")]
    cores, busy = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    measured = {
        "hotro": await measure(SERVICE, ours, texts, singles),
        PIPELINE: await measure(agent_process.MODULE, stock, texts, singles),
    }
    print(f"{cores} cores, load {busy:.1f}, Rasa {version('rasa')}, {singles} single messages")
    print(table(measured))


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--singles", type=int, default=1000, help="messages asked one by one")
    parser.add_argument("--epochs", type=int, help="train stock Rasa so long, if it has to be")
    options = parser.parse_args()
    asyncio.run(run(options.singles, options.epochs))


if __name__ == "__main__":
    main()
