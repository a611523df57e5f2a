"""How easily texts are read: by the length of their sentences, and by their abbreviations.

Vietnamese writes each syllable as a word of its own, so that syllables are what is counted.
Nobody has measured a limit for citizens of seventy; ours are chosen: up to 20 is comfortable
to hear read aloud, 25 is one breath.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.knowledge import placeholders
from bot.knowledge.document import Document

MAX_SYLLABLES: Final = 25
COMFORTABLE: Final = 20

_SENTENCE: Final = re.compile(r"(?<=[.!?;:])\s+|\n+")
_SYLLABLE: Final = re.compile(r"[^\W_]+")
_ABBREVIATION: Final = re.compile(r"\b[A-ZĐ][A-ZĐ0-9]+\b")
EXPLAINED: Final = frozenset(
    [
        "ADN",  # as everybody says it
        "CT01",  # names printed on the forms that the citizen holds
        "CT02",
        "CT07",
        "CH",  # "CH Play", a name
        "DK",
        "DU",  # keywords to be sent by SMS
        "GAP",
        "GIO",
        "H56",  # how the code of a dossier begins
        "HN",
        "HS",
        "HUY",
        "NHAC",
        "OTP",  # what banks and VNeID call it
        "QR",
        "SIM",
        "SMS",
        "TIEP",
        "UBND",  # on every sign
        "XOA",
        "NFC",  # what the telephone calls it
    ]
)
"""Written in capitals and understood all the same. Keywords of procedures are known besides."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the content and where it stands."""

    file: str
    line: int
    text: str
    syllables: int


def sentences(text: str) -> Iterator[tuple[str, int]]:
    """The sentences of ``text`` (also parts between colons and semicolons), with their
    syllables."""
    for part in _SENTENCE.split(text):
        count = len(_SYLLABLE.findall(part))
        if count:
            yield part.strip(), count


def abbreviations(text: str, known: Iterable[str] = ()) -> list[str]:
    """The words in capitals that a reader may not know."""
    familiar = EXPLAINED.union(known)
    plain = placeholders.fill(text, lambda _: "")
    return [word for word in _ABBREVIATION.findall(plain) if word not in familiar]


SPOKEN: Final = frozenset({"long", "name", "where", "waived", "ask", "why", "label", "case"})
"""Fields of a content file that a citizen reads on Zalo and the web."""
_NOT_SPOKEN: Final = frozenset({"variants", "sources"})
"""Official names of procedures and laws; they are shown, but they are not ours to shorten."""


def spoken(document: Document) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts of a file that a citizen reads, with their places."""
    for path, text in document.texts():
        if path[-1] in SPOKEN and not _NOT_SPOKEN.intersection(path):
            yield path, text


def read_aloud(documents: Iterable[Document]) -> list[Sentence]:
    """Every sentence that citizens read, the longest first."""
    found = [
        Sentence(document.file, document.line(*path), sentence, count)
        for document in documents
        for path, text in spoken(document)
        for sentence, count in sentences(text)
    ]
    return sorted(found, key=lambda one: (-one.syllables, one.file, one.line))
