"""The poller end to end: nothing twice, nothing lost, and it says when it is stuck."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from structlog.testing import capture_logs

from bot.messages import Inbound
from integrations.testing import RecordingIntake
from integrations.zalobot.errors import BotTokenError
from integrations.zalobot.lease import MemoryPollLease
from integrations.zalobot.polling import (
    _PUSHED,
    _REFUSED,
    _SHARED,
    _STORING,
    Poller,
    backoff,
)
from tests.integrations.http import until
from tests.integrations.zalobot.conftest import COMMUNE, SECRET, TOKEN, USER, Town


@asynccontextmanager
async def running(*pollers: Poller) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(poller.run()) for poller in pollers]
    try:
        yield tasks
    finally:
        await killed(*tasks)


async def killed(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_200_messages_with_faults_arrive_once_and_in_order(town: Town) -> None:
    async with running(town.poller()):
        for n in range(200):
            await town.write(f"tin {n}")
            if n % 20 == 10:
                town.faults.server_errors = 2
                town.intake.fail_next = 3
            # A fault may strike the phone's way only through the API: writing is not an API call.
        await until(lambda: len(town.intake.inbounds) >= 200, 20)
    assert town.texts() == [f"tin {n}" for n in range(200)]
    assert town.intake.duplicates == 0
    assert town.simulator.api.overlaps == 0


async def test_a_stop_loses_nothing(town: Town) -> None:
    for n in range(5):
        poller = town.poller()
        task = asyncio.create_task(poller.run())
        await town.write(f"đang chạy {n}")
        await until(lambda n=n: f"đang chạy {n}" in town.texts())  # type: ignore[misc]
        poller.stop()
        await town.write(f"lúc dừng {n}")
        await asyncio.wait_for(task, 5)
    async with running(town.poller()):
        await until(lambda: len(town.intake.inbounds) == 10)
    assert town.texts() == [f"{when} {n}" for n in range(5) for when in ("đang chạy", "lúc dừng")]


async def test_a_kill_loses_at_most_the_update_on_its_way(town: Town) -> None:
    kills = 0
    for n in range(60):
        await town.write(f"tin {n}")
    while town.simulator.world.handed_out < 60:
        task = asyncio.create_task(town.poller().run())
        await asyncio.sleep(0.05 + 0.003 * (kills % 7))
        await killed(task)
        kills += 1
        assert kills < 100
    lost = 60 - len(town.intake.inbounds)
    assert kills > 1
    assert 0 <= lost <= kills
    assert len(set(town.texts())) == len(town.texts())


class SlowIntake(RecordingIntake):
    """Waits in the middle of storing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.storing = asyncio.Event()
        self.go_on = asyncio.Event()

    async def receive(self, inbound: Inbound) -> bool:
        self.storing.set()
        await self.go_on.wait()
        return await super().receive(inbound)


async def test_cancelled_while_storing_it_finishes_first(town: Town) -> None:
    town.intake = slow = SlowIntake()
    await town.write("đang ghi")
    task = asyncio.create_task(town.poller().run())
    await slow.storing.wait()
    task.cancel()
    await asyncio.sleep(0.02)
    assert not task.done()
    slow.go_on.set()
    await asyncio.gather(task, return_exceptions=True)
    assert town.texts() == ["đang ghi"]


async def test_cancelled_while_storing_it_does_not_wait_for_ever(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.zalobot.polling.LAST_TRY", 0.02)
    town.intake = slow = SlowIntake()
    await town.write("đang ghi")
    task = asyncio.create_task(town.poller().run())
    await slow.storing.wait()
    with capture_logs() as logs:
        await asyncio.wait_for(killed(task), 5)
    assert "zalobot.lost_when_stopped" in {entry["event"] for entry in logs}
    assert "đang ghi" not in str(logs)


async def test_a_failing_intake_gets_the_same_update_again(town: Town) -> None:
    town.intake.fail_next = 8
    await town.write("một")
    await town.write("hai")
    async with running(town.poller()):
        await until(lambda: len(town.intake.inbounds) == 2)
        await until(lambda: town.problems[-1:] == [(COMMUNE, "")])
    assert town.texts() == ["một", "hai"]
    assert town.problems == [(COMMUNE, _STORING), (COMMUNE, "")]


async def test_two_pollers_with_one_lease_never_poll_at_once(town: Town) -> None:
    lease = MemoryPollLease()
    async with running(town.poller(lease, owner="a"), town.poller(lease, owner="b")):
        for n in range(50):
            await town.write(f"tin {n}")
        await until(lambda: len(town.intake.inbounds) == 50)
    assert town.texts() == [f"tin {n}" for n in range(50)]
    assert town.simulator.api.overlaps == 0


async def test_the_second_takes_over_when_the_first_is_gone(town: Town) -> None:
    lease = MemoryPollLease(seconds=0.3)
    async with running(town.poller(lease, owner="a")) as tasks:
        await town.write("một")
        await until(lambda: town.texts() == ["một"])
        async with running(town.poller(lease, owner="b")):
            await killed(*tasks)
            await town.write("hai")
            await until(lambda: town.texts() == ["một", "hai"])
    assert town.simulator.api.overlaps == 0


async def test_without_the_lease_nobody_polls(town: Town) -> None:
    class Broken(MemoryPollLease):
        async def acquire(self, commune: str, owner: str) -> bool:
            raise ConnectionError

    await town.write("chờ")
    async with running(town.poller(Broken())):
        await asyncio.sleep(0.1)
    assert not town.intake.inbounds
    assert town.simulator.world.handed_out == 0


async def test_a_wrong_token_stops_the_bot_until_it_is_changed(town: Town) -> None:
    good = town.account
    town.account = replace(good, token="1:wrong")
    await town.write("chào")
    async with running(town.poller()):
        await until(lambda: bool(town.problems))
        calls = await count_calls(town, 0.1)
        assert calls == 0
        town.account = good
        await until(lambda: town.texts() == ["chào"], 1.5)  # not after REFUSED_RETRY
        # Zalo takes the token back while we poll.
        town.simulator.api._token = "2:new"
        await until(lambda: len(town.problems) == 3)
        town.account = replace(good, token="2:new")
        await until(lambda: len(town.problems) == 4)
    assert town.problems == [(COMMUNE, _REFUSED), (COMMUNE, "")] * 2


async def count_calls(town: Town, seconds: float) -> int:
    """How many calls reach the platform meanwhile: each one uses up a fault."""
    town.faults.server_errors = 1000
    await asyncio.sleep(seconds)
    left, town.faults.server_errors = town.faults.server_errors, 0
    return 1000 - left


async def test_trouble_that_lasts_is_told_and_so_is_its_end(town: Town) -> None:
    town.faults.server_errors = -1
    with capture_logs() as logs:
        async with running(town.poller()):
            await until(lambda: bool(town.problems))
            town.faults.server_errors = 0
            await town.write("lại được")
            await until(lambda: len(town.problems) == 2)
    assert "vẫn thử lại" in town.problems[0][1]
    assert town.problems[1] == (COMMUNE, "")
    assert TOKEN not in str(logs)
    assert town.texts() == ["lại được"]


async def test_a_webhook_of_somebody_else_is_reported(town: Town) -> None:
    await town.client.set_webhook("http://127.0.0.1:9/h", SECRET)
    async with running(town.poller()):
        await until(lambda: town.problems == [(COMMUNE, _PUSHED)])
        await town.client.delete_webhook()
        await town.write("chào")
        await until(lambda: town.texts() == ["chào"])
        # It is also seen when it is set while we poll.
        await town.client.set_webhook("http://127.0.0.1:9/h", SECRET)
        await until(lambda: town.problems[-1] == (COMMUNE, _PUSHED))
    assert await town.client.get_webhook_info() == "http://127.0.0.1:9/h"


async def test_a_webhook_that_starves_polls_silently_is_found(town: Town) -> None:
    """It is not known whether a poll is refused while a webhook is set."""
    checks = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal checks
        if request.url.path.endswith("/getUpdates"):
            return httpx.Response(408, json={"ok": False, "error_code": 408})
        checks += 1
        url = "https://elsewhere.vn/h" if checks > 2 else ""
        return httpx.Response(200, json={"ok": True, "result": {"url": url}})

    problem = town.poller().problem
    mock = httpx.MockTransport(handler)
    args = (town.intake, town.accounts, MemoryPollLease(), problem)
    async with running(Poller(*args, transport=mock, scale=0.0005)):
        await until(lambda: town.problems == [(COMMUNE, _PUSHED)])


async def test_one_bot_for_two_communes(town: Town) -> None:
    town.accounts["xa-khac"] = town.account
    async with running(town.poller()):
        await until(lambda: bool(town.problems))
        await town.write("chào")
        await until(lambda: town.texts() == ["chào"])
    assert town.problems == [("xa-khac", _SHARED)]
    assert {inbound.commune for inbound in town.intake.inbounds} == {COMMUNE}


async def test_accounts_come_and_go(town: Town) -> None:
    account = town.accounts.pop(COMMUNE)
    async with running(town.poller()) as (task,):
        await town.write("một")
        await asyncio.sleep(0.05)
        assert not town.intake.inbounds
        town.accounts[COMMUNE] = account
        await until(lambda: town.texts() == ["một"])
        town.account = replace(account, webhook_secret=SECRET)
        await asyncio.sleep(1.1)
        await town.write("hai")
        await asyncio.sleep(0.1)
        assert town.texts() == ["một"]
        assert not task.done()


async def test_a_problem_that_cannot_be_told_stops_nothing(town: Town) -> None:
    async def deaf(commune: str, sentence: str) -> None:
        raise ConnectionError

    town.faults.server_errors = 6
    await town.write("chào")
    poller = town.poller()
    poller.problem = deaf
    async with running(poller):
        await until(lambda: town.texts() == ["chào"])


async def test_a_platform_that_answers_at_once_is_not_hammered(town: Town) -> None:
    calls = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        return httpx.Response(200, json={"ok": True, "result": {}})

    poller = Poller(
        town.intake,
        town.accounts,
        MemoryPollLease(),
        town.poller().problem,
        transport=httpx.MockTransport(handler),
        scale=0.02,
    )
    async with running(poller):
        await asyncio.sleep(0.4)
    assert 2 <= calls <= 20


def test_pauses_grow_to_half_a_minute() -> None:
    assert all(0.5 <= backoff(1) <= 1 for _ in range(50))
    assert all(15 <= backoff(n) <= 30 for n in (6, 50, 10_000))


async def test_a_lease_is_prolonged_by_its_owner_only() -> None:
    lease = MemoryPollLease(seconds=0.05)
    assert await lease.acquire(USER, "a")
    assert await lease.acquire(USER, "a")
    assert not await lease.acquire(USER, "b")
    await asyncio.sleep(0.06)
    assert await lease.acquire(USER, "b")
    assert not await lease.acquire(USER, "a")


def test_a_refused_token_is_worth_another_try() -> None:
    assert BotTokenError().retry_after
