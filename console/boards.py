"""Notice boards: how often each is scanned, a form for new ones, a page to print."""

from __future__ import annotations

import io
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from bot import text as texts
from bot.channels import BoardView
from bot.store import boards
from console import pages, words
from console.guard import NOT_FOUND, Refused, Visit

MAX_PLACE = 200
_CODE = re.compile(r"[a-z0-9-]{2,32}")
# No 0/o, 1/l/i: a code is sometimes read aloud or copied by hand.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class NewBoard:
    """The form for a new board."""

    place: str = ""
    procedure: str = ""
    code: str = ""

    @staticmethod
    def of(form: Mapping[str, str]) -> NewBoard:
        """What was filled in."""
        return NewBoard(
            place=" ".join(texts.clean(form.get("place", "")).split()),
            procedure=form.get("procedure", ""),
            code=texts.clean(form.get("code", "")).lower(),
        )


async def show(visit: Visit) -> web.StreamResponse:
    """GET: all boards of the commune and the form."""
    return await _page(visit, NewBoard())


async def add(visit: Visit) -> web.StreamResponse:
    """POST: one more board."""
    new = NewBoard.of(visit.form)
    fault = _fault(new, visit.desk.procedure_names)
    if not fault and not await _add(visit, new):
        fault = {"code": "Mã này đã có bảng khác dùng. Anh/chị chọn mã khác hoặc để trống."}
    if fault:
        return await _page(visit, new, fault, 422)
    return pages.go("/console/boards?done")


async def qr(visit: Visit) -> web.StreamResponse:
    """GET: the board's QR code as SVG."""
    board = await _own_board(visit)
    import segno  # only here: the web process starts sooner without it

    code = segno.make(address(visit, board), error="m", micro=False)
    image = io.BytesIO()
    code.save(image, kind="svg", border=4, omitsize=True, light="#fff", dark="#000")
    return web.Response(body=image.getvalue(), content_type="image/svg+xml")


async def sheet(visit: Visit) -> web.StreamResponse:
    """GET: the board as one A4 page."""
    board = await _own_board(visit)
    info = visit.desk.commune_info(board.commune)
    return await visit.page(
        "board.html",
        board=board,
        info=info,
        procedure=_within_sentence(visit.desk.procedure_names.get(board.procedure or "", "")),
        keyword=info.keywords.get(board.procedure or "", "") if info else "",
        sms_number=words.phone(info.sms_number) if info and info.sms_number else "",
        address=address(visit, board),
    )


def address(visit: Visit, board: BoardView) -> str:
    """Where the QR code leads."""
    return f"{visit.desk.base_url.rstrip('/')}/q/{board.code}"


async def _page(
    visit: Visit, new: NewBoard, fault: Mapping[str, str] | None = None, status: int = 200
) -> web.StreamResponse:
    now = visit.desk.clock.now()
    async with visit.desk.store.read() as session:
        counts = await boards.listing(session, visit.login.commune, now)
    return await visit.page(
        "boards.html",
        status,
        counts=counts,
        names=visit.desk.procedure_names,
        scanned={c.board.code: words.ago(c.last_at, now) for c in counts if c.last_at},
        new=new,
        fault={"place": "", "procedure": "", "code": "", **(fault or {})},
        done="done" in visit.request.query,
    )


def _fault(new: NewBoard, procedures: Mapping[str, str]) -> dict[str, str]:
    if not new.place:
        return {"place": "Anh/chị ghi giúp nơi đặt bảng, ví dụ: Nhà văn hoá thôn 2."}
    if len(new.place) > MAX_PLACE:
        return {"place": f"Nơi đặt bảng dài quá {MAX_PLACE} ký tự."}
    if new.procedure and new.procedure not in procedures:
        return {"procedure": "Không có thủ tục này."}
    if new.code and not _CODE.fullmatch(new.code):
        return {"code": "Mã chỉ gồm chữ thường không dấu, số và dấu gạch ngang (2-32 ký tự)."}
    return {}


async def _add(visit: Visit, new: NewBoard) -> bool:
    """Store it; a code of our own making is made anew until one is free."""
    for _ in range(1 if new.code else 5):
        code = new.code or _free_code(new.place)
        async with visit.desk.store.write() as session:
            stored = await boards.add(
                session,
                code,
                visit.login.commune,
                new.place,
                new.procedure or None,
                visit.desk.clock.now(),
            )
        if stored:
            return True
    return False


def _free_code(place: str) -> str:
    slug = texts.key(place).replace(" ", "-")[:20].strip("-")
    tail = "".join(secrets.choice(_LETTERS) for _ in range(4))
    return f"{slug}-{tail}".lstrip("-")


async def _own_board(visit: Visit) -> BoardView:
    async with visit.desk.store.read() as session:
        board = await boards.get(session, visit.request.match_info["code"])
    if board is None or board.commune != visit.login.commune:
        raise Refused(404, NOT_FOUND)
    return board


def _within_sentence(name: str) -> str:
    """ "Đăng ký khai sinh" -> "đăng ký khai sinh"; "VNeID" stays."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name
