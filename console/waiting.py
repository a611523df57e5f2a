"""Who waits for a word from which officer."""

from __future__ import annotations

from typing import Literal

from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import handovers
from bot.store.handovers import HandOverView
from bot.store.officers import Login

Place = Literal["waiting", "mine", "others", "done"]
"""A part of the officer's list."""


async def to_do(session: AsyncSession, login: Login) -> int:
    """How many citizens wait for a word from this officer."""
    views = await handovers.listing(session, login.commune)
    places = [(place_of(view, login.officer_id), view) for view in views]
    return sum(place == "waiting" or is_new(view, place) for place, view in places)


def place_of(view: HandOverView, officer_id: int) -> Place:
    """In which part of the list a hand-over stands for this officer."""
    if view.closed_at is not None:
        return "done"
    if view.taken_by is None:
        return "waiting"
    return "mine" if view.taken_by == officer_id else "others"


def is_new(view: HandOverView, place: Place) -> bool:
    """Whether the citizen wrote after the last word of the officer who is looking."""
    if place != "mine" or view.last_inbound_at is None:
        return False
    return view.last_officer_at is None or view.last_inbound_at > view.last_officer_at
