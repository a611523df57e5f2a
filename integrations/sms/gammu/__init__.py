"""A USB modem with an ordinary SIM, looked after by gammu-smsd.

The daemon's SQL tables are the interface, there is nothing else between: ``outbox`` is sent,
``sentitems`` tells what became of it, ``inbox`` is what citizens wrote, ``phones`` how the modem
is. Nothing is ever written to ``sentitems``, and to ``inbox`` only that a row was taken.
SQLite (through libdbi) and PostgreSQL; schemas 17 (gammu 1.42) and 18 (1.44). Never the daemon's
FILES backend: with its hooks, versions before 1.43.3 run what a sender's name says.
"""

from __future__ import annotations

from integrations.sms.gammu.database import GammuDatabase, address
from integrations.sms.gammu.modem import GammuModem
from integrations.sms.gammu.snippet import snippet
from integrations.sms.gateway import Field, Gateway, GatewayConfig, Kind, Tools
from integrations.sms.options import needed

__all__ = ["KIND", "GammuModem", "snippet"]


def build(config: GatewayConfig, tools: Tools) -> Gateway:
    """A gateway of settings; raises ValueError, in Vietnamese."""
    database = needed(config, "database", "địa chỉ cơ sở dữ liệu của gammu-smsd")
    return GammuModem(config, GammuDatabase(address(database, config.option("password"))))


KIND = Kind(
    id="gammu",
    label="Modem USB (gammu-smsd)",
    about=(
        "Modem 4G cắm vào máy chủ với một SIM thường: gửi và nhận được, "
        "không cần Internet, không qua công ty trung gian."
    ),
    fields=(
        Field(
            "database",
            "Cơ sở dữ liệu của gammu-smsd",
            "Đường dẫn tệp SQLite, ví dụ /var/lib/hotro-sms/smsd.db, hoặc "
            "postgresql://người-dùng@máy-chủ/tên. hotro phải đọc và ghi được.",
            required=True,
        ),
        Field("password", "Mật khẩu PostgreSQL", "Để trống nếu dùng tệp SQLite.", secret=True),
        Field(
            "phone_id",
            "PhoneID",
            "Như dòng PhoneID trong tệp smsdrc. Cần có khi nhiều modem dùng chung cơ sở dữ liệu.",
        ),
        Field(
            "device",
            "Cổng của modem",
            "Chỉ để soạn sẵn tệp smsdrc. Ví dụ /dev/ttyUSB2.",
            default="/dev/ttyUSB2",
        ),
        Field(
            "reports",
            "Xin báo cáo đã tới",
            "yes hoặc no. Vài gói cước tính tiền báo cáo.",
            default="yes",
        ),
    ),
    build=build,
)
