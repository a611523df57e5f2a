"""Long messages: the story around a question drowns it, so sentences count too.

People who tell a story name the procedure somewhere in it and mostly ask at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from bot.understanding.network import Floats

Token: TypeAlias = tuple[str, str]
"""A token's text and kind (``word``, ``phone``, ...)."""

LONG = 35
"""A message of more tokens is read sentence by sentence too."""
SHORTEST = 3
"""Tokens of the shortest sentence that is read by itself."""
MOST_PARTS = 24
"""Sentences read of one message: the last ones."""
LAST = 3.0
"""Weight of the last sentence's aspect beside the others'."""
_ENDS = frozenset((".", "!", "?", "…", "...", ";"))


def parts(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """The whole message, and its sentences when it is long."""
    if len(tokens) <= LONG:
        return [tokens]
    sentences: list[list[Token]] = [[]]
    for token in tokens:
        sentences[-1].append(token)
        if token[0] in _ENDS:
            sentences.append([])
    read = [sentence for sentence in sentences if len(sentence) >= SHORTEST]
    return [tokens, *read[-MOST_PARTS:]]


def combine(tables: Floats, known: Sequence[bool]) -> Floats:
    """One procedures x aspects table from those of the whole (first) and its sentences.

    The procedure is where the most certain parts point; the aspect likewise, with more
    weight on the last sentence.
    """
    whole: Floats = tables[0]
    sentences = tables[1:][np.array(known[1:], dtype=bool)]
    if not len(sentences):
        return whole
    procedures, aspects = sentences.sum(axis=2), sentences.sum(axis=1)
    by_procedure = procedures.max(axis=1) ** 2
    by_aspect = aspects.max(axis=1) ** 2
    by_aspect[-1] *= LAST
    which = whole.sum(axis=1) + by_procedure @ procedures / by_procedure.sum()
    what = whole.sum(axis=0) + by_aspect @ aspects / by_aspect.sum()
    joined = np.outer(which, what) * (whole + sentences.mean(axis=0) + 1e-6) ** 0.5
    return np.asarray(joined / joined.sum())
