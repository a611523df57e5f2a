"""The SMS keyword grammar: whole messages such as ``KS``, ``KS PHI`` or ``HUY``.

The words are data (``nlu_data/lexicon/keywords.yml``, which also says how ambiguous
words were settled). Matching needs no model, so it works while one is loading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.text import key
from bot.understanding.types import ASPECTS, PROCEDURES

KEYWORDS_FILE = Path(__file__).resolve().parents[2] / "nlu_data" / "lexicon" / "keywords.yml"

MAX_KEYWORD_TEXT = 40
"""A longer message is never a keyword (characters)."""


class KeywordFileError(ValueError):
    """``keywords.yml`` is not usable; the message names the entry. Not retryable."""


@dataclass(frozen=True, slots=True)
class KeywordHit:
    """A recognised keyword: its entry's name, and what it says about the question."""

    name: str
    procedure: str | None = None
    aspect: str | None = None


class KeywordGrammar:
    """Every message that counts as a keyword, by its matching key."""

    def __init__(self, hits: Mapping[str, KeywordHit]) -> None:
        self._hits = dict(hits)

    def match(self, text: str) -> KeywordHit | None:
        """Return the hit when the whole of ``text`` is a keyword message, else None."""
        if len(text) > MAX_KEYWORD_TEXT:
            return None
        if text.strip() == "?":
            return self._hits.get("?")
        words = key(text)
        return self._hits.get(words) or self._hits.get(_joined_letters(words))

    def phrases(self, name: str) -> list[str]:
        """The messages that give exactly the bare keyword ``name`` (for help texts)."""
        return [text for text, hit in self._hits.items() if hit.name == name]


def _joined_letters(words: str) -> str:
    """``k s`` (from "K.S." or "K S") as ``ks``; anything longer stays as it is."""
    parts = words.split(" ")
    return "".join(parts) if len(parts) == 2 and all(len(p) == 1 for p in parts) else words


def load_grammar(path: Path = KEYWORDS_FILE) -> KeywordGrammar:
    """Read the grammar from ``path``.

    Raises:
        KeywordFileError: an unknown procedure or aspect, or a word used twice.
        OSError: the file cannot be read.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    hits: dict[str, KeywordHit] = {}
    aspects = _aspect_words(data)
    for entry in data["keywords"]:
        hit = KeywordHit(entry["name"], entry.get("procedure"), entry.get("aspect"))
        if hit.procedure is not None and hit.procedure not in PROCEDURES:
            raise KeywordFileError(f"{path.name}: {hit.name}: no such procedure")
        if hit.aspect is not None and hit.aspect not in ASPECTS:
            raise KeywordFileError(f"{path.name}: {hit.name}: no such aspect")
        for word in entry["words"]:
            _add(hits, word, hit, path)
            if hit.procedure is not None:
                _add_with_aspects(hits, word, hit, aspects, path)
    return KeywordGrammar(hits)


def _aspect_words(data: Mapping[str, Any]) -> dict[str, str]:
    words: dict[str, str] = {}
    for aspect, phrases in data["aspects"].items():
        if aspect not in ASPECTS:
            raise KeywordFileError(f"aspects: no such aspect {aspect!r}")
        words.update({key(phrase): aspect for phrase in phrases})
    return words


def _add_with_aspects(
    hits: dict[str, KeywordHit],
    word: str,
    hit: KeywordHit,
    aspects: Mapping[str, str],
    path: Path,
) -> None:
    for phrase, aspect in aspects.items():
        both = KeywordHit(hit.name, hit.procedure, aspect)
        _add(hits, f"{word} {phrase}", both, path)
        _add(hits, f"{phrase} {word}", both, path)


def _add(hits: dict[str, KeywordHit], word: str, hit: KeywordHit, path: Path) -> None:
    matching = key(word) or word
    if hits.setdefault(matching, hit) != hit:
        raise KeywordFileError(f"{path.name}: {word!r} is in two entries")


@cache
def default_grammar() -> KeywordGrammar:
    """The shipped grammar, read once."""
    return load_grammar()


def match(text: str) -> KeywordHit | None:
    """Match ``text`` against the shipped grammar."""
    return default_grammar().match(text)
