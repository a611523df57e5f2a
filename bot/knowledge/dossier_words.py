"""How provincial systems name columns, states and procedures in what they export.

The shape of ``faq/dossier_import.yaml``; a province or a commune adds its own spellings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.reminders.rules import State
from bot.text import key

KeyT = TypeVar("KeyT", bound=str)

Column = Literal[
    "code",
    "phone",
    "procedure",
    "state",
    "state_on",
    "received_on",
    "due_on",
    "appointment",
    "event_on",
    "valid_until",
    "missing",
    "consent",
]
"""What a column of the file is about."""
COLUMNS: Final[tuple[Column, ...]] = get_args(Column)
NEEDED: Final[tuple[Column, ...]] = ("code", "state")

Spelling = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Spellings = tuple[Spelling, ...]


class DossierWords(BaseModel):
    """Spellings, with or without diacritics, in any case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: dict[Column, Spellings] = {}
    states: dict[State, Spellings] = {}
    procedures: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+$")], Spellings] = {}
    """Beside the official names and codes, which are known from ``faq/procedures``."""
    yes: Spellings = ()
    """In the column of consents: agreed."""
    no: Spellings = ()

    def under(self, others: Iterable[DossierWords]) -> DossierWords:
        """With the spellings of others, which count before these."""
        words = self
        for other in others:
            words = DossierWords(
                columns=_joined(other.columns, words.columns),
                states=_joined(other.states, words.states),
                procedures=_joined(other.procedures, words.procedures),
                yes=(*other.yes, *words.yes),
                no=(*other.no, *words.no),
            )
        return words


def _joined(
    first: Mapping[KeyT, Spellings], then: Mapping[KeyT, Spellings]
) -> dict[KeyT, Spellings]:
    taken = {key(said) for spellings in first.values() for said in spellings}
    left = {
        name: tuple(said for said in spellings if key(said) not in taken)
        for name, spellings in then.items()
    }
    return {name: (*first.get(name, ()), *left.get(name, ())) for name in {**then, **first}}
