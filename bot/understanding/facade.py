"""The door of the understanding room: text -> :class:`Understanding`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.understanding.client import NluClient
from bot.understanding.decide import decide
from bot.understanding.keywords import KeywordGrammar, KeywordHit, default_grammar
from bot.understanding.types import NONE, SMALLTALK_ASPECTS, Decision, Understanding


class Understander:
    """Keywords first, which need no model; everything else by the model."""

    def __init__(self, client: NluClient, grammar: KeywordGrammar | None = None) -> None:
        self._client = client
        self._grammar = grammar or default_grammar()

    async def understand(self, text: str) -> Understanding:
        """Understand one message.

        Raises:
            NluUnavailable: the message is no keyword and there is no model now.
        """
        return (await self.understand_many([text]))[0]

    async def understand_many(self, texts: Sequence[str]) -> list[Understanding]:
        """Understand several messages, in their order.

        Raises:
            NluUnavailable: one of them is no keyword and there is no model now.
        """
        hits = [self._grammar.match(text) for text in texts]
        free = [text for text, hit in zip(texts, hits, strict=True) if hit is None]
        ranked = iter(await self._client.parse(free))
        return [
            decide(text, next(ranked)) if hit is None else from_keyword(text, hit)
            for text, hit in zip(texts, hits, strict=True)
        ]


def from_keyword(text: str, hit: KeywordHit) -> Understanding:
    """The understanding of a keyword message; it is certain.

    A bare procedure asks how it is done. A command that is neither a procedure nor
    small talk (``help``, ``stop``, ``next``, ``erase``, ``my_data``) has no place in
    the contract's names: it reads none + cach_lam, and ``keyword`` says what it is.
    """
    procedure, aspect = hit.procedure or NONE, hit.aspect or "cach_lam"
    return Understanding(text, procedure, aspect, 1.0, _decision(hit, aspect), (), hit.name)


def _decision(hit: KeywordHit, aspect: str) -> Decision:
    if aspect == "gap_can_bo":
        return "handover"
    if aspect in SMALLTALK_ASPECTS or hit.procedure is None:
        return "smalltalk"
    return "answer"
