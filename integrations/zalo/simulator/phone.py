"""A citizen's phone as JSON, for the demo page and for tests.

GET  /phone/{user_id}/messages?after=N&wait=20   bubbles with seq > N; looking is "seen"
POST /phone/{user_id}/send      {"text"} | {"tap": payload, "title": label} | {"media": name}
POST /phone/{user_id}/follow, /phone/{user_id}/unfollow
POST /manager/{user_id}/send    {"text"}: an officer writes in Zalo's own OA Manager
"""

from __future__ import annotations

from aiohttp import web

from bot.clock import LOCAL
from integrations.fields import string
from integrations.simulation.journal import Bubble
from integrations.simulation.web import MAX_WAIT, json_object, number
from integrations.zalo.simulator.events import MEDIA
from integrations.zalo.simulator.world import World

_WHO = "{user_id:[0-9A-Za-z_-]{1,64}}"
_LAST_SEQ = float(2**53)
_STATUSES = 20


class PhoneApi:
    """The phones of everybody who talks to the OA."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """See the module."""
        return [
            web.get(f"/phone/{_WHO}/messages", self._messages),
            web.post(f"/phone/{_WHO}/send", self._send),
            web.post(f"/phone/{_WHO}/follow", self._follow),
            web.post(f"/phone/{_WHO}/unfollow", self._unfollow),
            web.post(f"/manager/{_WHO}/send", self._officer),
        ]

    async def _messages(self, request: web.Request) -> web.Response:
        user_id = _user(request)
        after = int(number(request, "after", _LAST_SEQ))
        bubbles = self._world.journal.since(user_id, after)
        if not bubbles:
            await self._world.bell.wait(user_id, number(request, "wait", MAX_WAIT))
            bubbles = self._world.journal.since(user_id, after)
        self._world.look(user_id, bubbles)
        latest = self._world.page(user_id, 0, _STATUSES)
        body = {
            "messages": [as_json(bubble) for bubble in bubbles],
            "next": bubbles[-1].seq if bubbles else after,
            "typing": False,
            "statuses": {str(bubble.seq): bubble.status for bubble in latest},
        }
        return web.json_response(body)

    async def _send(self, request: web.Request) -> web.Response:
        user_id = _user(request)
        body = await json_object(request)
        if body.get("media"):
            name = string(body, "media")
            if name not in MEDIA:
                raise web.HTTPBadRequest(text="unknown media")
            bubble = self._world.send_media(user_id, name)
        elif body.get("tap"):
            payload = _text(body, "tap")
            bubble = self._world.type(user_id, payload, shown=string(body, "title") or payload)
        else:
            bubble = self._world.type(user_id, _text(body, "text"))
        return web.json_response(as_json(bubble))

    async def _follow(self, request: web.Request) -> web.Response:
        self._world.follow(_user(request))
        return web.json_response({"ok": True})

    async def _unfollow(self, request: web.Request) -> web.Response:
        self._world.unfollow(_user(request))
        return web.json_response({"ok": True})

    async def _officer(self, request: web.Request) -> web.Response:
        text = _text(await json_object(request), "text")
        return web.json_response(as_json(self._world.officer_writes(_user(request), text)))


def as_json(bubble: Bubble) -> dict[str, object]:
    """One bubble; ``at`` in local time, ``status`` sent, received or seen."""
    return {
        "seq": bubble.seq,
        "from": bubble.author,
        "text": bubble.text,
        "buttons": bubble.extra.get("buttons", []),
        "at": bubble.at.astimezone(LOCAL).isoformat(),
        "status": bubble.status,
    }


def _user(request: web.Request) -> str:
    return request.match_info["user_id"]


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise web.HTTPBadRequest(text=f"{name} is missing")
    return value
