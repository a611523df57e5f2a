"""From replies to the messages of one channel: joined, numbered, cut to what it carries."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages import CAPABILITIES, Capabilities, Channel, Choice, OutgoingKind, Reply
from bot.segments import encoding_of
from bot.smstext import ANSWER_PARTS, Policy, break_at, pages, render

LIST_LEAD = "Bà con nhắn số để chọn:"
ACCENTED_CHARS = 134
"""Of two parts in UCS-2."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as it leaves."""

    text: str
    choices: tuple[Choice, ...] = ()
    kind: OutgoingKind = OutgoingKind.TEXT


@dataclass(frozen=True, slots=True)
class Composed:
    """The messages of one turn, what numbers mean after it, and what TIEP brings."""

    bubbles: tuple[Bubble, ...]
    numbered: tuple[str, ...]
    pages: tuple[str, ...] = ()


def compose(
    replies: Sequence[Reply],
    channel: Channel,
    prefix: Reply | None = None,
    *,
    accents: Policy = "never",
    parts: int = ANSWER_PARTS,
) -> Composed:
    """Render ``replies`` for ``channel``; ``prefix`` stands before the first of them.

    Args:
        accents: whether an SMS has diacritics.
        parts: so many parts at most has the first SMS; what is left comes when asked for (TIEP).
    """
    offered = next((r for r in reversed(replies) if r.choices or r.numbered), None)
    choices = offered.choices if offered else ()
    payload = tuple(c.payload for c in choices if c.payload)
    numbered = (offered.numbered or payload) if offered else ()
    limits = CAPABILITIES[channel]
    if limits.folded:
        texts = [prefix.short] if prefix else []
        texts += [r.short for r in replies if not r.asks_phone]
        menu = () if offered and offered.numbered else choices
        texts = sms_pages(" ".join(texts), menu, accents, parts)
        return Composed(tuple(Bubble(text) for text in texts[:1]), numbered, tuple(texts[1:]))
    texts = [r.long for r in replies if not r.asks_phone]
    if prefix:
        texts = [f"{prefix.long}\n\n{texts[0]}", *texts[1:]] if texts else [prefix.long]
    if limits.numbered:
        papers = offered.numbered if offered else ()
        bubbles = _listed(texts, _fit(choices, limits), limits, len(papers) + 1)
        return Composed(tuple(bubbles), (*papers, *payload))
    bubbles = [Bubble(piece) for text in texts for piece in cut(text, limits.max_chars)]
    if bubbles and choices:
        bubbles[-1] = Bubble(bubbles[-1].text, _fit(choices, limits))
    if limits.phone_form:
        bubbles += [Bubble(r.long, kind=OutgoingKind.ASK_PHONE) for r in replies if r.asks_phone]
    return Composed(tuple(bubbles), numbered)


def _listed(
    texts: Sequence[str], choices: Sequence[Choice], limits: Capabilities, first: int
) -> list[Bubble]:
    """A channel without buttons: the choices as numbered lines, links as they are.

    Papers to tick have the numbers before ``first``.
    """
    numbers = itertools.count(first)
    lines = [f"{next(numbers)}. {c.label}" if c.payload else f"{c.label}: {c.url}" for c in choices]
    menu = "\n".join([LIST_LEAD, *lines]) if lines else ""
    pieces = [piece for text in texts for piece in cut(text, limits.max_chars)]
    if menu and pieces and len(pieces[-1]) + len(menu) + 2 <= limits.max_chars:
        pieces[-1] += f"\n\n{menu}"
    elif menu:
        pieces.append(menu)
    return [Bubble(piece) for piece in pieces]


def next_page(pages: Sequence[str]) -> Composed:
    """The next page of a long SMS; numbers keep their meaning."""
    return Composed((Bubble(pages[0]),), (), tuple(pages[1:]))


def _fit(choices: tuple[Choice, ...], limits: Capabilities) -> tuple[Choice, ...]:
    return choices[: limits.max_choices]


def sms_pages(
    text: str, menu: Sequence[Choice] = (), accents: Policy = "never", parts: int = ANSWER_PARTS
) -> list[str]:
    """``text`` and its numbered menu as SMS texts, the first of at most ``parts`` parts."""
    options = [f"{n} {c.short or c.label}" for n, c in enumerate(menu, 1) if c.payload]
    links = [f"{c.label}: {c.url}" for c in menu if c.url]
    foot = "\n".join(part for part in (*links, "; ".join(options)) if part)
    return pages(text.strip(), accents, parts, foot=foot)


def pieces(text: str, channel: Channel, accents: Policy = "never") -> list[str]:
    """Words of a person as the messages of a channel; an SMS has two parts at most."""
    limits = CAPABILITIES[channel]
    if not limits.folded:
        return cut(text, limits.max_chars)
    said = render(text, accents)
    plain = encoding_of(said) == "GSM-7"
    return cut(said, limits.max_chars if plain else ACCENTED_CHARS)


def cut(text: str, limit: int) -> list[str]:
    """Cut ``text`` into pieces of at most ``limit`` characters, at the widest break there is."""
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        at = break_at(rest, limit)
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return [*pieces, rest] if rest else pieces
