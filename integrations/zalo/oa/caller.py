"""How every call to Zalo is made: token, proof, limit, one renewal of a refused token."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import httpx

from integrations.fields import Payload
from integrations.zalo.oa.answers import Rate
from integrations.zalo.oa.errors import (
    Action,
    RefusedError,
    TokenUnavailableError,
    UnknownOutcomeError,
)
from integrations.zalo.oa.rules import OA_RULES, ZBS_RULES, Rules
from integrations.zalo.oa.throttle import Throttle, unlimited
from integrations.zalo.oa.tokens import TokenSource
from integrations.zalo.oa.transport import Answer, Call, exchange, read_answer


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where Zalo is (fact sheet 1.1), without a slash at the end."""

    openapi: str = "https://openapi.zalo.me"
    business: str = "https://business.openapi.zalo.me"
    oauth: str = "https://oauth.zaloapp.com"

    @classmethod
    def at(cls, address: str) -> Hosts:
        """Zalo's own three when ``address`` is Zalo's OpenAPI; a simulator's is all three."""
        plain = address.rstrip("/")
        return cls() if plain == cls().openapi else cls(plain, plain, plain)


def appsecret_proof(app_secret: str, access_token: str) -> str:
    """Lower-case hex HMAC-SHA256; another one for each new token."""
    return hmac.new(app_secret.encode(), access_token.encode(), hashlib.sha256).hexdigest()


class Caller:
    """Calls in the name of one OA.

    ``tokens`` is asked before each call: access tokens die at once when a refresh succeeds, so
    nobody keeps one. With ``app_secret`` each call proves that it is the app's own. ``rate`` is
    what the last answer said of the limit of requests, None before the first one.

    Every method raises the errors of :mod:`integrations.zalo.oa.errors`.
    """

    def __init__(
        self,
        app_id: str,
        tokens: TokenSource,
        http: httpx.AsyncClient,
        hosts: Hosts | None = None,
        *,
        app_secret: str = "",
        throttle: Throttle = unlimited,
    ) -> None:
        self.app_id = app_id
        self.rate: Rate | None = None
        self._tokens = tokens
        self._http = http
        self._hosts = hosts or Hosts()
        self._app_secret = app_secret
        self._throttle = throttle

    async def ask(self, path: str, data: Mapping[str, object] | None = None) -> Answer:
        """GET with the one query parameter ``data``: compact JSON."""
        params = {"data": json.dumps(data, separators=(",", ":"))} if data is not None else None
        return await self._openapi(Call("GET", self._hosts.openapi + path, params=params))

    async def ask_plain(self, path: str, query: Mapping[str, str]) -> Answer:
        """GET with ordinary query parameters, as the group calls have them."""
        return await self._openapi(Call("GET", self._hosts.openapi + path, params=query))

    async def post(self, path: str, body: object, rules: Rules = OA_RULES) -> Answer:
        """POST of a JSON body; ``rules`` where its codes are others."""
        call = Call("POST", self._hosts.openapi + path, json=body)
        return await self._call(call, rules, self._throttle)

    async def post_file(self, path: str, file: tuple[str, bytes, str]) -> Answer:
        """POST of one file (name, bytes, content type) as multipart ``file``."""
        return await self._openapi(Call("POST", self._hosts.openapi + path, file=file))

    async def business(
        self, method: str, path: str, *, query: Mapping[str, str] | None = None, body: object = None
    ) -> Answer:
        """A call to the host of templates by phone: own codes, outside the OA's limit."""
        call = Call(method, self._hosts.business + path, params=query, json=body)
        return await self._call(call, ZBS_RULES, unlimited)

    async def _openapi(self, call: Call) -> Answer:
        return await self._call(call, OA_RULES, self._throttle)

    async def _call(self, call: Call, rules: Rules, throttle: Throttle) -> Answer:
        token = await self._tokens()
        try:
            return await self._once(call, token, rules, throttle)
        except RefusedError as fault:
            if fault.rule.action is not Action.REFRESH:
                raise
        fresh = await self._tokens(refused=token)
        if fresh == token:
            raise TokenUnavailableError
        return await self._once(call, fresh, rules, throttle)

    async def _once(self, call: Call, token: str, rules: Rules, throttle: Throttle) -> Answer:
        await throttle()
        response = await exchange(self._http, replace(call, headers=self._headers(token)))
        if rules is not ZBS_RULES:
            self.rate = Rate.parse(response.headers)
        return read_answer(response, rules)

    def _headers(self, token: str) -> dict[str, str]:
        headers = {"access_token": token}
        if self._app_secret:
            headers["appsecret_proof"] = appsecret_proof(self._app_secret, token)
        return headers


def listed(answer: Answer, name: str = "") -> list[Payload]:
    """The objects of ``data``, or of the list ``name`` in it.

    Raises:
        UnknownOutcomeError: there is no list.
    """
    data = answer.get("data")
    if name and isinstance(data, dict):
        data = data.get(name, [])
    if not isinstance(data, list):
        raise UnknownOutcomeError("không đọc được danh sách của Zalo")
    return [one for one in data if isinstance(one, dict)]
