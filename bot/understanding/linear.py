"""The trained scorers and their joint, calibrated table. Needs numpy and scipy only.

Three views of a message are mixed: which procedure, which aspect (softmax regressions
that share strength over all examples of either), and which pair (ridge regression,
which knows how an aspect is asked *about this procedure*).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.understanding.types import NONE, SMALLTALK_ASPECTS, Label
from bot.understanding.vectors import Matrix

Floats: TypeAlias = NDArray[np.float64]
Pair: TypeAlias = tuple[int, int]
"""Positions of a procedure and an aspect among their head's classes."""

UNSEEN_PAIR = 0.3
"""Weight of a sensible pair that the training data never shows."""
IMPOSSIBLE_PAIR = 1e-9
"""Weight of a procedure with small talk, which has none."""


@dataclass(frozen=True)
class Head:
    """One softmax regression; ``weights`` is features x classes."""

    classes: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def scores(self, rows: Matrix) -> Floats:
        """Logits, rows x classes."""
        return np.asarray(rows @ self.weights + self.bias, dtype=np.float64)


@dataclass(frozen=True)
class PairHead:
    """Ridge regression onto the pairs, kept as its training rows and their duals.

    (As weights it would be features x pairs: ten times the size.)
    """

    pairs: tuple[Pair, ...]
    columns: Matrix
    """Features x training examples."""
    duals: NDArray[np.float32]
    """Training examples x pairs."""

    def scores(self, rows: Matrix, shape: tuple[int, int]) -> Floats:
        """Rows x procedures x aspects: near 1 for the pair meant, near 0 for others."""
        found = np.asarray((rows @ self.columns) @ self.duals, dtype=np.float64)
        table = np.zeros((found.shape[0], *shape))
        table[:, [p for p, _ in self.pairs], [a for _, a in self.pairs]] = found
        return table


@dataclass(frozen=True)
class Mix:
    """How much each view counts in the log-probability of a pair (1/temperature)."""

    procedures: float = 1.0
    aspects: float = 1.0
    pairs: float = 5.0

    def sharper(self, factor: float) -> Mix:
        """The same proportions, ``factor`` times as sure."""
        return Mix(self.procedures * factor, self.aspects * factor, self.pairs * factor)


@dataclass(frozen=True)
class Scorer:
    """The three views with the mix that calibrates them."""

    procedures: Head
    aspects: Head
    pairs: PairHead
    mix: Mix

    def views(self, rows: Matrix) -> tuple[Floats, Floats, Floats]:
        """Raw scores of each view."""
        shape = len(self.procedures.classes), len(self.aspects.classes)
        return (
            self.procedures.scores(rows),
            self.aspects.scores(rows),
            self.pairs.scores(rows, shape),
        )

    def table(self, rows: Matrix) -> Floats:
        """Rows x procedures x aspects, calibrated probabilities; each row sums to 1."""
        return softmax_table(mixed(self.views(rows), self.mix, self.log_weights()))

    def log_weights(self) -> Floats:
        """Logarithm of each pair's prior weight, procedures x aspects."""
        return np.log(pair_weights(self.procedures.classes, self.aspects.classes, self.pairs.pairs))

    def best(self, table: Floats, size: int) -> list[Label]:
        """The ``size`` likeliest labels of one row of :meth:`table`."""
        flat = table.ravel()
        at_most = np.argsort(-flat, kind="stable")[:size].tolist()
        return [
            Label(
                self.procedures.classes[at // table.shape[1]],
                self.aspects.classes[at % table.shape[1]],
                float(flat[at]),
            )
            for at in at_most
        ]


def mixed(views: tuple[Floats, Floats, Floats], mix: Mix, log_weights: Floats) -> Floats:
    """Unnormalised log-probabilities, rows x procedures x aspects."""
    procedures, aspects, pairs = views
    return np.asarray(
        mix.procedures * procedures[:, :, None]
        + mix.aspects * aspects[:, None, :]
        + mix.pairs * pairs
        + log_weights
    )


def softmax_table(scores: Floats) -> Floats:
    """Softmax over the last two axes together."""
    exponentials = np.exp(scores - scores.max(axis=(1, 2), keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=(1, 2), keepdims=True))


def pair_weights(procedures: Sequence[str], aspects: Sequence[str], seen: Sequence[Pair]) -> Floats:
    """How far each pair can be: 1 where seen, less where not, nil where senseless."""
    weights = np.full((len(procedures), len(aspects)), UNSEEN_PAIR)
    for row, procedure in enumerate(procedures):
        for column, aspect in enumerate(aspects):
            if procedure != NONE and aspect in SMALLTALK_ASPECTS:
                weights[row, column] = IMPOSSIBLE_PAIR
    for row, column in seen:
        weights[row, column] = 1.0
    return weights
