"""A demo that runs nowhere: a movable clock and made-up people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.clock import FixedClock
from demo.control import Addresses, ModelState, Persona, ZaloGroup

START = datetime(2025, 11, 22, 2, 15, tzinfo=UTC)


class FakeControl:
    """A DemoControl without a demo."""

    def __init__(self) -> None:
        self.clock = FixedClock(START)
        self.model: ModelState = {"state": "ready", "detail": ""}

    def now(self) -> datetime:
        return self.clock.now()

    async def advance(self, by: timedelta) -> None:
        self.clock.advance(by)

    async def reset_clock(self) -> None:
        self.clock.set(START)

    def model_state(self) -> ModelState:
        return self.model

    def officer_login(self) -> tuple[str, str]:
        return "hanh.tuphap", "thu-<nghiem>-2025"

    def approver(self) -> str:
        return "minh.lanhdao"

    def addresses(self) -> Addresses:
        return {
            "commune": "Xã Song Phượng",
            "console": "/console",
            "chat": "/chat/song-phuong",
            "boards": [
                {"place": "Nhà văn hóa thôn 3", "title": "Đăng ký khai sinh", "url": "/q/BT7K"},
                {"place": "Trạm y tế xã", "title": "Đăng ký khai tử", "url": "/q/KT2M"},
                {"place": "Cổng chợ", "title": "Chứng thực bản sao", "url": "/q/CT9P"},
            ],
        }

    def zalo_users(self) -> list[Persona]:
        return [
            Persona("8801", "Chị Lan", "Mới sinh bé, ở thôn 3"),
            Persona("8802", "Anh Tuấn", "Đi làm xa, hay nhắn không dấu"),
            Persona("8803", "Bà Sửu", "Nhờ cháu cài Zalo"),
        ]

    def handsets(self) -> list[Persona]:
        return [
            Persona("+84912000111", "Ông Bảy", "Điện thoại phím, thôn Đồi"),
            Persona("+84912000222", "Cô Mùi", "Tổ công nghệ số"),
        ]

    def bot_name(self) -> str:
        return "Bot xã Song Phượng"

    def bot_users(self) -> list[Persona]:
        return [Persona("8811", "Cô Thơm", "Hỏi qua bot")]

    def officers_group(self) -> ZaloGroup:
        members = (Persona("8821", "Chị Hạnh"), Persona("8822", 'Anh "Tí"'))
        return ZaloGroup("8899", "Tư pháp <Song Phượng>", members)
