"""What things about announcements are called, on every desk."""

from __future__ import annotations

from typing import Final

from bot.store.announcement_report import Fate

REASONS: Final = {
    "refused": "đã từ chối nhận",
    "no_way": "không có cách nào gửi tới (Zalo đã đóng, không có số điện thoại)",
    "late": "quá hạn gửi",
    "same": "cùng một người với một số khác trong danh sách",
    "cancelled": "thông báo bị huỷ",
}
"""Why somebody is skipped (bot.store.recipients.Reason)."""
EVENTS: Final = {
    "created": "soạn",
    "edited": "sửa",
    "submitted": "trình duyệt",
    "rejected": "trả lại",
    "approved": "duyệt",
    "paused": "tạm dừng",
    "resumed": "cho gửi tiếp",
    "cancelled": "huỷ",
    "done": "đã gửi xong",
}
"""What stands in the history."""
FATES: Final[dict[Fate, str]] = {
    "delivered": "đã nhận",
    "sent": "đã gửi",
    "queued": "đang gửi",
    "waiting": "chờ đến lượt",
    "failed": "không gửi được",
    "skipped": "không gửi",
}
"""What became of one person's message, best first."""
