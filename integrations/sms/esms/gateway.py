"""Sends under a brand name. Our id is the RequestId: eSMS takes each once a day."""

from __future__ import annotations

import httpx

from bot.clock import Clock, local_date
from bot.messages import (
    Outgoing,
    PermanentSendError,
    SendResult,
    UnknownOutcomeError,
)
from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import Payload, scalar
from integrations.outbound import call, new_client
from integrations.sms.address import webhook_url
from integrations.sms.arrivals import marked
from integrations.sms.esms import codes
from integrations.sms.esms.inbound import OWN_ID, SECRET
from integrations.sms.gateway import Condition, GatewayConfig, Tools
from integrations.sms.options import address, is_on, needed, url_word
from integrations.sms.statuses import TIMEOUT, asked, checked, raise_for

SEND = "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
BALANCE = "/MainService.svc/json/GetBalance_json"
CUSTOMER_CARE = "2"
LOW = 20
"""Fewer messages than this that the balance pays for: somebody should top it up."""
ADVICE = "Kiểm tra máy chủ còn nối Internet."


class EsmsGateway:
    """One account with one brand name."""

    def __init__(self, config: GatewayConfig, tools: Tools) -> None:
        self.config = config
        self._base = address(config, "url", "https://rest.esms.vn")
        self._keys = {
            "ApiKey": needed(config, "api_key", "ApiKey"),
            "SecretKey": needed(config, "secret_key", "SecretKey"),
        }
        self._brandname = needed(config, "brandname", "tên hiển thị (Brandname)")
        self._secret = url_word(config, "hook_secret")
        public_url = config.option("callback", tools.public_url)
        self._webhook = webhook_url(config, public_url) if public_url else ""
        self._clock: Clock = tools.clock
        self._http = new_client(tools.transport, TIMEOUT)

    async def send(self, message: Outgoing) -> SendResult:
        answer = await self._post(SEND, self._body(message))
        code = scalar(answer.get("CodeResult"))
        if code == codes.TAKEN or (code == codes.USED and self._was_taken(message, answer)):
            return SendResult(marked(self.config, message.id))
        if not code:
            raise UnknownOutcomeError("eSMS không nói đã nhận tin chưa")
        raise codes.refusal(code)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Ask by repeating it: within the day on which it was first tried it is one message.

        Nobody can be asked for a RequestId otherwise, and after midnight it is free again.
        """
        first = message.first_tried_at
        if first is not None and local_date(first) != local_date(self._clock.now()):
            raise PermanentSendError("không rõ eSMS đã nhận tin chưa, nên không gửi lại")
        return await asked(lambda: self._repeat(message))

    async def check(self) -> Condition:
        return await checked(self._check, ADVICE)

    async def close(self) -> None:
        await self._http.aclose()

    async def _repeat(self, message: Outgoing) -> SendResult | None:
        try:
            return await self.send(message)
        except PermanentSendError:
            # For its number or its words, and so it was refused before as well. Of a wrong key
            # or an empty account that cannot be said: it was looked at before the RequestId.
            return None

    def _was_taken(self, message: Outgoing, answer: Payload) -> bool:
        status = scalar(answer.get("SendStatus"))
        # Without a state: taken if we do not know how an earlier attempt ended; else that one
        # was refused.
        return status in codes.KEPT or (not status and message.first_tried_at is not None)

    async def _check(self) -> Condition:
        answer = await self._post(BALANCE, {})
        code = scalar(answer.get("CodeResponse"))
        if code != codes.TAKEN:
            raise codes.refusal(code)
        balance = answer.get("Balance")
        money = int(balance) if isinstance(balance, int | float) else 0
        facts = {"Số dư": f"{money:,} đ".replace(",", ".")}
        if money < LOW * max(self.config.price, 1):
            return Condition(False, "Tài khoản eSMS sắp hết tiền: hãy nạp thêm.", facts)
        return Condition(True, facts=facts)

    def _body(self, message: Outgoing) -> dict[str, str]:
        body = {
            "Phone": domestic(message.address),
            "Content": message.text,
            "Brandname": self._brandname,
            "SmsType": CUSTOMER_CARE,
            # Operators take a letter with an accent as "có dấu", also the few that GSM has.
            "IsUnicode": "0" if message.text.isascii() else "1",
            "Sandbox": "1" if is_on(self.config, "sandbox") else "0",
            "RequestId": message.id,
        }
        if self._webhook and self._secret:
            query = f"{SECRET}={self._secret}&{OWN_ID}={message.id}"
            body["CallbackUrl"] = f"{self._webhook}?{query}"
        return body

    async def _post(self, path: str, body: dict[str, str]) -> Payload:
        response = await call(
            self._http, "POST", self._base + path, headers={}, json=self._keys | body
        )
        raise_for(response)
        return _object(response)


def build(config: GatewayConfig, tools: Tools) -> EsmsGateway:
    """See :class:`integrations.sms.gateway.Kind`."""
    return EsmsGateway(config, tools)


def domestic(number: str) -> str:
    """``+84912345678`` as eSMS writes it: ``0912345678``."""
    return f"0{number[3:]}" if number.startswith("+84") else number.removeprefix("+")


def _object(response: httpx.Response) -> Payload:
    try:
        return decode_object(response.content)
    except MalformedBodyError as fault:
        raise UnknownOutcomeError("eSMS trả lời không rõ") from fault
