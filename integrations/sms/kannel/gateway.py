"""Sends through smsbox's sendsms interface."""

from __future__ import annotations

import re

import httpx

from bot.messages import Outgoing, PermanentSendError, SendResult, TemporarySendError
from bot.segments import encoding_of
from integrations.outbound import call, new_client
from integrations.sms.arrivals import marked
from integrations.sms.gateway import Condition, GatewayConfig, Tools
from integrations.sms.kannel.replies import raise_for
from integrations.sms.kannel.settings import DLR_MASK, settings
from integrations.sms.options import address
from integrations.sms.statuses import TIMEOUT, checked

ADVICE = "Kiểm tra Kannel (bearerbox, smsbox) đang chạy trên máy chủ."
WAIT_FOR_REPORT = 60.0
_NOT_CONNECTED = (
    "Kannel đang chạy nhưng chưa nối được với modem hoặc nhà mạng; tin đang chờ trong Kannel."
)
_ONLINE = re.compile(r"\(online\b")
_LINES = re.compile(r"\((?:online|active|connecting|re-connecting|disconnected|dead)\b")


class KannelGateway:
    """One Kannel; its id of a message is ours, which its reports bring back."""

    def __init__(self, config: GatewayConfig, tools: Tools) -> None:
        self.config = config
        self._settings = settings(config, tools.public_url)
        self._admin = address(config, "admin_url") if config.option("admin_url") else ""
        self._http = new_client(tools.transport, TIMEOUT)

    async def send(self, message: Outgoing) -> SendResult:
        raise_for(await self._get(self._settings.url, self._query(message)))
        return SendResult(marked(self.config, message.id))

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Kannel cannot be asked; where it reports, its report settles the message."""
        if self._settings.report_url(message.id):
            raise TemporarySendError("chờ Kannel báo tin đã đi hay chưa", WAIT_FOR_REPORT)
        raise PermanentSendError("không rõ Kannel đã nhận tin chưa, nên không gửi lại")

    async def check(self) -> Condition:
        return await checked(self._check, ADVICE)

    async def close(self) -> None:
        await self._http.aclose()

    async def _check(self) -> Condition:
        # Without a receiver it is refused with 400, but only after the password was looked at.
        response = await self._get(self._settings.url, self._identity() | {"text": "hotro"})
        if response.status_code != 400:
            raise_for(response)
        return await self._lines() if self._admin else Condition(True)

    async def _lines(self) -> Condition:
        """Whether any line to an operator is up."""
        password = {"password": self.config.option("admin_password")}
        response = await self._get(f"{self._admin}/status.txt", password)
        up, all_ = len(_ONLINE.findall(response.text)), len(_LINES.findall(response.text))
        facts = {"Đường nối nhà mạng": f"{up}/{all_}"}
        if all_ and not up:
            return Condition(False, _NOT_CONNECTED, facts)
        return Condition(True, facts=facts)

    def _query(self, message: Outgoing) -> dict[str, str]:
        unicode = encoding_of(message.text) == "UCS-2"
        report = self._settings.report_url(message.id)
        values = self._identity() | {
            "from": self.config.own_number,
            "to": message.address,
            "text": message.text,
            "charset": "UTF-8",
            "coding": "2" if unicode else "0",
            "smsc": self._settings.smsc,
            "dlr-mask": str(DLR_MASK) if report else "",
            "dlr-url": report,
        }
        return {name: value for name, value in values.items() if value}

    def _identity(self) -> dict[str, str]:
        return {"username": self._settings.user, "password": self._settings.password}

    async def _get(self, url: str, params: dict[str, str]) -> httpx.Response:
        return await call(self._http, "GET", url, headers={}, params=params)


def build(config: GatewayConfig, tools: Tools) -> KannelGateway:
    """See :class:`integrations.sms.gateway.Kind`."""
    return KannelGateway(config, tools)
