"""Messages and conversations of openapi.zalo.me (fact sheet 1.2 to 1.4, 4)."""

from __future__ import annotations

from collections import Counter

from aiohttp import web

from integrations.zalo.oa.limits import PAGE
from integrations.zalo.simulator.checks import check_message
from integrations.zalo.simulator.gate import Gate
from integrations.zalo.simulator.lines import line
from integrations.zalo.simulator.shapes import (
    MAX_ID,
    RefusedError,
    body_of,
    inner,
    key,
    only,
    page,
    query_of,
    text,
)
from integrations.zalo.simulator.uploads import Uploads
from integrations.zalo.simulator.world import World

ICONS = frozenset({":>", "--b", ":-((", "/-strong", "/-heart", ":-h", ":o", "/-remove"})
MAX_REACTIONS = 50
_REMOVE = "/-remove"


class OpenApi:
    """Conversations between the OA and one person."""

    def __init__(self, world: World, uploads: Uploads, oa_id: str) -> None:
        self._world = world
        self._uploads = uploads
        self._oa_id = oa_id
        self._reactions: Counter[str] = Counter()

    def routes(self, gate: Gate) -> list[web.RouteDef]:
        """All endpoints, below whatever prefix the application gets."""
        gone = gate.guard(self._gone, "message")
        return [
            web.post("/v3.0/oa/message/cs", gate.guard(self._send, "message", sends=True)),
            web.post("/v2.0/oa/message", gate.guard(self._second, "message")),
            web.post("/v3.0/oa/message/transaction", gone),
            web.post("/v3.0/oa/message/promotion", gone),
            web.get("/v2.0/oa/conversation", gate.guard(self._conversation, "message")),
            web.get("/v2.0/oa/listrecentchat", gate.guard(self._recent, "message")),
        ]

    async def _send(self, request: web.Request) -> object:
        draft = check_message(await body_of(request))
        return await self._world.send(self._uploads.attach(draft))

    async def _second(self, request: web.Request) -> object:
        """Of the second version only reactions are left for conversations."""
        body = await body_of(request)
        if "sender_action" not in body:
            raise RefusedError(-240, "MessageV2 API has been shut down, please switch to MessageV3")
        only(body, {"recipient", "sender_action"}, "body")
        user_id = key(inner(body, "recipient"), "user_id")
        action = inner(body, "sender_action")
        icon = text(action, "react_icon", 20)
        if icon not in ICONS:
            raise RefusedError(-201, "react_icon is invalid")
        message_id = text(action, "react_message_id", MAX_ID)
        self._count_reaction(message_id, icon)
        self._world.react_from_oa(user_id, message_id, icon)
        return {"message_id": message_id, "user_id": user_id}

    def _count_reaction(self, message_id: str, icon: str) -> None:
        if icon == _REMOVE:
            self._reactions.pop(message_id, None)
        elif self._reactions[message_id] >= MAX_REACTIONS:
            raise RefusedError(-210, "reactions are over limit")
        else:
            self._reactions[message_id] += 1

    async def _gone(self, request: web.Request) -> object:
        raise RefusedError(-240, "this message API has been shut down, please use a template")

    async def _conversation(self, request: web.Request) -> object:
        query = query_of(request)
        offset, count = page(query, PAGE)
        user_id = key(query, "user_id")
        if self._world.contact(user_id) is None:
            raise RefusedError(-201, "user_id is invalid")
        return [line(bubble, self._oa_id) for bubble in self._world.page(user_id, offset, count)]

    async def _recent(self, request: web.Request) -> object:
        offset, count = page(query_of(request), PAGE)
        known = self._world.contacts()
        newest = [bubble for bubble in self._world.journal.recent() if bubble.address in known]
        return [line(bubble, self._oa_id) for bubble in newest[offset : offset + count]]
