"""What became of an announcement: a page to print, and a table without anybody's number."""

from __future__ import annotations

import csv
import io

from aiohttp import web

from bot.announcing import names
from bot.announcing.estimate import Estimate
from bot.clock import LOCAL
from bot.knowledge.model import Commune
from bot.store import announcement_report, announcement_views
from bot.store.announcement_report import Line, Report
from bot.store.announcement_views import AnnouncementView
from bot.store.announcements import NotAllowed
from console import announcement_words, words
from console.announcement_desk import desk_of
from console.guard import NOT_FOUND, Refused, Visit

WAYS = {"sms": "SMS", "zalo": "Zalo", "zalobot": "Zalo"}
HEADER = ("STT", "Thôn", "Gửi bằng", "Kết quả", "Lúc", "Số tin", "Tiền (đ)")


async def show(visit: Visit) -> web.StreamResponse:
    """GET: all figures, ready to be printed."""
    view, where = await _view(visit)
    async with visit.desk.store.read() as session:
        report = await announcement_report.report(session, view.id)
        history = await announcement_views.history(session, view.commune, view.id)
    said = announcement_words.hour_and_day
    approved = Estimate.read(view.estimate) if view.estimate and view.approved_at else None
    return await visit.page(
        "announcement_report.html",
        view=view,
        state=announcement_words.STATES[view.state][0],
        commune=where,
        whom=announcement_words.whom(view.draft.audience, where),
        figures=_figures(report, approved),
        skipped=[
            (names.REASONS.get(reason, reason), words.thousands(count))
            for reason, count in report.progress.skipped.most_common()
        ],
        errors=[(words.shortened(text) or "không rõ", count) for text, count in report.errors],
        sms=approved.texts.sms if approved else view.draft.sms_text,
        history=[(names.EVENTS[one.what], one, said(one.at)) for one in history],
        printed=said(visit.desk.clock.now()),
        bar=announcement_words.bar(report.progress, 0),
    )


def _figures(report: Report, approved: Estimate | None) -> list[tuple[str, str]]:
    progress = report.progress
    figures = [("Người trong danh sách", words.thousands(progress.people))]
    for fate in ("delivered", "sent", "queued", "waiting", "failed", "skipped"):
        count = progress.by_fate[fate]
        if count or fate in ("delivered", "sent"):
            figures.append((names.FATES[fate].capitalize(), words.thousands(count)))
    for way, name in (("chat", "Gửi qua Zalo"), ("sms", "Gửi qua SMS")):
        if progress.by_channel[way]:
            figures.append((name, words.thousands(progress.by_channel[way])))
    figures.append(("Số tin SMS", words.thousands(report.parts)))
    figures.append(("Tiền SMS", words.dong(report.price)))
    if approved is not None and approved.price_each:
        figures.append(("Tiền dự tính khi duyệt", words.dong(approved.price)))
    figures.append(("Từ chối nhận từ lúc duyệt", words.thousands(report.opted_out)))
    if report.last_at is not None:
        figures.append(("Tin cuối gửi lúc", announcement_words.hour_and_day(report.last_at)))
    return figures


async def download(visit: Visit) -> web.StreamResponse:
    """GET: one line a person, without number or name, as Excel here opens it."""
    view, where = await _view(visit)
    async with visit.desk.store.read() as session:
        lines = await announcement_report.lines(session, view.id)
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    for number, line in enumerate(lines, 1):
        writer.writerow(_cells(number, line, where))
    return web.Response(
        body=table.getvalue().encode("utf-8-sig"),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="thong-bao-{view.id}.csv"'},
    )


def _cells(number: int, line: Line, where: Commune) -> tuple[object, ...]:
    at = f"{line.at.astimezone(LOCAL):%d/%m/%Y %H:%M}" if line.at else ""
    village = announcement_words.village_name(where.villages, line.village)
    way = WAYS.get(line.channel, "")
    return (
        number, village, way, announcement_words.what_became(line), at, line.parts, line.price,
    )  # fmt: skip


async def _view(visit: Visit) -> tuple[AnnouncementView, Commune]:
    desk, commune = desk_of(visit), visit.login.commune
    try:
        view = await desk.get(commune, int(visit.request.match_info["id"]))
    except NotAllowed as error:
        raise Refused(404, NOT_FOUND) from error
    return view, desk.commune(commune)
