"""The composition root: starts the parts asked for in one process.

First the core (bot.core), then the web server (bot.web_app: it accepts and stores messages at
once), then worker, sender and scheduler (bot.working). The model is loaded by a child process
meanwhile. A process imports only the parts that it runs.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Literal

from bot.core import Core, open_core
from bot.settings import Settings
from bot.store import officers

if TYPE_CHECKING:
    from bot.working import Hands

Part = Literal["web", "worker"]


def stop_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def run(settings: Settings, parts: Iterable[Part], say: Callable[[str], None]) -> None:
    """``hotro serve``, ``hotro web``, ``hotro worker``: run until a signal comes.

    Raises:
        StartError, StoreError: it cannot start; says what to do.
    """
    wanted = frozenset(parts)
    hands: list[Hands] = []

    async def ready() -> str | None:
        if "worker" not in wanted:
            return None  # another process answers
        return None if hands and hands[0].nlu.state == "ready" else "model is not ready"

    stop = stop_signals()
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(open_core(settings))
        if "worker" in wanted:
            from bot.nlu import need_model

            need_model(settings)
        if "web" in wanted:
            from bot.web_app import listening, web_app

            port = await stack.enter_async_context(listening(core, web_app(core, ready)))
            say(f"hotro đang nghe ở http://{settings.host}:{port} (bàn cán bộ: /console)")
            await _hint_officer(core, say)
        if "worker" in wanted:
            from bot.working import working

            hands.append(await stack.enter_async_context(working(core)))
            say("hotro đang trả lời tin nhắn")
        await stop.wait()
        say("hotro đang dừng...")


async def _hint_officer(core: Core, say: Callable[[str], None]) -> None:
    async with core.store.read() as session:
        if not await officers.listing(session):
            say("chưa có cán bộ nào: chạy `hotro officer add` để tạo tài khoản")
