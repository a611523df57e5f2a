"""Kannel (bearerbox and smsbox): a gateway in front of modems or an operator's SMPP.

Tried with 1.4.5 of Debian 12, which the tests start:

- The body of our answer must not become the citizen's answer: Kannel would send it in 7 bits.
  ``max-messages = 0`` keeps it from that, and the answer goes out through sendsms.
- Without ``mo-recode = true`` a text with diacritics comes as bare UTF-16; both are read here.
- ``%b`` is the text as it came, ``%a`` has its spaces squeezed.
- smsbox repeats a call that fails, for as long as ``http-request-retry`` and
  ``http-queue-delay`` say, under the same ``%I``; but what it repeats is lost with its process.
- Nothing keeps a message from being sent twice, and nobody can be asked for one: whether it was
  taken is told by its report only.
"""

from __future__ import annotations

from integrations.sms.gateway import Field, Kind
from integrations.sms.kannel.gateway import build
from integrations.sms.kannel.inbound import read
from integrations.sms.kannel.snippet import snippet

__all__ = ["KIND", "snippet"]

KIND = Kind(
    id="kannel",
    label="Kannel",
    about="Phần mềm cổng SMS chạy trên máy chủ, nối với modem hoặc đường SMPP của nhà mạng; "
    "dành cho nơi có người làm tin học.",
    fields=(
        Field(
            "url",
            "Địa chỉ gửi tin (sendsms)",
            "Thường là http://127.0.0.1:13013/cgi-bin/sendsms.",
            required=True,
            default="http://127.0.0.1:13013/cgi-bin/sendsms",
        ),
        Field("user", "Tên đăng nhập", "Mục sendsms-user của Kannel.", required=True),
        Field("password", "Mật khẩu", "Mục sendsms-user của Kannel.", secret=True, required=True),
        Field(
            "hook_secret",
            "Khóa trong địa chỉ gọi về",
            "Kannel gọi về kèm khóa này; để trống thì hệ thống tự đặt.",
            secret=True,
            made=True,
        ),
        Field("smsc", "Tên đường gửi (smsc-id)", "Để trống thì Kannel tự chọn."),
        Field(
            "callback",
            "Địa chỉ của hệ thống, nhìn từ Kannel",
            "Ví dụ http://127.0.0.1:8000 khi cùng máy; để trống thì dùng địa chỉ chung.",
        ),
        Field("admin_url", "Địa chỉ quản trị", "Ví dụ http://127.0.0.1:13000, để xem tình trạng."),
        Field("admin_password", "Mật khẩu quản trị", secret=True),
    ),
    build=build,
    read=read,
    gets=True,
    caps=(0, 0, 0),
)
