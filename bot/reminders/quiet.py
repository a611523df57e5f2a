"""Quiet hours: nothing that we start by ourselves reaches a phone at night."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from bot.clock import LOCAL

OPENS = time(7, 0)
CLOSES = time(21, 0)
"""Reminders leave within 07:00-21:00 in Vietnam, stricter than NĐ 91/2020 (07:00-22:00)."""


def allowed(at: datetime) -> bool:
    """Whether a reminder may leave at that instant."""
    return OPENS <= at.astimezone(LOCAL).time() < CLOSES


def next_allowed(at: datetime) -> datetime:
    """``at`` itself, or the next 07:00 in Vietnam (aware UTC)."""
    local = at.astimezone(LOCAL)
    if OPENS <= local.time() < CLOSES:
        return at.astimezone(UTC)
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    return datetime.combine(day, OPENS, LOCAL).astimezone(UTC)
