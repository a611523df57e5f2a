"""``/webhooks/sms/{gateway}/{commune}``: bounded read, the gateway's own checks, commit, answer.

Answers: 200 stored (with what the provider wants to hear), 400 not the declared body, 401 or
403 not from the gateway, 404 no such gateway in this commune, 405 not so, 413 over 256 KiB,
503 the intake failed. A GET to a gateway that only posts, or without any query, is a person
looking whether the address exists.
"""

from __future__ import annotations

from aiohttp import web

from bot.channels import Intake
from bot.clock import Clock, SystemClock
from integrations.bodies import BodyTooLargeError, MalformedBodyError, read_limited
from integrations.inbox import answer_after, refuse
from integrations.sms.address import PATH
from integrations.sms.gateway import Call, CallRefusedError, GatewayConfig, Kind
from integrations.sms.pool import Pool

MAX_BODY = 256 * 1024


def routes(intake: Intake, pool: Pool, clock: Clock | None = None) -> list[web.RouteDef]:
    """The webhook of all gateways; ``pool`` is looked into at each request."""
    webhook = _Webhook(intake, pool, clock or SystemClock())
    return [web.get(PATH, webhook.get), web.post(PATH, webhook.post)]


class _Webhook:
    def __init__(self, intake: Intake, pool: Pool, clock: Clock) -> None:
        self._intake = intake
        self._pool = pool
        self._clock = clock

    async def get(self, request: web.Request) -> web.Response:
        config, kind = self._found(request)
        if config is None:
            return web.Response(text="not found", status=404)
        if kind is None or not kind.gets or not request.query_string:
            return web.Response(text="ok")
        return await self._take(request, config, kind)

    async def post(self, request: web.Request) -> web.Response:
        config, kind = self._found(request)
        if config is None or kind is None:
            return refuse(404, "unknown_gateway", commune="?")
        return await self._take(request, config, kind)

    def _found(self, request: web.Request) -> tuple[GatewayConfig | None, Kind | None]:
        path = request.match_info
        config = self._pool.config(path["commune"], path["gateway"])
        return config, self._pool.kind(config) if config is not None else None

    async def _take(self, request: web.Request, config: GatewayConfig, kind: Kind) -> web.Response:
        commune = config.commune
        if kind.read is None:
            return refuse(404, "not_called", commune=commune)
        try:
            taken = kind.read(config, await self._call(request))
        except BodyTooLargeError:
            return refuse(413, "too_large", commune=commune)
        except CallRefusedError as refused:
            return refuse(refused.status, refused.reason, commune=commune)
        except MalformedBodyError:
            return refuse(400, "malformed", commune=commune)
        answer = web.Response(text=taken.answer.text, content_type=taken.answer.content_type)
        return await answer_after(self._intake, taken.arrivals, commune=commune, answer=answer)

    async def _call(self, request: web.Request) -> Call:
        raw = await read_limited(request, MAX_BODY)
        return Call(
            method=request.method,
            headers={name.lower(): value for name, value in request.headers.items()},
            query=dict(request.query),
            raw=raw,
            content_type=request.content_type,
            now=self._clock.now(),
            raw_query=request.rel_url.raw_query_string,
        )
