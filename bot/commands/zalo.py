"""``hotro zalo`` and ``hotro zalobot``: the accounts, without a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime

from bot.clock import LOCAL
from bot.core import StartError, open_core
from bot.settings import Settings
from bot.zalo_account import OaState, ZaloFault
from bot.zalo_desk import Accounts


@asynccontextmanager
async def _accounts(settings: Settings, commune: str) -> AsyncIterator[Accounts]:
    async with open_core(settings) as core:
        if commune not in core.library().communes:
            raise StartError(f"không có xã {commune} (xem: hotro commune list)")
        try:
            yield Accounts(settings, core.store, core.outside, core.clock, core.wall)
        except ZaloFault as fault:
            raise StartError(str(fault)) from fault
        core.wakeups.notify("outbox")


async def status(settings: Settings, commune: str) -> str:
    """How the OA and the bot stand."""
    async with _accounts(settings, commune) as desk:
        oa, bot = await desk.oa(commune), await desk.bot(commune)
    lines = _told(oa)
    state = bot.problem or (f"đang dùng ({bot.name})" if bot.has_token else "chưa có")
    return "\n".join([*lines, f"Bot miễn phí: {state}"])


async def change(settings: Settings, commune: str, values: Mapping[str, str]) -> str:
    """Keep what was given."""
    async with _accounts(settings, commune) as desk:
        return "\n".join(_told(await desk.save(commune, values)))


async def connect(settings: Settings, commune: str) -> str:
    """The address at which an administrator of the OA consents."""
    async with _accounts(settings, commune) as desk:
        address = await desk.connect(commune)
        state = await desk.oa(commune)
    return (
        f"Mở địa chỉ này bằng trình duyệt, đăng nhập tài khoản quản trị OA rồi bấm đồng ý:\n"
        f"{address}\n"
        f"(Nếu trang quản lý ứng dụng đòi: state {state.fixed_state}, "
        f"code challenge {state.fixed_challenge})\n"
        f"Zalo sẽ đưa trình duyệt về {state.callback_url}; hotro phải đang chạy ở đó."
    )


async def paste(settings: Settings, commune: str, access: str, refresh: str) -> str:
    """Take a pair from the API Explorer and try it."""
    async with _accounts(settings, commune) as desk:
        await desk.paste(commune, access, refresh)
        return "\n".join(_told(await desk.check(commune)))


async def check(settings: Settings, commune: str) -> str:
    """Ask Zalo."""
    async with _accounts(settings, commune) as desk:
        return "\n".join(_told(await desk.check(commune)))


async def groups(settings: Settings, commune: str) -> str:
    """The OA's groups."""
    async with _accounts(settings, commune) as desk:
        found = await desk.groups(commune)
    lines = [f"{one.id}\t{one.name}\t{one.members} người" for one in found]
    return "\n".join(lines) or "OA chưa có nhóm nào (tạo trong OA Manager)."


async def disconnect(settings: Settings, commune: str) -> str:
    """Forget secrets and tokens."""
    async with _accounts(settings, commune) as desk:
        await desk.disconnect(commune)
    return "Đã ngắt kết nối và xoá các mã của OA."


async def set_bot(settings: Settings, commune: str, token: str) -> str:
    """Try and keep a bot's token; "" forgets it."""
    async with _accounts(settings, commune) as desk:
        state = await desk.save_bot(commune, token)
    return f"Bot “{state.name}” đã dùng được." if state.has_token else "Đã bỏ bot."


def _told(state: OaState) -> list[str]:
    if not state.app_id or not state.oa_id:
        return ["Zalo OA: chưa khai báo (hotro zalo set, hoặc trang /console/zalo)"]
    mark = state.problem or ("đang dùng được" if state.connected else "chưa kết nối")
    lines = [f"Zalo OA {state.oa_id}: {mark}"]
    facts = {
        "Tên": state.name,
        "Gói": f"{state.package} đến {state.package_until}" if state.package else "",
        "Cần chú ý": state.warning,
        "Zalo báo": state.notice,
        "Hạn mức": state.quota,
        "Quyền gửi tin đến": _moment(state.refresh_until),
        "Khoá OA (webhook)": "đã có" if state.has_oa_secret else "chưa có",
        "Nhận tin từ Zalo lần cuối": _moment(state.webhook_at),
        "Chữ ký sai lần cuối": _moment(state.unsigned_at),
        "Nhóm cán bộ": state.officer_group,
        "Nhóm bà con": state.public_group,
        "Mẫu tin nhắc": state.template,
        "Webhook": state.webhook_url,
        "Callback": state.callback_url,
    }
    return lines + [f"  {name}: {value}" for name, value in facts.items() if value]


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL):%d/%m/%Y %H:%M}" if at else ""
