"""The interface of rest.esms.vn: everything by POST, every answer HTTP 200 with a code."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from aiohttp import web

from bot.segments import count
from integrations.simulation.faults import AFTER, BEFORE, Faults
from integrations.simulation.web import answer_lost, json_object
from integrations.sms.esms.gateway import BALANCE, SEND
from integrations.sms.esms.simulator.world import World

PRICE = 850
_FIELDS = {
    "ApiKey", "SecretKey", "Phone", "Content", "Brandname", "SmsType", "IsUnicode", "Sandbox",
    "RequestId", "CallbackUrl", "SendDate", "campaignid",
}  # fmt: skip
_PHONE = re.compile(r"0[0-9]{9}", re.ASCII)
MAX_REQUEST_ID = 50


class EsmsApi:
    """One account."""

    def __init__(self, world: World, keys: tuple[str, str], brandname: str, faults: Faults) -> None:
        self._world = world
        self._keys = keys
        self._brandname = brandname
        self._faults = faults

    def routes(self) -> list[web.RouteDef]:
        """See the module."""
        return [web.post(SEND, self._send), web.post(BALANCE, self._balance)]

    async def _send(self, request: web.Request) -> web.Response:
        body = await self._admitted(request)
        if self._faults.drops(BEFORE):
            await answer_lost(request, self._faults)
            return web.Response()
        code, more = self._judged(body)
        if code == "100":
            price = 0 if body.get("Sandbox") == "1" else PRICE * count(body["Content"]).parts
            self._world.balance -= price
            more = {"SMSID": self._world.accept(body)}
        if self._faults.drops(AFTER):
            await answer_lost(request, self._faults)
        return web.json_response({"CodeResult": code, "CountRegenerate": 0, **more})

    def _judged(self, body: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        if set(body) - _FIELDS:
            return "99", {"ErrorMessage": "Invalid request"}
        if (body.get("ApiKey"), body.get("SecretKey")) != self._keys:
            return "101", {"ErrorMessage": "Authorize Failed"}
        refused = self._faults.refusal()
        if refused:
            return str(refused), {"ErrorMessage": "refused"}
        if "SmsType" not in body:
            return "300", {"ErrorMessage": "SmsType is missing"}
        if body.get("Brandname") != self._brandname:
            return "104", {"ErrorMessage": "Brand name code is not exist"}
        if not _PHONE.fullmatch(body.get("Phone", "")):
            return "108", {"ErrorMessage": "Phone not valid"}
        request_id = body.get("RequestId", "")
        if len(request_id) > MAX_REQUEST_ID or not body.get("Content"):
            return "99", {"ErrorMessage": "Invalid request"}
        used = self._world.used(request_id) if request_id else None
        if used is not None:
            status = str(used["SendStatus"])
            return "124", {"ErrorMessage": "Request exist 1", "SendStatus": status}
        if self._world.balance < PRICE:
            return "103", {"ErrorMessage": "Balance not enough"}
        return "100", {}

    async def _balance(self, request: web.Request) -> web.Response:
        body = await self._admitted(request)
        if (body.get("ApiKey"), body.get("SecretKey")) != self._keys:
            answer = {"Balance": 0, "CodeResponse": "101", "ErrorMessage": "Authorize Failed"}
            return web.json_response(answer)
        answer = {"Balance": self._world.balance, "CodeResponse": "100", "UserID": 9999}
        return web.json_response(answer)

    async def _admitted(self, request: web.Request) -> dict[str, str]:
        await asyncio.sleep(self._faults.latency)
        if self._faults.take("server_errors"):
            raise web.HTTPInternalServerError
        if self._faults.take("rate_limits"):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "6"})
        body = await json_object(request)
        values = {name: value for name, value in body.items() if isinstance(value, str)}
        if values != body:
            raise web.HTTPBadRequest(text='{"error": "Invalid request"}')
        return values
