"""Kannel's own configuration, for the person who sets it up: only the line to the operator
remains to be filled in."""

from __future__ import annotations

from urllib.parse import urlsplit

from integrations.sms.gateway import GatewayConfig
from integrations.sms.kannel.settings import settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_SNIPPET = """\
# Kannel cho cổng SMS “{name}” của hotro. Chép vào /etc/kannel/kannel.conf (quyền đọc: chỉ Kannel),
# thêm mục "group = smsc" của modem hoặc nhà mạng, rồi khởi động lại Kannel khi hotro đang chạy:
# tin đến mà hotro chưa nhận được thì smsbox giữ trong bộ nhớ, tắt smsbox là mất.

group = core
admin-port = {admin_port}
admin-password = "{admin_password}"
admin-deny-ip = "*.*.*.*"
admin-allow-ip = "127.0.0.1"
smsbox-port = {box_port}
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
# Tin nhắn dài đến từng phần được ghép lại trước khi chuyển cho hotro.
sms-combine-concatenated-mo = true

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms_port}
{interface}\
# Chữ có dấu chuyển về UTF-8.
mo-recode = true
# hotro tạm dừng thì gọi lại mỗi 10 giây, trong khoảng hai ngày.
http-request-retry = 17280
http-queue-delay = 10

group = sendsms-user
username = "{user}"
password = "{password}"
concatenation = true
max-messages = 10

group = sms-service
keyword = default
catch-all = true
get-url = "{message_url}"
# Không gửi nội dung trả lời của địa chỉ trên cho người dân; hotro tự gửi qua sendsms.
max-messages = 0
"""


def snippet(config: GatewayConfig, public_url: str) -> str:
    """The file, with everything that hotro and Kannel have to agree on.

    Raises:
        ValueError: the settings cannot be used, in Vietnamese.
    """
    chosen = settings(config, public_url)
    if not chosen.callback:
        raise ValueError("còn thiếu địa chỉ của hệ thống, nhìn từ Kannel (callback)")
    if not chosen.hook_secret:
        raise ValueError("còn thiếu khóa trong địa chỉ gọi về (hook_secret)")
    here = urlsplit(chosen.url)
    sendsms_port = here.port or 13013
    is_local = here.hostname in LOOPBACK
    return _SNIPPET.format(
        name=config.name,
        admin_port=urlsplit(config.option("admin_url")).port or 13000,
        admin_password=config.option("admin_password", "doi-mat-khau-nay"),
        box_port=sendsms_port - 12 if sendsms_port != 13013 else 13001,
        sendsms_port=sendsms_port,
        interface='sendsms-interface = "127.0.0.1"\n' if is_local else "",
        user=chosen.user,
        password=chosen.password,
        message_url=chosen.message_url(),
    )
