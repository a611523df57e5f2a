"""What a developer does in Zalo's console, and events made by hand.

POST /console/webhook         {"url"}: posts a test event there; saved when it answers 2xx
POST /console/webhook/enable  switches the webhook on again after the last repeat
POST /console/revoke          an administrator takes the app's permission back
POST /events/raw              any JSON body; goes to the webhook as it is, signed
"""

from __future__ import annotations

import json

from aiohttp import web

from integrations.simulation.courier import Courier
from integrations.simulation.web import json_object
from integrations.zalo.simulator.events import encode
from integrations.zalo.simulator.tokens import Tokens
from integrations.zalo.simulator.world import World


class Desk:
    """The console of one app."""

    def __init__(self, world: World, tokens: Tokens, courier: Courier) -> None:
        self._world = world
        self._tokens = tokens
        self._courier = courier

    def routes(self) -> list[web.RouteDef]:
        """See the module."""
        return [
            web.post("/console/webhook", self._save),
            web.post("/console/webhook/enable", self._enable),
            web.post("/console/revoke", self._revoke),
            web.post("/events/raw", self._raw),
        ]

    async def save_webhook(self, url: str) -> bool:
        """Save ``url`` if it answers the test event; the old one stays otherwise."""
        before, self._courier.url = self._courier.url, url
        answered = await self._courier.probe(
            encode(self._world.events.ping(self._world.clock.now()))
        )
        if not answered:
            self._courier.url = before
        return answered

    async def _save(self, request: web.Request) -> web.Response:
        url = (await json_object(request)).get("url")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise web.HTTPBadRequest(text="url is missing")
        if not await self.save_webhook(url):
            return web.json_response({"ok": False}, status=422)
        return web.json_response({"ok": True})

    async def _enable(self, request: web.Request) -> web.Response:
        self._courier.enable()
        return web.json_response({"ok": True})

    async def _revoke(self, request: web.Request) -> web.Response:
        self._tokens.revoke()
        return web.json_response({"ok": True})

    async def _raw(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            json.loads(body)
        except (ValueError, RecursionError) as fault:
            raise web.HTTPBadRequest(text="not JSON") from fault
        self._world.post_raw(body)
        return web.json_response({"ok": True})
