"""SMSGate (capcom6/android-sms-gateway): an Android phone with a SIM as a gateway, both ways.

The same interface in three places: on the phone itself (local server), on a server of one's own
and in the project's cloud. Events are posted by the phone in all three.
"""

from __future__ import annotations

from integrations.sms.gateway import Field, Kind
from integrations.sms.smsgate.connect import connect
from integrations.sms.smsgate.events import read
from integrations.sms.smsgate.gateway import build

__all__ = ["KIND", "connect"]

KIND = Kind(
    id="smsgate",
    label="Điện thoại Android (ứng dụng SMSGate)",
    about="Một điện thoại Android lắp SIM của xã, cài ứng dụng miễn phí SMSGate; "
    "gửi và nhận được, rẻ nhất để bắt đầu.",
    fields=(
        Field(
            "url",
            "Địa chỉ",
            "Như ứng dụng hiện: http://<địa chỉ điện thoại>:8080, hoặc "
            "https://api.sms-gate.app/3rdparty/v1 khi dùng máy chủ của nhà làm ứng dụng.",
            required=True,
        ),
        Field("user", "Tên đăng nhập", "Ở trang Home của ứng dụng.", required=True),
        Field("password", "Mật khẩu", "Ở trang Home của ứng dụng.", secret=True, required=True),
        Field(
            "signing_key",
            "Khóa ký tin đến",
            "Ứng dụng: Settings, Webhooks, Signing Key. Khi nối thẳng với điện thoại thì để "
            "trống: hệ thống tự đặt.",
            secret=True,
            made=True,
        ),
        Field("sim", "SIM số mấy", "1, 2 hoặc 3, khi điện thoại có nhiều SIM."),
        Field("device", "Mã thiết bị", "Chỉ khi dùng máy chủ và có nhiều điện thoại."),
        Field(
            "poll",
            "Tự hỏi tin",
            "yes: hệ thống hỏi điện thoại vài giây một lần, không cần địa chỉ https; "
            "chỉ được khi nối thẳng với điện thoại.",
            default="no",
        ),
        Field(
            "since",
            "Bỏ qua tin đến trước lúc",
            "Khi tự hỏi tin: thời điểm bắt đầu, ví dụ 2026-11-20T08:00:00+07:00. "
            "Để trống là từ lúc thêm cổng, tin cũ trong máy không bị trả lời.",
            begins=True,
        ),
    ),
    build=build,
    read=read,
)
