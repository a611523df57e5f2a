"""Patterns of Vietnamese words that also match without diacritics, on any form of a text.

A pattern is written in accented words. ``tháng`` in it matches "tháng" and "thang" but not
"thắng": whoever types accents means them; ``@tháng`` only matches "tháng". A blank matches
any run of blanks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.text import fold

_ACCENTED = re.compile(r"(?<!\\)@?[a-z]*[^\W\d_\x00-\x7f][^\W\d_]*")


@dataclass(frozen=True, slots=True)
class Lowered:
    """A text in lower-case NFC; where each character of it stands in the text as given."""

    text: str
    given: str
    starts: Sequence[int]
    ends: Sequence[int]
    accented: bool
    """Whether it was typed with diacritics."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """``text[start:end]`` as positions in the text as given."""
        return self.starts[start], self.ends[end - 1]


def lower(text: str) -> Lowered:
    """Prepare ``text`` (any normal form) for matching."""
    low = text.lower()
    if len(low) == len(text) and unicodedata.is_normalized("NFC", text):
        return Lowered(low, text, range(len(text)), range(1, len(text) + 1), fold(low) != low)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _letters(text):
        part = unicodedata.normalize("NFC", text[start:end]).lower()
        parts.append(part)
        starts += [start] * len(part)
        ends += [end] * len(part)
    low = "".join(parts)
    return Lowered(low, text, starts, ends, fold(low) != low)


def _letters(text: str) -> list[tuple[int, int]]:
    """Bounds of each letter together with the combining marks that follow it."""
    starts = [n for n, c in enumerate(text) if n == 0 or not unicodedata.combining(c)]
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


def either(source: str) -> str:
    """``source`` with each accented word also matching its unaccented form."""

    def forms(word: re.Match[str]) -> str:
        said = word.group()
        return said[1:] if said.startswith("@") else f"(?:{said}|{fold(said)})"

    return _ACCENTED.sub(forms, source)


def pattern(source: str, *, whole_words: bool = True) -> re.Pattern[str]:
    """Compile ``source`` (lower case); by default it matches whole words only."""
    spaced = either(source).replace(" ", r"\s+")
    return re.compile(rf"(?<!\w)(?:{spaced})(?!\w)" if whole_words else spaced)


def one_of(words: str) -> str:
    """A group that matches any of the phrases, which commas part; the longest first."""
    phrases = sorted((w.strip() for w in words.split(",")), key=len, reverse=True)
    return f"(?:{'|'.join(phrases)})"


def before(source: str) -> re.Pattern[str]:
    """For ``search(text, ..., position)``: the words that stand right before a position."""
    return re.compile(rf"(?<!\w)(?:{either(source)})".replace(" ", r"\s+") + r"[\s:]*$")


def after(source: str) -> re.Pattern[str]:
    """For ``match(text, position)``: the words that follow a position."""
    return re.compile(r"\s*" + rf"(?:{either(source)})(?!\w)".replace(" ", r"\s+"))
