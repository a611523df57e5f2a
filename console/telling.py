"""What a page of settings tells: how the thing stands, and what came of what was just done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

Look = Literal["ok", "warn", "bad", "info", "none"]
"""The colour of a mark."""
PartT = TypeVar("PartT", bound=str)


@dataclass(frozen=True, slots=True)
class Told(Generic[PartT]):
    """What happened, told in the part of the page where it was asked for."""

    part: PartT
    sentence: str
    bad: bool = False
    typed: Mapping[str, str] = field(default_factory=dict)
    """What was in the form, to fill it in again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands, in one sentence with a colour."""

    mark: str
    look: Look
    sentence: str
