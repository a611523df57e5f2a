"""Cuts a message into clauses that may each ask something. Strings only; never raises.

"Làm khai sinh cần gì và mất bao nhiêu tiền?" asks twice, "cha và mẹ cần gì?" once. A cut is
made only where both sides ask by their own words, so a story stays with the question that it
leads to. Whether two clauses really are two questions is decided by what they are understood
as (:mod:`bot.understanding.reading`); in doubt there is one clause.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.text import fold
from bot.understanding.speech import (
    ACCENTED,
    CLOSING,
    COURTESY,
    DENIED_FOR,
    DENIES,
    GONE_BY,
    HOW,
    KNOW,
    LONGEST_IF,
    LONGEST_TAG,
    MONEY,
    NEVER_AFTER_NO,
    NEVER_BEFORE_WITH,
    NO,
    NO_HEADS,
    PLAIN,
    REQUESTS,
    SURE_NOT,
    TAGS,
    UNKNOWN,
    WISHES,
    WITH,
    Phrases,
    Speech,
)

MOST_WORDS: Final = 400
"""A longer message is not cut."""
MOST_IN_PART: Final = 12
"""Words of a question that does not end with what it asks ("ai ký giấy khai sinh, ...")."""
SHORTEST: Final = 2
"""Words of the shortest clause."""
MOSTLY_PLAIN: Final = 0.2
"""With fewer accented words than this share, a message is written without diacritics."""

_TOKEN = re.compile(r"[^\W_]+|[,.;:!?…\n]+|(?<=\s)[-–—](?=\s)")
_ASKED, _STOP = "?", ","
"""What stands for a stop among the words: with a question mark, without."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A word or a stop: where it stands in the text, and how it counts."""

    start: int
    end: int
    word: str
    """Lower case, folded in a message without diacritics; or what stands for a stop."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """A clause may end before the token ``end`` and the next begin with ``start``."""

    end: int
    start: int
    stop: str = ""


def split_questions(text: str) -> tuple[str, ...]:
    """The clauses of ``text`` that may each ask something: substrings of it, in order.

    One clause, the text itself, where nothing shows two. Text that is not NFC is not cut.
    """
    if not unicodedata.is_normalized("NFC", text):
        return (text,)
    said, speech = _tokens(text)
    if len(said) > MOST_WORDS:
        return (text,)
    return _Splitter(text, said, speech).clauses()


def without_courtesy(text: str) -> str | None:
    """What ``text`` asks after thanks or a greeting ("cảm ơn nhé, còn lệ phí?").

    None when nothing polite stands before a question. Text that is not NFC has None.
    """
    if not unicodedata.is_normalized("NFC", text):
        return None
    said, speech = _tokens(text)
    start = 0
    while start < len(said) and not (
        said[start].word.isalnum() and said[start].word not in COURTESY
    ):
        start += 1
    if start == 0 or len(said) > MOST_WORDS or not _long_enough([t.word for t in said[start:]]):
        return None
    return text[said[start].start :] if _Splitter(text, said, speech).asks_from(start) else None


def _tokens(text: str) -> tuple[list[_Token], Speech]:
    found = [(m.start(), m.end(), m.group().lower()) for m in _TOKEN.finditer(text)]
    words = [word for _, _, word in found if word[0].isalnum()]
    plain = sum(word != fold(word) for word in words) < MOSTLY_PLAIN * len(words)
    said: list[_Token] = []
    for start, end, word in found:
        if not word[0].isalnum():
            word = _ASKED if "?" in word else _STOP
        said.append(_Token(start, end, fold(word) if plain else word))
    return said, PLAIN if plain else ACCENTED


class _Splitter:
    """Cuts one message."""

    def __init__(self, text: str, said: Sequence[_Token], speech: Speech) -> None:
        self._text = text
        self._said = said
        self._all = [token.word for token in said]
        self._speech = speech
        self._longest_phrase = speech.longest

    def clauses(self) -> tuple[str, ...]:
        """The clauses, at least one."""
        clauses: list[str] = []
        begun = first = 0
        for cut in self._cuts():
            if cut.start <= first or not self._both_ask(first, cut):
                continue
            clauses.append(self._text[begun : self._until(cut)].strip())
            begun, first = self._said[cut.start].start, cut.start
        return (*clauses, self._text[begun:].strip()) if clauses else (self._text,)

    def asks_from(self, start: int) -> bool:
        """Whether something is asked from the token ``start`` on."""
        words = self._all[start:]
        return self._asks(words) or self._and_what(words)

    def _until(self, cut: _Cut) -> int:
        """Where the clause before ``cut`` ends, its question mark included."""
        return self._said[cut.end if cut.stop == _ASKED else cut.end - 1].end

    def _cuts(self) -> Iterator[_Cut]:
        at = 1
        while at < len(self._said):
            stop = self._all[at] if self._all[at] in {_STOP, _ASKED} else ""
            start = at + bool(stop)
            joined = self._join(start, stop)
            if stop or joined:
                if start + joined < len(self._said):
                    yield _Cut(at, start + joined, stop)
                at = start + joined
                continue
            speech = self._speech
            if self._longest(speech.heads, self._all, at) or self._longest(
                speech.and_what, self._all, at
            ):
                yield _Cut(at, at)
            at += 1

    def _join(self, at: int, stop: str) -> int:
        if at >= len(self._all):
            return 0
        compared = self._all[at] in WITH and self._all[at - 1] in NEVER_BEFORE_WITH
        done = self._all[at] == "xong" and not stop  # "bao lâu xong"
        return 0 if compared or done else self._longest(self._speech.joins, self._all, at)

    def _both_ask(self, first: int, cut: _Cut) -> bool:
        left, right = self._all[first : cut.end], self._all[cut.start :]
        if not (_long_enough(left) and _long_enough(right)) or _goes_on(left, right, cut.stop):
            return False
        speech, asked = self._speech, cut.stop == _ASKED
        names_it = self._longest(speech.about, right, 0) > 0
        right_asks = self._asks(right)
        part = self._last_part(first, cut.end) if cut.stop else []
        begun = self._longest(REQUESTS, left, 0) > 0
        if asked or begun or self._ends_asking(left) or self._asks(part):
            requests = self._longest(REQUESTS, right, 0) > 0
            return right_asks or requests or self._and_what(right) or (asked and names_it)
        if WISHES.isdisjoint(left) or not names_it:
            return False
        # "Cho hỏi lệ phí và thời gian", "cho hỏi thủ tục ..., thời gian bao lâu"
        return self._mentions(speech.about, left) or (right_asks and self._mentions(HOW, left))

    def _last_part(self, first: int, end: int) -> list[str]:
        """What stands between the last stop and ``end``, when it is short: a story is not."""
        start = end
        while start > first and self._all[start - 1] not in {_STOP, _ASKED}:
            start -= 1
        return self._all[start:end] if end - start <= MOST_IN_PART else []

    # --- what asks --------------------------------------------------------------------

    def _and_what(self, words: Sequence[str]) -> bool:
        """ "còn lệ phí"."""
        size = self._longest(self._speech.and_what, words, 0)
        return size > 0 and self._longest(self._speech.about, words, size) > 0

    def _asks(self, words: Sequence[str]) -> bool:
        """Whether a word of ``words`` asks."""
        ends = [at for at, word in enumerate(words) if word in {_STOP, _ASKED}]
        closes = any(_closes(words, end) for end in (*ends, len(words)))
        return closes or any(self._asks_at(words, at) for at in range(len(words)))

    def _ends_asking(self, words: Sequence[str]) -> bool:
        """Whether ``words`` ends with what it asks: "... cần gì", "... bao lâu xong ạ"."""
        end = _without_closing(words, len(words))
        if _closes(words, end):
            return True
        return any(
            at + self._size(words, at) >= end - 1 and self._asks_at(words, at)
            for at in range(max(0, end - 4), end)
        )

    def _size(self, words: Sequence[str], at: int) -> int:
        """Words of what asks at ``at``, with what is counted: "bao nhiêu tiền"."""
        size = max(1, self._longest(self._speech.asks, words, at))
        counted = words[at + size : at + size + 1]
        return size + bool(counted and (counted[0] in self._speech.counted | MONEY))

    def _asks_at(self, words: Sequence[str], at: int) -> bool:
        if words[at] in self._speech.how_many:
            after = [*words[at + 1 : at + 3], "", ""]
            return after[0] in self._speech.counted and after[1] not in GONE_BY
        if words[at] in NO and words[at + 1 : at + 2] in (["hay"], ["hoặc"], ["hoac"]):
            return at > 0
        size = self._longest(self._speech.asks, words, at)
        if not size or self._mentions(
            self._speech.no_question, words[max(0, at - 1) : at + size + 1]
        ):
            return False
        after = [*words[at + size : at + size + 2]]
        if (after and after[0] in SURE_NOT) or tuple(after) in UNKNOWN:
            return False
        return not _denied(words, at)

    def _mentions(self, phrases: Phrases, words: Sequence[str]) -> bool:
        return any(self._longest(phrases, words, at) for at in range(len(words)))

    def _longest(self, phrases: Phrases, words: Sequence[str], at: int) -> int:
        """How many words from ``at`` on are one of ``phrases``; 0 for none."""
        for size in range(min(self._longest_phrase, len(words) - at), 0, -1):
            if tuple(words[at : at + size]) in phrases:
                return size
        return 0


def _long_enough(words: Sequence[str]) -> bool:
    return sum(word not in {_STOP, _ASKED} for word in words) >= SHORTEST


def _goes_on(left: Sequence[str], right: Sequence[str], stop: str) -> bool:
    """Whether ``right`` only goes on with ``left``: "... hay ...", "..., đúng không ạ"."""
    tag = len(right) <= LONGEST_TAG and TAGS.issuperset(w for w in right if w.isalnum())
    denied = not stop and left[-1] in NO and right[0] in NEVER_AFTER_NO
    asks_anew = stop == _ASKED and len(right) > LONGEST_IF
    return tag or denied or (right[0] in NO_HEADS and not asks_anew)


def _without_closing(words: Sequence[str], end: int) -> int:
    while end > 1 and words[end - 1] in CLOSING and words[end - 1] not in NO:
        end -= 1
    return end


def _closes(words: Sequence[str], end: int) -> bool:
    """Whether "không" or "chưa" stands before ``end`` and asks ("được không ạ")."""
    end = _without_closing(words, end)
    return end > 1 and words[end - 1] in NO and words[end - 2].isalnum()


def _denied(words: Sequence[str], at: int) -> bool:
    """ "không có giấy gì", "chưa làm gì": nothing is asked."""
    for back in range(at - 1, max(-1, at - 1 - DENIED_FOR), -1):
        if words[back] in {_STOP, _ASKED}:
            return False
        if words[back] in DENIES:
            return words[back + 1] not in KNOW
    return False
