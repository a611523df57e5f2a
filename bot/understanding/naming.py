"""Which procedures a message names, by its words.

The model answers with a procedure always, also where none is named ("bao giờ có?"). The
words tell whether one is: they are data (``nlu_data/lexicon/names.yml``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

from bot.understanding.types import PROCEDURES

NAMES_FILE = Path(__file__).resolve().parents[2] / "nlu_data" / "lexicon" / "names.yml"

Phrase: TypeAlias = tuple[str, ...]
Words: TypeAlias = Sequence[str]
"""Folded, abbreviations written out (``normal_words`` without dialect kept)."""

LONGEST_QUESTION: Final = 14
"""Words of a question about one paper; a longer one tells more than that."""
LONGEST_TAIL: Final = 6
"""Words after the paper: "... của bố mẹ không ạ", "... thì làm được không"."""
_I = frozenset(["toi", "em", "minh", "chau", "con", "anh", "chi", "bac", "chu"])
_NEEDS = frozenset(["can", "phai", "buoc", "doi", "thieu"])
_LACKS = (("khong", "co"), ("chua", "co"), ("thieu",), ("khong", "mang"), ("quen", "mang"))
_CARRIES = frozenset(
    ["phai", "mang", "dem", "cam", "nop", "kem", "xuat", "trinh", "co", "theo", "them", "ca", "to"]
) | frozenset(["ban", "cai", "tam", "giay", "dua", "cho", "xem"])
_LEADS = frozenset(
    ["the", "vay", "rua", "roi", "con", "a", "da", "thua", "oi", "em", "anh", "chi", "co", "chu"]
) | frozenset(["bac", "toi", "minh", "chau", "can", "bo", "cho", "hoi", "ma", "co", "bat", "nhat"])
_ASKS = frozenset(["khong", "chua", "sao", "gi", "nao", "ha"])


class NamesFileError(ValueError):
    """``names.yml`` is not usable; the message names the entry. Not retryable."""


@dataclass(frozen=True)
class Names:
    """The phrases of ``names.yml``, ready to be looked for."""

    names: Mapping[Phrase, str]
    hints: Mapping[Phrase, str]
    papers: frozenset[Phrase]
    before: frozenset[str]
    after: frozenset[str]
    longest: int

    def find(self, words: Words) -> tuple[str, ...]:
        """The procedures that ``words`` name or hint at, in order, each once."""
        found = [procedure for _, _, procedure in self._places(words, hints=True)]
        return tuple(dict.fromkeys(found))

    def only(self, words: Words) -> str | None:
        """The procedure when its name is all that is said; None otherwise."""
        places = self._places(words, hints=False)
        if len(places) != 1:
            return None
        start, end, procedure = places[0]
        said = self.before.issuperset(words[:start]) and self.after.issuperset(words[end:])
        return procedure if said else None

    def asks_for_paper(self, words: Words) -> bool:
        """Whether it asks about one paper to bring ("có cần mang hộ khẩu không")."""
        if len(words) > LONGEST_QUESTION or _ASKS.isdisjoint(words[-4:]):
            return False
        return any(
            self._is_paper(words, start + size)
            for start in range(len(words))
            if _LEADS.issuperset(words[:start])
            for size in _need(words, start)
        )

    def _is_paper(self, words: Words, start: int) -> bool:
        while start < len(words):
            sizes = [
                size
                for size in range(1, self.longest + 1)
                if tuple(words[start : start + size]) in self.papers
            ]
            if sizes:
                return len(words) - start - max(sizes) <= LONGEST_TAIL
            if words[start] not in _CARRIES:
                return False
            start += 1
        return False

    def _places(self, words: Words, *, hints: bool) -> list[tuple[int, int, str]]:
        places: list[tuple[int, int, str]] = []
        at = 0
        while at < len(words):
            size, procedure = self._at(words, at, hints)
            if procedure is not None:
                places.append((at, at + size, procedure))
            at += size
        return places

    def _at(self, words: Words, at: int, hints: bool) -> tuple[int, str | None]:
        """The longest phrase at ``at``: its length in words and its procedure."""
        for size in range(min(self.longest, len(words) - at), 0, -1):
            phrase = tuple(words[at : at + size])
            procedure = self.names.get(phrase) or (self.hints.get(phrase) if hints else None)
            if procedure is not None:
                return size, procedure
        return 1, None


def _need(words: Words, start: int) -> list[int]:
    """How many words from ``start`` on say that something is needed, or is not there."""
    wants = words[start] == "can" and start > 0 and words[start - 1] in _I  # "tôi cần trích lục"
    sizes = [1] if words[start] in _NEEDS and not wants else []
    return sizes + [len(p) for p in _LACKS if tuple(words[start : start + len(p)]) == p]


def load_names(path: Path = NAMES_FILE) -> Names:
    """Read ``names.yml``.

    Raises:
        NamesFileError: an unknown procedure, or a name that is in two entries.
        OSError: the file cannot be read.
    """
    data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    names, hints = _phrases(data["names"], path), _phrases(data["hints"], path)
    papers = frozenset(tuple(str(paper).split()) for paper in data["papers"])
    return Names(
        names=names,
        hints=hints,
        papers=papers,
        before=frozenset(data["before"].split()),
        after=frozenset(data["after"].split()),
        longest=max(len(phrase) for phrase in (*names, *hints, *papers)),
    )


def _phrases(entries: Mapping[str, Sequence[str]], path: Path) -> dict[Phrase, str]:
    phrases: dict[Phrase, str] = {}
    for procedure, written in entries.items():
        if procedure not in PROCEDURES:
            raise NamesFileError(f"{path.name}: no such procedure {procedure!r}")
        for name in written:
            phrase = tuple(str(name).split())
            if phrases.setdefault(phrase, procedure) != procedure:
                raise NamesFileError(f"{path.name}: {name!r} is in two entries")
    return phrases


@cache
def default_names() -> Names:
    """The shipped names, read once."""
    return load_names()
