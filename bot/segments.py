"""How many SMS a text costs (GSM 03.38 and UCS-2 arithmetic, fact sheet 2.1).

One message holds 160 septets or 70 UCS-2 units; each part of a longer one 153 or 67,
because 6 bytes say how the parts belong together. Characters of the extension table take
two septets and emoji two units; neither is cut in half between parts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Encoding = Literal["GSM-7", "UCS-2"]

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
_LIMITS: dict[Encoding, tuple[int, int]] = {"GSM-7": (160, 153), "UCS-2": (70, 67)}


@dataclass(frozen=True, slots=True)
class Segments:
    """``units``: septets or UCS-2 units of the whole text; ``parts``: SMS to pay for."""

    encoding: Encoding
    units: int
    parts: int


def encoding_of(text: str) -> Encoding:
    """GSM-7 when every character is in its tables, otherwise UCS-2 for the whole text."""
    return "GSM-7" if all(c in BASIC or c in EXTENSION for c in text) else "UCS-2"


def count(text: str) -> Segments:
    """Count ``text`` as it stands (bring it to NFC first); an empty text is one SMS."""
    encoding = encoding_of(text)
    units = sum(_width(c, encoding) for c in text)
    return Segments(encoding, units, len(split(text)))


def room(text: str) -> int:
    """How many more units fit the last part of ``text``."""
    encoding = encoding_of(text)
    single, each = _LIMITS[encoding]
    parts = split(text)
    used = sum(_width(c, encoding) for c in parts[-1])
    return (single if len(parts) == 1 else each) - used


def split(text: str) -> list[str]:
    """Cut ``text`` into the parts that go over the air."""
    encoding = encoding_of(text)
    single, each = _LIMITS[encoding]
    widths = [_width(c, encoding) for c in text]
    if sum(widths) <= single:
        return [text]
    parts, start, used = [], 0, 0
    for index, width in enumerate(widths):
        if used + width > each:
            parts.append(text[start:index])
            start, used = index, 0
        used += width
    return [*parts, text[start:]]


def _width(character: str, encoding: Encoding) -> int:
    if encoding == "GSM-7":
        return 2 if character in EXTENSION else 1
    return 2 if ord(character) > 0xFFFF else 1
