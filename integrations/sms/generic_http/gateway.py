"""Sends through a gateway that takes our id as its idempotency key."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from bot.messages import Outgoing, SendResult
from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import identifier
from integrations.outbound import call, new_client
from integrations.sms.arrivals import marked
from integrations.sms.gateway import Condition, GatewayConfig, Tools
from integrations.sms.options import address
from integrations.sms.statuses import TIMEOUT, asked, checked, raise_for

ADVICE = "Kiểm tra máy chạy cổng SMS còn bật và địa chỉ gửi tin còn đúng."
NOBODY = "hotro-check"
"""An id that no message has: asked for to see whether the gateway answers."""


class GenericGateway:
    """One gateway that speaks the generic contract."""

    def __init__(self, config: GatewayConfig, tools: Tools) -> None:
        self.config = config
        self._url = address(config, "url")
        self._headers = {"Authorization": f"Bearer {config.option('token')}"}
        self._http = new_client(tools.transport, TIMEOUT)

    async def send(self, message: Outgoing) -> SendResult:
        body = {
            "id": message.id,
            "to": message.address,
            "from": self.config.own_number,
            "text": message.text,
        }
        response = await call(self._http, "POST", self._url, headers=self._headers, json=body)
        raise_for(response)
        return self._result(response, message)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        return await asked(lambda: self._look(message))

    async def check(self) -> Condition:
        return await checked(self._check, ADVICE)

    async def close(self) -> None:
        await self._http.aclose()

    async def _look(self, message: Outgoing) -> SendResult | None:
        response = await self._get(message.id)
        if response.status_code == 404:
            return None
        raise_for(response)
        return self._result(response, message)

    async def _check(self) -> Condition:
        response = await self._get(NOBODY)
        if response.status_code != 404:
            raise_for(response)
        return Condition(True)

    async def _get(self, message_id: str) -> httpx.Response:
        url = f"{self._url}/{quote(message_id, safe='')}"
        return await call(self._http, "GET", url, headers=self._headers)

    def _result(self, response: httpx.Response, message: Outgoing) -> SendResult:
        return SendResult(marked(self.config, _message_id(response) or message.id))


def build(config: GatewayConfig, tools: Tools) -> GenericGateway:
    """See :class:`integrations.sms.gateway.Kind`."""
    return GenericGateway(config, tools)


def _message_id(response: httpx.Response) -> str:
    try:
        return identifier(decode_object(response.content).get("id"))
    except MalformedBodyError:
        return ""
