"""Sends the outbox as plain texts: the platform has no buttons, forms or templates."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import httpx
import structlog

from bot.channels import Sender
from bot.messages import (
    GROUP_ADDRESS,
    Choice,
    Outgoing,
    OutgoingKind,
    PermanentSendError,
    SendResult,
)
from integrations.outbound import new_client
from integrations.zalobot.account import BotAccount
from integrations.zalobot.client import MAX_TEXT, BotClient

TIMEOUT = 15.0

log = structlog.get_logger(__name__)


class BotSender(Sender):
    """One sender for all communes; ``accounts`` is read at each call.

    Of the choices only links are added: the others stand as numbered lines in the text.
    """

    def __init__(
        self,
        accounts: Mapping[str, BotAccount],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._accounts = accounts
        self._http = new_client(transport, timeout)

    async def send(self, message: Outgoing) -> SendResult:
        account = self._accounts.get(message.commune)
        if account is None or not account.token:
            raise PermanentSendError("xã chưa khai báo bot Zalo")
        text = compose(message)
        client = BotClient(account.token, self._http, account.base)
        # Nothing ever refers to the id again: without one, ours will do.
        return SendResult(await client.send_message(message.address, text) or message.id)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Nobody can tell: there is no history, no receipt and no idempotency key.

        A citizen must not read a reply twice, so it is left to the officer.
        """
        raise PermanentSendError(
            "không rõ tin đã tới người dân chưa (bot Zalo không cho xem lại), nên không gửi lại"
        )

    async def close(self) -> None:
        await self._http.aclose()


def compose(message: Outgoing) -> str:
    """The text as it leaves: NFC, links under it as far as they fit.

    Raises:
        PermanentSendError: not a text for one person, or not of 1-2000 characters.
    """
    if message.kind is not OutgoingKind.TEXT:
        raise PermanentSendError("bot Zalo chỉ gửi được tin chữ, không gửi được loại tin này")
    if message.address.startswith(GROUP_ADDRESS):
        raise PermanentSendError("bot Zalo không gửi được vào nhóm")
    text = unicodedata.normalize("NFC", message.text)
    if not text.strip() or len(text) > MAX_TEXT:
        raise PermanentSendError(f"tin trống hoặc dài quá {MAX_TEXT} ký tự")
    for choice in message.choices:
        text = _with_link(text, choice)
    return text


def _with_link(text: str, choice: Choice) -> str:
    if not choice.url or choice.url in text:
        return text
    longer = f"{text}\n{choice.label}: {choice.url}"
    if len(longer) > MAX_TEXT:
        log.warning("zalobot.link_left_out", length=len(longer))
        return text
    return longer
