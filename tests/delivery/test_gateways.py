"""Several gateways behind the real sender: fail-over, attempts, receipts that come late."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from bot.channels import GatewayPlan, Unlimited
from bot.clock import LOCAL
from bot.delivery.intake import StoreIntake
from bot.delivery.routing import Router
from bot.delivery.sender import MAX_ATTEMPTS, UNSURE_WAIT
from bot.messages import (
    Channel,
    Outgoing,
    PermanentSendError,
    Receipt,
    ReceiptState,
    SendResult,
    TemporarySendError,
    UnknownOutcomeError,
)
from bot.store import handovers
from bot.store.engine import Store
from bot.store.models import SendAttempt
from tests.factories import HOME, NOON, PHONE, House, ScriptedSender, Step

DOWN = Step(TemporarySendError("không kết nối được"), arrives=False)
LOCKED = Step(TemporarySendError("SIM bị khoá", needs_person=True), arrives=False)
NOT_HERE = Step(PermanentSendError("mẫu tin chưa đăng ký", other_way=True), arrives=False)
NO_NUMBER = Step(PermanentSendError("không có số này"), arrives=False)
LOST = Step(UnknownOutcomeError("ReadTimeout"), arrives=False)
MAIN, BACKUP = GatewayPlan("a", 100, price=300), GatewayPlan("b", 0, price=800)


class Gateways(ScriptedSender):
    """One scripted sender for all gateways that keeps by which one each message went."""

    def __init__(self, **scripts: list[Step]) -> None:
        super().__init__()
        self.scripts = scripts
        self.by: list[str] = []

    async def send(self, message: Outgoing) -> SendResult:
        self.by.append(message.gateway)
        self.script = self.scripts.setdefault(message.gateway, [])
        await super().send(message)
        return SendResult(f"{message.gateway}:{message.id}")

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        self.by.append(f"?{message.gateway}")
        return await super().find_sent(message)


class Town(House):
    """A house whose SMS leave by gateways."""

    plans: Sequence[GatewayPlan] = (MAIN, BACKUP)

    def of(self, commune: str, channel: Channel) -> Sequence[GatewayPlan]:
        return self.plans if channel == "sms" else ()

    async def drain(self) -> None:
        router = Router(random.Random(1))
        await self.outbound(plans=self.of, router=router).drain()

    async def report(self, provider_id: str, state: ReceiptState, own_id: str = "") -> bool:
        def reaches(commune: str, channel: Channel) -> Unlimited:
            return Unlimited()

        intake = StoreIntake(
            self.store, self.clock, self.wall, self.wakeups, reaches, plans=self.of
        )
        return await intake.receipt(Receipt(HOME, "sms", provider_id, state, own_id=own_id))

    async def attempts(self) -> list[tuple[str, str]]:
        async with self.store.read() as session:
            rows = await session.scalars(select(SendAttempt).order_by(SendAttempt.id))
            return [(row.gateway, row.state) for row in rows]


async def _town(store: Store, **scripts: list[Step]) -> tuple[Town, Gateways]:
    provider = Gateways(**scripts)
    town = Town(store, provider=provider)
    conversation = await town.hear("KS", address=PHONE, channel="sms")
    await town.queue(conversation, "Can mang CCCD")
    return town, provider


async def test_a_message_that_one_does_not_take_goes_by_the_other_at_once(store: Store) -> None:
    town, provider = await _town(store, a=[DOWN])
    await town.drain()
    assert provider.by == ["a", "b"]
    assert await town.attempts() == [("a", "failed"), ("b", "accepted")]
    (row,) = await town.outbox_rows()
    assert (row.state, row.gateway, row.provider_message_id) == ("sent", "b", f"b:hotro-{row.id}")


async def test_what_only_this_gateway_refuses_goes_by_the_other(store: Store) -> None:
    town, provider = await _town(store, a=[NOT_HERE])
    await town.drain()
    assert provider.by == ["a", "b"]
    assert await town.states() == ["sent"]


async def test_a_number_that_is_none_is_tried_once(store: Store) -> None:
    town, provider = await _town(store, a=[NO_NUMBER])
    await town.drain()
    assert provider.by == ["a"]
    assert await town.attempts() == [("a", "refused")]
    assert await town.states() == ["failed"]


async def test_when_all_are_down_it_begins_anew_after_a_wait(store: Store) -> None:
    town, provider = await _town(store, a=[DOWN, DOWN], b=[DOWN])
    await town.drain()
    assert provider.by == ["a", "b"]
    town.later(timedelta(hours=1))
    await town.drain()
    assert provider.by == ["a", "b", "a", "b"]
    assert await town.states() == ["sent"]


async def test_whoever_must_mend_it_is_told_and_the_message_goes_on(store: Store) -> None:
    town, provider = await _town(store, a=[LOCKED])
    told: list[str] = []

    async def troubled(commune: str, channel: Channel, sentence: str, gateway: str) -> None:
        told.append(f"{gateway}: {sentence}")

    await town.outbound(plans=town.of, troubled=troubled).drain()
    assert provider.by == ["a", "b"]
    assert told == ["a: SIM bị khoá", "b: "]


async def test_an_unknown_outcome_is_asked_of_the_gateway_that_had_it(store: Store) -> None:
    town, provider = await _town(store, a=[LOST])
    await town.drain()
    assert (provider.by, await town.attempts()) == (["a"], [("a", "unknown")])
    town.later(UNSURE_WAIT + timedelta(seconds=1))
    await town.drain()
    assert provider.by[:2] == ["a", "?a"]
    assert (await town.attempts())[0] == ("a", "failed")
    assert len(provider.arrived) == 1


async def test_an_outcome_that_stays_unknown_goes_no_second_way(store: Store) -> None:
    town, provider = await _town(store, a=[LOST])
    provider.look_error = TemporarySendError("không hỏi được")
    for _ in range(MAX_ATTEMPTS + 2):
        await town.drain()
        town.later(timedelta(minutes=10))
    assert provider.by.count("a") == 1
    assert "b" not in provider.by
    assert await town.states() == ["failed"]
    async with store.read() as session:
        assert await handovers.is_open(session, 1)


async def test_what_is_reported_lost_is_sent_by_the_other_once(store: Store) -> None:
    town, provider = await _town(store)
    await town.drain()
    (row,) = await town.outbox_rows()
    lost = f"a:hotro-{row.id}"
    assert await town.report(lost, ReceiptState.FAILED)
    assert not await town.report(lost, ReceiptState.FAILED)
    await town.drain()
    assert provider.by == ["a", "b"]
    # Late news of the first way changes the first attempt's row only.
    assert not await town.report(lost, ReceiptState.FAILED)
    assert await town.report(f"b:hotro-{row.id}", ReceiptState.DELIVERED)
    assert await town.attempts() == [("a", "undelivered"), ("b", "delivered")]
    assert await town.states() == ["delivered"]


async def test_after_the_last_gateway_an_officer_is_told(store: Store) -> None:
    town, _ = await _town(store)
    await town.drain()
    (row,) = await town.outbox_rows()
    await town.report(f"a:hotro-{row.id}", ReceiptState.FAILED)
    await town.drain()
    await town.report(f"b:hotro-{row.id}", ReceiptState.FAILED)
    await town.drain()
    assert await town.states() == ["failed"]
    async with store.read() as session:
        assert await handovers.is_open(session, row.conversation_id)


async def test_what_was_lost_long_ago_is_not_sent_again(store: Store) -> None:
    town, provider = await _town(store)
    await town.drain()
    (row,) = await town.outbox_rows()
    town.later(timedelta(days=2))
    await town.report(f"a:hotro-{row.id}", ReceiptState.FAILED)
    await town.drain()
    assert provider.by == ["a"]


async def test_a_receipt_settles_an_attempt_whose_answer_was_lost(store: Store) -> None:
    town, provider = await _town(store, a=[LOST])
    await town.drain()
    (row,) = await town.outbox_rows()
    assert await town.report("a:77", ReceiptState.DELIVERED, own_id=f"hotro-{row.id}")
    assert await town.attempts() == [("a", "delivered")]
    town.later(timedelta(hours=1))
    await town.drain()
    assert provider.by == ["a"]


async def test_unknown_and_late_receipts_change_nothing(store: Store) -> None:
    town, _ = await _town(store)
    await town.drain()
    (row,) = await town.outbox_rows()
    assert not await town.report("a:nobody", ReceiptState.FAILED)
    assert await town.report(f"a:hotro-{row.id}", ReceiptState.DELIVERED)
    for state in ReceiptState:
        if state is not ReceiptState.SEEN:
            assert not await town.report(f"a:hotro-{row.id}", state)
    assert (await town.states(), await town.attempts()) == (["delivered"], [("a", "delivered")])


async def test_an_attempt_says_what_it_costs(store: Store) -> None:
    town, _ = await _town(store)
    conversation = await town.hear("KS", address=PHONE, channel="sms")
    await town.queue(conversation, "x" * 161)
    await town.drain()
    async with store.read() as session:
        rows = list(await session.scalars(select(SendAttempt).order_by(SendAttempt.id)))
    assert [(row.parts, row.price) for row in rows] == [(1, 300), (2, 600)]


async def test_what_a_full_sim_cannot_take_waits_and_is_no_attempt(store: Store) -> None:
    town, provider = await _town(store)
    town.plans = (replace(MAIN, per_minute=2),)
    conversation = await town.hear("KS", address=PHONE, channel="sms")
    await town.queue(conversation, "hai", "ba")
    await town.drain()
    assert len(provider.by) == 2
    rows = await town.outbox_rows()
    assert [row.state for row in rows] == ["sent", "sent", "queued"]
    assert rows[2].attempts == 0
    town.later(timedelta(seconds=61))
    await town.drain()
    assert len(provider.by) == 3


async def test_bulk_waits_for_the_day_after_a_holiday(store: Store) -> None:
    class National:
        def is_holiday(self, day: object) -> bool:
            return str(day) == "2026-07-06"

    town, provider = await _town(store)
    await town.drain()
    conversation = await town.hear("KS", address=PHONE, channel="sms")
    await town.queue(conversation, "Nhac", author="reminder", bulk=True)
    await town.queue(conversation, "Tra loi")
    for _ in range(2):
        await town.outbound(plans=town.of, days=lambda commune: National()).drain()
    assert provider.texts == ["Can mang CCCD", "Tra loi"]
    row = (await town.outbox_rows())[1]
    assert row.not_before.astimezone(LOCAL).isoformat() == "2026-07-07T07:00:00+07:00"
    assert row.not_before > NOON


async def test_a_report_that_names_our_id_counts_for_the_gateway_that_sends_it(
    store: Store,
) -> None:
    town, _ = await _town(store)
    await town.drain()
    (row,) = await town.outbox_rows()
    own = f"hotro-{row.id}"
    assert not await town.report("b:other", ReceiptState.FAILED, own_id=own)  # b never had it
    assert await town.report("a:other", ReceiptState.DELIVERED, own_id=own)
    assert await town.attempts() == [("a", "delivered")]
    assert await town.states() == ["delivered"]
