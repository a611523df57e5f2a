"""The simulated citizens, and what some of them asked before you came."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from demo.control import Persona
from integrations.sms.simulator.app import SmsGatewaySimulator
from integrations.zalo.simulator.app import ZaloSimulator

ZALO_USERS = (
    Persona("8412000000000000101", "Chị Lan", "Mẹ mới sinh bé, thôn 3"),
    Persona("8412000000000000102", "Anh Hùng", "Sắp cưới, làm công nhân xa nhà"),
    Persona("8412000000000000103", "Bác Tư", "Lo giấy tờ cho cụ, thôn 1"),
)
HANDSETS = (
    Persona("+84912000101", "Bà Năm", "0912 000 101, máy phím, thôn 5"),
    Persona("+84912000102", "Ông Sáu", "0912 000 102, máy phím, thôn 2"),
    Persona("+84912000103", "Cụ Mười", "0912 000 103, có hồ sơ ở xã"),
)

OFFICERS = (
    Persona("8412000000000000201", "Chị Hoa", "Công chức tư pháp - hộ tịch"),
    Persona("8412000000000000202", "Anh Minh", "Văn phòng UBND xã"),
)
GROUP_ID, GROUP_NAME = "8412000000000000901", "Tư pháp - hộ tịch xã Hoa Mai"
"""The officers' group on Zalo."""
BOT_USERS = (Persona("8412000000000000301", "Cô Bảy", "Hỏi qua bot miễn phí, thôn 4"),)
BOT_NAME = "Bot xã Hoa Mai"

_BEFORE: tuple[tuple[str, str, str], ...] = (
    ("zalo", ZALO_USERS[1].id, "Cho em hỏi đăng ký kết hôn cần mang giấy gì ạ"),
    ("zalo", ZALO_USERS[1].id, "thế lệ phí hết bao nhiêu"),
    ("sms", HANDSETS[1].id, "CT"),
    ("zalo", ZALO_USERS[2].id, "Bố tôi mất ở nhà mấy hôm trước, giờ tôi phải làm sao"),
    ("zalo", ZALO_USERS[2].id, "cho tôi gặp cán bộ"),
)


async def play(
    zalo: ZaloSimulator, sms: SmsGatewaySimulator, quiet: Callable[[], Awaitable[None]]
) -> None:
    """Let the sample citizens write, each after the one before was answered.

    Args:
        quiet: returns when everything so far has been answered.
    """
    for phone, who, text in _BEFORE:
        if phone == "zalo":
            zalo.world.type(who, text)
        else:
            sms.network.write(who, text)
        await quiet()
