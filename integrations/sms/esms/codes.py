"""What eSMS answers to a send, and what it reports later.

100 means accepted, not sent. 124 says that this RequestId was used before: it comes with the
state of that message, so that one whose answer was lost is told from one that was refused (to
be seen: whether a refused request occupies its RequestId).
"""

from __future__ import annotations

from bot.messages import PermanentSendError, ReceiptState, SendError, TemporarySendError
from integrations.outbound import SETTINGS_RETRY
from integrations.sms.statuses import NO_CREDIT_RETRY

TAKEN, USED = "100", "124"

_NEEDS_PERSON = {
    "101": "eSMS: sai ApiKey hoặc SecretKey",
    "102": "eSMS: tài khoản chưa có bảng giá",
    "103": "eSMS: tài khoản hết tiền",
    "104": "eSMS: tên hiển thị (Brandname) không có hoặc chưa được duyệt",
    "118": "eSMS: tài khoản chưa mở loại tin này",
    "140": "eSMS: địa chỉ máy chủ (IP) chưa được khai báo với eSMS",
    "143": "eSMS: tài khoản bị khóa",
    "300": "eSMS: thiếu loại tin nhắn",
}
_OTHER_WAY = {
    "99": "eSMS: số này bị chặn",
    "146": "eSMS: nội dung không đúng mẫu đã đăng ký",
    "177": "eSMS: tên hiển thị chưa đăng ký với nhà mạng của số này",
    "201": "eSMS: nội dung có từ bị chặn",
}
_NEVER = {"108": "eSMS: số điện thoại không đúng"}

WAITING = frozenset({"1", "2"})
"""Waits to be approved, waits to be sent."""
REFUSED, DONE, WENT_OUT = "4", "5", "7"
KEPT = WAITING | {DONE, WENT_OUT}


def refusal(code: str) -> SendError:
    """The error that a code other than :data:`TAKEN` and :data:`USED` stands for."""
    if code in _NEEDS_PERSON:
        wait = NO_CREDIT_RETRY if code == "103" else SETTINGS_RETRY
        return TemporarySendError(_NEEDS_PERSON[code], wait, needs_person=True)
    if code in _NEVER:
        return PermanentSendError(_NEVER[code])
    # A code that we do not know was no acceptance either: another gateway may carry it.
    return PermanentSendError(_OTHER_WAY.get(code, f"eSMS từ chối (mã {code})"), other_way=True)


def reported(status: str, delivered: int, failed: int) -> ReceiptState | None:
    """What a report says of a message to one person; None while it waits."""
    if status == REFUSED:
        return ReceiptState.FAILED
    if status == WENT_OUT:
        return ReceiptState.SENT
    if status != DONE:
        return None
    if delivered > 0:
        return ReceiptState.DELIVERED
    return ReceiptState.FAILED if failed > 0 else ReceiptState.SENT
