"""Coming in and going out."""

from __future__ import annotations

import asyncio
import re

from aiohttp import web

from bot.store import officers
from bot.store.officers import BadCredentials, Login
from bot.text import clean
from console import pages
from console.desk import Desk
from console.guard import COOKIE, Visit, read_form
from console.limits import WINDOW, Attempts

HOME = "/console"
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng. Mời anh/chị thử lại."
TOO_MANY = "Đã thử quá nhiều lần. Mời anh/chị đợi 10 phút rồi thử lại."
_MAX_PASSWORD = 500
_NEXT = re.compile(r"/console(?:/[A-Za-z0-9._-]+)*")


class Entrance:
    """The login, with its counts of wrong attempts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._attempts = Attempts()
        # One verification takes 64 MB: a flood of them must queue, not fill the memory.
        self._verifying = asyncio.Semaphore(2)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """GET: the form."""
        # Coming from another site the browser withholds a SameSite=Strict cookie this once.
        withheld = request.headers.get("Sec-Fetch-Site") == "cross-site"
        return _form(wanted_page(request.query.get("next", "")), withheld=withheld)

    async def log_in(self, request: web.Request) -> web.StreamResponse:
        """POST: check, and set the cookie."""
        form = await read_form(request)
        username = clean(form.get("username", "")).lower()[:40]
        wanted = wanted_page(form.get("next", ""))
        try:
            token, _ = await self._check(request, username, form.get("password", ""))
        except TooManyAttempts:
            return _form(wanted, username, TOO_MANY, 429)
        except BadCredentials:
            return _form(wanted, username, WRONG, 401)
        response = pages.go(wanted)
        set_cookie(self._desk, response, token)
        return response

    async def _check(self, request: web.Request, username: str, password: str) -> tuple[str, Login]:
        desk = self._desk
        async with desk.store.read() as session:
            found = await officers.credentials(session, username)
        if not await self.verified(request, username, found, password):
            raise BadCredentials
        async with desk.store.write() as session:
            return await officers.open_session(session, found, desk.wall.now())

    async def verified(
        self, request: web.Request, username: str, found: officers.Credentials, password: str
    ) -> bool:
        """Whether the password is right; the attempt is counted.

        Raises:
            TooManyAttempts: this user, or this address, has tried too often.
        """
        keys = (f"user {username}", f"ip {self._desk.client_ip(request)}")
        if not self._attempts.begin(self._desk.wall.now(), *keys):
            raise TooManyAttempts
        async with self._verifying:
            right = await asyncio.to_thread(officers.matches, found, password[:_MAX_PASSWORD])
        if right:
            self._attempts.take_back(*keys)
        return right


class TooManyAttempts(Exception):
    """This user, or this address, has tried too often."""


async def log_out(visit: Visit) -> web.StreamResponse:
    """POST: end the session."""
    async with visit.desk.store.write() as session:
        await officers.log_out(session, visit.token)
    response = pages.go(f"{HOME}/login")
    response.del_cookie(COOKIE, path=HOME)
    return response


def set_cookie(desk: Desk, response: web.Response, token: str) -> None:
    """Give the browser its session."""
    response.set_cookie(
        COOKIE,
        token,
        path=HOME,
        max_age=int(officers.SESSION_LIFE.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=desk.secure_cookies,
    )


def wanted_page(path: str) -> str:
    """Where to go after the login: only ever a page of the console."""
    return path if _NEXT.fullmatch(path) else HOME


def _form(
    wanted: str, username: str = "", error: str = "", status: int = 200, withheld: bool = False
) -> web.Response:
    response = pages.page(
        "login.html", status, wanted=wanted, username=username, error=error, withheld=withheld
    )
    if status == 429:
        response.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
    return response
