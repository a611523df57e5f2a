"""Puts the simulated provider together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from aiohttp import web

from bot.clock import Clock
from integrations.simulation.courier import Courier, Ladder
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Journal
from integrations.simulation.web import fault_routes, live
from integrations.sms.esms.simulator.api import EsmsApi
from integrations.sms.esms.simulator.world import World
from integrations.sms.simulator.handset import HandsetApi

TIMER = 10.0
RETRIES = (10.0,) * 5
"""A report is tried five times more, when it gets no answer; any answer ends it."""


class EsmsSimulator:
    """One account; mount :meth:`app`, its address is the gateway's ``url``.

    ``hangs_behind``: what stands between a CallbackUrl that has a query and the values of the
    report. The documentation shows addresses without a query only.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        keys: tuple[str, str],
        brandname: str,
        short_code: str = "8041",
        cpid: str = "cpid-1",
        mo_key: str = "",
        mo_url: str = "",
        hangs_behind: str = "&",
        signs_in_hex: bool = False,
        state_path: Path | None = None,
        faults: Faults | None = None,
        delay_scale: float = 1.0,
    ) -> None:
        self.faults = faults if faults is not None else Faults()
        self._journal = Journal(state_path)
        self.courier = Courier(
            self._journal,
            "",
            Ladder(RETRIES, TIMER, delay_scale),
            self.faults,
            sign=lambda body, repeat: {},
            accepted=lambda tag: None,
            attempt=self._get,
        )
        self.world = World(
            clock,
            self._journal,
            self.courier,
            short_code=short_code,
            cpid=cpid,
            mo_key=mo_key,
            mo_url=mo_url,
            hangs_behind=hangs_behind,
            signs_in_hex=signs_in_hex,
        )
        self._api = EsmsApi(self.world, keys, brandname, self.faults)

    def app(self) -> web.Application:
        """The sub-application: interface, handsets and fault switches."""
        app = web.Application()
        app.add_routes(self._api.routes())
        app.add_routes(HandsetApi(self.world).routes())
        app.add_routes(fault_routes(self.faults))
        live(app, self.courier, self._journal, close=self.world.bell.close)
        return app

    async def _get(self, http: httpx.AsyncClient, url: bytes, headers: Mapping[str, str]) -> bool:
        answer = await http.get(url.decode())
        sender = parse_qs(urlsplit(url.decode()).query).get("sender")
        if sender and answer.is_success:
            self.world.answered(sender[0], answer.content)
        return True
