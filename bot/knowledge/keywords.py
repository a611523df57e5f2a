"""The keyword grammar of a commune: what is shipped, its own words, the names of its villages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from bot.knowledge import villages
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.model import Commune, OwnKeyword, Village
from bot.text import key
from bot.understanding.keywords import (
    KeywordGrammar,
    Own,
    conflicts,
    default_grammar,
    laid_over,
)


def grammar_of(commune: Commune) -> KeywordGrammar:
    """What counts as a keyword there; words that cannot be used are left out."""
    return _grammar(commune.keywords, commune.villages)


@lru_cache(maxsize=512)
def _grammar(words: tuple[OwnKeyword, ...], places: tuple[Village, ...]) -> KeywordGrammar:
    def village(said: str) -> str | None:
        return _village(places, said)

    return laid_over(default_grammar(), _own(words), village)


_AT: Final = re.compile(r"^(?:(?:o|tai|thuoc|cho|la|nha em|nha toi)\s+)+")


def _village(places: tuple[Village, ...], said: str) -> str | None:
    """The village that is named and no more: "đk kết hôn ở thôn Bến" asks for something else."""
    words = _AT.sub("", key(said))
    found = villages.find(places, words)
    if found is None:
        return None
    longest = max(len(key(name).split()) for name in (found.name, *found.aliases))
    return found.key if len(words.split()) <= longest else None


def _own(words: tuple[OwnKeyword, ...]) -> Own:
    return [(entry.words, entry.means) for entry in words]


def keyword_faults(document: Document, commune: Commune) -> Iterator[ContentFault]:
    """Words that mean something else already, or that nothing answers to."""
    for wrong in conflicts(default_grammar(), _own(commune.keywords)):
        place: tuple[str | int, ...] = ("keywords", wrong.entry, "means")
        if wrong.word is not None:
            place = _place(document, wrong.entry, wrong.word)
        yield document.fault(wrong.reason, *place)
    yield from _village_faults(document, commune)


def _place(document: Document, entry: int, word: int) -> tuple[str | int, ...]:
    """A single word is written without a list."""
    written = document.data["keywords"][entry]["words"]
    return ("keywords", entry, "words", *([word] if isinstance(written, list) else []))


def _village_faults(document: Document, commune: Commune) -> Iterator[ContentFault]:
    """ "DK KS" asks how a birth is registered: no village may be called so."""
    for index, village in enumerate(commune.villages):
        for name in (village.key, village.name, *village.aliases):
            taken = default_grammar().match(f"DK {key(name)}")
            if taken is not None and taken.name != "subscribe":
                reason = f"tên “{name}” trùng từ khoá “{taken.name}”"
                yield document.fault(reason, "villages", index)
