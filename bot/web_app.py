"""The internet-facing part: webhooks, web chat, console, health. Knows nothing of the model.

A part of the composition root: it knows the integrations and the console.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from bot.core import Core, StartError
from bot.desks import console_desk
from bot.health import Health
from bot.knowledge.library import Library
from bot.settings import ROOT, Settings
from bot.store import boards
from bot.store.transcript import WebTranscript
from console import routes as console_routes
from integrations.sms import webhook as sms_webhook
from integrations.webchat import routes as webchat
from integrations.zalo import webhook as zalo_webhook
from integrations.zalobot import webhook as zalobot_webhook

SHUTDOWN_SECONDS = 10.0


def web_app(core: Core, ready: Callable[[], Awaitable[str | None]]) -> web.Application:
    """The internet-facing application. Imports nothing of the model."""
    app = web.Application(client_max_size=4 * 2**20)
    closing = asyncio.Event()
    intake = core.intake
    client_address = _client_address(core.settings)
    app.add_routes(zalo_webhook.routes(intake, core.outside.zalo, core.outside.webhook_came))
    app.add_routes(zalobot_webhook.routes(intake, core.outside.bots))
    app.add_routes(sms_webhook.routes(intake, core.outside.sms.pool, core.clock))
    app.add_routes(
        webchat.routes(
            intake,
            WebTranscript(core.store),
            boards.StoredBoards(core.store, core.clock),
            core.commune_view,
            sms_keyword=lambda procedure: _keyword(core.library(), procedure),
            closing=closing.is_set,
            client_address=client_address,
        )
    )
    app.add_routes(console_routes.routes(console_desk(core, client_address)))
    app.router.add_static("/static", ROOT / "static")
    health = Health(core.store, core.clock, ready)
    health.count(
        "hotro_received",
        "Messages taken in",
        ("channel", "kind"),
        lambda: {tuple(k): n for k, n in intake.received.items()},
    )
    health.count(
        "hotro_duplicates",
        "Messages that came twice",
        ("channel",),
        lambda: {(channel,): n for channel, n in intake.duplicates.items()},
    )
    health.count(
        "hotro_events",
        "Events of providers that asked for no answer",
        ("channel", "event"),
        lambda: {tuple(k): n for k, n in intake.events.items()},
    )
    health.count(
        "hotro_muted",
        "SMS that were kept and not answered: machines and floods",
        ("why",),
        lambda: {(why,): n for why, n in core.muted.items()},
    )
    app.add_routes(health.routes())
    app.on_shutdown.append(_set(closing))
    return app


def _set(event: asyncio.Event) -> Callable[[web.Application], Awaitable[None]]:
    async def shut(_app: web.Application) -> None:
        event.set()

    return shut


def _keyword(library: Library, procedure: str | None) -> str:
    known = library.procedures.get(procedure or "")
    return known.keyword if known else "TG"


def _client_address(settings: Settings) -> Callable[[web.Request], str]:
    def address(request: web.Request) -> str:
        if settings.behind_proxy:
            # The nearest proxy appends; only its own word can be trusted.
            return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or "?"
        return request.remote or "?"

    return address


@asynccontextmanager
async def listening(core: Core, app: web.Application) -> AsyncIterator[int]:
    """Serve ``app``; yields the port.

    Raises:
        StartError: the port is taken or not allowed.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    host, port = core.settings.host, core.settings.port
    site = web.TCPSite(runner, host, port)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        if error.errno == errno.EADDRINUSE:
            raise StartError(
                f"cổng {port} đang có chương trình khác dùng: đổi bằng HOTRO_PORT=8081"
            ) from error
        raise StartError(f"không mở được {host}:{port}: {error.strerror}") from error
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
