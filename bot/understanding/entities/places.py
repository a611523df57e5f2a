"""Places: "xã Song Phượng huyện Đan Phượng", "phường Mễ Trì cũ", "tỉnh Hà Nam".

A place is looked for only after a word that says what it is (xã, phường, huyện ...), and
only names that exist are places: "xã mình" and "xã nào" are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.understanding.entities.kinds import Place
from bot.understanding.entities.place_names import (
    MARKS,
    Name,
    after_blank,
    kind_of,
    names_at,
    next_name,
)
from bot.understanding.entities.place_table import (
    SHORT_NAMES,
    OldUnit,
    PlaceTable,
    bare,
    place_table,
    plain_key,
)
from bot.understanding.entities.wording import Lowered, after

_ALSO_WORDS = frozenset(["biengioi", "trungtam", "vanhoa", "doanket", "tudo"])
"""Names that are also what a commune may be or have: "xã biên giới"."""
_GONE = after(
    r"\)?(?: thuộc)? ?\(?(?:cũ|trước đây|ngày trước|trước kia|trước khi sáp nhập|hồi trước)"
)
_NEW = after(r"\(?(?:mới|bây giờ|hiện nay)")


@dataclass(frozen=True, slots=True)
class Named:
    """A place at ``start``..``end`` of the lowered text."""

    start: int
    end: int
    place: Place
    role: str


def has_cue(low: Lowered) -> bool:
    """Whether a word that announces a place is there: nothing is loaded without one."""
    return MARKS.search(low.text) is not None


def places(low: Lowered, table: PlaceTable | None = None) -> Iterator[Named]:
    """The places that ``low`` names."""
    position = 0
    for mark in MARKS.finditer(low.text):
        if mark.start() < position:
            continue  # it belongs to the place before it
        named = _named(low, mark, table or place_table())
        if named is not None:
            position = named.end
            yield named


def _named(low: Lowered, mark: re.Match[str], table: PlaceTable) -> Named | None:
    if mark.lastgroup == "ward":
        return _ward(low, mark, table)
    found = None
    if mark.lastgroup in {"district", "city"}:
        found = _district(low, mark, table)
    if found is None and mark.lastgroup in {"province", "city"}:
        found = _province(low, mark, table)
    return found


# --- communes ---------------------------------------------------------------------------


def _ward(low: Lowered, mark: re.Match[str], table: PlaceTable) -> Named | None:
    begin = after_blank(low, mark.end())
    for name in names_at(low, begin, kind_of(mark)):
        old = [unit for unit in table.old.get(name.key, []) if name.fits(unit.name)]
        current = [unit for unit in table.current.get(name.key, []) if name.fits(_first(unit))]
        if (old or current) and _is_name(low, begin, name, old, table):
            return _resolved(low, mark.start(), name, old, current, table)
    return None


def _first(unit: str) -> str:
    """ "Xã Đan Phượng, Thành phố Hà Nội" -> "Xã Đan Phượng"."""
    return unit.partition(",")[0]


def _is_name(
    low: Lowered, begin: int, name: Name, old: Sequence[OldUnit], table: PlaceTable
) -> bool:
    """Short names ("xã Ba", "phường 2") are also plain words: they need more to go by."""
    words = low.text[begin : name.end]
    if len(words.split()) > 1 and plain_key(words) not in _ALSO_WORDS:
        return True
    capital = low.given[low.starts[begin]].isupper() and not low.given.isupper()
    return capital or _district_after(low, name.end, old, table) is not None


def _resolved(
    low: Lowered,
    start: int,
    name: Name,
    old: Sequence[OldUnit],
    current: Sequence[str],
    table: PlaceTable,
) -> Named:
    """Which of the units of that name is meant, as far as the words tell."""
    end = name.end
    district = _district_after(low, end, old, table)
    if district is not None:
        end, old = district
    end, province = _province_after(low, end, table)
    if province:
        old = [unit for unit in old if unit.province in province] or old
        current = [unit for unit in current if unit.rpartition(", ")[2] in province]
    gone, new = _GONE.match(low.text, end), _NEW.match(low.text, end)
    end = gone.end() if gone else end
    written = _written(low, start, name.end)
    if old and not new and (district or gone or not current):
        return Named(start, end, _old_place(old, written), "old")
    if current and (new or not old):
        return Named(start, end, _current_place(current, written), "current")
    if len(old) == len(current) == 1 and old[0].now == (current[0],):
        return Named(start, end, Place(current[0], (current[0],)), "current")
    return Named(start, end, Place(written), "unclear")


def _old_place(old: Sequence[OldUnit], written: str) -> Place:
    if len(old) == 1:
        return Place(old[0].full, old[0].now)
    names = {unit.name for unit in old}
    return Place(names.pop() if len(names) == 1 else written)


def _current_place(current: Sequence[str], written: str) -> Place:
    if len(current) == 1:
        return Place(current[0], (current[0],))
    names = {_first(unit) for unit in current}
    return Place(names.pop() if len(names) == 1 else written)


def _written(low: Lowered, start: int, end: int) -> str:
    first, last = low.span(start, end)
    return " ".join(low.given[first:last].split())


def _district_after(
    low: Lowered, position: int, old: Sequence[OldUnit], table: PlaceTable
) -> tuple[int, list[OldUnit]] | None:
    """Where the district that follows ends, and the units that it has of those in ``old``."""
    for name in names_at(low, next_name(low, position, ("district", "city"))):
        if name.key in table.districts:
            own = [u for u in old if plain_key(bare(u.district)) == name.key]
            own = [unit for unit in own if name.fits(bare(unit.district))]
            if own:
                return name.end, own
    return None


def _province_after(low: Lowered, position: int, table: PlaceTable) -> tuple[int, tuple[str, ...]]:
    """The province that follows: its names before and since the merger."""
    begin = next_name(low, position, ("province", "city"))
    for name in names_at(low, begin) if begin > position else ():
        found = _province_of(name, table)
        if found is not None:
            return name.end, found
    return position, ()


def _province_of(name: Name, table: PlaceTable) -> tuple[str, str] | None:
    found = table.provinces.get(name.key)
    if found is None or not (name.key in SHORT_NAMES or name.fits(bare(found[0]))):
        return None
    return found


# --- districts and provinces ------------------------------------------------------------


def _district(low: Lowered, mark: re.Match[str], table: PlaceTable) -> Named | None:
    """A district: since 2025 there is none, and no one unit stands in its place."""
    kind = plain_key(kind_of(mark))
    for name in names_at(low, after_blank(low, mark.end())):
        found = {
            (district, province)
            for district, province in table.districts.get(name.key, ())
            if name.fits(bare(district)) and plain_key(district) == kind + name.key
        }
        if not found:
            continue
        end, province = _province_after(low, name.end, table)
        if province:
            found = {pair for pair in found if pair[1] in province} or found
        gone = _GONE.match(low.text, end)
        names = {f"{district}, {above}" for district, above in found}
        official = names.pop() if len(names) == 1 else _written(low, mark.start(), name.end)
        return Named(mark.start(), gone.end() if gone else end, Place(official), "old")
    return None


def _province(low: Lowered, mark: re.Match[str], table: PlaceTable) -> Named | None:
    for name in names_at(low, after_blank(low, mark.end())):
        found = _province_of(name, table)
        if found is None:
            continue
        before, now = found
        gone = _GONE.match(low.text, name.end)
        end = gone.end() if gone else name.end
        if before != now:
            return Named(mark.start(), end, Place(before, (now,)), "old")
        # The old province of that name was smaller than today's.
        place = Place(before) if gone else Place(before, (now,))
        return Named(mark.start(), end, place, "unclear" if gone else "current")
    return None
