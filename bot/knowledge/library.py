"""The content as the bot uses it: all that ``faq/`` says, and what of it counts where and when.

* :class:`Library`: everything, for all days and all communes, as it is written;
* :class:`Knowledge`: what may be told on one day in one commune. Of each fact and paper it
  has the version that holds then; what a province or commune put over the national content
  is in place; numbers of other facts stand in the texts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.knowledge import placeholders
from bot.knowledge.dossier_words import DossierWords
from bot.knowledge.errors import PhraseError, UnknownContent
from bot.knowledge.model import (
    COMMON,
    Common,
    Commune,
    Dated,
    Fact,
    Holidays,
    Layer,
    Menu,
    Paper,
    Phrase,
    Procedure,
    Province,
    Source,
    ToConfirm,
)
from bot.knowledge.ready_texts import ReadyText
from bot.knowledge.resolve import Missing, Resolved, resolve
from bot.reminders.rules import ReminderRules


@dataclass(frozen=True, slots=True, repr=False)
class Knowledge:
    """What may be told on one day in one commune.

    Facts' texts still hold ``{value}`` and ``{commune...}``: :mod:`bot.knowledge.render` fills
    them.
    """

    procedures: Mapping[str, Procedure]
    common: Common
    here: Commune | None
    """The commune; None where the national content alone was asked for."""
    province: str
    """Its province's name; empty without a commune."""
    communes: Mapping[str, Commune]
    phrases: Mapping[str, Phrase]
    menu: Menu | None
    holidays: Holidays
    to_confirm: Mapping[str, ToConfirm]
    missing: Mapping[tuple[str, str], Missing]
    """(procedure's id or ``common``, fact or paper) -> why it may not be told now."""
    unfilled: frozenset[str]
    """Procedures whose checklist speaks of a number that is law no more, or not yet."""
    reminders: ReminderRules | None = None
    """When people are reminded of their dossiers."""
    dossier_words: DossierWords = field(default_factory=DossierWords)
    """How the provincial system names things."""

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
        return _commune(self.communes, commune_id)

    def find_fact(self, procedure: Procedure | str | None, fact_id: str) -> Fact | None:
        """A fact of the procedure, else of the common ones; None while it may not be told."""
        own = self._own(procedure)
        if own is not None:
            if fact_id in own.facts:
                return own.facts[fact_id][0]
            replaced = self.missing.get((own.id, fact_id))
            if replaced is not None and not replaced.later:
                return None  # what stood in for the shared fact ended: that one is not told anew
        versions = self.common.facts.get(fact_id)
        return versions[0] if versions else None

    def fact(self, procedure: Procedure | str | None, fact_id: str) -> Fact:
        """The same.

        Raises:
            UnknownContent: there is none, or it may not be told now.
        """
        found = self.find_fact(procedure, fact_id)
        if found is None:
            raise UnknownContent(f"no fact {fact_id!r}")
        return found

    def find_paper(self, procedure: Procedure | str | None, paper_id: str) -> Paper | None:
        """A paper of the procedure, else of the common ones; None while it may not be told."""
        own = self._own(procedure)
        versions = (own.papers.get(paper_id) if own else None) or self.common.papers.get(paper_id)
        return versions[0] if versions else None

    def paper(self, procedure: Procedure | str | None, paper_id: str) -> Paper:
        """The same.

        Raises:
            UnknownContent: there is none, or it may not be told now.
        """
        found = self.find_paper(procedure, paper_id)
        if found is None:
            raise UnknownContent(f"no paper {paper_id!r}")
        return found

    def why_missing(self, procedure: Procedure | str, item_id: str) -> Missing | None:
        """Why a fact or paper that the content has may not be told now."""
        own = procedure if isinstance(procedure, str) else procedure.id
        return self.missing.get((own, item_id)) or self.missing.get((COMMON, item_id))

    def _own(self, procedure: Procedure | str | None) -> Procedure | None:
        return self.procedure(procedure) if isinstance(procedure, str) else procedure

    def phrase(self, phrase_id: str, *, short: bool = False, **params: object) -> str:
        """A sentence of the bot, with its ``{param}`` places filled.

        Raises:
            PhraseError: if there is no such phrase, or one of its parameters is missing.
        """
        return _phrase(self.phrases, phrase_id, short, params)


@dataclass(frozen=True, slots=True, repr=False)
class Library:
    """All content as it is written: every version of every fact, and all layers."""

    procedures: Mapping[str, Procedure]
    common: Common
    communes: Mapping[str, Commune]
    provinces: Mapping[str, Province]
    sources: Mapping[str, Source]
    phrases: Mapping[str, Phrase]
    menu: Menu | None = None
    to_confirm: Mapping[str, ToConfirm] = field(default_factory=dict)
    holidays: Holidays = field(default_factory=Holidays)
    reminders: ReminderRules | None = None
    dossier_words: DossierWords = field(default_factory=DossierWords)
    ready_texts: Mapping[str, ReadyText] = field(default_factory=dict)
    """Announcements that officers need not write anew."""
    _views: dict[tuple[int, str], Knowledge] = field(default_factory=dict)
    _resolved: dict[tuple[int, str], Resolved] = field(default_factory=dict)
    _turns: list[date] = field(default_factory=list)

    def on(self, day: date, commune_id: str | None = None) -> Knowledge:
        """What may be told on ``day`` in that commune (None: the national content alone).

        Raises:
            UnknownContent: if there is no such commune.
        """
        commune = self.commune(commune_id) if commune_id is not None else None
        key = (self._epoch(day), commune_id or "")
        if key not in self._views:
            self._views[key] = self._view(day, key[0], commune)
        return self._views[key]

    def _view(self, day: date, epoch: int, commune: Commune | None) -> Knowledge:
        layers = self.layers(commune) if commune else []
        # Communes that say nothing of their own share what their province says.
        telling = [layer for layer in layers if layer.facts or layer.confirmed]
        name = "/".join(f"{type(layer).__name__} {layer.id}" for layer in telling)
        if (epoch, name) not in self._resolved:
            self._resolved[epoch, name] = resolve(day, self.common, self.procedures, telling)
        resolved = self._resolved[epoch, name]
        return Knowledge(
            procedures=resolved.procedures,
            common=resolved.common,
            here=commune,
            province=self.province_name(commune) if commune else "",
            communes=self.communes,
            phrases=self.phrases,
            menu=self.menu,
            holidays=_together(
                [self.holidays, *(layer.holidays for layer in layers)],
                {name for layer in layers for name in layer.confirmed},
            ),
            to_confirm=self.to_confirm,
            missing=resolved.missing,
            unfilled=resolved.unfilled,
            reminders=_under(self.reminders, layers),
            dossier_words=self.dossier_words.under(layer.dossier_import for layer in layers),
        )

    def layers(self, commune: Commune) -> list[Layer]:
        """What is put over the national content there, the strongest last."""
        province = self.provinces.get(commune.province)
        return [province, commune] if province else [commune]

    def province_name(self, commune: Commune) -> str:
        """The province's name: "thành phố Hà Nội"."""
        province = self.provinces.get(commune.province)
        return province.name if province else commune.province

    def commune(self, commune_id: str) -> Commune:
        """The commune of that id.

        Raises:
            UnknownContent: if there is none.
        """
        return _commune(self.communes, commune_id)

    def phrase(self, phrase_id: str, *, short: bool = False, **params: object) -> str:
        """A sentence of the bot, with its ``{param}`` places filled.

        Raises:
            PhraseError: if there is no such phrase, or one of its parameters is missing.
        """
        return _phrase(self.phrases, phrase_id, short, params)

    def dated(self, commune: Commune | None = None) -> Iterator[tuple[str, str, Dated]]:
        """Every version of every fact and paper: (``common``, a procedure's or a layer's id,
        its own id, itself); of the layers only those of ``commune`` where one is given."""
        owners: list[tuple[str, Common | Procedure]] = [(COMMON, self.common)]
        for owner, one in [*owners, *self.procedures.items()]:
            for items in (one.facts, one.papers):
                for item_id, versions in items.items():
                    for version in versions:
                        yield owner, item_id, version
        layers: list[Layer] = [*self.provinces.values(), *self.communes.values()]
        for layer in self.layers(commune) if commune else layers:
            for owner, facts in layer.facts.items():
                for item_id, layered in facts.items():
                    for fact in layered:
                        yield f"{layer.id}.{owner}", item_id, fact

    def turning_days(self) -> list[date]:
        """The days on which something begins or ceases to be told, in order."""
        if not self._turns:
            days: set[date] = set()
            for _, _, item in self.dated():
                days.add(item.holds_from)
                ends = {item.good_until, item.holds_to or date.max} - {date.max}
                days |= {end + timedelta(days=1) for end in ends}
            self._turns.extend(sorted(days))
        return self._turns

    def _epoch(self, day: date) -> int:
        return bisect_right(self.turning_days(), day)


def _under(rules: ReminderRules | None, layers: list[Layer]) -> ReminderRules | None:
    for layer in layers:
        rules = rules.under(layer.reminders) if rules else None
    return rules


def _together(all_days: list[Holidays], confirmed: Collection[str]) -> Holidays:
    """All of them; what somebody has confirmed is not uncertain any more."""
    return Holidays(
        days_off=tuple(day for one in all_days for day in one.days_off),
        work_days=tuple(day for one in all_days for day in one.work_days),
        uncertain=tuple(
            day for one in all_days for day in one.uncertain if day.confirm not in confirmed
        ),
    )


def _commune(communes: Mapping[str, Commune], commune_id: str) -> Commune:
    try:
        return communes[commune_id]
    except KeyError:
        raise UnknownContent(f"no commune {commune_id!r}") from None


def _phrase(
    phrases: Mapping[str, Phrase], phrase_id: str, short: bool, params: Mapping[str, object]
) -> str:
    phrase = phrases.get(phrase_id)
    if phrase is None:
        raise PhraseError(f"no phrase {phrase_id!r}")
    text = phrase.short if short else phrase.long
    missing = sorted(set(placeholders.find(text)) - set(params))
    if missing:
        raise PhraseError(f"phrase {phrase_id!r} needs {', '.join(missing)}")
    return placeholders.fill(text, lambda name: str(params[name]))
