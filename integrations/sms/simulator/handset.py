"""A basic phone as JSON, for the demo page and for tests.

GET  /handset/{number}/messages?after=N&wait=20
POST /handset/{number}/send   {"text"}
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from aiohttp import web

from bot.clock import LOCAL
from bot.segments import count
from integrations.simulation.journal import Bubble, Journal
from integrations.simulation.web import MAX_WAIT, Bell, json_object, number
from integrations.sms.simulator.phones import address_of

_WHO = "{number:[0-9A-Za-z+ ]{1,32}}"
_LAST_SEQ = float(2**53)


class Handsets(Protocol):
    """A simulated gateway, as the phones behind it see it."""

    @property
    def journal(self) -> Journal:
        """What the phones show."""
        ...

    @property
    def bell(self) -> Bell:
        """Rings when a phone shows something new."""
        ...

    def write(self, number: str, text: str) -> tuple[Bubble, asyncio.Event]:
        """Send ``text`` from a phone to the office; the event: the gateway told us once."""
        ...


class HandsetApi:
    """The phones of everybody who texts the office."""

    def __init__(self, network: Handsets) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        """See the module."""
        return [
            web.get(f"/handset/{_WHO}/messages", self._messages),
            web.post(f"/handset/{_WHO}/send", self._send),
        ]

    async def _messages(self, request: web.Request) -> web.Response:
        address = address_of(request.match_info["number"])
        after = int(number(request, "after", _LAST_SEQ))
        bubbles = self._network.journal.since(address, after)
        if not bubbles:
            await self._network.bell.wait(address, number(request, "wait", MAX_WAIT))
            bubbles = self._network.journal.since(address, after)
        last = bubbles[-1].seq if bubbles else after
        return web.json_response({"messages": [as_json(b) for b in bubbles], "next": last})

    async def _send(self, request: web.Request) -> web.Response:
        text = (await json_object(request)).get("text")
        if not isinstance(text, str):
            raise web.HTTPBadRequest(text="text is missing")
        bubble, _ = self._network.write(address_of(request.match_info["number"]), text)
        return web.json_response(as_json(bubble))


def as_json(bubble: Bubble) -> dict[str, object]:
    """One message; ``parts`` and ``encoding`` of what went over the air."""
    segments = count(bubble.wire)
    return {
        "seq": bubble.seq,
        "from": bubble.author,
        "text": bubble.text,
        "parts": segments.parts,
        "encoding": segments.encoding,
        "at": bubble.at.astimezone(LOCAL).isoformat(),
    }
