"""Small aiohttp pieces of the simulators: long polls, JSON bodies, fault switches."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from integrations.bodies import MalformedBodyError, decode_object
from integrations.simulation.courier import Courier
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Journal

MAX_WAIT = 20.0
LAST_SEQ = float(2**53)


class Bell:
    """Wakes the long polls of one address."""

    def __init__(self) -> None:
        self._events: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._closing = False

    def ring(self, address: str) -> None:
        """Something changed for ``address``."""
        self._events.pop(address, asyncio.Event()).set()

    def close(self) -> None:
        """Wake everybody: the server stops."""
        self._closing = True
        for address in list(self._events):
            self.ring(address)

    async def wait(self, address: str, seconds: float) -> None:
        """Sleep until the next ring for ``address``, at most ``seconds``."""
        if self._closing or seconds <= 0:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._events[address].wait()
        except TimeoutError:
            return


async def json_object(request: web.Request) -> dict[str, object]:
    """The body as one JSON object.

    Raises:
        web.HTTPBadRequest: it is none.
    """
    try:
        return decode_object(await request.read())
    except MalformedBodyError as fault:
        raise web.HTTPBadRequest(text=str(fault)) from fault


def number(request: web.Request, name: str, most: float) -> float:
    """A query parameter between 0 and ``most``; 0 when absent.

    Raises:
        web.HTTPBadRequest: it is no number.
    """
    try:
        value = float(request.query.get(name, "0"))
    except ValueError as fault:
        raise web.HTTPBadRequest(text=f"{name} is no number") from fault
    return min(max(value, 0.0), most) if value == value else 0.0


def fault_routes(faults: Faults) -> list[web.RouteDef]:
    """``GET /faults`` shows the switches, ``POST /faults`` sets some of them."""

    async def show(request: web.Request) -> web.Response:
        return web.json_response(faults.as_dict())

    async def change(request: web.Request) -> web.Response:
        try:
            faults.update(await json_object(request))
        except MalformedBodyError as fault:
            raise web.HTTPBadRequest(text=str(fault)) from fault
        return web.json_response(faults.as_dict())

    return [web.get("/faults", show), web.post("/faults", change)]


async def answer_lost(request: web.Request, faults: Faults) -> None:
    """Keep the client waiting, then cut the line: it never learns what happened."""
    deadline = asyncio.get_running_loop().time() + faults.drop_seconds
    while (line := request.transport) is not None and not line.is_closing():
        if asyncio.get_running_loop().time() >= deadline:
            line.abort()
            return
        await asyncio.sleep(0.02)


def live(
    app: web.Application,
    courier: Courier,
    journal: Journal,
    *,
    close: Callable[[], None],
    resume: Callable[[], Awaitable[None]] | None = None,
    stop: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Let the courier work while the application runs.

    Args:
        close: ends long polls, when the server begins to stop.
        resume: what begins at the start; the courier's own when left out.
        stop: ends what else is under way.
    """

    async def closing(app: web.Application) -> None:
        close()

    async def running(app: web.Application) -> AsyncIterator[None]:
        resuming = asyncio.ensure_future((resume or courier.resume)())
        yield
        resuming.cancel()
        await asyncio.gather(resuming, return_exceptions=True)
        if stop is not None:
            await stop()
        await courier.stop()
        journal.close()

    app.on_shutdown.append(closing)
    app.cleanup_ctx.append(running)
