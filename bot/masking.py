"""Takes out of a citizen's words what tells who they are, before the words are kept to learn.

Identity numbers were masked on arrival (``bot.text.mask_ids``). Here go telephone numbers,
addresses of the net, codes of dossiers, dates, other long numbers and names of people. By
rules only, so that the same words are always masked in the same way, in any process.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from bot.person_names import find_names
from bot.text import MASK, mask_ids

NAME = "[tên]"
PHONE = "[số điện thoại]"
ADDRESS = "[địa chỉ mạng]"
DOSSIER = "[mã hồ sơ]"
DATE = "[ngày]"
YEAR = "[năm]"
NUMBER = "[số]"
MASKS = (MASK, NAME, PHONE, ADDRESS, DOSSIER, DATE, YEAR, NUMBER)

_LONG = 9
"""So many digits in groups are a number of something, and no amount of money."""

_NET = r"[^\s@]{1,64}@[^\s@]+\.\w+|(?:https?://|www\.)\S+"
_CODE = r"(?<!\w)(?:\d{1,3}\.)*[A-Za-z]\d{2}(?:[.\-]\d{1,6})+(?!\w)"
_DATE = (
    r"(?<![\d/])\d{1,2}\s?[/.\-]\s?\d{1,2}\s?[/.\-]\s?(?:\d{4}|\d{2})(?![\d/])"
    r"|(?<!\d)(?:19|20)\d{2}[/.\-]\d{1,2}[/.\-]\d{1,2}(?!\d)"
    r"|(?:ng[àa]y\s+)?(?<!\d)\d{1,2}\s+th[áa]ng\s+\d{1,2}\s+(?:n[ăa]m\s+)?\d{4}(?!\d)"
)
# After "sinh" a day without its year and a year alone tell a birthday as well.
_BORN = (
    r"(?P<cue>\b(?:sinh|đẻ|de|sn|ns)\b(?:\s*(?:v[àa]o|ng[àa]y|n[ăa]m|th[áa]ng|h[ôo]m|:))*\s*)"
    r"(?P<value>\d{1,2}\s?[/.\-]\s?\d{1,2}(?![\d/])|\d{1,2}\s+th[áa]ng\s+\d{1,2}(?!\d)"
    r"|(?P<year>(?:19|20)\d{2}(?!\d)|(?:(?<=n[ăa]m\s)|(?<=sn\s))\d{2}(?!\d)))"
)
_PHONE = r"(?<!\d)(?:\+\s?84|84|0)(?:[ .\-]?\d){8,10}(?!\d)"
_RUN = r"(?<![\w.])[A-Za-z]{0,2}\d{6,}(?!\d)"
_GROUPS = r"(?<!\d)\d{2,}(?:[ .\-]\d{2,})+(?!\d)"


def _born(found: re.Match[str]) -> str:
    return found["cue"] + (YEAR if found["year"] else DATE)


def _groups(found: re.Match[str]) -> str:
    digits = sum(c.isdigit() for c in found.group())
    return NUMBER if digits >= _LONG else found.group()


_RULES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), by)
    for pattern, by in (
        (_NET, ADDRESS),
        (_CODE, DOSSIER),
        (_DATE, DATE),
        (_BORN, _born),
        (_PHONE, PHONE),
        (_RUN, NUMBER),
        (_GROUPS, _groups),
    )
)
_MASKED = re.compile("|".join(re.escape(mask) for mask in MASKS))
_GAPS = re.compile(rf"(?:[ \t]*(?:{_MASKED.pattern}))+(?P<next>\w)?")


def mask(text: str) -> str:
    """Return ``text`` in NFC with a mask (:data:`MASKS`) for each thing that names a person."""
    text = mask_ids(unicodedata.normalize("NFC", text))
    for pattern, by in _RULES:
        text = pattern.sub(by, text)
    for start, end in reversed(find_names(text)):
        text = text[:start] + NAME + text[end:]
    return text


def without_masks(text: str) -> str:
    """``text`` without its masks and the blanks before them."""
    return _GAPS.sub(lambda gap: f" {gap['next']}" if gap["next"] else "", text).strip()


def has_words(text: str) -> bool:
    """Whether anything is left to learn from: a letter outside the masks."""
    return any(c.isalpha() for c in _MASKED.sub(" ", text))
