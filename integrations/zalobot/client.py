"""The bot's calls, thin and typed; what a code means stands in ``errors``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote

import httpx

from bot.messages import SendError, TemporarySendError, UnknownOutcomeError
from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import Payload, identifier, part, scalar, string
from integrations.outbound import SETTINGS_RETRY, call, retry_after
from integrations.zalobot.account import BASE
from integrations.zalobot.errors import BotTokenError, refusal
from integrations.zalobot.redact import protect_logs, unlinked

MAX_TEXT = 2000
"""Characters of one message."""
IDLE = 408
"""How a long poll ends that brought nothing."""
_NONE_SET = 404

protect_logs()


@dataclass(frozen=True, slots=True)
class BotInfo:
    """Who the bot is; ``name`` as Zalo calls it, empty strings where it says nothing."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class _Answer:
    """``code`` is 0 when the platform gave none; ``wait``: seconds from Retry-After."""

    ok: bool
    body: Payload
    code: int = 0
    wait: float | None = None

    @property
    def idle(self) -> bool:
        words = string(self.body, "description").lower()
        return not self.ok and (self.code == IDLE or (not self.code and "timeout" in words))


class BotClient:
    """One bot's calls over ``http``, whose time-outs must outlast a long poll.

    Every call raises BotTokenError, TemporarySendError, PermanentSendError or
    UnknownOutcomeError (``errors``), none of which leads back to the token.
    """

    def __init__(self, token: str, http: httpx.AsyncClient, base: str = BASE) -> None:
        self._http = http
        self._token = token.strip()
        self._root = f"{base.rstrip('/')}/bot{quote(self._token, safe=':')}"

    async def get_me(self) -> BotInfo:
        """Ask who the bot is: the cheapest way to try a token."""
        me = part(await self._call("getMe"), "result")
        name = string(me, "account_name") or string(me, "display_name") or string(me, "name")
        return BotInfo(identifier(me.get("id")), name)

    async def get_updates(self, timeout: float) -> list[object]:
        """Wait at most ``timeout`` seconds for what is new; empty when nothing came.

        What is returned has left the platform for good.
        """
        answer = await self._ask("getUpdates", {"timeout": int(timeout)})
        if answer.idle:
            return []
        result = self._granted(answer).get("result")
        many = result if isinstance(result, list) else [result]
        return [one for one in many if one]

    async def send_message(self, chat_id: str, text: str) -> str:
        """Send ``text`` (1-2000 characters) and return its id; empty if Zalo gave none."""
        body = {"chat_id": chat_id, "text": text}
        result = part(await self._call("sendMessage", body), "result")
        return identifier(result.get("message_id"))

    async def send_chat_action(self, chat_id: str, action: str = "typing") -> None:
        """Show "typing" to the citizen; the only action that there is."""
        await self._call("sendChatAction", {"chat_id": chat_id, "action": action})

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates posted to ``url`` (public HTTPS) with ``secret`` (8-256 characters)."""
        await self._call("setWebhook", {"url": url, "secret_token": secret})

    async def delete_webhook(self) -> None:
        """Go back to long polling; nothing happens when no webhook is set."""
        answer = await self._ask("deleteWebhook", {})
        if answer.code != _NONE_SET:
            self._granted(answer)

    async def get_webhook_info(self) -> str:
        """The address that updates are posted to; empty when there is none."""
        answer = await self._ask("getWebhookInfo", {})
        if answer.code == _NONE_SET:
            return ""
        return string(part(self._granted(answer), "result"), "url")

    async def _call(self, method: str, body: Mapping[str, object] | None = None) -> Payload:
        return self._granted(await self._ask(method, body or {}))

    async def _ask(self, method: str, body: Mapping[str, object]) -> _Answer:
        if not self._token:
            raise BotTokenError
        try:
            response = await call(
                self._http, "POST", f"{self._root}/{method}", headers={}, json=body
            )
        except SendError as fault:
            caught = unlinked(fault)
        else:
            return _read(response)
        # Outside the handler, so that nothing is linked to it again.
        raise caught

    def _granted(self, answer: _Answer) -> Payload:
        if answer.ok:
            return answer.body
        raise refusal(answer.code, answer.wait)


def _read(response: httpx.Response) -> _Answer:
    """Make an answer of JSON, or of the bare status of a server in between."""
    try:
        body = decode_object(response.content)
    except MalformedBodyError:
        body = None
    if body is None:
        _not_from_zalo(response)
    status = 0 if response.is_success else response.status_code
    said = scalar(body.get("error_code"))
    code = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0
    ok = body.get("ok") is True and not status
    return _Answer(ok, body, code or status, retry_after(response))


def _not_from_zalo(response: httpx.Response) -> NoReturn:
    status = response.status_code
    if response.is_success:
        raise UnknownOutcomeError("trả lời của Zalo Bot không đọc được")
    if status in (401, 408, 429) or status >= 500:
        raise refusal(status, retry_after(response))
    # A page of HTML for a path that nobody serves: the address, or a maimed token.
    raise TemporarySendError(f"HTTP {status}: kiểm tra địa chỉ và mã bot", SETTINGS_RETRY)
