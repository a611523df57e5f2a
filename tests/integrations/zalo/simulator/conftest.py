"""A simulator over real HTTP, and a webhook that writes down what it is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from bot.clock import FixedClock
from integrations.zalo.oa import signature
from integrations.zalo.simulator import Faults, Policy, ZaloSimulator
from tests.integrations.http import serving

APP, OA, USER, OTHER = (
    "900100200300",
    "7778889990001112223",
    "1112223334445556667",
    "2223334445556667778",
)
SECRETS = {"oa_secret": "oa-secret-for-tests", "app_secret": "app-secret-for-tests"}
ACCESS, REFRESH = "first-access", "first-refresh"
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam
SEND = "/v3.0/oa/message/cs"


@dataclass
class Hook:
    """The other side: keeps every request; ``failures`` of the next get a 500."""

    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    failures: int = 0

    async def take(self, request: web.Request) -> web.Response:
        self.requests.append((dict(request.headers), await request.read()))
        if self.failures > 0:
            self.failures -= 1
            return web.Response(status=500)
        return web.Response()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.requests]

    @property
    def names(self) -> list[str]:
        return [event["event_name"] for event in self.events]

    def named(self, name: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event_name"] == name]

    def all_signed(self) -> bool:
        """Whether each body carries its MAC, made over the bytes as they came."""
        return all(
            signature.verify(
                headers.get(signature.HEADER, ""),
                APP,
                body,
                json.loads(body).get("timestamp", ""),
                SECRETS["oa_secret"],
            )
            for headers, body in self.requests
        )


@dataclass
class Lab:
    """What a test needs; ``http`` stands at the simulator's prefix."""

    clock: FixedClock
    simulator: ZaloSimulator
    http: httpx.AsyncClient
    hook: Hook
    token: str = ACCESS

    @property
    def faults(self) -> Faults:
        return self.simulator.faults

    def policy(self, **rules: Any) -> None:
        self.simulator.world.policy = Policy(**rules)

    def later(self, **span: float) -> None:
        """Time passes; the access token is renewed meanwhile."""
        self.clock.advance(timedelta(**span))
        self.token = self.simulator.tokens.issue().access

    async def post(self, path: str, content: object) -> dict[str, Any]:
        """One call of the API; errors come under HTTP 200."""
        headers = {"access_token": self.token}
        return answer_of(await self.http.post(path, json=content, headers=headers))

    async def get(self, path: str, data: object = None, **plain: object) -> dict[str, Any]:
        """One reading call, with the query parameter ``data`` or plain ones."""
        params: dict[str, Any] = {"data": json.dumps(data)} if data is not None else plain
        headers = {"access_token": self.token}
        return answer_of(await self.http.get(path, params=params, headers=headers))

    async def send(self, content: object = None) -> dict[str, Any]:
        """A consultation message."""
        return await self.post(SEND, message() if content is None else content)

    async def act(self, path: str, content: object = None) -> dict[str, Any]:
        """Something on a phone; returns when its webhooks are settled."""
        answer = await self.http.post(path, json=content if content is not None else {})
        assert answer.status_code == 200, answer.text
        await self.simulator.courier.idle()
        result: dict[str, Any] = answer.json()
        return result

    async def meet(self, text: str = "chao", user: str = USER) -> dict[str, Any]:
        """A citizen writes."""
        return await self.act(f"/phone/{user}/send", {"text": text})

    async def shown(self, user: str = USER) -> list[dict[str, Any]]:
        """What the phone shows; looking is seeing."""
        answer = await self.http.get(f"/phone/{user}/messages")
        await self.simulator.courier.idle()
        bubbles: list[dict[str, Any]] = answer.json()["messages"]
        return bubbles

    async def settled(self) -> list[str]:
        """The names of all events when nothing is under way any more."""
        await self.simulator.courier.idle()
        return self.hook.names


def answer_of(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    result: dict[str, Any] = response.json()
    return result


def message(text: object = "chào", *buttons: object, **more: object) -> dict[str, Any]:
    """A body for ``/message/cs``."""
    inside: dict[str, object] = {"text": text} | more
    if buttons:
        inside["attachment"] = {"type": "template", "payload": {"buttons": list(buttons)}}
    return {"recipient": {"user_id": USER}, "message": inside}


def attached(
    kind: str, payload: object, to: dict[str, str] | None = None, **more: object
) -> dict[str, Any]:
    """A body with an attachment."""
    inside = {"attachment": {"type": kind, "payload": payload}, **more}
    return {"recipient": to or {"user_id": USER}, "message": inside}


def media(element: dict[str, object], **more: object) -> dict[str, Any]:
    """A picture, a moving one or a sticker."""
    return attached("template", {"template_type": "media", "elements": [element]}, **more)  # type: ignore[arg-type]


def simulator(clock: FixedClock, webhook: str, **more: Any) -> ZaloSimulator:
    arguments = {"app_id": APP, "oa_id": OA, "access_token": ACCESS, "refresh_token": REFRESH}
    return ZaloSimulator(clock, webhook, **(SECRETS | arguments | {"delay_scale": 0.0001} | more))


@asynccontextmanager
async def laboratory(state: Path | None = None, **more: Any) -> AsyncIterator[Lab]:
    clock = more.pop("clock", None) or FixedClock(START)
    hook = more.pop("hook", None) or Hook()
    made = simulator(clock, "http://127.0.0.1:1/not-yet", state_path=state, **more)
    app = web.Application()
    app.router.add_post("/hook", hook.take)
    app.add_subapp("/zalo", made.app())
    async with serving(app) as address, httpx.AsyncClient(base_url=f"{address}/zalo") as http:
        made.courier.url = f"{address}/hook"
        yield Lab(clock, made, http, hook)


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    async with laboratory() as made:
        yield made
