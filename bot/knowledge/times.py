"""Answers that a date or an age settles: "cháu sinh 5/8" tells whether 60 days are over.

What a citizen told is often not one day ("hơn 2 tháng", "tháng trước"): an option is the
answer only when it is for every day that may be meant. Asking once more is better.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, Self

from bot.knowledge.model import Bound, Option, Question, Subject

_LIMIT: Final = re.compile(r"(\d{1,4}) (ngày|tháng|tuổi)")
_MANY: Final = 64
"""Combinations of what was told that are looked at."""
_DAYS: Final = {"ngày": 1.0, "tháng": 30.4375, "tuổi": 365.25}


@dataclass(frozen=True, slots=True)
class Moment:
    """So many days lie between it and today; of what, where that was said."""

    subject: Subject | None
    least: int
    most: int


class TextKey(str):
    """The matching key of a text (:func:`bot.text.key`) with the times that the text tells.

    A plain text to whoever compares words; only :mod:`bot.knowledge.cues` looks for more.
    """

    moments: tuple[Moment, ...]

    def __new__(cls, text_key: str, moments: Sequence[Moment] = ()) -> Self:
        self = super().__new__(cls, text_key)
        self.moments = tuple(moments)
        return self


def moments_of(text_key: str) -> tuple[Moment, ...]:
    """The times that come with ``text_key``."""
    return text_key.moments if isinstance(text_key, TextKey) else ()


def settled(question: Question, moments: Sequence[Moment], *, asked: bool) -> set[str] | None:
    """The options that ``moments`` give; None when they contradict each other.

    Args:
        asked: the question was just put, so that a time of which nothing else was said
            answers it.
    """
    subjects = {subject for option in question.options for told in option.told for subject in told}
    meant = {
        subject: [m for m in moments if m.subject == subject or (asked and m.subject is None)]
        for subject in subjects
    }
    told_of = {subject: times for subject, times in meant.items() if times}
    # Two children, two births: only what holds for each of them is an answer.
    cases = [dict(zip(told_of, times, strict=True)) for times in product(*told_of.values())]
    given = [{o.id for o in question.options if _gives(o, case)} for case in cases[:_MANY]]
    return given[0] if all(one == given[0] for one in given) else None


def _gives(option: Option, case: Mapping[Subject, Moment]) -> bool:
    return any(
        all(
            subject in case and lies(case[subject].least, case[subject].most, bound)
            for subject, bound in told.items()
        )
        for told in option.told
    )


def lies(least: int, most: int, bound: Bound) -> bool:
    """Whether every day of ``least``..``most`` lies within ``bound``."""
    limits = [days(limit) for limit in (bound.over, bound.up_to, bound.at_least, bound.below)]
    over, up_to, at_least, below = limits
    if all(limit is None for limit in limits):
        return False
    return (
        (over is None or least > over)
        and (up_to is None or most <= up_to)
        and (at_least is None or least >= at_least)
        and (below is None or most < below)
    )


def days(limit: str | None) -> float | None:
    """The days of a limit ("60 ngày", "18 tuổi"); no number, which nothing compares with, when
    it cannot be read."""
    if limit is None:
        return None
    found = _LIMIT.fullmatch(limit)
    return float(found[1]) * _DAYS[found[2]] if found else float("nan")


def readable(limit: str) -> bool:
    """Whether :func:`days` reads it."""
    return _LIMIT.fullmatch(limit) is not None


def limits(option: Option) -> Iterator[tuple[int, Subject, str, str]]:
    """Every limit of an option: number of the alternative, subject, field, limit."""
    for number, told in enumerate(option.told):
        for subject, bound in told.items():
            for name, limit in bound.model_dump(exclude_none=True).items():
                yield number, subject, name, limit
