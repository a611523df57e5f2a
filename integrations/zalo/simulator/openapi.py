"""The endpoints of openapi.zalo.me that the bot uses; errors come under HTTP 200."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from bot.clock import LOCAL
from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import scalar
from integrations.simulation.journal import Bubble
from integrations.simulation.web import answer_lost
from integrations.zalo.simulator.checks import RefusedError, check_message
from integrations.zalo.simulator.world import World

MAX_PAGE = 10
_GOVERNMENT = 4
Call = Callable[[web.Request], Awaitable[object]]


class OpenApiServer:
    """HTTP around a :class:`World` for the holder of ``access_token``."""

    def __init__(self, world: World, oa_id: str, access_token: str) -> None:
        self.access_token = access_token
        self._world = world
        self._oa_id = oa_id

    def routes(self) -> list[web.RouteDef]:
        """All endpoints, below whatever prefix the application gets."""
        return [
            web.post("/v3.0/oa/message/cs", self._endpoint(self._send)),
            web.get("/v2.0/oa/conversation", self._endpoint(self._conversation)),
            web.get("/v3.0/oa/user/detail", self._endpoint(self._detail)),
            web.get("/v2.0/oa/getoa", self._endpoint(self._getoa)),
        ]

    def _endpoint(self, handler: Call) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            await asyncio.sleep(self._world.faults.latency)
            if self._world.faults.take("server_errors"):
                return web.Response(status=500, text="<html>Internal Server Error</html>")
            try:
                left = self._admit(request)
                data = await handler(request)
            except RefusedError as fault:
                return web.json_response({"error": fault.code, "message": fault.message})
            limits = {
                "X-RateLimit-Limit": str(self._world.policy.per_minute),
                "X-RateLimit-Remain": str(left),
            }
            body = {"data": data, "error": 0, "message": "Success"}
            return web.json_response(body, headers=limits)

        return answer

    def _admit(self, request: web.Request) -> int:
        if request.headers.get("access_token") != self.access_token:
            raise RefusedError(-216, "Access token is invalid")
        return self._world.count_call()

    async def _send(self, request: web.Request) -> object:
        try:
            body = decode_object(await request.read())
        except MalformedBodyError as fault:
            raise RefusedError(-201, "body is invalid") from fault
        data = await self._world.send(check_message(body))
        if self._world.faults.take("drop_answers"):
            await answer_lost(request, self._world.faults)
        return data

    async def _conversation(self, request: web.Request) -> object:
        query = _data(request)
        count, offset = _whole(query, "count", 5), _whole(query, "offset", 0)
        if count > MAX_PAGE:
            raise RefusedError(-210, "count is over limit")
        user_id = scalar(query.get("user_id"))
        if self._world.contact(user_id) is None:
            raise RefusedError(-201, "user_id is invalid")
        return [self._line(bubble) for bubble in self._world.page(user_id, offset, count)]

    def _line(self, bubble: Bubble) -> dict[str, object]:
        from_oa = bubble.author == "oa"
        ends = (self._oa_id, bubble.address) if from_oa else (bubble.address, self._oa_id)
        return {
            "src": 0 if from_oa else 1,
            "time": int(bubble.at.timestamp() * 1000),
            "type": "text",
            "message": bubble.wire,
            "message_id": bubble.message_id,
            "from_id": ends[0],
            "to_id": ends[1],
        }

    async def _detail(self, request: web.Request) -> object:
        user_id = scalar(_data(request).get("user_id"))
        contact = self._world.contact(user_id)
        if contact is None:
            raise RefusedError(-201, "user_id is invalid")
        at = contact.last_interaction
        return {
            "user_id": user_id,
            "user_id_by_app": f"8{user_id}",
            "user_external_id": "",
            "display_name": f"Người dân {user_id[-4:]}",
            "user_alias": "",
            "is_sensitive": False,
            "user_last_interaction_date": f"{at.astimezone(LOCAL):%d/%m/%Y}" if at else "",
            "user_is_follower": contact.follows,
            "tags_and_notes_info": {"notes": [], "tag_names": []},
        }

    async def _getoa(self, request: web.Request) -> object:
        return {
            "oaid": self._oa_id,
            "name": "UBND xã (mô phỏng)",
            "is_verified": True,
            "oa_type": _GOVERNMENT,
            "package_name": "Tăng trưởng",
            "package_valid_through_date": "31/12/2099",
            "num_follower": 0,
            "linked_ZCA": "",
        }


def _data(request: web.Request) -> Mapping[str, object]:
    """The one query parameter of a GET: URL-encoded JSON."""
    try:
        return decode_object(request.query.get("data", "").encode("utf-8", "replace"))
    except MalformedBodyError as fault:
        raise RefusedError(-201, "data is invalid") from fault


def _whole(query: Mapping[str, object], name: str, default: int) -> int:
    value = query.get(name, default)
    if type(value) is not int or not 0 <= value < 1_000_000:
        raise RefusedError(-201, f"{name} is invalid")
    return value
