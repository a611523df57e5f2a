"""The trained networks and their joint, calibrated table. Needs numpy only.

Each has one hidden layer over a message's features and three softmax outputs: which
procedure, which aspect, and which pair of both that the utterances show. The first two know
more examples of each label, the third knows how an aspect is asked *about this procedure*;
their log-probabilities are mixed. A few networks that began elsewhere are averaged: what one
believes by chance the others do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bot.understanding.types import NONE, SMALLTALK_ASPECTS, Label
from bot.understanding.vectors import Row

Floats: TypeAlias = NDArray[np.float32]
Pair: TypeAlias = tuple[int, int]
"""Positions of a procedure and an aspect among their classes."""

SCALE = np.float32(4.0)
"""Rows have a length near 1.7; training is quicker with larger ones."""
HEADS, PAIRS = 0.5, 1.0
"""Weights of the outputs in the mix (bench/designs.md)."""
UNSEEN = -8.0
"""Least log-probability of a pair, also of a sensible one without examples."""
IMPOSSIBLE = -30.0
"""Log-probability of a procedure together with small talk."""


@dataclass(frozen=True)
class Layers:
    """The weights of several networks, side by side. ``hidden``: features x (networks *
    units), kept as float16 in the file; ``outputs``: networks x units x (procedures +
    aspects + pairs)."""

    hidden: Floats
    hidden_bias: Floats
    outputs: Floats
    outputs_bias: Floats

    def logits(self, rows: Sequence[Row]) -> Floats:
        """Networks x rows x outputs."""
        networks, units, _ = self.outputs.shape
        active = np.stack([self._active(row) for row in rows])
        apart = active.reshape(len(rows), networks, units).swapaxes(0, 1)
        return np.asarray(apart @ self.outputs + self.outputs_bias[:, None, :])

    def _active(self, row: Row) -> Floats:
        columns, values = row
        sums = (values * SCALE) @ self.hidden.take(columns, axis=0) + self.hidden_bias
        return np.asarray(np.maximum(sums, np.float32(0)))


@dataclass(frozen=True)
class Ensemble:
    """Networks over the same classes."""

    procedures: tuple[str, ...]
    aspects: tuple[str, ...]
    pairs: tuple[Pair, ...]
    layers: Layers
    sharpness: float = 1.0
    """One over the temperature: how sure of itself the table is, found on messages that
    were not learned from."""

    def table(self, rows: Sequence[Row]) -> Floats:
        """Rows x procedures x aspects, calibrated probabilities; each row sums to 1."""
        return softmax(self.mixed(rows) * np.float32(self.sharpness))

    def mixed(self, rows: Sequence[Row]) -> Floats:
        """Unnormalised log-probabilities, rows x procedures x aspects."""
        logits = self.layers.logits(rows)
        first, second = len(self.procedures), len(self.procedures) + len(self.aspects)
        of_procedure = _log_softmax(logits[..., :first]).mean(axis=0)
        of_aspect = _log_softmax(logits[..., first:second]).mean(axis=0)
        of_pair = np.maximum(_log_softmax(logits[..., second:]), UNSEEN).mean(axis=0)
        table = np.broadcast_to(self._unseen, (len(rows), *self._unseen.shape)).copy()
        at_procedure, at_aspect = self._positions
        table[:, at_procedure, at_aspect] = of_pair
        heads = of_procedure[:, :, None] + of_aspect[:, None, :]
        return np.asarray(np.float32(HEADS) * heads + np.float32(PAIRS) * table)

    @cached_property
    def _positions(self) -> tuple[list[int], list[int]]:
        return [procedure for procedure, _ in self.pairs], [aspect for _, aspect in self.pairs]

    @cached_property
    def _unseen(self) -> Floats:
        senseless = [
            [procedure != NONE and aspect in SMALLTALK_ASPECTS for aspect in self.aspects]
            for procedure in self.procedures
        ]
        return np.where(senseless, IMPOSSIBLE, UNSEEN).astype(np.float32)

    def best(self, table: Floats, size: int) -> list[Label]:
        """The ``size`` likeliest labels of one row of :meth:`table`."""
        flat = table.ravel()
        at_most = np.argsort(-flat, kind="stable")[:size].tolist()
        width = len(self.aspects)
        return [
            Label(self.procedures[at // width], self.aspects[at % width], float(flat[at]))
            for at in at_most
        ]


def softmax(scores: Floats) -> Floats:
    """Softmax over the last two axes together."""
    exponentials = np.exp(scores - scores.max(axis=(1, 2), keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=(1, 2), keepdims=True))


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))
