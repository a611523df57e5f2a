"""Headers and the same-origin rule of every public page."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlsplit

from aiohttp import web

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}

R = TypeVar("R", bound=web.StreamResponse)


def secured(response: R, cache: str = "no-store") -> R:
    """Add the security headers to ``response`` and return it."""
    response.headers.update(HEADERS)
    response.headers["Cache-Control"] = cache
    return response


def same_origin(request: web.Request) -> bool:
    """Whether a writing request comes from a page of ours, or from no browser at all.

    ``Sec-Fetch-Site`` cannot be set by a page and holds behind a proxy that rewrites
    ``Host``; browsers leave it out on plain http, there ``Origin`` decides.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    try:
        return bool(origin) and urlsplit(origin).netloc.lower() == request.host.lower()
    except ValueError:
        return False


def problem(status: int, text: str, retry_after: int | None = None) -> web.Response:
    """A JSON error with a sentence that the page shows as it is."""
    response = web.json_response({"error": text}, status=status)
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return secured(response)
