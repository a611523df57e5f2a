"""Puts the simulated Zalo together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from integrations.bodies import MalformedBodyError, decode_object
from integrations.fields import part, scalar
from integrations.simulation.clock import Clock
from integrations.simulation.courier import Courier, Ladder
from integrations.simulation.faults import Faults
from integrations.simulation.journal import Journal
from integrations.simulation.web import fault_routes, live
from integrations.zalo.oa import signature
from integrations.zalo.simulator.desk import Desk
from integrations.zalo.simulator.events import Events
from integrations.zalo.simulator.gate import Gate
from integrations.zalo.simulator.groupapi import GroupApi
from integrations.zalo.simulator.groups import Groups
from integrations.zalo.simulator.oauth import OAuthServer
from integrations.zalo.simulator.openapi import OpenApi
from integrations.zalo.simulator.phone import PhoneApi
from integrations.zalo.simulator.policy import Policy
from integrations.zalo.simulator.templates import Templates
from integrations.zalo.simulator.tokens import Pair, Tokens
from integrations.zalo.simulator.uploads import Uploads
from integrations.zalo.simulator.users import Users
from integrations.zalo.simulator.world import World

TIMER = 2.0
RETRIES = (30.0, 300.0, 900.0, 1800.0, 3600.0)
APP_SECRET = "simulator-app-secret"


class ZaloSimulator:
    """One OA with its phones and groups.

    Mount :meth:`app` under a prefix; the prefix is then the address of openapi.zalo.me,
    business.openapi.zalo.me and oauth.zaloapp.com in one. ``webhook_url`` may be set later
    through :attr:`courier`. ``state_path`` keeps phones, tokens, groups, uploads and undelivered
    webhooks over a restart. ``delay_scale`` shortens the retry ladder.

    ``access_token`` with ``refresh_token`` is a first pair that ends as every pair does;
    alone it never ends. ``redirect_uri`` empty accepts any. ``dead_code`` is the answer to a
    used refresh token (sources name -14014, -14020 and -118). ``token_clock`` is by what tokens
    end, where ``clock`` is moved about.
    """

    def __init__(
        self,
        clock: Clock,
        webhook_url: str,
        *,
        app_id: str,
        oa_id: str,
        oa_secret: str,
        access_token: str = "",
        refresh_token: str = "",
        app_secret: str = APP_SECRET,
        redirect_uri: str = "",
        dead_code: int = -14014,
        state_path: Path | None = None,
        faults: Faults | None = None,
        policy: Policy | None = None,
        delay_scale: float = 1.0,
        token_clock: Clock | None = None,
    ) -> None:
        self.faults = faults if faults is not None else Faults()
        self._app_id, self._oa_secret = app_id, oa_secret
        self._journal = Journal(state_path)
        self.tokens = Tokens(token_clock or clock, self._journal, dead_code)
        if access_token:
            self.tokens.seed(Pair(access_token, refresh_token))
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
        self.groups = Groups(self.world)
        self.uploads = Uploads(self.world)
        self.templates = Templates(self.world)
        self.desk = Desk(self.world, self.tokens, self.courier)
        self.oauth = OAuthServer(
            self.tokens,
            self.faults,
            app_id=app_id,
            app_secret=app_secret,
            oa_id=oa_id,
            redirect_uri=redirect_uri,
        )
        self._gate = Gate(self.world, self.tokens, app_secret)
        self._oa_id = oa_id

    def app(self) -> web.Application:
        """The sub-application: OAuth, OpenAPI, phones, console and fault switches."""
        app = web.Application()
        app.add_routes(self._api_routes())
        app.add_routes(self.oauth.routes())
        app.add_routes(PhoneApi(self.world, self.groups).routes())
        app.add_routes(self.desk.routes())
        app.add_routes(fault_routes(self.faults))
        live(
            app,
            self.courier,
            self._journal,
            close=self.world.bell.close,
            stop=self.templates.close,
        )
        return app

    def _api_routes(self) -> list[web.RouteDef]:
        return [
            *OpenApi(self.world, self.uploads, self._oa_id).routes(self._gate),
            *Users(self.world, self._oa_id).routes(self._gate),
            *self.uploads.routes(self._gate),
            *self.templates.routes(self._gate),
            *GroupApi(self.groups, self.uploads, self._oa_id).routes(self._gate),
        ]

    def _headers(self, body: bytes, repeat: int) -> Mapping[str, str]:
        try:
            event = decode_object(body)
        except MalformedBodyError:
            event = {}
        timestamp = scalar(event.get("timestamp"))
        value = signature.header_value(self._app_id, body, timestamp, self._oa_secret)
        headers = {signature.HEADER: value}
        if "delivery_time" in part(event, "message"):
            headers["X-ZEvent-Server"] = "ZNS"
        return headers | {"num_retry": str(repeat)} if repeat else headers
