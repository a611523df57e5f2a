"""The web chat's HTTP side: pages, messages in, transcript out, QR codes."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlencode

import structlog
from aiohttp import web

from bot.channels import Boards, BoardView, Intake, Transcript
from integrations.webchat import pages
from integrations.webchat.inbound import BadMessage, parse, read_body
from integrations.webchat.limits import Buckets, Limits
from integrations.webchat.outbound import LongPoll, Waiter, lines_json
from integrations.webchat.security import problem, same_origin, secured
from integrations.webchat.session import drop_session, keep_session, new_session, session_of
from integrations.webchat.statics import static_routes
from integrations.webchat.views import CommuneView

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NO_COMMUNE = "Không tìm thấy trang hỗ trợ của xã này."
NO_SESSION = "Trang này mở đã lâu hoặc trình duyệt không giữ cookie. Xin tải lại trang rồi gửi lại."
FOREIGN = "Tin này không gửi từ trang hỗ trợ nên máy không nhận."
FLOOD = "Gửi nhiều tin quá nhanh. Xin chờ một lát rồi gửi tiếp."
BUSY = "Máy chủ đang bận. Tin sẽ được gửi lại sau ít giây."

_log = structlog.get_logger(__name__)


def remote_address(request: web.Request) -> str:
    """The peer's IP address; behind a proxy, give ``routes`` a function that reads its header."""
    return request.remote or "?"


def routes(
    intake: Intake,
    transcript: Transcript,
    boards: Boards,
    communes: Callable[[str], CommuneView | None],
    limits: Limits | None = None,
    *,
    sms_keyword: Callable[[str | None], str] = lambda procedure: "",
    waiter: Waiter | None = None,
    closing: Callable[[], bool] = lambda: False,
    client_address: Callable[[web.Request], str] = remote_address,
    monotonic: Callable[[], float] = time.monotonic,
) -> list[web.RouteDef]:
    """Build the routes.

    Args:
        sms_keyword: what an SMS to the commune starts with, for a procedure id or None.
        waiter: wakes a long-poll early; without one the transcript is read every half second.
        closing: True once the server stops, so that long-polls end at once.
        client_address: tells citizens apart for the flood limit.
    """
    chat = WebChat(
        intake, transcript, communes, limits or Limits(), sms_keyword, waiter, closing,
        client_address, monotonic,
    )  # fmt: skip
    return [
        web.get("/chat/{commune}", chat.page, allow_head=False),
        web.get("/chat/{commune}/", chat.page, allow_head=False),
        web.post("/chat/{commune}/messages", chat.post),
        web.get("/chat/{commune}/messages", chat.read, allow_head=False),
        web.post("/chat/{commune}/end", chat.end),
        web.get("/q/{code}", scan_handler(boards, communes), allow_head=False),
        *static_routes("/chat-static", pages.HERE / "static"),
    ]


class WebChat:
    """The handlers of one deployment's web chat."""

    def __init__(
        self,
        intake: Intake,
        transcript: Transcript,
        communes: Callable[[str], CommuneView | None],
        limits: Limits,
        sms_keyword: Callable[[str | None], str],
        waiter: Waiter | None,
        closing: Callable[[], bool],
        client_address: Callable[[web.Request], str],
        monotonic: Callable[[], float],
    ) -> None:
        self._intake = intake
        self._communes = communes
        self._limits = limits
        self._sms_keyword = sms_keyword
        self._address = client_address
        self._polls = LongPoll(transcript, limits, waiter, closing)
        self._by_session = Buckets(limits.session_per_minute, monotonic)
        self._by_address = Buckets(limits.address_per_minute, monotonic)
        self._reads = Buckets(limits.polls_per_minute, monotonic)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """The chat page; opens a session when the browser has none."""
        commune = self._commune(request)
        if commune is None:
            return missing_commune()
        opening = pages.Opening.of(request.query)
        keyword = self._sms_keyword(opening.procedure or None)
        response = pages.chat_page(commune, opening, keyword)
        session = session_of(request) or new_session()
        keep_session(request, response, commune.id, session, self._limits.session_days)
        return response

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Take one message: origin, session, flood, body, then store and acknowledge."""
        commune, session, refusal = self._admit(request)
        if commune is None or session is None:
            return refusal
        pause = self._by_session.take(session) or self._by_address.take(self._address(request))
        if pause:
            return problem(429, FLOOD, pause)
        try:
            body = await read_body(request, self._limits.body_bytes)
            inbound = parse(body, commune.id, session)
        except BadMessage as bad:
            return problem(bad.status, bad.text)
        try:
            await self._intake.receive(inbound)
        except Exception:
            _log.exception("webchat.store_failed", commune=commune.id)
            return problem(503, BUSY, 3)
        return secured(web.json_response({"ok": True}, status=202))

    async def read(self, request: web.Request) -> web.StreamResponse:
        """Lines after ``?after=``, waiting up to ``?wait=`` seconds for the first."""
        commune, session, refusal = self._admit(request)
        if commune is None or session is None:
            return refusal
        pause = self._reads.take(self._address(request))
        if pause:
            return problem(429, FLOOD, pause)
        try:
            after, wait = _position(request)
        except ValueError:
            return problem(400, "Yêu cầu không hợp lệ. Xin tải lại trang.")
        try:
            lines = await self._polls.read(request, commune.id, session, after, wait)
        except Exception:
            _log.exception("webchat.read_failed", commune=commune.id)
            return problem(503, BUSY, 3)
        return secured(web.json_response(lines_json(lines, after)))

    async def end(self, request: web.Request) -> web.StreamResponse:
        """Forget the session in this browser (a shared computer, somebody else's phone)."""
        commune, session, refusal = self._admit(request)
        if commune is None or session is None:
            return refusal
        response = secured(web.json_response({"ok": True}))
        drop_session(request, response, commune.id)
        return response

    def _commune(self, request: web.Request) -> CommuneView | None:
        return self._communes(request.match_info["commune"])

    def _admit(
        self, request: web.Request
    ) -> tuple[CommuneView | None, str | None, web.StreamResponse]:
        """The commune and session of ``request``, or the answer that refuses it."""
        commune, session = self._commune(request), session_of(request)
        if commune is None:
            return None, None, problem(404, NO_COMMUNE)
        if not same_origin(request):
            return None, None, problem(403, FOREIGN)
        return commune, session, problem(401, NO_SESSION)


def scan_handler(boards: Boards, communes: Callable[[str], CommuneView | None]) -> Handler:
    """GET /q/{code}: count the scan and go on to the board's chat."""

    async def scan(request: web.Request) -> web.StreamResponse:
        code = request.match_info["code"]
        board = await boards.scan(code) if code.isprintable() and len(code) <= 64 else None
        if board is None or communes(board.commune) is None:
            return pages.missing_page(
                "Mã QR này không còn dùng",
                "Bảng thông báo có thể đã cũ hoặc mã bị mờ nên quét nhầm. Xin quét lại lần nữa, "
                "hoặc hỏi bộ phận một cửa của Ủy ban nhân dân xã.",
            )
        return secured(web.Response(status=303, headers={"Location": board_target(board)}))

    return scan


def board_target(board: BoardView) -> str:
    """The chat page to which a scan of ``board`` leads."""
    query = {"b": board.code} | ({"p": board.procedure} if board.procedure else {})
    return f"/chat/{quote(board.commune, safe='')}?{urlencode(query)}"


def missing_commune() -> web.Response:
    """The 404 page of an unknown commune."""
    return pages.missing_page(
        "Không tìm thấy xã này",
        "Địa chỉ này không có trang hỗ trợ. Xin kiểm tra lại đường dẫn, "
        "hoặc quét mã QR trên bảng thông báo của xã.",
    )


def _position(request: web.Request) -> tuple[int, float]:
    after, wait = int(request.query.get("after", "0")), float(request.query.get("wait", "0"))
    if not 0 <= after < 2**63 or not math.isfinite(wait) or wait < 0:
        raise ValueError("out of range")
    return after, wait
