"""Ready-made announcements, with blanks that an officer fills in: the shape of
``faq/announcements.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import Field

from bot.knowledge import placeholders
from bot.knowledge.model import Model, Slug, Text

SAID: Final = ("title", "text", "sms")
"""What of it is said, and may hold blanks."""


class Blank(Model):
    """One thing to fill in."""

    ask: Text
    example: Text
    ours: Literal["phone"] | None = None
    """Filled in already with what the commune's file says."""


class ReadyText(Model):
    """An announcement as far as it is always the same."""

    name: Text
    """What officers choose it by."""
    title: Text
    text: Text
    sms: Text
    urgent: bool = False
    hours: int = Field(default=24, ge=1, le=14 * 24)
    """After so long it is pointless."""
    blanks: dict[Slug, Blank] = Field(default_factory=dict)

    def filled(self, said: Mapping[str, str]) -> ReadyText:
        """With what an officer says; what is not said stays open."""
        values = {name: value.strip() for name, value in said.items() if value.strip()}
        texts = {name: placeholders.fill(getattr(self, name), values.get) for name in SAID}
        # A text may begin with what was filled in.
        return self.model_copy(update={n: text[:1].upper() + text[1:] for n, text in texts.items()})

    @property
    def example(self) -> ReadyText:
        """As its examples fill it in."""
        return self.filled({name: blank.example for name, blank in self.blanks.items()})
