"""Puts the simulated phone together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import httpx
from aiohttp import web

from bot.clock import Clock
from integrations.simulation.courier import Courier, Ladder
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Journal
from integrations.simulation.web import fault_routes, live
from integrations.sms import signature
from integrations.sms.simulator.handset import HandsetApi
from integrations.sms.smsgate.simulator.api import PhoneApi
from integrations.sms.smsgate.simulator.world import World

TIMER = 30.0
RETRIES = tuple(10.0 * 2**n for n in range(14))
"""Seconds before each repeat of a webhook: about two days in all."""


class SmsGatePhone:
    """One phone with ``own_number``; mount :meth:`app`, its address is the gateway's ``url``.

    ``is_old``: an application of 2025, without an inbox to read. ``pace``: seconds between the
    steps of a message. Each attempt of a webhook is signed afresh, as the application does.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        user: str,
        password: str,
        own_number: str,
        device: str = "ffffffffceb0b1db0000018e9",
        is_old: bool = False,
        pace: float = 0.0,
        state_path: Path | None = None,
        faults: Faults | None = None,
        delay_scale: float = 1.0,
    ) -> None:
        self.faults = faults if faults is not None else Faults()
        self._clock = clock
        self._journal = Journal(state_path)
        self.courier = Courier(
            self._journal,
            "",
            Ladder(RETRIES, TIMER, delay_scale),
            self.faults,
            sign=lambda body, repeat: {},
            accepted=lambda tag: None,
            attempt=self._post,
        )
        self.world = World(
            clock,
            self._journal,
            self.courier,
            self.faults,
            own_number=own_number,
            device=device,
            is_old=is_old,
            pace=pace,
        )
        self._api = PhoneApi(self.world, user, password, self.faults)

    def app(self) -> web.Application:
        """The sub-application: local server, handsets and fault switches."""
        app = web.Application()
        app.add_routes(self._api.routes())
        app.add_routes(HandsetApi(self.world).routes())
        app.add_routes(fault_routes(self.faults))
        live(
            app,
            self.courier,
            self._journal,
            close=self.world.bell.close,
            stop=self.world.stop,
        )
        return app

    async def _post(
        self, http: httpx.AsyncClient, wrapped: bytes, headers: Mapping[str, str]
    ) -> bool:
        what = json.loads(wrapped)
        body = what["body"].encode()
        signed = signature.headers(self.world.signing_key, body, self._clock.now())
        answer = await http.post(what["url"], content=body, headers={**headers, **signed})
        return answer.is_success
