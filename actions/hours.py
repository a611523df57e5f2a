"""Tells the office's hours, address and phone."""

from __future__ import annotations

from actions.phrasing import phrase
from bot.dialogue.acts import OpeningHours
from bot.dialogue.outcome import Done, Env
from bot.knowledge.render import render_hours
from bot.messages import Reply


def perform(_act: OpeningHours, env: Env) -> Done:
    """Hours, place, phone."""
    long = phrase(env, "hours", hours=render_hours(env.commune, short=False)).long
    short = phrase(env, "hours", hours=render_hours(env.commune, short=True)).short
    return Done((Reply(long, short),))
