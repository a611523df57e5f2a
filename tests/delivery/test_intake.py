"""Where adapters leave receipts and echoes."""

from __future__ import annotations

from dataclasses import replace

from bot.delivery.sender import Outbound
from bot.messages import Echo, Receipt, ReceiptState
from bot.store import handovers
from bot.store.engine import Store
from bot.store.models import OUTSIDE_APP, officer_owner
from tests.factories import CITIZEN, HOME, NOON, House, inbound


async def _sent(house: House, text: str) -> tuple[int, str]:
    conversation = await house.hear("KS")
    await house.queue(conversation, text)
    sender: Outbound = house.outbound()
    await sender.drain()
    (row,) = await house.outbox_rows()
    assert row.provider_message_id is not None
    return conversation, row.provider_message_id


async def test_a_stored_message_wakes_the_worker_and_a_double_does_not(store: Store) -> None:
    house = House(store)
    await house.intake.receive(inbound(provider_id="a"))
    await house.intake.receive(inbound(provider_id="a"))
    assert house.wakeups.notices == ["inbox"]


async def test_the_echo_of_our_own_message_silences_nobody(store: Store) -> None:
    house = House(store)
    conversation, provider_id = await _sent(house, "Chào")
    for by_human in (False, True):
        await house.intake.echo(Echo(HOME, "zalo", CITIZEN, provider_id, "Chào", by_human))
    assert (await house.view(conversation)).bot_owns


async def test_what_a_person_wrote_in_zalos_app_silences_the_bot(store: Store) -> None:
    house = House(store)
    conversation, _ = await _sent(house, "Chào")
    await house.queue(conversation, "còn nữa")
    await house.intake.echo(Echo(HOME, "zalo", CITIZEN, "x9", "Cán bộ đây", True))
    view = await house.view(conversation)
    assert view.owner == officer_owner(OUTSIDE_APP)
    assert view.last_officer_at == NOON
    assert await house.states() == ["sent", "cancelled"]


async def test_an_unknown_message_of_a_machine_changes_nothing(store: Store) -> None:
    house = House(store)
    conversation, _ = await _sent(house, "Chào")
    await house.intake.echo(Echo(HOME, "zalo", CITIZEN, "x9", "Tin quảng bá", False))
    await house.intake.echo(Echo(HOME, "zalo", "somebody new", "x9", "Tin quảng bá", True))
    assert (await house.view(conversation)).bot_owns
    assert await house.states() == ["sent"]


async def test_of_two_equal_texts_the_echo_settles_the_one_on_its_way(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.queue(conversation, "Chào", "Chào")
    await house.claim()
    await house.intake.echo(Echo(HOME, "zalo", CITIZEN, "x1", "Chào", False))
    assert await house.states() == ["sent", "queued"]
    await house.intake.echo(Echo(HOME, "zalo", CITIZEN, "x1", "Chào", False))  # comes twice
    await house.claim()
    await house.intake.echo(Echo(HOME, "zalo", CITIZEN, "x1", "Chào", False))
    assert await house.states() == ["sent", "sending"]


async def test_a_message_that_did_not_arrive_after_all_is_put_on_the_officers_list(
    store: Store,
) -> None:
    house = House(store)
    conversation, sent = await _sent(house, "KS")
    receipt = Receipt(HOME, "zalo", sent, ReceiptState.FAILED, "absent subscriber")
    assert await house.intake.receipt(receipt)
    async with store.read() as session:
        assert await handovers.is_open(session, conversation)
    assert not await house.intake.receipt(receipt)
    assert not await house.intake.receipt(replace(receipt, provider_message_id="unknown"))
