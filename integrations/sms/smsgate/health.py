"""How the phone says it is: password, battery, messages that would not leave."""

from __future__ import annotations

from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import Payload, part, string
from integrations.sms.gateway import Condition
from integrations.sms.smsgate.client import SmsGateClient

ADVICE = (
    "Kiểm tra điện thoại còn bật, ứng dụng SMSGate đang chạy (ONLINE) "
    "và điện thoại còn nối mạng với máy này."
)
LOW_BATTERY = 15
_LOCKED = (
    "Một giờ qua điện thoại không gửi được tin nào. Kiểm tra SIM còn tiền và chưa bị khóa: "
    "SIM chuyển sang máy khác phải xác thực lại khuôn mặt với nhà mạng."
)


async def condition(client: SmsGateClient) -> Condition:
    """Ask the phone, or the server in front of it.

    Raises:
        SendError: it did not answer, or not to us.
    """
    await client.listed("/webhooks")  # asks for the password, which /health does not
    response = await client.call("GET", "/health")
    try:
        return _read(decode_object(response.content))
    except MalformedBodyError:
        return Condition(True)  # a server in front of the phone that does not tell


def _read(health: Payload) -> Condition:
    checks = part(health, "checks")
    battery, charging = _value(checks, "battery:level"), _value(checks, "battery:charging")
    failed = part(checks, "messages:failed")
    facts = {"Phiên bản": string(health, "version")}
    if battery is not None:
        facts["Pin"] = f"{battery} %" + (" (đang sạc)" if charging else "")
    if type(failed.get("observedValue")) is int:
        facts["Tin lỗi trong giờ qua"] = str(failed["observedValue"])
    told = ""
    if failed.get("status") == "fail":
        told = _LOCKED
    elif battery is not None and battery < LOW_BATTERY and not charging:
        told = f"Điện thoại làm cổng SMS sắp hết pin ({battery} %): cắm sạc."
    return Condition(not told, told, facts)


def _value(checks: Payload, name: str) -> int | None:
    value = part(checks, name).get("observedValue")
    return value if type(value) is int else None
