"""One HTTP call, its failures sorted by the one question that matters.

Could Zalo have acted upon it?
    no       -> NotSentError         never connected, or settings that cannot be sent
    perhaps  -> UnknownOutcomeError  it left, the answer did not come back whole
    it says  -> RefusedError, ThrottledError
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import scalar, string
from integrations.zalo.oa.errors import (
    SETTINGS_WAIT,
    NotSentError,
    RefusedError,
    ThrottledError,
    UnknownOutcomeError,
)
from integrations.zalo.oa.rules import Rules, rule_for

Answer = Mapping[str, object]
BUSY_WAIT = 60.0
MAX_WAIT = 3600.0

_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_BAD_SETTINGS = (
    httpx.InvalidURL,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    UnicodeError,
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request. ``file`` is (name, bytes, content type); of json, form, file at most one."""

    method: str
    url: str
    params: Mapping[str, str] | None = None
    json: object = None
    form: Mapping[str, str] | None = None
    file: tuple[str, bytes, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float | None = None
    """Seconds for this call; None: the client's own."""


async def exchange(http: httpx.AsyncClient, call: Call) -> httpx.Response:
    """Make the call and return whatever answer came, of any status.

    Raises:
        NotSentError, UnknownOutcomeError: no answer came.
    """
    try:
        return await http.request(
            call.method,
            call.url,
            params=call.params,
            json=call.json,
            data=call.form,
            files=None if call.file is None else {"file": call.file},
            headers=call.headers,
            timeout=httpx.USE_CLIENT_DEFAULT if call.timeout is None else call.timeout,
        )
    except _BAD_SETTINGS as fault:
        raise NotSentError("địa chỉ hoặc mã truy cập không dùng được", SETTINGS_WAIT) from fault
    except _NEVER_LEFT as fault:
        raise NotSentError("không kết nối được") from fault
    except httpx.HTTPError as fault:
        reason = f"không nhận được trả lời ({type(fault).__name__})"
        raise UnknownOutcomeError(reason) from fault


def read_object(response: httpx.Response, rules: Rules) -> Answer:
    """The JSON object of an answer, of any status below 500.

    Raises:
        ThrottledError: HTTP 429 or 503.
        RefusedError: a status of 300 or more without Zalo's JSON.
        UnknownOutcomeError: another 5xx, or a 200 that cannot be read.
    """
    status = response.status_code
    if status in (429, 503):
        raise ThrottledError(f"HTTP {status}", retry_after(response) or BUSY_WAIT)
    if status >= 500:
        raise UnknownOutcomeError(f"HTTP {status}")
    try:
        return decode_object(response.content)
    except MalformedBodyError as fault:
        if response.is_success:
            raise UnknownOutcomeError("trả lời của Zalo không đọc được") from fault
        raise RefusedError(rule_for(status, rules)) from fault


def read_answer(response: httpx.Response, rules: Rules) -> Answer:
    """The body of a call that Zalo granted: ``error`` is there and is 0.

    Raises:
        RefusedError: ``error`` is another number, or HTTP 401; the rest as :func:`read_object`.
    """
    if response.status_code == 401:
        raise RefusedError(rule_for(401, rules))
    body = read_object(response, rules)
    code = error_code(body)
    if code is None and response.is_success:
        raise UnknownOutcomeError("trả lời của Zalo không có mã lỗi")
    if code is None or (code == 0 and not response.is_success):
        raise RefusedError(rule_for(response.status_code, rules))
    if code:
        detail = string(body, "message")
        raise RefusedError(rule_for(code, rules, detail), detail)
    return body


def error_code(body: Answer) -> int | None:
    """The number under ``error``, which may be a string; None when there is none."""
    code = scalar(body.get("error")).strip()
    plain = code.removeprefix("-")
    return int(code) if plain.isascii() and plain.isdigit() and len(plain) < 10 else None


def retry_after(response: httpx.Response) -> float | None:
    """Seconds (at most an hour) from ``Retry-After``; None when absent or a date."""
    value = response.headers.get("Retry-After", "")
    digits = value.isascii() and value.isdigit() and len(value) < 10
    return min(float(value), MAX_WAIT) if digits else None
