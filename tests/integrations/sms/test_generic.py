"""The generic gateway on its simulator, over real HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.messages import Inbound, InboundKind, Receipt, ReceiptState
from integrations.sms import signature
from integrations.sms.gateway import Call, Gateway, Tools
from integrations.sms.generic_http import KIND
from tests.integrations.sms.conftest import CITIZEN, COMMUNE, GATEWAY, SECRET, START, Town
from tests.integrations.sms.contract import GatewayContract


class GenericBench:
    """The town's gateway, without the pool around it."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._tools = Tools(town.clock)
        found = town.pool.get(GATEWAY.commune, GATEWAY.name)
        assert found is not None
        self.gateway: Gateway = found
        self.intake = town.intake

    async def write(self, sender: str, text: str) -> None:
        await self._town.write(text, sender)

    async def repeat(self) -> None:
        self._town.faults.lost_acks = 1  # of the next one, which is then told twice

    async def shown(self, messages: int) -> list[str]:
        return [str(m["text"]) for m in await self._town.shown(CITIZEN)]

    async def reported(self, receipts: int) -> None:
        await self._town.simulator.courier.idle()

    def lose_the_next_answer(self) -> None:
        self._town.faults.drop_answers, self._town.faults.drop_seconds = 1, 0.05

    def unreachable(self) -> Gateway:
        return KIND.build(GATEWAY, self._tools)

    def with_a_wrong_password(self) -> Gateway:
        config = self.gateway.config
        return KIND.build(replace(config, secrets={"token": "wrong"}), self._tools)


class TestGeneric(GatewayContract):
    """The contract; see tests.integrations.sms.contract."""

    @pytest.fixture
    def bench(self, town: Town) -> GenericBench:
        return GenericBench(town)


def knock(name: str) -> list[object]:
    """Read a recorded payload."""
    raw = (Path(__file__).parent / "payloads" / "generic" / f"{name}.json").read_bytes()
    headers = {k.lower(): v for k, v in signature.headers(SECRET, raw, START).items()}
    assert KIND.read is not None
    call = Call("POST", headers, {}, raw, "application/json", START)
    return list(KIND.read(GATEWAY, call).arrivals)


def test_a_message_as_recorded() -> None:
    assert knock("message") == [
        Inbound(
            commune=COMMUNE,
            channel="sms",
            address=CITIZEN,
            provider_id="generic:m-1001",
            kind=InboundKind.TEXT,
            text="Khai sinh cần giấy tờ gì?",
            sent_at=datetime(2026, 11, 20, 1, 59, 30, tzinfo=UTC),
        )
    ]


def test_a_receipt_as_recorded() -> None:
    state = ReceiptState.DELIVERED
    expected = Receipt(COMMUNE, "sms", "generic:hotro-31", state, own_id="hotro-31")
    assert knock("receipt") == [expected]
