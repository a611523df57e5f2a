"""``POST /webhooks/zalo/{commune}``: bounded read, signature, sort, commit, acknowledge.

Zalo wants its 200 within two seconds and repeats a body after 30 s, 5, 15, 30 and 60
minutes. A repeated body keeps its old timestamp, so there is no window of time: the inbox
recognises it by its id.

Answers: 200 stored (or dropped while the secret is not yet known), 400 not a JSON object,
401 signature missing or wrong, 404 unknown commune, 413 over 2 MiB, 503 the intake failed.
The timestamp that the MAC covers stands inside the body; a body that is not JSON can
therefore not be verified and is answered with 400, after the header was seen to exist.
"""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from aiohttp import web

from bot.channels import Intake
from integrations.bodies import (
    BodyTooLargeError,
    MalformedBodyError,
    decode_object,
    read_limited,
)
from integrations.fields import Payload, scalar
from integrations.inbox import answer_after, refuse
from integrations.zalo.account import ZaloAccount
from integrations.zalo.events import oa_id, parse_event
from integrations.zalo.oa import signature

PATH = "/webhooks/zalo/{commune}"
MAX_BODY = 2 * 1024 * 1024

log = structlog.get_logger(__name__)
Accounts = Mapping[str, ZaloAccount]


def routes(intake: Intake, accounts: Accounts) -> list[web.RouteDef]:
    """The webhook's routes; ``accounts`` is read at each request, by commune."""
    webhook = _Webhook(intake, accounts)
    return [web.get(PATH, webhook.get), web.post(PATH, webhook.post)]


def owner(accounts: Accounts, commune: str, payload: Payload) -> tuple[str, ZaloAccount]:
    """The commune and account that an event belongs to.

    Zalo knows one address per *app*, for all OAs of that app: a province with one app
    receives every commune's events at one address and they are told apart by OA.
    """
    addressed = accounts[commune]
    named = oa_id(payload)
    if named and named != addressed.oa_id:
        for other, account in accounts.items():
            if account.app_id == addressed.app_id and account.oa_id == named:
                return other, account
    return commune, addressed


class _Webhook:
    def __init__(self, intake: Intake, accounts: Accounts) -> None:
        self._intake = intake
        self._accounts = accounts

    async def get(self, request: web.Request) -> web.Response:
        """A person or a console looking whether the address exists."""
        known = request.match_info["commune"] in self._accounts
        return web.Response(text="ok" if known else "not found", status=200 if known else 404)

    async def post(self, request: web.Request) -> web.Response:
        commune = request.match_info["commune"]
        if commune not in self._accounts:
            return refuse(404, "unknown_commune", commune="?")
        try:
            raw = await read_limited(request, MAX_BODY)
        except BodyTooLargeError:
            return refuse(413, "too_large", commune=commune)
        if not self._accounts[commune].oa_secret:
            log.warning("zalo.dropped_without_secret", commune=commune)
            return web.json_response({"ok": True})
        header = request.headers.get(signature.HEADER, "")
        if not header:
            return refuse(401, "signature_missing", commune=commune)
        return await self._verified(commune, header, raw)

    async def _verified(self, commune: str, header: str, raw: bytes) -> web.Response:
        try:
            payload = decode_object(raw)
        except MalformedBodyError:
            return refuse(400, "malformed", commune=commune)
        commune, account = owner(self._accounts, commune, payload)
        timestamp = scalar(payload.get("timestamp"))
        if not signature.verify(header, account.app_id, raw, timestamp, account.oa_secret):
            return refuse(401, "signature_wrong", commune=commune)
        arrivals = parse_event(commune, account.oa_id, payload, raw)
        return await answer_after(self._intake, arrivals, commune=commune)
