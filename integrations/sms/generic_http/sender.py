"""Sends the outbox through a gateway that takes our id as its idempotency key."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

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
from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import identifier
from integrations.outbound import SETTINGS_RETRY, call, new_client, retry_after
from integrations.sms.gateway import SmsGateway

TIMEOUT = 15.0
NO_CREDIT_RETRY = 3600.0


class GenericHttpSender(Sender):
    """One sender for all communes; ``gateways`` (by commune) is read at each call."""

    def __init__(
        self,
        gateways: Mapping[str, SmsGateway],
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._gateways = gateways
        self._client = new_client(transport, timeout)

    async def send(self, message: Outgoing) -> SendResult:
        gateway = self._gateway(message)
        body = {
            "id": message.id,
            "to": message.address,
            "from": gateway.own_number,
            "text": message.text,
        }
        headers = _headers(gateway)
        response = await call(self._client, "POST", gateway.url, headers=headers, json=body)
        _raise_for(response)
        return SendResult(_message_id(response) or message.id)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        gateway = self._gateway(message)
        url = f"{gateway.url.rstrip('/')}/{quote(message.id, safe='')}"
        try:
            response = await call(self._client, "GET", url, headers=_headers(gateway))
            if response.status_code == 404:
                return None
            _raise_for(response)
        except TemporarySendError:
            raise
        except SendError as fault:
            raise TemporarySendError(fault.reason) from fault
        return SendResult(_message_id(response) or message.id)

    async def close(self) -> None:
        await self._client.aclose()

    def _gateway(self, message: Outgoing) -> SmsGateway:
        gateway = self._gateways.get(message.commune)
        if gateway is None:
            raise PermanentSendError("xã chưa khai báo cổng SMS")
        return gateway


def _headers(gateway: SmsGateway) -> dict[str, str]:
    return {"Authorization": f"Bearer {gateway.token}"}


def _message_id(response: httpx.Response) -> str:
    try:
        return identifier(decode_object(response.content).get("id"))
    except MalformedBodyError:
        return ""


def _raise_for(response: httpx.Response) -> None:
    """Sort the HTTP status.

    A 5xx may hide a message that was taken; asking for it, or sending it again under the
    same id, is safe with this contract.
    """
    status = response.status_code
    reason = f"cổng SMS trả lời HTTP {status}"
    if response.is_success:
        return
    if status in (408, 425, 429, 503):
        raise TemporarySendError(reason, retry_after(response))
    if status in (401, 403, 404):
        raise TemporarySendError(f"{reason}: kiểm tra địa chỉ và mã truy cập", SETTINGS_RETRY)
    if status == 402:
        raise TemporarySendError(f"{reason}: tài khoản hết tiền", NO_CREDIT_RETRY)
    if status >= 500:
        raise UnknownOutcomeError(reason)
    raise PermanentSendError(reason)
