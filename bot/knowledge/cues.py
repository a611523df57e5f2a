"""Answers that a citizen gave in passing: "cháu sinh ở nhà, không có giấy chứng sinh".

A cue counts where its words stand together in the text. It does not count where the text
denies it ("không phải sinh ở nhà") or asks about it ("có giấy chứng sinh không ạ?"):
asking once more is better than taking it wrongly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from bot.knowledge.conditions import Case
from bot.knowledge.model import Checklist, Question
from bot.knowledge.times import moments_of, settled
from bot.text import key

_NO = frozenset({"khong", "chua", "chang", "k", "ko", "kg", "kh", "khg", "hok", "hem"})
_STILL_NO = frozenset({"phai", "con", "co", "he", "tung", "biet", "ro"})
"""Words that may stand between a "no" and what it denies: "không còn ...", "không rõ ..."."""
_CLOSING = frozenset(
    ["a", "ah", "ha", "ho", "hu", "nhi", "nhe", "vay", "the", "thi", "roi", "ta", "oi"]
) | frozenset(["em", "anh", "chi", "ban", "bac", "chu"])
"""Words after which "không" has asked a question: "... không ạ", "... chưa em"."""


class _Match(NamedTuple):
    option: str
    start: int
    end: int

    def inside(self, other: _Match) -> bool:
        longer = other.end - other.start > self.end - self.start
        return longer and other.start <= self.start and self.end <= other.end


def find_case(checklist: Checklist, text_key: str) -> dict[str, str]:
    """The answers (question id -> option id) that ``text_key`` gives by its cues.

    ``text_key`` is :func:`bot.text.key` of the text, teencode expanded; a
    :class:`~bot.knowledge.times.TextKey` also answers by the dates in the text. Within one
    question a cue inside a longer one yields to it; if two options are left, the question
    stays open. Answers to questions that the other answers rule out are dropped.
    """
    found = {q.id: option for q in checklist.questions if (option := find_option(q, text_key))}
    counted = Case(checklist, found).answers
    return {question: option for question, option in counted.items() if question in found}


def find_option(question: Question, text_key: str, *, asked: bool = False) -> str | None:
    """The option of one question that ``text_key`` gives by its cues and times, if just one.

    Args:
        asked: the question was just put, so that a bare "3 tháng" is an answer to it.
    """
    words = tuple(text_key.split())
    matches = list(_matches(question, words))
    left = [m for m in matches if not any(m.inside(other) for other in matches)]
    options = {m.option for m in left if not _unsure(m, words)}
    timed = settled(question, moments_of(text_key), asked=asked)
    if timed is None:
        return None
    options |= timed
    if len(options) > 1:
        # "Mất giấy, sổ ở xã cũng cháy": who goes on to say it does know.
        options -= {option.id for option in question.options if option.unsure}
    return options.pop() if len(options) == 1 else None


def _matches(question: Question, words: Sequence[str]) -> Iterator[_Match]:
    for option in question.options:
        for cue in option.cues:
            cue_words = _words(cue)
            length = len(cue_words)
            for start in range(len(words) - length + 1 if length else 0):
                if words[start : start + length] == cue_words:
                    yield _Match(option.id, start, start + length)


@lru_cache(maxsize=8192)
def _words(cue: str) -> tuple[str, ...]:
    return tuple(key(cue).split())


def _unsure(match: _Match, words: Sequence[str]) -> bool:
    return _denied(match, words) or _asked(match, words)


def _denied(match: _Match, words: Sequence[str]) -> bool:
    """Whether a "no" stands right before the cue."""
    if words[match.start] in _NO:
        return False
    before = match.start - 1
    if before >= 1 and words[before] in _STILL_NO:
        return words[before - 1] in _NO
    return before >= 0 and words[before] in _NO


def _asked(match: _Match, words: Sequence[str]) -> bool:
    """Whether "không", "chưa" right after the cue makes it a question."""
    after = list(words[match.end : match.end + 3])
    if after and after[0] == "hay":
        after = after[1:]
    if words[match.start] in _NO or not after or after[0] not in _NO:
        return False
    return len(after) == 1 or after[1] in _CLOSING
