"""Approved announcements go out: to each person once, at the pace, in the hours, until stopped."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.channels import GatewayPlan
from bot.delivery import announce, pace
from bot.store import (
    announcements,
    conversations,
    outbox,
    recipients,
    refusals,
    subscriptions,
)
from bot.store.audience import Audience
from bot.store.engine import Store
from bot.store.models import Conversation, OutboxRow, SendAttempt
from tests.factories import HOME, House
from tests.notices import Hall

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def hall(store: Store) -> Hall:
    return Hall(House(store))


async def _sent(hall: Hall) -> None:
    """All that is queued leaves."""
    async with hall.house.store.write() as session:
        await session.execute(
            update(OutboxRow)
            .where(OutboxRow.state == "queued")
            .values(state="sent", sent_at=hall.now)
        )


async def test_everybody_gets_it_once_with_sender_and_way_out(hall: Hall) -> None:
    people = await hall.people(3)
    made = await hall.approved()
    assert await hall.look() == 3
    assert await hall.look() == 0
    rows = await hall.house.outbox_rows()
    assert [row.conversation_id for row in rows] == people
    assert {(row.author, row.bulk, row.channel) for row in rows} == {("notice", True, "sms")}
    assert {row.expires_at for row in rows} == {hall.now + 8 * HOUR}
    assert set(await hall.house.texts()) == {
        "UBND xa Hoa Mai: Moi ba con hop 19h toi nay tai nha van hoa. "
        "(Tin tu dong. Tu choi: nhan TC)"
    }
    assert hall.house.wakeups.notices == ["outbox"]
    assert (await hall.view(made)).state == "approved"
    await _sent(hall)
    await hall.look()
    assert (await hall.view(made)).state == "done"


async def test_only_the_first_message_to_a_number_says_that_it_is_automatic(hall: Hall) -> None:
    known, new = await hall.people(2)
    await hall.house.queue(known, "Da tra loi")
    await hall.approved()
    await hall.look()
    async with hall.house.store.read() as session:
        rows = {r.conversation_id: r for r in await session.scalars(select(OutboxRow))}
        texts = {c: outbox.opened(session, row.body_enc).text for c, row in rows.items()}
    assert texts[known].endswith("(Tu choi: nhan TC)")
    assert texts[new].endswith("(Tin tu dong. Tu choi: nhan TC)")


async def test_one_person_once_in_the_chat_while_it_is_free(hall: Hall) -> None:
    phone = await hall.joins("sms")
    chat = await hall.joins("zalo", linked=phone)
    await hall.joins("zalo", linked=phone)
    made = await hall.approved()
    assert await hall.look() == 1
    (row,) = await hall.house.outbox_rows()
    assert (row.channel, row.conversation_id) in {("zalo", chat), ("zalo", chat + 1)}
    text = (await hall.house.texts())[0]
    assert text.startswith("UBND xã Hoa Mai thông báo: Họp thôn\n\nMời bà con")
    assert "nhắn TC" in text
    assert await hall.states(made) == ["queued"]


async def test_by_sms_when_the_chat_is_closed_or_blocked(hall: Hall) -> None:
    phone = await hall.joins("sms")
    await hall.joins("zalo", linked=phone)
    other = await hall.joins("sms")
    blocked = await hall.joins("zalo", linked=other)
    async with hall.house.store.write() as session:
        await conversations.set_stopped(session, blocked, hall.now)
    hall.house.later(3 * DAY)
    await hall.joins("zalo")  # fresh, has no number
    await hall.approved()
    await hall.look()
    assert sorted(row.channel for row in await hall.house.outbox_rows()) == ["sms", "sms", "zalo"]


async def test_who_cannot_be_reached_is_told_in_the_report(hall: Hall) -> None:
    await hall.joins("zalo")
    await hall.joins("web")
    hall.house.later(3 * DAY)
    made = await hall.approved()
    assert await hall.look() == 0
    assert await hall.states(made) == ["no_way", "no_way"]
    assert (await hall.view(made)).state == "done"


async def test_only_those_of_the_villages(hall: Hall) -> None:
    ben = await hall.joins(village="ben")
    await hall.joins(village="dinh")
    unknown = await hall.joins()
    await hall.approved(audience=Audience(("ben",)))
    await hall.look()
    await hall.approved(audience=Audience(("cho", "")))
    await hall.look()
    assert [row.conversation_id for row in await hall.house.outbox_rows()] == [ben, unknown]


async def test_who_agrees_after_the_approval_is_not_added(hall: Hall) -> None:
    first = await hall.joins()
    await hall.approved(start_at=hall.now + HOUR)
    hall.house.later(HOUR)
    await hall.joins()
    await hall.look()
    assert [row.conversation_id for row in await hall.house.outbox_rows()] == [first]


# --- when -----------------------------------------------------------------------------------


async def test_not_before_its_start_nor_after_its_end(hall: Hall) -> None:
    await hall.people(2)
    made = await hall.approved(start_at=hall.now + HOUR)
    assert await hall.look() == 0
    hall.house.later(9 * HOUR)
    assert await hall.look() == 0
    view = await hall.view(made)
    assert (view.state, view.ended_at) == ("done", hall.now)
    # Nobody was looked at; those who got a row are late.
    assert set(await hall.states(made)) <= {"late"}


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (datetime(2026, 7, 6, 15, 0, tzinfo=UTC), datetime(2026, 7, 7, 0, 0, tzinfo=UTC)),
        (datetime(2026, 9, 2, 2, 0, tzinfo=UTC), datetime(2026, 9, 4, 0, 0, tzinfo=UTC)),
    ],
)
async def test_not_at_night_nor_on_a_holiday_unless_urgent(
    hall: Hall, at: datetime, opens: datetime
) -> None:
    class Tet:
        def is_holiday(self, day: date) -> bool:
            return day in {date(2026, 9, 2), date(2026, 9, 3)}

    hall.days = Tet()
    await hall.people(2)
    hall.house.clock.set(at)
    urgent = await hall.approved(urgent=True, expires_at=at + 3 * DAY)
    usual = await hall.approved(expires_at=at + 3 * DAY)
    assert await hall.look() == 2
    assert await hall.states(urgent) == ["queued"] * 2
    assert set(await hall.states(usual)) <= {"waiting"}
    hall.house.clock.set(opens - timedelta(seconds=1))
    assert await hall.look() == 0
    hall.house.clock.set(opens)
    assert await hall.look() == 2


async def test_at_the_pace_of_the_sims_in_small_portions(hall: Hall) -> None:
    hall.plans = lambda commune, channel: (GatewayPlan("sim", per_hour=60),)
    await hall.people(12)
    made = await hall.approved()
    assert 1 <= await hall.look() <= pace.BURST
    assert await hall.look() == 0
    at = [hall.now]
    while (await hall.states(made)).count("waiting"):
        hall.house.later(timedelta(seconds=20))
        at += [hall.now] * await hall.look()
        await _sent(hall)
    gaps = {b - a for a, b in itertools.pairwise(at)}
    assert min(gaps) >= timedelta(seconds=80), "42 an hour: one in 86 seconds"
    assert len(await hall.house.outbox_rows()) == 12


async def test_an_urgent_one_does_not_wait_for_the_morning_though_the_pace_is_slow(
    hall: Hall,
) -> None:
    hall.plans = lambda commune, channel: (GatewayPlan("sim", per_hour=60),)
    await hall.people(8)
    hall.house.clock.set(datetime(2026, 7, 6, 15, 0, tzinfo=UTC))
    made = await hall.approved(urgent=True)
    for _ in range(45):
        await hall.look()
        hall.house.later(timedelta(seconds=20))
    assert await hall.states(made) == ["queued"] * 8


async def test_a_sender_that_stands_still_is_not_buried(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "IN_FLIGHT", 6)
    monkeypatch.setattr(announce, "BATCH", 4)
    await hall.people(9)
    made = await hall.approved()
    assert await hall.look() == 6
    assert await hall.look() == 0
    await _sent(hall)
    assert await hall.look() == 3
    assert await hall.states(made) == ["queued"] * 9


async def test_nobody_gets_more_than_three_in_a_day(hall: Hall) -> None:
    phone = await hall.joins("sms")
    chat = await hall.joins("zalo", linked=phone)
    await hall.house.queue(phone, "Nhac viec", author="reminder", bulk=True)
    await hall.house.queue(chat, "Nhac viec", author="reminder", bulk=True)
    first, second = await hall.approved(), await hall.approved(expires_at=hall.now + 2 * DAY)
    short = await hall.approved()
    assert await hall.look() == 1
    await _sent(hall)
    assert await hall.states(first) == ["queued"]
    assert await hall.states(short) == ["late"], "its end comes before its turn"
    hall.house.later(DAY - timedelta(seconds=1))
    assert await hall.look() == 0
    hall.house.later(timedelta(seconds=1))
    assert await hall.look() == 1
    assert await hall.states(second) == ["queued"]


# --- stopped --------------------------------------------------------------------------------


async def test_who_says_stop_in_the_middle_gets_nothing_more(hall: Hall) -> None:
    hall.plans = lambda commune, channel: (GatewayPlan("sim", per_hour=60),)
    people = await hall.people(8)
    made = await hall.approved()
    await hall.look()
    async with hall.house.store.write() as session:
        await refusals.stop(session, people[0], hall.now)  # queued already
        await refusals.stop(session, people[6], hall.now)  # still waits
    for _ in range(20):
        hall.house.later(timedelta(minutes=2))
        await hall.look()
    got = {row.conversation_id: row.state for row in await hall.house.outbox_rows()}
    assert got.pop(people[0]) == "cancelled"
    assert people[6] not in got
    assert sorted(got) == sorted(set(people) - {people[0], people[6]})
    assert (await hall.states(made))[6] == "refused"


async def test_who_ends_the_subscription_gets_nothing_more_though_nothing_is_refused(
    hall: Hall,
) -> None:
    one, two = await hall.people(2)
    made = await hall.approved(start_at=hall.now + HOUR)
    await hall.look()
    async with hall.house.store.write() as session:
        await subscriptions.end_all(session, one, hall.now)
        assert not await refusals.refused(session, one)
    hall.house.later(HOUR)
    await hall.look()
    assert [row.conversation_id for row in await hall.house.outbox_rows()] == [two]
    assert set(await hall.states(made)) <= {"refused", "queued"}


async def test_pausing_stops_at_once_and_going_on_reaches_exactly_the_rest(hall: Hall) -> None:
    people = await hall.people(6)
    made = await hall.approved()
    await hall.look()
    rows = await hall.house.outbox_rows()
    async with hall.house.store.write() as session:
        for row, state in zip(rows, ("sent", "sending", "delivered"), strict=False):
            await session.execute(
                update(OutboxRow).where(OutboxRow.id == row.id).values(state=state)
            )
    assert await hall.does(announcements.pause, made) == 3
    assert await hall.house.states() == ["sent", "sending", "delivered", *["cancelled"] * 3]
    hall.house.later(HOUR)
    assert await hall.look() == 0
    await hall.does(announcements.resume, made)
    assert await hall.look() == 3
    assert await hall.look() == 0
    again = (await hall.house.outbox_rows())[6:]
    assert [row.conversation_id for row in again] == people[3:]
    # Paused once more before they left, and gone on with: still the same three.
    await hall.does(announcements.pause, made)
    await hall.does(announcements.resume, made)
    assert await hall.look() == 3
    alive = [r for r in await hall.house.outbox_rows() if r.state != "cancelled"]
    assert sorted(row.conversation_id for row in alive) == people


async def test_what_was_being_tried_when_it_was_paused_does_not_leave_later(hall: Hall) -> None:
    await hall.people(1)
    made = await hall.approved()
    await hall.look()
    (claimed,) = await hall.house.claim()
    await hall.does(announcements.pause, made)
    async with hall.house.store.write() as session:
        await outbox.retry_later(session, claimed.row_id, "s1", hall.now, "bận")
    await hall.look()
    assert await hall.house.states() == ["cancelled"]
    await hall.does(announcements.resume, made)
    assert await hall.look() == 1


async def test_cancelling_is_for_good(hall: Hall) -> None:
    await hall.people(2)
    made = await hall.approved()
    await hall.look()
    (claimed, _) = await hall.house.claim()
    await hall.does(announcements.cancel, made)
    async with hall.house.store.write() as session:
        await outbox.retry_later(session, claimed.row_id, "s1", hall.now, "bận")
    hall.house.later(HOUR)
    assert await hall.look() == 0
    assert set(await hall.house.states()) <= {"cancelled", "sending"}
    assert "waiting" not in await hall.states(made)


# --- trouble --------------------------------------------------------------------------------


async def test_whom_the_chat_did_not_reach_gets_an_sms(hall: Hall) -> None:
    phone = await hall.joins("sms")
    await hall.joins("zalo", linked=phone)
    await hall.joins("zalo")
    made = await hall.approved()
    await hall.look()
    async with hall.house.store.write() as session:
        for row in await session.scalars(select(OutboxRow)):
            row.state = "failed"
            session.add(_attempt(row, "refused", hall.now))
    assert await hall.look() == 1
    assert await hall.look() == 0
    assert [r.channel for r in await hall.house.outbox_rows()] == ["zalo", "zalo", "sms"]
    assert await hall.states(made) == ["queued", "no_way"]


async def test_what_may_have_arrived_is_not_sent_a_second_way(hall: Hall) -> None:
    phone = await hall.joins("sms")
    await hall.joins("zalo", linked=phone)
    await hall.approved()
    await hall.look()
    async with hall.house.store.write() as session:
        (row,) = await session.scalars(select(OutboxRow))
        row.state = "failed"
        session.add(_attempt(row, "unknown", hall.now))
    assert await hall.look() == 0


def _attempt(row: OutboxRow, state: str, now: datetime) -> SendAttempt:
    return SendAttempt(
        commune=HOME, outbox_id=row.id, number=1, channel=row.channel, state=state, started_at=now
    )


@pytest.mark.parametrize("asked", ["first", "both", "neither"])
async def test_numbers_that_are_linked_in_the_middle_are_one_person(hall: Hall, asked: str) -> None:
    """Two rows were made for what turns out to be one person."""
    phone = await hall.joins("sms")
    chats = [await hall.joins("zalo") for _ in range(2)]
    made = await hall.approved()
    async with hall.house.store.write() as session:
        row = await announcements.take(session, made)
        assert row is not None
        if asked != "neither":
            assert await recipients.add_missing(session, row, 3 if asked == "both" else 1) > 0
    async with hall.house.store.write() as session:
        await session.execute(
            update(Conversation).where(Conversation.id.in_(chats)).values(linked_id=phone)
        )
    assert await hall.look() == 1
    assert await hall.look() == 0
    assert len(await hall.house.outbox_rows()) == 1


async def test_a_batch_that_fails_half_way_never_happened(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hall.people(5)
    made = await hall.approved()
    real, left = outbox.queue, [3]

    async def breaks(*args: object) -> int | None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError("the machine is gone")
        return await real(*args)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "queue", breaks)
        with pytest.raises(OSError, match="gone"):
            await hall.look()
    assert await hall.house.outbox_rows() == []
    assert await hall.look() == 5
    assert await hall.states(made) == ["queued"] * 5


async def test_what_nobody_else_approved_does_not_go_out_whatever_the_row_says(hall: Hall) -> None:
    await hall.people(1)
    made = await hall.approved()
    async with hall.house.store.write() as session:
        row = await announcements.take(session, made)
        assert row is not None
        row.approved_by = row.created_by
    assert await hall.look() == 0
    assert await hall.house.outbox_rows() == []


@pytest.mark.postgres
async def test_two_schedulers_at_once_send_nothing_twice(
    postgres_url: str, open_store: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "BATCH", 7)
    halls = [Hall(House(open_store(postgres_url))) for _ in range(2)]
    people = await halls[0].people(60)
    made = [await halls[0].approved() for _ in range(2)]

    async def run(hall: Hall) -> None:
        for _ in range(12):
            await hall.look()
            await asyncio.sleep(0)

    await asyncio.gather(*(run(hall) for hall in halls for _ in range(2)))
    async with halls[0].house.store.read() as session:
        per_person = await session.execute(
            select(OutboxRow.conversation_id, func.count())
            .where(OutboxRow.author == "notice")
            .group_by(OutboxRow.conversation_id)
        )
        assert dict(per_person.all()) == dict.fromkeys(people, 2)
    for one in made:
        assert await halls[0].states(one) == ["queued"] * 60


@pytest.mark.postgres
async def test_pausing_while_batches_run_leaves_nothing_queued(
    postgres_url: str, open_store: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce, "BATCH", 3)
    hall = Hall(House(open_store(postgres_url)))
    other = Hall(House(open_store(postgres_url)), officers=hall.officers)
    people = await hall.people(40)
    made = await hall.approved()
    looking = [asyncio.create_task(one.look()) for one in (hall, other)]
    await asyncio.sleep(0.05)
    await hall.does(announcements.pause, made)
    await asyncio.gather(*looking)
    assert set(await hall.house.states()) <= {"cancelled"}
    await hall.does(announcements.resume, made)
    while await hall.look():
        pass
    alive = [r for r in await hall.house.outbox_rows() if r.state == "queued"]
    assert sorted(row.conversation_id for row in alive) == people


# --- what happens in between ------------------------------------------------------------------


async def test_who_refused_by_another_number_that_turns_out_to_be_theirs(hall: Hall) -> None:
    """The chat agreed, the number said stop; linked, they are one person who said stop."""
    phone = await hall.joins("sms")
    async with hall.house.store.write() as session:
        await refusals.stop(session, phone, hall.now)
    chat = await hall.joins("zalo")
    made = await hall.approved()
    async with hall.house.store.write() as session:
        await session.execute(
            update(Conversation).where(Conversation.id == chat).values(linked_id=phone)
        )
    assert await hall.look() == 0
    assert await hall.states(made) == ["refused"]


async def test_who_says_stop_between_the_two_parts_of_a_batch(hall: Hall) -> None:
    one, two = await hall.people(2)
    made = await hall.approved()
    announcer = hall.announcer
    real = announcer._second

    async def stopped_first(session: Any, *rest: Any) -> int:
        await refusals.stop(session, one, hall.now)
        return await real(session, *rest)

    announcer._second = stopped_first  # type: ignore[method-assign]
    assert await announcer.look(hall.now) == 1
    assert [row.conversation_id for row in await hall.house.outbox_rows()] == [two]
    assert await hall.states(made) == ["refused", "queued"]


@pytest.mark.postgres
async def test_pausing_waits_for_a_batch_that_is_under_way(
    postgres_url: str, open_store: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = Hall(House(open_store(postgres_url)))
    await hall.people(3)
    made = await hall.approved()
    real, begun, go_on = outbox.queue, asyncio.Event(), asyncio.Event()

    async def slow(*args: Any) -> int | None:
        begun.set()
        await go_on.wait()
        return await real(*args)

    monkeypatch.setattr(outbox, "queue", slow)
    looking = asyncio.create_task(hall.look())
    await begun.wait()
    pausing = asyncio.create_task(hall.does(announcements.pause, made))
    done, _ = await asyncio.wait([pausing], timeout=0.3)
    go_on.set()
    await asyncio.gather(looking, pausing)
    assert not done, "it did not wait"
    assert set(await hall.house.states()) == {"cancelled"}
    assert await hall.states(made) == ["waiting"] * 3


@pytest.mark.postgres
async def test_another_process_passes_over_what_one_has_in_hand(
    postgres_url: str, open_store: Callable[[str], Store]
) -> None:
    hall = Hall(House(open_store(postgres_url)))
    made = await hall.approved()
    async with hall.house.store.write() as one:
        assert await announcements.take(one, made) is not None
        async with asyncio.timeout(5), hall.house.store.write() as other:
            assert await announcements.take(other, made) is None
