"""Zalo itself goes away and comes back, and hotro's web process is killed at the worst moment.

All are real processes: the simulator runs as ``python -m integrations.zalo.simulator`` with a
file of its own, and is killed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.town import APP, OA, SECRETS, Process, Town, until
from tests.factories import HOME
from tests.peers import free_port

pytestmark = pytest.mark.slow

LAN, MINH = "8412000000006001", "8412000000006002"


class Zalo:
    """The simulator as a process; what it knows outlives it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.port = free_port()
        self.http = httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=25)
        self.process: Process | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, or start it again."""
        told = {
            "port": self.port,
            "webhook": f"{self.town.address}/webhooks/zalo/{HOME}",
            "state": self.town.folder / "zalo.sqlite",
            "scale": 0.02,
            "app-id": APP,
            "oa-id": OA,
            "app-secret": SECRETS["app"],
            "oa-secret": SECRETS["oa"],
            "access-token": SECRETS["token"],
            "refresh-token": SECRETS["refresh"],
        }
        options = [part for name, value in told.items() for part in (f"--{name}", str(value))]
        module = ("-m", "integrations.zalo.simulator")
        self.process = await self.town.start_python(*module, *options)
        await self.process.until_says("Zalo mô phỏng đang chạy")

    async def kill(self) -> None:
        assert self.process is not None
        await self.process.kill()

    async def writes(self, who: str, text: str) -> None:
        """A citizen writes."""
        answer = await self.http.post(f"/phone/{who}/send", json={"text": text})
        assert answer.status_code == 200, answer.text

    async def shown(self, who: str) -> list[dict[str, Any]]:
        """What the citizen's phone shows."""
        answer = await self.http.get(f"/phone/{who}/messages")
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    async def answers(self, who: str) -> list[str]:
        return [bubble["text"] for bubble in await self.shown(who) if bubble["from"] != "user"]


@pytest.fixture
async def zalo(sqlite_town: Town, model: Path) -> AsyncIterator[Zalo]:
    """A running simulator to which hotro is connected; no process of hotro runs yet."""
    made = Zalo(sqlite_town)
    sqlite_town.share_model(model)
    await sqlite_town.connect(openapi=made.address)
    await made.start()
    async with made.http:
        yield made


async def stored(town: Town, messages: int) -> None:
    """Return when so many messages wait in the inbox."""

    async def there() -> bool:
        return (await town.open_rows()).get("new", 0) == messages

    await until(there, 20)


async def calm(zalo: Zalo, who: str, answers: int) -> list[str]:
    """Return the answers when so many are there and nothing follows them any more."""

    async def there() -> bool:
        return len(await zalo.answers(who)) >= answers and not await zalo.town.open_rows()

    await until(there, 60, every=0.2)
    await asyncio.sleep(1.5)  # longer than Zalo waits before it repeats what was not answered
    return await zalo.answers(who)


async def test_zalo_is_killed_before_the_answer_and_comes_back(zalo: Zalo) -> None:
    town = zalo.town
    await town.open_web()
    await zalo.writes(LAN, "KS")
    await stored(town, 1)
    await zalo.kill()
    worker = await town.start("worker")
    await worker.until_says("hotro đang trả lời")

    async def refused() -> bool:
        return await town.open_rows() == {"queued": 1}

    await until(refused, 30)
    await zalo.start()
    assert len(await calm(zalo, LAN, 1)) == 1
    assert await town.outbox_states() == {"seen": 1}
    assert "Traceback" not in worker.said


async def test_zalo_repeats_what_it_could_not_deliver_also_after_its_own_restart(
    zalo: Zalo,
) -> None:
    town = zalo.town
    await zalo.writes(LAN, "KS")  # nobody listens: the webhook waits in Zalo's file
    await zalo.kill()
    await town.open_web()
    await zalo.start()
    await stored(town, 1)
    await town.start("worker")
    assert len(await calm(zalo, LAN, 1)) == 1
    await zalo.writes(LAN, "KT")
    papers, other = await calm(zalo, LAN, 2)
    assert papers != other


async def test_the_web_process_is_killed_between_the_commit_and_its_200(zalo: Zalo) -> None:
    """Zalo's 200 is lost, and it repeats; the message is there once and answered once."""
    town = zalo.town
    first = await town.open_web()
    await zalo.http.post("/faults", json={"lost_acks": 1})
    await zalo.writes(LAN, "KS")
    await zalo.writes(MINH, "KT")
    await stored(town, 2)
    await first.kill()

    worker = await town.start("worker")
    assert len(await calm(zalo, MINH, 1)) == 1  # without any web process
    again = await town.open_web()

    async def repeated() -> bool:
        return await town.metric("hotro_duplicates_total") >= 1

    await until(repeated, 30)
    assert len(await calm(zalo, LAN, 1)) == 1
    assert len(await zalo.answers(MINH)) == 1
    assert "Traceback" not in again.said + worker.said
