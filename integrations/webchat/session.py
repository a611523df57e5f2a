"""A citizen's session: a random id in a cookie that only this commune's chat sees."""

from __future__ import annotations

import re
import secrets
from urllib.parse import quote

from aiohttp import web

COOKIE = "hotro_chat"
_SESSION = re.compile(r"[0-9a-f]{32}")


def new_session() -> str:
    """128 random bits; the id is also the conversation's address."""
    return secrets.token_hex(16)


def session_of(request: web.Request) -> str | None:
    """The session of ``request``, None without a well-formed cookie."""
    value = request.cookies.get(COOKIE, "")
    return value if _SESSION.fullmatch(value) else None


def cookie_path(commune: str) -> str:
    """Where the cookie is sent: one commune's chat and nothing else."""
    return f"/chat/{quote(commune, safe='')}"


def keep_session(
    request: web.Request, response: web.Response, commune: str, session: str, days: int
) -> None:
    """Set the cookie, and push its end ``days`` away."""
    response.set_cookie(
        COOKIE,
        session,
        path=cookie_path(commune),
        max_age=days * 86_400,
        httponly=True,
        samesite="Lax",
        secure=is_https(request),
    )


def drop_session(request: web.Request, response: web.Response, commune: str) -> None:
    """Forget the session in this browser."""
    response.set_cookie(
        COOKIE,
        "",
        path=cookie_path(commune),
        max_age=0,
        httponly=True,
        samesite="Lax",
        secure=is_https(request),
    )


def is_https(request: web.Request) -> bool:
    """Whether the citizen's browser speaks https, to us or to the proxy before us."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "").lower() == "https"
