"""Feature names -> sparse TF-IDF rows. Needs numpy and scipy, not scikit-learn.

scikit-learn would add a second to the service's start and 35 MB to its memory for
these few lines of arithmetic.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

Matrix: TypeAlias = Any
"""A scipy CSR matrix (scipy has no types)."""
Document: TypeAlias = tuple[list[str], list[str]]
"""One message: its word features and its character features."""

WORDS_WEIGHT = 1.2
"""Weight of the word features beside the character features."""


@dataclass(frozen=True)
class TfIdf:
    """A fitted vocabulary: column of each feature, and its inverse document frequency."""

    columns: dict[str, int]
    idf: NDArray[np.float32]

    @classmethod
    def fit(cls, documents: Sequence[Sequence[str]], min_documents: int) -> TfIdf:
        """Learn from ``documents`` the features that at least ``min_documents`` have."""
        frequency: Counter[str] = Counter()
        for document in documents:
            frequency.update(set(document))
        kept = sorted(name for name, count in frequency.items() if count >= min_documents)
        total = len(documents) + 1
        idf = [math.log(total / (frequency[name] + 1)) + 1.0 for name in kept]
        return cls({name: at for at, name in enumerate(kept)}, np.array(idf, dtype=np.float32))

    def transform(self, documents: Sequence[Sequence[str]]) -> Matrix:
        """Rows of unit length (or zero) with 1 + log(count) weights, one a document."""
        pointers: list[int] = [0]
        indices: list[int] = []
        values: list[float] = []
        for document in documents:
            row = self._row(document)
            indices += row.keys()
            values += row.values()
            pointers.append(len(indices))
        shape = (len(documents), len(self.columns))
        return csr_matrix((np.array(values, dtype=np.float32), indices, pointers), shape=shape)

    def _row(self, document: Sequence[str]) -> dict[int, float]:
        counts = Counter(self.columns[name] for name in document if name in self.columns)
        row = {at: (1.0 + math.log(n)) * float(self.idf[at]) for at, n in counts.items()}
        norm = math.sqrt(sum(value * value for value in row.values())) or 1.0
        return {at: value / norm for at, value in row.items()}


@dataclass(frozen=True)
class Vectorizer:
    """Both feature families side by side."""

    words: TfIdf
    chars: TfIdf

    @classmethod
    def fit(cls, documents: Sequence[Document]) -> Vectorizer:
        """Learn both vocabularies; rare character n-grams (in one message) are noise."""
        return cls(
            TfIdf.fit([words for words, _ in documents], min_documents=1),
            TfIdf.fit([chars for _, chars in documents], min_documents=2),
        )

    def transform(self, documents: Sequence[Document]) -> Matrix:
        """One row a document."""
        words = self.words.transform([words for words, _ in documents])
        chars = self.chars.transform([chars for _, chars in documents])
        return hstack([words * np.float32(WORDS_WEIGHT), chars], format="csr")
