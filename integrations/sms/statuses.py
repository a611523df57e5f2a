"""HTTP answers of gateways, sorted by whether the message may have been taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx

from bot.messages import (
    PermanentSendError,
    SendError,
    SendResult,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.outbound import SETTINGS_RETRY, retry_after
from integrations.sms.gateway import Condition

TIMEOUT = 15.0
NO_CREDIT_RETRY = 3600.0
WRONG_PASSWORD = "cổng SMS không nhận tên hoặc mã truy cập: kiểm tra lại phần cài đặt"


def raise_for(response: httpx.Response) -> None:
    """Return when the gateway took the message.

    A 5xx other than 503 may hide one that was taken.

    Raises:
        TemporarySendError, PermanentSendError, UnknownOutcomeError: see bot.messages.
    """
    status = response.status_code
    reason = f"cổng SMS trả lời HTTP {status}"
    if response.is_success:
        return
    if status in (408, 425, 429, 503):
        raise TemporarySendError(reason, retry_after(response))
    if status in (401, 403):
        raise TemporarySendError(WRONG_PASSWORD, SETTINGS_RETRY, needs_person=True)
    if status in (404, 405) or response.is_redirect:
        raise TemporarySendError(f"{reason}: kiểm tra địa chỉ", SETTINGS_RETRY, needs_person=True)
    if status == 402:
        raise TemporarySendError(
            f"{reason}: tài khoản hết tiền", NO_CREDIT_RETRY, needs_person=True
        )
    if status >= 500:
        raise UnknownOutcomeError(reason)
    raise PermanentSendError(reason, other_way=True)


async def asked(ask: Callable[[], Awaitable[SendResult | None]]) -> SendResult | None:
    """The answer to "did it arrive?"; whatever is no answer is a TemporarySendError."""
    try:
        return await ask()
    except TemporarySendError:
        raise
    except SendError as fault:
        raise TemporarySendError(fault.reason) from fault


async def checked(ask: Callable[[], Awaitable[Condition]], advice: str) -> Condition:
    """How a gateway says it is; a failure to ask is told with ``advice``."""
    try:
        return await ask()
    except SendError as fault:
        mended = isinstance(fault, TemporarySendError) and fault.needs_person
        reason = fault.reason[:1].upper() + fault.reason[1:]
        return Condition(False, f"{reason}." if mended else f"{reason}. {advice}")
    except Exception as fault:
        return Condition(False, f"Không hỏi được cổng SMS ({type(fault).__name__}). {advice}")
