"""When a dossier's person is reminded: the shape of ``faq/reminders.yaml``.

Numbers of the law do not stand there: a legal deadline is the procedure's (``deadlines`` in
``faq/procedures``), and how long a paper holds is a fact that a rule names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

State = Literal["received", "processing", "need_papers", "ready", "returned", "closed"]
"""Where a dossier is; ``closed``: withdrawn or refused."""
STATES: tuple[State, ...] = get_args(State)
FINAL: tuple[State, ...] = ("returned", "closed")

Kind = Literal["hen", "han", "giay", "ket_qua", "het_han", "rieng"]
"""An appointment, a legal deadline, papers that are missing, a result that is ready, a paper
that ceases to hold, an officer's own words."""
KINDS: tuple[Kind, ...] = get_args(Kind)

Base = Literal["appointment", "deadline", "state", "validity", "given"]
"""The date that is counted from: of the appointment; the last day of the legal deadline; since
when the dossier is in its state; the last day on which the paper holds; the one that an
officer gave."""

Offset = Annotated[int, Field(ge=-366, le=366)]
Offsets = tuple[Offset, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Strict):
    """One kind of reminder."""

    states: tuple[State, ...] = ()
    """The dossier's states to which it belongs; in any other it is not sent any more."""
    counted_from: Base
    offsets: Offsets = ()
    """Days after the date, negative before it. Empty: those of the procedure's deadline."""
    hour: time
    days: Literal["office", "no_holiday"]
    """On which days: when the office works, or on all but public holidays."""
    move: Literal["earlier", "later"]
    """Where it goes from a day on which it may not be sent."""
    late: Literal["now", "morning"]
    """What becomes of one whose moment is over when the dossier is entered: as soon as may
    be, or in the next morning."""
    useful_days: Annotated[int, Field(ge=0, le=366)]
    """So many days after the date it is pointless; an appointment ends it at its hour."""
    replaces: Literal["dossier", "itself"]
    """What is due and has not left yet when this one is due, and is not sent any more:
    whatever the dossier had to say, or only this very kind."""


class ValidityRule(Rule):
    """That a paper which was given out ceases to hold."""

    facts: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], str]
    """Procedure -> its fact whose ``value`` is the number of months (or days, by its
    ``unit``) for which the paper holds."""


class ReminderRules(_Strict):
    """All kinds. Of several on one day for one dossier the first of this order goes."""

    hen: Rule
    han: Rule
    giay: Rule
    ket_qua: Rule
    het_han: ValidityRule
    rieng: Rule

    def of(self, kind: Kind) -> Rule:
        """The rule of that kind."""
        rule: Rule = getattr(self, kind)
        return rule

    def items(self) -> Iterator[tuple[Kind, Rule]]:
        """Kind and rule, what matters most first."""
        return ((kind, self.of(kind)) for kind in KINDS)

    def calling_in(self) -> frozenset[Kind]:
        """Kinds that wait for the next office day, rather than come too late for its date."""
        return frozenset(
            kind for kind, rule in self.items() if rule.days == "office" and rule.move == "later"
        )

    def under(self, changes: Mapping[Kind, RuleChange]) -> ReminderRules:
        """With what a province or a commune says otherwise."""
        if not changes:
            return self
        new: dict[str, Rule] = {
            kind: self.of(kind).model_copy(update=one.told()) for kind, one in changes.items()
        }
        return self.model_copy(update=new)


class RuleChange(_Strict):
    """What a province or a commune says otherwise of a kind."""

    offsets: Annotated[Offsets, Field(min_length=1)] | None = None
    hour: time | None = None

    def told(self) -> dict[str, object]:
        """Only what it says."""
        return {name: value for name, value in self if value is not None}
