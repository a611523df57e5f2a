"""``POST /webhooks/sms/{gateway}/{commune}``: bounded read, signature, sort, commit, 200.

Answers: 200 stored, 400 not the declared body, 401 signature missing, wrong or out of
time, 404 no such gateway in this commune, 413 over 256 KiB, 503 the intake failed.
"""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from bot.channels import Intake
from bot.clock import Clock, SystemClock
from integrations.bodies import BodyTooLargeError, MalformedBodyError, read_limited
from integrations.inbox import answer_after, refuse
from integrations.sms.gateway import SmsGateway
from integrations.sms.generic_http import signature
from integrations.sms.generic_http.payload import decode, parse

PATH = "/webhooks/sms/{gateway}/{commune}"
MAX_BODY = 256 * 1024
Gateways = Mapping[tuple[str, str], SmsGateway]


def routes(intake: Intake, gateways: Gateways, clock: Clock | None = None) -> list[web.RouteDef]:
    """The webhook's routes; ``gateways`` by (name, commune) is read at each request."""
    webhook = _Webhook(intake, gateways, clock or SystemClock())
    return [web.get(PATH, webhook.get), web.post(PATH, webhook.post)]


class _Webhook:
    def __init__(self, intake: Intake, gateways: Gateways, clock: Clock) -> None:
        self._intake = intake
        self._gateways = gateways
        self._clock = clock

    async def get(self, request: web.Request) -> web.Response:
        """A person looking whether the address exists."""
        known = self._gateway(request) is not None
        return web.Response(text="ok" if known else "not found", status=200 if known else 404)

    async def post(self, request: web.Request) -> web.Response:
        gateway = self._gateway(request)
        if gateway is None:
            return refuse(404, "unknown_gateway", commune="?")
        commune = gateway.commune
        try:
            raw = await read_limited(request, MAX_BODY)
        except BodyTooLargeError:
            return refuse(413, "too_large", commune=commune)
        if not self._is_signed(gateway, request.headers, raw):
            return refuse(401, "signature_wrong", commune=commune)
        try:
            arrivals = parse(gateway, decode(raw, request.content_type))
        except MalformedBodyError:
            return refuse(400, "malformed", commune=commune)
        return await answer_after(self._intake, arrivals, commune=commune)

    def _gateway(self, request: web.Request) -> SmsGateway | None:
        path = request.match_info
        return self._gateways.get((path["gateway"], path["commune"]))

    def _is_signed(self, gateway: SmsGateway, headers: Mapping[str, str], raw: bytes) -> bool:
        timestamp = headers.get(signature.TIMESTAMP, "")
        given = headers.get(signature.SIGNATURE, "")
        now = self._clock.now()
        timely = signature.is_timely(timestamp, now, gateway.max_skew, gateway.max_age)
        return timely and signature.verify(gateway.secret, raw, timestamp, given)
