"""One call to Zalo's OpenAPI: token, transport, and the error inside a 200 (fact sheet 0.1)."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import structlog

from bot.messages import TemporarySendError, UnknownOutcomeError
from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import scalar
from integrations.outbound import SETTINGS_RETRY, call, new_client, retry_after
from integrations.zalo.account import TokenUnavailableError, ZaloAccount
from integrations.zalo.errors import RULES, Action, Rule, rule_for

log = structlog.get_logger(__name__)
Answer = Mapping[str, object]


class OpenApi:
    """Calls for any account through one HTTP client."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None, timeout: float) -> None:
        self._client = new_client(transport, timeout)

    async def call(
        self,
        account: ZaloAccount,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return the body of a successful call; a refused token is renewed once.

        Raises:
            TemporarySendError, PermanentSendError, UnknownOutcomeError: see bot.messages.
        """
        token = await _token(account)
        url = account.openapi.rstrip("/") + path
        answer, rule = await self._once(method, url, token, json, params)
        if rule and rule.action is Action.REFRESH:
            token = await _token(account, refused=token)
            answer, rule = await self._once(method, url, token, json, params)
        if rule:
            _log_refusal(path, rule)
            raise rule.error()
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _once(
        self, method: str, url: str, token: str, json: object, params: Mapping[str, str] | None
    ) -> tuple[Answer, Rule | None]:
        headers = {"access_token": token}
        response = await call(self._client, method, url, headers=headers, json=json, params=params)
        return read_answer(response)


def _log_refusal(path: str, rule: Rule) -> None:
    log.warning(
        "zalo.refused",
        path=path,
        code=rule.code,
        action=rule.action.value,
        tell_officer=rule.tell_officer,
    )


async def _token(account: ZaloAccount, refused: str | None = None) -> str:
    try:
        token = await account.access_token(refused=refused)
    except TokenUnavailableError as fault:
        raise TemporarySendError(RULES[-216].reason, SETTINGS_RETRY) from fault
    if token == refused:
        raise TemporarySendError(RULES[-216].reason, SETTINGS_RETRY)
    return token


def read_answer(response: httpx.Response) -> tuple[Answer, Rule | None]:
    """Return the body and, when the call was refused, the rule that says what to do.

    Raises:
        TemporarySendError: HTTP 429 or 503, or a refusal that is not Zalo's JSON.
        UnknownOutcomeError: another 5xx, or a 200 that cannot be read.
    """
    if response.status_code == 401:
        return {}, RULES[401]
    if response.status_code in (429, 503):
        raise TemporarySendError(f"HTTP {response.status_code}", retry_after(response) or 60.0)
    if response.status_code >= 500:
        raise UnknownOutcomeError(f"HTTP {response.status_code}")
    try:
        body = decode_object(response.content)
    except MalformedBodyError as fault:
        if response.is_success:
            raise UnknownOutcomeError("trả lời của Zalo không đọc được") from fault
        raise TemporarySendError(f"HTTP {response.status_code}", SETTINGS_RETRY) from fault
    return body, _rule(body, response)


def _rule(body: Answer, response: httpx.Response) -> Rule | None:
    code = scalar(body.get("error")).strip()
    if code.removeprefix("-").isdecimal() and code.isascii():
        return rule_for(int(code)) if int(code) else None
    if response.is_success:
        raise UnknownOutcomeError("trả lời của Zalo không có mã lỗi")
    raise TemporarySendError(f"HTTP {response.status_code}", SETTINGS_RETRY)
