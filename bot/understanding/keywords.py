"""The SMS keyword grammar: ``KS``, ``KS PHI``, ``HS H56-231120-0001``, ``HUY 2``.

The words are data (``nlu_data/lexicon/keywords.yml``, which also says how ambiguous
words were settled; a commune may add its own). Matching needs no model, so it works while
one is loading.

A keyword is the whole message, or begins it and is followed by its argument; politeness
around it does not matter ("Dạ, HS 123 cảm ơn em").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from bot.text import fold, key
from bot.understanding.arguments import READERS, bare_code
from bot.understanding.types import ASPECTS, PROCEDURES

KEYWORDS_FILE = Path(__file__).resolve().parents[2] / "nlu_data" / "lexicon" / "keywords.yml"

MAX_KEYWORD_TEXT = 40
"""A longer message is never a keyword (characters)."""
MAX_WITH_ARGUMENT = 80
"""The code of a dossier is long, and so is politeness."""


class KeywordFileError(ValueError):
    """``keywords.yml`` is not usable; the message names the entry. Not retryable."""


@dataclass(frozen=True, slots=True)
class KeywordHit:
    """A recognised keyword: its entry's name, what it says about the question, and what stood
    after it, in one spelling."""

    name: str
    procedure: str | None = None
    aspect: str | None = None
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class Taker:
    """A keyword that an argument may follow."""

    word: re.Pattern[str]
    """Matches the word and takes the rest of the message as its group."""
    kinds: tuple[str, ...]
    hit: KeywordHit


NOTHING: Final = re.compile(r"(?!)")
Village = Callable[[str], str | None]
"""The key of the commune's village that words name."""


def no_village(words: str) -> str | None:
    """For a commune whose file names none."""
    return None


@dataclass(frozen=True)
class KeywordGrammar:
    """Every message that counts as a keyword."""

    hits: Mapping[str, KeywordHit]
    """By its matching key."""
    takers: Sequence[Taker] = ()
    reserved: frozenset[str] = frozenset()
    """Keys of what people send to their telephone company: never ours."""
    before: re.Pattern[str] = NOTHING
    after: re.Pattern[str] = NOTHING
    """The politeness around a keyword."""
    aspects: Mapping[str, str] = field(default_factory=dict)
    """Words that may stand beside a procedure -> what is asked."""
    code_alone: KeywordHit | None = None
    """What a message means that is the code of a dossier and no more."""
    village: Village = no_village

    def match(self, text: str) -> KeywordHit | None:
        """Return the hit when ``text`` is a keyword message, else None."""
        if len(text) > MAX_WITH_ARGUMENT:
            return None
        if text.strip() == "?":
            return self.hits.get("?")
        words = key(text)
        if not words or words in self.reserved:
            return None
        return self._alone(text, words) or self._with_argument(text) or self._code(text)

    def phrases(self, name: str) -> list[str]:
        """The messages that give exactly the bare keyword ``name`` (for help texts)."""
        return [text for text, hit in self.hits.items() if hit.name == name]

    def _alone(self, text: str, words: str) -> KeywordHit | None:
        if len(text) > MAX_KEYWORD_TEXT:
            return None
        found = self.hits.get(words) or self.hits.get(_joined_letters(words))
        if found is not None:
            return found
        for plain in self._plainer(words):
            if plain in self.hits and plain not in self.reserved:
                return self.hits[plain]
        return None

    def _code(self, text: str) -> KeywordHit | None:
        """The code of a dossier and no word before it."""
        code = bare_code(text) if self.code_alone is not None else None
        return replace(self.code_alone, argument=code) if self.code_alone and code else None

    def _with_argument(self, text: str) -> KeywordHit | None:
        plain = " ".join(fold(unicodedata.normalize("NFC", text)).lower().split())
        # The plainest first: of "HS 123 ạ" the last letter is no part of the code.
        for said in (*reversed(list(self._plainer(plain))), plain):
            for taker in self.takers:
                found = taker.word.fullmatch(said)
                argument = self._argument(taker.kinds, found[1]) if found else None
                if argument is not None:
                    return replace(taker.hit, argument=argument)
        return None

    def _argument(self, kinds: Iterable[str], words: str) -> str | None:
        for kind in kinds:
            named = self.village(words) if kind == "village" else None
            found = named or READERS[kind](words)
            if found is not None:
                return found
        return None

    def _plainer(self, words: str) -> Iterator[str]:
        """``words`` with ever less politeness around them."""
        for polite in (self.after, self.before):
            while (left := polite.sub("", words)) != words and key(left):
                words = left
                yield words


def _joined_letters(words: str) -> str:
    """``k s`` (from "K.S." or "K S") as ``ks``; anything longer stays as it is."""
    parts = words.split(" ")
    return "".join(parts) if len(parts) == 2 and all(len(p) == 1 for p in parts) else words


# --- reading the file -------------------------------------------------------------------


def load_grammar(path: Path = KEYWORDS_FILE) -> KeywordGrammar:
    """Read the grammar from ``path``.

    Raises:
        KeywordFileError: an unknown procedure, aspect or kind of argument, or a word used
            twice.
        OSError: the file cannot be read.
    """
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    hits: dict[str, KeywordHit] = {}
    takers: list[Taker] = []
    aspects = _aspect_words(data)
    for entry in data["keywords"]:
        hit = _hit(entry, path)
        for word in entry["words"]:
            _add(hits, _matching(word), hit, path)
            for both, asked in _with_aspects(word, hit, aspects):
                _add(hits, both, asked, path)
        takers += _takers(entry, hit, path)
    polite = data.get("polite", {})
    return KeywordGrammar(
        hits,
        takers,
        reserved=_keys(data.get("reserved", ())),
        before=re.compile(rf"^[\W_]*(?:{_any_of(polite.get('before', ()))})[\W_]+"),
        after=re.compile(rf"[\W_]+(?:{_any_of(polite.get('after', ()))})[\W_]*$"),
        aspects=aspects,
        code_alone=next((_hit(e, path) for e in data["keywords"] if e.get("code_alone")), None),
    )


def _hit(entry: Mapping[str, Any], path: Path) -> KeywordHit:
    hit = KeywordHit(entry["name"], entry.get("procedure"), entry.get("aspect"))
    if hit.procedure is not None and hit.procedure not in PROCEDURES:
        raise KeywordFileError(f"{path.name}: {hit.name}: no such procedure")
    if hit.aspect is not None and hit.aspect not in ASPECTS:
        raise KeywordFileError(f"{path.name}: {hit.name}: no such aspect")
    return hit


def _takers(entry: Mapping[str, Any], hit: KeywordHit, path: Path) -> Iterator[Taker]:
    kinds = tuple(entry.get("argument", ()))
    if unknown := set(kinds) - set(READERS):
        raise KeywordFileError(f"{path.name}: {hit.name}: no such argument {sorted(unknown)}")
    words = [*entry.get("words", ()), *entry.get("before_argument", ())] if kinds else []
    # The longest first: "MA XAC NHAN 123456" is not "MA" and something.
    for word in sorted(map(_matching, words), key=len, reverse=True):
        yield Taker(_followed(word), kinds, hit)


def _followed(word: str) -> re.Pattern[str]:
    """``word`` and the rest of the message; before digits ("HS123", "HSH56...") no blank."""
    spelt = r"[\W_]+".join(map(re.escape, word.split()))
    return re.compile(rf"[\W_]*{spelt}(?:[\W_]+|(?=h?\d))(.*\w.*)", re.DOTALL)


def _keys(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(key, words))


def _any_of(words: Iterable[str]) -> str:
    """A pattern of any of ``words``, the longest first; of nothing when there are none."""
    return "|".join(map(re.escape, sorted(_keys(words), key=len, reverse=True))) or "(?!)"


def _aspect_words(data: Mapping[str, Any]) -> dict[str, str]:
    words: dict[str, str] = {}
    for aspect, phrases in data["aspects"].items():
        if aspect not in ASPECTS:
            raise KeywordFileError(f"aspects: no such aspect {aspect!r}")
        words.update({key(phrase): aspect for phrase in phrases})
    return words


def _with_aspects(
    word: str, hit: KeywordHit, aspects: Mapping[str, str]
) -> Iterator[tuple[str, KeywordHit]]:
    """The word of a procedure beside what is asked about it, in either order."""
    if hit.procedure is None or hit.aspect is not None:
        return
    for phrase, aspect in aspects.items():
        asked = replace(hit, aspect=aspect)
        yield _matching(f"{word} {phrase}"), asked
        yield _matching(f"{phrase} {word}"), asked


def _matching(word: str) -> str:
    return key(word) or word


def _add(hits: dict[str, KeywordHit], matching: str, hit: KeywordHit, path: Path) -> None:
    if hits.setdefault(matching, hit) != hit:
        raise KeywordFileError(f"{path.name}: {matching!r} is in two entries")


@cache
def default_grammar() -> KeywordGrammar:
    """The shipped grammar, read once."""
    return load_grammar()


def match(text: str) -> KeywordHit | None:
    """Match ``text`` against the shipped grammar."""
    return default_grammar().match(text)


# --- what a commune adds ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conflict:
    """Why a word of a commune cannot be used: number of its entry, of the word (None: the
    meaning is at fault), and the reason in Vietnamese."""

    entry: int
    word: int | None
    reason: str


Own = Sequence[tuple[Sequence[str], str]]
"""A commune's entries: words, and what they mean (``hours``, ``khai_sinh+le_phi``)."""


def laid_over(grammar: KeywordGrammar, own: Own, village: Village = no_village) -> KeywordGrammar:
    """``grammar`` with a commune's words and villages; words that cannot be used are left out."""
    added, _ = _read_own(grammar, own)
    return replace(grammar, hits={**added, **grammar.hits}, village=village)


def conflicts(grammar: KeywordGrammar, own: Own) -> list[Conflict]:
    """The words of a commune that cannot be used, and why."""
    return _read_own(grammar, own)[1]


def _read_own(grammar: KeywordGrammar, own: Own) -> tuple[dict[str, KeywordHit], list[Conflict]]:
    added: dict[str, KeywordHit] = {}
    wrong: list[Conflict] = []
    for number, (words, means) in enumerate(own):
        hit = _meaning(grammar, means)
        if hit is None:
            wrong.append(Conflict(number, None, f"không có việc “{means}” để gọi"))
            continue
        for at, word in enumerate(words):
            reason = _unusable(grammar, added, word, hit)
            if reason:
                wrong.append(Conflict(number, at, reason))
                continue
            added[key(word)] = hit
            for both, asked in _with_aspects(word, hit, grammar.aspects):
                added.setdefault(both, asked)
    return added, wrong


def _meaning(grammar: KeywordGrammar, means: str) -> KeywordHit | None:
    name, _, aspect = means.partition("+")
    hit = next(
        (one for one in grammar.hits.values() if one.name == name and one.aspect is None), None
    ) or next((one for one in grammar.hits.values() if one.name == name), None)
    if hit is None or not aspect:
        return hit
    known = hit.procedure is not None and aspect in ASPECTS
    return replace(hit, aspect=aspect) if known else None


def _unusable(
    grammar: KeywordGrammar, added: Mapping[str, KeywordHit], word: str, hit: KeywordHit
) -> str:
    matching = key(word)
    if not matching or len(word) > MAX_KEYWORD_TEXT:
        return f"“{word}” không dùng làm từ khoá được"
    if matching.isdigit() and len(matching) <= SHORTEST_NUMBER:
        return f"“{word}” là số chọn trong danh sách"
    if matching in grammar.reserved:
        return f"“{word}” là cú pháp của nhà mạng"
    other = grammar.match(word) or added.get(matching)
    if other is not None and other != hit:
        return f"từ khoá “{word}” đã dùng cho “{other.name}”"
    return ""


SHORTEST_NUMBER: Final = 3
"""Numbers of so many digits are choices, or nearly."""
