"""How the modem is, from what gammu-smsd writes of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from integrations.sms.gammu.database import Work
from integrations.sms.gammu.outgoing import BROKEN
from integrations.sms.gammu.tables import outbox, phones, sentitems
from integrations.sms.gateway import Condition, GatewayConfig

SILENT = 120
"""Seconds; gammu-smsd writes about once a second while it can talk to the modem."""
LOOKED_AT = 3
"""So many last messages of a day that all failed: it is not the numbers."""
DAY = 86400
WEAK = 10

NO_MODEM = (
    "Chưa thấy modem nào: gammu-smsd chưa chạy, hoặc PhoneID trong tệp smsdrc khác với PhoneID "
    "khai ở đây. Trên máy chủ: systemctl status gammu-smsd."
)
SILENT_MODEM = (
    "Modem im lặng đã {minutes} phút: kiểm tra modem còn cắm và có đèn không, "
    "rồi trên máy chủ chạy: systemctl restart gammu-smsd."
)
SENDING_OFF = "gammu-smsd đang tắt chiều gửi: bỏ dòng Send trong tệp smsdrc rồi khởi động lại."
RECEIVING_OFF = (
    "gammu-smsd đang tắt chiều nhận: bỏ dòng Receive trong tệp smsdrc rồi khởi động lại."
)
NO_NETWORK = (
    "Modem không có sóng: kiểm tra ăng-ten và chỗ đặt, SIM còn hạn không; "
    "mạng 2G đã ngừng, modem phải dùng được 4G."
)
CANNOT_SEND = (
    "Nhà mạng không cho SIM này gửi tin: {count} tin gần nhất đều không đi. SIM lắp sang máy hoặc "
    "modem khác phải xác thực lại khuôn mặt chủ thuê bao (Thông tư 08/2026/TT-BKHCN): trước khi "
    "xong thì bị khóa chiều đi, để quá 30 ngày bị khóa hai chiều rồi thu hồi số. Hãy gọi tổng đài "
    "nhà mạng xác thực lại, xem còn tiền không và có bị khóa vì gửi nhiều không."
)


@dataclass(frozen=True, slots=True)
class Modem:
    """One line of ``phones``, and what lies beside it."""

    silent_for: int
    sends: bool
    receives: bool
    network: str
    battery: int
    signal: int


async def modem(work: Work, config: GatewayConfig) -> Modem | None:
    """The modem of this gateway; None when gammu-smsd never wrote of it."""
    query = select(phones, work.times.age(phones.c.UpdatedInDB).label("age"))
    if config.option("phone_id"):
        query = query.where(phones.c["ID"] == config.option("phone_id"))
    row = (await work.connection.execute(query.order_by(phones.c.UpdatedInDB.desc()))).first()
    if row is None:
        return None
    network = "" if row.NetName in (None, "ERROR") else row.NetName
    return Modem(row.age, row.Send, row.Receive, network, row.Battery, row.Signal)


async def look(work: Work, config: GatewayConfig) -> Condition:
    """What to tell of it."""
    found = await modem(work, config)
    waiting = await work.connection.scalar(select(func.count()).select_from(outbox))
    facts = {"Đang chờ gửi": str(waiting or 0), "Phiên bản bảng": str(work.version)}
    if found is None:
        return Condition(False, NO_MODEM, facts)
    facts |= _facts(found)
    told = _trouble(found) or await _refused(work, config)
    return Condition(not told, told, facts)


def silence(found: Modem | None) -> str:
    """Why nothing should be given to this modem; "" when it is there."""
    if found is None:
        return NO_MODEM
    if found.silent_for > SILENT:
        return SILENT_MODEM.format(minutes=found.silent_for // 60)
    return ""


def _trouble(found: Modem) -> str:
    if found.silent_for > SILENT:
        return silence(found)
    if not found.sends:
        return SENDING_OFF
    if not found.receives:
        return RECEIVING_OFF
    return NO_NETWORK if 0 <= found.signal < WEAK and not found.network else ""


async def _refused(work: Work, config: GatewayConfig) -> str:
    query = select(sentitems.c.Status).where(work.times.age(sentitems.c.UpdatedInDB) < DAY)
    if config.option("phone_id"):
        query = query.where(sentitems.c.SenderID == config.option("phone_id"))
    last = query.order_by(sentitems.c.ID.desc(), sentitems.c.SequencePosition.desc())
    statuses = list(await work.connection.scalars(last.limit(LOOKED_AT)))
    if len(statuses) < LOOKED_AT or any(status not in BROKEN[:2] for status in statuses):
        return ""
    return CANNOT_SEND.format(count=LOOKED_AT)


def _facts(found: Modem) -> dict[str, str]:
    facts = {"Nhà mạng": found.network or "không rõ"}
    if found.signal >= 0:
        facts["Sóng"] = f"{found.signal}%"
    if found.battery > 0:
        facts["Pin"] = f"{found.battery}%"
    return facts
