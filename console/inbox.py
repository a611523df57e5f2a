"""The officer's list of conversations, whole and as a refresh."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from aiohttp import web

from bot.dialogue import payloads
from bot.messages import Channel
from bot.store import handovers, transcript
from bot.store.handovers import HandOverView
from console import pages, words
from console.guard import Visit
from console.waiting import Place, is_new, place_of

RECENT = 15
_LATE = timedelta(minutes=30)
DONE_NOTES = {
    "gave-back": "Đã trả lại cho trợ lý. Cảm ơn anh/chị.",
    "dismissed": "Đã đóng câu hỏi. Khi cần, anh/chị vẫn mở lại được ở mục “Đã xong gần đây”.",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list."""

    id: int
    channel: Channel
    channel_name: str
    reason: str
    words: str
    age: str
    late: bool
    new: bool
    """The citizen wrote after the officer's last word."""
    who: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The list, in its four parts."""

    waiting: tuple[Item, ...]
    mine: tuple[Item, ...]
    others: tuple[Item, ...]
    done: tuple[Item, ...]


async def show(visit: Visit) -> web.StreamResponse:
    """GET: the page."""
    listing = await _listing(visit)
    note = DONE_NOTES.get(visit.request.query.get("done", ""), "")
    return await visit.page("list.html", listing=listing, note=note, version=_version(listing))


async def home(visit: Visit) -> web.StreamResponse:
    """GET: the page's address with a slash too many."""
    return pages.go("/console")


async def refresh(visit: Visit) -> web.StreamResponse:
    """GET: the lists alone; only the counts when the browser has this version already."""
    listing = await _listing(visit)
    version = _version(listing)
    answer: dict[str, object] = {
        "version": version,
        "waiting": [item.id for item in listing.waiting],
        "unread": [item.id for item in listing.mine if item.new],
        **await visit.beside(),
    }
    if visit.request.query.get("v") != version:
        answer["html"] = pages.text("_list.html", listing=listing)
    return web.json_response(answer)


def is_tap(text: str) -> bool:
    """Whether a button said this, not a person."""
    return payloads.read(text) is not None


async def _listing(visit: Visit) -> Listing:
    async with visit.desk.store.read() as session:
        views = await handovers.listing(session, visit.login.commune)
        views += await handovers.listing(session, visit.login.commune, closed=True, limit=RECENT)
        ids = {view.conversation_id for view in views}
        said = await transcript.last_words(session, ids, skip=is_tap)
    now = visit.desk.clock.now()
    parts: dict[Place, list[Item]] = {"waiting": [], "mine": [], "others": [], "done": []}
    for view in views:
        place = place_of(view, visit.login.officer_id)
        parts[place].append(_item(view, place, said.get(view.conversation_id, ""), now))
    # What waits for this officer's next word comes first.
    parts["mine"].sort(key=lambda item: not item.new)
    return Listing(*(tuple(parts[p]) for p in ("waiting", "mine", "others", "done")))


def _item(view: HandOverView, place: Place, said: str, now: datetime) -> Item:
    return Item(
        id=view.conversation_id,
        channel=view.channel,
        channel_name=words.CHANNEL_NAMES[view.channel],
        reason=view.reason,
        words=words.shortened(said),
        age=_age(view, place, now),
        late=place == "waiting" and now - view.opened_at >= _LATE,
        new=is_new(view, place),
        who=_who(view, place),
    )


def _age(view: HandOverView, place: Place, now: datetime) -> str:
    if place == "waiting":
        return words.waiting(view.opened_at, now)
    if view.closed_at is not None:
        return words.ago(view.closed_at, now)
    last = view.last_inbound_at or view.opened_at
    return words.waiting(last, now) if is_new(view, place) else words.ago(last, now)


def _who(view: HandOverView, place: Place) -> str:
    if place == "others":
        return f"{view.taken_by_name} đang trả lời"
    if place == "done":
        answered = f"{view.taken_by_name} đã trả lời"
        return answered if view.taken_by_name else "Đã đóng, không cần trả lời"
    return ""


def _version(listing: Listing) -> str:
    return blake2b(repr(listing).encode(), digest_size=8).hexdigest()
