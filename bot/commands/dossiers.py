"""``hotro dossier``: dossiers without a browser."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL, local_date
from bot.core import Core, StartError, open_core
from bot.dossiers import cells, importing, saving
from bot.dossiers.cells import CellFault
from bot.dossiers.importing import Report
from bot.dossiers.sheet import Reader, Sheet, read
from bot.knowledge.library import Knowledge
from bot.reminders.rules import STATES, State
from bot.settings import Settings
from bot.store import dossiers, officers, reminder_views
from bot.store.dossiers import Draft, Record
from bot.tables import TableError

SHOWN: Final = 40
"""Faults and changes that are printed one by one."""
PAGE: Final = 500
_EXPORTED: Final = {
    "code": "Mã hồ sơ",
    "phone": "Số điện thoại",
    "procedure": "Thủ tục",
    "state": "Trạng thái",
    "state_on": "Ngày chuyển trạng thái",
    "received_on": "Ngày tiếp nhận",
    "due_on": "Ngày hẹn trả",
    "appointment_at": "Lịch hẹn",
    "event_on": "Ngày xảy ra sự kiện",
    "valid_until": "Giá trị đến",
    "missing": "Giấy tờ còn thiếu",
}
"""What is exported, under names that an import knows again."""


@dataclass(frozen=True, slots=True)
class Here:
    """One commune of an installation."""

    core: Core
    knowledge: Knowledge
    commune: str


@asynccontextmanager
async def _here(settings: Settings, commune: str) -> AsyncIterator[Here]:
    async with open_core(settings) as core:
        knowledge = core.knowledge(commune)
        if knowledge is None:
            raise StartError(f"không có xã {commune} (xem: hotro commune list)")
        yield Here(core, knowledge, commune)


async def listing(settings: Settings, commune: str, state: State | None, limit: int) -> str:
    """One line a dossier: code, state, since, procedure."""
    async with _here(settings, commune) as here, here.core.store.read() as session:
        states = (state,) if state else ()
        found = await dossiers.listing(session, commune, states=states, limit=limit)
    lines = [
        f"{one.told.code}\t{one.told.state}\t{one.told.state_on:%d/%m/%Y}\t"
        f"{one.told.procedure or '-'}"
        for one in found
    ]
    return "\n".join(lines) or "Chưa có hồ sơ nào."


async def show(settings: Settings, commune: str, code: str) -> str:
    """All of one dossier: what is known, its history, its reminders.

    Raises:
        StartError: there is none.
    """
    async with _here(settings, commune) as here, here.core.store.read() as session:
        record = await _need(session, commune, code)
        why = await saving.why_not(session, here.knowledge, record, here.core.clock.now())
        history = await dossiers.history(session, record.id)
        told = await reminder_views.of_dossier(session, record.id)
    lines = [f"{_EXPORTED[name]}: {value}" for name, value in _row(record).items() if value]
    lines.append(f"Đồng ý nhận tin: {'có' if record.consent_id else 'chưa'}")
    if why:
        lines.append(f"Không nhắc: {why}")
    lines += [
        f"  {event.on:%d/%m/%Y}  {event.state}  {event.by or ''}".rstrip() for event in history
    ]
    lines += [
        f"  nhắc {one.kind}  {one.look_at.astimezone(LOCAL):%d/%m/%Y %H:%M}  {one.outcome}"
        for one in told
    ]
    return "\n".join(lines)


async def _need(session: AsyncSession, commune: str, code: str) -> Record:
    found = await dossiers.find(session, commune, [code])
    if not found:
        raise StartError(f"không có hồ sơ {code}")
    return next(iter(found.values()))


# --- one ---------------------------------------------------------------------------------


async def change(
    settings: Settings,
    commune: str,
    code: str,
    given: Mapping[str, str],
    agreed_by: str | None,
    withdraw: bool,
) -> str:
    """Enter a dossier, or change what is given; an empty value takes away what was there.

    Raises:
        StartError: something given is not right.
    """
    async with _here(settings, commune) as here:
        now = here.core.clock.now()
        values = {name: _value(here, name, said) for name, said in given.items()}
        if "state" in values and "state_on" not in values:
            values["state_on"] = local_date(now)
        async with here.core.store.write() as session:
            officer = await _officer(session, commune, agreed_by) if agreed_by else None
            found = await dossiers.find(session, commune, [_code(code)])
            record = next(iter(found.values()), None)
            if record is None:
                start: dict[str, Any] = {"state": "received", "state_on": local_date(now)}
                draft = Draft(_code(code), **start | values)
            else:
                draft = replace(record.told, **values)
            agreed = True if officer is not None else False if withdraw else None
            saved = await saving.save(session, here.knowledge, draft, officer, now, agreed=agreed)
    done = "Đã ghi" if saved.before is None else "Đã sửa" if saved.changed else "Không có gì đổi:"
    planned = f"{len(saved.planned)} lời nhắc" if saved.planned else f"không nhắc ({saved.why})"
    return f"{done} hồ sơ {draft.code}, {planned}."


def _code(said: str) -> str:
    try:
        return cells.read_code(said)
    except CellFault as fault:
        raise StartError(str(fault)) from fault


def _value(here: Here, name: str, said: str) -> Any:
    if name == "state":
        if said not in STATES:
            raise StartError(f"trạng thái phải là một trong: {', '.join(STATES)}")
        return said
    if name == "procedure":
        if said and said not in here.knowledge.procedures:
            raise StartError(f"không có thủ tục {said}")
        return said or None
    readers = {
        "phone": cells.read_mobile,
        "appointment_at": cells.read_moment,
        "missing": cells.read_missing,
    }
    try:
        return readers.get(name, cells.read_day)(said)
    except CellFault as fault:
        raise StartError(f"{name}: {fault}") from fault


async def _officer(session: AsyncSession, commune: str, username: str) -> int:
    for one in await officers.listing(session):
        if one.username == username and one.commune == commune and one.disabled_at is None:
            return one.id
    raise StartError(f"xã {commune} không có cán bộ {username} (xem: hotro officer list)")


async def replan(settings: Settings, commune: str) -> str:
    """Plan all reminders anew: after the rules, the holidays or the commune's names changed."""
    async with _here(settings, commune) as here:
        planned = count = 0
        async for page in _pages(here):
            async with here.core.store.write() as session:
                now = here.core.clock.now()
                for one in page:
                    planned += await saving.replan(session, here.knowledge, one.id, now)
            count += len(page)
    return f"Đã xếp lại {planned} lời nhắc của {count} hồ sơ."


async def _pages(here: Here) -> AsyncIterator[list[Record]]:
    offset = 0
    while True:
        async with here.core.store.read() as session:
            page = await dossiers.listing(session, here.commune, limit=PAGE, offset=offset)
        if not page:
            return
        yield page
        offset += len(page)


# --- many --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Brought:
    """What an import says, and whether every line of the file was good."""

    text: str
    sound: bool


async def bring_in(
    settings: Settings, commune: str, file: Path, agreed_by: str | None, dry_run: bool
) -> Brought:
    """Try a file, and apply it unless it is only a try.

    Raises:
        StartError: it cannot be read at all.
    """
    async with _here(settings, commune) as here:
        try:
            sheet = read(file.read_bytes(), Reader.of(here.knowledge))
        except (OSError, TableError) as error:
            raise StartError(f"{file}: {error}") from error
        now, store = here.core.clock.now(), here.core.store
        officer = None
        if agreed_by:
            async with store.read() as session:
                officer = await _officer(session, commune, agreed_by)
        everybody = officer is not None
        if dry_run:
            report = await importing.look(store, here.knowledge, sheet, now, all_agreed=everybody)
        else:
            report = await importing.apply(
                store, here.knowledge, sheet, officer, now, all_agreed=everybody
            )
    return Brought("\n".join(_told(sheet, report, dry_run)), not sheet.faulty)


def _told(sheet: Sheet, report: Report, dry_run: bool) -> Iterable[str]:
    for fault in sheet.faults[:SHOWN]:
        where = f"dòng {fault.line}" + (f", cột {fault.column}" if fault.column else "")
        yield f"{where}: {fault.reason} (trong tệp: {fault.value or 'trống'})"
    if len(sheet.faults) > SHOWN:
        yield f"... và {len(sheet.faults) - SHOWN} lỗi nữa"
    if dry_run:
        for change_ in report.changes[:SHOWN]:
            names = ", ".join(_EXPORTED.get(one.name, "Đồng ý") for one in change_.differences)
            yield f"dòng {change_.line}: {change_.code} {change_.effect}: {names}"
    counts = report.counts
    yield (
        f"{'Sẽ ghi' if dry_run else 'Đã ghi'}: {counts['new']} mới, {counts['changed']} thay đổi; "
        f"giữ nguyên {counts['unchanged']}, cũ hơn {counts['older']}, dòng lỗi {sheet.faulty}."
    )


async def export(settings: Settings, commune: str, out: Path) -> str:
    """Write all dossiers as CSV that a spreadsheet opens and an import reads.

    Raises:
        StartError: it cannot be written.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(_EXPORTED))
    writer.writerow(_EXPORTED)
    count = 0
    async with _here(settings, commune) as here:
        async for page in _pages(here):
            writer.writerows(_plain(_exported(here, record)) for record in page)
            count += len(page)
    try:
        out.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    except OSError as error:
        raise StartError(f"không ghi được {out}: {error.strerror}") from error
    return (
        f"Đã ghi {count} hồ sơ vào {out}. Tệp có số điện thoại của bà con: giữ kín, dùng xong xoá."
    )


def _exported(here: Here, record: Record) -> dict[str, str]:
    told = record.told
    return _row(record) | {"state": here.knowledge.phrase(f"state_{told.state}")}


def _row(record: Record) -> dict[str, str]:
    return {name: _shown(getattr(record.told, name)) for name in _EXPORTED}


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(LOCAL):%H:%M %d/%m/%Y}"
    if hasattr(value, "strftime"):
        return f"{value:%d/%m/%Y}"
    return str(value or "").replace("+84", "0", 1) if value else ""


def _plain(row: dict[str, str]) -> dict[str, str]:
    """So that no spreadsheet takes a cell for a formula."""
    return {
        name: f"'{value}" if value.startswith(("=", "+", "-", "@")) else value
        for name, value in row.items()
    }
