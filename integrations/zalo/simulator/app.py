"""Puts the simulated Zalo together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from bot.clock import Clock
from integrations.bodies import decode_object
from integrations.fields import scalar
from integrations.simulation.courier import Courier, Ladder
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Journal
from integrations.simulation.web import fault_routes, lifetime
from integrations.zalo.oa import signature
from integrations.zalo.simulator.events import Events
from integrations.zalo.simulator.openapi import OpenApiServer
from integrations.zalo.simulator.phone import PhoneApi
from integrations.zalo.simulator.policy import Policy
from integrations.zalo.simulator.world import World

TIMER = 2.0
RETRIES = (30.0, 300.0, 900.0, 1800.0, 3600.0)


class ZaloSimulator:
    """One OA with its phones.

    Mount :meth:`app` under a prefix; the prefix is then the account's ``openapi`` address.
    ``webhook_url`` may be set later through :attr:`courier`. ``state_path`` keeps phones
    and undelivered webhooks over a restart. ``delay_scale`` shortens the retry ladder.
    """

    def __init__(
        self,
        clock: Clock,
        webhook_url: str,
        *,
        app_id: str,
        oa_id: str,
        oa_secret: str,
        access_token: str,
        state_path: Path | None = None,
        faults: Faults | None = None,
        policy: Policy | None = None,
        delay_scale: float = 1.0,
    ) -> None:
        self.faults = faults if faults is not None else Faults()
        self._app_id, self._oa_secret = app_id, oa_secret
        self._journal = Journal(state_path)
        self.courier = Courier(
            self._journal,
            webhook_url,
            Ladder(RETRIES, TIMER, delay_scale, disables=True),
            self.faults,
            sign=self._headers,
            accepted=lambda tag: self.world.acknowledged(tag),
        )
        self.world = World(
            clock,
            Events(app_id, oa_id),
            self._journal,
            self.courier,
            policy or Policy(),
            self.faults,
        )
        self.openapi = OpenApiServer(self.world, oa_id, access_token)

    def app(self) -> web.Application:
        """The sub-application: OpenAPI, phones and fault switches."""
        app = web.Application()
        app.add_routes(self.openapi.routes())
        app.add_routes(PhoneApi(self.world).routes())
        app.add_routes(fault_routes(self.faults))
        app.on_shutdown.append(self._close_polls)
        app.cleanup_ctx.append(lifetime(self.courier, self.world.bell, self._journal))
        return app

    async def _close_polls(self, app: web.Application) -> None:
        self.world.bell.close()

    def _headers(self, body: bytes, repeat: int) -> Mapping[str, str]:
        timestamp = scalar(decode_object(body)["timestamp"])
        value = signature.header_value(self._app_id, body, timestamp, self._oa_secret)
        headers = {signature.HEADER: value}
        return headers | {"num_retry": str(repeat)} if repeat else headers
