"""One HTTP call to a provider, its failures sorted by the one question that matters.

Could the provider have taken the message?
    no   -> TemporarySendError     the connection was never made, or the settings are wrong
    yes  -> UnknownOutcomeError    the request left, the answer did not come back whole
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

import httpx

from bot.messages import TemporarySendError, UnknownOutcomeError

# They write addresses (with a citizen's id in the query) and headers (with the token) into
# the log, whatever the application's own logs are careful about.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

SETTINGS_RETRY = 300.0
"""Seconds before another try after a fault that only a person can mend."""

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_BAD_SETTINGS = (
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    UnicodeError,
)


def new_client(transport: httpx.AsyncBaseTransport | None, timeout: float) -> httpx.AsyncClient:
    """A client with ``timeout`` seconds for the answer and at most 5 for connecting."""
    limits = httpx.Timeout(timeout, connect=min(5.0, timeout))
    return httpx.AsyncClient(transport=transport, timeout=limits)


async def call(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    json: object = None,
    params: Mapping[str, str] | None = None,
) -> httpx.Response:
    """Make the call and return whatever answer came, of any status.

    Raises:
        TemporarySendError: nothing was sent.
        UnknownOutcomeError: the request may have been acted upon.
    """
    try:
        return await client.request(method, url, headers=headers, json=json, params=params)
    except _BAD_SETTINGS as fault:
        raise TemporarySendError(
            "địa chỉ hoặc mã truy cập không dùng được", SETTINGS_RETRY
        ) from fault
    except _NEVER_LEFT as fault:
        raise TemporarySendError("không kết nối được") from fault
    except httpx.HTTPError as fault:
        raise UnknownOutcomeError(f"không nhận được trả lời ({type(fault).__name__})") from fault


def retry_after(response: httpx.Response) -> float | None:
    """Seconds from a ``Retry-After`` header; None when absent or given as a date."""
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() else None
