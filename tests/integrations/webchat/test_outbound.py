"""Reading the transcript by long-poll."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from bot.messages import Choice, Inbound, Reply
from integrations.webchat.limits import Limits
from integrations.webchat.outbound import safe_url
from tests.integrations.webchat.conftest import MESSAGES, SETTINGS, Client, Site, post, say


def greeter(inbound: Inbound) -> Reply:
    choices = (Choice("Khai sinh", "#hoi.khai_sinh"), Choice("Cổng", "", "https://a.vn"))
    return Reply("Chào bà con", "Chao ba con", choices)


async def lines(client: Client, query: str = "") -> dict[str, Any]:
    response = await client.get(f"{MESSAGES}{query}")
    assert response.status == 200
    body: dict[str, Any] = await response.json()
    return body


async def test_an_empty_chat(site: Site) -> None:
    assert await lines(await site.visitor()) == {"lines": [], "next": 0}


async def test_question_and_answer(site: Site) -> None:
    site.store.bot = greeter
    client = await site.visitor()
    await post(client, say("xin chào"))
    body = await lines(client)
    assert body["next"] == 2
    question, answer = body["lines"]
    assert (question["seq"], question["author"], question["text"]) == (1, "citizen", "xin chào")
    assert (answer["author"], answer["text"]) == ("bot", "Chào bà con")
    assert answer["at"] == "2025-11-22T05:02:00+00:00"
    assert answer["choices"] == [
        {"label": "Khai sinh", "payload": "#hoi.khai_sinh", "url": ""},
        {"label": "Cổng", "payload": "", "url": "https://a.vn"},
    ]
    assert await lines(client, "?after=1") == {"lines": [answer], "next": 2}
    assert await lines(client, "?after=9") == {"lines": [], "next": 9}


async def test_nobody_reads_another_session(site: Site) -> None:
    site.store.bot = greeter
    await post(await site.visitor(), say("riêng tư"))
    assert (await lines(await site.visitor()))["lines"] == []


async def test_a_waiting_read_gets_the_line_when_it_comes(site: Site) -> None:
    client = await site.visitor()
    await post(client, say("xin chào"))
    address = site.store.received[0].address
    waiting = asyncio.create_task(lines(client, "?after=1&wait=10"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    site.store.write("song-phuong", address, "officer", "Tôi là Hạnh")
    body = await asyncio.wait_for(waiting, 2)
    assert [line["author"] for line in body["lines"]] == ["officer"]


async def test_a_waiting_read_ends_empty(site: Site) -> None:
    client = await site.visitor()
    began = time.monotonic()
    assert await lines(client, "?after=0&wait=0.2") == {"lines": [], "next": 0}
    assert 0.15 < time.monotonic() - began < 2


async def test_the_wait_has_a_most(site: Site) -> None:
    client = await site.visitor(Limits(poll_interval=0.01, wait_seconds=0.1))
    await asyncio.wait_for(lines(client, "?wait=86400"), 2)


async def test_a_waiter_wakes_the_read(site: Site) -> None:
    class Bell:
        def __init__(self) -> None:
            self.rung = asyncio.Event()

        async def wait(self, commune: str, address: str, timeout: float) -> None:
            await asyncio.wait_for(self.rung.wait(), timeout)

    bell = Bell()
    client = await site.visitor(waiter=bell)
    await post(client, say("xin chào"))
    waiting = asyncio.create_task(lines(client, "?after=1&wait=10"))
    await asyncio.sleep(0.1)
    site.store.write("song-phuong", site.store.received[0].address, "bot", "Có ngay")
    bell.rung.set()
    assert (await asyncio.wait_for(waiting, 2))["next"] == 2


async def test_reads_end_when_the_server_stops(site: Site) -> None:
    client = await site.visitor()
    waiting = asyncio.create_task(lines(client, "?wait=20"))
    await asyncio.sleep(0.05)
    site.closing = True
    assert (await asyncio.wait_for(waiting, 2))["lines"] == []


async def test_too_many_waiting_reads_of_one_session_do_not_wait(site: Site) -> None:
    client = await site.visitor(Limits(poll_interval=0.01, polls_per_session=2))
    held = [asyncio.create_task(lines(client, "?wait=5")) for _ in range(2)]
    await asyncio.sleep(0.1)
    await asyncio.wait_for(lines(client, "?wait=5"), 1)
    assert not any(task.done() for task in held)
    site.closing = True
    await asyncio.gather(*held)


@pytest.mark.parametrize(
    "query",
    ["after=x", "after=-1", "after=1.5", f"after={2**63}", "wait=x", "wait=nan", "wait=inf",
     "wait=-1", "after=" + "9" * 5000],
)  # fmt: skip
async def test_bad_positions(site: Site, query: str) -> None:
    response = await (await site.visitor()).get(f"{MESSAGES}?{query}")
    assert response.status == 400
    assert "không hợp lệ" in (await response.json())["error"]


async def test_without_a_session(site: Site) -> None:
    assert (await (await site.client()).get(MESSAGES)).status == 401


async def test_another_site_may_not_read(site: Site) -> None:
    client = await site.visitor()
    response = await client.get(MESSAGES, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status == 403


async def test_a_storm_of_reads_is_held_back(site: Site) -> None:
    client = await site.visitor(Limits(polls_per_minute=3, poll_interval=0.01))
    statuses = [(await client.get(MESSAGES)).status for _ in range(4)]
    assert statuses == [200, 200, 200, 429]


async def test_a_store_that_fails(site: Site) -> None:
    client = await site.visitor(SETTINGS)
    site.store.broken = True
    assert (await client.get(MESSAGES)).status == 503


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://dichvucong.gov.vn", True),
        ("tel:0912345678", True),
        ("sms:+84912345678?&body=KS", True),
        ("", False),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example", False),
        ("http://[bad", False),
    ],
)
def test_safe_url(url: str, kept: bool) -> None:
    assert safe_url(url) == (url if kept else "")
