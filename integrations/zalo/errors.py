"""Zalo's error codes: what to do, and what to tell the officer.

Application errors come under HTTP 200 as ``{"error": code}`` (fact sheet 1.6). The token
family has been seen as -216, 216, -220, -401 and 401.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.messages import PermanentSendError, SendError, TemporarySendError

MINUTE, HOUR = 60.0, 3600.0


class Action(StrEnum):
    """What the sender does about a code."""

    RETRY = "retry"
    REFRESH = "refresh"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Rule:
    """One code. ``wait`` in seconds; ``sentence`` is Vietnamese, for the officer's desk.

    ``tell_officer``: somebody must act, or the citizen will not get this message.
    """

    code: int
    action: Action
    sentence: str
    wait: float = 5 * MINUTE
    tell_officer: bool = True

    @property
    def reason(self) -> str:
        """``SendError.reason``: the code and the sentence, nothing that Zalo quoted."""
        return f"Zalo {self.code}: {self.sentence}"

    def error(self) -> SendError:
        """The exception that carries this rule out of the sender."""
        if self.action is Action.GIVE_UP:
            return PermanentSendError(self.reason)
        return TemporarySendError(self.reason, self.wait)


def _retry(code: int, wait: float, sentence: str, *, tell: bool = True) -> Rule:
    return Rule(code, Action.RETRY, sentence, wait, tell)


def _give_up(code: int, sentence: str) -> Rule:
    return Rule(code, Action.GIVE_UP, sentence)


def _refresh(code: int) -> Rule:
    sentence = "Mã truy cập OA đã hết hạn hoặc bị thu hồi; cần quản trị viên OA cấp quyền lại."
    return Rule(code, Action.REFRESH, sentence)


_CALL = "Hãy gọi điện hoặc nhắn SMS cho người dân."

# Faults of the account (package, rights, money) are tried again each hour: once a person
# has mended them, what was promised still goes out.
_RULES = (
    _retry(-32, MINUTE, "Đã gửi quá số tin mỗi phút; hệ thống tự gửi lại.", tell=False),
    _give_up(-100, "Tệp đính kèm đã quá hạn 7 ngày."),
    _retry(-200, MINUTE, "Zalo báo gửi không thành công; hệ thống tự gửi lại.", tell=False),
    _give_up(-201, "Zalo không nhận một tham số của tin (ví dụ người nhận không đúng)."),
    _give_up(-204, "Official Account đã bị xoá."),
    _give_up(-205, "Official Account không tồn tại."),
    _retry(-209, HOUR, "Ứng dụng Zalo chưa được kích hoạt."),
    _give_up(-210, "Tin vượt giới hạn của Zalo (quá dài hoặc quá nhiều nút)."),
    _retry(-211, HOUR, "Đã hết hạn mức của gói OA; cần nâng gói hoặc chờ kỳ mới."),
    _retry(-212, HOUR, "Ứng dụng chưa đăng ký tính năng này; cần bật quyền rồi cấp quyền lại."),
    _give_up(-213, f"Người dân không quan tâm OA nên không nhận được tin. {_CALL}"),
    _retry(-214, MINUTE, "Zalo còn đang xử lý nội dung; hệ thống tự gửi lại.", tell=False),
    _refresh(-216),
    _refresh(216),
    _give_up(-217, f"Người dân đã chặn lời mời của OA. {_CALL}"),
    _retry(-218, HOUR, "Người này đã nhận đủ số tin cho phép; hệ thống gửi lại sau.", tell=False),
    _retry(-219, HOUR, "Ứng dụng Zalo đã bị gỡ hoặc bị khoá."),
    _refresh(-220),
    _retry(-221, HOUR, "OA chưa được xác thực."),
    _retry(-223, HOUR, "OA chưa cấp quyền này cho ứng dụng; cần cấp quyền lại."),
    _retry(-224, HOUR, "Gói OA hiện tại không cho gửi tin qua OpenAPI; cần nâng gói."),
    _give_up(-227, f"Tài khoản Zalo bị khoá hoặc không hoạt động quá 45 ngày. {_CALL}"),
    _give_up(-230, f"Người dân không nhắn OA trong 7 ngày qua nên Zalo không cho gửi. {_CALL}"),
    _give_up(-232, f"Người dân chưa từng nhắn OA hoặc đã quá hạn. {_CALL}"),
    _give_up(-233, "Zalo không hỗ trợ loại tin này."),
    _retry(-234, HOUR, "Zalo không cho gửi loại tin này từ 22 giờ đến 6 giờ.", tell=False),
    _give_up(-235, "Loại OA này không được dùng chức năng gửi tin."),
    _give_up(-237, "Nhóm Zalo đã bị tắt vì hết hạn gói."),
    _give_up(-238, "Gói tính năng đã được dùng."),
    _give_up(-240, "Phiên bản cũ của OpenAPI đã ngừng; cần cập nhật phần mềm."),
    _give_up(-241, "Gói tính năng đã bị tắt."),
    _retry(-242, HOUR, "Mã chứng thực ứng dụng (appsecret_proof) sai; kiểm tra cài đặt."),
    _give_up(-244, f"Người dân hạn chế nhận loại tin này. {_CALL}"),
    _give_up(-248, "Nội dung bị Zalo từ chối theo chính sách."),
    _give_up(-249, "Mẫu tin này không gửi được theo tài khoản Zalo."),
    _retry(-320, HOUR, "Cần liên kết tài khoản Zalo Cloud."),
    _retry(-321, HOUR, "Tài khoản Zalo Cloud hết tiền."),
    _refresh(-401),
    _refresh(401),
    _give_up(-403, "OA không ở trong nhóm này."),
)
RULES: dict[int, Rule] = {rule.code: rule for rule in _RULES}


def rule_for(code: int) -> Rule:
    """The rule of ``code``; an unknown code is tried again and shown to the officer."""
    unknown = "Zalo báo một lỗi chưa biết; hệ thống sẽ thử lại."
    return RULES.get(code) or _retry(code, 5 * MINUTE, unknown)
