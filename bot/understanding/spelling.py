"""Typing mistakes: "khia sinh", "giayf", "dangkyketthon" -> words that are known.

Only what cannot be a Vietnamese syllable is touched: a rare but real word ("trâu") must not
become a common one. The vocabulary and the choice between candidates come from the
utterances; SymSpell (symspellpy) finds the candidates.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from bot.understanding.syllables import is_syllable

KNOWN = 2
"""A word that the utterances have so often is right as it is."""
PART = 3
"""So often a syllable must occur to be a part of glued words."""
SHORTEST, LONGEST = 3, 8
"""Letters of a word that may be one slip away from another."""
SHORTEST_GLUED = 4
MOST_PARTS = 8
NEIGHBOUR = 10.0
"""Weight of each time a candidate was seen beside the word's neighbours."""


@dataclass(frozen=True)
class Speller:
    """``words`` and ``pairs`` ("đăng ký" folded): how often the utterances have them."""

    words: Mapping[str, int] = field(default_factory=dict)
    pairs: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def fit(cls, messages: Sequence[Sequence[str]]) -> Speller:
        """Learn from the folded words of the utterances."""
        words: Counter[str] = Counter()
        pairs: Counter[str] = Counter()
        for message in messages:
            words.update(message)
            pairs.update(map(" ".join, pairwise(message)))
        return cls(_kept(words), _kept(pairs))

    def correct(self, words: Sequence[str]) -> list[str]:
        """``words`` with slips mended and glued words taken apart."""
        result: list[str] = []
        for index, word in enumerate(words):
            if (
                word in self.words
                or not word.isalpha()
                or len(word) < SHORTEST
                or is_syllable(word)
            ):
                result.append(word)
            else:
                following = words[index + 1] if index + 1 < len(words) else ""
                result += self._mended(word, result[-1] if result else "", following)
        return result

    def _is_fine(self, word: str) -> bool:
        known = word in self.words or is_syllable(word)
        return known or not word.isalpha() or len(word) < SHORTEST

    def _mended(self, word: str, before: str, after: str) -> list[str]:
        parts = self._parts(word)
        if parts and all(" ".join(pair) in self.pairs for pair in pairwise(parts)):
            return parts
        near = self._near(word) if len(word) <= LONGEST else []
        if near:

            def likely(candidate: str) -> float:
                beside = self.pairs.get(f"{before} {candidate}", 0)
                beside += self.pairs.get(f"{candidate} {after}", 0)
                return NEIGHBOUR * beside + math.log1p(self.words[candidate])

            return [max(near, key=likely)]
        return parts or [word]

    def _near(self, word: str) -> list[str]:
        from symspellpy import Verbosity

        found = self._slips.lookup(word, Verbosity.ALL, max_edit_distance=1)
        return sorted(candidate.term for candidate in found)

    def _parts(self, word: str) -> list[str]:
        """The known words that ``word`` is made of; nothing if it is not."""
        if not self._glue.words or len(word) < SHORTEST_GLUED:
            return []
        parts: list[str] = self._glue.word_segmentation(word).corrected_string.split()
        split = 1 < len(parts) <= MOST_PARTS and "".join(parts) == word
        return parts if split and all(self.words.get(p, 0) >= PART for p in parts) else []

    @cached_property
    def _slips(self) -> Any:
        return _symspell(self.words, 1)

    @cached_property
    def _glue(self) -> Any:
        often = {w: n for w, n in self.words.items() if n >= PART and (len(w) > 1 or w == "o")}
        return _symspell(often, 0)


def _kept(counts: Counter[str]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count >= KNOWN}


def _symspell(words: Mapping[str, int], distance: int) -> Any:
    from symspellpy import SymSpell

    made = SymSpell(max_dictionary_edit_distance=distance, prefix_length=7)
    for word, count in words.items():
        if is_syllable(word):
            made.create_dictionary_entry(word, count)
    return made
