"""The ``{...}`` places in texts: finding and filling them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

PLACE = re.compile(r"\{([^{}]*)\}")
_BRACE = re.compile(r"[{}]")


def find(text: str) -> Iterator[str]:
    """The names between braces in ``text``, in order; a stray brace yields itself."""
    for match in PLACE.finditer(text):
        yield match.group(1)
    yield from _BRACE.findall(PLACE.sub("", text))


def find_in(tree: Any) -> Iterator[str]:
    """The same for every text of plain data (mappings, lists, texts)."""
    if isinstance(tree, str):
        yield from find(tree)
    elif isinstance(tree, Mapping):
        for item in tree.values():
            yield from find_in(item)
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from find_in(item)


def fill(text: str, value: Callable[[str], str | None]) -> str:
    """``text`` with each ``{name}`` replaced by ``value(name)``, where that is not none."""

    def one(match: re.Match[str]) -> str:
        filled = value(match.group(1))
        return match.group() if filled is None else filled

    return PLACE.sub(one, text)


def fill_tree(tree: Any, value: Callable[[str], str | None]) -> Any:
    """A copy of plain data (mappings, lists, texts) with every text in it filled."""
    if isinstance(tree, str):
        return fill(tree, value)
    if isinstance(tree, list | tuple):
        return [fill_tree(item, value) for item in tree]
    if isinstance(tree, dict):
        return {name: fill_tree(item, value) for name, item in tree.items()}
    return tree


def show(value: int | str) -> str:
    """A fact's value as people write it: 8000 -> "8.000"."""
    return f"{value:,}".replace(",", ".") if isinstance(value, int) else value
