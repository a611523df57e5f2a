"""The configuration of gammu-smsd for the volunteer who sets up the modem."""

from __future__ import annotations

from sqlalchemy.engine import URL

from integrations.sms.gammu.database import address
from integrations.sms.gateway import GatewayConfig

SCHEMAS = "/usr/share/doc/gammu-smsd/examples"
"""Where Debian puts the tables, as files for each database."""

_HEAD = """\
# /etc/gammu-smsdrc - cổng SMS "{name}" của hotro
#
# Chuẩn bị một lần, bằng quyền root:
{steps}
#   systemctl restart gammu-smsd
# Sau đó bấm "Kiểm tra" ở trang cổng SMS của hotro, và nhắn thử một tin tới số của SIM.

[gammu]
# Cổng của modem: xem dmesg sau khi cắm. Modem 4G có vài cổng ttyUSB, chỉ một cổng nhận được tin:
# chưa nhận được thì thử cổng kế tiếp.
device = {device}
connection = at

[smsd]
# Luôn dùng cơ sở dữ liệu; kiểu "files" cùng RunOnReceive có lỗ hổng bảo mật ở bản cũ.
Service = sql
{database}
PhoneID = {phone_id}
# PIN = 1234
LogFile = syslog
# Báo cáo đã tới máy người nhận
DeliveryReport = log
# Gửi không được thì thử lại một lần sau nửa phút; hotro sẽ tìm cổng khác.
MaxRetries = 1
RetryTimeout = 30
# hotro tự ghép tin dài, không cần chờ lâu ở đây.
MultipartTimeout = 60
ReceiveFrequency = 5
HangupCalls = 1
"""

_SQLITE_STEPS = """\
#   apt install gammu-smsd libdbd-sqlite3 sqlite3
#   sqlite3 {path} < {schemas}/sqlite.sql
#   sqlite3 {path} "PRAGMA journal_mode=WAL"
#   (chủ của tệp và của thư mục chứa nó phải là người dùng chạy hotro)
#   Bản gammu mới hơn (1.44) có tệp bảng mới: nạp tệp của chính bản đang cài."""
_SQLITE = """\
Driver = sqlite3
DBDir = {folder}
Database = {file}"""

_POSTGRES_STEPS = """\
#   apt install gammu-smsd
#   createdb --owner {user} {database}
#   psql -U {user} {database} < {schemas}/pgsql.sql
#   Bản gammu mới hơn (1.44) có tệp bảng mới: nạp tệp của chính bản đang cài."""
_POSTGRES = """\
Driver = native_pgsql
Host = {host}
User = {user}
Password = <mật khẩu của {user}>
Database = {database}"""


def snippet(config: GatewayConfig) -> str:
    """What to put into ``/etc/gammu-smsdrc``, and what to do before.

    Raises:
        ValueError: the database's address cannot be used.
    """
    url = address(config.option("database"))
    steps, database = _sqlite(url) if url.get_backend_name() == "sqlite" else _postgres(url)
    return _HEAD.format(
        name=config.name,
        steps=steps,
        database=database,
        device=config.option("device") or "/dev/ttyUSB2",
        phone_id=config.option("phone_id") or config.name,
    )


def _sqlite(url: URL) -> tuple[str, str]:
    path = (url.database or "").removeprefix("file:")
    folder, _, file = path.rpartition("/")
    return (
        _SQLITE_STEPS.format(path=path, schemas=SCHEMAS),
        _SQLITE.format(folder=folder or "/", file=file),
    )


def _postgres(url: URL) -> tuple[str, str]:
    user, name = url.username or "hotro", url.database or ""
    host = f"{url.host or 'localhost'}:{url.port}" if url.port else url.host or "localhost"
    return (
        _POSTGRES_STEPS.format(user=user, database=name, schemas=SCHEMAS),
        _POSTGRES.format(user=user, database=name, host=host),
    )
