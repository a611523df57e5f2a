"""What sendsms answers, sorted by whether the message was taken."""

from __future__ import annotations

import httpx

from bot.messages import PermanentSendError, TemporarySendError, UnknownOutcomeError
from integrations.outbound import SETTINGS_RETRY
from integrations.sms.statuses import WRONG_PASSWORD

TAKEN = ("0:", "3:")
"""Accepted for delivery; queued, because the operator is not connected now."""
RETRY = 30.0


def raise_for(response: httpx.Response) -> None:
    """Return when Kannel took the message.

    Raises:
        TemporarySendError, PermanentSendError, UnknownOutcomeError: see bot.messages.
    """
    status, said = response.status_code, response.text.strip()
    if response.is_success:
        if said.startswith(TAKEN):
            return
        # "Sent." of old ones and of gateways that only speak like Kannel.
        raise UnknownOutcomeError("Kannel trả lời không rõ đã nhận tin chưa")
    if status == 403 and "authorization" in said.lower():
        raise TemporarySendError(WRONG_PASSWORD, SETTINGS_RETRY, needs_person=True)
    if status == 403:
        raise PermanentSendError("Kannel không có đường gửi cho số này", other_way=True)
    if status in (401, 404, 405):
        raise TemporarySendError(
            f"Kannel trả lời HTTP {status}: kiểm tra địa chỉ gửi tin",
            SETTINGS_RETRY,
            needs_person=True,
        )
    if status in (408, 429, 503):
        raise TemporarySendError("Kannel đang quá tải", RETRY)
    if status >= 500:
        raise UnknownOutcomeError(f"Kannel trả lời HTTP {status}")
    raise PermanentSendError(f"Kannel không nhận tin (HTTP {status})", other_way=True)
