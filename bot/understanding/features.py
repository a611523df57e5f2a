"""Words of a message -> names of its features, in two families.

Everything is folded, so a message means the same with and without its diacritics.
Word features say what is spoken of; character features survive typing mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

WORD_SIZES = (1, 2, 3)
"""Lengths of word n-grams, in syllables."""
CHAR_SIZES = (2, 3, 4, 5)
"""Lengths of character n-grams, inside one syllable padded by a space each side."""


def word_features(words: Sequence[str], compounds: Sequence[str] = ()) -> list[str]:
    """Word n-grams of folded ``words``, and the segmenter's compounds (``khai_sinh``)."""
    grams = [
        " ".join(words[start : start + size])
        for size in WORD_SIZES
        for start in range(len(words) - size + 1)
    ]
    return grams + list(compounds)


def char_features(words: Sequence[str]) -> list[str]:
    """Character n-grams of each word, with its borders (scikit-learn's ``char_wb``)."""
    return [gram for word in words for gram in _char_grams(f" {word} ")]


def _char_grams(padded: str) -> Iterator[str]:
    for size in CHAR_SIZES:
        if len(padded) <= size:
            yield padded
            return
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


def length_features(words: Sequence[str]) -> list[str]:
    """How long the message is: one word is asked about otherwise than a story."""
    return [f"<length {min(len(words) // 3, 5)}>"] if words else []
