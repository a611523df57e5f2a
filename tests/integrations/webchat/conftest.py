"""A running web chat with fakes behind it, and a client that acts like a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientResponse, CookieJar, web
from aiohttp.test_utils import TestClient, TestServer

from integrations.webchat.limits import Limits
from integrations.webchat.routes import routes
from tests.integrations.webchat.fakes import FakeBoards, FakeStore, communes

PAGE = "/chat/song-phuong"
MESSAGES = f"{PAGE}/messages"
SETTINGS = Limits(poll_interval=0.01)
Client = TestClient[web.Request, web.Application]


@dataclass
class Site:
    """One deployment and its outside."""

    store: FakeStore = field(default_factory=FakeStore)
    boards: FakeBoards = field(default_factory=FakeBoards)
    seconds: float = 0.0
    closing: bool = False
    clients: list[Client] = field(default_factory=list)

    async def client(self, limits: Limits = SETTINGS, **options: Any) -> Client:
        """A browser without cookies at a fresh server."""
        app = web.Application()
        app.add_routes(
            routes(
                self.store,
                self.store,
                self.boards,
                communes,
                limits,
                sms_keyword=lambda procedure: {"khai_sinh": "KS"}.get(procedure or "", ""),
                closing=lambda: self.closing,
                monotonic=lambda: self.seconds,
                **options,
            )
        )
        client = TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True))
        await client.start_server()
        self.clients.append(client)
        return client

    async def visitor(self, limits: Limits = SETTINGS, **options: Any) -> Client:
        """A browser that has opened the chat page."""
        client = await self.client(limits, **options)
        assert (await client.get(PAGE)).status == 200
        return client


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    yield made
    for client in made.clients:
        await client.close()


def post(client: Client, body: Any, **options: Any) -> Awaitable[ClientResponse]:
    """Post one message as the page does."""
    return client.post(MESSAGES, json=body, **options)


def say(text: str, id: str = "m1", kind: str = "text") -> dict[str, str]:
    """A message body."""
    return {"id": id, "kind": kind, "text": text}


async def error(response: ClientResponse) -> str:
    """The Vietnamese reason of a refusal."""
    body = await response.json()
    assert set(body) == {"error"}
    return str(body["error"])
