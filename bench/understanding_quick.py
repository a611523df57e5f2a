"""Measure the classifier and its thresholds without Rasa: ``python -m bench.understanding_quick``.

Trains on ``nlu_data`` minus held-out blocks (neighbouring utterances stay together) and
prints accuracy, calibration and what each answer threshold would do. With ``--eval
FILE.jsonl`` it also trains on everything and measures that file (rows with ``text``,
``procedure``, ``aspect``, ``alt_procedures``, ``alt_aspects``, ``kind``).
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import click
import numpy as np

from bot.understanding.decide import ANSWER, decide
from bot.understanding.fitting import BLOCK, block_folds
from bot.understanding.model import Model
from bot.understanding.normalise import load_lexicon
from bot.understanding.segment import segment
from bot.understanding.stories import Token
from bot.understanding.training_data import Example, read_examples
from bot.understanding.types import SMALLTALK_ASPECTS, Label, Understanding, split_intent

MAIN = ("khai_sinh", "khai_tu", "ket_hon", "chung_thuc", "tinh_trang_hon_nhan", "none")
RANKED = 10  # as the service answers


@dataclass(frozen=True)
class Truth:
    """A row's accepted labels; the first of each is the strict one."""

    procedures: tuple[str, ...]
    aspects: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Row:
    """A predicted row."""

    truth: Truth
    ranked: Sequence[Label]
    meant: Understanding

    def right(self, part: str, lenient: bool) -> bool:
        """Whether ``part`` (procedure, aspect, both) is right."""
        if part == "both":
            return self.right("procedure", lenient) and self.right("aspect", lenient)
        accepted = getattr(self.truth, f"{part}s")
        return getattr(self.meant, part) in (accepted if lenient else accepted[:1])


def tokens(text: str) -> list[Token]:
    """What the Rasa tokenizer hands to the classifier."""
    return [(text[span.start : span.end], span.kind) for span in segment(text)]


def predict(model: Model, texts: Sequence[str], truths: Sequence[Truth]) -> list[Row]:
    """Rows of ``texts``."""
    ranked = model.rank([tokens(text) for text in texts], RANKED)
    return [
        Row(truth, labels, decide(text, labels))
        for text, labels, truth in zip(texts, ranked, truths, strict=True)
    ]


def held_out(data_dir: Path, folds: int) -> list[Row]:
    """Every training utterance, predicted by a model that did not see its block."""
    examples = read_examples(data_dir)
    lexicon = load_lexicon(data_dir / "lexicon")
    segmented = [tokens(example.text) for example in examples]
    fold_of = block_folds(len(examples), folds, BLOCK)
    rows: list[Row] = []
    for fold in range(folds):
        rest = [at for at in range(len(examples)) if fold_of[at] != fold]
        model = Model.fit(
            [segmented[at] for at in rest], [examples[at].intent for at in rest], lexicon
        )
        held = [examples[at] for at in range(len(examples)) if fold_of[at] == fold]
        truths = [_truth(e) for e in held]
        rows += predict(model, [e.text for e in held], truths)
    return rows


def _truth(example: Example) -> Truth:
    procedure, aspect = split_intent(example.intent)
    return Truth((procedure,), (aspect,), example.file)


def report(title: str, rows: Sequence[Row]) -> None:
    """One line of accuracies and what the decisions do."""
    if not rows:
        return
    parts = [
        f"{part} {share(r.right(part, lenient) for r in rows)}"
        for lenient in (True, False)
        for part in ("procedure", "aspect", "both")
    ]
    said = [r for r in rows if r.meant.decision in ("answer", "smalltalk")]
    wrong = sum(not r.right("both", lenient=True) for r in said)
    click.echo(
        f"{title:24} n={len(rows):4} lenient: {' '.join(parts[:3])} | strict: "
        f"{' '.join(parts[3:])} | answered {len(said) / len(rows):.3f} "
        f"wrong {wrong / len(rows):.3f} "
        f"{dict(Counter(r.meant.decision for r in rows).most_common())}"
    )


def share(values: Iterable[bool]) -> str:
    """The mean of booleans, three decimals."""
    return f"{np.mean(list(values)):.3f}"


def report_calibration(rows: Sequence[Row]) -> None:
    """Mean confidence beside accuracy, by confidence band."""
    click.echo("confidence band: mean confidence, share right (lenient), rows")
    edges = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
    for low, high in pairwise(edges):
        band = [r for r in rows if low <= r.meant.confidence < high]
        if band:
            mean = np.mean([r.meant.confidence for r in band])
            click.echo(
                f"  {low:.1f}-{high:.1f}  {mean:.3f}  {share(r.right('both', True) for r in band)}"
                f"  {len(band)}"
            )


def report_thresholds(rows: Sequence[Row]) -> None:
    """What each answer threshold would let through."""
    click.echo(f"threshold (now {ANSWER}): answered, wrong of all rows, wrong of answered")
    for threshold in (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8, 0.9):
        said = [r for r in rows if r.meant.confidence >= threshold]
        wrong = sum(not r.right("both", True) for r in said)
        click.echo(
            f"  {threshold:.2f}  {len(said) / len(rows):.3f}  {wrong / len(rows):.3f}  "
            f"{wrong / max(len(said), 1):.3f}"
        )


def measure_file(data_dir: Path, path: Path) -> list[Row]:
    """Train on all of ``data_dir`` and predict ``path``."""
    examples = read_examples(data_dir)
    started = time.monotonic()
    model = Model.fit(
        [tokens(e.text) for e in examples],
        [e.intent for e in examples],
        load_lexicon(data_dir / "lexicon"),
    )
    features = len(model.scorer.procedures.weights)
    click.echo(
        f"trained on {len(examples)} in {time.monotonic() - started:.1f} s; "
        f"{features} features; {model.scorer.mix}"
    )
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    truths = [
        Truth(
            (line["procedure"], *line["alt_procedures"]),
            (line["aspect"], *line["alt_aspects"]),
            line["kind"],
        )
        for line in lines
    ]
    return predict(model, [line["text"] for line in lines], truths)


def report_by(rows: Sequence[Row], name: str) -> None:
    """A line for each ``kind``, ``procedure`` or ``aspect``."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        group = row.truth.kind if name == "kind" else getattr(row.truth, f"{name}s")[0]
        groups[group].append(row)
    for group in sorted(groups):
        report(f"  {group}", groups[group])


def main() -> int:
    """Run the measurements asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("nlu_data"))
    parser.add_argument("--eval", type=Path)
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--skip-held-out", action="store_true")
    arguments = parser.parse_args()
    if not arguments.skip_held_out:
        rows = held_out(arguments.data, arguments.folds)
        report("held out, all", rows)
        report("held out, main", [r for r in rows if r.truth.procedures[0] in MAIN])
        small = [r for r in rows if r.truth.aspects[0] in SMALLTALK_ASPECTS]
        report("held out, small talk", small)
        report_calibration(rows)
        report_thresholds(rows)
    if arguments.eval:
        rows = measure_file(arguments.data, arguments.eval)
        report("all", rows)
        report("main procedures, none", [r for r in rows if r.truth.procedures[0] in MAIN])
        for name in ("kind", "procedure", "aspect"):
            report_by(rows, name)
        report_calibration(rows)
        report_thresholds(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
