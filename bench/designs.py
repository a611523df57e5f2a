"""What was tried for the classifier, side by side: ``python -m bench.designs FILE.jsonl ...``.

Each design learns the same utterances (``nlu_data/data``) and reads the same questions; shares
are lenient (any accepted label). bench/designs.md keeps the outcome and what was decided.
Stock Rasa and pyvi are measured by ``hotro evaluate --baseline``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from sklearn.linear_model import LogisticRegression

from bot.text import fold
from bot.understanding.evaluation.rows import Row, read_rows
from bot.understanding.learning import Recipe, fit_ensemble, matrix_of
from bot.understanding.model import Reader, Token
from bot.understanding.normalise import Lexicon, load_lexicon
from bot.understanding.segment import tokens
from bot.understanding.spelling import Speller
from bot.understanding.training_data import read_examples
from bot.understanding.types import split_intent
from bot.understanding.vectors import Document, Vectorizer

NLU = Path(__file__).resolve().parents[1] / "nlu_data"
Pair = tuple[str, str]
ONE = Recipe(networks=1)


@dataclass(frozen=True)
class Data:
    """Utterances with labels, and questions; all as features of one kind."""

    rows: Sequence[Any]
    plain: Sequence[Any]
    """The utterances without diacritics, where a design wants them."""
    labels: Sequence[Pair]
    questions: Sequence[Any]
    size: int


@dataclass(frozen=True)
class View:
    """Which features a design sees."""

    concepts: bool = True
    spelling: bool = True
    compounds: bool = True
    plain: bool = True


def features(
    view: View, texts: Sequence[str], labels: Sequence[Pair], asked: Sequence[str]
) -> Data:
    """The utterances and the questions as a design of ``view`` sees them."""
    lexicon = load_lexicon(NLU / "lexicon")
    if not view.concepts:
        lexicon = replace(lexicon, concepts={})
    train = [tokens(text) for text in texts]
    reader = Reader(lexicon, _speller(lexicon, train) if view.spelling else Speller())

    def document(message: list[Token]) -> Document:
        found = dict(reader.document(message))
        if not view.compounds:
            found["words"] = [name for name in found["words"] if "_" not in name]
        return found

    documents = [document(message) for message in train]
    vectorizer = Vectorizer.fit(documents)
    return Data(
        [vectorizer.row(one) for one in documents],
        [vectorizer.row(document(tokens(fold(text)))) for text in texts] if view.plain else [],
        labels,
        [vectorizer.row(document(tokens(text))) for text in asked],
        vectorizer.size,
    )


def _speller(lexicon: Lexicon, train: Sequence[list[Token]]) -> Speller:
    plain = Reader(lexicon, Speller())
    return Speller.fit([plain.words(message)[0] for message in train])


def one_intent(data: Data) -> list[Pair]:
    """One class a pair, logistic regression."""
    names = ["+".join(label) for label in data.labels]
    return [split_intent(name) for name in _logistic(data, names)]


def two_heads(data: Data) -> list[Pair]:
    """Procedure and aspect by themselves, logistic regressions."""
    procedures = _logistic(data, [procedure for procedure, _ in data.labels])
    aspects = _logistic(data, [aspect for _, aspect in data.labels])
    return list(zip(procedures, aspects, strict=True))


def network(recipe: Recipe) -> Callable[[Data], list[Pair]]:
    """Our networks (bot.understanding.network)."""

    def guess(data: Data) -> list[Pair]:
        ensemble = fit_ensemble(data.rows, data.labels, data.size, recipe, plain=data.plain)
        found: list[Pair] = []
        for table in ensemble.table(data.questions):
            procedure = int(table.sum(axis=1).argmax())
            aspect = int(table[procedure].argmax())
            found.append((ensemble.procedures[procedure], ensemble.aspects[aspect]))
        return found

    return guess


def _logistic(data: Data, targets: Sequence[str]) -> list[str]:
    model = LogisticRegression(C=10.0, solver="newton-cg", tol=1e-2, max_iter=100)
    model.fit(_sparse(data.rows, data), targets)
    return [str(name) for name in model.predict(_sparse(data.questions, data))]


def _sparse(rows: Sequence[Any], data: Data) -> Any:
    return matrix_of(rows, data.size).astype(np.float64)


BARE = View(concepts=False, spelling=False, plain=False)
DESIGNS: Mapping[str, tuple[View, Callable[[Data], list[Pair]]]] = {
    "one intent a pair, logistic": (BARE, one_intent),
    "two heads, logistic": (BARE, two_heads),
    "two heads, logistic, concepts + spelling": (View(plain=False), two_heads),
    "one network, bare": (BARE, network(ONE)),
    "one network, spelling": (View(concepts=False, plain=False), network(ONE)),
    "one network, concepts": (View(spelling=False, plain=False), network(ONE)),
    "one network, concepts + spelling": (View(plain=False), network(ONE)),
    "one network, all (also read plain)": (View(), network(ONE)),
    "  without underthesea's compounds": (View(compounds=False), network(ONE)),
    "  without leaving features out": (View(), network(replace(ONE, unheard=0.0))),
    "  without dropout of units": (View(), network(replace(ONE, dropout=0.0))),
    "  64 units": (View(), network(replace(ONE, units=64))),
    "  512 units": (View(), network(replace(ONE, units=512))),
    "three networks, all (shipped)": (View(), network(Recipe())),
}


def lines(files: Sequence[Path], only: str) -> Iterator[str]:
    """One line a design: shares right by file, and seconds to train and read."""
    examples = read_examples(NLU)
    labels = [split_intent(example.intent) for example in examples]
    texts = [example.text for example in examples]
    rows = [(path, row) for path in files for row in read_rows(path)]
    asked = [row.text for _, row in rows]
    yield f"{'':42s}" + "".join(f"{path.stem:>26s}" for path in files)
    heads = f"{'procedure  aspect    both':>26s}" * len(files)
    yield f"{len(examples)} utterances".ljust(42) + heads
    for name, (view, design) in DESIGNS.items():
        if only not in name:
            continue
        started = time.monotonic()
        found = design(features(view, texts, labels, asked))
        cells = "".join(
            _cell([(r, f) for (p, r), f in zip(rows, found, strict=True) if p == path])
            for path in files
        )
        yield f"{name:42s}{cells}  {time.monotonic() - started:4.0f} s"


def _cell(judged: Sequence[tuple[Row, Pair]]) -> str:
    right = [(f[0] in r.procedures, f[1] in r.aspects) for r, f in judged]
    shares = (*np.mean(right, axis=0), np.mean([all(pair) for pair in right]))
    return f"{'  '.join(f'{share:6.1%}' for share in shares):>26s}"


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--only", default="", help="Designs whose name contains this.")
def main(files: tuple[Path, ...], only: str) -> None:
    """Measure all designs on FILES of labelled questions."""
    for line in lines(files, only):
        click.echo(line)


if __name__ == "__main__":
    main()
