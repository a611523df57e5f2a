"""The door of the understanding room: text -> :class:`Understanding`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from bot.text import clean
from bot.understanding.client import NluClient
from bot.understanding.keywords import KeywordGrammar, KeywordHit, default_grammar
from bot.understanding.naming import Names, default_names
from bot.understanding.normalise import (
    Lexicon,
    default_lexicon_dir,
    load_lexicon,
    normal_words,
    raw_words,
)
from bot.understanding.reading import Reading, read, settle
from bot.understanding.types import (
    NONE,
    SMALLTALK_ASPECTS,
    Correction,
    Decision,
    Label,
    Understanding,
)


class Understander:
    """Keywords first, which need no model; everything else by the model."""

    def __init__(
        self,
        client: NluClient,
        grammar: KeywordGrammar | None = None,
        names: Names | None = None,
        lexicon: Lexicon | None = None,
    ) -> None:
        self._client = client
        self._reader = Reader(grammar, names, lexicon)

    async def understand(self, text: str, grammar: KeywordGrammar | None = None) -> Understanding:
        """Understand one message, by the keywords of its commune.

        Raises:
            NluUnavailable: the message is no keyword and there is no model now.
        """
        return (await self.understand_many([text], grammar))[0]

    async def understand_many(
        self, texts: Sequence[str], grammar: KeywordGrammar | None = None
    ) -> list[Understanding]:
        """Understand several messages, in their order; the model is asked once for all.

        Raises:
            NluUnavailable: one of them is no keyword and there is no model now.
        """
        found = [self._reader.read(text, grammar) for text in texts]
        pieces = [piece for one in found if isinstance(one, Reading) for piece in one.texts]
        ranked = iter(await self._client.parse(pieces))
        return [
            self._reader.settle(one, [next(ranked) for _ in one.texts])
            if isinstance(one, Reading)
            else one
            for one in found
        ]


class Reader:
    """What is known before the model is asked, and what becomes of its answers."""

    def __init__(
        self,
        grammar: KeywordGrammar | None = None,
        names: Names | None = None,
        lexicon: Lexicon | None = None,
    ) -> None:
        self._grammar = grammar or default_grammar()
        self._names = names or default_names()
        self._lexicon = lexicon or _default_lexicon()

    def read(self, text: str, grammar: KeywordGrammar | None = None) -> Understanding | Reading:
        """The understanding where keywords tell it; else what the model is to rank."""
        grammar = grammar or self._grammar
        hit = grammar.match(text)
        if hit is not None:
            return from_keyword(text, hit)
        reading = replace(read(clean(text), self._names), text=text)
        correction = reading.correction
        meant = grammar.match(correction.rest) if correction and correction.rest else None
        if correction is None or meant is None or meant.procedure is None:
            return reading
        return replace(
            from_keyword(text, meant),
            keyword=None,  # "không, KT" is no command
            correction=correction,
            named=(meant.procedure,),
            name_only=meant.aspect is None or self._only_a_name(correction),
        )

    def settle(self, reading: Reading, rankings: Sequence[Sequence[Label]]) -> Understanding:
        """The understanding of what was read, from the rankings of ``reading.texts``."""
        return settle(reading, rankings, self._names, self._words)

    def _only_a_name(self, correction: Correction) -> bool:
        return self._names.only(self._words(correction.rest)) is not None

    def _words(self, text: str) -> list[str]:
        return normal_words(raw_words(text), self._lexicon, keep_dialect=False)


@cache
def _default_lexicon() -> Lexicon:
    return load_lexicon(default_lexicon_dir())


def from_keyword(text: str, hit: KeywordHit) -> Understanding:
    """The understanding of a keyword message; it is certain.

    A bare procedure asks how it is done. A command that is neither a procedure nor
    small talk (``help``, ``others``, ``stop``, ``next``, ``erase``, ``my_data``, ``remind``,
    ``subscribe``, ``prove``) has no place in the contract's names: it reads none + cach_lam, and
    ``keyword`` says what it is.
    """
    procedure, aspect = hit.procedure or NONE, hit.aspect or "cach_lam"
    decided = _decision(hit, aspect)
    return Understanding(text, procedure, aspect, 1.0, decided, (), hit.name, hit.argument)


def _decision(hit: KeywordHit, aspect: str) -> Decision:
    if aspect == "gap_can_bo":
        return "handover"
    if aspect in SMALLTALK_ASPECTS or hit.procedure is hit.aspect is None:
        return "smalltalk"
    return "answer"
