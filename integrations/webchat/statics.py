"""Serves the few flat files of a page (styles, scripts) with the security headers."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from integrations.webchat.security import secured

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


def static_routes(prefix: str, folder: Path) -> list[web.RouteDef]:
    """Routes for the files directly in ``folder`` under ``prefix`` (e.g. ``/chat-static``)."""

    async def serve(request: web.Request) -> web.StreamResponse:
        path = folder / Path(request.match_info["name"]).name
        kind = _TYPES.get(path.suffix)
        if kind is None or not path.is_file():
            raise web.HTTPNotFound
        # "no-cache" keeps a copy and asks whether it changed: an update shows at once.
        return secured(web.FileResponse(path, headers={"Content-Type": kind}), "no-cache")

    return [web.get(prefix + "/{name:[A-Za-z0-9_.-]+}", serve)]
