"""Who agreed to be told: how many in each village, a paper list, and whoever wants no more."""

from __future__ import annotations

from aiohttp import web

from bot import text as texts
from bot.announcing import paper_list
from bot.announcing.paper_list import Plan
from bot.clock import local_date
from bot.dossiers.cells import CellFault, read_mobile
from bot.store import conversations, subscriptions
from bot.tables import TableError, decoded
from console import announcement_words, pages, words
from console.announcement_desk import desk_of
from console.around import sentence
from console.guard import Visit

MAX_LIST = 1_000_000
"""Characters of a list; some 20,000 lines."""
SHOWN = 100
"""So many faults are shown at once."""
TEMPLATE = "số điện thoại;thôn;ngày đồng ý\r\n0912 345 678;thôn Bến;5/11/2026\r\n"
NOT_ON_LIST = "Số này không có trong danh sách nhận thông báo."


async def show(visit: Visit) -> web.StreamResponse:
    """GET: the counts, and the forms."""
    done = visit.request.query.get("done", "")
    note = ""
    if done == "ended":
        note = "Đã thôi gửi thông báo cho số đó. Bà con muốn nhận lại thì nhắn DK."
    elif done.isdecimal() and len(done) < 8:
        note = f"Đã ghi danh sách: thêm {words.thousands(int(done))} người mới."
    return await _page(visit, note=note)


async def end(visit: Visit) -> web.StreamResponse:
    """POST: somebody asked at the desk, or by telephone, to be told no more."""
    commune, said = visit.login.commune, visit.form.get("phone", "")
    try:
        phone = read_mobile(said)
        if phone is None:
            raise CellFault("anh/chị ghi số điện thoại")
    except CellFault as fault:
        return await _page(visit, fault=sentence(str(fault)), phone=said, status=422)
    async with visit.desk.store.write() as session:
        there = await conversations.find(session, commune, "sms", phone)
        ended = 0
        if there is not None:
            ended = await subscriptions.end_all(session, there, visit.desk.clock.now())
    if not ended:
        return await _page(visit, fault=NOT_ON_LIST, phone=said, status=422)
    return pages.go("/console/subscribers?done=ended")


async def look_through(visit: Visit) -> web.StreamResponse:
    """POST: a file, or the text of one: what is wrong with it and what it would do."""
    raw = await _file(visit) or visit.form.get("list", "").encode()
    return await _checked(visit, raw)


async def take_up(visit: Visit) -> web.StreamResponse:
    """POST: write down the people of the list that was looked through."""
    raw = visit.form.get("list", "").encode()
    try:
        plan = await _plan(visit, raw)
    except TableError as error:
        return await _page(visit, list_fault=sentence(str(error)), text=_text(raw), status=422)
    if visit.form.get("confirm") != "1" or (plan.faults and visit.form.get("without") != "1"):
        return await _checked(visit, raw, 422)
    login, now = visit.login, visit.desk.clock.now()
    fresh = await paper_list.apply(visit.desk.store, login.commune, plan, login.officer_id, now)
    return pages.go(f"/console/subscribers?done={fresh}")


async def template(visit: Visit) -> web.StreamResponse:
    """GET: an example to fill in."""
    return web.Response(
        body=TEMPLATE.encode("utf-8-sig"),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="danh-sach-mau.csv"'},
    )


async def _checked(visit: Visit, raw: bytes, status: int = 200) -> web.StreamResponse:
    try:
        plan = await _plan(visit, raw)
    except TableError as error:
        return await _page(visit, list_fault=sentence(str(error)), text=_text(raw), status=422)
    return await _page(visit, plan=plan, text=_text(raw), status=status)


async def _plan(visit: Visit, raw: bytes) -> Plan:
    if len(raw) > MAX_LIST:
        raise TableError("tệp quá lớn; anh/chị chia nhỏ ra")
    commune = visit.login.commune
    known = desk_of(visit).commune(commune).villages
    reading = paper_list.read(raw, known, local_date(visit.desk.clock.now()))
    async with visit.desk.store.read() as session:
        return await paper_list.plan(session, commune, reading)


async def _file(visit: Visit) -> bytes:
    """The uploaded file; empty when there is none."""
    found = (await visit.request.post()).get("file")
    return found.file.read() if isinstance(found, web.FileField) else b""


def _text(raw: bytes) -> str:
    """The list as text, to be mended on the page."""
    try:
        return texts.clean(decoded(raw), MAX_LIST)
    except TableError:
        return ""


async def _page(
    visit: Visit,
    note: str = "",
    fault: str = "",
    phone: str = "",
    list_fault: str = "",
    text: str = "",
    plan: Plan | None = None,
    status: int = 200,
) -> web.StreamResponse:
    desk, commune = desk_of(visit), visit.login.commune
    counts = await desk.counts(commune)
    where = desk.commune(commune)
    return await visit.page(
        "subscribers.html",
        status,
        note=note,
        fault=fault,
        phone=phone,
        list_fault=list_fault,
        text=text,
        plan=plan,
        faults=plan.faults[:SHOWN] if plan else (),
        more=max(0, len(plan.faults) - SHOWN) if plan else 0,
        places=announcement_words.places(where.villages, counts, ()),
        everybody=words.thousands(sum(counts.values())),
        shown_text=paper_list.TEXT_SHOWN,
    )
