"""Receipts move a row forward only: late, double and unknown ones do nothing."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.messages import Receipt, ReceiptState
from bot.store import outbox, receipts
from bot.store.engine import Store
from tests.factories import HOME, NOON, House, echoed

SENT, DELIVERED = ReceiptState.SENT, ReceiptState.DELIVERED
SEEN, FAILED = ReceiptState.SEEN, ReceiptState.FAILED
RANK = {"sent": 1, "delivered": 2, "seen": 3, "failed": 3}
_number = itertools.count(1)


async def _sent(house: House) -> str:
    """A sent message; returns the provider's id."""
    conversation = await house.hear("KS", address=f"84{next(_number)}")
    await house.queue(conversation, "Chào")
    (row,) = await house.claim()
    provider_id = f"p{row.row_id}"
    async with house.store.write() as session:
        assert await outbox.mark_sent(session, row.row_id, "s1", provider_id, NOON)
    return provider_id


async def _report(house: House, provider_id: str, state: ReceiptState) -> bool:
    return await house.intake.receipt(Receipt(HOME, "zalo", provider_id, state))


def expected_after(state: str, receipt: ReceiptState) -> str:
    """What a receipt makes of a row that was sent."""
    if state in ("seen", "failed"):
        return state
    if receipt is FAILED:
        return "failed" if state == "sent" else state
    return receipt.value if RANK[receipt.value] > RANK[state] else state


@pytest.mark.parametrize(
    "receipts", list(itertools.product((SENT, DELIVERED, SEEN, FAILED), repeat=2))
)
async def test_every_pair_of_receipts_leaves_the_row_where_it_belongs(
    sqlite_url: str, open_store: object, receipts: tuple[ReceiptState, ...]
) -> None:
    house = House(open_store(sqlite_url))  # type: ignore[operator]
    provider_id = await _sent(house)
    state = "sent"
    for receipt in receipts:
        after = expected_after(state, receipt)
        assert await _report(house, provider_id, receipt) is (after != state)
        state = after
        assert await house.states() == [state]


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(receipts=st.lists(st.sampled_from(list(ReceiptState)), min_size=1, max_size=8))
async def test_no_sequence_of_receipts_ever_moves_a_row_back(
    store: Store, receipts: list[ReceiptState]
) -> None:
    house = House(store)
    provider_id = await _sent(house)
    rank = RANK["sent"]
    for receipt in receipts:
        changed = await _report(house, provider_id, receipt)
        state = (await house.states())[-1]
        assert RANK[state] - rank > 0 if changed else RANK[state] == rank
        assert not changed or state == receipt.value
        rank = RANK[state]
        assert not await _report(house, provider_id, receipt)  # its double


async def test_a_receipt_of_an_unknown_message_another_channel_or_commune_does_nothing(
    store: Store,
) -> None:
    house = House(store)
    provider_id = await _sent(house)
    intake = house.intake
    assert not await intake.receipt(Receipt(HOME, "zalo", "unknown", SEEN))
    assert not await intake.receipt(Receipt(HOME, "sms", provider_id, SEEN))
    assert not await intake.receipt(Receipt("song-xanh", "zalo", provider_id, SEEN))
    assert await house.states() == ["sent"]


async def test_a_failure_is_noted_with_its_reason(store: Store) -> None:
    house = House(store)
    provider_id = await _sent(house)
    assert await house.intake.receipt(Receipt(HOME, "zalo", provider_id, FAILED, "absent"))
    (row,) = await house.outbox_rows()
    assert (row.state, row.error) == ("failed", "absent")


async def test_an_echo_settles_the_row_on_its_way_with_this_text(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.queue(conversation, "Đăng ký khai sinh\u200b ở xã ", "hai")
    await house.claim()
    async with store.write() as session:
        assert not await receipts.settle_by_echo(session, conversation, echoed("p0", "khác"), NOON)
        # As it comes back: other spaces at the ends, decomposed letters.
        echo = "Đăng ký khai sinh ở xã"
        assert await receipts.settle_by_echo(session, conversation, echoed("p1", echo), NOON)
        assert not await receipts.settle_by_echo(session, conversation, echoed("p1", echo), NOON)
        assert await outbox.knows(session, "zalo", "p1")
    assert await house.states() == ["sent", "queued"]
