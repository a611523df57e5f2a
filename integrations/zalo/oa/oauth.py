"""OAuth v4 for OA tokens: consent, exchange, refresh (fact sheet 2).

The consent page and its answer belong to the browser of an OA administrator; the token
endpoint answers errors under HTTP 200 in a shape of its own (``error``, ``error_name``,
``error_reason``, ``error_description``).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

import httpx

from integrations.fields import string
from integrations.zalo.oa.answers import whole
from integrations.zalo.oa.errors import (
    GrantDeadError,
    OAuthRefusedError,
    RefusedError,
    UnknownOutcomeError,
)
from integrations.zalo.oa.rules import CODE_SPENT, GRANT_DEAD, OAUTH_RULES, rule_for
from integrations.zalo.oa.transport import Answer, Call, error_code, exchange, read_object

HOST = "https://oauth.zaloapp.com"
TIMEOUT = 20.0
"""Seconds; the keeper's lease is longer."""
ACCESS_LIFE = timedelta(hours=25)
REFRESH_LIFE = timedelta(days=90)


def new_verifier() -> str:
    """A fresh PKCE verifier of 43 characters; also good as ``state``."""
    return secrets.token_urlsafe(32)


def challenge(verifier: str) -> str:
    """The S256 challenge of ``verifier``, without padding."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def consent_url(
    app_id: str, redirect_uri: str, state: str, *, code_challenge: str = "", host: str = HOST
) -> str:
    """The page on which an administrator consents; it returns ``code``, ``oa_id``, ``state``.

    ``redirect_uri`` has to equal the one in the app's console, or Zalo says -14003.
    """
    query = {"app_id": app_id, "redirect_uri": redirect_uri}
    if code_challenge:
        query["code_challenge"] = code_challenge
    return f"{host.rstrip('/')}/v4/oa/permission?{urlencode(query | {'state': state})}"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a consent or a refresh gives; both ends are aware instants."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime


class OAuthClient:
    """The token endpoint for one app; ``clock`` gives aware instants."""

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        http: httpx.AsyncClient,
        clock: Callable[[], datetime],
        *,
        host: str = HOST,
    ) -> None:
        self._app_id = app_id
        self._app_secret = app_secret
        self._http = http
        self._clock = clock
        self._url = f"{host.rstrip('/')}/v4/oa/access_token"

    async def exchange(self, code: str, verifier: str = "") -> TokenPair:
        """Exchange a consent's code (10 minutes, works once).

        Raises:
            OAuthRefusedError: with a sentence for whoever clicked.
            NotSentError, UnknownOutcomeError, ThrottledError: see errors.
        """
        form = {"code": code, "grant_type": "authorization_code"}
        return await self._grant(form | ({"code_verifier": verifier} if verifier else {}))

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Exchange a refresh token; both old tokens die.

        Raises:
            GrantDeadError: it was used before, or is too old.
            OAuthRefusedError: another refusal.
            UnknownOutcomeError: Zalo may have rotated without our getting the answer.
            NotSentError, ThrottledError: nothing happened.
        """
        return await self._grant({"refresh_token": refresh_token, "grant_type": "refresh_token"})

    async def _grant(self, form: Mapping[str, str]) -> TokenPair:
        issued = self._clock()
        call = Call(
            "POST",
            self._url,
            form={"app_id": self._app_id, **form},
            headers={"secret_key": self._app_secret},
            timeout=TIMEOUT,
        )
        response = await exchange(self._http, call)
        try:
            body = read_object(response, OAUTH_RULES)
        except RefusedError as fault:
            raise OAuthRefusedError(fault.rule) from fault
        code = error_code(body)
        if code or not response.is_success:
            raise _refusal(code or response.status_code, body, form["grant_type"])
        return _pair(body, issued)


def _refusal(code: int, body: Answer, grant_type: str) -> OAuthRefusedError:
    rule = rule_for(code, OAUTH_RULES)
    detail = string(body, "error_name") or string(body, "error_description")
    if code not in GRANT_DEAD:
        return OAuthRefusedError(rule, detail)
    if grant_type == "refresh_token":
        return GrantDeadError(rule, detail)
    return OAuthRefusedError(replace(rule, sentence=CODE_SPENT), detail)


def _pair(body: Answer, issued: datetime) -> TokenPair:
    access, refresh = string(body, "access_token"), string(body, "refresh_token")
    if not access or not refresh:
        raise UnknownOutcomeError("Zalo trả lời mà không có mã truy cập")
    life = _seconds(body, "expires_in", ACCESS_LIFE)
    refresh_life = _seconds(body, "refresh_token_expires_in", REFRESH_LIFE)
    return TokenPair(access, refresh, issued + life, issued + refresh_life)


def _seconds(body: Answer, name: str, default: timedelta) -> timedelta:
    """A length of time; Zalo writes it as a string, documentation as a number."""
    seconds = whole(body.get(name)) or 0
    return timedelta(seconds=seconds) if 0 < seconds < 10**9 else default
