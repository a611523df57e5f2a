"""What is already known of a citizen's case when an officer opens it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """A checklist as far as it was filled in, in the words the citizen saw."""

    title: str
    answers: tuple[tuple[str, str], ...] = ()
    """Question and answer."""
    papers: tuple[tuple[str, bool], ...] = ()
    """Paper, and whether the citizen has it."""
