"""Words that mean the same at the commune's desk: "giá bao nhiêu", "hết mấy đồng", "lệ phí".

A few thousand utterances cannot hold every wording of everything; ``concepts.yml`` tells
the classifier which of them belong together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations


def longest(phrases: Mapping[str, Sequence[str]]) -> int:
    """Words in the longest phrase."""
    return max((phrase.count(" ") + 1 for phrase in phrases), default=0)


def find_concepts(
    words: Sequence[str], phrases: Mapping[str, Sequence[str]], size: int
) -> set[str]:
    """Names of the concepts in ``words`` (folded); ``size`` is :func:`longest`.

    A phrase inside a longer one counts too: "giấy khai sinh" is about a birth and a paper.
    """
    found: set[str] = set()
    for start in range(len(words)):
        phrase = ""
        for word in words[start : start + size]:
            phrase = f"{phrase} {word}" if phrase else word
            found.update(phrases.get(phrase, ()))
    return found


def concept_features(concepts: set[str]) -> list[str]:
    """Each concept, and each two together: a lost paper and a marriage is a copy of it."""
    names = sorted(concepts)
    return names + [f"{one}&{other}" for one, other in combinations(names, 2)]
