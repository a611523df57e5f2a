"""Sends the outbox to Zalo as consultation messages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import httpx

from bot.channels import Sender
from bot.messages import (
    Outgoing,
    PermanentSendError,
    SendError,
    SendResult,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.fields import identifier, part
from integrations.zalo.account import ZaloAccount
from integrations.zalo.compose import compose
from integrations.zalo.history import IsKnown, sent_since
from integrations.zalo.openapi import OpenApi

SEND_PATH = "/v3.0/oa/message/cs"
TIMEOUT = 10.0
CLOCK_SLACK = timedelta(seconds=5)
"""How far our clock and Zalo's may differ when a conversation is searched."""


async def none_known(provider_message_id: str) -> bool:
    """For a sender without an outbox: no message was recorded before."""
    return False


class ZaloSender(Sender):
    """One sender for all communes; ``accounts`` is read at each call.

    ``is_known`` tells whether a provider's message id already belongs to a row of the
    outbox, so that a message of the same text is not taken for the one looked for.
    A caller should let :data:`TIMEOUT` seconds pass between the unknown outcome and
    :meth:`find_sent`: Zalo may still be working on it.
    """

    def __init__(
        self,
        accounts: Mapping[str, ZaloAccount],
        *,
        is_known: IsKnown = none_known,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._accounts = accounts
        self._is_known = is_known
        self._api = OpenApi(transport, timeout)

    async def send(self, message: Outgoing) -> SendResult:
        account = self._account(message)
        body = compose(message)
        answer = await self._api.call(account, "POST", SEND_PATH, json=body)
        message_id = identifier(part(answer, "data").get("message_id"))
        if not message_id:
            raise UnknownOutcomeError("Zalo nhận tin nhưng không cho mã tin")
        return SendResult(message_id)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        if message.first_tried_at is None:
            return None
        account = self._account(message)
        since = message.first_tried_at - CLOCK_SLACK
        args = (self._api, account, message.address, message.text, since, self._is_known)
        try:
            found = await sent_since(*args)
        except TemporarySendError:
            raise
        except SendError as fault:
            raise TemporarySendError(fault.reason) from fault
        return SendResult(found) if found else None

    async def close(self) -> None:
        await self._api.close()

    def _account(self, message: Outgoing) -> ZaloAccount:
        account = self._accounts.get(message.commune)
        if account is None:
            raise PermanentSendError("xã chưa khai báo Zalo OA")
        return account
