"""The content as the bot uses it: everything that ``faq/`` says, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.knowledge import placeholders
from bot.knowledge.errors import PhraseError, UnknownContent
from bot.knowledge.model import Common, Commune, Fact, Paper, Phrase, Procedure, Source


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Validated content. Facts' texts are raw: :mod:`bot.knowledge.render` fills them."""

    procedures: Mapping[str, Procedure]
    common: Common
    communes: Mapping[str, Commune]
    sources: Mapping[str, Source]
    phrases: Mapping[str, Phrase]

    def procedure(self, procedure_id: str) -> Procedure:
        """The procedure of that id.

        Raises:
            UnknownContent: if there is none.
        """
        try:
            return self.procedures[procedure_id]
        except KeyError:
            raise UnknownContent(f"no procedure {procedure_id!r}") from None

    def commune(self, commune_id: str) -> Commune:
        """The commune of that id.

        Raises:
            UnknownContent: if there is none.
        """
        try:
            return self.communes[commune_id]
        except KeyError:
            raise UnknownContent(f"no commune {commune_id!r}") from None

    def fact(self, procedure: Procedure | str | None, fact_id: str) -> Fact:
        """A fact of the procedure, else of the common ones.

        Raises:
            UnknownContent: if neither has it.
        """
        own = self._own(procedure)
        found = (own.facts.get(fact_id) if own else None) or self.common.facts.get(fact_id)
        if found is None:
            raise UnknownContent(f"no fact {fact_id!r}")
        return found

    def paper(self, procedure: Procedure | str | None, paper_id: str) -> Paper:
        """A paper of the procedure, else of the common ones.

        Raises:
            UnknownContent: if neither has it.
        """
        own = self._own(procedure)
        found = (own.papers.get(paper_id) if own else None) or self.common.papers.get(paper_id)
        if found is None:
            raise UnknownContent(f"no paper {paper_id!r}")
        return found

    def _own(self, procedure: Procedure | str | None) -> Procedure | None:
        return self.procedure(procedure) if isinstance(procedure, str) else procedure

    def phrase(self, phrase_id: str, *, short: bool = False, **params: object) -> str:
        """A sentence of the bot, with its ``{param}`` places filled.

        Raises:
            PhraseError: if there is no such phrase, or one of its parameters is missing.
        """
        phrase = self.phrases.get(phrase_id)
        if phrase is None:
            raise PhraseError(f"no phrase {phrase_id!r}")
        text = phrase.short if short else phrase.long
        missing = sorted(set(placeholders.find(text)) - set(params))
        if missing:
            raise PhraseError(f"phrase {phrase_id!r} needs {', '.join(missing)}")
        return placeholders.fill(text, lambda name: str(params[name]))

    def owners(self) -> list[Common | Procedure]:
        """All that have facts and papers: what is shared, then each procedure."""
        return [self.common, *self.procedures.values()]
