"""Puts the simulated SMS gateway together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from bot.clock import Clock
from integrations.simulation.courier import Courier, Ladder
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Journal
from integrations.simulation.web import fault_routes, live
from integrations.sms import signature
from integrations.sms.simulator.gateway import GatewayApi
from integrations.sms.simulator.handset import HandsetApi
from integrations.sms.simulator.network import Network

TIMER = 30.0
# SMSGate's: 10 s, doubled 14 times, about two days in all.
RETRIES = tuple(10.0 * 2**n for n in range(14))


class SmsGatewaySimulator:
    """One SIM with ``own_number`` and the handsets that write to it.

    Mount :meth:`app` under a prefix; ``prefix/messages`` is then the gateway's ``url``.
    Each attempt of a webhook is signed afresh with the clock's time.
    """

    def __init__(
        self,
        clock: Clock,
        webhook_url: str,
        *,
        secret: str,
        token: str,
        own_number: str,
        state_path: Path | None = None,
        faults: Faults | None = None,
        delay_scale: float = 1.0,
    ) -> None:
        self.faults = faults if faults is not None else Faults()
        self._clock, self._secret, self._token = clock, secret, token
        self._journal = Journal(state_path)
        self.courier = Courier(
            self._journal,
            webhook_url,
            Ladder(RETRIES, TIMER, delay_scale),
            self.faults,
            sign=self._headers,
            accepted=lambda tag: self.network.acknowledged(tag),
        )
        self.network = Network(clock, self._journal, self.courier, own_number)

    def app(self) -> web.Application:
        """The sub-application: gateway, handsets and fault switches."""
        app = web.Application()
        app.add_routes(GatewayApi(self.network, self._token, self.faults).routes())
        app.add_routes(HandsetApi(self.network).routes())
        app.add_routes(fault_routes(self.faults))
        live(app, self.courier, self._journal, close=self.network.bell.close)
        return app

    def _headers(self, body: bytes, repeat: int) -> Mapping[str, str]:
        return signature.headers(self._secret, body, self._clock.now())
