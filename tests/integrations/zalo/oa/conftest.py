"""A Zalo of canned answers, and a clock that stands still until it is moved."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from integrations.zalo.oa.client import OaClient
from integrations.zalo.oa.tokens import static_token

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SENT = {"data": {"message_id": "m1", "user_id": "111"}, "error": 0, "message": "Success"}
Answer = dict[str, object] | httpx.Response | Exception


class Ticking:
    """A clock as a callable."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by


@dataclass
class Zalo:
    """Answers each request with the next of ``answers``, the last one for ever."""

    answers: list[Answer] = field(default_factory=lambda: [SENT])
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    @property
    def last(self) -> httpx.Request:
        return self.asked[-1]

    @property
    def body(self) -> Any:
        """The JSON body of the last request."""
        return json.loads(self.last.content)

    @property
    def form(self) -> dict[str, str]:
        """The form of the last request."""
        return dict(httpx.QueryParams(self.last.content.decode()))


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def zalo() -> Zalo:
    return Zalo()


@pytest.fixture
async def http(zalo: Zalo) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(zalo)) as client:
        yield client


@pytest.fixture
def oa(http: httpx.AsyncClient) -> OaClient:
    return OaClient("900", static_token("tok"), http)


Says = Callable[[object], None]


@pytest.fixture
def says(zalo: Zalo) -> Says:
    """Let Zalo grant the next calls with ``data``."""

    def say(data: object) -> None:
        zalo.answers = [{"error": 0, "message": "Success", "data": data}]

    return say
