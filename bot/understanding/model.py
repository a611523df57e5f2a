"""The classifier's model: from tokens of a message to its ranked labels.

Saved without pickle (``model.json`` and ``model.npz``), so that loading a model file
can never run code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from bot.text import fold
from bot.understanding.concepts import concept_features, find_concepts, longest
from bot.understanding.features import char_features, length_features, word_features
from bot.understanding.network import Ensemble, Layers
from bot.understanding.normalise import Lexicon, normal_words, raw_words
from bot.understanding.spelling import Speller
from bot.understanding.types import NONE, Label, split_intent
from bot.understanding.vectors import Document, TfIdf, Vectorizer

if TYPE_CHECKING:
    from bot.understanding.learning import Progress, Recipe

FORMAT = 3
WEIGHTS = ("hidden", "hidden_bias", "outputs", "outputs_bias")
Token: TypeAlias = tuple[str, str]
"""A token's text and kind (``word``, ``phone``, ...)."""
Tokens: TypeAlias = Sequence[Token]


@dataclass(frozen=True)
class Reader:
    """Makes features of messages."""

    lexicon: Lexicon
    speller: Speller

    def words(self, tokens: Tokens) -> tuple[list[str], list[str]]:
        """Folded words of a message, abbreviations written out; and the segmenter's
        compounds. Things ("phone", "date") count by their kind only, as compounds."""
        words: list[str] = []
        compounds: list[str] = []
        for text, kind in tokens:
            if kind == "word":
                syllables = raw_words(text)
                words += syllables
                compounds += ["_".join(map(fold, syllables))] if len(syllables) > 1 else []
            else:
                compounds.append(f"<{kind}>")
        return normal_words(words, self.lexicon), compounds

    def document(self, tokens: Tokens) -> Document:
        """The names of the features of one message, by family."""
        words, compounds = self.words(tokens)
        words = self.speller.correct(words)
        concepts = find_concepts(words, self.lexicon.concepts, self._longest)
        return {
            "words": word_features(words, compounds),
            "chars": char_features(words),
            "concepts": [*concept_features(concepts), *length_features(words)],
        }

    @cached_property
    def _longest(self) -> int:
        return longest(self.lexicon.concepts)


@dataclass(frozen=True)
class Model:
    """A trained classifier."""

    reader: Reader
    vectorizer: Vectorizer
    ensemble: Ensemble

    @classmethod
    def fit(
        cls,
        messages: Sequence[Tokens],
        intents: Sequence[str],
        lexicon: Lexicon,
        recipe: Recipe | None = None,
        on_progress: Progress = lambda _: None,
        plain: Sequence[Tokens] | None = None,
    ) -> Model:
        """Train on tokenised ``messages`` and their ``procedure+aspect`` intents.

        ``plain`` are the same messages without diacritics, tokenised as such.

        Raises:
            ValueError: an intent outside the contract, or fewer than two procedures or
                two aspects.
        """
        from bot.understanding.learning import fit_ensemble

        labels = [split_intent(intent) for intent in intents]
        if len({p for p, _ in labels}) < 2 or len({a for _, a in labels}) < 2:
            raise ValueError("training needs two procedures and two aspects at least")
        on_progress("reading words")
        spelled = Reader(lexicon, Speller())
        reader = Reader(lexicon, Speller.fit([spelled.words(tokens)[0] for tokens in messages]))
        documents = [reader.document(tokens) for tokens in messages]
        vectorizer = Vectorizer.fit(documents)
        rows = [vectorizer.row(document) for document in documents]
        folded = [vectorizer.row(reader.document(tokens)) for tokens in plain or ()]
        ensemble = fit_ensemble(rows, labels, vectorizer.size, recipe, on_progress, folded)
        return cls(reader, vectorizer, ensemble)

    def rank(self, messages: Sequence[Tokens], size: int) -> list[list[Label]]:
        """The ``size`` likeliest labels of each message, likeliest first.

        A message in which nothing is known gets the single label none+ngoai_pham_vi
        with confidence 0: the model's bias says nothing about it.
        """
        rows = [self.vectorizer.row(self.reader.document(tokens)) for tokens in messages]
        tables = self.ensemble.table(rows) if rows else ()
        return [
            self.ensemble.best(table, size) if len(columns) else [Label(NONE, "ngoai_pham_vi", 0.0)]
            for table, (columns, _) in zip(tables, rows, strict=True)
        ]

    def save(self, directory: Path) -> None:
        """Write ``model.json`` and ``model.npz`` into ``directory``."""
        ensemble, families = self.ensemble, self.vectorizer.families
        described: dict[str, Any] = {
            "format": FORMAT,
            "lexicon": self.reader.lexicon.to_json(),
            "speller": asdict(self.reader.speller),
            "families": {name: list(family.columns) for name, family in families.items()},
            "procedures": ensemble.procedures,
            "aspects": ensemble.aspects,
            "pairs": ensemble.pairs,
            "sharpness": ensemble.sharpness,
        }
        text = json.dumps(described, ensure_ascii=False)
        (directory / "model.json").write_text(text, encoding="utf-8")
        arrays = {name: getattr(ensemble.layers, name) for name in WEIGHTS}
        arrays["hidden"] = arrays["hidden"].astype(np.float16)
        arrays |= {f"idf_{name}": family.idf for name, family in families.items()}
        np.savez_compressed(directory / "model.npz", **arrays)

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
                Reader(Lexicon.from_json(described["lexicon"]), Speller(**described["speller"])),
                _vectorizer(described, arrays),
                Ensemble(
                    tuple(described["procedures"]),
                    tuple(described["aspects"]),
                    tuple((int(p), int(a)) for p, a in described["pairs"]),
                    Layers(*(arrays[name].astype(np.float32) for name in WEIGHTS)),
                    sharpness=float(described["sharpness"]),
                ),
            )


def _vectorizer(described: Mapping[str, Any], arrays: Mapping[str, Any]) -> Vectorizer:
    return Vectorizer(
        {
            family: TfIdf({name: at for at, name in enumerate(names)}, arrays[f"idf_{family}"])
            for family, names in described["families"].items()
        }
    )
