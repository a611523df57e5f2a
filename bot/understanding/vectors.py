"""Feature names -> TF-IDF rows. Needs numpy, not scikit-learn or scipy.

They would add a second to the service's start and tens of megabytes to its memory for
these few lines of arithmetic.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Family: TypeAlias = str
Document: TypeAlias = Mapping[Family, Sequence[str]]
"""One message: the names of its features, by family."""
Row: TypeAlias = tuple[NDArray[np.int32], NDArray[np.float32]]
"""One message as columns and their values."""

WEIGHTS: dict[Family, float] = {"words": 1.2, "chars": 1.0, "concepts": 0.7}
"""Length of each family's part of a row."""
LEAST: dict[Family, int] = {"words": 3, "chars": 5, "concepts": 3}
"""Utterances that a feature must be in to be learned."""


@dataclass(frozen=True)
class TfIdf:
    """A fitted vocabulary: column of each feature, and its inverse document frequency."""

    columns: Mapping[str, int]
    idf: NDArray[np.float32]

    @classmethod
    def fit(cls, documents: Sequence[Sequence[str]], least: int) -> TfIdf:
        """Learn from ``documents`` the features that at least ``least`` of them have."""
        frequency: Counter[str] = Counter()
        for document in documents:
            frequency.update(set(document))
        kept = sorted(name for name, count in frequency.items() if count >= least)
        total = len(documents) + 1
        idf = [math.log(total / (frequency[name] + 1)) + 1.0 for name in kept]
        return cls({name: at for at, name in enumerate(kept)}, np.array(idf, dtype=np.float32))

    def row(self, document: Sequence[str]) -> tuple[list[int], list[float]]:
        """Columns and 1 + log(count) weights, of unit length (or nothing)."""
        columns = self.columns
        counts = Counter(columns[name] for name in document if name in columns)
        idf = self.idf
        values = [(1.0 + math.log(n)) * float(idf[at]) for at, n in counts.items()]
        norm = math.sqrt(sum(value * value for value in values)) or 1.0
        return list(counts), [value / norm for value in values]


@dataclass(frozen=True)
class Vectorizer:
    """All feature families side by side."""

    families: Mapping[Family, TfIdf]

    @property
    def size(self) -> int:
        """Columns in all."""
        return sum(len(family.idf) for family in self.families.values())

    @classmethod
    def fit(cls, documents: Sequence[Document]) -> Vectorizer:
        """Learn each family's vocabulary."""
        return cls({name: TfIdf.fit([d[name] for d in documents], LEAST[name]) for name in WEIGHTS})

    def row(self, document: Document) -> Row:
        """One message as a row; empty when nothing in it is known."""
        columns: list[int] = []
        values: list[float] = []
        start = 0
        for name, family in self.families.items():
            found, weights = family.row(document[name])
            columns += [start + at for at in found]
            values += [WEIGHTS[name] * weight for weight in weights]
            start += len(family.idf)
        return np.array(columns, dtype=np.int32), np.array(values, dtype=np.float32)
