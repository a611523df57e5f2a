"""An account at a message centre that speaks SMPP 3.4: an aggregator's, or an operator's.

A bind (usually one, as a transceiver) is kept by the process that listens, and the same
connection sends: the worker that holds the lease on this gateway. Another process binds as a
transmitter beside it when the account allows that (``second``); else its messages are tried
again until the process that listens takes them. What is delivered is acknowledged after it was
stored. Long messages go out in parts that we cut ourselves (``long``: a header in each part,
``sar`` parameters, or whole in ``message_payload``), come in as parts that
:mod:`bot.store.parts` puts together, and are delivered when all parts are
(:class:`~integrations.sms.smpp.memory.Sent`).
"""

from __future__ import annotations

from integrations.sms.gateway import Field, Gateway, GatewayConfig, Kind, Tools
from integrations.sms.options import is_on, needed
from integrations.sms.smpp.gateway import ID_FORMS, SmppGateway
from integrations.sms.smpp.link import Link, Ways
from integrations.sms.smpp.session import Access, Mode, Timing
from integrations.sms.smpp.submit import ALPHABETS, LONG_WAYS, source

__all__ = ["KIND", "SmppGateway"]

PORT = "2775"
BINDS = {
    "transceiver": Mode.BOTH,
    "separate": Mode.LISTEN,
    "transmitter": None,
}


def build(config: GatewayConfig, tools: Tools) -> Gateway:
    """A gateway of settings; raises ValueError, in Vietnamese."""
    _one_of(config, "bind", tuple(BINDS))
    _one_of(config, "long", LONG_WAYS)
    _one_of(config, "alphabet", ALPHABETS)
    _one_of(config, "ids", tuple(ID_FORMS))
    source(config)
    ways = Ways(BINDS[config.option("bind", "transceiver")], config.option("second") != "no")
    return SmppGateway(config, Link(access(config), ways, Timing()))


def access(config: GatewayConfig) -> Access:
    """Where the centre is; raises ValueError."""
    port = config.option("port", PORT)
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 65536):
        raise ValueError("cổng mạng phải là một số từ 1 đến 65535")
    name = needed(config, "system_id", "tên đăng nhập (system_id)")
    password, kind = config.option("password"), config.option("system_type")
    if not (name + password + kind).isascii():
        raise ValueError("tên đăng nhập và mật khẩu SMPP chỉ gồm chữ không dấu và số")
    host = needed(config, "host", "địa chỉ máy chủ của tổng đài")
    return Access(host, int(port), name, password, kind, tls=is_on(config, "tls"))


def _one_of(config: GatewayConfig, name: str, allowed: tuple[str, ...]) -> None:
    if config.option(name, allowed[0]) not in allowed:
        raise ValueError(f"{name} phải là một trong: {', '.join(allowed)}")


KIND = Kind(
    id="smpp",
    label="SMPP (tổng đài nhắn tin)",
    about=(
        "Kết nối thẳng tới tổng đài nhắn tin của nhà mạng hoặc nhà cung cấp: "
        "dành cho tỉnh, lượng tin lớn, có người kỹ thuật."
    ),
    fields=(
        Field("host", "Máy chủ", "Tên hoặc địa chỉ IP do nhà cung cấp đưa.", required=True),
        Field("port", "Cổng mạng", "Thường là 2775.", default=PORT),
        Field("system_id", "Tên đăng nhập (system_id)", required=True),
        Field("password", "Mật khẩu", secret=True),
        Field("system_type", "system_type", "Để trống nếu nhà cung cấp không nói tới."),
        Field("tls", "Mã hóa đường truyền (TLS)", "yes hoặc no.", default="no"),
        Field(
            "source",
            "Tên hoặc số gửi",
            "Tên thương hiệu (dài nhất 11 ký tự) hoặc đầu số. Để trống: dùng số nhận tin của cổng.",
        ),
        Field("source_ton", "TON của tên hoặc số gửi", "Để trống: tự chọn."),
        Field("source_npi", "NPI của tên hoặc số gửi", "Để trống: tự chọn."),
        Field(
            "bind",
            "Kiểu kết nối",
            "transceiver: một kết nối vừa gửi vừa nhận. separate: hai kết nối riêng. "
            "transmitter: chỉ gửi.",
            default="transceiver",
        ),
        Field(
            "second",
            "Cho phép thêm kết nối gửi",
            "yes hoặc no. Chọn no nếu nhà cung cấp chỉ cho một kết nối.",
            default="yes",
        ),
        Field(
            "long",
            "Cách gửi tin dài",
            "udh, sar hoặc payload, theo tài liệu của nhà cung cấp.",
            default="udh",
        ),
        Field(
            "alphabet",
            "Bảng chữ mặc định của tổng đài",
            "gsm0338, ascii hoặc latin-1.",
            default="gsm0338",
        ),
        Field(
            "ids",
            "Mã tin trong báo cáo",
            "same: giống lúc gửi. hex-dec: lúc gửi là hệ 16, báo cáo là hệ 10. dec-hex: ngược lại.",
            default="same",
        ),
        Field("reports", "Xin báo cáo đã tới", "yes hoặc no.", default="yes"),
    ),
    build=build,
    caps=(300, 0, 0),
)
