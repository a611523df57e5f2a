"""The classifier's model: from tokens of a message to its ranked labels.

Saved without pickle (``model.json`` and ``model.npz``), so that loading a model file
can never run code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_matrix

from bot.text import fold
from bot.understanding.features import char_features, word_features
from bot.understanding.fitting import Progress, Strengths, fit_scorer
from bot.understanding.linear import Floats, Head, Mix, PairHead, Scorer
from bot.understanding.normalise import Lexicon, normal_words, raw_words
from bot.understanding.stories import Token, combine, parts
from bot.understanding.types import NONE, Label, split_intent
from bot.understanding.vectors import Document, TfIdf, Vectorizer

FORMAT = 2
Tokens: TypeAlias = Sequence[Token]


def document(tokens: Tokens, lexicon: Lexicon) -> Document:
    """The features of one message. Things ("phone", "date") count by their kind only."""
    words: list[str] = []
    compounds: list[str] = []
    for text, kind in tokens:
        if kind == "word":
            syllables = raw_words(text)
            words += syllables
            compounds += ["_".join(map(fold, syllables))] if len(syllables) > 1 else []
        else:
            compounds.append(f"<{kind}>")
    normal = normal_words(words, lexicon)
    return word_features(normal, compounds), char_features(normal)


@dataclass(frozen=True)
class Model:
    """A trained classifier."""

    lexicon: Lexicon
    vectorizer: Vectorizer
    scorer: Scorer

    @classmethod
    def fit(
        cls,
        messages: Sequence[Tokens],
        intents: Sequence[str],
        lexicon: Lexicon,
        strengths: Strengths | None = None,
        on_progress: Progress = lambda _: None,
    ) -> Model:
        """Train on tokenised ``messages`` and their ``procedure+aspect`` intents.

        Raises:
            ValueError: an intent outside the contract, or fewer than two procedures or
                two aspects.
        """
        labels = [split_intent(intent) for intent in intents]
        if len({p for p, _ in labels}) < 2 or len({a for _, a in labels}) < 2:
            raise ValueError("training needs two procedures and two aspects at least")
        on_progress("reading words")
        documents = [document(tokens, lexicon) for tokens in messages]
        vectorizer = Vectorizer.fit(documents)
        rows = vectorizer.transform(documents)
        scorer = fit_scorer(rows, labels, strengths or Strengths(), on_progress)
        return cls(lexicon, vectorizer, scorer)

    def rank(self, messages: Sequence[Tokens], size: int) -> list[list[Label]]:
        """The ``size`` likeliest labels of each message, likeliest first.

        A message in which nothing is known gets the single label none+ngoai_pham_vi
        with confidence 0: the model's bias says nothing about it.
        """
        ranked: list[list[Label]] = []
        split = [parts(tokens) for tokens in messages]
        tables, known = self._tables([part for one in split for part in one])
        start = 0
        for one in split:
            end = start + len(one)
            if known[start]:
                table = combine(tables[start:end], known[start:end])
                ranked.append(self.scorer.best(table, size))
            else:
                ranked.append([Label(NONE, "ngoai_pham_vi", 0.0)])
            start = end
        return ranked

    def _tables(self, messages: Sequence[Tokens]) -> tuple[Floats, list[bool]]:
        rows = self.vectorizer.transform([document(m, self.lexicon) for m in messages])
        return self.scorer.table(rows), (np.diff(rows.indptr) > 0).tolist()

    def save(self, directory: Path) -> None:
        """Write ``model.json`` and ``model.npz`` into ``directory``."""
        scorer, columns = self.scorer, self.scorer.pairs.columns
        described: dict[str, Any] = {
            "format": FORMAT,
            "lexicon": self.lexicon.to_json(),
            "words": list(self.vectorizer.words.columns),
            "chars": list(self.vectorizer.chars.columns),
            "procedures": scorer.procedures.classes,
            "aspects": scorer.aspects.classes,
            "pairs": scorer.pairs.pairs,
            "mix": asdict(scorer.mix),
        }
        text = json.dumps(described, ensure_ascii=False)
        (directory / "model.json").write_text(text, encoding="utf-8")
        np.savez_compressed(
            directory / "model.npz",
            words_idf=self.vectorizer.words.idf,
            chars_idf=self.vectorizer.chars.idf,
            procedures_weights=scorer.procedures.weights,
            procedures_bias=scorer.procedures.bias,
            aspects_weights=scorer.aspects.weights,
            aspects_bias=scorer.aspects.bias,
            pairs_duals=scorer.pairs.duals,
            columns_data=columns.data,
            columns_indices=columns.indices,
            columns_indptr=columns.indptr,
            columns_shape=np.array(columns.shape),
        )

    @classmethod
    def load(cls, directory: Path) -> Model:
        """Read what :meth:`save` wrote.

        Raises:
            ValueError: written in another format.
            OSError: missing or unreadable.
        """
        described = json.loads((directory / "model.json").read_text(encoding="utf-8"))
        if described["format"] != FORMAT:
            raise ValueError(f"model format {described['format']}, expected {FORMAT}")
        with np.load(directory / "model.npz", allow_pickle=False) as arrays:
            return cls(
                Lexicon.from_json(described["lexicon"]),
                Vectorizer(_tfidf("words", described, arrays), _tfidf("chars", described, arrays)),
                Scorer(
                    _head("procedures", described, arrays),
                    _head("aspects", described, arrays),
                    _pair_head(described, arrays),
                    Mix(**described["mix"]),
                ),
            )


def _tfidf(family: str, described: Mapping[str, Any], arrays: Mapping[str, Any]) -> TfIdf:
    columns = {name: at for at, name in enumerate(described[family])}
    return TfIdf(columns, arrays[f"{family}_idf"])


def _head(name: str, described: Mapping[str, Any], arrays: Mapping[str, Any]) -> Head:
    return Head(tuple(described[name]), arrays[f"{name}_weights"], arrays[f"{name}_bias"])


def _pair_head(described: Mapping[str, Any], arrays: Mapping[str, Any]) -> PairHead:
    columns = csr_matrix(
        tuple(arrays[f"columns_{name}"] for name in ("data", "indices", "indptr")),
        shape=tuple(arrays["columns_shape"]),
    )
    pairs = tuple((int(procedure), int(aspect)) for procedure, aspect in described["pairs"])
    return PairHead(pairs, columns, arrays["pairs_duals"])
