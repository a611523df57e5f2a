"""``hotro doctor``: looks at each part and says what to do about each fault."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.clock import local_date
from bot.commands.content import ending
from bot.core import Core, StartError, open_core
from bot.nlu import new_nlu
from bot.settings import Settings, config_file
from bot.sms_account import SmsFault
from bot.sms_desk import Gateways
from bot.store import officers
from bot.store.engine import StoreError
from bot.store.migrate import revision_of
from bot.understanding.client import NluUnavailable
from bot.understanding.training import current_model
from bot.zalo_account import ZaloFault
from bot.zalo_desk import Accounts

MIN_FREE_GB = 1.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: ``advice`` says what to do when it is not well."""

    what: str
    well: bool
    detail: str = ""
    advice: str = ""


async def run(settings: Settings, say: Callable[[str], None]) -> bool:
    """Look at everything; True when nothing has to be done."""
    healthy = True
    async for finding in _looks(settings):
        healthy = healthy and finding.well
        say(f"{'✔' if finding.well else '✘'} {finding.what}: {finding.detail}".rstrip(": "))
        if not finding.well and finding.advice:
            say(f"    → {finding.advice}")
    return healthy


async def _looks(settings: Settings) -> AsyncIterator[Finding]:
    file = config_file()
    read = f"đọc từ {file}" if file.is_file() else f"mặc định (chưa có {file})"
    yield Finding("Cài đặt", True, read)
    yield _disk(settings)
    try:
        async with open_core(settings) as core:
            current, head = await revision_of(core.store)
            kind = urlsplit(settings.database).scheme.split("+")[0]
            yield Finding("Cơ sở dữ liệu", current == head, f"{kind}, phiên bản {current}")
            yield _content(core)
            yield await _officers(core)
            if settings.redis_url:
                yield await _redis(settings)
            async for finding in _accounts(core):
                yield finding
            async for finding in _gateways(core):
                yield finding
    except (StartError, StoreError) as error:
        yield Finding("Cơ sở dữ liệu và nội dung", False, str(error), "sửa lỗi trên rồi chạy lại")
    yield await _model(settings)


async def _accounts(core: Core) -> AsyncIterator[Finding]:
    desk = Accounts(core.settings, core.store, core.outside, core.clock, core.wall)
    for commune in sorted(core.outside.zalo):
        yield await _zalo(desk, commune)
    for commune in sorted(core.outside.bots):
        yield await _bot(desk, commune)
    if not core.outside.zalo and not core.outside.bots:
        yield Finding("Zalo", True, "chưa cài đặt (trang /console/zalo hoặc hotro zalo set)")


def _disk(settings: Settings) -> Finding:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.data_dir).free / 1e9
    return Finding(
        "Ổ đĩa", free >= MIN_FREE_GB, f"còn {free:.1f} GB", "dọn bớt tệp, cần ít nhất 1 GB trống"
    )


def _content(core: Core) -> Finding:
    library = core.library()
    named = {*core.settings.zalo, *core.outside.sms.communes()}
    strangers = sorted(named - set(library.communes))
    detail = f"{len(library.procedures)} thủ tục, {len(library.communes)} xã"
    if strangers:
        advice = f"cài đặt nói đến xã không có trong faq/communes: {', '.join(strangers)}"
        return Finding("Nội dung", False, detail, advice)
    today = local_date(core.clock.now())
    silent = sum(not (one.optional or one.later) for one in library.on(today).missing.values())
    soon = len(list(ending(library, today)))
    if silent or soon:
        detail += f"; {silent} điều không được trả lời hôm nay, {soon} điều sắp hết hạn"
        advice = "xem: hotro content todo, rồi kiểm tra lại và sửa trong faq/"
        return Finding("Nội dung", not silent, detail, advice)
    return Finding("Nội dung", True, detail)


async def _officers(core: Core) -> Finding:
    async with core.store.read() as session:
        count = len(await officers.listing(session))
    return Finding(
        "Cán bộ", count > 0, f"{count} tài khoản",
        "tạo bằng: hotro officer add TÊN --commune MÃ --name 'Họ tên'",
    )  # fmt: skip


async def _redis(settings: Settings) -> Finding:
    import redis.asyncio as redis
    from redis.exceptions import RedisError

    client = redis.Redis.from_url(settings.redis_url, socket_connect_timeout=3)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return Finding("Redis", False, type(error).__name__, "xem HOTRO_REDIS_URL và máy chủ Redis")
    finally:
        await client.aclose()
    return Finding("Redis", True, "trả lời")


async def _model(settings: Settings) -> Finding:
    path = current_model(settings.models_dir)
    if path is None:
        return Finding("Mô hình", False, "chưa có", "chạy: hotro train")
    nlu = new_nlu(settings)
    nlu.start()
    try:
        await nlu.wait_ready()
        await nlu.parse(["khai sinh cho con"])
    except NluUnavailable as error:
        return Finding("Mô hình", False, str(error), "chạy: hotro train --force")
    finally:
        await nlu.stop()
    return Finding("Mô hình", True, f"{path.parent.name}, đọc được câu hỏi")


async def _zalo(desk: Accounts, commune: str) -> Finding:
    what, advice = f"Zalo {commune}", f"xem: hotro zalo status --commune {commune}"
    state = await desk.oa(commune)
    if not state.has_oa_secret:
        enter = f"hotro zalo set --commune {commune} --oa-secret -"
        return Finding(what, False, "thiếu khoá OA (OA Secret Key)", enter)
    if state.problem:
        return Finding(what, False, state.problem, advice)
    try:
        state = await desk.check(commune)
    except ZaloFault as fault:
        return Finding(what, False, str(fault), advice)
    if state.warning:
        return Finding(what, False, state.warning, advice)
    return Finding(what, True, " - ".join(part for part in (state.name, state.package) if part))


async def _bot(desk: Accounts, commune: str) -> Finding:
    state = await desk.bot(commune)
    advice = f"hotro zalobot set --commune {commune}"
    return Finding(f"Bot Zalo {commune}", not state.problem, state.problem or state.name, advice)


async def _gateways(core: Core) -> AsyncIterator[Finding]:
    desk = Gateways(core.store, core.outside, core.clock, core.wall)
    communes = sorted(core.outside.sms.communes() & set(core.library().communes))
    for commune in communes:
        for line in await desk.gateways(commune):
            yield await _gateway(desk, commune, line.name)
    if not communes:
        yield Finding("SMS", True, "chưa cài đặt (trang /console/sms hoặc hotro sms set)")


async def _gateway(desk: Gateways, commune: str, name: str) -> Finding:
    what = f"SMS {commune} {name}"
    try:
        line = await desk.check(commune, name)
    except SmsFault as fault:
        advice = f"xem docs/ket-noi-sms.md, rồi thử lại: hotro sms check {name} --commune {commune}"
        return Finding(what, False, str(fault), advice)
    told = [line.kind.label, *(f"{name} {said}" for name, said in line.facts)]
    return Finding(what, True, " - ".join(told))
