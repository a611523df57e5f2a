"""The gate: a new model is measured on the repository's own test set before it may answer.

It is refused when it understands less than the one in use by more than the margins here. A
single view (questions without diacritics, stories, ...) has far fewer rows than the whole and
swings more by chance, hence its wider margin: 5 points for 120 rows, 9 for 50.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bot.understanding.child import Child, ChildError, RequestError
from bot.understanding.decide import decide
from bot.understanding.evaluation.judged import Judged
from bot.understanding.evaluation.report import measure as figures
from bot.understanding.evaluation.rows import Row
from bot.understanding.evaluation.testset import read_test_set

MARGIN: Final = 0.01
"""Share of all rows by which procedure and aspect together may be right less often."""
VIEW_MARGIN: Final = 0.03
"""The same for one view, at least ..."""
CHANCE: Final = 1.5
"""... or so many standard errors of its share ..."""
LEAST_ROWS: Final = 30
"""... that has so many rows."""
WRONG_MARGIN: Final = 0.01
"""Share of all rows by which wrong procedures may be answered more often."""
BATCH, TIMEOUT = 128, 60.0
LOADING = 120.0
"""Seconds for a model to load."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Figures of a model on one test set. ``views``: rows and share right (lenient)."""

    test_set: str
    both: float
    wrong: float
    views: Mapping[str, tuple[int, float]]

    def to_json(self) -> dict[str, Any]:
        """What :meth:`from_json` takes back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Measured:
        """Read what was kept beside a model.

        Raises:
            KeyError, TypeError, ValueError: it is nothing of this kind.
        """
        views = {str(name): (int(n), float(both)) for name, (n, both) in data["views"].items()}
        return cls(str(data["test_set"]), float(data["both"]), float(data["wrong"]), views)


def test_rows(data_dir: Path) -> list[Row]:
    """The test set of a Rasa project; empty when it has none.

    Raises:
        RowError: a file of it is not usable.
    """
    folder = data_dir / "test"
    return read_test_set(folder) if any(folder.glob("*.jsonl")) else []


def name_of(rows: Sequence[Row]) -> str:
    """Sixteen hex digits: figures of two models compare on the same rows only."""
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]


async def measure(archive: Path, rows: Sequence[Row]) -> Measured:
    """Let the model in ``archive`` read ``rows``: its own decisions on whole messages, without
    the keywords and clauses around it, which are the same for every model.

    Raises:
        ChildError, RequestError: it does not load or does not answer.
    """
    child = await Child.spawn(sys.executable, archive)
    try:
        await child.wait_ready(LOADING)
        judged: list[Judged] = []
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            ranked = await child.ask([row.text for row in batch], TIMEOUT)
            judged += [
                Judged(row, decide(row.text, labels))
                for row, labels in zip(batch, ranked, strict=True)
            ]
    finally:
        await child.stop()
    report = figures(judged)
    return Measured(
        name_of(rows),
        report.total.lenient.both,
        report.total.wrong,
        {kind: (found.n, found.lenient.both) for kind, found in report.by_kind.items()},
    )


async def measure_if_it_loads(archive: Path, rows: Sequence[Row]) -> Measured | None:
    """As :func:`measure`; None for a model of another version, which nobody can use anyway."""
    try:
        return await measure(archive, rows)
    except (ChildError, RequestError):
        return None


def worse(new: Measured, old: Measured) -> list[str]:
    """What is worse about ``new`` by more than the margins, one line each."""
    found: list[str] = []
    if new.both < old.both - MARGIN:
        found.append(_line("cả bộ câu hỏi thử", old.both, new.both))
    if new.wrong > old.wrong + WRONG_MARGIN:
        found.append(_line("trả lời nhầm thủ tục", old.wrong, new.wrong))
    for view, (rows, both) in new.views.items():
        before = old.views.get(view, (0, 0.0))[1]
        if rows >= LEAST_ROWS and both < before - _view_margin(rows, before):
            found.append(_line(f"kiểu viết {view}", before, both))
    return found


def _view_margin(rows: int, share: float) -> float:
    return max(VIEW_MARGIN, CHANCE * math.sqrt(share * (1 - share) / rows))


def _line(name: str, old: float, new: float) -> str:
    return f"{name}: {old:.1%} -> {new:.1%}"
