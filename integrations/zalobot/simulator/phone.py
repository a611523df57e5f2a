"""A citizen's phone as JSON, for the demo page and for tests.

GET  /phone/{user_id}/messages?after=N&wait=20   bubbles with seq > N
POST /phone/{user_id}/send   {"text", "group"?} | {"media": name, "caption"?}

``name`` is a key of ``events.MEDIA``. With ``group`` the text is written in that group; its
bubbles are read under the group's id.
"""

from __future__ import annotations

from aiohttp import web

from integrations.fields import string
from integrations.simulation.clock import LOCAL
from integrations.simulation.journal import Bubble
from integrations.simulation.web import MAX_WAIT, json_object, number
from integrations.zalobot.simulator.events import MEDIA
from integrations.zalobot.simulator.world import World

_WHO = "{user_id:[0-9A-Za-z_-]{1,64}}"
_LAST_SEQ = float(2**53)
_STATUSES = 20


class PhoneApi:
    """The phones of everybody who talks to the bot."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """See the module."""
        return [
            web.get(f"/phone/{_WHO}/messages", self._messages),
            web.post(f"/phone/{_WHO}/send", self._send),
        ]

    async def _messages(self, request: web.Request) -> web.Response:
        user_id = request.match_info["user_id"]
        after = int(number(request, "after", _LAST_SEQ))
        bubbles = self._world.journal.since(user_id, after)
        if not bubbles:
            await self._world.bell.wait(user_id, number(request, "wait", MAX_WAIT))
            bubbles = self._world.journal.since(user_id, after)
        latest = self._world.journal.latest(user_id, 0, _STATUSES)
        body = {
            "messages": [as_json(bubble) for bubble in bubbles],
            "next": bubbles[-1].seq if bubbles else after,
            "typing": user_id in self._world.typing,
            "statuses": {str(bubble.seq): bubble.status for bubble in latest},
        }
        return web.json_response(body)

    async def _send(self, request: web.Request) -> web.Response:
        user_id = request.match_info["user_id"]
        body = await json_object(request)
        media, text = string(body, "media"), string(body, "text")
        if media:
            if media not in MEDIA:
                raise web.HTTPBadRequest(text="unknown media")
            bubble = self._world.send_media(user_id, media, string(body, "caption"))
        elif text:
            bubble = self._world.type(user_id, text, string(body, "group"))
        else:
            raise web.HTTPBadRequest(text="text is missing")
        return web.json_response(as_json(bubble))


def as_json(bubble: Bubble) -> dict[str, object]:
    """One bubble; ``at`` in local time, ``status`` sent or received; there are no buttons."""
    return {
        "seq": bubble.seq,
        "from": bubble.author,
        "text": bubble.text,
        "buttons": [],
        "at": bubble.at.astimezone(LOCAL).isoformat(),
        "status": bubble.status,
    }
