"""eSMS.vn (ViHAT): a registered brand name writes out, a short code (8041, 6088, ...) writes in.

A brand name cannot be answered; whoever has no short code is written to only. What has to be
seen with a real account is marked "to be seen" in these modules.
"""

from __future__ import annotations

from integrations.sms.esms.gateway import build
from integrations.sms.esms.inbound import read
from integrations.sms.gateway import Field, Kind

KIND = Kind(
    id="esms",
    label="eSMS.vn (tin mang tên xã)",
    about="Gửi qua công ty eSMS.vn: tin hiện tên đã đăng ký thay cho số; "
    "muốn nhận tin thì phải thuê thêm đầu số ngắn.",
    fields=(
        Field("api_key", "ApiKey", "Trong tài khoản eSMS, mục quản lý API.", True, True),
        Field("secret_key", "SecretKey", "Trong tài khoản eSMS, mục quản lý API.", True, True),
        Field(
            "brandname",
            "Tên hiển thị (Brandname)",
            "Tối đa 11 chữ không dấu, đã đăng ký với nhà mạng cùng mẫu nội dung.",
            required=True,
        ),
        Field(
            "sandbox",
            "Chạy thử",
            "yes: eSMS nhận nhưng không gửi đi, không trừ tiền.",
            default="no",
        ),
        Field(
            "hook_secret",
            "Khóa trong địa chỉ gọi về",
            "eSMS báo kết quả kèm khóa này; để trống thì hệ thống tự đặt.",
            secret=True,
            made=True,
        ),
        Field("cpid", "CPID của đầu số", "eSMS cấp khi thuê đầu số ngắn."),
        Field("mo_key", "PrivateKey của đầu số", "eSMS cấp cùng CPID.", secret=True),
        Field(
            "callback",
            "Địa chỉ của hệ thống, nhìn từ eSMS",
            "Ví dụ https://hotro.xa.vn; để trống thì dùng địa chỉ chung.",
        ),
        Field("url", "Địa chỉ của eSMS", default="https://rest.esms.vn"),
    ),
    build=build,
    read=read,
    gets=True,
    caps=(0, 0, 0),
)
