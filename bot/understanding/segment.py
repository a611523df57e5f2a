"""Vietnamese word segmentation with spans that are always true.

underthesea rewrites what it segments (spaces, and with its normalisation even
letters) and reads "0912.345.678 nhắn" as one word. So: things that are not words are
taken out first, its own normalisation stays off, and its output is laid over the
text syllable by syllable; what cannot be found is left out instead of raising.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

MAX_SEGMENTED = 2000
"""Characters handed to underthesea; the rest of a text is split at spaces."""
MAX_WORD = 40
"""A longer run without a space is not a word and is not segmented."""

Segmenter = Callable[[str], Sequence[str]]

_THINGS: dict[str, str] = {
    "url": r"https?://\S+|www\.\S+",
    "email": r"[\w.+-]+@[\w-]+\.[\w.-]+",
    # H01.02.03-250701-0001, 000.00.00.H01-240105-0012
    "dossier": r"(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Z]\d{2}(?:\.\d+)*-\d{6}-\d{3,6}",
    "date": r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}|\d{1,2}/\d{1,2}/\d{2}|\d{1,2}/\d{4}",
    "phone": r"(?:\+?84|0)(?:[ .\-]?\d){9,10}",
    "number": r"\d{9,}",
    "run": rf"\S{{{MAX_WORD + 1},}}",
}
_THING = re.compile(
    "|".join(rf"(?P<{kind}>(?<![^\W_]){body}(?![^\W_]))" for kind, body in _THINGS.items()),
    re.IGNORECASE,
)
_PLAIN = re.compile(r"[^\W_]+|[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text: ``text[start:end]``; ``kind`` is ``word`` or a thing's name."""

    start: int
    end: int
    kind: str = "word"


def segment(text: str, segmenter: Segmenter | None = None) -> list[Span]:
    """Split ``text`` into words and things. Never raises.

    Spans are in order, do not overlap, are not empty and index ``text`` as given, even
    when it is not NFC (``segmenter`` always sees NFC).
    """
    nfc, offsets = _nfc_with_offsets(text)
    spans = _segment_nfc(nfc, segmenter or underthesea_segmenter())
    if offsets is None:
        return spans
    return [Span(offsets[span.start], offsets[span.end], span.kind) for span in spans]


def tokens(text: str) -> list[tuple[str, str]]:
    """Text and kind of each span, as the classifier reads them."""
    return [(text[span.start : span.end], span.kind) for span in segment(text)]


def _segment_nfc(text: str, segmenter: Segmenter) -> list[Span]:
    spans: list[Span] = []
    position = 0
    for found in _THING.finditer(text):
        spans += _words(text, position, found.start(), segmenter)
        spans.append(Span(found.start(), found.end(), found.lastgroup or "run"))
        position = found.end()
    return spans + _words(text, position, len(text), segmenter)


def _words(text: str, start: int, end: int, segmenter: Segmenter) -> list[Span]:
    if not text[start:end].strip():
        return []
    if end > MAX_SEGMENTED:
        return [Span(m.start(), m.end()) for m in _PLAIN.finditer(text, start, end)]
    try:
        words = segmenter(text[start:end])
    except Exception:  # a library's failure on odd text must not stop an answer
        words = _PLAIN.findall(text, start, end)
    return list(_align(words, text, start, end))


def _align(words: Sequence[str], text: str, start: int, end: int) -> Iterator[Span]:
    """Lay ``words`` (syllables joined by spaces) over ``text[start:end]``."""
    position = start
    for word in words:
        first = last = -1
        for syllable in word.split():
            at = text.find(syllable, position, end)
            if at < 0:
                continue
            first, last = (at if first < 0 else first), at + len(syllable)
            position = last
        if last > first >= 0:
            yield Span(first, last)


def _nfc_with_offsets(text: str) -> tuple[str, list[int] | None]:
    """NFC of ``text``; where it differs, also the offset in ``text`` of each position."""
    nfc = unicodedata.normalize("NFC", text)
    if nfc == text:
        return text, None
    composed: list[str] = []
    offsets: list[int] = []
    for start, end in _clusters(text):
        part = unicodedata.normalize("NFC", text[start:end])
        composed.append(part)
        offsets += [start] + [end] * (len(part) - 1)
    return "".join(composed), [*offsets, len(text)]


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Bounds of each letter together with the combining marks that follow it."""
    start = 0
    for index in range(1, len(text)):
        if not unicodedata.combining(text[index]):
            yield start, index
            start = index
    if text:
        yield start, len(text)


@cache
def underthesea_segmenter() -> Segmenter:
    """underthesea's word segmentation, its model loaded on the first call."""
    from underthesea.pipeline.word_tokenize import word_tokenize

    def split(text: str) -> Sequence[str]:
        words: list[str] = word_tokenize(text, use_token_normalize=False)
        return words

    return split
