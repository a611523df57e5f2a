"""TIEP: the rest of a long SMS."""

from __future__ import annotations

from bot.dialogue.acts import NextPage
from bot.dialogue.outcome import Done, Env


def perform(act: NextPage, _env: Env) -> Done:
    """The pages as they were cut."""
    return Done(pages=act.pages)
