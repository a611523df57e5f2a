"""Reading a place's name: the word that announces it, and the words that may belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.text import fold
from bot.understanding.entities.place_table import plain_key, spelling
from bot.understanding.entities.wording import Lowered, pattern

LONGEST_NAME = 5
"""Words of a unit's name."""
_LEVELS = {
    "ward": "xã|phường|thị trấn|đặc khu|x[.]|p[.]|tt[.]",
    "district": "huyện|quận|thị xã|h[.]|q[.]|tx[.]?",
    "city": "thành phố|tp[.]?",
    "province": "tỉnh|t[.]",
}
_MARK = pattern("|".join(f"(?P<{level}>{words})" for level, words in _LEVELS.items())).pattern
MARKS = re.compile(_MARK.replace(r"(?!\w)", r"(?=\s|(?<=[.])\w)"))
"""Words that announce a place; the group tells of which level."""
_FULL = {
    "x": "xã", "p": "phường", "tt": "thị trấn", "h": "huyện", "q": "quận", "tx": "thị xã",
    "tp": "thành phố", "t": "tỉnh",
}  # fmt: skip
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_BLANK = re.compile(r"\s*")
_JOIN = re.compile(r"\s*[,\-–(]?\s*(?:(?:thuộc|của|ở|tại)\s+)?")


@dataclass(frozen=True, slots=True)
class Name:
    """A name that was read: its key, how it was written and where it ends."""

    key: str
    said: str
    end: int
    accented: bool

    def fits(self, official: str) -> bool:
        """Whether ``official`` is spelt so, as far as diacritics were typed."""
        return not self.accented or spelling(official) == spelling(self.said)


def kind_of(mark: re.Match[str]) -> str:
    """What kind of unit a mark announces, written out: "q." is "quận"."""
    said = " ".join(mark.group().rstrip(".").split())
    return _FULL.get(said, said)


def names_at(low: Lowered, start: int, kind: str = "") -> Iterator[Name]:
    """What may be a name at ``start``, the longest first; with ``kind`` before it."""
    ends: list[int] = []
    position = start
    while len(ends) < LONGEST_NAME and (word := _WORD.match(low.text, position)):
        ends.append(word.end())
        position = after_blank(low, word.end())
        if position == word.end():
            break
    for end in reversed(ends):
        bare = low.text[start:end]
        said = f"{kind} {bare}".strip()
        yield Name(plain_key(said), said, end, fold(bare) != bare)


def after_blank(low: Lowered, position: int) -> int:
    """Where the blanks at ``position`` end."""
    blank = _BLANK.match(low.text, position)
    return blank.end() if blank else position


def next_name(low: Lowered, position: int, levels: tuple[str, ...]) -> int:
    """Where a name may begin after "thuộc", a comma and such a word as "huyện"."""
    join = _JOIN.match(low.text, position)
    begin = join.end() if join else position
    mark = MARKS.match(low.text, begin)
    if mark is None or mark.lastgroup not in levels:
        return begin
    return after_blank(low, mark.end())
