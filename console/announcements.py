"""Announcements: the list, one of them with all that goes out, and what officers do with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.announcing import names, wording
from bot.announcing.desk import AnnouncementDesk, Faulty
from bot.announcing.estimate import Estimate
from bot.store import announcement_report, announcement_views
from bot.store.announcement_views import AnnouncementView
from bot.store.announcements import NotAllowed
from console import announcement_words, pages, words
from console.announcement_desk import desk_of, going
from console.announcement_words import Bar
from console.guard import NOT_FOUND, Handler, Refused, Visit

UNCONFIRMED = "Anh/chị đánh dấu vào ô xác nhận rồi bấm lại nhé."
DONE = {
    "saved": "Đã lưu. Anh/chị xem lại bên dưới rồi trình duyệt.",
    "submitted": "Đã trình. Một cán bộ khác của xã xem và duyệt thì thông báo mới được gửi.",
    "approved": "Đã duyệt. Thông báo bắt đầu được gửi đi.",
    "rejected": "Đã trả lại cho người soạn.",
    "paused": "Đã dừng. Tin chưa đi được giữ lại; bấm “Gửi tiếp” để gửi cho những người còn lại.",
    "resumed": "Đang gửi tiếp cho những người chưa nhận.",
    "cancelled": "Đã huỷ. Không ai nhận thêm tin này nữa.",
}
ALONE = (
    "Xã mới có một tài khoản cán bộ. Thông báo phải do một cán bộ khác duyệt: nhờ người quản trị "
    "máy chủ tạo thêm tài khoản bằng lệnh “hotro officer add”."
)
Act = Callable[[Visit, AnnouncementDesk, int], Awaitable[str]]
"""Does it, and returns the word for ``DONE``."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list."""

    view: AnnouncementView
    state: str
    look: str
    whom: str
    when: str
    bar: Bar | None


async def show(visit: Visit) -> web.StreamResponse:
    """GET: all announcements, those that ask for something first."""
    desk, commune = desk_of(visit), visit.login.commune
    async with visit.desk.store.read() as session:
        views = await announcement_views.listing(session, commune)
        progress = await announcement_report.progress(session, [view.id for view in views])
        others = await announcement_views.approvers(session, commune, visit.login.officer_id)
    counts = await desk.counts(commune)
    return await visit.page(
        "announcements.html",
        items=[_item(visit, desk, view, progress[view.id]) for view in views],
        subscribers=words.thousands(sum(counts.values())),
        alone="" if others else ALONE,
    )


def _item(
    visit: Visit,
    desk: AnnouncementDesk,
    view: AnnouncementView,
    progress: announcement_report.Progress,
) -> Item:
    state, look = announcement_words.STATES[view.state]
    running = view.state in ("approved", "paused", "done") or progress.people > 0
    return Item(
        view=view,
        state=state,
        look=look,
        whom=announcement_words.whom(view.draft.audience, desk.commune(view.commune)),
        when=_when(visit, view),
        bar=announcement_words.bar(progress, _expected(view)) if running else None,
    )


def _when(visit: Visit, view: AnnouncementView) -> str:
    now, start = visit.desk.clock.now(), view.draft.start_at
    if view.ended_at is not None:
        return f"xong {words.clock_time(view.ended_at, now)}"
    if view.state == "approved" and start is not None and start > now:
        return f"bắt đầu {words.deadline(start, now)}"
    if view.state in ("approved", "paused"):
        return f"hạn gửi {words.deadline(view.draft.expires_at, now)}"
    return f"{view.author} soạn {words.clock_time(view.created_at, now)}"


def _expected(view: AnnouncementView) -> int:
    """How many people it was for, while rows are still being made."""
    started = view.state in ("approved", "paused")
    return int(view.estimate["people"]) if started and view.estimate else 0


# --- one of them --------------------------------------------------------------------------


async def show_one(visit: Visit) -> web.StreamResponse:
    """GET: all that goes out, to whom, for how much, and what may be done."""
    return await page(visit, note=DONE.get(visit.request.query.get("done", ""), ""))


async def page(
    visit: Visit,
    note: str = "",
    fault: str = "",
    status: int = 200,
    faults: Mapping[str, str] | None = None,
) -> web.StreamResponse:
    """The page; ``fault``: why what was asked for was not done."""
    desk, commune = desk_of(visit), visit.login.commune
    view = await _view(visit, desk)
    where = desk.commune(commune)
    found = await _estimate(desk, view)
    async with visit.desk.store.read() as session:
        history = await announcement_views.history(session, commune, view.id)
        others = await announcement_views.approvers(session, commune, view.author_id)
        progress = (await announcement_report.progress(session, [view.id]))[view.id]
    state, look = announcement_words.STATES[view.state]
    start = max(view.draft.start_at or desk.now, desk.now)
    editable = view.state in ("draft", "submitted", "rejected")
    unclear = wording.unclear(where, view.draft.sms_text) if editable else ()
    return await visit.page(
        "announcement.html",
        status,
        view=view,
        state=state,
        look=look,
        note=note,
        fault=fault,
        faults=(faults or desk.faults(commune, view.draft)) if editable else {},
        whom=announcement_words.whom(view.draft.audience, where),
        texts=found.texts,
        cost=announcement_words.cost(found, start, view.draft.expires_at, unclear),
        most=(found.people, found.price_most),
        screens=sms_screens(found, view),
        times=_times(view),
        history=[
            (names.EVENTS[event.what], event, words.clock_time(event.at, desk.now))
            for event in history
        ],
        mine=view.author_id == visit.login.officer_id,
        alone="" if others else ALONE,
        bar=announcement_words.bar(progress, _expected(view)) if not editable else None,
        waiting=progress.by_fate["waiting"] + progress.by_fate["queued"],
    )


def sms_screens(found: Estimate, view: AnnouncementView) -> str:
    """The SMS as an old phone shows it, with what may be misread."""
    notes = announcement_words.doubtful(view.draft.sms_text, found.texts.sms)
    shown = announcement_words.screens(found)
    return pages.text("_sms_screens.html", screens=shown, notes=notes)


def _times(view: AnnouncementView) -> list[tuple[str, str]]:
    said = announcement_words.hour_and_day
    start = view.draft.start_at
    times = [("Bắt đầu gửi", said(start) if start else "ngay sau khi duyệt")]
    times.append(("Thôi gửi lúc", said(view.draft.expires_at)))
    if view.approved_at is not None:
        times.append(("Duyệt", f"{view.approver}, {said(view.approved_at)}"))
    if view.ended_at is not None:
        times.append(("Kết thúc", said(view.ended_at)))
    return times


async def _estimate(desk: AnnouncementDesk, view: AnnouncementView) -> Estimate:
    """What was approved, word for word; before that, as things stand now."""
    if view.approved_at is not None and view.estimate is not None:
        return Estimate.read(view.estimate)
    return await desk.estimate(view.commune, view.draft)


async def _view(visit: Visit, desk: AnnouncementDesk) -> AnnouncementView:
    try:
        return await desk.get(visit.login.commune, int(visit.request.match_info["id"]))
    except NotAllowed as error:
        raise Refused(404, NOT_FOUND) from error


# --- what officers do ---------------------------------------------------------------------


def acting(act: Act) -> Handler:
    """POST: do it, then show the page again; refused, it says why."""

    async def handler(visit: Visit) -> web.StreamResponse:
        desk, made = desk_of(visit), int(visit.request.match_info["id"])
        await _view(visit, desk)
        try:
            word = await act(visit, desk, made)
        except Faulty as error:
            said = "Chưa gửi được: anh/chị sửa những chỗ dưới đây trước."
            return await page(visit, fault=said, status=422, faults=error.fields)
        except NotAllowed as error:
            return await page(visit, fault=going(error), status=409)
        return pages.go(f"/console/announcements/{made}?done={word}")

    return handler


async def submit(visit: Visit, desk: AnnouncementDesk, made: int) -> str:
    """Ask for approval."""
    await desk.submit(visit.login.commune, made, visit.login.officer_id)
    return "submitted"


async def approve(visit: Visit, desk: AnnouncementDesk, made: int) -> str:
    """Let it go out as it was shown."""
    if visit.form.get("confirm") != "1":
        raise NotAllowed(UNCONFIRMED)
    most, price = (_number(visit.form.get(name, "")) for name in ("most", "price"))
    seen = visit.form.get("seen", "")
    await desk.approve(visit.login.commune, made, visit.login.officer_id, seen, most, price)
    return "approved"


def _number(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) < 16 else 0


async def reject(visit: Visit, desk: AnnouncementDesk, made: int) -> str:
    """Send it back with a reason."""
    note = " ".join(visit.form.get("note", "").split())[:500]
    await desk.reject(visit.login.commune, made, visit.login.officer_id, note)
    return "rejected"


async def pause(visit: Visit, desk: AnnouncementDesk, made: int) -> str:
    """Stop at once; no question is asked, it can be taken back."""
    await desk.act("pause", visit.login.commune, made, visit.login.officer_id)
    return "paused"


async def resume(visit: Visit, desk: AnnouncementDesk, made: int) -> str:
    """Go on with the rest."""
    if visit.form.get("confirm") != "1":
        raise NotAllowed(UNCONFIRMED)
    await desk.act("resume", visit.login.commune, made, visit.login.officer_id)
    return "resumed"


async def cancel(visit: Visit, desk: AnnouncementDesk, made: int) -> str:
    """End it for good."""
    if visit.form.get("confirm") != "1":
        raise NotAllowed(UNCONFIRMED)
    await desk.act("cancel", visit.login.commune, made, visit.login.officer_id)
    return "cancelled"
