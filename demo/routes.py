"""The demo page and the switches behind it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.clock import LOCAL
from demo.control import DemoControl
from demo.samples import FAULTS, SAMPLES
from integrations.webchat.security import problem, same_origin, secured
from integrations.webchat.statics import static_routes

HERE = Path(__file__).parent
MOST = timedelta(days=366)
_BODY_BYTES = 1024

_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


def routes(control: DemoControl) -> list[web.RouteDef]:
    """GET /, GET /demo/state, POST /demo/clock and the page's own files."""
    page = DemoPage(control)
    return [
        web.get("/", page.show),
        web.get("/demo/state", page.state),
        web.post("/demo/clock", page.clock),
        *static_routes("/demo-static", HERE / "static"),
    ]


class DemoPage:
    """The handlers."""

    def __init__(self, control: DemoControl) -> None:
        self._control = control

    async def show(self, request: web.Request) -> web.Response:
        """The page itself."""
        username, password = self._control.officer_login()
        html = _templates.get_template("demo.html").render(
            addresses=self._control.addresses(),
            username=username,
            password=password,
            approver=self._control.approver(),
            zalo_users=self._control.zalo_users(),
            handsets=self._control.handsets(),
            bot_name=self._control.bot_name(),
            bot_users=self._control.bot_users(),
            group=self._control.officers_group(),
            faults=FAULTS,
            samples=SAMPLES,
        )
        return secured(web.Response(text=html, content_type="text/html"))

    async def state(self, request: web.Request) -> web.Response:
        """The demo's time and the model's state."""
        return secured(web.json_response(self._state()))

    async def clock(self, request: web.Request) -> web.Response:
        """Move the demo's clock: {"advance_seconds": n} or {"reset": true}."""
        if not same_origin(request):
            return problem(403, "Chỉ đổi được đồng hồ từ trang chạy thử.")
        try:
            by = _movement(await request.content.read(_BODY_BYTES + 1))
        except ValueError:
            return problem(400, "Chỉ tua được tới trước, mỗi lần nhiều nhất 366 ngày.")
        if by is None:
            await self._control.reset_clock()
        else:
            await self._control.advance(by)
        return secured(web.json_response(self._state()))

    def _state(self) -> dict[str, Any]:
        now = self._control.now().astimezone(LOCAL)
        return {"now": now.isoformat(), "model": dict(self._control.model_state())}


def _movement(body: bytes) -> timedelta | None:
    """How far to advance; None to reset.

    Raises:
        ValueError: anything else.
    """
    try:
        data = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(data, dict):
        raise ValueError("not an object")
    if data.get("reset") is True:
        return None
    seconds = data.get("advance_seconds")
    if type(seconds) is not int or not 0 < seconds <= MOST.total_seconds():
        raise ValueError("not a number of seconds")
    return timedelta(seconds=seconds)
