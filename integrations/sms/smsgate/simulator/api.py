"""The application's local server: what it takes, and what it refuses.

Of the faults: ``rate_limits`` is a full queue (503), ``drop_answers`` a phone that goes out of
reach, ``latency`` a slow one, ``refuse`` what Android answers to a send (``world.RESULTS``).
"""

from __future__ import annotations

import asyncio
import hmac
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from aiohttp import web

from integrations.simulation.faults import AFTER, BEFORE, Faults
from integrations.simulation.web import answer_lost, json_object
from integrations.sms.numbers import normalise
from integrations.sms.smsgate.simulator.shapes import Json, health, inbox_row, message_row
from integrations.sms.smsgate.simulator.world import World

_FIELDS = {
    "id", "textMessage", "phoneNumbers", "simNumber", "ttl", "validUntil", "scheduleAt",
    "withDeliveryReport", "priority", "deviceId", "isEncrypted",
}  # fmt: skip
_EVENTS = {
    "sms:received", "sms:sent", "sms:delivered", "sms:failed", "sms:cancelled",
    "sms:data-received", "mms:received", "mms:downloaded", "system:ping", "app:started",
}  # fmt: skip
MAX_ID, MAX_PAGE = 36, 500


class PhoneApi:
    """Everything but ``/health`` asks for the name and the password."""

    def __init__(self, world: World, user: str, password: str, faults: Faults) -> None:
        self._world = world
        self._auth = b"Basic " + b64encode(f"{user}:{password}".encode())
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """See the module."""
        routes = [
            web.get("/health", self._health),
            web.post("/messages", self._send),
            web.get("/messages/{id}", self._message),
            web.get("/webhooks", self._webhooks),
            web.post("/webhooks", self._register),
            web.delete("/webhooks/{id}", self._unregister),
        ]
        if not self._world.is_old:
            routes += [
                web.get("/messages", self._messages),
                web.get("/inbox", self._inbox),
                web.patch("/settings", self._settings),
            ]
        return routes

    async def _health(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._faults.latency)
        body = health(self._world.battery, self._world.is_charging, self._world.failed)
        return web.json_response(body, status=500 if body["status"] == "fail" else 200)

    async def _send(self, request: web.Request) -> web.Response:
        await self._admit(request)
        if self._faults.take("rate_limits"):
            raise _refusal(503, "queue limit exceeded")
        if self._faults.drops(BEFORE):
            await answer_lost(request, self._faults)
            return web.Response()
        body = await json_object(request)
        message_id, number, text = self._checked(body)
        if self._world.known(message_id) is not None:
            # Before 2026 the constraint of the phone's own database came through.
            raise _refusal(500 if self._world.is_old else 409, "already exists")
        self._world.take(message_id, number, text, body.get("withDeliveryReport", True) is True)
        if self._faults.drops(AFTER):
            await answer_lost(request, self._faults)
        kept = self._world.known(message_id) or {}
        return web.json_response(message_row(message_id, kept, self._world.device), status=202)

    def _checked(self, body: Json) -> tuple[str, str, str]:
        content, numbers = body.get("textMessage"), body.get("phoneNumbers")
        text = content.get("text") if isinstance(content, dict) else None
        message_id = body.get("id")
        sim = body.get("simNumber", 1)
        if set(body) - _FIELDS or not isinstance(message_id, str):
            raise _refusal(400, "unknown field, or no id")
        if not 0 < len(message_id) <= MAX_ID or not isinstance(text, str) or not text:
            raise _refusal(400, "Text message is empty")
        if not isinstance(numbers, list) or len(numbers) != 1 or not isinstance(numbers[0], str):
            raise _refusal(400, "phoneNumbers is empty")
        if normalise(numbers[0]) != numbers[0]:
            raise _refusal(400, "invalid phone number")
        if type(sim) is not int or not 1 <= sim <= 3:
            raise _refusal(400, "simNumber must be >= 1")
        if body.get("deviceId", self._world.device) != self._world.device:
            raise _refusal(400, "Invalid device ID")
        return message_id, numbers[0], text

    async def _message(self, request: web.Request) -> web.Response:
        await self._admit(request)
        message_id = request.match_info["id"]
        kept = self._world.known(message_id)
        if kept is None:
            raise web.HTTPNotFound
        return web.json_response(message_row(message_id, kept, self._world.device))

    async def _messages(self, request: web.Request) -> web.Response:
        await self._admit(request)
        begin = _instant(request)
        rows = [
            message_row(name, kept, self._world.device)
            for name, kept in self._world.taken().items()
            if begin is None or _began(kept) >= begin
        ]
        return _page(request, rows)

    async def _inbox(self, request: web.Request) -> web.Response:
        await self._admit(request)
        begin = _instant(request)
        rows = [
            inbox_row(bubble, self._world.own_number, self._world.sim)
            for bubble in self._world.inbox()
            if begin is None or bubble.at >= begin
        ]
        return _page(request, rows)

    async def _webhooks(self, request: web.Request) -> web.Response:
        await self._admit(request)
        return web.json_response(self._world.webhooks())

    async def _register(self, request: web.Request) -> web.Response:
        await self._admit(request)
        body = await json_object(request)
        url, event, name = body.get("url"), body.get("event"), body.get("id", "")
        if not isinstance(url, str) or not _is_allowed(url):
            raise _refusal(400, "url must start with https://")
        if event not in _EVENTS or not isinstance(name, str):
            raise _refusal(400, "Unsupported event")
        return web.json_response(self._world.register(name, url, str(event)), status=201)

    async def _unregister(self, request: web.Request) -> web.Response:
        await self._admit(request)
        self._world.journal.forget("webhook", request.match_info["id"])
        return web.Response(status=204)

    async def _settings(self, request: web.Request) -> web.Response:
        await self._admit(request)
        webhooks = (await json_object(request)).get("webhooks")
        key = webhooks.get("signing_key") if isinstance(webhooks, dict) else None
        if not isinstance(key, str):
            raise _refusal(400, "Invalid request")
        self._world.signing_key = key
        return web.json_response({"webhooks": {"internet_required": True, "retry_count": 15}})

    async def _admit(self, request: web.Request) -> None:
        await asyncio.sleep(self._faults.latency)
        if self._faults.take("server_errors"):
            raise _refusal(500, "failed")
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if self._faults.take("unauthorized") or not hmac.compare_digest(given, self._auth):
            raise web.HTTPUnauthorized


def _refusal(status: int, said: str) -> web.HTTPException:
    kinds: dict[int, Callable[..., web.HTTPException]] = {
        400: web.HTTPBadRequest,
        409: web.HTTPConflict,
        500: web.HTTPInternalServerError,
        503: web.HTTPServiceUnavailable,
    }
    return kinds[status](text=f'{{"message": "{said}"}}', content_type="application/json")


def _is_allowed(url: str) -> bool:
    """https, or the phone itself; nothing in a private network."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    private = host.startswith(("10.", "192.168.", "169.254.")) or host.endswith(".local")
    return (parts.scheme == "https" and not private) or (
        parts.scheme == "http" and host == "127.0.0.1"
    )


def _page(request: web.Request, rows: list[Json]) -> web.Response:
    limit, offset = int(request.query.get("limit", "50")), int(request.query.get("offset", "0"))
    if not 1 <= limit <= MAX_PAGE or offset < 0:
        raise _refusal(400, "limit must be between 1 and 500")
    headers = {"X-Total-Count": str(len(rows))}
    return web.json_response(rows[offset : offset + limit], headers=headers)


def _instant(request: web.Request) -> datetime | None:
    text = request.query.get("from")
    try:
        at = datetime.fromisoformat(text) if text is not None else None
    except ValueError as fault:
        raise _refusal(400, "Invalid from datetime") from fault
    if at is not None and at.tzinfo is None:
        raise _refusal(400, "Invalid from datetime")
    return at


def _began(kept: Json) -> datetime:
    states = kept["states"]
    assert isinstance(states, dict)
    return datetime.fromisoformat(states["Pending"])
