"""What somebody typed about an SMS gateway, checked."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.sms_account import FieldLine, KindLine, SmsFault

SHARE, CAP, PRICE = 1000, 1_000_000, 100_000
NUMBERS: Mapping[str, tuple[str, int]] = {
    "share": ("Phần tin cổng này gánh", SHARE),
    "per_minute": ("Số tin mỗi phút", CAP),
    "per_hour": ("Số tin mỗi giờ", CAP),
    "per_day": ("Số tin mỗi ngày", CAP),
    "price": ("Giá một tin", PRICE),
}
"""Setting -> its label, and the most that is taken for no slip."""
OWN = ("own_number", *NUMBERS)
"""Settings that every gateway has; a kind's own fields are called otherwise."""
YES_NO = frozenset({"yes", "no"})
_SHORT_CODE = re.compile(r"[0-9]{3,6}")
_BRANDNAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ._-]{2,11}")
_WRONG_NUMBER = (
    "Số của cổng không đúng: ghi số điện thoại (ví dụ 0912345678), đầu số ngắn (ví dụ 8041) hoặc "
    "tên thương hiệu không dấu dài không quá 11 ký tự."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """The settings of one gateway."""

    own_number: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


def entered(
    kind: KindLine,
    values: Mapping[str, str],
    before: Entry,
    e164: Callable[[str], str | None],
) -> Entry:
    """``before`` with what was typed over it; an empty secret stays as it was.

    Args:
        e164: reads a telephone number; None when it is none.

    Raises:
        SmsFault: naming the field.
    """
    given = {name: value.strip() for name, value in values.items()}
    known = {one.name for one in kind.fields} | set(OWN)
    stranger = next((name for name in given if name not in known), None)
    if stranger is not None:
        names = ", ".join(one.name for one in kind.fields)
        raise SmsFault(f"Cổng kiểu {kind.id} không có mục “{stranger}” (các mục: {names}).")
    number = _own_number(given["own_number"], e164) if "own_number" in given else before.own_number
    numbers = {**before.numbers, **{n: _number(n, given[n]) for n in NUMBERS if n in given}}
    options, hidden = dict(before.options), dict(before.secrets)
    for one in kind.fields:
        _take(one, given, hidden if one.secret else options)
    _all_there(kind, {**options, **hidden})
    return Entry(number, numbers, options, hidden)


def _take(one: FieldLine, given: Mapping[str, str], into: dict[str, str]) -> None:
    told = given.get(one.name)
    if told:
        into[one.name] = told
    elif told is not None and not one.secret:
        into.pop(one.name, None)
    if one.made and not into.get(one.name):
        into[one.name] = secrets.token_urlsafe(24)


def _all_there(kind: KindLine, there: Mapping[str, str]) -> None:
    missing = [one.label for one in kind.fields if one.required and not there.get(one.name)]
    if missing:
        raise SmsFault(f"Cần điền: {', '.join(missing)}.")


def _own_number(told: str, e164: Callable[[str], str | None]) -> str:
    if not told or _SHORT_CODE.fullmatch(told):
        return told
    number = e164(told)
    if number is not None:
        return number
    if not _BRANDNAME.fullmatch(told):
        raise SmsFault(_WRONG_NUMBER)
    return told


def _number(name: str, told: str) -> int:
    label, most = NUMBERS[name]
    plain = re.sub(r"[ .]", "", told)
    if not (plain.isascii() and plain.isdigit() and len(plain) < 10 and int(plain) <= most):
        raise SmsFault(f"{label}: ghi một số từ 0 đến {most}.")
    return int(plain)
