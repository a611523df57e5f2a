"""What stands before every API call: faults, token, proof, limits, package, rights.

Errors come as ``{"error", "message"}`` under HTTP 200 (fact sheet 0.1, 1.4).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from integrations.simulation.faults import AFTER, BEFORE
from integrations.simulation.web import answer_lost
from integrations.zalo.simulator.meter import Meter
from integrations.zalo.simulator.shapes import RefusedError
from integrations.zalo.simulator.tokens import Tokens
from integrations.zalo.simulator.world import World

Handler = Callable[[web.Request], Awaitable[object]]
Endpoint = Callable[[web.Request], Awaitable[web.StreamResponse]]
_PAGE = "<html><body><h1>Bảo trì hệ thống</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Family:
    """The error codes in which the two APIs differ; ``metered``: counts for the OA's limit."""

    token: int | None = None
    proof: int = -242
    metered: bool = True


OA = Family()
OA_TEMPLATES = Family(metered=False)
ZBS = Family(token=-124, proof=-1241, metered=False)
"""business.openapi.zalo.me: -124 is its token error (fact sheet 5)."""


class Gate:
    """Guards the endpoints of one OA."""

    def __init__(self, world: World, tokens: Tokens, app_secret: str) -> None:
        self._world = world
        self._tokens = tokens
        self._app_secret = app_secret
        self._of_app, self._of_oa = Meter(), Meter()

    def guard(
        self, handler: Handler, right: str, family: Family = OA, *, sends: bool = False
    ) -> Endpoint:
        """``handler`` as an endpoint; it gives ``data`` or raises RefusedError.

        ``sends``: the faults of sends (``drop_answers``, ``refuse``) strike here.
        """

        async def answer(request: web.Request) -> web.StreamResponse:
            faults = self._world.faults
            await asyncio.sleep(faults.latency)
            if (broken := self._broken()) is not None:
                return broken
            try:
                headers = self._admit(request, right, family)
                if sends and (code := faults.refusal()):
                    raise RefusedError(code, "refused by the fault switch")
                if sends and faults.drops(BEFORE):
                    await answer_lost(request, faults)
                    return web.Response(status=502)
                data = await handler(request)
            except RefusedError as fault:
                return web.json_response({"error": fault.code, "message": fault.message})
            if sends and faults.drops(AFTER):
                await answer_lost(request, faults)
            if faults.take("empty_bodies"):
                return web.Response(headers=headers)
            return web.json_response(
                {"data": data, "error": 0, "message": "Success"}, headers=headers
            )

        return answer

    def _broken(self) -> web.Response | None:
        faults = self._world.faults
        if faults.take("server_errors"):
            return web.Response(status=500, text="<html>Internal Server Error</html>")
        if faults.take("html_bodies"):
            return web.Response(text=_PAGE, content_type="text/html")
        if faults.take("unauthorized"):
            return web.json_response({"error": 401, "message": "Unauthorized"}, status=401)
        return None

    def _admit(self, request: web.Request, right: str, family: Family) -> dict[str, str]:
        self._check_token(request, family)
        headers = self._count(family)
        policy = self._world.policy
        if not policy.openapi_in_package:
            raise RefusedError(-224, "OA package does not include this feature")
        if right in policy.missing_rights:
            raise RefusedError(-223, "OA has not granted this API to the application")
        return headers

    def _check_token(self, request: web.Request, family: Family) -> None:
        token = request.headers.get("access_token", "")
        try:
            self._tokens.check(token)
        except RefusedError as fault:
            raise RefusedError(family.token or fault.code, fault.message) from fault
        proof = request.headers.get("appsecret_proof")
        if proof is None and not self._world.policy.require_proof:
            return
        right = hmac.new(self._app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest((proof or "").encode("utf-8", "replace"), right.encode()):
            raise RefusedError(family.proof, "Invalid appsecret_proof provided in the API argument")

    def _count(self, family: Family) -> dict[str, str]:
        now, policy = self._world.clock.now(), self._world.policy
        if not self._of_app.left(now, policy.app_limit):
            raise RefusedError(-32, "Your application has reached the limit of requests per minute")
        if not family.metered:
            self._of_app.count(now)
            return {}
        left = self._of_oa.left(now, policy.per_minute)
        if not left or self._world.faults.take("rate_limits"):
            raise RefusedError(-32, "Your OA has reached the limit of requests per minute")
        self._of_app.count(now)
        self._of_oa.count(now)
        return {
            "X-RateLimit-Limit": str(policy.per_minute),
            "X-RateLimit-Remain": str(left - 1),
        }
