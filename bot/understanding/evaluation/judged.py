"""One labelled question beside what it was taken for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from bot.understanding.evaluation.rows import Row
from bot.understanding.types import Understanding

Part = Literal["procedure", "aspect", "both"]

FOR_A_PERSON: Final = frozenset({"gap_can_bo", "khieu_nai", "ngoai_pham_vi"})
"""Aspects that it is no mistake to hand over."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and its understanding. *Lenient* takes any accepted label for right."""

    row: Row
    understood: Understanding

    def right(self, part: Part, lenient: bool = True) -> bool:
        """Whether ``part`` of the label is right."""
        most = None if lenient else 1
        procedure = self.understood.procedure in self.row.procedures[:most]
        aspect = self.understood.aspect in self.row.aspects[:most]
        return {"procedure": procedure, "aspect": aspect, "both": procedure and aspect}[part]

    @property
    def answered(self) -> bool:
        """Whether it was answered outright."""
        return self.understood.decision == "answer"

    @property
    def wrong_answer(self) -> bool:
        """Answered about a procedure that was not asked about: the worst of mistakes."""
        return self.answered and not self.right("procedure")

    @property
    def wrong_aspect(self) -> bool:
        """Answered about the right procedure, but not what was asked about it."""
        return self.answered and self.right("procedure") and not self.right("aspect")

    @property
    def wrong_smalltalk(self) -> bool:
        """Taken for small talk, or for the wrong kind of it."""
        return self.understood.decision == "smalltalk" and not self.right("both")

    @property
    def wrong_handover(self) -> bool:
        """Handed over although no person was asked for and the question is one of ours."""
        return self.understood.decision == "handover" and FOR_A_PERSON.isdisjoint(self.row.aspects)

    @property
    def second_found(self) -> bool:
        """Whether the second question was found as well, whichever comes first."""
        found = [(label.procedure, label.aspect) for label in self.understood.questions]
        first = (self.row.procedure, self.row.aspect)
        found.remove(first if first in found else found[0])
        return self.row.second in found
