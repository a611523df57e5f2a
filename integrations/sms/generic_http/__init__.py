"""A plain JSON contract that a small script in front of any gateway can speak.

in   POST /webhooks/sms/{name}/{commune}, JSON or form, signed (X-Signature, X-Timestamp):
     {"id", "from", "to"?, "text", "received_at"?}   a message of a citizen
     {"event": "receipt", "id", "status"}            sent | delivered | failed
out  POST {url} {"id", "to", "from", "text"}  ->  {"id"}; the same id is sent once only
     GET {url}/{id}                           ->  {"id", "status"}, 404 never taken
"""

from __future__ import annotations

from integrations.sms.gateway import Field, Kind
from integrations.sms.generic_http.gateway import build
from integrations.sms.generic_http.payload import read

KIND = Kind(
    id="generic",
    label="Cổng SMS khác (HTTP)",
    about="Cổng SMS có sẵn của tỉnh hoặc nhà mạng, nối qua một đoạn chương trình nhỏ.",
    fields=(
        Field(
            "url",
            "Địa chỉ gửi tin",
            "Ví dụ http://192.168.1.20:8080/messages; hệ thống gửi tin bằng cách gọi địa chỉ này.",
            required=True,
        ),
        Field("token", "Mã truy cập", "Gửi kèm mỗi lần gọi (Authorization: Bearer).", secret=True),
        Field(
            "secret",
            "Khóa ký tin đến",
            "Cổng SMS dùng khóa này để ký mỗi tin chuyển đến; để trống thì không nhận được tin.",
            secret=True,
            made=True,
        ),
    ),
    build=build,
    read=read,
)
