"""Words of SMS texts that mean something else once their diacritics are gone.

Which they are is data (``nlu_data/lexicon/ambiguous.yml``).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from bot.knowledge import placeholders
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault

LEXICON: Final = Path(__file__).resolve().parents[2] / "nlu_data" / "lexicon" / "ambiguous.yml"
SMS_FIELDS: Final = frozenset(
    [
        "short",
        "case_short",
        "label_short",
        "ask_short",
        "said_short",
        "opening_short",
        "office_short",
        "address_short",
        "sms",
    ]
)
"""Fields of content files that leave as SMS."""
_WORD: Final = re.compile(r"[^\W_]+|[^\w\s]")
"""Marks count as words: what they part belongs to no phrase."""
_NUMBER: Final = "#"
_FILLED: Final = "0"
"""Stands in a text for what is filled in when it is sent: names, dates, numbers."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A word, what it may be taken for, and what to write instead."""

    word: str
    reads: str
    instead: str


Syllables = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    said: Syllables
    allowed: tuple[Syllables, ...]
    told: Ambiguous


def found(text: str) -> list[Ambiguous]:
    """The words of ``text`` that an SMS would make ambiguous, each once."""
    syllables = _syllables(text)
    return [entry.told for entry in _entries() if _used(entry, syllables)]


def ambiguous_faults(documents: Mapping[str, Document]) -> Iterator[ContentFault]:
    """Every SMS text of the files that uses one. Names of places are as they are: of what a
    province or a commune says, only its facts are looked at."""
    for name, document in documents.items():
        only_facts = name.startswith(("communes/", "provinces/"))
        for path, text in document.texts():
            if not path or path[-1] not in SMS_FIELDS:
                continue
            if path[0] == "facts" or not only_facts:
                for word in found(placeholders.fill(text, lambda _: _FILLED)):
                    yield document.fault(_reason(word), *path)


def _reason(word: Ambiguous) -> str:
    return f"SMS không dấu: “{word.word}” dễ đọc thành “{word.reads}”; nên viết: {word.instead}"


def _used(entry: _Entry, syllables: Syllables) -> bool:
    safe = {at for phrase in entry.allowed for at in _spans(phrase, syllables)}
    return not _spans(entry.said, syllables) <= safe


def _spans(phrase: Syllables, syllables: Syllables) -> set[int]:
    """The places of all words of ``phrase`` wherever it stands."""
    size = len(phrase)
    return {
        place
        for at in range(len(syllables) - size + 1)
        if syllables[at : at + size] == phrase
        for place in range(at, at + size)
    }


def _syllables(text: str) -> Syllables:
    plain = unicodedata.normalize("NFC", text).lower()
    return tuple(
        _NUMBER if word[0].isdigit() else _one_spelling(word) for word in _WORD.findall(plain)
    )


_SPELT: Final = {"oà": "òa", "oá": "óa", "oả": "ỏa", "oã": "õa", "oạ": "ọa", "uỷ": "ủy"}


def _one_spelling(word: str) -> str:
    """ "xoá" and "xóa", "huỷ" and "hủy" are one word."""
    for new, old in _SPELT.items():
        if word.endswith(new):
            return word.removesuffix(new) + old
    return word


@cache
def _entries() -> Sequence[_Entry]:
    data: dict[str, Any] = yaml.safe_load(LEXICON.read_text(encoding="utf-8"))
    return tuple(
        _Entry(
            _phrase(entry["say"]),
            tuple(_phrase(phrase) for phrase in entry.get("allowed", ())),
            Ambiguous(entry["say"], entry["reads"], entry["instead"]),
        )
        for entry in data["words"]
    )


def _phrase(words: str) -> Syllables:
    return _syllables(words.replace(_NUMBER, _FILLED))
