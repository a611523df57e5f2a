"""From a citizen's spelling to the folded words that the classifier sees.

Abbreviations and teencode are replaced by what they stand for ("gks" -> "giấy khai
sinh"). Dialect words are replaced too, but also kept at the end: whoever writes them
without diacritics ("mo", "rang") cannot be told from other words by a lexicon, only by
what the classifier has seen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.text import fold
from bot.understanding.syllables import undo_raw_typing

LEXICON_FILES = ("teencode.yml", "dialect.yml", "concepts.yml")
LONGEST_PHRASE = 4
"""Words in the longest dialect phrase that is looked for."""

_WORD = re.compile(r"[^\W_]+")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


class LexiconError(ValueError):
    """A lexicon file is not usable; the message names the file. Not retryable."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What words stand for.

    ``short``: folded word -> meaning; ``dialect``: phrase (lower-case NFC) -> meaning;
    ``concepts``: folded phrase -> names of the concepts that it expresses.
    """

    short: Mapping[str, str] = field(default_factory=dict)
    dialect: Mapping[str, str] = field(default_factory=dict)
    concepts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_json(self) -> dict[str, dict[str, Any]]:
        """A JSON object that :meth:`from_json` takes back."""
        concepts = {phrase: list(names) for phrase, names in self.concepts.items()}
        return {"short": dict(self.short), "dialect": dict(self.dialect), "concepts": concepts}

    @classmethod
    def from_json(cls, data: Mapping[str, Mapping[str, Any]]) -> Lexicon:
        """The lexicon that :meth:`to_json` wrote."""
        concepts = {phrase: tuple(names) for phrase, names in data["concepts"].items()}
        return cls(dict(data["short"]), dict(data["dialect"]), concepts)


def raw_words(text: str) -> list[str]:
    """The words of ``text`` in lower-case NFC."""
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def normal_words(words: Sequence[str], lexicon: Lexicon, keep_dialect: bool = True) -> list[str]:
    """Folded words of ``words`` (from :func:`raw_words`), ``lexicon`` applied.

    Stretched letters ("khônggg") count once. Dialect words that were replaced stand once
    more at the end, unless ``keep_dialect`` is off (for comparing whole answers).
    """
    plain = undo_raw_typing([_unstretched(fold(word), lexicon) for word in words])
    result: list[str] = []
    kept: list[str] = []
    index = 0
    while index < len(words):
        size, meaning = _dialect_at(words, index, lexicon)
        if meaning is not None:
            result += fold(meaning).split()
            kept += plain[index : index + size]
        else:
            result += fold(lexicon.short.get(plain[index], plain[index])).split()
        index += size
    return result + kept if keep_dialect else result


def _unstretched(word: str, lexicon: Lexicon) -> str:
    return word if word in lexicon.short else _STRETCHED.sub(r"\1", word)


def _dialect_at(words: Sequence[str], index: int, lexicon: Lexicon) -> tuple[int, str | None]:
    """The longest dialect phrase at ``index``: its length in words and its meaning."""
    for size in range(min(LONGEST_PHRASE, len(words) - index), 0, -1):
        phrase = " ".join(words[index : index + size])
        if phrase in lexicon.dialect:
            meaning = lexicon.dialect[phrase]
            return size, None if meaning == phrase else meaning
    return 1, None


def default_lexicon_dir() -> Path:
    """``./lexicon`` when working in the Rasa project, else the shipped one."""
    here = Path("lexicon")
    shipped = Path(__file__).resolve().parents[2] / "nlu_data" / "lexicon"
    return here if (here / LEXICON_FILES[0]).is_file() else shipped


def load_lexicon(directory: Path) -> Lexicon:
    """Read ``teencode.yml``, ``dialect.yml`` and ``concepts.yml``; absent ones are empty.

    Raises:
        LexiconError: a file that is not a mapping of words to words (of names to lists of
            phrases for concepts).
    """
    teencode, dialect, concepts = (directory / name for name in LEXICON_FILES)
    short = {fold(word): meaning for word, meaning in _entries(teencode).items()}
    return Lexicon(short, _entries(dialect), _concepts(concepts))


def _entries(path: Path) -> dict[str, str]:
    result: dict[str, str] = {}
    for written, meaning in _mapping(path, "word: meaning").items():
        if not isinstance(written, str) or not isinstance(meaning, str):
            raise LexiconError(f"{path.name}: {written!r}: quote both the word and its meaning")
        result[" ".join(raw_words(written))] = meaning
    return result


def _concepts(path: Path) -> dict[str, tuple[str, ...]]:
    result: dict[str, tuple[str, ...]] = {}
    for name, phrases in _mapping(path, "concept: [phrase, phrase]").items():
        if not isinstance(phrases, list) or not all(isinstance(one, str) for one in phrases):
            raise LexiconError(f"{path.name}: {name!r}: expected a list of phrases in quotes")
        for phrase in phrases:
            folded = " ".join(map(fold, raw_words(phrase)))
            if str(name) not in result.get(folded, ()):
                result[folded] = (*result.get(folded, ()), str(name))
    return result


def _mapping(path: Path, form: str) -> dict[Any, Any]:
    if not path.is_file():
        return {}
    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise LexiconError(f"{path.name}:{line}: {error.problem or 'not YAML'}") from None
    if not isinstance(data, dict):
        raise LexiconError(f"{path.name}:1: expected lines of the form {form}")
    return data
