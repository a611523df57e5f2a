"""Dossiers and reminders in words that an officer reads at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from bot.clock import LOCAL
from bot.dossiers.own import Refusal
from bot.dossiers.saving import Why
from bot.reminders.rules import State
from bot.store.reminder_views import Outcome, ReminderView
from console import words

STATES: Final[dict[State, str]] = {
    "received": "Đã tiếp nhận",
    "processing": "Đang giải quyết",
    "need_papers": "Thiếu giấy tờ",
    "ready": "Có kết quả",
    "returned": "Đã trả",
    "closed": "Đã dừng",
}
LOOKS: Final[dict[State, str]] = {
    "received": "badge-info",
    "processing": "badge-info",
    "need_papers": "badge-warn",
    "ready": "badge-ok",
    "returned": "",
    "closed": "",
}
ACTIONS: Final[dict[State, str]] = {
    "received": "Đưa về đã tiếp nhận",
    "processing": "Đang giải quyết",
    "need_papers": "Thiếu giấy tờ",
    "ready": "Đã có kết quả",
    "returned": "Đã trả kết quả",
    "closed": "Dừng, không giải quyết",
}
"""On the button that brings a dossier there."""
FIELDS: Final = {
    "code": "Mã hồ sơ",
    "state": "Trạng thái",
    "state_on": "Từ ngày",
    "procedure": "Thủ tục",
    "received_on": "Ngày tiếp nhận",
    "due_on": "Ngày hẹn trả",
    "appointment_at": "Lịch hẹn",
    "event_on": "Ngày sinh, ngày mất",
    "valid_until": "Giấy dùng được đến",
    "phone": "Số điện thoại",
    "missing": "Giấy còn thiếu",
    "consent": "Đồng ý nhận tin",
}
KINDS: Final = {
    "hen": "Lịch hẹn",
    "han": "Hạn theo luật",
    "giay": "Giấy còn thiếu",
    "ket_qua": "Có kết quả",
    "het_han": "Giấy sắp hết hạn",
    "rieng": "Cán bộ nhắn",
}
OUTCOMES: Final[dict[Outcome, str]] = {
    "planned": "sẽ gửi",
    "on_its_way": "đang gửi",
    "arrived": "đã gửi",
    "unknown": "chưa rõ đã tới nơi chưa",
    "to_call": "không gửi được, cần gọi điện",
    "called": "cán bộ đã gọi",
    "failed": "không gửi được",
    "expired": "quá hạn, không gửi nữa",
    "replaced": "đã có lời nhắc mới hơn",
    "cancelled": "đã bỏ",
}
OUTCOME_LOOKS: Final[dict[Outcome, str]] = {
    "planned": "badge-info",
    "arrived": "badge-ok",
    "called": "badge-ok",
    "unknown": "badge-warn",
    "to_call": "badge-bad",
    "failed": "badge-bad",
    "expired": "badge-warn",
}
WHY: Final[dict[Why, str]] = {
    "": "",
    "no_phone": "Hồ sơ chưa có số điện thoại nên không nhắc được.",
    "erased": "Bà con đã yêu cầu xoá, hoặc hồ sơ đã xong lâu: số điện thoại không còn được giữ.",
    "refused": "Số này đã nhắn HUY, không muốn nhận tin. Muốn nhận lại thì chính bà con nhắn NHAC.",
    "withdrew": "Bà con đã rút lời đồng ý nên không nhắc.",
    "no_consent": "Bà con chưa ký đồng ý nhận tin nên không nhắc.",
    "nothing": "Không có gì phải nhắc: chưa có lịch hẹn, hoặc ngày nhắc đã qua.",
}
NOT_POSSIBLE: Final[dict[Refusal, str]] = {
    "past": "Giờ này đã qua.",
    "night": "Chỉ nhắn được từ 7 giờ đến trước 21 giờ.",
    "holiday": "Ngày này là ngày nghỉ lễ, Tết. Anh/chị chọn ngày khác.",
    "refused": "Số này đã nhắn HUY, không muốn nhận tin. Anh/chị gọi điện giúp.",
    "no_consent": "Cần bà con đồng ý nhận tin: anh/chị đánh dấu vào ô đồng ý khi bà con đã ký.",
    "no_rules": "Hệ thống chưa có quy tắc nhắc việc (faq/reminders.yaml).",
}
HISTORY: Final[dict[str, str]] = {**dict(STATES.items()), "erased": "Đã xoá số điện thoại"}


def shown(name: str, value: Any, procedures: Mapping[str, str]) -> str:
    """A field's value in words; "" for none."""
    if name == "procedure":
        return procedures.get(value or "", value or "")
    if name == "state":
        return HISTORY.get(value, value or "")
    if name == "phone":
        return words.phone(value) if value else ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    return str(value or "")


def day(of: date | None) -> str:
    """ "5/12/2026"."""
    return f"{of.day}/{of.month}/{of.year}" if of else ""


def moment(at: datetime | None) -> str:
    """ "8:30 thứ Hai 7/12/2026"."""
    if at is None:
        return ""
    local = at.astimezone(LOCAL)
    return f"{local.hour}:{local:%M} {_DAYS[local.weekday()]} {day(local.date())}"


_DAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ Nhật")


def outcome(view: ReminderView) -> str:
    """What became of a reminder, with the way it took."""
    said = OUTCOMES[view.outcome]
    if view.outcome == "arrived" and view.channel:
        said = f"{said} qua {'Zalo' if view.channel.startswith('zalo') else 'SMS'}"
    if view.outcome == "failed" and view.error:
        said = f"{said}: {words.shortened(view.error, 80)}"
    return said
