"""Whom to telephone: reminders that no message could carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.store import reminders
from bot.store.reminders import Call
from console import pages, words
from console.guard import Visit

_SOON = timedelta(hours=4)
DONE_NOTES = {
    "called": "Đã ghi là đã gọi. Cảm ơn anh/chị.",
    "gone": "Cuộc gọi này không còn trong danh sách: có thể cán bộ khác vừa gọi, hoặc đã quá hạn.",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One call to make."""

    id: int
    phone: str
    """E.164."""
    phone_text: str
    text: str
    until: str
    soon: bool
    """Little time is left."""


async def show(visit: Visit) -> web.StreamResponse:
    """GET: the calls of the commune, most urgent first."""
    now = visit.desk.clock.now()
    async with visit.desk.store.read() as session:
        calls = await reminders.calls(session, visit.login.commune, now)
    note = DONE_NOTES.get(visit.request.query.get("done", ""), "")
    return await visit.page("calls.html", items=[_item(call, now) for call in calls], note=note)


async def called(visit: Visit) -> web.StreamResponse:
    """POST: somebody has called."""
    reminder_id = int(visit.request.match_info["id"])
    async with visit.desk.store.write() as session:
        was_there = await reminders.called(session, visit.login.commune, reminder_id)
    return pages.go(f"/console/calls?done={'called' if was_there else 'gone'}")


def _item(call: Call, now: datetime) -> Item:
    return Item(
        id=call.id,
        phone=call.phone,
        phone_text=words.phone(call.phone),
        text=call.text,
        until=words.deadline(call.expires_at, now),
        soon=call.expires_at - now <= _SOON,
    )
