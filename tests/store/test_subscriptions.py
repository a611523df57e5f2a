"""Who agreed to be told, since when, and for which village; a person counts once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Channel
from bot.store import audience, conversations, recipients, refusals, subscriptions
from bot.store.audience import NOT_SAID, Audience
from bot.store.engine import Store
from bot.store.models import (
    Announcement,
    AnnouncementRecipient,
    Consent,
    Conversation,
    OptOut,
    Subscription,
)
from tests.factories import HOME, NOON, House
from tests.notices import Hall

_commune = count(1)


@pytest.fixture
def hall(store: Store) -> Hall:
    return Hall(House(store))


async def test_agreeing_is_proved_and_counts_once(hall: Hall) -> None:
    there = await hall.joins("sms", "ben")
    async with hall.house.store.write() as session:
        assert not await subscriptions.agree(
            session, there, None, "Đồng ý nhận tin?", hall.now, inbox_id=None
        )
    async with hall.house.store.read() as session:
        found = await subscriptions.of(session, there)
        assert await audience.counts(session, HOME) == {"ben": 1}
        consents = list(await session.scalars(select(Consent)))
        row = await session.scalar(select(Subscription))
        address = await session.get_one(Conversation, there)
    assert found is not None
    assert (found.village, found.conversation_ids, found.since) == ("ben", (there,), NOON)
    assert row is not None
    assert row.consent_id == consents[-1].id
    assert {one.purpose for one in consents} == {subscriptions.PURPOSE}
    assert {one.subject_hash for one in consents} == {address.address_hash}


async def test_a_village_holds_for_the_whole_person(hall: Hall) -> None:
    phone = await hall.joins("sms", "ben")
    chat = await hall.joins("zalo", "dinh", linked=phone)
    async with hall.house.store.read() as session:
        for one in (phone, chat):
            found = await subscriptions.of(session, one)
            assert found is not None
            assert (found.village, found.conversation_ids) == ("dinh", (phone, chat))
        assert await audience.counts(session, HOME) == {"dinh": 1}


async def test_who_ends_it_is_told_no_more_until_they_agree_anew(hall: Hall) -> None:
    phone = await hall.joins("sms", "ben")
    chat = await hall.joins("zalo", linked=phone)
    hall.house.later(timedelta(days=1))
    async with hall.house.store.write() as session:
        assert await subscriptions.end_all(session, chat, hall.now) == 2
        assert await subscriptions.end_all(session, chat, hall.now) == 0
        assert await subscriptions.of(session, phone) is None
        assert not await audience.members(session, HOME, Audience())
        withdrawn = await session.scalars(select(Consent.withdrawn_at))
        assert set(withdrawn) == {hall.now}
        assert not await refusals.refused(session, phone), "only announcements were ended"
    async with hall.house.store.write() as session:
        assert await subscriptions.agree(session, phone, None, "Đồng ý?", hall.now)
        found = await subscriptions.of(session, chat)
    assert found is not None
    assert (found.since, found.village) == (hall.now, "ben")


async def test_agreeing_lifts_an_earlier_stop_on_all_channels(hall: Hall) -> None:
    phone = await hall.joins("sms")
    chat = await hall.joins("zalo", linked=phone)
    async with hall.house.store.write() as session:
        await refusals.stop(session, phone, hall.now)
        assert await refusals.refused(session, chat)
    async with hall.house.store.write() as session:
        await subscriptions.agree(session, chat, None, "Đồng ý?", hall.now)
        assert not await refusals.refused(session, phone)
        assert await session.scalar(select(OptOut.id).where(OptOut.lifted_at.is_(None))) is None
        found = await subscriptions.of(session, phone)
    assert found is not None
    assert found.conversation_ids == (chat,), "the other one agrees for itself"


async def test_another_commune_is_another_list(hall: Hall) -> None:
    await hall.joins()
    async with hall.house.store.read() as session:
        assert await audience.counts(session, "song-xanh") == {}
        assert await audience.members(session, "song-xanh", Audience()) == []


# --- property -------------------------------------------------------------------------------

VILLAGES = ("ben", "dinh", "cho")


@dataclass(frozen=True)
class Someone:
    """A person: whether they have a number, how many chats are linked to it, and who of these
    agreed, for which village."""

    number: bool
    chats: int
    agreed: tuple[str | None, ...]
    """For each conversation: the village, "" for none, None: did not agree."""


_agreed = st.sampled_from([None, "", *VILLAGES])
_someone = st.builds(
    Someone, st.booleans(), st.integers(0, 3), st.tuples(_agreed, _agreed, _agreed, _agreed)
).map(lambda one: one if one.number else Someone(False, 1, one.agreed))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    people=st.lists(_someone, max_size=8),
    chosen=st.none() | st.sets(st.sampled_from([NOT_SAID, *VILLAGES])),
    batch=st.integers(1, 4),
)
async def test_each_person_once_whatever_they_use(
    hall: Hall, people: list[Someone], chosen: set[str] | None, batch: int
) -> None:
    commune = f"c{next(_commune)}"
    whom = Audience(None if chosen is None else tuple(chosen))
    lan = await hall.officer("lan")
    expected: dict[int, set[str]] = {}
    for number, one in enumerate(people):
        person, villages = await _enters(hall, commune, number, one)
        if villages is not None:
            expected[person] = villages
    async with hall.house.store.write() as session:
        members = await audience.members(session, commune, whom)
        counts = await audience.counts(session, commune)
        each = {v: await audience.members(session, commune, Audience((v,))) for v in counts}
        row = await _announcement(session, commune, whom, lan)
        while await recipients.add_missing(session, row, batch):
            pass
        rows = await session.scalars(
            select(AnnouncementRecipient.conversation_id).where(
                AnnouncementRecipient.announcement_id == row.id
            )
        )
        got = sorted(rows)
    assert sum(counts.values()) == len(expected), "each counts in exactly one village"
    assert {v: len(found) for v, found in each.items()} == counts
    assert all(v in expected[person] for v, found in each.items() for person in found)
    sure = {p for p, villages in expected.items() if whom.villages is None or villages <= chosen}
    never = {p for p, villages in expected.items() if chosen is not None and not villages & chosen}
    assert sure <= set(members) <= set(expected) - never
    assert got == members == sorted(set(members))


async def _enters(
    hall: Hall, commune: str, number: int, one: Someone
) -> tuple[int, set[str] | None]:
    """Make the conversations; the person, and which villages they may count in (None: none)."""
    channels: list[Channel] = ["sms"] * one.number + ["zalo"] * one.chats  # type: ignore[assignment]
    said: list[str] = []
    ids: list[int] = []
    async with hall.house.store.write() as session:
        for n, channel in enumerate(channels):
            made = await conversations.get_or_create(
                session, commune, channel, f"{commune}:{number}:{n}", hall.now
            )
            ids.append(made)
            agreed = one.agreed[n]
            if agreed is not None:
                await subscriptions.agree(session, made, agreed or None, "?", hall.now)
                said.append(agreed)
        if one.number:  # linked later: nobody knew while they agreed
            await session.execute(
                update(Conversation).where(Conversation.id.in_(ids[1:])).values(linked_id=ids[0])
            )
    named = {village for village in said if village}
    return ids[0], (named or {NOT_SAID}) if said else None


async def _announcement(
    session: AsyncSession, commune: str, whom: Audience, lan: int
) -> Announcement:
    row = Announcement(
        commune=commune, title="t", text="t", sms_text="t", urgent=False, audience=whom.dump(),
        state="approved", created_by=lan, created_at=NOON, approved_at=NOON, expires_at=NOON,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row
