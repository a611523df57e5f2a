"""Every address of the officer's desk."""

from __future__ import annotations

from aiohttp import web

from console import boards, conversation, inbox, login, password
from console.desk import CommuneInfo, Desk
from console.guard import NOT_FOUND, Handler, Refused, private, public
from console.pages import STATIC
from console.summary import Summary

__all__ = ["PUBLIC", "CommuneInfo", "Desk", "Summary", "routes"]

PUBLIC = frozenset({"/console/login", "/console/static/{name}"})
"""The only addresses that work without a session."""

_CONVERSATION = "/console/c/{id:[0-9]{1,18}}"
_BOARD = "/console/boards/{code:[a-z0-9-]{2,32}}"


def routes(desk: Desk) -> list[web.RouteDef]:
    """The console's routes; add them to an application that serves ``/static/base.css``."""
    entrance = login.Entrance(desk)

    def get(path: str, handler: Handler) -> web.RouteDef:
        return web.get(path, private(desk, handler))

    def post(path: str, handler: Handler) -> web.RouteDef:
        return web.post(path, private(desk, handler))

    return [
        web.get("/console/static/{name:[a-z-]+[.](?:css|js|svg)}", public(desk, _static)),
        web.get("/console/login", public(desk, entrance.show)),
        web.post("/console/login", public(desk, entrance.log_in)),
        post("/console/logout", login.log_out),
        get("/console", inbox.show),
        get("/console/", inbox.home),
        get("/console/list.json", inbox.refresh),
        get(_CONVERSATION, conversation.show),
        get(f"{_CONVERSATION}.json", conversation.refresh),
        post(f"{_CONVERSATION}/take", conversation.take),
        post(f"{_CONVERSATION}/write", conversation.write),
        post(f"{_CONVERSATION}/give-back", conversation.give_back),
        post(f"{_CONVERSATION}/dismiss", conversation.dismiss),
        get("/console/boards", boards.show),
        post("/console/boards", boards.add),
        get(f"{_BOARD}.svg", boards.qr),
        get(_BOARD, boards.sheet),
        get("/console/password", password.show),
        post("/console/password", password.change(entrance)),
    ]


async def _static(request: web.Request) -> web.StreamResponse:
    # The address's pattern allows one plain name, so nothing outside the folder is reached.
    path = STATIC / request.match_info["name"]
    if not path.is_file():
        raise Refused(404, NOT_FOUND)
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})
