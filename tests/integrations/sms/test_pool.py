"""The pool and the sender: many gateways, replaced while messages are on their way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from bot.clock import FixedClock
from bot.messages import Outgoing, PermanentSendError, SendResult, TemporarySendError
from integrations.sms.gateway import Condition, Gateway, GatewayConfig, Kind, Tools
from integrations.sms.pool import Pool
from integrations.sms.sender import SmsSender
from tests.integrations.sms.contract import CITIZEN, COMMUNE

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@dataclass
class Toy:
    """A gateway that answers when it is let."""

    config: GatewayConfig
    free: asyncio.Event = field(default_factory=asyncio.Event)
    sent: list[str] = field(default_factory=list)
    closed: bool = False

    async def send(self, message: Outgoing) -> SendResult:
        await self.free.wait()
        assert not self.closed
        self.sent.append(message.text)
        return SendResult(f"{self.config.name}:{message.id}")

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        return None

    async def check(self) -> Condition:
        return Condition(True)

    async def close(self) -> None:
        self.closed = True


def build(config: GatewayConfig, tools: Tools) -> Gateway:
    if config.option("fault"):
        raise ValueError(config.option("fault"))
    if config.option("bug"):
        raise RuntimeError("bug")
    toy = Toy(config)
    toy.free.set()
    return toy


KINDS = {"toy": Kind("toy", "", "", (), build)}


def config(name: str, commune: str = COMMUNE, **options: str) -> GatewayConfig:
    return GatewayConfig(commune, name, "toy", options=options)


def message(gateway: str = "", commune: str = COMMUNE) -> Outgoing:
    return Outgoing("hotro-1", commune, "sms", CITIZEN, "Xin chao", gateway=gateway)


@pytest.fixture
def pool() -> Pool:
    return Pool(Tools(FixedClock(NOW)), KINDS)


def toy(pool: Pool, name: str) -> Toy:
    found = pool.get(COMMUNE, name)
    assert isinstance(found, Toy)
    return found


async def settled(pool: Pool) -> None:
    """Let what was dropped be closed."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_equal_settings_keep_the_gateway(pool: Pool) -> None:
    pool.take([config("a"), config("b")])
    a, b = toy(pool, "a"), toy(pool, "b")
    pool.take([config("a"), replace(config("b"), share=0)])
    assert toy(pool, "a") is a
    assert toy(pool, "b") is not b
    await settled(pool)
    assert (a.closed, b.closed) == (False, True)


async def test_a_removed_gateway_is_closed_and_gone(pool: Pool) -> None:
    pool.take([config("a"), config("a", "elsewhere")])
    a = toy(pool, "a")
    pool.take([config("a", "elsewhere")])
    await settled(pool)
    assert a.closed
    assert pool.get(COMMUNE, "a") is None
    assert pool.config(COMMUNE, "a") is None
    assert [gateway.config.commune for gateway in pool.all()] == ["elsewhere"]


async def test_a_send_under_way_is_not_cut_off(pool: Pool) -> None:
    pool.take([config("a")])
    old = toy(pool, "a")
    old.free.clear()
    sending = asyncio.create_task(SmsSender(pool).send(message("a")))
    await asyncio.sleep(0)
    pool.take([config("a", url="new")])
    await settled(pool)
    assert not old.closed
    old.free.set()
    assert (await sending).provider_message_id == "a:hotro-1"
    await pool.close()
    assert old.closed


async def test_a_gateway_that_cannot_be_built_is_kept_as_a_fault(pool: Pool) -> None:
    strange = replace(config("strange"), kind="telex")
    pool.take(
        [config("a"), config("bad", fault="còn thiếu mật khẩu"), config("sick", bug="1"), strange]
    )
    assert [gateway.config.name for gateway in pool.of(COMMUNE)] == ["a"]
    assert pool.faults[COMMUNE, "bad"] == "Cổng SMS “bad”: còn thiếu mật khẩu."
    assert "RuntimeError" in pool.faults[COMMUNE, "sick"]
    assert "telex" in pool.faults[COMMUNE, "strange"]
    assert pool.config(COMMUNE, "bad") is not None  # what comes to it is still taken
    with pytest.raises(TemporarySendError) as refused:
        await SmsSender(pool).send(message("bad"))
    assert refused.value.needs_person
    pool.take([config("bad")])
    assert pool.faults == {}
    assert toy(pool, "bad").config.name == "bad"


async def test_which_gateway_sends(pool: Pool) -> None:
    sender = SmsSender(pool)
    with pytest.raises(PermanentSendError):
        await sender.send(message())
    pool.take([config("a")])
    await sender.send(message())
    pool.take([config("a"), config("b")])
    await sender.send(message("b"))
    with pytest.raises(TemporarySendError):
        await sender.send(message())
    with pytest.raises(TemporarySendError):
        await sender.find_sent(message("gone"))
    assert toy(pool, "a").sent == ["Xin chao"]
    assert toy(pool, "b").sent == ["Xin chao"]
    with pytest.raises(PermanentSendError):
        await sender.send(message("", "elsewhere"))
    await sender.close()
    assert not toy(pool, "a").closed
