"""Communes, districts and provinces before and after 1 July 2025, from underthesea's table.

Only its data file is read, when the first text names a place: to import underthesea takes
0.5 s and 85 MB. Its ``convert_address`` is not used for another reason too: it needs commas
and a province, takes a commune of another district when the one that was said has none of
that name, and picks one successor of a divided commune without saying so.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from sys import intern
from typing import Any

from bot.text import fold

SHORT_NAMES = {"hcm": "hochiminh", "hn": "hanoi"}
_TONES = "\u0300\u0301\u0303\u0309\u0323"


@dataclass(frozen=True, slots=True)
class OldUnit:
    """A commune-level unit of before the merger and what stands in its place."""

    name: str
    district: str
    province: str
    now: tuple[str, ...]
    """With their province; none when the table does not tell all of them."""

    @property
    def full(self) -> str:
        """The name with district and province."""
        return f"{self.name}, {self.district}, {self.province}"


@dataclass(slots=True)
class PlaceTable:
    """Names of units by :func:`plain_key`. Keys of districts and provinces have no prefix."""

    old: dict[str, list[OldUnit]] = field(default_factory=dict)
    current: dict[str, list[str]] = field(default_factory=dict)
    """Communes of today, "Xã Đan Phượng, Thành phố Hà Nội"."""
    districts: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    """(district, province)."""
    provinces: dict[str, tuple[str, str]] = field(default_factory=dict)
    """(old name, name of today); also new provinces by themselves."""


def plain_key(name: str) -> str:
    """Folded, lower case, nothing but letters and digits."""
    return "".join(c for c in fold(name).lower() if c.isalnum())


def spelling(name: str) -> str:
    """Lower case with diacritics, wherever the tone is written ("hoà" is "hòa")."""
    return " ".join(_syllable(word) for word in name.lower().replace("-", " ").split())


def _syllable(word: str) -> str:
    marks = unicodedata.normalize("NFD", word)
    return "".join(c for c in marks if c not in _TONES) + "".join(c for c in marks if c in _TONES)


def bare(name: str) -> str:
    """The name without what kind of unit it is: "Huyện Đan Phượng" -> "Đan Phượng"."""
    words = name.split()
    return " ".join(words[2 if fold(words[0]).lower() in {"thi", "thanh", "dac"} else 1 :])


@cache
def place_table() -> PlaceTable:
    """The table; an empty one when underthesea ships none where it used to."""
    spec = find_spec("underthesea")  # finds the folder, imports nothing
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "address" / "data" / "mapping.json"
        try:
            return read_table(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return PlaceTable()


def read_table(data: Mapping[str, Any]) -> PlaceTable:
    """Index the mapping.

    Raises:
        KeyError, TypeError: it is not laid out as it used to be.
    """
    rows = [row for row in data["ward_mapping"] if row["old_ward"] and row["old_district"]]
    table = PlaceTable()
    keys = {row["old_ward"]: row["old_ward_key"] for row in rows}
    for unit in _old_units(rows):
        table.old.setdefault(keys[unit.name], []).append(unit)
    for district in {(row["old_district"], row["old_province"]) for row in rows}:
        table.districts.setdefault(plain_key(bare(district[0])), set()).add(district)
    for row in data["ward_mapping"]:
        units = table.current.setdefault(row["new_ward_key"], [])
        name = intern(f"{row['new_ward']}, {row['new_province']}")
        if row["new_ward"] and name not in units:
            units.append(name)
    names = {key: info["name"] for key, info in data["province_names"].items()}
    for name in names.values():
        table.provinces[plain_key(bare(name))] = (name, name)
    for key, info in data["old_province_names"].items():
        now = names[data["province_mapping"][key]]
        table.provinces.setdefault(plain_key(bare(info["name"])), (info["name"], now))
    for short, key in SHORT_NAMES.items():
        if key in table.provinces:
            table.provinces[short] = table.provinces[key]
    return table


def _old_units(rows: Iterable[Mapping[str, str]]) -> Iterator[OldUnit]:
    """One unit for all rows of it: a divided one has a row for each successor."""
    successors: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        old = (row["old_ward"], intern(row["old_district"]), intern(row["old_province"]))
        now = intern(f"{row['new_ward']}, {row['new_province']}") if row["new_ward"] else ""
        successors.setdefault(old, []).append(now)
    for (name, district, province), units in successors.items():
        told = tuple(dict.fromkeys(units)) if all(units) else ()
        yield OldUnit(name, district, province, told)
