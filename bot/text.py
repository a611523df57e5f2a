"""Small text functions that every room needs: cleaning, folding, masking.

Vietnamese text arrives in NFC or NFD and often without diacritics. Everything is
brought to NFC on arrival; :func:`fold` gives the unaccented view that SMS sends and
that matching uses.
"""

from __future__ import annotations

import re
import unicodedata

MAX_TEXT = 4000
"""Longest citizen text that is kept, in characters (Zalo itself allows 2,000)."""

_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
DOSSIER = (
    r"(?:\d{3}\.\d{2}\.\d{2}\.)?[A-Za-z]\d{2}(?:\.\d{1,3}){0,5}\s?-\s?\d{6}\s?-\s?\d{4,6}(?!\d)"
)
"""A pattern of a dossier's code (000.00.08.H56-231120-0001), by which the officer finds it."""
_GAP = r"\s?[.\-–_]?\s?"
_DAY = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_BEGINS = r"(?:(?<![A-Za-z])|(?<=[Hh][Ss])|(?<=[Nn][Hh][Aa][Cc])|(?<=[Hh][Uu][Yy]))"
DOSSIER_LOOSE = rf"{_BEGINS}[Hh]\d{{2}}(?:\.\d{{1,3}}){{0,5}}{_GAP}{_DAY}{_GAP}\d{{4,6}}(?!\d)"
"""The same as a keypad phone types it: "h56 231120 0001", "HSH562311200001"; only with a province's
letter and a real day, because twelve digits in a row may also be an identity number."""
# 12 digits (thẻ căn cước / CCCD), also typed in groups: 001 090 012 345, 0010.9001-2345
_ID_12 = r"(?<![\d+])\d(?:\s?[.,\-–—_]?\s?\d){11}(?!\d)"
# 9 digits (old CMND): a phone number has 10 or starts with 84, so nine in a row is an ID.
_ID_9 = r"(?<![\d+])\d{9}(?!\d)"
_IDS = re.compile(f"(?P<dossier>{DOSSIER}|{DOSSIER_LOOSE})|{_ID_12}|{_ID_9}")
_PHONE = re.compile(r"(?<!\d)(?:0[35789]\d{8}|84[35789]\d{8}|0[35789]\d\d \d{3} \d{3})(?!\d)")
MASK = "[số giấy tờ đã che]"


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Return ``text`` in NFC without control characters, at most ``limit`` characters.

    Null bytes go because PostgreSQL cannot store them, bidirectional and zero-width
    marks because they hide what was written. Line breaks and tabs stay.
    """
    text = _LONE_SURROGATE.sub("", text[: limit * 4])
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text))
    return text[:limit].strip()


def fold(text: str) -> str:
    """Return ``text`` without Vietnamese diacritics, case kept (``Đường`` -> ``Duong``)."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def key(text: str) -> str:
    """Return the matching key: folded, lower case, punctuation to spaces, single spaces."""
    folded = fold(unicodedata.normalize("NFC", text)).lower()
    return " ".join(re.sub(r"[^0-9a-z]+", " ", folded).split())


def mask_ids(text: str) -> str:
    """Replace identity-card numbers (12 digits, or 9 of the old card) with a mask.

    Phone numbers (10 digits, or 84 and 9 digits) stay, also with a number beside them
    ("0912345678 15h"): a citizen gives one for a reminder. Codes of dossiers stay too.
    """

    def mask(found: re.Match[str]) -> str:
        kept = found["dossier"] or _PHONE.search(re.sub(r"\D+", " ", found.group()))
        return found.group() if kept else MASK

    return _IDS.sub(mask, text)


_LONGEST_NUMBER = 48
"""Characters of an identity number with a mark between its digits, and what follows it."""


def for_keeping(text: str) -> str:
    """A citizen's words as they are stored: clean, identity numbers masked, cut."""
    # Masked before the cut: half a number would not be recognised any more.
    return mask_ids(clean(text, MAX_TEXT + _LONGEST_NUMBER))[:MAX_TEXT]


_PLAIN = str.maketrans(
    {"–": "-", "—": "-", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "•": "-", "`": "'",
     "[": "(", "]": ")", "{": "(", "}": ")", "\\": "/", "^": "", "~": "-", "|": "/", "\t": " "}
)  # fmt: skip


def for_sms(text: str) -> str:
    """Return ``text`` as one septet a character (GSM 03.38 basic set): no diacritics.

    Typographic marks become plain ones; what has no plain form (emoji) is dropped.
    """
    folded = fold(unicodedata.normalize("NFC", text)).translate(_PLAIN)
    kept = "".join(c for c in folded if c == "\n" or " " <= c <= "~")
    return "\n".join(" ".join(line.split()) for line in kept.split("\n")).strip()
