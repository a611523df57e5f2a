"""Phones and OA Manager as JSON, for the demo page and for tests.

GET  /phone/{user_id}/messages?after=N&wait=20   bubbles with seq > N; looking is "seen"
POST /phone/{user_id}/send      {"text", "quote"?} | {"tap": payload, "title": label} | {"media"}
POST /phone/{user_id}/submit    {"name", "phone", "shape": "old" | "new"}: fills in the form
POST /phone/{user_id}/react     {"id": message id, "icon"}
POST /phone/{user_id}/follow, /unfollow, /chatnow, /withdraw
POST /manager/{user_id}/send    {"text", "kind"?, "admin_id"?}: an officer in Zalo's OA Manager
GET  /groups/{group_id}/messages?after=N&wait=20
POST /groups/{group_id}/members/{user_id}/send   {"text", "quote"?}
POST /groups/{group_id}/status  {"enabled": bool}: its package ended, or was paid
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from integrations.fields import storable, string
from integrations.simulation.clock import LOCAL
from integrations.simulation.journal import Bubble
from integrations.simulation.web import LAST_SEQ, MAX_WAIT, json_object, number
from integrations.zalo.simulator.citizens import NEW, OLD
from integrations.zalo.simulator.ground import ADMIN
from integrations.zalo.simulator.groups import DISABLED, ENABLED, Groups, shown_text
from integrations.zalo.simulator.media import MEDIA
from integrations.zalo.simulator.shapes import RefusedError
from integrations.zalo.simulator.world import OFFICER_KINDS, World

_ID = "[0-9A-Za-z_-]{1,64}"
_WHO = f"{{user_id:{_ID}}}"
_GROUP = f"/groups/{{group_id:{_ID}}}"
_PHONE = re.compile(r"84[0-9]{8,10}", re.ASCII)
_STATUSES = 20


class PhoneApi:
    """The phones of everybody who talks to the OA."""

    def __init__(self, world: World, groups: Groups) -> None:
        self._world = world
        self._groups = groups

    def routes(self) -> list[web.RouteDef]:
        """See the module."""
        world, phone = self._world, f"/phone/{_WHO}"
        return [
            web.get(f"{phone}/messages", self._messages),
            web.post(f"{phone}/send", self._send),
            web.post(f"{phone}/submit", self._submit),
            web.post(f"{phone}/react", self._react),
            web.post(f"{phone}/follow", _simple(world.follow)),
            web.post(f"{phone}/unfollow", _simple(world.unfollow)),
            web.post(f"{phone}/chatnow", _simple(world.open_chat)),
            web.post(f"{phone}/withdraw", _simple(world.withdraw)),
            web.post(f"/manager/{_WHO}/send", self._officer),
            web.get(f"{_GROUP}/messages", self._group_messages),
            web.post(f"{_GROUP}/members/{_WHO}/send", self._group_send),
            web.post(f"{_GROUP}/status", self._group_status),
        ]

    async def _messages(self, request: web.Request) -> web.Response:
        user_id = _user(request)
        bubbles, last = await self._newer(request, user_id)
        self._world.look(user_id, bubbles)
        latest = self._world.page(user_id, 0, _STATUSES)
        body = {
            "messages": [as_json(bubble) for bubble in bubbles],
            "next": last,
            "typing": False,
            "statuses": {str(bubble.seq): bubble.status for bubble in latest},
        }
        return web.json_response(body)

    async def _newer(self, request: web.Request, address: str) -> tuple[list[Bubble], int]:
        after = int(number(request, "after", LAST_SEQ))
        bubbles = self._world.journal.since(address, after)
        if not bubbles:
            await self._world.bell.wait(address, number(request, "wait", MAX_WAIT))
            bubbles = self._world.journal.since(address, after)
        return bubbles, bubbles[-1].seq if bubbles else after

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
            text = _text(body, "text")
            bubble = self._world.type(user_id, text, quote=storable(string(body, "quote")))
        return web.json_response(as_json(bubble))

    async def _submit(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        name, phone = _text(body, "name"), _text(body, "phone")
        shape = body.get("shape", NEW)
        if not _PHONE.fullmatch(phone) or shape not in (OLD, NEW):
            raise web.HTTPBadRequest(text="phone is 84..., shape is old or new")
        return web.json_response(as_json(self._world.submit(_user(request), name, phone, shape)))

    async def _react(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        self._world.react(_user(request), _text(body, "id"), _text(body, "icon"))
        return web.json_response({"ok": True})

    async def _officer(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        kind, admin_id = body.get("kind", "text"), body.get("admin_id", ADMIN)
        if kind not in OFFICER_KINDS or not isinstance(admin_id, str):
            raise web.HTTPBadRequest(text="unknown kind or admin_id")
        bubble = self._world.officer_writes(
            _user(request), _text(body, "text"), kind=str(kind), admin_id=admin_id
        )
        return web.json_response(as_json(bubble))

    async def _group_messages(self, request: web.Request) -> web.Response:
        with _as_bad_request():
            group = self._groups.get(request.match_info["group_id"])
        bubbles, last = await self._newer(request, group.address)
        shown = [as_json(bubble) | {"text": shown_text(bubble, group)} for bubble in bubbles]
        return web.json_response({"messages": shown, "next": last})

    async def _group_send(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        text, quote = _text(body, "text"), storable(string(body, "quote"))
        with _as_bad_request():
            bubble = self._groups.write(request.match_info["group_id"], _user(request), text, quote)
        return web.json_response(as_json(bubble))

    async def _group_status(self, request: web.Request) -> web.Response:
        enabled = (await json_object(request)).get("enabled")
        if not isinstance(enabled, bool):
            raise web.HTTPBadRequest(text="enabled is true or false")
        with _as_bad_request():
            status = ENABLED if enabled else DISABLED
            self._groups.set_status(request.match_info["group_id"], status)
        return web.json_response({"ok": True})


def as_json(bubble: Bubble) -> dict[str, object]:
    """One bubble; ``at`` in local time, ``status`` sent, received or seen."""
    return {
        "seq": bubble.seq,
        "id": bubble.message_id,
        "from": bubble.author,
        "kind": bubble.extra.get("kind", "text"),
        "text": bubble.text,
        "buttons": bubble.extra.get("buttons", []),
        "at": bubble.at.astimezone(LOCAL).isoformat(),
        "status": bubble.status,
    }


def _simple(
    act: Callable[[str], None],
) -> Callable[[web.Request], Coroutine[Any, Any, web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        act(_user(request))
        return web.json_response({"ok": True})

    return answer


@contextmanager
def _as_bad_request() -> Iterator[None]:
    """A refusal on a phone is a mistake of the test or the page."""
    try:
        yield
    except RefusedError as fault:
        raise web.HTTPBadRequest(text=f"{fault.code} {fault.message}") from fault


def _user(request: web.Request) -> str:
    return request.match_info["user_id"]


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise web.HTTPBadRequest(text=f"{name} is missing")
    return storable(value)
