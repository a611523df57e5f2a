"""The editor of an announcement: what was filled in, the live preview, the ready-made texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aiohttp import web

from bot import text as texts
from bot.announcing import wording
from bot.clock import LOCAL
from bot.knowledge.model import Commune
from bot.knowledge.ready_texts import ReadyText
from bot.store.announcement_views import AnnouncementView, Draft
from bot.store.announcements import NotAllowed
from bot.store.audience import Audience
from console import announcement_words, pages
from console.announcement_desk import desk_of, going
from console.guard import NOT_FOUND, Refused, Visit

USUAL = timedelta(hours=24)
MAX_FIELD = 4000
VILLAGE = "v_"
"""The names of the villages' boxes begin with it."""
_FORM = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was typed."""

    title: str = ""
    text: str = ""
    sms_text: str = ""
    to_all: bool = True
    villages: tuple[str, ...] = ()
    urgent: bool = False
    start: str = ""
    expires: str = ""
    seen: str = ""

    @staticmethod
    def of(form: Mapping[str, str]) -> Filled:
        """What a form holds."""

        def said(name: str) -> str:
            return texts.clean(form.get(name, "").replace("\r\n", "\n"), MAX_FIELD)

        return Filled(
            title=" ".join(said("title").split()),
            text=said("text"),
            sms_text=" ".join(said("sms_text").split()),
            to_all=form.get("whom") != "villages",
            villages=tuple(n.removeprefix(VILLAGE) for n in form if n.startswith(VILLAGE)),
            urgent=form.get("urgent") == "1",
            start=form.get("start", "") if form.get("when") == "later" else "",
            expires=form.get("expires", ""),
            seen=form.get("seen", ""),
        )

    @staticmethod
    def from_draft(draft: Draft) -> Filled:
        """A draft as the form shows it."""
        return Filled(
            title=draft.title,
            text=draft.text,
            sms_text=draft.sms_text,
            to_all=draft.audience.villages is None,
            villages=draft.audience.villages or (),
            urgent=draft.urgent,
            start=_local(draft.start_at) if draft.start_at else "",
            expires=_local(draft.expires_at),
            seen=draft.digest,
        )

    def draft(self, now: datetime) -> tuple[Draft, dict[str, str]]:
        """What is kept, and the times that could not be read."""
        faults: dict[str, str] = {}
        start, expires = _instant(self.start), _instant(self.expires)
        if self.start and start is None:
            faults["start"] = "Anh/chị chọn đủ ngày và giờ bắt đầu."
        if expires is None:
            faults["expires_at"] = "Anh/chị chọn đủ ngày và giờ hết hạn gửi."
        return (
            Draft(
                title=self.title[: wording.MAX_TITLE],
                text=self.text,
                sms_text=self.sms_text,
                audience=Audience(None if self.to_all else self.villages),
                urgent=self.urgent,
                start_at=start,
                expires_at=expires or now + USUAL,
            ),
            faults,
        )


def _local(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime(_FORM)


def _instant(said: str) -> datetime | None:
    try:
        return datetime.strptime(said[:16], _FORM).replace(tzinfo=LOCAL).astimezone(UTC)
    except ValueError:
        return None


# --- pages --------------------------------------------------------------------------------


async def show_new(visit: Visit) -> web.StreamResponse:
    """GET: an empty editor, one with a ready-made text, or with a copy of another one."""
    desk, query = desk_of(visit), visit.request.query
    now = visit.desk.clock.now()
    start = Filled(expires=_local(now + USUAL))
    if "ready" in query:
        ready = desk.ready().get(query["ready"])
        if ready is None:
            raise Refused(404, NOT_FOUND)
        said = {name: texts.clean(query.get(name, ""), 200) for name in ready.blanks}
        if not all(said.values()) and "skip" not in query:
            return await _blanks(visit, query["ready"], ready, said)
        open_ones = {name: f"{{{blank.ask}}}" for name, blank in ready.blanks.items()}
        filled = {name: value for name, value in said.items() if value}
        start = _from_ready(ready.filled({**open_ones, **filled}), now)
    elif query.get("copy", "").isdecimal():
        start = await _copied(visit, int(query["copy"][:18]), now)
    return await _page(visit, start)


async def _blanks(
    visit: Visit, name: str, ready: ReadyText, said: Mapping[str, str]
) -> web.StreamResponse:
    asked = any(name in visit.request.query for name in ready.blanks)
    where = desk_of(visit).commune(visit.login.commune)
    own = {key: where.phone for key, blank in ready.blanks.items() if blank.ours == "phone"}
    return await visit.page(
        "announcement_ready.html",
        ready=ready,
        name=name,
        said=said if asked else {**said, **own},
        missing=asked,
    )


def _from_ready(ready: ReadyText, now: datetime) -> Filled:
    return Filled(
        title=ready.title,
        text=ready.text,
        sms_text=ready.sms,
        urgent=ready.urgent,
        expires=_local(now + timedelta(hours=ready.hours)),
    )


async def _copied(visit: Visit, announcement_id: int, now: datetime) -> Filled:
    """The words and the audience of an earlier one; its times are over."""
    try:
        view = await desk_of(visit).get(visit.login.commune, announcement_id)
    except NotAllowed as error:
        raise Refused(404, NOT_FOUND) from error
    fresh = {"start": "", "expires": _local(now + USUAL), "seen": ""}
    return replace(Filled.from_draft(view.draft), **fresh)  # type: ignore[arg-type]


async def show_edit(visit: Visit) -> web.StreamResponse:
    """GET: an announcement that is not approved yet."""
    view = await _own(visit)
    if view.state not in ("draft", "submitted", "rejected"):
        return pages.go(f"/console/announcements/{view.id}")
    return await _page(visit, Filled.from_draft(view.draft), view)


async def add(visit: Visit) -> web.StreamResponse:
    """POST: a new draft."""
    return await _save(visit, None)


async def edit(visit: Visit) -> web.StreamResponse:
    """POST: changes of a draft."""
    return await _save(visit, await _own(visit))


async def _save(visit: Visit, view: AnnouncementView | None) -> web.StreamResponse:
    filled = Filled.of(visit.form)
    draft, faults = filled.draft(visit.desk.clock.now())
    if faults:
        return await _page(visit, filled, view, faults, 422)
    login, seen = visit.login, filled.seen or None
    try:
        made = await desk_of(visit).save(
            login.commune, login.officer_id, draft, view.id if view else None, seen
        )
    except NotAllowed as error:
        return await _page(visit, filled, view, {"": going(error)}, 409)
    return pages.go(f"/console/announcements/{made}?done=saved")


async def _own(visit: Visit) -> AnnouncementView:
    try:
        return await desk_of(visit).get(visit.login.commune, int(visit.request.match_info["id"]))
    except NotAllowed as error:
        raise Refused(404, NOT_FOUND) from error


async def _page(
    visit: Visit,
    filled: Filled,
    view: AnnouncementView | None = None,
    faults: Mapping[str, str] | None = None,
    status: int = 200,
) -> web.StreamResponse:
    desk, commune = desk_of(visit), visit.login.commune
    where = desk.commune(commune)
    counts = await desk.counts(commune)
    draft, _ = filled.draft(visit.desk.clock.now())
    return await visit.page(
        "announcement_edit.html",
        status,
        view=view,
        filled=filled,
        fault={"": "", "start": "", "expires_at": "", **(faults or {})},
        places=announcement_words.places(where.villages, counts, filled.villages),
        everybody=sum(counts.values()),
        ready=desk.ready() if view is None else {},
        whole=_whole(where, filled),
        price=await _price(visit, draft),
        most_text=wording.MAX_TEXT,
        most_title=wording.MAX_TITLE,
    )


async def preview(visit: Visit) -> web.StreamResponse:
    """POST, by the script: what is typed as it would go out, to whom, for how much."""
    filled = Filled.of(visit.form)
    where = desk_of(visit).commune(visit.login.commune)
    draft, _ = filled.draft(visit.desk.clock.now())
    return web.json_response(
        {
            "whole": _whole(where, filled),
            "proposed": wording.proposed(filled.title, filled.text),
            "html": await _price(visit, draft),
        }
    )


def _whole(where: Commune, filled: Filled) -> str:
    """What the old phone is shown: as a number that is new gets it."""
    return wording.whole_sms(where, filled.sms_text, first=True) if filled.sms_text else ""


async def _price(visit: Visit, draft: Draft) -> str:
    desk, commune = desk_of(visit), visit.login.commune
    found = await desk.estimate(commune, draft)
    start = max(draft.start_at or desk.now, desk.now)
    unclear = wording.unclear(desk.commune(commune), draft.sms_text)
    cost = announcement_words.cost(found, start, draft.expires_at, unclear)
    return pages.text("_announcement_cost.html", cost=cost)
