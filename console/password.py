"""An officer changes their own password."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web

from bot.store import officers
from console import pages
from console.guard import Handler, Visit
from console.login import TOO_MANY, Entrance, TooManyAttempts, set_cookie


async def show(visit: Visit) -> web.StreamResponse:
    """GET: the form."""
    return await _form(visit, done="done" in visit.request.query)


def change(entrance: Entrance) -> Handler:
    """POST: check the old one, store the new one, end all other logins."""

    async def handler(visit: Visit) -> web.StreamResponse:
        fault = _fault(visit.form)
        if fault:
            return await _form(visit, fault, status=422)
        async with visit.desk.store.read() as session:
            found = await officers.credentials(session, visit.login.username)
        current = visit.form.get("current", "")
        try:
            if not await entrance.verified(visit.request, visit.login.username, found, current):
                return await _form(visit, "Mật khẩu hiện tại không đúng.", status=422)
        except TooManyAttempts:
            return await _form(visit, TOO_MANY, status=429)
        return await _store(visit)

    return handler


async def _store(visit: Visit) -> web.StreamResponse:
    desk, login = visit.desk, visit.login
    fresh = await asyncio.to_thread(officers.hashed, visit.form["new"])
    async with desk.store.write() as session:
        await officers.set_hash(session, login.officer_id, fresh)
        checked = officers.Credentials(login.officer_id, fresh)
        token, _ = await officers.open_session(session, checked, desk.wall.now())
    response = pages.go("/console/password?done")
    set_cookie(desk, response, token)
    return response


def _fault(form: Mapping[str, str]) -> str:
    new = form.get("new", "")
    if len(new) < officers.MIN_PASSWORD:
        return f"Mật khẩu mới cần ít nhất {officers.MIN_PASSWORD} ký tự."
    if len(new) > 200:
        return "Mật khẩu mới dài quá 200 ký tự."
    if new != form.get("again", ""):
        return "Hai lần nhập mật khẩu mới chưa giống nhau."
    if new == form.get("current", ""):
        return "Mật khẩu mới cần khác mật khẩu hiện tại."
    return ""


async def _form(
    visit: Visit, error: str = "", done: bool = False, status: int = 200
) -> web.Response:
    return await visit.page(
        "password.html", status, error=error, done=done, shortest=officers.MIN_PASSWORD
    )
