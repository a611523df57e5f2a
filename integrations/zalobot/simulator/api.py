"""``/bot<token>/<method>``: GET with a query or POST with JSON, answered as the platform does.

Guesses, where nothing is documented: an unknown chat, and a poll while a webhook is set, are
refused with 400; a poll lasts at most 50 s; a poll whose caller has gone takes no update.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import scalar
from integrations.simulation.faults import Faults
from integrations.simulation.web import answer_lost
from integrations.zalobot.simulator.events import milliseconds
from integrations.zalobot.simulator.world import Webhook, World

MAX_TEXT = 2000
MAX_POLL, DEFAULT_POLL = 50.0, 30.0
MAX_URL = 2048
SECRET = range(8, 257)

Params = Mapping[str, object]
Method = Callable[[web.Request, Params], Awaitable[web.Response]]


class RefusedError(Exception):
    """The call is answered with ``ok: false``."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(description)
        self.code, self.description = code, description


class BotApi:
    """The API of one bot.

    ``mirror_status``: errors carry their code as HTTP status, else all come under 200 (both
    were seen). ``allow_http``: webhooks may be plain HTTP (on this machine).
    """

    def __init__(
        self, world: World, token: str, faults: Faults, *, mirror_status: bool, allow_http: bool
    ) -> None:
        self.overlaps = 0
        """Polls that began while another was waiting."""
        self._world, self._token, self._faults = world, token, faults
        self._mirror_status = mirror_status
        self._schemes = ("https://", "http://") if allow_http else ("https://",)
        self._polls: dict[int, web.Request] = {}
        self._methods: dict[str, Method] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "sendMessage": self._send_message,
            "sendChatAction": self._send_chat_action,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
        }

    def routes(self) -> list[web.RouteDef]:
        """See the module."""
        path = "/bot{token}/{method}"
        return [web.get(path, self._call, allow_head=False), web.post(path, self._call)]

    async def _call(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._faults.latency)
        if self._faults.take("server_errors"):
            return web.Response(status=500, text="<html>Internal Server Error</html>")
        try:
            if request.match_info["token"] != self._token:
                raise RefusedError(401, "Unauthorized")
            method = self._methods.get(request.match_info["method"])
            if method is None:
                raise RefusedError(404, "Not Found")
            return await method(request, await _params(request))
        except RefusedError as refused:
            body = {"ok": False, "description": refused.description, "error_code": refused.code}
            status = refused.code if self._mirror_status else 200
            return web.json_response(body, status=status)

    async def _get_me(self, request: web.Request, params: Params) -> web.Response:
        number = self._token.partition(":")[0]
        return _granted(
            {
                "id": number,
                "account_name": f"bot.{number[-6:]}",
                "account_type": "BASIC",
                "can_join_groups": False,
            }
        )

    async def _get_updates(self, request: web.Request, params: Params) -> web.Response:
        seconds = _seconds(params)
        self.overlaps += any(not _gone(other) for other in self._polls.values())
        self._polls[id(request)] = request
        try:
            body = await self._next(request, seconds)
        finally:
            del self._polls[id(request)]
        return web.Response(body=body, content_type="application/json")

    async def _next(self, request: web.Request, seconds: float) -> bytes:
        now = asyncio.get_running_loop().time
        end = now() + seconds
        while True:
            if self._world.webhook.url:
                raise RefusedError(400, "Bad request: a webhook is set")
            if not _gone(request) and (body := self._world.take()) is not None:
                return body
            if (left := end - now()) <= 0 or _gone(request):
                raise RefusedError(408, "Request timeout")
            await self._world.update_comes(left)
            if self._world.closing:
                raise RefusedError(408, "Request timeout")

    async def _send_message(self, request: web.Request, params: Params) -> web.Response:
        chat_id, text = self._chat(params), params.get("text")
        if not isinstance(text, str) or not text.strip():
            raise RefusedError(400, "Bad request: The text must not be empty")
        if len(text) > MAX_TEXT:
            raise RefusedError(400, "Bad request: The text is too long")
        if self._faults.take("rate_limits"):
            raise RefusedError(429, "Quota exceeded")
        bubble = self._world.send(chat_id, text)
        if self._faults.take("drop_answers"):
            await answer_lost(request, self._faults)
        return _granted({"message_id": bubble.message_id, "date": milliseconds(bubble.at)})

    async def _send_chat_action(self, request: web.Request, params: Params) -> web.Response:
        chat_id = self._chat(params)
        if params.get("action") != "typing":
            raise RefusedError(400, "Bad request: The action is not supported")
        self._world.acts(chat_id)
        return web.json_response({"ok": True})

    async def _set_webhook(self, request: web.Request, params: Params) -> web.Response:
        url, secret = params.get("url"), params.get("secret_token")
        good = isinstance(url, str) and url.startswith(self._schemes) and len(url) <= MAX_URL
        if not isinstance(url, str) or not good:
            raise RefusedError(400, "Bad request: The url must be HTTPS")
        if not isinstance(secret, str) or len(secret) not in SECRET:
            raise RefusedError(400, "Bad request: The secret_token must be 8-256 characters")
        return _webhook(self._world.set_webhook(url, secret))

    async def _delete_webhook(self, request: web.Request, params: Params) -> web.Response:
        return _webhook(self._world.set_webhook("", ""))

    async def _get_webhook_info(self, request: web.Request, params: Params) -> web.Response:
        webhook = self._world.webhook
        if not webhook.url:
            raise RefusedError(404, "Not Found")
        return _webhook(webhook)

    def _chat(self, params: Params) -> str:
        chat_id = scalar(params.get("chat_id"))
        if not chat_id:
            raise RefusedError(400, "Bad request: The chat_id must not be empty")
        if not self._world.knows(chat_id):
            raise RefusedError(400, "Bad request: chat not found")
        return chat_id


async def _params(request: web.Request) -> Params:
    raw = await request.read()
    if not raw:
        return dict(request.query)
    try:
        return decode_object(raw)
    except MalformedBodyError as fault:
        raise RefusedError(400, "Bad request: invalid body") from fault


def _seconds(params: Params) -> float:
    """``timeout``: documented as a string, shown as a number."""
    said = scalar(params.get("timeout", int(DEFAULT_POLL)))
    if not (said.isascii() and said.isdigit() and len(said) < 6):
        raise RefusedError(400, "Bad request: invalid timeout")
    return min(float(said), MAX_POLL)


def _granted(result: dict[str, object]) -> web.Response:
    return web.json_response({"ok": True, "result": result, "error_code": 0})


def _webhook(webhook: Webhook) -> web.Response:
    return _granted({"url": webhook.url, "updated_at": webhook.updated_at})


def _gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()
