"""The interface of the phone, or of the server in front of it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import httpx

from bot.messages import TemporarySendError, UnknownOutcomeError
from integrations.fields import Payload
from integrations.outbound import SETTINGS_RETRY, call, new_client
from integrations.sms.gateway import GatewayConfig, Tools
from integrations.sms.options import address, needed
from integrations.sms.statuses import TIMEOUT, raise_for


class SmsGateClient:
    """Calls under one base address, with a name and a password.

    Raises:
        ValueError: the settings cannot be used.
    """

    def __init__(self, config: GatewayConfig, tools: Tools) -> None:
        self.base = address(config, "url")
        user, password = needed(config, "user", "tên"), needed(config, "password", "mật khẩu")
        self._http = new_client(tools.transport, TIMEOUT)
        self._http.auth = httpx.BasicAuth(user.encode(), password.encode())

    @property
    def is_phone(self) -> bool:
        """Whether this is the phone itself; the others serve under a path of their own."""
        return not httpx.URL(self.base).path.strip("/")

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Whatever answer came; see :func:`integrations.outbound.call`."""
        url = f"{self.base}{path}"
        return await call(self._http, method, url, headers={}, json=json, params=params)

    async def listed(
        self, path: str, params: Mapping[str, str] | None = None
    ) -> tuple[list[Payload], int]:
        """One page of a list, and how many there are in all.

        Raises:
            TemporarySendError, UnknownOutcomeError: there is none.
        """
        response = await self.call("GET", path, params=params)
        if response.status_code == 404:
            raise TemporarySendError(
                f"ứng dụng SMSGate không có {path} ở địa chỉ này: cập nhật ứng dụng, "
                "hoặc nối thẳng với điện thoại (Local server)",
                SETTINGS_RETRY,
                needs_person=True,
            )
        raise_for(response)
        total = response.headers.get("X-Total-Count", "")
        rows = _rows(response.content)
        return rows, int(total) if total.isascii() and total.isdigit() else len(rows)

    async def close(self) -> None:
        """Release connections."""
        await self._http.aclose()


def _rows(raw: bytes) -> list[Payload]:
    try:
        rows = json.loads(raw)
    except (ValueError, RecursionError) as fault:
        raise UnknownOutcomeError("cổng SMS không trả lời bằng danh sách") from fault
    if not isinstance(rows, list):
        raise UnknownOutcomeError("cổng SMS không trả lời bằng danh sách")
    return [row for row in rows if isinstance(row, dict)]
