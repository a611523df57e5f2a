"""The same question as people type it: without marks, raw Telex, glued, with slips.

Deterministic: what happens to a text follows from a seed (the row's id), so that figures
of two days can be compared. Text in, text out; never raises.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from random import Random
from typing import Final

from bot.text import fold
from bot.understanding.evaluation.rows import Row

WRITTEN_PLAINLY: Final = frozenset({"accented", "clear", "real"})
"""Kinds of rows to make views of."""
FOLDED: Final = "folded"

_WORD = re.compile(r"[^\W\d_]+")
_GAP = re.compile(r"(?<=\w) (?=\w)")
_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_CIRCUMFLEX, _HOOKS = "\u0302", {"\u0306", "\u031b"}
_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_MANY = 6
"""From so many places on, two of them may be spoilt."""


def unaccented(text: str, random: Random) -> str:
    """No diacritics at all."""
    return fold(unicodedata.normalize("NFC", text))


def half(text: str, random: Random) -> str:
    """Diacritics left out in half of the words that have some, one at least."""
    text = unicodedata.normalize("NFC", text)
    marked = [word for word in _WORD.finditer(text) if fold(word.group()) != word.group()]
    chosen = random.sample(marked, k=max(len(marked) // 2, 1)) if marked else []
    return _replaced(text, {word.span(): fold(word.group()) for word in chosen})


def telex(text: str, random: Random) -> str:
    """Telex codes as they are typed where no Vietnamese keyboard is on ("giaays")."""
    at_end = random.random() < 0.7  # most people type the tone after the whole syllable
    text = unicodedata.normalize("NFC", text)
    return _WORD.sub(lambda word: _typed(word.group(), at_end), text)


def glued(text: str, random: Random) -> str:
    """One or two spaces lost between words."""
    gaps = [gap.span() for gap in _GAP.finditer(text)]
    return _replaced(text, dict.fromkeys(_some(gaps, random), ""))


def typos(text: str, random: Random) -> str:
    """One or two slips: letters swapped, dropped, doubled, or the key beside hit."""
    text = unicodedata.normalize("NFC", text)
    words = list(_WORD.finditer(text))
    long = [word for word in words if len(word.group()) > 2] or words
    chosen = _some([word.span() for word in long], random)
    return _replaced(text, {span: _slip(text[slice(*span)], random) for span in chosen})


View = Callable[[str, Random], str]

VIEWS: Final[Mapping[str, View]] = {
    "unaccented": unaccented,
    "half": half,
    "telex": telex,
    "glued": glued,
    "typos": typos,
}


def view(row: Row, name: str) -> Row:
    """``row`` as :data:`VIEWS` ``[name]`` writes it: same labels, ``row`` its parent."""
    text = VIEWS[name](row.text, Random(f"{name}:{row.id}"))
    return replace(row, id=f"{row.id}~{name}", text=text, kind=name, parent=row.id)


def derive(rows: Iterable[Row], name: str, most: int) -> list[Row]:
    """At most ``most`` rows of the view ``name``, in order, spread over ``rows``.

    Of questions that are written plainly and that the view changes.
    """
    plain = [row for row in rows if row.kind in WRITTEN_PLAINLY]
    made = [new for row in plain if (new := view(row, name)).text != row.text]
    kept = set(sorted((new.id for new in made), key=_shuffled)[:most])
    return [new for new in made if new.id in kept]


def folded_rows(rows: Iterable[Row]) -> list[Row]:
    """Every accented row once more without diacritics, ``kind`` :data:`FOLDED`.

    Rows that are derived themselves are left out.
    """
    written = (row for row in rows if row.kind not in VIEWS and fold(row.text) != row.text)
    return [
        replace(row, id=f"{row.id}~{FOLDED}", text=fold(row.text), kind=FOLDED, parent=row.id)
        for row in written
    ]


def _shuffled(row_id: str) -> str:
    return hashlib.sha256(row_id.encode(errors="replace")).hexdigest()


def _some(places: list[tuple[int, int]], random: Random) -> list[tuple[int, int]]:
    """One or two of ``places``; none of none."""
    count = 2 if len(places) >= _MANY and random.random() < 0.5 else 1
    return random.sample(places, k=min(count, len(places)))


def _replaced(text: str, changes: Mapping[tuple[int, int], str]) -> str:
    for (start, end), new in sorted(changes.items(), reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _typed(word: str, at_end: bool) -> str:
    """The keys of one word."""
    shouted = len(word) > 1 and word.isupper()
    keys, tone = "", ""
    for letter in word.replace("đ", "dd").replace("Đ", "DD" if shouted else "Dd"):
        decomposed = unicodedata.normalize("NFD", letter)
        base, marks = decomposed[0], decomposed[1:]
        keys += base
        for mark in marks:
            if mark == _CIRCUMFLEX:
                keys += base if shouted else base.lower()
            elif mark in _HOOKS:
                keys += "W" if shouted else "w"
            elif mark in _TONES:
                tone = _TONES[mark].upper() if shouted else _TONES[mark]
            else:
                keys += mark
        if not at_end:
            keys, tone = keys + tone, ""
    return re.sub("uwow", "uow", keys, flags=re.IGNORECASE) + tone


def _slip(word: str, random: Random) -> str:
    """``word`` with one slip; the same only where every slip leaves it so."""
    at = random.randrange(len(word))
    before, letter, after = word[:at], word[at], word[at + 1 :]
    slips = [
        before + after[:1] + letter + after[1:],
        before + after,
        before + letter + letter + after,
        before + _beside(letter, random) + after,
    ]
    if len(word) == 1:
        slips.remove("")  # a word does not vanish
    changed = [slip for slip in slips if slip != word]
    return random.choice(changed)


def _beside(letter: str, random: Random) -> str:
    """A key beside ``letter``; itself when it is no plain letter."""
    for row in _KEYBOARD:
        at = row.find(letter)
        if letter and at >= 0:
            return random.choice(row[max(at - 1, 0) : at] + row[at + 1 : at + 2])
    return letter
