"""How old somebody is: "cháu được 3 tháng", "2 tuần tuổi", "con gái 17 tuổi"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor

from bot.text import fold
from bot.understanding.entities.kinds import DAYS_IN, Age, Unit
from bot.understanding.entities.numerals import NUMBER, read_number
from bot.understanding.entities.persons import REACH, whose
from bot.understanding.entities.relative import HALF, UNIT, amount, unit_of
from bot.understanding.entities.wording import Lowered, after, before, one_of, pattern

GROWN = 14
"""From this age on, years alone do not tell that a child is meant."""
_MOST_YEARS = 130

_NEARLY = one_of("gần, gần được, sắp, sắp được, ngót")
_OVER = one_of("hơn, hơn được")
_NOT_YET = one_of("chưa đầy, chưa tới, chưa đến, chưa được, chưa đủ, chưa tròn")
_JUST = one_of(
    "được, mới, mới được, đã, đã được, nay, nay được, năm nay, giờ, giờ được, tròn, đầy, vừa, "
    "vừa tròn"
)
_HOW = rf"(?:(?P<near>{_NEARLY})|(?P<over>{_OVER})|(?P<under>{_NOT_YET})) "
_COUNT = rf"(?:{_HOW})?(?P<n>{NUMBER}|nửa)\s*(?P<unit>{UNIT})"
_MORE = rf"(?:\s*(?:(?P<half>{HALF})|(?:và )?(?P<n2>{NUMBER})\s*(?P<unit2>{UNIT})))?"
_CHILD = one_of(
    "cháu, bé, em bé, con, nhóc, cu tí, cu, bé gái, bé trai, cháu bé, con em, con tôi, con tui, "
    "con mình, bé nhà em, cháu nhà em, con nhà em, cháu nội, cháu ngoại, con trai, con gái, "
    "con nhỏ, thằng cu, thằng bé, em nó, nó"
)
_BIRTH = one_of("sinh, sanh, đẻ, chào đời")
_OWNERS = one_of(
    "nhà, của, em, tôi, tui, mình, chị, anh, nó, bé, cháu, con, trai, gái, nội, ngoại, đầu, "
    "thứ hai, út"
)
_OF = rf"(?: {_OWNERS}){{0,4}}"
_NOT_AGO = rf"(?! (?:{one_of('trước, nữa, nghỉ, sau')})(?!\w))"
_BY_NOW = "(?: (?:rồi|nay))?"

_RULES = (
    # cháu (nhà em) được 3 tháng; con em hơn 2 tháng rồi
    pattern(
        rf"(?P<who>{_CHILD}){_OF},? (?P<just>(?:{_JUST} )*){_COUNT}{_MORE}(?: tuổi)?{_BY_NOW}"
        rf"{_NOT_AGO}"
    ),
    # cháu được tháng rưỡi
    pattern(
        rf"(?P<who>{_CHILD}|{_BIRTH}){_OF} (?P<just>(?:{_JUST} )*)(?P<n>)(?P<unit>tháng|năm) "
        rf"(?P<half>{HALF})(?P<near>)(?P<over>)(?P<under>)(?P<n2>)"
    ),
    # con em được hơn tháng
    pattern(
        rf"(?P<who>{_CHILD}|{_BIRTH}){_OF} (?P<just>(?:{_JUST} )*){_HOW}(?P<n>)"
        rf"(?P<unit>tuần|tháng|năm)(?P<half>)(?P<n2>){_NOT_AGO}"
    ),
    # sinh được 3 tháng (rồi), đẻ được hơn tuần
    pattern(
        rf"(?P<who>{_BIRTH})(?: (?:con|bé|cháu))? (?P<just>(?:{_JUST} )+){_COUNT}{_MORE}{_BY_NOW}"
    ),
    # 3 tháng tuổi
    pattern(rf"(?P<who>)(?P<just>){_COUNT}{_MORE} tuổi"),
    # hơn 17 tuổi, 2 tuổi rưỡi
    pattern(
        rf"(?P<who>)(?P<just>)(?:{_HOW})?(?P<n>{NUMBER})\s*(?P<unit>tuổi|@tủi|tuỏi)"
        rf"(?: (?P<half>{HALF}))?(?P<n2>)"
    ),
)
_POLITE_BEFORE = one_of("dạ, vâng, thưa, à, ừ, uh, tầm, khoảng, chừng, hình như")
_POLITE_AFTER = one_of("tuổi, rồi, nay, ạ, a, thôi, em, ơi, nhé, nha, đó, à, ah")
_WHOLE = pattern(
    rf"\s*(?:(?:{_POLITE_BEFORE}|{_JUST}) )*{_COUNT}{_MORE}(?: {_POLITE_AFTER})*[\s.!,]*",
    whole_words=False,
)
"""A message that is an age and no more: the answer to a question."""
_GENERAL = before(
    one_of(
        "dưới, trên, từ, đủ, quá, ngoài, trước, sau, đến, @tới, tối thiểu, ít nhất, mấy, trễ, "
        "muộn, sớm, lệch, kém, sai, thiếu, thêm, hồi, lúc, khi, tận"
    )
)
"""Before an age that the law speaks of, or a difference, not a person's age."""
_GENERAL_AFTER = after("trở lên|trở xuống|nào|gì")
_AT_THAT_TIME = before(r"(?:hồi|lúc|khi|nếu)(?: [^\W\d_]+){0,3}")
"""Before an age that somebody had once, or may have."""


@dataclass(frozen=True, slots=True)
class Told:
    """An age at ``start``..``end`` of the lowered text."""

    start: int
    end: int
    age: Age
    role: str


def ages(low: Lowered) -> Iterator[Told]:
    """The ages told in ``low``; they may lie over each other, the surest first."""
    for rule in _RULES:
        for match in rule.finditer(low.text):
            told = _told(low.text, match)
            if told is not None:
                yield told
    whole = _WHOLE.fullmatch(low.text)
    age = _age(whole) if whole else None
    if whole is not None and age is not None:
        start = min(s for s in map(whole.start, ("near", "over", "under", "n")) if s >= 0)
        end = max(map(whole.end, ("unit", "half", "unit2")))
        yield Told(start, end, age, "unknown")


def _told(text: str, m: re.Match[str]) -> Told | None:
    start = min(m.start(g) for g in ("n", "near", "over", "under") if m[g] or g == "n")
    age = _age(m)
    if age is None or _is_general(text, m, start) or _may_be_a_term(m, age):
        return None
    grown = age.unit == "year" and age.days >= GROWN * DAYS_IN["year"]
    return Told(start, m.end(), age, whose(text, m.start("n")) if grown else "child")


def _is_general(text: str, m: re.Match[str], start: int) -> bool:
    """An age that the law speaks of, or of another time, not of somebody today."""
    if _AT_THAT_TIME.search(text, max(0, m.start() - REACH), m.start()):
        return True
    if m["under"]:
        return not m["who"] and _in_years(m)
    said_before = _GENERAL.search(text, max(0, start - 12), start)
    return bool(said_before or _GENERAL_AFTER.match(text, m.end()))


def _may_be_a_term(m: re.Match[str], age: Age) -> bool:
    """ "Khai sinh cho con 5 ngày có chưa": how long it takes, not how old the child is."""
    if age.unit not in {"day", "week"} or not m["who"]:
        return False
    sure = m["just"] or m["near"] or m["over"] or m["under"]
    return not sure and not fold(m.group()).endswith("tuoi")


def _in_years(m: re.Match[str]) -> bool:
    return fold(m["unit"]) in {"tuoi", "tui"}


def _age(m: re.Match[str]) -> Age | None:
    unit: Unit = "year" if _in_years(m) else unit_of(m["unit"])
    count = amount(m)
    if count is None or count * DAYS_IN[unit] > _MOST_YEARS * DAYS_IN["year"]:
        return None
    days = round(count * DAYS_IN[unit])
    if m["n2"]:
        days += round(read_number(m["n2"]) * DAYS_IN[unit_of(m["unit2"])])
        return Age(days, unit, max(0, days - 3), days + 3)
    least, most = _bounds(m, count, unit)
    return Age(days, unit, max(0, least), most)


def _bounds(m: re.Match[str], count: float, unit: Unit) -> tuple[int, int]:
    """The fewest and the most days: "2 tháng" lasts until it is 3 months."""
    size = DAYS_IN[unit]
    if m["near"]:
        return floor(0.7 * count * size), ceil(count * size) - 1
    if m["over"]:
        return ceil(count * size), floor(1.5 * count * size if count < 2 else (count + 1) * size)
    if m["under"]:
        return 0, ceil(count * size) - 1
    if m["half"] or count == 0.5:
        return floor((count - 0.2 * min(count, 1)) * size), ceil((count + 0.2) * size)
    return _plainly(count, unit)


def _plainly(count: float, unit: Unit) -> tuple[int, int]:
    size = DAYS_IN[unit]
    if unit == "day":
        spread = int(count) // 15 if count % 10 == 0 else 0
        return int(count) - spread, int(count) + spread
    if unit == "week":
        return int(7 * count) - 3, int(7 * count) + 6
    if unit == "month":
        return floor(count * size) - 8, floor((count + 1) * size) - 1
    # A year more may be counted than has passed (tuổi mụ).
    return floor((count - 1 if count > 1 else 0.8) * size), floor((count + 1) * size) - 1
