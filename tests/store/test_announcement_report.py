"""The report counts each person once and says why somebody has not got it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.store import announcement_report, announcements, refusals, subscriptions
from bot.store.engine import Store
from bot.store.models import OutboxRow, SendAttempt
from tests.factories import HOME, House
from tests.notices import Hall

OUTCOMES = ("queued", "sending", "sent", "unknown", "delivered", "seen", "failed", "expired")


@pytest.fixture
def hall(store: Store) -> Hall:
    return Hall(House(store))


async def test_every_state_has_its_place(hall: Hall) -> None:
    people = await hall.people(len(OUTCOMES) + 2, village="ben")
    chat = await hall.joins("zalo")
    made = await hall.approved()
    other = await hall.approved()
    await hall.look()
    rows = {row.conversation_id: row for row in (await hall.house.outbox_rows())[: len(people)]}
    async with hall.house.store.write() as session:
        for person, state in zip(people, OUTCOMES, strict=False):
            error = "số bị khoá" if state == "failed" else None
            sent = hall.now if state in ("sent", "delivered", "seen") else None
            await session.execute(
                update(OutboxRow)
                .where(OutboxRow.id == rows[person].id)
                .values(state=state, error=error, sent_at=sent)
            )
            taken = {"sent": "accepted", "delivered": "delivered", "seen": "seen"}
            session.add(
                SendAttempt(
                    commune=HOME,
                    outbox_id=rows[person].id,
                    number=1,
                    channel="sms",
                    state=taken.get(state, "failed"),
                    parts=2,
                    price=700,
                    started_at=hall.now,
                )
            )
        await refusals.stop(session, people[-2], hall.now + timedelta(minutes=1))
        await subscriptions.end_all(session, people[-1], hall.now + timedelta(minutes=1))
    async with hall.house.store.read() as session:
        report = await announcement_report.report(session, made)
        both = await announcement_report.progress(session, [made, other])
        lines = await announcement_report.lines(session, made)
    progress = report.progress
    assert progress.by_fate == {
        "queued": 3, "sent": 2, "delivered": 2, "failed": 1, "skipped": 3,
    }  # fmt: skip
    assert progress.skipped == {"late": 1, "refused": 2}
    assert progress.by_channel == {"sms": 6, "chat": 1}
    assert (progress.people, progress.reached, progress.settled) == (11, 4, 8)
    assert (report.parts, report.price) == (6, 2100)
    assert report.opted_out == 2
    assert report.errors == (("số bị khoá", 1),)
    assert report.last_at == hall.now
    assert both[made].by_fate == progress.by_fate
    assert both[other].people == 11
    assert len(lines) == 11
    assert sum(line.price for line in lines) == report.price
    assert {line.village for line in lines} == {"ben", None}
    assert [line.channel for line in lines].count("zalo") == 1
    assert chat


async def test_what_was_drawn_back_is_waiting_again_not_lost(hall: Hall) -> None:
    await hall.people(2)
    made = await hall.approved()
    await hall.look()
    await hall.does(announcements.pause, made)
    async with hall.house.store.read() as session:
        found = (await announcement_report.progress(session, [made]))[made]
    assert found.by_fate == {"waiting": 2}
    await hall.does(announcements.cancel, made)
    async with hall.house.store.read() as session:
        found = (await announcement_report.progress(session, [made]))[made]
    assert (found.by_fate, found.skipped) == ({"skipped": 2}, {"cancelled": 2})
