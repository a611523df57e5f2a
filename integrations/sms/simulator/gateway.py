"""The gateway's HTTP side: ``POST /messages`` and ``GET /messages/{id}``."""

from __future__ import annotations

import asyncio
import hmac

from aiohttp import web

from bot.segments import count
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Bubble
from integrations.simulation.web import answer_lost, json_object
from integrations.sms.numbers import normalise
from integrations.sms.simulator.network import Network
from integrations.sms.simulator.phones import OFFICE

MAX_PARTS = 8
_FIELDS = ("id", "to", "from", "text")


class GatewayApi:
    """What :class:`~integrations.sms.generic_http.gateway.GenericGateway` talks to."""

    def __init__(self, network: Network, token: str, faults: Faults) -> None:
        self._network = network
        self._token = token
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """See the module."""
        return [web.post("/messages", self._take), web.get("/messages/{id}", self._status)]

    async def _take(self, request: web.Request) -> web.Response:
        await self._admit(request)
        if self._faults.take("rate_limits"):
            return web.json_response({"error": "limit"}, status=429, headers={"Retry-After": "6"})
        id_, to, from_, text = _fields(await json_object(request))
        number = normalise(to)
        if number != to or from_ != self._network.own_number:
            return web.json_response({"error": "number"}, status=422)
        if not text or count(text).parts > MAX_PARTS:
            return web.json_response({"error": "length"}, status=422)
        bubble = self._network.take(id_, to, text)
        if self._faults.take("drop_answers"):
            await answer_lost(request, self._faults)
        return web.json_response(_answer(bubble), status=202)

    async def _status(self, request: web.Request) -> web.Response:
        await self._admit(request)
        bubble = self._network.journal.find(request.match_info["id"])
        if bubble is None or bubble.author != OFFICE:
            return web.json_response({"error": "unknown"}, status=404)
        return web.json_response(_answer(bubble))

    async def _admit(self, request: web.Request) -> None:
        await asyncio.sleep(self._faults.latency)
        if self._faults.take("server_errors"):
            raise web.HTTPInternalServerError
        given = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {self._token}".encode()):
            raise web.HTTPUnauthorized


def _fields(body: dict[str, object]) -> tuple[str, str, str, str]:
    values = [body.get(name) for name in _FIELDS]
    if set(body) != set(_FIELDS) or not all(isinstance(value, str) for value in values):
        raise web.HTTPBadRequest(text="fields are id, to, from, text")
    id_, to, from_, text = (str(value) for value in values)
    if not 0 < len(id_) <= 64:
        raise web.HTTPBadRequest(text="id has 1 to 64 characters")
    return id_, to, from_, text


def _answer(bubble: Bubble) -> dict[str, object]:
    parts = count(bubble.wire).parts
    return {"id": bubble.message_id, "status": bubble.status, "parts": parts}
