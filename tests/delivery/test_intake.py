"""Where adapters leave receipts and echoes."""

from __future__ import annotations

from dataclasses import replace

from bot.delivery.sender import Outbound
from bot.messages import Echo, Receipt, ReceiptState
from bot.store import handovers, outbox, transcript
from bot.store.engine import Store
from bot.store.models import OUTSIDE_APP, officer_owner
from tests.factories import CITIZEN, HOME, NOON, House, echoed, inbound


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
    assert await house.states() == ["sent", "cancelled", "sent"]


async def test_an_answer_in_zalos_app_is_a_line_of_the_conversation_once(store: Store) -> None:
    house = House(store)
    conversation, _ = await _sent(house, "Chào")
    for _ in range(2):
        await house.intake.echo(echoed("x9", "Cán bộ đây", by_human=True))
    async with store.read() as session:
        lines = await transcript.read(session, conversation)
        (waiting,) = await handovers.listing(session, HOME)
    assert [(line.author, line.text) for line in lines if line.author == "officer"] == [
        ("officer", "Cán bộ đây")
    ]
    assert waiting.reason == handovers.OUTSIDE


async def test_any_message_that_we_did_not_send_is_an_officers(store: Store) -> None:
    """Zalo does not always say that a person wrote it."""
    house = House(store)
    conversation, _ = await _sent(house, "Chào")
    await house.intake.echo(echoed("x9", "Bác chờ em chút nhé"))
    assert (await house.view(conversation)).owner == officer_owner(OUTSIDE_APP)


async def test_a_greeting_of_the_account_itself_or_a_stranger_silences_nobody(
    store: Store,
) -> None:
    house = House(store)
    conversation, _ = await _sent(house, "Chào")
    await house.intake.echo(replace(echoed("x8", "Cảm ơn bà con đã nhắn tin"), kind="auto"))
    await house.intake.echo(replace(echoed("x9", "Tin khác"), address="somebody new"))
    assert (await house.view(conversation)).bot_owns
    assert await house.states() == ["sent"]


async def test_the_officer_who_has_it_in_the_console_keeps_it(store: Store) -> None:
    house = House(store)
    conversation, _ = await _sent(house, "Chào")
    officer = await house.officer()
    async with store.write() as session:
        await handovers.take(session, HOME, conversation, officer, NOON)
    await house.intake.echo(echoed("x9", "Em trả lời thêm ở Zalo", by_human=True))
    assert (await house.view(conversation)).owner == officer_owner(officer)


async def test_a_report_before_the_answer_is_not_lost(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.queue(conversation, "Chào")
    (row,) = await house.claim()
    for state in (ReceiptState.DELIVERED, ReceiptState.SEEN, ReceiptState.DELIVERED):
        assert not await house.intake.receipt(Receipt(HOME, "zalo", "x1", state))
    async with store.write() as session:
        assert await outbox.mark_sent(session, row.row_id, "s1", "x1", NOON)
    assert await house.states() == ["seen"]


async def test_a_report_with_our_own_id_settles_a_message_of_unknown_outcome(
    store: Store,
) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.queue(conversation, "Chào")
    (row,) = await house.claim()
    report = Receipt(HOME, "zalo", "x1", ReceiptState.DELIVERED, own_id=row.message.id)
    assert await house.intake.receipt(report)
    async with store.write() as session:
        assert not await outbox.mark_sent(session, row.row_id, "s1", "x2", NOON)
    assert await house.states() == ["delivered"]
    assert [r.provider_message_id for r in await house.outbox_rows()] == ["x1"]


async def test_a_late_echo_mends_a_message_given_up_as_unknown(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("KS")
    await house.queue(conversation, "Chào")
    (row,) = await house.claim()
    async with store.write() as session:
        await outbox.finish(session, row.row_id, "s1", "failed", "không rõ")
    await house.intake.echo(echoed("x1", "Chào"))
    assert await house.states() == ["sent"]
    assert (await house.view(conversation)).bot_owns


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
