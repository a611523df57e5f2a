"""What the platform's error codes mean to a message (table: see the package).

BotTokenError        401: the token is wrong; a TemporarySendError, since a person can mend it
TemporarySendError   429, 503, codes that we do not know
PermanentSendError   400, 404: this message will never be taken
UnknownOutcomeError  403 ("internal server error"), 408, 5xx: it may have been taken
"""

from __future__ import annotations

from bot.messages import (
    PermanentSendError,
    SendError,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.outbound import SETTINGS_RETRY

QUOTA_RETRY = 60.0
TOKEN_SENTENCE = "Mã bot Zalo (token) sai hoặc đã bị thay; cần dán lại mã mới."


class BotTokenError(TemporarySendError):
    """The platform does not know this token."""

    def __init__(self) -> None:
        super().__init__(TOKEN_SENTENCE, SETTINGS_RETRY)


def refusal(code: int, wait: float | None = None) -> SendError:
    """The exception for ``code`` (0: none was given); ``wait`` seconds if Zalo named them.

    The reason holds nothing that the platform wrote: it may quote the text or the token.
    """
    if code == 401:
        return BotTokenError()
    if code in (400, 404):
        return PermanentSendError(f"Zalo Bot {code}: người nhận hoặc nội dung tin không hợp lệ.")
    if code == 429:
        return TemporarySendError("Zalo Bot 429: đã hết hạn mức gửi.", wait or QUOTA_RETRY)
    if code == 503:
        return TemporarySendError("Zalo Bot 503: đang quá tải.", wait or QUOTA_RETRY)
    if code in (403, 408) or code >= 500:
        return UnknownOutcomeError(f"Zalo Bot {code}: máy chủ Zalo gặp lỗi.")
    return TemporarySendError(f"Zalo Bot {code}: lỗi chưa biết.", wait or SETTINGS_RETRY)
