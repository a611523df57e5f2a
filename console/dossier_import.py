"""A file of dossiers: given, tried, confirmed, and applied while the officer looks on."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from aiohttp import web
from aiohttp.web_request import FileField

from bot.dossiers import importing, saving
from bot.dossiers.importing import Change, Report
from bot.dossiers.sheet import MAX_BYTES, LineFault, Reader, Sheet, read
from bot.knowledge.library import Knowledge
from bot.store import uploads
from bot.store.uploads import Progress, Upload
from bot.tables import TableError
from console import dossier_words, pages
from console.around import sentence
from console.dossiers import knowledge_of
from console.guard import Visit

log = structlog.get_logger(__name__)

HERE = "/console/dossiers/import"
MAX_UPLOAD = MAX_BYTES + 2**19
"""With what a form puts around it."""
SHOWN_FAULTS = 100
SHOWN_LINES = 8
STALE = timedelta(minutes=1)
"""A file under way that was not touched for so long has stopped."""
TELL_EVERY = timedelta(seconds=2)
NO_FILE = "Anh/chị chọn một tệp .csv."
GONE = "Tệp không còn được giữ. Anh/chị chọn lại tệp."

_RUNNING: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """The same fault, in several lines."""

    lines: str
    column: str
    value: str
    reason: str


async def show(visit: Visit) -> web.StreamResponse:
    """GET: the form; or how far the last file has come."""
    async with visit.desk.store.read() as session:
        commune, officer = visit.login.commune, visit.login.officer_id
        progress = await uploads.progress_of(session, commune, officer)
    return await _page(visit, progress=progress if progress and progress.started else None)


async def give(visit: Visit) -> web.StreamResponse:
    """POST: a file is given; nothing is written, what it would change is shown."""
    given = (await visit.request.post()).get("file")
    if not isinstance(given, FileField) or not given.filename:
        return await _page(visit, problem=NO_FILE, status=422)
    data = await asyncio.to_thread(given.file.read)
    knowledge = knowledge_of(visit)
    try:
        sheet = await _read(data, knowledge)
    except TableError as fault:
        return await _page(visit, problem=sentence(str(fault)), status=422)
    upload = Upload(given.filename[:80], data, bool(visit.form.get("all_agreed")))
    progress = Progress(
        upload.name, visit.desk.wall.now(), len(sheet.lines) + sheet.faulty, sheet.faulty
    )
    async with visit.desk.store.write() as session:
        commune, officer = visit.login.commune, visit.login.officer_id
        await uploads.keep(session, commune, officer, upload, progress)
    report = await importing.look(
        visit.desk.store,
        knowledge,
        sheet,
        visit.desk.clock.now(),
        all_agreed=upload.all_agreed,
    )
    return await _tried(visit, upload, sheet, report)


async def confirm(visit: Visit) -> web.StreamResponse:
    """POST: apply it (again, when it had stopped)."""
    commune, officer = visit.login.commune, visit.login.officer_id
    knowledge, now = knowledge_of(visit), visit.desk.wall.now()
    async with visit.desk.store.write() as session:
        upload = await uploads.get(session, commune, officer)
        progress = await uploads.progress_of(session, commune, officer)
        if upload is not None and progress is not None:
            running = progress.started and now - progress.at < STALE
            progress = replace(progress, started=True, at=now, problem="")
            if not running:
                await uploads.go_on(session, commune, officer, progress)
    if upload is None or progress is None:
        return await _page(visit, problem=GONE, status=409)
    if not running:
        task = asyncio.create_task(_apply(visit, knowledge, upload, progress))
        _RUNNING.add(task)
        task.add_done_callback(_RUNNING.discard)
        # Small files are done when the page is there.
        await asyncio.wait([task], timeout=1.5)
    return pages.go(HERE)


async def forget(visit: Visit) -> web.StreamResponse:
    """POST: not this file; or the report was read."""
    async with visit.desk.store.write() as session:
        await uploads.forget(session, visit.login.commune, visit.login.officer_id)
    return pages.go(HERE)


async def _read(data: bytes, knowledge: Knowledge) -> Sheet:
    # A large file takes a second: others are served meanwhile.
    return await asyncio.to_thread(read, data, Reader.of(knowledge))


async def _apply(visit: Visit, knowledge: Knowledge, upload: Upload, progress: Progress) -> None:
    desk, officer = visit.desk, visit.login.officer_id
    commune = saving.commune_of(knowledge).id
    told = progress

    async def tell(report: Report, *, done: bool = False, problem: str = "") -> None:
        nonlocal told
        now = desk.wall.now()
        if not done and not problem and now - told.at < TELL_EVERY:
            return
        told = replace(
            told,
            at=now,
            done=done,
            line=report.last_line,
            counts={str(name): count for name, count in report.counts.items()},
            planned=report.planned,
            problem=problem,
        )
        async with desk.store.write() as session:
            await uploads.go_on(session, commune, officer, told)

    report = Report()

    async def note(so_far: Report) -> None:
        nonlocal report
        report = so_far
        await tell(so_far)

    try:
        sheet = await _read(upload.data, knowledge)
        report = await importing.apply(
            desk.store,
            knowledge,
            sheet,
            officer,
            desk.clock.now(),
            all_agreed=upload.all_agreed,
            progress=note,
        )
        await tell(report, done=True)
    except Exception:
        log.exception("dossiers.import_failed", commune=commune, line=report.last_line)
        await tell(report, problem="máy gặp trục trặc giữa chừng")


# --- what is shown ------------------------------------------------------------------------


async def _page(
    visit: Visit, *, progress: Progress | None = None, problem: str = "", status: int = 200
) -> web.StreamResponse:
    now = visit.desk.wall.now()
    stopped = (
        progress is not None
        and not progress.done
        and (bool(progress.problem) or now - progress.at >= STALE)
    )
    knowledge = knowledge_of(visit)
    return await visit.page(
        "dossier_import.html",
        status,
        problem=problem,
        progress=progress,
        stopped=stopped,
        waiting=progress is not None and not progress.done and not stopped,
        columns={
            dossier_words.FIELDS.get(_field(name), name): spellings[0]
            for name, spellings in knowledge.dossier_words.columns.items()
            if spellings
        },
        megabytes=MAX_BYTES // 2**20,
        consent=saving.consent_words(knowledge),
    )


async def _tried(visit: Visit, upload: Upload, sheet: Sheet, report: Report) -> web.StreamResponse:
    return await visit.page(
        "dossier_tried.html",
        upload=upload,
        sheet=sheet,
        report=report,
        known=[
            (header, dossier_words.FIELDS.get(_field(column), column))
            for column, header in sheet.columns.items()
        ],
        groups=grouped(sheet.faults)[:SHOWN_FAULTS],
        more_faults=max(0, len(grouped(sheet.faults)) - SHOWN_FAULTS),
        changes=[_shown(change, visit.desk.procedure_names) for change in report.changes],
        more_changes=sum(report.counts.values()) - report.counts["unchanged"] - len(report.changes),
        to_write=report.counts["new"] + report.counts["changed"],
    )


def _field(column: str) -> str:
    return "appointment_at" if column == "appointment" else column


def grouped(faults: Sequence[LineFault]) -> list[FaultGroup]:
    """Faults that are the same are told once, with their lines."""
    lines: dict[tuple[str, str, str], list[int]] = defaultdict(list)
    for fault in faults:
        lines[fault.column, fault.value, fault.reason].append(fault.line)
    return [
        FaultGroup(_lines(found), column, value, reason)
        for (column, value, reason), found in sorted(lines.items(), key=lambda one: one[1])
    ]


def _lines(found: Sequence[int]) -> str:
    said = ", ".join(map(str, found[:SHOWN_LINES]))
    return f"{said} … ({len(found)} dòng)" if len(found) > SHOWN_LINES else said


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One line of the dry run, in words."""

    line: int
    code: str
    effect: str
    look: str
    parts: tuple[tuple[str, str, str], ...]
    """Field, before, after."""
    note: str


_EFFECTS = {
    "new": ("mới", "badge-ok"),
    "changed": ("thay đổi", "badge-info"),
    "older": ("cũ hơn, giữ nguyên", ""),
}


def _shown(change: Change, procedures: Mapping[str, str]) -> ShownChange:
    effect, look = _EFFECTS[change.effect]
    note = f"không biết thủ tục “{change.foreign}”, ghi là việc khác" if change.foreign else ""
    if change.backwards:
        effect, look = "trạng thái lùi lại", "badge-warn"
    parts = tuple(
        (
            dossier_words.FIELDS[one.name],
            dossier_words.shown(one.name, one.before, procedures),
            dossier_words.shown(one.name, one.after, procedures),
        )
        for one in change.differences
    )
    return ShownChange(change.line, change.code, effect, look, parts, note)
