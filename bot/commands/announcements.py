"""``hotro announce``: what the console's page does, in the terminal; by the same rules."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.announcing import paper_list, wording
from bot.announcing.desk import Act, AnnouncementDesk, Faulty
from bot.announcing.estimate import Estimate
from bot.announcing.names import EVENTS, FATES, REASONS
from bot.announcing.paper_list import Plan
from bot.clock import LOCAL, local_date
from bot.core import Core, StartError, open_core
from bot.desks import announcement_desk
from bot.knowledge import villages
from bot.knowledge.model import Commune
from bot.settings import Settings
from bot.store import announcement_report, announcement_views, officers
from bot.store.announcement_report import Progress
from bot.store.announcement_views import AnnouncementView, Draft, Event
from bot.store.announcements import NOW, NotAllowed
from bot.store.audience import NOT_SAID, Audience
from bot.tables import TableError

USUAL = timedelta(hours=24)
FORM = "%d/%m/%Y %H:%M"


@dataclass(frozen=True, slots=True)
class New:
    """What ``hotro announce new`` is given."""

    title: str
    text: str
    sms_text: str
    villages: Sequence[str]
    urgent: bool
    start: datetime | None
    expires: datetime | None
    ready: str | None
    blanks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Office:
    core: Core
    desk: AnnouncementDesk
    commune: Commune


@asynccontextmanager
async def _office(settings: Settings, commune: str) -> AsyncIterator[_Office]:
    async with open_core(settings) as core:
        desk = announcement_desk(core)
        try:
            yield _Office(core, desk, desk.commune(commune))
        except (NotAllowed, Faulty, TableError) as error:
            raise StartError(str(error)) from error
        core.wakeups.notify("schedule")


async def _who(office: _Office, username: str) -> int:
    async with office.core.store.read() as session:
        found = await officers.listing(session, office.commune.id)
    for officer in found:
        if officer.username == username and officer.disabled_at is None:
            return officer.id
    raise StartError(f"xã {office.commune.id} không có cán bộ {username} (xem: hotro officer list)")


# --- looking ------------------------------------------------------------------------------


async def listing(settings: Settings, commune: str) -> str:
    """One line an announcement."""
    async with _office(settings, commune) as office, office.core.store.read() as session:
        views = await announcement_views.listing(session, commune)
        progress = await announcement_report.progress(session, [view.id for view in views])
    lines = [
        f"{view.id}\t{NOW[view.state]}\t{'KHẨN ' if view.draft.urgent else ''}{view.draft.title}\t"
        f"{_reached(progress[view.id])}"
        for view in views
    ]
    return "\n".join(lines) or "Chưa có thông báo nào. Tạo bằng: hotro announce new"


def _reached(progress: Progress) -> str:
    return f"{progress.reached}/{progress.people} người đã có tin" if progress.people else "-"


async def show(settings: Settings, commune: str, announcement_id: int) -> str:
    """All that goes out, to whom, for how much, and what was done with it."""
    async with _office(settings, commune) as office:
        view = await office.desk.get(commune, announcement_id)
        approved = view.approved_at is not None and view.estimate is not None
        told = Estimate.read(view.estimate) if approved and view.estimate else None
        found = told or await office.desk.estimate(commune, view.draft)
        async with office.core.store.read() as session:
            history = await announcement_views.history(session, commune, announcement_id)
        faults = office.desk.faults(commune, view.draft) if not approved else {}
    lines = [*_told(view, office.commune), *_cost(found), "", found.texts.chat, "", "SMS:"]
    lines += [found.texts.sms_first, ""]
    lines += [_happened(event) for event in history]
    return "\n".join([*lines, *(f"! {fault}" for fault in faults.values())])


def _happened(event: Event) -> str:
    note = f" ({event.note})" if event.note else ""
    who = event.officer or "hệ thống"
    return f"{event.at.astimezone(LOCAL):{FORM}} {who}: {EVENTS[event.what]}{note}"


def _told(view: AnnouncementView, commune: Commune) -> list[str]:
    draft = view.draft
    start = draft.start_at.astimezone(LOCAL).strftime(FORM) if draft.start_at else "khi được duyệt"
    urgent = "; KHẨN CẤP: gửi cả ban đêm và ngày lễ" if draft.urgent else ""
    return [
        f"Thông báo {view.id} {NOW[view.state]}: {draft.title}",
        f"Người soạn: {view.author}" + (f"; người duyệt: {view.approver}" if view.approver else ""),
        f"Gửi từ {start} đến {draft.expires_at.astimezone(LOCAL):{FORM}}{urgent}",
        f"Cho: {_whom(draft.audience, commune)}",
    ]


def _whom(audience: Audience, commune: Commune) -> str:
    if audience.villages is None:
        return "tất cả người đã đồng ý nhận"
    return ", ".join(villages.named(commune.villages, key or None) for key in audience.villages)


def _cost(found: Estimate) -> list[str]:
    return [
        f"Tới {found.people} người: {found.chat} qua Zalo, {found.sms} qua SMS, "
        f"{found.unreachable} không có cách nào",
        f"SMS: {found.parts} tin × {found.price_each} đ = {found.price} đ "
        f"(nhiều nhất {found.price_most} đ), mất khoảng {found.minutes} phút",
    ]


async def report(settings: Settings, commune: str, announcement_id: int) -> str:
    """What became of it."""
    async with _office(settings, commune) as office:
        view = await office.desk.get(commune, announcement_id)
        async with office.core.store.read() as session:
            told = await announcement_report.report(session, announcement_id)
    progress = told.progress
    lines = [*_told(view, office.commune), f"Người trong danh sách: {progress.people}"]
    for fate, name in FATES.items():
        if progress.by_fate[fate]:
            lines.append(f"  {name}: {progress.by_fate[fate]}")
    lines += [
        f"    {REASONS.get(why, why)}: {count}" for why, count in progress.skipped.most_common()
    ]
    lines += [f"    lỗi: {error or 'không rõ'}: {count}" for error, count in told.errors]
    lines.append(f"SMS: {told.parts} tin, {told.price} đ; từ chối từ lúc duyệt: {told.opted_out}")
    return "\n".join(lines)


# --- doing --------------------------------------------------------------------------------


async def new(settings: Settings, commune: str, by: str, given: New) -> str:
    """A draft; says what is still missing."""
    async with _office(settings, commune) as office:
        draft = _draft(office, given)
        made = await office.desk.save(commune, await _who(office, by), draft)
        faults = office.desk.faults(commune, draft)
        found = await office.desk.estimate(commune, draft)
    unclear = wording.unclear(office.commune, draft.sms_text)
    lines = [f"Đã lưu bản nháp số {made}.", *_cost(found), *(f"! {said}" for said in unclear)]
    if faults:
        return "\n".join([*lines, *(f"! {fault}" for fault in faults.values())])
    return "\n".join([*lines, f"Xem: hotro announce show {made} --commune {commune}"])


def _draft(office: _Office, given: New) -> Draft:
    now = office.core.clock.now()
    title, text, sms_text, urgent = given.title, given.text, given.sms_text, given.urgent
    expires = given.expires.replace(tzinfo=LOCAL).astimezone(UTC) if given.expires else now + USUAL
    if given.ready is not None:
        ready = office.desk.ready().get(given.ready)
        if ready is None:
            raise StartError(f"không có mẫu {given.ready}; có: {', '.join(office.desk.ready())}")
        filled = ready.filled(given.blanks)
        title, text, sms_text = title or filled.title, text or filled.text, sms_text or filled.sms
        urgent = urgent or ready.urgent
        expires = expires if given.expires else now + timedelta(hours=ready.hours)
    return Draft(
        title=title,
        text=text,
        sms_text=sms_text,
        audience=Audience(_keys(office.commune, given.villages) if given.villages else None),
        urgent=urgent,
        start_at=given.start.replace(tzinfo=LOCAL).astimezone(UTC) if given.start else None,
        expires_at=expires,
    )


def _keys(commune: Commune, said: Sequence[str]) -> tuple[str, ...]:
    keys = []
    for words in said:
        found = villages.find(commune.villages, words)
        if found is None and words != "?":
            names = ", ".join(village.name for village in commune.villages)
            raise StartError(f"không rõ thôn “{words}”; các thôn: {names}; ? là chưa rõ thôn")
        keys.append(found.key if found else NOT_SAID)
    return tuple(keys)


async def submit(settings: Settings, commune: str, announcement_id: int, by: str) -> str:
    """Ask for approval."""
    async with _office(settings, commune) as office:
        found = await office.desk.submit(commune, announcement_id, await _who(office, by))
    return "\n".join([*_cost(found), "Đã trình. Cán bộ khác duyệt: hotro announce approve"])


async def approve(
    settings: Settings, commune: str, announcement_id: int, by: str, offered: Offer
) -> str:
    """Let it go out, exactly as it was offered."""
    async with _office(settings, commune) as office:
        officer, seen = await _who(office, by), offered.digest
        await office.desk.approve(
            commune, announcement_id, officer, seen, offered.people, offered.price
        )
    return f"Đã duyệt. Đang gửi tới {offered.people} người."


@dataclass(frozen=True, slots=True)
class Offer:
    """What an officer is shown before they say yes."""

    told: str
    digest: str
    people: int
    price: int
    """At the most, in đồng."""


async def offer(settings: Settings, commune: str, announcement_id: int) -> Offer:
    """All that would go out, to how many, for how much."""
    async with _office(settings, commune) as office:
        view = await office.desk.get(commune, announcement_id)
        found = await office.desk.estimate(commune, view.draft)
    said = [*_told(view, office.commune), *_cost(found), "", found.texts.chat, ""]
    told = "\n".join([*said, found.texts.sms_first])
    return Offer(told, view.draft.digest, found.people, found.price_most)


async def reject(settings: Settings, commune: str, announcement_id: int, by: str, note: str) -> str:
    """Send it back to the author."""
    async with _office(settings, commune) as office:
        officer = await _who(office, by)
        await office.desk.reject(commune, announcement_id, officer, note)
    return "Đã trả lại cho người soạn."


async def act(settings: Settings, does: Act, commune: str, announcement_id: int, by: str) -> str:
    """Pause, go on, cancel."""
    async with _office(settings, commune) as office:
        await office.desk.act(does, commune, announcement_id, await _who(office, by))
        view = await office.desk.get(commune, announcement_id)
    return f"Thông báo {announcement_id} {NOW[view.state]}."


async def bring_in(settings: Settings, commune: str, file: Path, by: str, *, write: bool) -> str:
    """A paper list: what is wrong with it and what it would do; ``write``: do it."""
    async with _office(settings, commune) as office:
        officer, now = await _who(office, by), office.core.clock.now()
        reading = paper_list.read(file.read_bytes(), office.commune.villages, local_date(now))
        async with office.core.store.read() as session:
            found = await paper_list.plan(session, commune, reading)
        fresh = 0
        if write:
            fresh = await paper_list.apply(office.core.store, commune, found, officer, now)
    return _planned(found, fresh, write=write)


def _planned(found: Plan, fresh: int, *, write: bool) -> str:
    lines = [f"Dòng {fault.line}: {fault.sentence}" for fault in found.faults]
    lines.append(
        f"{len(found.new)} người mới, {len(found.again)} người đã có, "
        f"{len(found.faults)} dòng không dùng được."
    )
    lines.append(f"Đã ghi {fresh} người." if write else "Chưa ghi gì; ghi thật: thêm --write")
    return "\n".join(lines)
