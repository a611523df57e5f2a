"""What can go wrong with content.

* :class:`ContentError`: ``faq/`` is not usable; carries every fault. Mend the files.
* :class:`UnknownContent`: asked for a procedure, fact, paper or commune that is not there.
  A programming error, or a stored id from an older ``faq/``; treat as "hand over".
* :class:`PhraseError`: a phrase is missing, or a parameter of it. A programming error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True, slots=True)
class ContentFault:
    """One fault of one content file: where it is and what is wrong, in Vietnamese."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class ContentError(ValueError):
    """The content has faults; ``faults`` holds all of them, in file and line order."""

    def __init__(self, faults: Iterable[ContentFault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(str(fault) for fault in self.faults))


class UnknownContent(KeyError):
    """There is no such procedure, fact, paper or commune."""

    def __str__(self) -> str:
        return str(self.args[0])


class PhraseError(LookupError):
    """There is no such phrase, or it was asked for without one of its parameters."""
