"""Reads a correction: "không, ý tôi là khai tử", "nhầm, kết hôn cơ", "tôi hỏi lệ phí mà".

What is left when the words that correct are taken away (:attr:`Correction.rest`) is what the
citizen means, and is understood in place of the message. Narrow on purpose: "giấy ghi nhầm
tên" and "không phải đóng tiền đúng không" are questions of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.text import fold
from bot.understanding import denial
from bot.understanding.naming import Names
from bot.understanding.types import Correction

MOST_WORDS: Final = 30
"""A longer message tells a story; it may begin with "không" and corrects nothing."""
MOST_DENIED: Final = 7
"""Words of what is denied: "không phải [đăng ký khai sinh cho bé], ..."."""
MOST_PREFERRED: Final = 14
"""Words of "... chứ không phải ..."."""
MOST_BARE: Final = 6
"""Words of a correction that only its last word shows: "khai tử cơ"."""

_WORD = re.compile(r"[^\W_]+")
_STOP = re.compile(r"[,.;:!?…\n]|\s[-–—]\s")


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    low: str
    flat: str
    stop: bool
    """A stop stands right before it."""


def read_correction(text: str, names: Names) -> Correction | None:
    """What ``text`` corrects our understanding to; None when it is no correction."""
    if not unicodedata.is_normalized("NFC", text):
        return None
    said = _tokens(text)
    if not 0 < len(said) <= MOST_WORDS:
        return None
    return _Reader(text, said, names).read()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    end = 0
    for match in _WORD.finditer(text):
        low = match.group().lower()
        stop = _STOP.search(text, end, match.start()) is not None and bool(found)
        end = match.end()
        flat = fold(low)
        if flat == "kp":
            found.append(_Token(match.start(), end, low, "khong", stop))
            found.append(_Token(match.start(), end, low, "phai", stop=False))
        else:
            found.append(_Token(match.start(), end, low, denial.SHORT.get(low, flat), stop))
    return found


def _is(token: _Token, word: str) -> bool:
    """Whether ``token`` is ``word`` also by its accents."""
    if token.flat != word:
        return False
    accented = denial.ACCENTS.get(word)
    plain = token.low == word and word not in denial.NEVER_PLAIN
    return accented is None or token.low == accented or plain


def _is_within(token: _Token, word: str) -> bool:
    """Whether ``token`` is ``word`` of a phrase, whose other words settle its accents."""
    told = word not in denial.SPOKEN or token.low in {word, denial.ACCENTS[word]}
    return token.flat == word and told


class _Reader:
    """Reads the tokens of one message from left to right."""

    def __init__(self, text: str, said: Sequence[_Token], names: Names) -> None:
        self._text = text
        self._said = said
        self._flat = [token.flat for token in said]
        self._names = names

    def read(self) -> Correction | None:
        """The correction, if it is one."""
        start, strong = self._openings()
        if start is None:
            return self._denies() or self._prefers() or self._insists()
        rest = self._rest(start, len(self._said))
        words = self._flat[start:]
        if not strong and not (rest and (self._names.find(words) or _mentions(words))):
            return None  # "không, mẹ cháu đi khai" answers something
        inner = read_correction(rest, self._names) if rest else None
        return inner or Correction(rest)

    # --- what opens a correction ------------------------------------------------------

    def _openings(self) -> tuple[int | None, bool]:
        """Where what is meant begins after words that correct, and whether they surely do."""
        at = self._skip(0, denial.FILLERS)
        opened: int | None = None
        strong = False
        while at < len(self._said):
            for opening in (self._mistake, self._not_so, self._meaning):
                end = opening(at)
                if end is not None:
                    strong = True
                    break
            else:
                end = self._no(at)
            if end is None and opened is not None:
                end = self._says(at)
                strong = strong or end is not None
            if end is None:
                break
            at = opened = self._skip(end, denial.FILLERS)
        return opened, strong

    def _mistake(self, at: int) -> int | None:
        """ "nhầm rồi", "em hỏi nhầm", "ad hiểu sai ý tôi"."""
        start = at
        for _ in range(3):
            if at < len(self._said) and self._flat[at] in denial.YOU and not self._is_mistake(at):
                at += 1
        verb = self._skip(at, denial.MISTAKEN)
        if verb >= len(self._said) or not self._is_mistake(verb):
            return None
        alone = verb == start or at == verb
        if self._flat[verb] == "sai" and alone and self._flat[verb + 1 : verb + 2] != ["roi"]:
            return None
        end = self._skip(verb + 1, denial.AFTER_MISTAKE)
        return end if self._ended(end) else self._before_meaning(verb + 1, end)

    def _is_mistake(self, at: int) -> bool:
        return any(_is(self._said[at], word) for word in denial.MISTAKES)

    def _not_so(self, at: int) -> int | None:
        """ "không phải thế", "đâu phải cái đó"."""
        size = self._size(denial.NOT_SO, at)
        if not size:
            return None
        end = begun = at + size
        while size := self._size(denial.THAT, end):
            end += size
        if self._ended(end):
            return end if end > begun or self._flat[at] != "co" else None
        return self._before_meaning(begun, end)

    def _no(self, at: int) -> int | None:
        """ "không, ..." (weak: it may answer something), "không tôi hỏi ..."."""
        if self._flat[at] not in {"khong", "chua"}:
            return None
        end = self._skip(at + 1, denial.CALLS)
        if end >= len(self._said):
            return None
        says = self._flat[end] in denial.MYSELF and self._says(end) is not None
        return end if self._said[end].stop or says or self._meaning(end) else None

    def _meaning(self, at: int) -> int | None:
        """ "ý tôi là", "ý là", "ý em muốn hỏi"."""
        at += self._flat[at : at + 1] == ["cai"]
        if at >= len(self._said) or not _is(self._said[at], "y"):
            return None
        end = self._skip(at + 1, denial.MYSELF | {"cua"})
        who = end > at + 1
        size = self._size(denial.SAYS, end)
        end += size
        begun = self._skip(end, denial.SO)
        if begun >= len(self._said):
            return begun if begun > at + 1 else None
        return begun if who or size or begun > end else None

    def _says(self, at: int) -> int | None:
        """ "tôi hỏi", after something that corrects."""
        who = self._skip(at, denial.MYSELF)
        size = self._size(denial.SAYS, who)
        return self._skip(who + size, frozenset(["la", "ve"])) if size else None

    # --- corrections that only the whole shows ----------------------------------------

    def _denies(self) -> Correction | None:
        """ "không phải khai sinh, khai tử", "không hỏi khai sinh mà là khai tử"."""
        at = self._skip(0, denial.FILLERS | denial.MYSELF)
        size = self._size(denial.DENIES, at)
        if not size:
            return None
        begun = self._skip(at + size, frozenset(["la", "ve", "hoi"]))
        for end in range(begun + 1, min(len(self._said), begun + MOST_DENIED + 1)):
            but = self._flat[end] == "ma"
            if not (self._said[end].stop or but):
                continue
            if self._said[end - 1].low in denial.WONDERS:
                return None  # "không phải nộp tiền à, thế ..."
            denied = self._flat[begun:end]
            wanted = self._skip(end, frozenset(["ma", "la", "phai"]))
            rest = self._rest(self._says(wanted) or wanted, len(self._said))
            if rest and (self._names.find(denied) or _mentions(denied)) and not _is_tag(rest):
                inner = read_correction(rest, self._names)
                named = self._names.find(denied)
                return Correction(inner.rest if inner else rest, named)
            return None
        named = self._names.find(self._flat[begun:])
        last = self._said[-1].low
        whole = named and self._names.only(self._without_end(begun)) and last != "không"
        return Correction("", named) if whole and not self._text.rstrip().endswith("?") else None

    def _without_end(self, begun: int) -> list[str]:
        words = self._flat[begun:]
        return words[:-1] if words[-1:] == ["dau"] else words

    def _prefers(self) -> Correction | None:
        """ "khai tử chứ không phải khai sinh"."""
        for at in range(1, len(self._said)):
            size = self._size(denial.BUT_NOT, at)
            if not size:
                continue
            denied = self._flat[at + size :]
            name = self._names.only(denied)
            if self._text.rstrip().endswith("?") or not (name or _mentions(denied)):
                return None
            if at + size + len(denied) > MOST_PREFERRED:
                return None
            start = self._says(self._skip(0, denial.FILLERS)) or 0
            return Correction(self._rest(start, at), (name,) if name else ())
        return None

    def _insists(self) -> Correction | None:
        """ "tôi hỏi lệ phí mà", "khai tử cơ"."""
        end = self._hard_end()
        if end == len(self._said):
            return None
        start = self._says(self._skip(0, denial.FILLERS))
        if start is not None and start < end:
            return Correction(self._rest(start, end))
        sure = any(token.low in denial.INSISTS for token in self._said[end:])
        sure = sure or self._flat[end:][:2] == ["co", "ma"]
        bare = self._flat[:end]
        plain = self._names.only(bare) is not None and self._said[end].low in {
            "co",
            *denial.INSISTS,
        }
        if not 0 < end <= MOST_BARE or not (sure or plain):
            return None
        return Correction(self._rest(self._skip(0, denial.FILLERS), end))

    def _hard_end(self) -> int:
        """Where the words that insist begin at the end; the length when there are none."""
        end = len(self._said)
        while (
            end > 1
            and self._flat[end - 1] in denial.SOFT
            and self._flat[end - 1] not in denial.ENDS
        ):
            end -= 1
        hard = end
        while hard > 1 and any(_is(self._said[hard - 1], word) for word in denial.ENDS):
            hard -= 1
        return hard if hard < end else len(self._said)

    # --- helpers ----------------------------------------------------------------------

    def _skip(self, at: int, words: Iterable[str]) -> int:
        known = frozenset(words)
        while at < len(self._said) and self._flat[at] in known:
            at += 1
        return at

    def _size(self, phrases: Sequence[tuple[str, ...]], at: int) -> int:
        for phrase in phrases:
            there = self._said[at : at + len(phrase)]
            alike = _is if len(phrase) == 1 else _is_within
            if len(there) == len(phrase) and all(map(alike, there, phrase)):
                return len(phrase)
        return 0

    def _ended(self, at: int) -> bool:
        return at >= len(self._said) or self._said[at].stop

    def _before_meaning(self, first: int, last: int) -> int | None:
        """Where in ``first..last`` "tôi hỏi ..." or "ý tôi là ..." begins without a stop."""
        for at in range(last, first - 1, -1):
            if self._ended(at) or self._says(at) is not None or self._meaning(at) is not None:
                return at
        return None

    def _rest(self, start: int, end: int) -> str:
        """The words from ``start`` to ``end`` without what insists and is polite at the end."""
        stop = end
        while stop > start and self._is_ending(start, stop - 1):
            stop -= 1
        if start >= stop:
            return ""
        tail = self._said[stop - 1].end
        mark = re.match(r"\s*\?", self._text[self._said[end - 1].end :])
        return self._text[self._said[start].start : tail] + ("?" if mark else "")

    def _is_ending(self, start: int, at: int) -> bool:
        """Whether the word at ``at`` only insists or is polite; "bao lau co" may be "có"."""
        token = self._said[at]
        if token.low == "co":
            return self._names.only(self._flat[start:at]) is not None
        meant = at > start and token.low in {"có", "đó", "thế"}
        polite = token.flat in denial.SOFT and not meant
        return polite or any(_is(token, word) for word in denial.ENDS)


def _mentions(words: Sequence[str]) -> bool:
    return any(
        tuple(words[at : at + len(phrase)]) == phrase
        for at in range(len(words))
        for phrase in denial.ABOUT
    )


def _is_tag(text: str) -> bool:
    """ "đúng không": it asks whether what was said before is so."""
    return bool(re.fullmatch(r"(dung|phai|duoc|co dung|the|vay)? ?(khong|k|ko|ha|chu)( a)?\W*",
                             fold(text).lower()))  # fmt: skip
