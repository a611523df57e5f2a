"""SMS gateways as the desk sees them, without any: everything asked for is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.sms_account import (
    FieldLine,
    GatewayLine,
    Hearing,
    KindLine,
    Shown,
    SmsDesk,
    SmsFault,
    Snippet,
    Trial,
)
from bot.smstext import preview

PHONE = KindLine(
    id="smsgate",
    label="Điện thoại Android (SMSGate)",
    about="Một điện thoại có SIM, gửi và nhận.",
    fields=(
        FieldLine("url", "Địa chỉ của ứng dụng", "Ví dụ http://192.168.1.20:8080", required=True),
        FieldLine("password", "Mật khẩu", secret=True, required=True),
        FieldLine("hook", "Khoá webhook", "Do hotro tạo.", secret=True, made=True),
        FieldLine("poll", "Tự hỏi tin mới", default="no"),
    ),
    receives=True,
    posts=True,
    caps=(10, 100, 500),
    connects=True,
)
BRAND = KindLine("esms", "eSMS.vn", "Tên thương hiệu, chỉ gửi.", (), False, False, (0, 0, 0))
GATEWAY = GatewayLine(
    name="viettel",
    kind=PHONE,
    own_number="+84912345678",
    per_minute=10,
    per_hour=100,
    per_day=500,
    price=350,
    options={"url": "http://192.168.1.20:8080"},
    secrets=frozenset({"password"}),
    webhook_url="https://hotro.example.vn/webhooks/sms/viettel/hoa-mai",
)


@dataclass
class RecordingSms(SmsDesk):
    """``faults``: name of a method -> the sentence that it refuses with."""

    lines: list[GatewayLine] = field(default_factory=lambda: [GATEWAY])
    trials: list[Trial] = field(default_factory=list)
    hears: Hearing = field(default_factory=lambda: Hearing("4821"))
    faults: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    beneath: bool = False

    def _called(self, name: str, *what: object) -> None:
        self.calls.append((name, *what))
        if name in self.faults:
            raise SmsFault(self.faults[name])

    def named(self, name: str) -> list[tuple[object, ...]]:
        """The calls of one method."""
        return [call[1:] for call in self.calls if call[0] == name]

    def kinds(self) -> Sequence[KindLine]:
        return (PHONE, BRAND)

    async def gateways(self, commune: str) -> Sequence[GatewayLine]:
        return self.lines if commune == "hoa-mai" else ()

    async def gateway(self, commune: str, name: str) -> GatewayLine:
        for line in await self.gateways(commune):
            if line.name == name:
                return line
        raise SmsFault(f"Xã không có cổng SMS tên “{name}”.")

    async def troubles(self, commune: str) -> Mapping[str, str]:
        return {one.name: one.trouble for one in await self.gateways(commune) if one.trouble}

    async def save(
        self, commune: str, name: str, kind: str, values: Mapping[str, str], *, new: bool = False
    ) -> GatewayLine:
        self._called("save", commune, name, kind, dict(values), new)
        return GatewayLine(name, PHONE)

    async def remove(self, commune: str, name: str) -> bool:
        self._called("remove", commune, name)
        return self.beneath

    async def check(self, commune: str, name: str) -> GatewayLine:
        self._called("check", commune, name)
        return await self.gateway(commune, name)

    async def test(
        self, commune: str, name: str, number: str, key: str, officer_id: int | None
    ) -> None:
        self._called("test", commune, name, number, key, officer_id)

    async def tests(self, commune: str, name: str) -> Sequence[Trial]:
        await self.gateway(commune, name)
        return self.trials

    async def hearing(self, commune: str, name: str) -> Hearing:
        await self.gateway(commune, name)
        return self.hears

    async def connect(self, commune: str, name: str) -> str:
        self._called("connect", commune, name)
        return "Đã đăng ký 4 webhook."

    async def snippets(self, commune: str, name: str) -> Sequence[Snippet]:
        self._called("snippets", commune, name)
        return ()

    def preview(self, commune: str, text: str) -> Shown:
        return Shown(preview(text, "never", 350), ("Bỏ dấu thì “đúng” dễ đọc nhầm.",))
