"""Listening: one process at a time, again after faults, and told when a person has to help."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.channels import Intake
from bot.clock import FixedClock
from bot.messages import Outgoing, SendResult, TemporarySendError
from integrations.sms.gateway import Condition, Gateway, GatewayConfig, Kind, Tools
from integrations.sms.lease import ListenLease, MemoryListenLease
from integrations.sms.listening import Listeners, backoff
from integrations.sms.pool import Pool
from integrations.testing import RecordingIntake
from tests.integrations.http import until
from tests.integrations.sms.contract import COMMUNE

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SCALE = 0.005


@dataclass
class Radio:
    """A gateway that listens; ``faults`` are raised one after the other."""

    config: GatewayConfig
    faults: list[Exception] = field(default_factory=list)
    began: int = 0
    on: int = 0

    async def send(self, message: Outgoing) -> SendResult:
        raise AssertionError

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        raise AssertionError

    async def check(self) -> Condition:
        return Condition(True)

    async def close(self) -> None:
        return None

    async def listen(self, intake: Intake) -> None:
        self.began += 1
        if self.faults:
            raise self.faults.pop(0)
        self.on += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.on -= 1


class Deaf(Radio):
    """One that is called instead."""

    listen = None  # type: ignore[assignment]


class Village:
    """A pool of radios, and what is told of them."""

    def __init__(self, *names: str) -> None:
        self.radios: dict[str, Radio] = {}
        self.coming: list[Exception] = []
        kinds = {"radio": Kind("radio", "", "", (), self._build)}
        self.pool = Pool(Tools(FixedClock(NOW)), kinds)
        self.told: list[tuple[str, str, str]] = []
        self.lease: ListenLease = MemoryListenLease(1.0)
        self.take(*names)

    def take(self, *names: str, **options: str) -> None:
        self.pool.take([GatewayConfig(COMMUNE, n, "radio", options=options) for n in names])

    def _build(self, config: GatewayConfig, tools: Tools) -> Gateway:
        self.radios[config.name] = Radio(config, self.coming)
        return self.radios[config.name]

    async def problem(self, commune: str, name: str, sentence: str) -> None:
        self.told.append((commune, name, sentence))

    @asynccontextmanager
    async def listening(self, owner: str = "one") -> AsyncIterator[Listeners]:
        listeners = Listeners(
            RecordingIntake(), self.pool, self.lease, self.problem, owner=owner, scale=SCALE
        )
        running = asyncio.create_task(listeners.run())
        try:
            yield listeners
        finally:
            listeners.stop()
            await asyncio.wait_for(running, 5)


async def test_every_gateway_that_can_is_listened_to() -> None:
    village = Village("a", "b")
    async with village.listening():
        await until(lambda: all(radio.on == 1 for radio in village.radios.values()))
        village.take("a", "b", "c")
        await until(lambda: village.radios["c"].on == 1)
    assert [radio.on for radio in village.radios.values()] == [0, 0, 0]


async def test_a_replaced_gateway_is_let_go() -> None:
    village = Village("a")
    async with village.listening():
        await until(lambda: village.radios["a"].on == 1)
        old = village.radios["a"]
        village.take("a", port="2")
        await until(lambda: village.radios["a"].on == 1)
        assert old is not village.radios["a"]
        assert old.on == 0
        village.take()
        await until(lambda: village.radios["a"].on == 0)


async def test_of_two_processes_one_listens_and_the_other_takes_over() -> None:
    village = Village("a")
    radio = village.radios["a"]
    async with village.listening("two"):
        await until(lambda: radio.on == 1)
        async with village.listening("one"):
            await asyncio.sleep(0.1)
            assert radio.on == 1
    async with village.listening("one"):
        await until(lambda: radio.on == 1)


async def test_a_lost_lease_ends_listening_at_once() -> None:
    village = Village("a")
    radio = village.radios["a"]

    class Strict(ListenLease):
        allowed = True

        async def acquire(self, commune: str, name: str, owner: str) -> bool:
            if not self.allowed:
                raise OSError("the database is away")
            return True

    lease = village.lease = Strict()
    async with village.listening():
        await until(lambda: radio.on == 1)
        lease.allowed = False
        await until(lambda: radio.on == 0)
        lease.allowed = True
        await until(lambda: radio.on == 1)


async def test_after_faults_it_listens_again_and_says_so() -> None:
    village = Village()
    village.coming = [ConnectionError() for _ in range(4)]
    village.take("a")
    async with village.listening():
        await until(lambda: len(village.told) >= 2)
        assert village.radios["a"].on == 1
    (_, name, sentence), (*_, over) = village.told[:2]
    assert name == "a"
    assert "ConnectionError" in sentence
    assert over == ""


async def test_what_needs_a_person_is_told_at_once() -> None:
    village = Village()
    village.coming = [TemporarySendError("sai mật khẩu", 30.0, needs_person=True)]
    village.take("a")
    async with village.listening():
        await until(lambda: bool(village.told))
        assert "sai mật khẩu" in village.told[0][2]


async def test_what_an_earlier_process_told_is_taken_back() -> None:
    village = Village("a")
    async with village.listening():
        await until(lambda: bool(village.told))
    assert village.told == [(COMMUNE, "a", "")]


def test_waits_grow() -> None:
    assert all(0.5 <= backoff(1) <= 1 for _ in range(50))
    assert all(16 <= backoff(6) <= 32 for _ in range(50))
    assert all(30 <= backoff(50) <= 60 for _ in range(50))
