"""Dossiers: found by code, told to their own number only, forgotten in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import conversations, dossiers, refusals, reminders
from bot.store.dossiers import Draft
from bot.store.engine import Store
from bot.store.models import Consent, Conversation, Dossier, OptOut, Reminder
from bot.store.reminders import NewReminder
from tests.factories import HOME, NOON, PHONE, House, worded

CODE = "H56.12-260706-0001"
OTHER = "+84987000202"
TODAY = date(2026, 7, 6)
DAY = timedelta(days=1)
DRAFT = Draft(CODE, "received", TODAY, "khai_sinh", received_on=TODAY, phone=PHONE)


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


async def put(house: House, draft: Draft = DRAFT, commune: str = HOME) -> int:
    async with house.store.write() as session:
        done = await dossiers.put(session, commune, draft, "desk", None, house.clock.now())
    return done.id


async def with_consent(house: House, dossier: int, phone: str = PHONE) -> int:
    """Its person agreed on paper, and one reminder is planned; the consent's id."""
    async with house.store.write() as session:
        there = await conversations.get_or_create(session, HOME, "sms", phone, NOON)
        consent = await reminders.agree(
            session, HOME, there, phone, "nhắc", "Tôi đồng ý", None, NOON, source="paper"
        )
        await dossiers.keep_consent(session, dossier, consent)
        new = NewReminder(
            f"d{dossier}:hen", "hen", None, worded("Nhac"), NOON + DAY, NOON + 3 * DAY,
            thread=f"d{dossier}", dossier_id=dossier,
        )  # fmt: skip
        await reminders.schedule(session, HOME, there, phone, consent, new, NOON)
    return consent


async def reminder_states(house: House) -> list[str]:
    async with house.store.read() as session:
        return list(await session.scalars(select(Reminder.state).order_by(Reminder.id)))


# --- what a citizen is told ---------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", [CODE, "h56.12-260706-0001", "H56 12 260706 0001", "H5612-2607060001."]
)
async def test_its_own_number_is_told_however_the_code_is_typed(house: House, typed: str) -> None:
    await put(house, replace(DRAFT, missing="Giấy chứng sinh", state="need_papers"))
    async with house.store.read() as session:
        found = await dossiers.for_citizen(session, HOME, typed, PHONE)
    assert found is not None
    assert (found.code, found.state, found.missing) == (CODE, "need_papers", "Giấy chứng sinh")
    assert not found.reminded


async def test_another_number_and_an_unknown_code_get_the_same_nothing(house: House) -> None:
    await put(house)
    async with house.store.read() as session:
        assert await dossiers.for_citizen(session, HOME, CODE, OTHER) is None
        assert await dossiers.for_citizen(session, HOME, "H56.12-260706-9999", PHONE) is None
        assert await dossiers.for_citizen(session, "song-xanh", CODE, PHONE) is None
        assert await dossiers.for_citizen(session, HOME, "", PHONE) is None


async def test_a_dossier_without_number_is_told_to_nobody(house: House) -> None:
    await put(house, replace(DRAFT, phone=None))
    async with house.store.read() as session:
        assert await dossiers.for_citizen(session, HOME, CODE, PHONE) is None
        assert await dossiers.of_phone(session, HOME, PHONE) == []


async def test_a_persons_dossiers_open_ones_first(house: House) -> None:
    for n, state in enumerate(("returned", "received", "ready")):
        await put(house, replace(DRAFT, code=f"H56-{n}00", state=state, state_on=TODAY + n * DAY))
    await put(house, replace(DRAFT, code="H56-900", phone=OTHER))
    async with house.store.read() as session:
        mine = await dossiers.of_phone(session, HOME, PHONE)
    assert [one.code for one in mine] == ["H56-200", "H56-100", "H56-000"]


# --- what an officer sees -----------------------------------------------------------------


async def test_the_same_again_changes_nothing_and_makes_no_history(house: House) -> None:
    await put(house)
    async with house.store.write() as session:
        again = await dossiers.put(session, HOME, DRAFT, "desk", None, NOON + DAY)
        events = await dossiers.history(session, again.id)
    assert not again.changed
    assert [event.state for event in events] == ["received"]


async def test_every_change_of_state_stands_in_the_history_with_who_did_it(house: House) -> None:
    officer = await house.officer()
    dossier = await put(house)
    async with house.store.write() as session:
        ready = replace(DRAFT, state="ready", state_on=TODAY + DAY)
        await dossiers.put(session, HOME, ready, "desk", officer, NOON + DAY)
    async with house.store.read() as session:
        events = await dossiers.history(session, dossier)
        record = await dossiers.get(session, HOME, dossier)
    assert [(e.state, e.by) for e in events] == [("ready", "Lan"), ("received", None)]
    assert record is not None
    assert (record.told.state, record.updated_by) == ("ready", officer)


async def test_the_listing_filters_by_state_part_of_code_and_whole_number(house: House) -> None:
    for n, state in enumerate(("received", "ready", "ready")):
        await put(house, replace(DRAFT, code=f"H56-26070{n}", state=state))
    await put(house, replace(DRAFT, code="H56-260709", phone=OTHER))
    await put(house, replace(DRAFT, code="H56-260708"), commune="song-xanh")
    async with house.store.read() as session:

        async def codes(**wanted: object) -> set[str]:
            found = await dossiers.listing(session, HOME, **wanted)  # type: ignore[arg-type]
            return {one.told.code for one in found}

        assert await codes(states=["ready"]) == {"H56-260701", "H56-260702"}
        assert await codes(code="h56 260709") == {"H56-260709"}
        assert await codes(code="%") == set()
        assert await codes(phone=OTHER) == {"H56-260709"}
        assert len(await codes()) == 4
        assert await dossiers.counts(session, HOME) == {"received": 2, "ready": 2}


async def test_words_and_number_are_not_readable_in_the_database(house: House) -> None:
    await put(house, replace(DRAFT, missing="Giấy chứng sinh"))
    async with house.store.read() as session:
        row = (await session.scalars(select(Dossier))).one()
    assert row.phone_enc is not None
    assert row.missing_enc is not None
    assert PHONE not in row.phone_enc
    assert "chứng sinh" not in row.missing_enc


async def test_another_number_is_another_person_whose_consent_is_not_there(house: House) -> None:
    dossier = await put(house)
    await with_consent(house, dossier)
    await put(house, replace(DRAFT, phone=OTHER))
    async with house.store.read() as session:
        record = await dossiers.get(session, HOME, dossier)
    assert record is not None
    assert record.consent_id is None


# --- erasing ------------------------------------------------------------------------------


async def test_who_is_erased_leaves_the_dossier_without_number_consent_and_reminders(
    house: House,
) -> None:
    dossier = await put(house)
    consent = await with_consent(house, dossier)
    there = await house.hear("XOA", address=PHONE, channel="sms")
    async with house.store.write() as session:
        assert await dossiers.erase_of(session, there, NOON) == 1
        assert await dossiers.erase_of(session, there, NOON) == 0
    async with house.store.read() as session:
        record = await dossiers.get(session, HOME, dossier)
        held = await session.get_one(Consent, consent)
    assert record is not None
    assert record.told == replace(DRAFT, phone=None)
    assert (record.phone_hash, record.consent_id, record.erased) == (None, None, True)
    assert held.withdrawn_at == NOON
    assert await reminder_states(house) == ["cancelled"]


async def test_who_is_erased_in_a_linked_chat_is_erased_of_the_number_as_well(house: House) -> None:
    dossier = await put(house)
    await put(house, replace(DRAFT, code="H56-777", phone=OTHER))
    chat = await house.hear("XOA")
    async with house.store.write() as session:
        there = await conversations.get_or_create(session, HOME, "sms", PHONE, NOON)
        row = await session.get_one(conversations.Conversation, chat)
        assert await dossiers.erase_of(session, chat, NOON) == 0  # nothing tells that it is theirs
        row.linked_id = there
        await session.flush()
        assert await dossiers.erase_of(session, chat, NOON) == 1
    async with house.store.read() as session:
        record = await dossiers.get(session, HOME, dossier)
    assert record is not None
    assert record.told.phone is None


async def test_numbers_go_a_month_after_the_dossier_is_over(house: House) -> None:
    over = await put(house, replace(DRAFT, code="H56-100", state="returned"))
    refused = await put(
        house, replace(DRAFT, code="H56-200", state="closed", valid_until=TODAY + 90 * DAY)
    )
    valid = await put(
        house, replace(DRAFT, code="H56-300", state="returned", valid_until=TODAY + 90 * DAY)
    )
    waiting = await put(house, replace(DRAFT, code="H56-400", state="ready"))
    for one in (over, refused, valid, waiting):
        await with_consent(house, one)

    async def left() -> set[int]:
        async with house.store.write() as session:
            await dossiers.drop_old(session, house.clock.now())
        async with house.store.read() as session:
            found = await session.scalars(select(Dossier.id).where(Dossier.phone_hash.is_not(None)))
            return set(found)

    house.later(30 * DAY)
    assert await left() == {over, refused, valid, waiting}
    house.later(DAY)
    assert await left() == {valid, waiting}
    house.later(90 * DAY)
    assert await left() == {waiting}
    house.later(300 * DAY)
    assert await left() == set()  # nobody has touched it for a year


async def test_what_is_over_is_known_before_it_is_stored() -> None:
    over = replace(DRAFT, state="returned")
    assert not dossiers.is_over(over, TODAY + 30 * DAY)
    assert dossiers.is_over(over, TODAY + 31 * DAY)
    assert not dossiers.is_over(replace(over, valid_until=TODAY + 9 * DAY), TODAY + 39 * DAY)
    assert not dossiers.is_over(DRAFT, TODAY + 1000 * DAY)


async def test_who_may_not_be_brought_to_agree_is_known_for_many_at_once(house: House) -> None:
    willing, stopped, in_chat, took_back, again = (f"+8491200030{n}" for n in range(5))
    chat = await house.hear("HUY")
    async with house.store.write() as session:
        ids = {}
        for phone in (willing, stopped, in_chat, took_back, again):
            ids[phone] = await conversations.get_or_create(session, HOME, "sms", phone, NOON)
            await reminders.agree(
                session, HOME, ids[phone], phone, "nhắc", "Đồng ý", None, NOON, source="paper"
            )
        session.add(OptOut(commune=HOME, subject_hash=await _hash(session, chat), at=NOON))
        session.add(OptOut(commune=HOME, subject_hash=await _hash(session, ids[stopped]), at=NOON))
        (await session.get_one(Conversation, chat)).linked_id = ids[in_chat]
        for phone in (took_back, again):
            consent = await dossiers.live_consent(session, HOME, phone, "nhắc")
            (await session.get_one(Consent, consent)).withdrawn_at = NOON
        await reminders.agree(session, HOME, ids[again], again, "nhắc", "Đồng ý", 1, NOON)
    async with house.store.read() as session:
        found = await dossiers.unwilling(session, HOME, ids, "nhắc")
        for phone, there in ids.items():
            hashed = dossiers.address_hash(session, HOME, "sms", phone)
            one = await refusals.refused(session, there) or await dossiers.withdrew(
                session, HOME, hashed, "nhắc"
            )
            assert (phone in found) == one, phone
    assert found == {stopped, in_chat, took_back}


async def _hash(session: AsyncSession, conversation: int) -> str:
    return (await session.get_one(Conversation, conversation)).address_hash
