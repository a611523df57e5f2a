"""One conversation: what was said, what is known, and the officer's buttons."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from hashlib import blake2b, sha256

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot import text as texts
from bot.delivery.compose import pieces
from bot.messages import CAPABILITIES, Channel
from bot.smstext import render
from bot.store import conversations, handovers, outbox, transcript
from bot.store.conversations import ConversationView
from bot.store.handovers import HandOverView, NotYours
from console import pages
from console.bubbles import Bubble, bubbles
from console.guard import NOT_FOUND, Refused, Visit
from console.known import Known, form_state, known
from console.reachable import reachable
from console.waiting import Place, place_of

MAX_CHARS = 2000
TAKEN_MEANWHILE = "Câu hỏi này vừa được cán bộ khác nhận hoặc đã đóng."


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that the page shows."""

    id: int
    place: Place
    taken_by: str
    bubbles: tuple[Bubble, ...]
    known: Known
    closed: bool = False
    """Nothing can be written any more; ``known.standing`` says why."""

    @property
    def version(self) -> str:
        """Changes when anything that is shown changes."""
        return blake2b(repr(self).encode(), digest_size=8).hexdigest()


async def show(visit: Visit) -> web.StreamResponse:
    """GET: the page."""
    return await page(visit)


async def refresh(visit: Visit) -> web.StreamResponse:
    """GET: what has changed since the version that the browser has."""
    scene = await _scene(visit)
    answer: dict[str, object] = {
        "version": scene.version,
        "place": scene.place,
        "closed": scene.closed,
        **await visit.beside(),
    }
    if visit.request.query.get("v") != scene.version:
        panel = _panel_values(scene)
        answer["bubbles"] = pages.text("_bubbles.html", scene=scene)
        answer["head"] = pages.text("_head.html", scene=scene)
        answer["known"] = pages.text("_known.html", scene=scene, login=visit.login)
        answer["panel"] = pages.text("_panel.html", login=visit.login, **panel)
    return web.json_response(answer)


async def take(visit: Visit) -> web.StreamResponse:
    """POST: the officer takes over; the bot falls silent."""
    view, login = await own(visit), visit.login
    try:
        async with visit.desk.store.write() as session:
            await handovers.take(
                session, login.commune, view.id, login.officer_id, visit.desk.clock.now()
            )
    except NotYours as error:
        return await page(visit, 409, sentence(error))
    visit.desk.notify()
    return pages.go(f"/console/c/{view.id}")


async def write(visit: Visit) -> web.StreamResponse:
    """POST: the officer answers."""
    view = await own(visit)
    written = texts.clean(visit.form.get("text", "").replace("\r\n", "\n"))
    said = _as_sent(visit, view.channel, written)
    fault = _fault(written, said)
    if fault:
        return await _problem(visit, 422, fault)
    there = reachable(visit.desk, view)
    if there.closed:
        return await _problem(visit, 409, there.text)
    try:
        fresh = await _queue(visit, view, said)
    except NotYours as error:
        return await _problem(visit, 409, sentence(error))
    visit.desk.notify()
    if visit.wants_json:
        return web.json_response({"sent": True, "again": not fresh, "key": uuid.uuid4().hex})
    return pages.go(f"/console/c/{view.id}")


async def give_back(visit: Visit) -> web.StreamResponse:
    """POST: the bot answers again, and says so."""
    view, login = await own(visit), visit.login
    farewell = _as_sent(visit, view.channel, visit.desk.farewell(view.channel))
    now = visit.desk.clock.now()
    try:
        async with visit.desk.store.write() as session:
            await handovers.give_back(
                session, login.commune, view.id, login.officer_id, farewell, now
            )
            if reachable(visit.desk, view).closed:
                # It could only fail, and what failed would put the question on the list again.
                await outbox.cancel_queued(session, view.id, "bot")
    except NotYours as error:
        return await page(visit, 409, sentence(error))
    visit.desk.notify()
    return pages.go("/console?done=gave-back")


async def dismiss(visit: Visit) -> web.StreamResponse:
    """POST: close what needs no answer."""
    view, login = await own(visit), visit.login
    async with visit.desk.store.write() as session:
        closed = await handovers.dismiss(
            session, login.commune, view.id, login.officer_id, visit.desk.clock.now()
        )
    if not closed:
        return await page(visit, 409, TAKEN_MEANWHILE)
    return pages.go("/console?done=dismissed")


def _fault(written: str, said: str) -> str:
    if not written:
        return "Anh/chị chưa viết nội dung trả lời."
    if not said:
        return "SMS chỉ gửi được chữ và số. Anh/chị viết thêm vài chữ nhé."
    if len(written) > MAX_CHARS:
        return (
            f"Tin dài {len(written)} ký tự; tối đa {MAX_CHARS}. "
            "Anh/chị rút ngắn hoặc chia thành nhiều tin nhé."
        )
    return ""


async def _queue(visit: Visit, view: ConversationView, said: str) -> bool:
    """Queue the message in pieces that the channel carries; False when it was queued before."""
    login, now = visit.login, visit.desk.clock.now()
    key = _send_key(view.id, visit.form.get("key", ""), said)
    accents = visit.desk.accents(login.commune)
    async with visit.desk.store.write() as session:
        fresh = [
            await handovers.write(
                session, login.commune, view.id, login.officer_id, f"{key}:{n}", piece, now
            )
            for n, piece in enumerate(pieces(said, view.channel, accents))
        ]
    return all(fresh)


def _as_sent(visit: Visit, channel: Channel, text: str) -> str:
    accents = visit.desk.accents(visit.login.commune)
    return render(text, accents) if CAPABILITIES[channel].folded else text


def _send_key(conversation_id: int, form_key: str, said: str) -> str:
    """Same form and same words: a double click. Same form, other words: another message."""
    if not re.fullmatch(r"[0-9A-Za-z-]{8,36}", form_key):
        form_key = uuid.uuid4().hex
    digest = sha256(said.encode()).hexdigest()[:10]
    return f"{conversation_id}:{form_key.replace('-', '')}:{digest}"


async def _problem(visit: Visit, status: int, message: str) -> web.StreamResponse:
    if visit.wants_json:
        return web.json_response({"error": message}, status=status)
    return await page(visit, status, message, visit.form.get("text", ""))


async def page(
    visit: Visit, status: int = 200, error: str = "", written: str = ""
) -> web.StreamResponse:
    """The whole page, with what went wrong and what had been written."""
    scene = await _scene(visit)
    panel = _panel_values(scene, error, written, visit.form.get("key", ""))
    return await visit.page("conversation.html", status, **panel)


def _panel_values(
    scene: Scene, error: str = "", written: str = "", key: str = ""
) -> dict[str, object]:
    return {
        "scene": scene,
        "error": error,
        "written": written,
        "key": key or uuid.uuid4().hex,
        "most": MAX_CHARS,
    }


def sentence(error: NotYours) -> str:
    """The fault as the page tells it."""
    message = str(error)
    return f"{message[:1].upper()}{message[1:]}."


async def own(visit: Visit) -> ConversationView:
    """The conversation asked for, when it is this officer's business."""
    async with visit.desk.store.read() as session:
        view = await _conversation(session, visit)
        await _handed_over(session, view.id)
    return view


async def _conversation(session: AsyncSession, visit: Visit) -> ConversationView:
    view = await conversations.get(session, int(visit.request.match_info["id"]))
    if view is None or view.commune != visit.login.commune:
        raise Refused(404, NOT_FOUND)
    return view


async def _handed_over(session: AsyncSession, conversation_id: int) -> HandOverView:
    handover = await handovers.of_conversation(session, conversation_id)
    if handover is None:
        # What the bot could answer by itself is not for an officer's eyes.
        raise Refused(404, NOT_FOUND)
    return handover


async def _scene(visit: Visit) -> Scene:
    now = visit.desk.clock.now()
    async with visit.desk.store.read() as session:
        view = await _conversation(session, visit)
        handover = await _handed_over(session, view.id)
        lines = await transcript.read(session, view.id)
    there = reachable(visit.desk, view)
    place = place_of(handover, visit.login.officer_id)
    form = form_state(visit.desk, view, lines) if place == "mine" and not there.closed else ""
    return Scene(
        id=view.id,
        place=place,
        taken_by=handover.taken_by_name or "",
        bubbles=bubbles(lines, now),
        known=known(visit.desk, view, handover, there.text, form),
        closed=there.closed,
    )
