"""A dossier is saved with its consent and its reminders; what is pointless is stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.clock import LOCAL, local_date
from bot.dossiers import saving
from bot.dossiers.saving import Saved
from bot.knowledge.library import Knowledge
from bot.segments import count
from bot.store import conversations, dossiers, refusals, reminders
from bot.store.dossiers import Draft
from bot.store.engine import Store
from bot.store.models import Consent, Conversation, Reminder
from tests.factories import HOME, NOON, PHONE, House, library

CODE = "000.00.12.H56-260706-0001"
TODAY = local_date(NOON)
DAY = timedelta(days=1)
NINE = datetime(2026, 7, 20, 9, 0, tzinfo=LOCAL)
DRAFT = Draft(
    CODE, "received", TODAY, "khai_sinh", received_on=TODAY, phone=PHONE, appointment_at=NINE
)
OTHER = "+84987000202"


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def knowledge(day: date = TODAY) -> Knowledge:
    return library().on(day, HOME)


async def save(
    house: House, draft: Draft = DRAFT, agreed: bool | None = True, **more: Any
) -> Saved:
    now = house.clock.now()
    async with house.store.write() as session:
        return await saving.save(
            session, knowledge(), draft, more.pop("officer", None), now, agreed=agreed, **more
        )


async def rows(house: House, *states: str) -> list[Reminder]:
    async with house.store.read() as session:
        found = await session.scalars(select(Reminder).order_by(Reminder.due_at, Reminder.id))
        return [row for row in found if row.state in (states or ("scheduled",))]


async def due(house: House) -> list[str]:
    return [f"{row.kind} {row.due_at.astimezone(LOCAL):%d/%m %H:%M}" for row in await rows(house)]


async def consents(house: House) -> list[Consent]:
    async with house.store.read() as session:
        return list(await session.scalars(select(Consent).order_by(Consent.id)))


async def test_a_dossier_with_an_appointment_plans_its_two_reminders(house: House) -> None:
    saved = await save(house)
    assert (saved.before, saved.changed, saved.why) == (None, True, "")
    assert await due(house) == ["hen 17/07 08:30", "hen 19/07 08:30"]
    first = (await rows(house))[0]
    assert (first.dossier_id, first.thread, first.base_on) == (
        saved.id, f"d{saved.id}", NINE.date(),
    )  # fmt: skip


async def test_what_it_says_is_one_sms_and_names_neither_paper_nor_person(house: House) -> None:
    await save(house)
    async with house.store.read() as session:
        for row in await rows(house):
            words = reminders.words_of(session, row)
            assert count(words.sms).parts == 1
            assert CODE in words.chat
            assert "khai sinh" not in (words.chat + words.fields["viec"]).lower()
            assert "HUY" in words.sms
            assert "20/7" in words.sms
            assert set(words.fields) == {"viec", "ngay", "noi", "dien_thoai"}


async def test_moving_the_appointment_moves_its_reminders(house: House) -> None:
    await save(house)
    await save(house, replace(DRAFT, appointment_at=NINE + 2 * DAY), None)
    assert await due(house) == ["hen 19/07 08:30", "hen 21/07 08:30"]
    await save(house, DRAFT, None)
    assert await due(house) == ["hen 17/07 08:30", "hen 19/07 08:30"]
    assert len(await rows(house, "scheduled", "cancelled")) == 4


async def test_saving_the_same_again_plans_nothing_twice(house: House) -> None:
    for _ in range(3):
        await save(house)
    assert len(await rows(house, "scheduled", "cancelled")) == 2
    assert len(await consents(house)) == 1


async def test_a_state_that_is_over_stops_what_belongs_to_it(house: House) -> None:
    await save(house, replace(DRAFT, state="need_papers", appointment_at=None))
    assert [row.kind for row in await rows(house)] == ["giay", "giay"]
    await save(house, replace(DRAFT, state="ready", appointment_at=None), None)
    assert [row.kind for row in await rows(house)] == ["ket_qua", "ket_qua"]
    await save(house, replace(DRAFT, state="returned", appointment_at=None), None)
    assert await rows(house) == []


async def test_what_was_sent_is_not_sent_again_when_the_dossier_is_saved_anew(house: House) -> None:
    await save(house, replace(DRAFT, state="ready", appointment_at=None))
    async with house.store.write() as session:
        first = (await rows(house))[0]
        await session.execute(
            update(Reminder).where(Reminder.id == first.id).values(state="queued", tried="sms")
        )
    house.later(DAY)
    await save(house, replace(DRAFT, state="ready", appointment_at=None, due_on=TODAY), None)
    assert await due(house) == ["ket_qua 13/07 08:30"]
    assert [row.id for row in await rows(house, "queued")] == [first.id]


async def test_the_legal_deadline_of_a_birth_is_the_facts(house: House) -> None:
    born = TODAY - 5 * DAY
    draft = replace(DRAFT, state="need_papers", appointment_at=None, event_on=born)
    await save(house, draft)
    fact = knowledge().fact("khai_sinh", "birth_deadline")
    last = born + timedelta(days=int(fact.value or 0))
    assert {row.base_on for row in await rows(house) if row.kind == "han"} == {last}


async def test_how_long_a_paper_holds_is_the_facts(house: House) -> None:
    draft = replace(DRAFT, state="returned", procedure="tinh_trang_hon_nhan", appointment_at=None)
    saved = await save(house, draft)
    months = knowledge().fact("tinh_trang_hon_nhan", "validity").value
    until = date(TODAY.year, TODAY.month, TODAY.day).replace(year=2027, month=1)
    assert months == (until.year - TODAY.year) * 12 + until.month - TODAY.month
    async with house.store.read() as session:
        record = await dossiers.get(session, HOME, saved.id)
    assert record is not None
    assert record.told.valid_until == until
    assert {row.kind for row in await rows(house)} == {"het_han"}
    async with house.store.read() as session:
        words = [reminders.words_of(session, row) for row in await rows(house)]
    assert not any("hôn nhân" in one.chat or "hon nhan" in one.sms for one in words)


# --- consent ------------------------------------------------------------------------------


async def test_without_consent_nobody_is_written_to(house: House) -> None:
    saved = await save(house, agreed=None)
    assert saved.why == "no_consent"
    assert await rows(house) == []
    assert await consents(house) == []


async def test_a_signed_paper_is_kept_with_its_words_and_who_took_it(house: House) -> None:
    officer = await house.officer()
    await save(house, officer=officer)
    (consent,) = await consents(house)
    words = saving.consent_words(knowledge())
    assert (consent.source, consent.officer_id, consent.inbox_id) == ("paper", officer, None)
    assert consent.text_shown.startswith(words)
    assert consent.text_shown == saving.consent_text(words)
    assert consent.purpose == saving.PURPOSE
    assert len(saving.PURPOSE) <= 40


async def test_a_consent_can_be_taken_back_at_the_desk(house: House) -> None:
    await save(house)
    saved = await save(house, agreed=False)
    assert saved.why == "no_consent"
    assert await rows(house) == []
    (consent,) = await consents(house)
    assert consent.withdrawn_at is not None


async def test_another_number_needs_its_own_consent(house: House) -> None:
    await save(house)
    saved = await save(house, replace(DRAFT, phone=OTHER), None)
    assert saved.why == "no_consent"
    assert await rows(house) == []


async def test_who_said_stop_is_not_reminded_and_no_paper_lifts_that(house: House) -> None:
    there = await house.hear("HUY", address=PHONE, channel="sms")
    async with house.store.write() as session:
        await refusals.stop(session, there, NOON)
    saved = await save(house)
    assert saved.why == "refused"
    assert await rows(house) == []
    assert await consents(house) == []


async def test_who_says_stop_later_is_not_reminded_any_more(house: House) -> None:
    saved = await save(house)
    there = await house.hear("HUY", address=PHONE, channel="sms")
    async with house.store.write() as session:
        await refusals.stop(session, there, NOON)
    assert await rows(house) == []
    again = await save(house, replace(DRAFT, appointment_at=NINE + DAY), True)
    assert (again.id, again.why) == (saved.id, "refused")
    assert await rows(house) == []


async def test_an_import_does_not_renew_what_was_taken_back(house: House) -> None:
    await save(house, source="import")
    await save(house, agreed=False)
    saved = await save(house, replace(DRAFT, due_on=TODAY), source="import")
    assert saved.why == "no_consent"
    paper = await save(house, replace(DRAFT, due_on=TODAY + DAY))
    assert paper.why == ""
    assert [one.source for one in await consents(house)] == ["import", "paper"]


async def test_who_agrees_by_a_message_is_reminded_of_all_their_dossiers(house: House) -> None:
    await save(house, agreed=None)
    await save(house, replace(DRAFT, code="H56-0002"), None)
    there = await house.hear("NHAC", address=PHONE, channel="sms")
    async with house.store.write() as session:
        consent = await reminders.agree(
            session, HOME, there, PHONE, saving.PURPOSE, "Nhắc hồ sơ?", 1, NOON
        )
        assert await saving.agreed(session, knowledge(), PHONE, consent, NOON) == 2
    assert len(await rows(house)) == 4
    # No file takes away what they said themselves; the officer to whom they say it does.
    await save(house, replace(DRAFT, due_on=TODAY), agreed=False, source="import")
    assert len(await rows(house)) == 4
    await save(house, agreed=False)
    assert len(await rows(house)) == 2


# --- to whom ------------------------------------------------------------------------------


async def test_who_proved_the_number_in_a_chat_is_reminded_there_first(house: House) -> None:
    chat = await house.hear("KS")
    async with house.store.write() as session:
        there = await conversations.get_or_create(session, HOME, "sms", PHONE, NOON)
        await session.execute(
            update(Conversation).where(Conversation.id == chat).values(linked_id=there)
        )
    await save(house)
    assert {(row.conversation_id, row.target_id) for row in await rows(house)} == {(chat, there)}


async def test_a_chat_that_is_linked_later_gets_the_reminders_when_they_are_planned_anew(
    house: House,
) -> None:
    await save(house)
    chat = await house.hear("KS")
    async with house.store.write() as session:
        there = await conversations.find(session, HOME, "sms", PHONE)
        await session.execute(
            update(Conversation).where(Conversation.id == chat).values(linked_id=there)
        )
        assert await saving.replan_of_number(session, knowledge(), PHONE, NOON) == 2
    assert {row.conversation_id for row in await rows(house)} == {chat}


# --- what is kept -------------------------------------------------------------------------


async def test_the_number_of_a_dossier_of_last_year_is_not_even_stored(house: House) -> None:
    draft = replace(DRAFT, state="returned", state_on=TODAY - 300 * DAY, appointment_at=None)
    saved = await save(house, draft)
    assert saved.why == "no_phone"
    async with house.store.read() as session:
        record = await dossiers.get(session, HOME, saved.id)
    assert record is not None
    assert record.told.phone is None
    assert await consents(house) == []


async def test_why_nobody_is_reminded_is_told(house: House) -> None:
    async def why(dossier: int) -> str:
        async with house.store.read() as session:
            record = await dossiers.get(session, HOME, dossier)
            assert record is not None
            return await saving.why_not(session, knowledge(), record, house.clock.now())

    saved = await save(house)
    assert await why(saved.id) == ""
    bare = await save(house, replace(DRAFT, code="H56-0002", phone=None), None)
    assert await why(bare.id) == "no_phone"
    quiet = await save(house, replace(DRAFT, code="H56-0003", appointment_at=None))
    assert await why(quiet.id) == "nothing"
    there = await house.hear("XOA", address=PHONE, channel="sms")
    async with house.store.write() as session:
        await dossiers.erase_of(session, there, NOON)
    assert await why(saved.id) == "erased"
