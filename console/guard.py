"""Stands before every page: who is it, did they mean it, and what may the browser do.

Each handler gets a :class:`Visit`; none runs without a session, and none that changes
something runs without the session's CSRF token from a page of our own.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from aiohttp import web

from bot.store import officers
from bot.store.officers import Login
from console import around, pages
from console.desk import Desk

COOKIE = "hotro_console"
LOGIN = "/console/login"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Without a referrer some browsers send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}

EXPIRED = "Phiên làm việc đã hết. Mời anh/chị đăng nhập lại."
FOREIGN = "Yêu cầu này không đến từ trang của bàn cán bộ nên không được thực hiện."
STALE = "Trang này đã cũ. Mời anh/chị tải lại trang rồi thử lại."
NOT_FOUND = "Không có trang này, hoặc nó thuộc về xã khác."


class Refused(Exception):
    """The request is not carried out; ``message`` says why in Vietnamese.

    ``written`` is shown back, so that it is not lost.
    """

    def __init__(self, status: int, message: str, written: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.written = status, message, written


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of an officer who is logged in."""

    request: web.Request
    desk: Desk
    login: Login
    token: str
    form: Mapping[str, str]

    @property
    def wants_json(self) -> bool:
        """Whether a script is asking, not the browser itself."""
        return wants_json(self.request)

    async def page(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """An HTML answer with what every page shows."""
        beside = await around.look(self.desk, self.login)
        return pages.page(template, status, login=self.login, around=beside, **values)

    async def beside(self) -> dict[str, object]:
        """What every page shows, for one that refreshes itself."""
        beside = await around.look(self.desk, self.login)
        banners = pages.text("_banners.html", around=beside)
        return {"to_do": beside.to_do, "calls": beside.calls, "banners": banners}


PublicHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


def public(desk: Desk, handler: PublicHandler) -> PublicHandler:
    """A page without a session; what it is sent must still come from our own pages."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            if request.method == "POST":
                refuse_foreign(desk, request)
            response = await handler(request)
        except Refused as refused:
            response = _refusal(request, refused)
        return _with_headers(response)

    return guarded


def private(desk: Desk, handler: Handler, max_bytes: int = 0) -> PublicHandler:
    """A page for officers only.

    Args:
        max_bytes: so large may what is sent be, where that is more than usual.
    """

    async def guarded(request: web.Request) -> web.StreamResponse:
        try:
            if max_bytes:
                request = request.clone(client_max_size=max_bytes)
            response = await _visit(desk, handler, request)
        except Refused as refused:
            response = _refusal(request, refused)
        return _with_headers(response)

    return guarded


async def _visit(desk: Desk, handler: Handler, request: web.Request) -> web.StreamResponse:
    posted = request.method == "POST"
    form: Mapping[str, str] = {}
    if posted:
        refuse_foreign(desk, request)
        form = await read_form(request)
    token = request.cookies.get(COOKIE, "")
    login = await _who(desk, token)
    if login is None:
        return _not_logged_in(request, form)
    if posted:
        _check_csrf(request, form, login)
    return await handler(Visit(request, desk, login, token, form))


async def _who(desk: Desk, token: str) -> Login | None:
    if not token or not token.isascii():
        return None
    async with desk.store.read() as session:
        return await officers.by_token(session, token, desk.wall.now())


def wants_json(request: web.Request) -> bool:
    """Whether a script is asking, not the browser itself."""
    return request.path.endswith(".json") or "application/json" in request.headers.get("Accept", "")


async def read_form(request: web.Request) -> dict[str, str]:
    """The form's text fields.

    Raises:
        Refused: it is not readable, or too large.
    """
    try:
        data = await request.post()
    except (ValueError, LookupError) as error:
        raise Refused(400, "Nội dung gửi lên không đọc được.") from error
    except web.HTTPRequestEntityTooLarge as error:
        raise Refused(413, "Nội dung gửi lên quá dài.") from error
    return {name: value for name, value in data.items() if isinstance(value, str)}


def refuse_foreign(desk: Desk, request: web.Request) -> None:
    """Refuse what another site made the browser send."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Refused(403, FOREIGN)
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    ours = (request.host, urlsplit(desk.base_url).netloc)
    try:
        foreign = origin is not None and urlsplit(origin).netloc not in ours
    except ValueError:
        foreign = True
    if foreign:
        raise Refused(403, FOREIGN)


def _check_csrf(request: web.Request, form: Mapping[str, str], login: Login) -> None:
    given = request.headers.get("X-CSRF-Token") or form.get("csrf", "")
    if not given.isascii() or not secrets.compare_digest(given, login.csrf):
        raise Refused(403, STALE, form.get("text", ""))


def _not_logged_in(request: web.Request, form: Mapping[str, str]) -> web.StreamResponse:
    if wants_json(request):
        return web.json_response({"error": EXPIRED, "login": LOGIN}, status=401)
    if request.method == "POST":
        return _refusal(request, Refused(401, EXPIRED, form.get("text", "")))
    return pages.go(f"{LOGIN}?next={quote(request.path)}")


def _refusal(request: web.Request, refused: Refused) -> web.StreamResponse:
    if wants_json(request):
        return web.json_response({"error": refused.message}, status=refused.status)
    return pages.page("error.html", refused.status, refused=refused)


def _with_headers(response: web.StreamResponse) -> web.StreamResponse:
    response.headers.update(HEADERS)
    response.headers.setdefault("Cache-Control", "no-store")
    return response
