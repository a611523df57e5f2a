"""Numbers in words: "ba", "mười lăm", "hai mươi mốt", "hăm lăm"; also without diacritics."""

from __future__ import annotations

from bot.text import fold

_DIGITS = {
    "khong": 0, "mot": 1, "hai": 2, "ba": 3, "bon": 4, "tu": 4, "nam": 5, "lam": 5, "nham": 5,
    "sau": 6, "bay": 7, "tam": 8, "chin": 9,
}  # fmt: skip
_ONE_TO_NINE = "một|hai|ba|bốn|năm|sáu|bảy|bẩy|tám|chín"
_TAIL = "mốt|một|hai|ba|bốn|tư|lăm|nhăm|năm|sáu|bảy|bẩy|tám|chín"
_TENS = "hai|ba|bốn|năm|sáu|bảy|bẩy|tám|chín"
NUMBER = (
    rf"(?:\d{{1,3}}|(?:{_TENS}) (?:mươi|mười)(?: (?:{_TAIL}))?|mười(?: (?:{_TAIL}))?"
    rf"|(?:hăm|hâm)(?: (?:{_TAIL}))?|(?:{_TENS}) (?:mốt|lăm|nhăm)|một chục|{_ONE_TO_NINE})"
)
"""A pattern (for :func:`wording.pattern`) of a number from 1 to 999 in digits, 99 in words."""
MONTH_NUMBER = rf"(?:{NUMBER}|tư)"
"""The same, and "tháng tư": elsewhere "tu" is mostly "từ"."""
_SPELT_YEAR = rf"(?:một|hai)(?: (?:không|{_ONE_TO_NINE})){{3}}"
YEAR = (
    rf"(?:(?:19|20)\d\d|hai (?:nghìn|ngàn)(?: không trăm)?(?: (?:lẻ|linh))?"
    rf"(?: (?:(?:{_TENS}) (?:{_ONE_TO_NINE}|tư)|{NUMBER}))?|{_SPELT_YEAR})"
)
"""A pattern of a year with its century: "2026", "hai nghìn không trăm hai sáu"."""


def read_number(words: str) -> int:
    """The value of what :data:`NUMBER` matched."""
    if words.isdecimal():
        return int(words)
    match fold(words).split():
        case ["mot", "chuc"]:
            return 10
        case [first]:
            return {"muoi": 10, "ham": 20}.get(first) or _DIGITS[first]
        case ["muoi", unit]:
            return 10 + _DIGITS[unit]
        case ["ham", unit]:
            return 20 + _DIGITS[unit]
        case [tens, "muoi"]:
            return 10 * _DIGITS[tens]
        case [tens, "muoi", unit] | [tens, unit]:
            return 10 * _DIGITS[tens] + _DIGITS[unit]
    raise ValueError(f"no number: {words!r}")


def read_year(words: str) -> int:
    """The value of what :data:`YEAR` matched."""
    if words.isdecimal():
        return int(words)
    said = fold(words).split()
    if said[1] not in {"nghin", "ngan"}:
        return int("".join(str(_DIGITS[word]) for word in said))
    rest = [w for w in said[2:] if w not in {"khong", "tram", "le", "linh"}]
    if len(rest) == 2 and "muoi" not in rest:  # "hai sáu": 26
        return 2000 + 10 * _DIGITS[rest[0]] + _DIGITS[rest[1]]
    return 2000 + (read_number(" ".join(rest)) if rest else 0)
