"""Sends through the phone. Our own id makes a repeat harmless: it is refused with 409."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from bot.channels import Intake
from bot.messages import Outgoing, PermanentSendError, SendResult, TemporarySendError
from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import string
from integrations.outbound import SETTINGS_RETRY
from integrations.sms.arrivals import marked
from integrations.sms.gateway import Condition, GatewayConfig, Tools
from integrations.sms.options import is_on
from integrations.sms.smsgate.client import SmsGateClient
from integrations.sms.smsgate.health import ADVICE, condition
from integrations.sms.smsgate.polling import Poller
from integrations.sms.statuses import asked, checked, raise_for

SIMS = ("1", "2", "3")


class SmsGate:
    """One phone."""

    def __init__(self, config: GatewayConfig, client: SmsGateClient) -> None:
        self.config = config
        self._client = client

    async def send(self, message: Outgoing) -> SendResult:
        response = await self._client.call("POST", "/messages", json=self._body(message))
        if response.status_code == 409:
            return await self._known(message)
        if response.status_code == 400 and "device" in _said(response, "message").lower():
            raise TemporarySendError(
                "không có điện thoại nào mang mã thiết bị này, hoặc chưa nối với máy chủ",
                SETTINGS_RETRY,
                needs_person=True,
            )
        raise_for(response)
        return self._result(message)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        return await asked(lambda: self._look(message))

    async def check(self) -> Condition:
        return await checked(lambda: condition(self._client), ADVICE)

    async def close(self) -> None:
        await self._client.close()

    async def _known(self, message: Outgoing) -> SendResult:
        """A message of this id was taken before: what became of it?"""
        response = await self._get(message)
        if _said(response, "state") in ("Failed", "Cancelled"):
            raise PermanentSendError("điện thoại đã thử gửi tin này mà không được", other_way=True)
        return self._result(message)

    async def _look(self, message: Outgoing) -> SendResult | None:
        response = await self._get(message)
        if response.status_code == 404:
            return None
        raise_for(response)
        return self._result(message)

    async def _get(self, message: Outgoing) -> httpx.Response:
        return await self._client.call("GET", f"/messages/{quote(message.id, safe='')}")

    def _body(self, message: Outgoing) -> dict[str, object]:
        # One number a request: the phone counts a request as one message for its limits.
        body: dict[str, object] = {
            "id": message.id,
            "textMessage": {"text": message.text},
            "phoneNumbers": [message.address],
            "withDeliveryReport": True,
        }
        if self.config.option("sim"):
            body["simNumber"] = int(self.config.option("sim"))
        if self.config.option("device"):
            body["deviceId"] = self.config.option("device")
        return body

    def _result(self, message: Outgoing) -> SendResult:
        return SendResult(marked(self.config, message.id))


class PolledSmsGate(SmsGate):
    """One phone that is also asked for what came."""

    def __init__(self, config: GatewayConfig, client: SmsGateClient, tools: Tools) -> None:
        super().__init__(config, client)
        self._poller = Poller(config, client, tools.clock)

    async def listen(self, intake: Intake) -> None:
        """See :class:`integrations.sms.gateway.Listener`."""
        await self._poller.run(intake)


def build(config: GatewayConfig, tools: Tools) -> SmsGate:
    """See :class:`integrations.sms.gateway.Kind`."""
    if config.option("sim") not in ("", *SIMS):
        raise ValueError("SIM số mấy: 1, 2 hoặc 3")
    client = SmsGateClient(config, tools)
    if is_on(config, "poll"):
        return PolledSmsGate(config, client, tools)
    return SmsGate(config, client)


def _said(response: httpx.Response, name: str) -> str:
    try:
        return string(decode_object(response.content), name)
    except MalformedBodyError:
        return ""
