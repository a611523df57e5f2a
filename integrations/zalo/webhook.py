"""``POST /webhooks/zalo/{commune}``: bounded read, signature, sort, commit, acknowledge.

Zalo wants its 200 within two seconds and repeats a body after 30 s, 5, 15, 30 and 60
minutes. A repeated body keeps its old timestamp, so there is no window of time: the inbox
recognises it by its id.

Answers: 200 stored (or dropped while the secret of its OA is not yet known), 400 not a JSON
object, 401 signature missing or wrong, 404 unknown commune, 413 over 2 MiB, 503 the intake
failed.
The timestamp that the MAC covers stands inside the body; a body that is not JSON can
therefore not be verified and is answered with 400, after the header was seen to exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
from integrations.zalo.inbound import arrivals
from integrations.zalo.oa import signature
from integrations.zalo.oa.event_body import Body

PATH = "/webhooks/zalo/{commune}"
MAX_BODY = 2 * 1024 * 1024

log = structlog.get_logger(__name__)
Accounts = Mapping[str, ZaloAccount]


Came = Callable[[str, bool], None]
"""Told of each event the commune, and whether its signature was right."""


def _nobody(commune: str, signed: bool) -> None:
    """For who does not look."""


def routes(intake: Intake, accounts: Accounts, came: Came = _nobody) -> list[web.RouteDef]:
    """The webhook's routes; ``accounts`` is read at each request, by commune."""
    webhook = _Webhook(intake, accounts, came)
    return [web.get(PATH, webhook.get), web.post(PATH, webhook.post)]


def owner(accounts: Accounts, commune: str, payload: Payload) -> tuple[str, ZaloAccount]:
    """The commune and account that an event belongs to.

    Zalo knows one address per *app*, for all OAs of that app: a province with one app
    receives every commune's events at one address and they are told apart by OA.
    """
    addressed, body = accounts[commune], Body(payload)
    if not body.oa_id:
        return _of_group(accounts, commune, body.group)
    if addressed.oa_id in body.parties:
        return commune, addressed
    for other, account in accounts.items():
        if account.app_id == addressed.app_id and account.oa_id in body.parties:
            return other, account
    return commune, addressed


def _of_group(accounts: Accounts, commune: str, group: str) -> tuple[str, ZaloAccount]:
    """The same by group: what a member says in one may lack the OA's id."""
    addressed = accounts[commune]
    for other, account in ((commune, addressed), *accounts.items()):
        groups = (account.officer_group, account.public_group)
        if group and account.app_id == addressed.app_id and group in groups:
            return other, account
    return commune, addressed


class _Webhook:
    def __init__(self, intake: Intake, accounts: Accounts, came: Came) -> None:
        self._intake = intake
        self._accounts = accounts
        self._came = came

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
        header = request.headers.get(signature.HEADER, "")
        if self._accounts[commune].oa_secret and not header:
            return refuse(401, "signature_missing", commune=commune)
        return await self._signed(commune, header, raw)

    async def _signed(self, commune: str, header: str, raw: bytes) -> web.Response:
        try:
            payload = decode_object(raw)
        except MalformedBodyError:
            known = self._accounts[commune].oa_secret
            return refuse(400, "malformed", commune=commune) if known else _dropped(commune)
        commune, account = owner(self._accounts, commune, payload)
        if not account.oa_secret:
            return _dropped(commune)
        timestamp = scalar(payload.get("timestamp"))
        if not signature.verify(header, account.app_id, raw, timestamp, account.oa_secret):
            self._came(commune, False)
            return refuse(401, "signature_wrong", commune=commune)
        self._came(commune, True)
        sorted_out = arrivals(commune, account, payload, raw)
        return await answer_after(self._intake, sorted_out, commune=commune)


def _dropped(commune: str) -> web.Response:
    """Taken and thrown away: nobody can tell yet whether Zalo wrote it (fact sheet 3.1)."""
    log.warning("zalo.dropped_without_secret", commune=commune)
    return web.json_response({"ok": True})
