"""The officer asks a citizen on Zalo for a telephone number, by Zalo's own form."""

from __future__ import annotations

from aiohttp import web

from bot.messages import OutgoingKind
from bot.store import conversations, outbox
from bot.store.conversations import ConversationView
from bot.store.handovers import NotYours
from bot.store.models import officer_owner
from console import conversation, pages
from console.guard import Visit
from console.known import form_state
from console.reachable import reachable

NEEDLESS = "Cuộc trò chuyện này không cần hoặc không gửi được ô xin số điện thoại."


async def ask(visit: Visit) -> web.StreamResponse:
    """POST: queue the form; twice before the citizen says something sends it once."""
    view, said = await conversation.own(visit), visit.desk.phone_form()
    if not form_state(visit.desk, view, ()):
        return await conversation.page(visit, 409, NEEDLESS)
    there = reachable(visit.desk, view)
    if there.closed:
        return await conversation.page(visit, 409, there.text)
    try:
        await _queue(visit, view, said)
    except NotYours as error:
        return await conversation.page(visit, 409, conversation.sentence(error))
    visit.desk.notify()
    return pages.go(f"/console/c/{view.id}")


async def _queue(visit: Visit, view: ConversationView, said: str) -> None:
    officer, now = visit.login.officer_id, visit.desk.clock.now()
    async with visit.desk.store.write() as session:
        fresh = await conversations.get(session, view.id, lock=True)
        if fresh is None or fresh.owner != officer_owner(officer):
            raise NotYours("anh/chị cần nhận cuộc trò chuyện này trước")
        last = fresh.last_inbound_at.timestamp() if fresh.last_inbound_at else 0
        draft = outbox.Draft(
            key=f"ask-phone:{view.id}:{last:.3f}",
            author="officer",
            text=said,
            officer_id=officer,
            kind=OutgoingKind.ASK_PHONE,
        )
        await outbox.queue(session, view.id, draft, now)
        await conversations.set_owner(session, view.id, officer, now)
