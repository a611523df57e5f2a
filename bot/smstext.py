"""The text of an SMS: with or without diacritics, in parts, at a price, on a small screen.

One letter such as ``ạ`` or ``đ`` makes a whole message UCS-2: 70 units in place of 160. So a
commune says what it pays for (``sms.accents`` of its file):

* ``never``: without diacritics;
* ``when_free``: with them wherever that takes no more parts;
* ``always``: with them.

A long text is cut into pages of so many *parts* of the encoding that it really has.
"""

from __future__ import annotations

import textwrap
import unicodedata
from dataclasses import dataclass
from typing import Literal

from bot.segments import Encoding, count, room
from bot.text import for_sms

Policy = Literal["never", "when_free", "always"]

MORE = " (nhắn TIEP xem tiếp)"
"""Ends every page that another one follows."""
KEYWORD_PARTS, ANSWER_PARTS = 1, 2
"""An answer to a keyword begins with one part, one to free text with two."""
SHORT_FOOT = 40
"""Choices of so many letters leave room for an answer beside them."""
COLUMNS = 16
"""Letters in a line of an old phone."""
BREAKS = ("\n\n", "\n", ". ", "; ", ", ", " ")
"""Where a text may be cut, the best place first."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A text as it leaves: ``units`` in its encoding, ``room`` for so many more in its last
    part, ``price`` of all parts in đồng."""

    text: str
    encoding: Encoding
    units: int
    room: int
    parts: int
    price: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a citizen would get, and what both ways of writing it cost."""

    text: str
    folded: bool
    encoding: Encoding
    units: int
    parts: int
    price_each: int
    price_total: int
    lines: tuple[str, ...]
    """As the screen of an old phone shows it."""
    plain: Cost
    """Without diacritics."""
    accented: Cost
    """With them."""


def render(text: str, policy: Policy = "never") -> str:
    """``text`` as it leaves under a commune's policy."""
    plain = for_sms(text)
    if policy == "never":
        return plain
    full = accented(text)
    free = count(full).parts <= count(plain).parts
    return full if policy == "always" or free else plain


def accented(text: str) -> str:
    """``text`` in NFC with its diacritics; typographic marks become plain ones, what has no
    plain form (emoji) is dropped."""
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(c if c.isalpha() or c.isdecimal() or c == "\n" else _mark(c) for c in composed)
    return "\n".join(" ".join(line.split()) for line in kept.split("\n")).strip()


def _mark(character: str) -> str:
    return " " if character.isspace() else for_sms(character)


def preview(text: str, policy: Policy = "never", price: int = 0, columns: int = COLUMNS) -> Preview:
    """What ``text`` becomes as an SMS at ``price`` đồng a part."""
    plain, full = _cost(for_sms(text), price), _cost(accented(text), price)
    sent = render(text, policy)
    chosen = plain if sent == plain.text else full
    return Preview(
        text=sent,
        folded=chosen is plain,
        encoding=chosen.encoding,
        units=chosen.units,
        parts=chosen.parts,
        price_each=price,
        price_total=chosen.price,
        lines=tuple(wrapped(sent, columns)),
        plain=plain,
        accented=full,
    )


def _cost(text: str, price: int) -> Cost:
    counted = count(text)
    parts = counted.parts
    return Cost(text, counted.encoding, counted.units, room(text), parts, parts * price)


def wrapped(text: str, columns: int = COLUMNS) -> list[str]:
    """``text`` in lines of ``columns`` letters, as an old phone breaks them."""
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(line, columns, break_on_hyphens=False) or [""]
    return lines


# --- pages ------------------------------------------------------------------------------


def pages(
    text: str,
    policy: Policy = "never",
    first: int = ANSWER_PARTS,
    rest: int = ANSWER_PARTS,
    foot: str = "",
) -> list[str]:
    """``text`` as texts of at most ``first`` parts (the first of them; with diacritics two) or
    ``rest`` parts; all but the last say that more follows. None for an empty text.

    Args:
        foot: the choices below the text. Where the first text is one part only and cannot hold
            all, it holds them none the less, if they are short.
    """
    plain = _paged(for_sms(text), for_sms(foot), f" {for_sms(MORE)}", first, rest)
    if policy == "never":
        return plain
    # One part with diacritics holds a line and a half: it would say nothing.
    full = _paged(accented(text), accented(foot), MORE, max(first, ANSWER_PARTS), rest)
    return full if policy == "always" or _parts(full) <= _parts(plain) else plain


def _parts(texts: list[str]) -> int:
    return sum(count(text).parts for text in texts)


def _paged(text: str, foot: str, more: str, first: int, rest: int) -> list[str]:
    whole = "\n".join(part for part in (text, foot) if part)
    if count(whole).parts <= first:
        return [whole] if whole else []
    with_foot = text and first == KEYWORD_PARTS and 0 < len(foot) <= SHORT_FOOT
    tail = f"\n{foot}{more}" if with_foot else more
    page, left = _cut(text if with_foot else whole, tail, first)
    found = [page]
    while count(left).parts > rest:
        page, left = _cut(left, more, rest)
        found.append(page)
    return [*found, left]


def _cut(text: str, tail: str, parts: int) -> tuple[str, str]:
    """The first page of ``text`` with its tail, and what is left."""
    at = break_at(text, _longest(text, tail, parts))
    return text[:at].rstrip() + tail, text[at:].lstrip()


def _longest(text: str, more: str, parts: int) -> int:
    """How many letters of ``text`` fit ``parts`` together with ``more``."""
    fits, too_many = 1, len(text) + 1
    while too_many - fits > 1:
        middle = (fits + too_many) // 2
        if count(text[:middle] + more).parts <= parts:
            fits = middle
        else:
            too_many = middle
    return fits


def break_at(text: str, limit: int) -> int:
    """Where to cut ``text`` so that at most ``limit`` letters stand before it, at the widest
    break that is not too near the beginning."""
    window = text[: limit + 1]
    for mark in BREAKS:
        at = window.rfind(mark)
        if at > limit // 3:
            return min(at + len(mark), limit)
    return limit
