"""Dossiers: the list, one of them, what is changed about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from aiohttp import web

from bot.clock import local_date
from bot.dossiers import cells, saving
from bot.dossiers.cells import CellFault
from bot.dossiers.saving import Saved
from bot.knowledge.library import Knowledge
from bot.reminders.rules import FINAL, STATES, State
from bot.store import dossiers, reminder_views
from bot.store.dossiers import Draft, Record
from console import dossier_form, dossier_words, pages, words
from console.dossier_form import Filled
from console.guard import NOT_FOUND, Refused, Visit

PAGE = 40
NO_CONTENT = "Hệ thống chưa có nội dung của xã này, nên chưa ghi hồ sơ được."
STALE = "Vừa có người khác sửa hồ sơ này. Anh/chị xem lại rồi sửa lần nữa."
OPEN: tuple[State, ...] = tuple(state for state in STATES if state not in FINAL)
NEXT: Mapping[State, tuple[State, ...]] = {
    "received": ("processing", "need_papers", "ready", "closed"),
    "processing": ("need_papers", "ready", "closed"),
    "need_papers": ("processing", "ready", "closed"),
    "ready": ("returned", "processing"),
    "returned": ("ready",),
    "closed": ("received",),
}
"""Where a dossier may go by one button; anything else is in the form."""
_JUST_NOW = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the list."""

    id: int
    code: str
    procedure: str
    state: State
    since: str
    note: str
    """The day that matters now."""
    phone: str
    """Enough to tell two citizens apart."""


def knowledge_of(visit: Visit) -> Knowledge:
    """What holds today in the officer's commune.

    Raises:
        Refused: nothing is known of it.
    """
    knowledge = visit.desk.knowledge(visit.login.commune)
    if knowledge is None:
        raise Refused(409, NO_CONTENT)
    return knowledge


# --- the list -----------------------------------------------------------------------------


async def show(visit: Visit) -> web.StreamResponse:
    """GET: the open dossiers, or those of one state."""
    asked = visit.request.query.get("state", "")
    page = visit.request.query.get("page", "")
    return await _list(visit, asked, int(page) if page.isdecimal() and len(page) < 6 else 1)


async def search(visit: Visit) -> web.StreamResponse:
    """POST, so that no number stands in an address: dossiers by code or number."""
    said = visit.form.get("q", "").strip()
    try:
        phone = cells.read_mobile(said)
    except CellFault:
        phone = None
    async with visit.desk.store.read() as session:
        found = await dossiers.listing(
            session,
            visit.login.commune,
            code="" if phone or not said else said,
            phone=phone,
            limit=PAGE,
        )
        counts = await dossiers.counts(session, visit.login.commune)
    return await _page(visit, found, counts, "", 1, said)


async def _list(visit: Visit, asked: str, page: int) -> web.StreamResponse:
    states = (asked,) if asked in STATES else () if asked == "all" else OPEN
    async with visit.desk.store.read() as session:
        found = await dossiers.listing(
            session,
            visit.login.commune,
            states=states,
            limit=PAGE + 1,
            offset=(page - 1) * PAGE,
        )
        counts = await dossiers.counts(session, visit.login.commune)
    return await _page(visit, found, counts, asked, page)


async def _page(
    visit: Visit,
    found: list[Record],
    counts: Mapping[State, int],
    asked: str,
    page: int,
    said: str = "",
) -> web.StreamResponse:
    return await visit.page(
        "dossiers.html",
        items=[_item(visit, record) for record in found[:PAGE]],
        more=len(found) > PAGE,
        page=page,
        asked=asked,
        said=said,
        counts=counts,
        open_count=sum(counts.get(state, 0) for state in OPEN),
        all_count=sum(counts.values()),
        states=dossier_words.STATES,
        looks=dossier_words.LOOKS,
    )


def _item(visit: Visit, record: Record) -> Item:
    told = record.told
    return Item(
        id=record.id,
        code=told.code,
        procedure=visit.desk.procedure_names.get(told.procedure or "", ""),
        state=told.state,
        since=dossier_words.day(told.state_on),
        note=_note(told),
        phone=words.masked("sms", told.phone) if told.phone else "",
    )


def _note(told: Draft) -> str:
    if told.state in OPEN and told.appointment_at:
        return f"hẹn {dossier_words.moment(told.appointment_at)}"
    if told.state in ("received", "processing") and told.due_on:
        return f"hẹn trả {dossier_words.day(told.due_on)}"
    if told.state == "need_papers" and told.missing:
        return f"thiếu: {words.shortened(told.missing, 60)}"
    if told.state == "returned" and told.valid_until:
        return f"giấy dùng đến {dossier_words.day(told.valid_until)}"
    return ""


# --- one dossier --------------------------------------------------------------------------


async def new(visit: Visit) -> web.StreamResponse:
    """GET: the form of a new dossier."""
    return await _new(visit, dossier_form.empty(visit.desk.clock.now()))


async def add(visit: Visit) -> web.StreamResponse:
    """POST: enter it."""
    now = visit.desk.clock.now()
    draft, filled = dossier_form.read(visit.form, visit.desk.procedure_names, now)
    if draft is None:
        return await _new(visit, filled, 422)
    knowledge = knowledge_of(visit)
    async with visit.desk.store.write() as session:
        there = await dossiers.find(session, visit.login.commune, [draft.code])
        if not there:
            saved = await saving.save(
                session, knowledge, draft, visit.login.officer_id, now, agreed=_ticked(visit)
            )
    if there:
        (record,) = there.values()
        why = "Đã có hồ sơ mang mã này."
        filled = replace(filled, faults={"code": why})
        return await _new(visit, filled, 422, other=record.id)
    return pages.go(f"/console/dossiers/{saved.id}?done=new")


async def _new(
    visit: Visit, filled: Filled, status: int = 200, other: int = 0
) -> web.StreamResponse:
    return await visit.page(
        "dossier_new.html",
        status,
        filled=filled,
        other=other,
        consent=saving.consent_words(knowledge_of(visit)),
        **_choices(visit),
    )


def _choices(visit: Visit) -> dict[str, object]:
    return {
        "procedures": visit.desk.procedure_names,
        "states": dossier_words.STATES,
        "looks": dossier_words.LOOKS,
    }


def _ticked(visit: Visit) -> bool | None:
    """True: signed; None: nothing new (a box that is not ticked is no refusal)."""
    return True if visit.form.get("consent") else None


async def look(visit: Visit) -> web.StreamResponse:
    """GET: one dossier."""
    return await _one(visit, await _own(visit))


async def change(visit: Visit) -> web.StreamResponse:
    """POST: what was typed over it."""
    now, record = visit.desk.clock.now(), await _own(visit)
    form = {**visit.form, "code": record.told.code}
    draft, filled = dossier_form.read(form, visit.desk.procedure_names, now)
    if draft is None:
        return await _one(visit, record, filled, status=422)
    if visit.form.get("updated") != _stamp(record):
        return await _one(visit, record, filled, status=409, error=STALE)
    agreed = False if visit.form.get("withdraw") else _ticked(visit)
    return await _save(visit, record, draft, agreed)


async def move(visit: Visit) -> web.StreamResponse:
    """POST: by one button into another state, today."""
    record, to = await _own(visit), visit.form.get("to", "")
    if to not in NEXT[record.told.state]:
        return await _one(visit, record, status=409, error=STALE)
    draft = replace(record.told, state=to, state_on=local_date(visit.desk.clock.now()))
    if to == "need_papers":
        try:
            draft = replace(draft, missing=cells.read_missing(visit.form.get("missing", "")))
        except CellFault as fault:
            return await _one(visit, record, status=422, error=f"Giấy còn thiếu: {fault}.")
    return await _save(visit, record, draft, None)


async def _save(
    visit: Visit, record: Record, draft: Draft, agreed: bool | None
) -> web.StreamResponse:
    knowledge, now = knowledge_of(visit), visit.desk.clock.now()
    async with visit.desk.store.write() as session:
        fresh = await dossiers.get(session, record.commune, record.id, lock=True)
        if fresh is None or fresh.updated_at != record.updated_at:
            raise Refused(409, STALE)
        saved: Saved = await saving.save(
            session, knowledge, draft, visit.login.officer_id, now, agreed=agreed
        )
    done = "moved" if saved.before and saved.before.told.state != draft.state else "saved"
    return pages.go(f"/console/dossiers/{record.id}?done={done}")


async def _own(visit: Visit) -> Record:
    async with visit.desk.store.read() as session:
        found = await dossiers.get(
            session, visit.login.commune, int(visit.request.match_info["id"])
        )
    if found is None:
        raise Refused(404, NOT_FOUND)
    return found


async def _one(
    visit: Visit,
    record: Record,
    filled: Filled | None = None,
    *,
    status: int = 200,
    error: str = "",
) -> web.StreamResponse:
    knowledge, now = knowledge_of(visit), visit.desk.clock.now()
    async with visit.desk.store.read() as session:
        why = await saving.why_not(session, knowledge, record, now)
        consent = await dossiers.consent_of(session, record)
        history = await dossiers.history(session, record.id)
        told = await reminder_views.of_dossier(session, record.id)
    planned = [one for one in told if one.outcome == "planned"]
    return await visit.page(
        "dossier.html",
        status,
        record=record,
        told=record.told,
        filled=filled or dossier_form.of_record(record),
        opened=filled is not None,
        stamp=_stamp(record),
        next=NEXT[record.told.state],
        actions=dossier_words.ACTIONS,
        shown=lambda name: dossier_words.shown(
            name, getattr(record.told, name), visit.desk.procedure_names
        ),
        why="" if planned else dossier_words.WHY[why],
        given=words.day(consent.given_at) if consent else "",
        by_message=bool(consent and consent.source == "message"),
        consent=saving.consent_words(knowledge),
        planned=planned[::-1],
        past=[one for one in told if one.outcome not in ("planned", "cancelled")],
        history=history,
        names=dossier_words,
        words=words,
        now=now,
        error=error,
        done=_done(visit, planned, now),
        **_choices(visit),
    )


def _done(visit: Visit, planned: list[reminder_views.ReminderView], now: datetime) -> str:
    """What just happened, and when somebody hears of it."""
    done = visit.request.query.get("done", "")
    said = {"new": "Đã ghi hồ sơ.", "saved": "Đã lưu.", "moved": "Đã chuyển trạng thái."}.get(done)
    if said is None:
        return ""
    soon = [one for one in planned if one.look_at - now < _JUST_NOW]
    if soon:
        hour = words.deadline(soon[-1].look_at, now)
        said += f" Tin nhắn sẽ gửi lúc {hour}; bấm nhầm thì anh/chị chuyển lại trước lúc đó."
    return said


def _stamp(record: Record) -> str:
    return record.updated_at.isoformat()
