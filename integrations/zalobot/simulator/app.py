"""Puts the simulated Zalo Bot Platform together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from integrations.simulation.clock import Clock
from integrations.simulation.courier import Courier, Ladder
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Journal
from integrations.simulation.web import fault_routes, live
from integrations.zalobot.simulator.api import BotApi
from integrations.zalobot.simulator.phone import PhoneApi
from integrations.zalobot.simulator.world import World

HEADER = "X-Bot-Api-Secret-Token"
TIMER = 10.0
# Nothing is documented; a few repeats, so that a short stop of the receiver loses nothing.
RETRIES = (10.0, 60.0, 300.0)


class BotSimulator:
    """One bot with its phones.

    Mount :meth:`app` under a prefix; the prefix is then the account's ``base``.
    ``state_path`` keeps phones, the webhook and undelivered updates over a restart.
    ``delay_scale`` shortens the repeats of webhooks. Others: see :class:`BotApi`.
    """

    def __init__(
        self,
        clock: Clock,
        token: str,
        *,
        state_path: Path | None = None,
        faults: Faults | None = None,
        mirror_status: bool = True,
        allow_http: bool = False,
        delay_scale: float = 1.0,
    ) -> None:
        self.faults = faults if faults is not None else Faults()
        self._journal = Journal(state_path)
        self.courier = Courier(
            self._journal,
            "",
            Ladder(RETRIES, TIMER, delay_scale),
            self.faults,
            sign=self._headers,
            accepted=lambda tag: self.world.acknowledged(tag),
        )
        self.world = World(clock, self._journal, self.courier)
        self.api = BotApi(
            self.world, token, self.faults, mirror_status=mirror_status, allow_http=allow_http
        )

    def app(self) -> web.Application:
        """The sub-application: the Bot API, phones and fault switches."""
        app = web.Application()
        app.add_routes(self.api.routes())
        app.add_routes(PhoneApi(self.world).routes())
        app.add_routes(fault_routes(self.faults))
        live(
            app,
            self.courier,
            self._journal,
            close=self.world.close,
            # What waits for polls stays where it is; what waits for a webhook is posted.
            resume=self._resume,
        )
        return app

    async def _resume(self) -> None:
        if self.world.webhook.url:
            await self.courier.resume()

    def _headers(self, body: bytes, repeat: int) -> Mapping[str, str]:
        return {HEADER: self.world.webhook.secret}
