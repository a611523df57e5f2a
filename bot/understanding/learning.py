"""Training of the networks and their calibration; the only module that needs scipy.

Written in numpy instead of a deep-learning library: with dropout of the inputs each batch
touches few of the features, so that only their weights need an Adam step. That is what
makes training take seconds, and neither Keras nor scikit-learn's network offers it.
The result depends on the data and ``Recipe.seed`` only.

The sharpness is found on messages that a second ensemble did not learn from: the data is cut
into blocks of neighbours (writers put variations of one sentence side by side, so a shuffled
split would flatter), and every fourth block is held out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from bot.understanding.network import SCALE, Ensemble, Floats, Layers, Pair, softmax
from bot.understanding.vectors import Row

FOLDS = 4
BLOCK = 5
"""Neighbouring utterances of an intent that stay in the same fold."""
SHARPNESS = tuple(float(t) for t in np.geomspace(0.3, 3.0, 48))
DECAY, DECAY_OF_SQUARES, TINY = np.float32(0.9), np.float32(0.999), np.float32(1e-7)
"""Adam's constants (Kingma & Ba 2015)."""

Progress = Callable[[str], None]
Labels = Sequence[tuple[str, str]]
"""(procedure, aspect) of each utterance, in the order of the files."""


@dataclass(frozen=True)
class Recipe:
    """How the networks are trained; bench/designs.md shows what else was tried."""

    networks: int = 3
    units: int = 192
    epochs: int = 20
    least_steps: int = 600
    """A small project needs more rounds to make as many steps."""
    batch: int = 128
    rate: float = 0.002
    """Adam's first step size; it falls to nothing."""
    unheard: float = 0.7
    """Share of a message's features left out each time: no single word may decide."""
    dropout: float = 0.5
    """Share of hidden units left out each time."""
    smoothing: float = 0.05
    """Probability given to all labels alike: writers of utterances err too."""
    seed: int = 20261122


def fit_ensemble(
    rows: Sequence[Row],
    labels: Labels,
    features: int,
    recipe: Recipe | None = None,
    on_progress: Progress = lambda _: None,
    plain: Sequence[Row] | None = None,
) -> Ensemble:
    """Train on everything, with a sharpness found on a held-out fold.

    Args:
        features: the number of columns that ``rows`` may have.
        plain: the same messages as they look without diacritics; every other time a message
            is learned from it is read so. By default they look the same.
    """
    recipe = recipe or Recipe()
    matrix = _Twice(matrix_of(rows, features), matrix_of(plain or rows, features))
    classes = _Classes.of(labels)
    whole = _train(matrix, labels, classes, recipe, lambda: on_progress("learning"))
    fold_of = block_folds(len(labels))
    rest, held = np.flatnonzero(fold_of != 0), np.flatnonzero(fold_of == 0)
    if not len(held) or _Classes.of([labels[at] for at in rest]) != classes:
        return whole  # too little data to leave some out
    of_rest = [labels[at] for at in rest]
    part = _train(matrix.of(rest), of_rest, classes, recipe, lambda: on_progress("calibrating"))
    unseen = part.mixed([rows[at] for at in held])
    truths = [classes.position(labels[at]) for at in held]
    return replace(whole, sharpness=best_sharpness(unseen, truths))


def block_folds(count: int, folds: int = FOLDS, block: int = BLOCK) -> NDArray[np.int64]:
    """The fold of each of ``count`` utterances, given in the order of the files."""
    return (np.arange(count) // block) % folds


def best_sharpness(scores: Floats, truths: Sequence[Pair]) -> float:
    """The sharpness under which ``truths`` are likeliest."""
    at = np.arange(len(truths))
    procedures, aspects = np.array(truths).T

    def loss(sharpness: float) -> float:
        table = softmax(scores * np.float32(sharpness))
        return float(-np.log(np.clip(table[at, procedures, aspects], 1e-12, 1.0)).sum())

    return min(SHARPNESS, key=loss)


@dataclass(frozen=True)
class _Twice:
    """Utterances as written, and without diacritics."""

    written: Any
    plain: Any

    def of(self, positions: NDArray[np.int64]) -> _Twice:
        return _Twice(self.written[positions], self.plain[positions])

    def either(self, random: np.random.Generator, positions: NDArray[np.int64]) -> Any:
        """Each message in one of its looks."""
        as_written = random.random(len(positions)) < 0.5
        order = np.argsort(np.argsort(~as_written, kind="stable"), kind="stable")
        looks = (self.written[positions[as_written]], self.plain[positions[~as_written]])
        return vstack(looks, format="csr")[order]


@dataclass(frozen=True)
class _Classes:
    """The labels' classes: procedures, aspects, and pairs of positions in both."""

    procedures: tuple[str, ...]
    aspects: tuple[str, ...]
    pairs: tuple[Pair, ...]

    @classmethod
    def of(cls, labels: Labels) -> _Classes:
        procedures = tuple(sorted({procedure for procedure, _ in labels}))
        aspects = tuple(sorted({aspect for _, aspect in labels}))
        pairs = sorted({(procedures.index(p), aspects.index(a)) for p, a in labels})
        return cls(procedures, aspects, tuple(pairs))

    @property
    def ends(self) -> tuple[int, int, int]:
        """Where each output's columns end."""
        first = len(self.procedures)
        second = first + len(self.aspects)
        return first, second, second + len(self.pairs)

    def position(self, label: tuple[str, str]) -> Pair:
        return self.procedures.index(label[0]), self.aspects.index(label[1])

    def targets(self, labels: Labels, smoothing: float) -> Floats:
        """Utterances x outputs: probabilities to learn."""
        first, second, end = self.ends
        wanted = np.zeros((len(labels), end), dtype=np.float32)
        for row, label in enumerate(labels):
            procedure, aspect = self.position(label)
            pair = self.pairs.index((procedure, aspect))
            wanted[row, [procedure, first + aspect, second + pair]] = 1 - smoothing
        for start, stop in _outputs(self.ends):
            wanted[:, start:stop] += smoothing / (stop - start)
        return wanted


def _train(
    matrix: _Twice,
    labels: Labels,
    classes: _Classes,
    recipe: Recipe,
    on_network: Callable[[], None],
) -> Ensemble:
    targets = classes.targets(labels, recipe.smoothing)
    networks: list[list[Floats]] = []
    for number in range(recipe.networks):
        on_network()
        trainer = _Trainer(matrix.written.shape[1], classes, recipe, recipe.seed + number)
        for batch in trainer.batches(len(labels)):
            trainer.step(matrix.either(trainer.random, batch), targets[batch])
        networks.append(trainer.learned())
    return Ensemble(classes.procedures, classes.aspects, classes.pairs, _side_by_side(networks))


def _side_by_side(networks: Sequence[Sequence[Floats]]) -> Layers:
    hidden, hidden_bias, outputs, outputs_bias = zip(*networks, strict=True)
    return Layers(
        np.concatenate(hidden, axis=1).astype(np.float16).astype(np.float32),  # as it is kept
        np.concatenate(hidden_bias),
        np.stack(outputs),
        np.stack(outputs_bias),
    )


class _Adam:
    """Weights with Adam's running means; a step may concern some rows only."""

    def __init__(self, value: Floats) -> None:
        self.value = value
        self._mean = np.zeros_like(value)
        self._squares = np.zeros_like(value)

    def step(self, gradient: Floats, rate: np.float32, rows: Any = slice(None)) -> None:
        mean = self._mean[rows] * DECAY + (1 - DECAY) * gradient
        squares = self._squares[rows] * DECAY_OF_SQUARES
        squares += (1 - DECAY_OF_SQUARES) * gradient * gradient
        self._mean[rows], self._squares[rows] = mean, squares
        self.value[rows] -= rate * mean / (np.sqrt(squares) + TINY)


class _Trainer:
    def __init__(self, features: int, classes: _Classes, recipe: Recipe, seed: int) -> None:
        self._recipe, self._ends = recipe, classes.ends
        self.random = np.random.default_rng(seed)
        units, outputs = recipe.units, classes.ends[-1]
        hidden = self._normal(features, units, 0.5 * (2 / (units + 300)) ** 0.5)
        self._weights = [
            _Adam(hidden),
            _Adam(np.zeros(units, np.float32)),
            _Adam(self._normal(units, outputs, (2 / (units + outputs)) ** 0.5)),
            _Adam(np.zeros(outputs, np.float32)),
        ]
        self._steps = self._all = 0

    def learned(self) -> list[Floats]:
        """Hidden weights and bias, output weights and bias."""
        return [weights.value for weights in self._weights]

    def _normal(self, rows: int, columns: int, spread: float) -> Floats:
        made = self.random.standard_normal((rows, columns), dtype=np.float32)
        return made * np.float32(spread)

    def batches(self, count: int) -> Iterator[NDArray[np.int64]]:
        """Positions of the utterances of each step."""
        size = self._recipe.batch
        a_round = -(-count // size)
        rounds = max(self._recipe.epochs, -(-self._recipe.least_steps // a_round))
        self._all = rounds * a_round
        for _ in range(rounds):
            order = self.random.permutation(count)
            for start in range(0, count, size):
                yield order[start : start + size]

    def step(self, rows: Any, targets: Floats) -> None:
        """One step of Adam towards ``targets`` (rows x outputs)."""
        hidden, hidden_bias, outputs, outputs_bias = self._weights
        heard, compact = self._heard(rows)
        sums = compact @ hidden.value[heard] + hidden_bias.value
        gate = self._kept(sums.shape, self._recipe.dropout) * (sums > 0)
        active = sums * gate
        errors = self._errors(active @ outputs.value + outputs_bias.value, targets)
        back = (errors @ outputs.value.T) * gate
        rate = self._rate()
        outputs.step(active.T @ errors, rate)
        outputs_bias.step(errors.sum(axis=0), rate)
        hidden.step(np.asarray(compact.T @ back), rate, heard)
        hidden_bias.step(back.sum(axis=0), rate)

    def _heard(self, rows: Any) -> tuple[NDArray[np.int64], Any]:
        """``rows`` with features left out: the columns that remain, and the rows on them."""
        kept = self.random.random(rows.nnz, dtype=np.float32) >= self._recipe.unheard
        heard, columns = np.unique(rows.indices[kept], return_inverse=True)
        values = rows.data[kept] / np.float32(1 - self._recipe.unheard)
        pointers = np.concatenate([[0], np.cumsum(kept)])[rows.indptr]
        shape = (rows.shape[0], len(heard))
        return heard, csr_matrix((values, columns, pointers), shape=shape, dtype=np.float32)

    def _kept(self, shape: tuple[int, ...], dropout: float) -> Floats:
        kept = self.random.random(shape, dtype=np.float32) >= dropout
        return kept.astype(np.float32) / np.float32(1 - dropout)

    def _errors(self, logits: Floats, targets: Floats) -> Floats:
        """Gradient of the mean cross-entropy of the three outputs."""
        errors = np.empty_like(logits)
        for start, stop in _outputs(self._ends):
            part = logits[:, start:stop]
            exponentials = np.exp(part - part.max(axis=1, keepdims=True))
            errors[:, start:stop] = exponentials / exponentials.sum(axis=1, keepdims=True)
        return np.asarray((errors - targets) / np.float32(len(targets)))

    def _rate(self) -> np.float32:
        self._steps += 1
        n = self._steps
        unbiased = (1 - float(DECAY_OF_SQUARES) ** n) ** 0.5 / (1 - float(DECAY) ** n)
        left = (1 - n / (self._all + 1)) ** 0.5
        return np.float32(self._recipe.rate * unbiased * left)


def _outputs(ends: Sequence[int]) -> list[tuple[int, int]]:
    return list(zip((0, *ends[:-1]), ends, strict=True))


def matrix_of(rows: Sequence[Row], features: int) -> Any:
    """A sparse matrix of ``rows``, scaled as the networks see them."""
    pointers = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in rows])])
    columns = np.concatenate([columns for columns, _ in rows])
    values = np.concatenate([values for _, values in rows]) * SCALE
    return csr_matrix((values, columns, pointers), shape=(len(rows), features), dtype=np.float32)
