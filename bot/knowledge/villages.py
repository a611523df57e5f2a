"""Which village somebody means: "thôn Bến", "thon ben", "BEN", "xóm Bãi"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from bot.knowledge.model import Village
from bot.text import key

_KINDS: Final = re.compile(
    r"^(?:(?:thon|xom|ap|ban|buon|lang|khu pho|khu dan cu|khu|to dan pho|tdp|to|so)\s+)+"
)
_ZEROS: Final = re.compile(r"\b0+(?=\d)")


def find(villages: Sequence[Village], words: str) -> Village | None:
    """The one village that ``words`` name; None when none does, or more than one.

    As it is written, else without "thôn" and the like in front, else somewhere in a sentence.
    """
    said = _plain(words)
    if not said:
        return None
    fits: tuple[Callable[[Village], bool], ...] = (
        lambda village: said in _names(village),
        lambda village: _bare(said) in {_bare(name) for name in _names(village)},
        lambda village: any(f" {name} " in f" {said} " for name in _full_names(village)),
    )
    for fit in fits:
        found = [village for village in villages if fit(village)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def named(villages: Iterable[Village], village_key: str | None) -> str:
    """What a village is called; its key when the commune's file has it no longer."""
    for village in villages:
        if village.key == village_key:
            return village.name
    return village_key or "chưa rõ thôn"


def twice(villages: Sequence[Village]) -> list[tuple[int, str]]:
    """Names and keys that mean two villages: position of the second one, and the name."""
    found: list[tuple[int, str]] = []
    seen: dict[str, int] = {}
    for index, village in enumerate(villages):
        for name in (village.key, village.name, *village.aliases):
            if seen.setdefault(_plain(name), index) != index:
                found.append((index, name))
    return found


def _names(village: Village) -> set[str]:
    return {_plain(village.key), *_full_names(village)}


def _full_names(village: Village) -> set[str]:
    return {_plain(name) for name in (village.name, *village.aliases)}


def _plain(words: str) -> str:
    return _ZEROS.sub("", key(words))


def _bare(plain: str) -> str:
    return _KINDS.sub("", plain) or plain
