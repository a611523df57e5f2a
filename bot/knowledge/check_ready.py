"""Rules about ready-made announcements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bot import segments
from bot.announcing import wording
from bot.knowledge import placeholders, reading
from bot.knowledge.check_texts import outside_gsm
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault
from bot.knowledge.model import Commune
from bot.knowledge.ready_texts import SAID, ReadyText

PARTS: Final = 2
"""SMS parts of a ready-made text as its examples fill it in."""


def ready_faults(
    document: Document, texts: Mapping[str, ReadyText], communes: Iterable[Commune]
) -> Iterator[ContentFault]:
    """Blanks that nobody asks for or that stand nowhere, texts too long or hard to read."""
    places = list(communes)
    for name, ready in texts.items():
        yield from _blanks(document, name, ready)
        example = ready.example
        for sentence, count in reading.sentences(example.text):
            if count > reading.MAX_SYLLABLES:
                start = " ".join(sentence.split()[:6])
                reason = f"câu dài {count} tiếng (nhiều nhất {reading.MAX_SYLLABLES}): {start} ..."
                yield document.fault(reason, name, "text")
        for word in reading.abbreviations(ready.text):
            yield document.fault(f"chữ viết tắt “{word}” chưa được giải thích", name, "text")
        yield from outside_gsm(document, example.sms, name, "sms")
        yield from _lengths(document, name, example, places)


def _blanks(document: Document, name: str, ready: ReadyText) -> Iterator[ContentFault]:
    used: set[str] = set()
    for field in SAID:
        for place in placeholders.find(getattr(ready, field)):
            used.add(place)
            if place not in ready.blanks:
                reason = f"chỗ trống “{{{place}}}” không có trong blanks"
                yield document.fault(reason, name, field)
    for blank in ready.blanks.keys() - used:
        yield document.fault(f"chỗ trống “{blank}” không dùng ở đâu", name, "blanks", blank)


def _lengths(
    document: Document, name: str, example: ReadyText, communes: Iterable[Commune]
) -> Iterator[ContentFault]:
    for commune in communes:
        sms = wording.sms(commune, example.sms, first=True)
        parts = segments.count(sms).parts
        if parts > PARTS:
            reason = f"SMS ở {commune.name} dài {parts} tin (nhiều nhất {PARTS}): {len(sms)} ký tự"
            yield document.fault(reason, name, "sms")
        for field, fault in wording.faults(commune, example.title, example.text, "x").items():
            yield document.fault(fault, name, field)
