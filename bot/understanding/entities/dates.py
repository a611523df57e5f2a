"""Where a text speaks of days. The one reader of dates in the project.

dateparser was tried and left: of 41 phrases as people type them it misses 15 ("hôm kia", "tối
qua", "cach day 2 tuan"), its search reads "ba tháng trước" and "nửa tháng trước" as last month
without saying so, and it takes 0.6 s to import.
"""

from __future__ import annotations

from bot.understanding.entities import lunar, numeric, relative, spoken
from bot.understanding.entities.mention import Mention
from bot.understanding.entities.wording import Lowered, before

_RULES = (*spoken.FIRST, *lunar.RULES, *numeric.RULES, *spoken.RULES, *relative.RULES)
_BEYOND = before("trước|sau")
"""Before a date: another day is meant, not this one ("cấp trước năm 1975")."""
_REACH = 12


def mentions(low: Lowered, taken: list[tuple[int, int]] | None = None) -> list[Mention]:
    """What may be dates in ``low``, in order, none over another nor over ``taken``."""
    used = list(taken or [])
    found: list[Mention] = []
    for rule, make in _RULES:
        for match in rule.finditer(low.text):
            mention = make(match)
            if mention is None or _overlaps(mention, used):
                continue
            if _BEYOND.search(low.text, max(0, mention.start - _REACH), mention.start):
                continue
            used.append((mention.start, mention.end))
            found.append(mention)
    return sorted(found, key=lambda mention: mention.start)


def _overlaps(mention: Mention, used: list[tuple[int, int]]) -> bool:
    return any(mention.start < end and start < mention.end for start, end in used)
