"""``POST /webhooks/zalobot/{commune}``: bounded read, secret, parse, commit, acknowledge.

For a machine that has a public address: ``BotClient.set_webhook`` names this one and the
account's ``webhook_secret``. Answers: 200 stored, 400 not a JSON object, 401 secret missing or
wrong, 404 unknown commune or a bot that is polled, 413 over 1 MiB, 503 the intake failed.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from aiohttp import web

from bot.channels import Intake
from integrations.bodies import (
    BodyTooLargeError,
    MalformedBodyError,
    decode_object,
    read_limited,
)
from integrations.inbox import answer_after, refuse
from integrations.zalobot.account import BotAccount
from integrations.zalobot.inbound import parse_update

PATH = "/webhooks/zalobot/{commune}"
HEADER = "X-Bot-Api-Secret-Token"
MAX_BODY = 1024 * 1024

Accounts = Mapping[str, BotAccount]


def routes(intake: Intake, accounts: Accounts) -> list[web.RouteDef]:
    """The webhook's routes; ``accounts`` is read at each request, by commune."""
    webhook = _Webhook(intake, accounts)
    return [web.get(PATH, webhook.get), web.post(PATH, webhook.post)]


def same_secret(header: str, secret: str) -> bool:
    """Whether the header holds ``secret``, in a time that tells nothing."""
    given = header.encode("utf-8", "surrogateescape")
    return bool(secret) and hmac.compare_digest(given, secret.encode())


class _Webhook:
    def __init__(self, intake: Intake, accounts: Accounts) -> None:
        self._intake = intake
        self._accounts = accounts

    async def get(self, request: web.Request) -> web.Response:
        """A person looking whether the address exists."""
        known = self._secret(request) != ""
        return web.Response(text="ok" if known else "not found", status=200 if known else 404)

    async def post(self, request: web.Request) -> web.Response:
        secret = self._secret(request)
        if not secret:
            return refuse(404, "unknown_commune", commune="?")
        commune = request.match_info["commune"]
        try:
            raw = await read_limited(request, MAX_BODY)
        except BodyTooLargeError:
            return refuse(413, "too_large", commune=commune)
        header = request.headers.get(HEADER, "")
        if not same_secret(header, secret):
            reason = "secret_wrong" if header else "secret_missing"
            return refuse(401, reason, commune=commune)
        try:
            payload = decode_object(raw)
        except MalformedBodyError:
            return refuse(400, "malformed", commune=commune)
        return await answer_after(self._intake, parse_update(commune, payload), commune=commune)

    def _secret(self, request: web.Request) -> str:
        account = self._accounts.get(request.match_info["commune"])
        return account.webhook_secret if account is not None else ""
