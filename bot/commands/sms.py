"""``hotro sms``: the gateways of a commune, without a browser."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.clock import LOCAL
from bot.core import StartError, open_core
from bot.settings import Settings
from bot.sms_account import FieldLine, GatewayLine, KindLine, SmsFault, Trial
from bot.sms_desk import Gateways
from bot.smstext import COLUMNS, Cost, wrapped

STATES = {
    "waiting": "chưa đi: hotro (serve hoặc worker) có đang chạy không?",
    "sent": "cổng đã nhận gửi",
    "delivered": "đã tới máy",
    "failed": "không gửi được",
    "unknown": "chưa rõ đã gửi được chưa",
}


@asynccontextmanager
async def _desk(settings: Settings, commune: str) -> AsyncIterator[Gateways]:
    async with open_core(settings) as core:
        if commune not in core.library().communes:
            raise StartError(f"không có xã {commune} (xem: hotro commune list)")
        desk = Gateways(core.store, core.outside, core.clock, core.wall, core.accents)
        try:
            yield desk
        except SmsFault as fault:
            raise StartError(str(fault)) from fault
        core.wakeups.notify("outbox")


async def kinds(settings: Settings) -> str:
    """All kinds, with what each one asks for."""
    async with open_core(settings) as core:
        desk = Gateways(core.store, core.outside, core.clock, core.wall)
        return "\n\n".join(_kind(one) for one in desk.kinds())


def _kind(kind: KindLine) -> str:
    way = "gửi và nhận" if kind.receives else "chỉ gửi đi"
    lines = [f"{kind.id}: {kind.label} ({way})", f"  {kind.about}"]
    return "\n".join([*lines, *(_field(one) for one in kind.fields)])


def _field(one: FieldLine) -> str:
    marks = [
        *(["cần có"] if one.required else []),
        *(["bí mật"] if one.secret else []),
        *(["để trống thì hotro tự tạo"] if one.made else []),
        *([f"mặc định {one.default}"] if one.default else []),
    ]
    said = f" ({', '.join(marks)})" if marks else ""
    hint = f" {one.help}" if one.help else ""
    return f"  - {one.name}: {one.label}{said}.{hint}"


async def listing(settings: Settings, commune: str) -> str:
    """How the commune's gateways stand."""
    async with _desk(settings, commune) as desk:
        found = await desk.gateways(commune)
    return "\n".join("\n".join(_told(one)) for one in found) or (
        "Xã chưa có cổng SMS (hotro sms set, hoặc trang /console/sms; các kiểu: hotro sms kinds)"
    )


async def change(
    settings: Settings, commune: str, name: str, kind: str | None, values: Mapping[str, str]
) -> str:
    """Add a gateway, or change what is given."""
    async with _desk(settings, commune) as desk:
        there = {one.name: one.kind.id for one in await desk.gateways(commune)}
        if kind is None and name not in there:
            raise SmsFault("Cổng mới cần --kind (xem: hotro sms kinds).")
        line = await desk.save(commune, name, kind or there[name], values)
        return "\n".join(_told(line))


async def remove(settings: Settings, commune: str, name: str) -> str:
    """Forget what was entered."""
    async with _desk(settings, commune) as desk:
        beneath = await desk.remove(commune, name)
    if beneath:
        return f"Đã bỏ điều đã lưu; cổng {name} lại chạy theo hotro.toml."
    return f"Đã xoá cổng {name}."


async def check(settings: Settings, commune: str, name: str | None) -> tuple[str, bool]:
    """Ask one gateway, or all; what they said, and whether all are well."""
    said, well = [], True
    async with _desk(settings, commune) as desk:
        names = [name] if name else [one.name for one in await desk.gateways(commune)]
        for one in names:
            try:
                said.append("\n".join(_told(await desk.check(commune, one))))
            except SmsFault as fault:
                said.append(f"{one}: {fault}")
                well = False
    return "\n".join(said) or "Xã chưa có cổng SMS.", well


async def send_trial(settings: Settings, commune: str, name: str, number: str, wait: int) -> str:
    """Send a message through it, and wait a little for what becomes of it."""
    async with _desk(settings, commune) as desk:
        await desk.test(commune, name, number, secrets.token_hex(8), None)
    async with _desk(settings, commune) as desk:
        latest = await _settled(desk, commune, name, wait)
    error = f" ({latest.error})" if latest.error else ""
    return f"Tin thử tới {latest.number}: {STATES.get(latest.state, latest.state)}{error}"


async def _settled(desk: Gateways, commune: str, name: str, wait: int) -> Trial:
    for _ in range(wait):
        latest = (await desk.tests(commune, name))[0]
        if latest.state != "waiting":
            return latest
        await asyncio.sleep(1)
    return (await desk.tests(commune, name))[0]


async def connect(settings: Settings, commune: str, name: str) -> str:
    """Register our webhook at the gateway."""
    async with _desk(settings, commune) as desk:
        return await desk.connect(commune, name)


async def snippet(settings: Settings, commune: str, name: str) -> str:
    """What to copy into its configuration."""
    async with _desk(settings, commune) as desk:
        line, found = await desk.gateway(commune, name), await desk.snippets(commune, name)
    address = [f"Địa chỉ webhook: {line.webhook_url}"] if line.webhook_url else []
    lines = [one.text if "\n" in one.text else f"{one.title}: {one.text}" for one in found]
    return "\n\n".join([*address, *lines]) or f"Cổng kiểu {line.kind.id} không cần chép gì."


async def preview(settings: Settings, commune: str, text: str) -> str:
    """``text`` as an old phone shows it, and what it costs."""
    async with _desk(settings, commune) as desk:
        shown = desk.preview(commune, text)
    told = shown.preview
    screens = [
        _screen("Không dấu", told.plain, sent=told.folded),
        _screen("Có dấu", told.accented, sent=not told.folded),
    ]
    return "\n\n".join([*screens, *(f"Chú ý: {note}" for note in shown.notes)])


def _screen(title: str, cost: Cost, *, sent: bool) -> str:
    price = f", {_dong(cost.price)}" if cost.price else ""
    head = f"{title}{' (xã gửi thế này)' if sent else ''}: {cost.parts} tin{price}, "
    head += f"{cost.encoding}, {cost.units} ký tự, còn chỗ cho {cost.room}"
    edge = "-" * COLUMNS
    rows = [f"|{line:<{COLUMNS}}|" for line in wrapped(cost.text)]
    return "\n".join([head, f"+{edge}+", *rows, f"+{edge}+"])


def _told(line: GatewayLine) -> list[str]:
    mark = line.trouble or ("dự phòng" if line.share == 0 else "dùng được")
    counted = line.counted
    sent = f"gửi {counted.sent} ({counted.parts} tin tính tiền), hỏng {counted.failed}"
    facts = {
        "Kiểu": line.kind.label,
        "Số": line.own_number,
        "Phần tin gánh": f"{line.share}" + (f", đang {line.weight}%" if line.weight < 100 else ""),
        "24 giờ qua": sent + (f", {_dong(counted.price)}" if counted.price else ""),
        "Hạn mức phút/giờ/ngày": " ".join(
            f"{used}/{cap or '∞'}"
            for used, cap in (
                (counted.minute, line.per_minute),
                (counted.hour, line.per_hour),
                (counted.day, line.per_day),
            )
        ),
        "Tin mới đến": f"{line.heard_at.astimezone(LOCAL):%d/%m %H:%M}" if line.heard_at else "",
        **dict(line.facts),
        "Webhook": line.webhook_url,
        "Khai báo ở": "hotro.toml" if line.from_file else "",
    }
    return [f"{line.name}: {mark}", *(f"  {name}: {said}" for name, said in facts.items() if said)]


def _dong(amount: int) -> str:
    return f"{amount:,} đ".replace(",", ".")
