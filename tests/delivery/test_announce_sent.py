"""Announcements through the real scheduler and sender, to a provider that may fail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.delivery.schedule import Scheduler
from bot.delivery.sender import Outbound
from bot.messages import PermanentSendError, TemporarySendError
from bot.store import announcement_report, announcements, handovers, refusals
from bot.store.announcement_report import Progress
from bot.store.engine import Store
from tests.factories import House, ScriptedSender, Step
from tests.notices import Hall, reaches

HOUR = timedelta(hours=1)
NIGHT = datetime(2026, 7, 6, 15, 0, tzinfo=UTC)
"""22:00 in Vietnam."""
BUSY = Step(TemporarySendError("HTTP 429", 60), arrives=False)
CLOSED = Step(PermanentSendError("ngoài khung giờ của Zalo", other_way=True), arrives=False)


class Works:
    """A hall with everything behind it."""

    def __init__(self, store: Store, *script: Step) -> None:
        self.house = House(store, provider=ScriptedSender(*script))
        self.hall = Hall(self.house)
        self.scheduler = Scheduler(
            store, self.house.wakeups, self.house.clock, chores=[self.hall.announcer.look]
        )

    @property
    def sender(self) -> Outbound:
        return self.house.outbound(reaches=reaches)

    async def turn(self) -> None:
        """The scheduler looks once, the sender does what it can."""
        await self.scheduler.look()
        await self.sender.drain()

    async def progress(self, made: int) -> Progress:
        async with self.house.store.read() as session:
            return (await announcement_report.progress(session, [made]))[made]


async def test_all_of_it_arrives_once(store: Store) -> None:
    works = Works(store)
    phone = await works.hall.joins("sms")
    await works.hall.joins("zalo", linked=phone)
    await works.hall.people(4)
    made = await works.hall.approved()
    for _ in range(3):
        await works.turn()
    assert len(works.house.provider.arrived) == 5
    assert [m.channel for m in works.house.provider.arrived].count("zalo") == 1
    assert (await works.progress(made)).by_fate == {"sent": 5}
    assert (await works.hall.view(made)).state == "done"


async def test_what_the_chat_does_not_carry_goes_by_sms_and_no_officer_is_bothered(
    store: Store,
) -> None:
    works = Works(store, CLOSED)
    phone = await works.hall.joins("sms")
    chat = await works.hall.joins("zalo", linked=phone)
    made = await works.hall.approved()
    await works.turn()
    assert works.house.provider.arrived == []
    await works.turn()
    await works.turn()
    (message,) = works.house.provider.arrived
    assert (message.channel, message.text[:16]) == ("sms", "UBND xa Hoa Mai:")
    assert (await works.progress(made)).by_fate == {"sent": 1}
    async with store.read() as session:
        assert not await handovers.is_open(session, chat)


@pytest.mark.parametrize("end", ["pause", "cancel"])
async def test_what_is_about_to_leave_when_it_is_stopped_is_held(store: Store, end: str) -> None:
    """It was leased by the sender already, or it was tried and failed."""
    works = Works(store, BUSY)
    await works.hall.people(2)
    made = await works.hall.approved()
    await works.scheduler.look()
    (one, _) = await works.house.claim(limit=2)
    sender = works.sender
    sender.name = "s1"  # as if it had leased them
    await works.hall.does(getattr(announcements, end), made)
    await sender._work(one)
    assert works.house.provider.tried == []
    works.house.later(timedelta(minutes=2))  # the other one's lease is over
    await works.turn()
    assert works.house.provider.arrived == []
    told = await works.progress(made)
    if end == "cancel":
        assert (told.by_fate, told.skipped) == ({"skipped": 2}, {"cancelled": 2})
        return
    assert told.by_fate == {"waiting": 2}
    await works.hall.does(announcements.resume, made)
    await works.turn()
    works.house.later(timedelta(minutes=2))
    await works.turn()
    assert len(works.house.provider.arrived) == 2
    assert len({message.address for message in works.house.provider.arrived}) == 2


async def test_at_night_only_what_is_urgent_leaves(store: Store) -> None:
    works = Works(store)
    await works.hall.people(2)
    works.house.clock.set(NIGHT - HOUR - timedelta(minutes=1))
    usual = await works.hall.approved(expires_at=NIGHT + 24 * HOUR)
    await works.scheduler.look()
    works.house.clock.set(NIGHT)  # nothing left in time
    urgent = await works.hall.approved(urgent=True)
    await works.turn()
    assert (await works.progress(urgent)).by_fate == {"sent": 2}
    assert (await works.progress(usual)).by_fate == {"queued": 2}
    works.house.clock.set(NIGHT + 9 * HOUR)
    await works.turn()
    assert (await works.progress(usual)).by_fate == {"sent": 2}


async def test_who_says_stop_while_it_is_queued_does_not_get_it(store: Store) -> None:
    works = Works(store)
    one, _ = await works.hall.people(2)
    made = await works.hall.approved()
    await works.scheduler.look()
    async with store.write() as session:
        await refusals.stop(session, one, works.hall.now)
    await works.turn()
    assert len(works.house.provider.arrived) == 1
    told = await works.progress(made)
    assert (told.by_fate, told.skipped) == ({"sent": 1, "skipped": 1}, {"refused": 1})
    async with store.read() as session:
        assert (await announcement_report.report(session, made)).opted_out == 1


async def test_what_expires_in_the_queue_is_late(store: Store) -> None:
    works = Works(store)
    await works.hall.people(1)
    made = await works.hall.approved()
    await works.scheduler.look()
    works.house.later(9 * HOUR)
    await works.turn()
    assert works.house.provider.arrived == []
    assert (await works.progress(made)).skipped == {"late": 1}
    assert (await works.hall.view(made)).state == "done"
