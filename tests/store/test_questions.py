"""Questions that were not understood: kept once and masked, decided, exported, forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.store import inbox, privacy, questions
from bot.store.engine import Store
from bot.store.models import UnclearQuestion
from bot.store.questions import Guess, QuestionView
from tests.factories import HOME, NOON, House, inbound

LIFE = timedelta(days=30)
MONTH = datetime(2026, 7, 1, tzinfo=UTC)
"""What is left of NOON when the link to the message is cut."""
GUESS = Guess("khai_sinh", "ho_so", 0.4, "clarify")
ASKED = "tôi tên là Lê Thị Hoa, số 0912 345 678, làm giấy cho con"


async def _keep(house: House, *texts: str, address: str = "1") -> int:
    """The citizen writes ``texts`` and all are kept; returns the conversation's id."""
    conversation = await house.hear(*texts, address=address)
    async with house.store.write() as session:
        while (row := await inbox.next_new(session, conversation, NOON)) is not None:
            await inbox.mark_done(session, row.id, house.clock.now())
            await questions.keep(
                session, conversation, row.id, GUESS, "asked_back", house.clock.now()
            )
    return conversation


async def _listing(
    store: Store, state: questions.State = "open", **more: str
) -> list[QuestionView]:
    async with store.read() as session:
        return await questions.listing(session, more.get("commune"), state, 100)


async def _label(store: Store, question_id: int = 1) -> bool:
    async with store.write() as session:
        return await questions.label(session, question_id, "khai_sinh", "le_phi", "lan", NOON)


async def _export(store: Store) -> None:
    async with store.write() as session:
        rows = await questions.to_export(session, ("labelled",))
        await questions.mark_exported(session, [row.id for row in rows])


async def _links(store: Store) -> list[tuple[str, int | None, int | None]]:
    async with store.read() as session:
        rows = await session.scalars(select(UnclearQuestion).order_by(UnclearQuestion.id))
        return [(row.state, row.conversation_id, row.inbox_id) for row in rows]


# --- kept ---------------------------------------------------------------------------------


async def test_words_are_masked_and_encrypted_before_they_are_kept(store: Store) -> None:
    house = House(store)
    await _keep(house, ASKED)
    (kept,) = await _listing(store)
    assert kept.text == "tôi tên là [tên], số [số điện thoại], làm giấy cho con"
    assert (kept.commune, kept.guess, kept.why, kept.state) == (HOME, GUESS, "asked_back", "open")
    assert (kept.suggested, kept.label, kept.decided_by, kept.decided_at) == (None,) * 4
    assert kept.created_at == NOON
    async with store.read() as session:
        (sealed,) = await session.scalars(select(UnclearQuestion.text_enc))
    assert "giấy" not in sealed
    assert store.vault.decrypt(sealed) == kept.text


async def test_a_message_is_kept_once(store: Store) -> None:
    house = House(store)
    conversation = await _keep(house, "một", "hai")
    async with store.write() as session:
        await questions.keep(session, conversation, 1, GUESS, "corrected", NOON)
    assert [(q.text, q.why) for q in await _listing(store)] == [
        ("một", "asked_back"),
        ("hai", "asked_back"),
    ]


async def test_a_question_belongs_to_the_commune_that_was_asked(store: Store) -> None:
    house = House(store)
    await _keep(house, "một")
    await house.intake.receive(inbound("hai", commune="xa-khac"))
    async with store.write() as session:
        await questions.keep(session, 2, 2, GUESS, "asked_back", NOON)
    assert [q.commune for q in await _listing(store)] == [HOME, "xa-khac"]
    assert [q.text for q in await _listing(store, commune="xa-khac")] == ["hai"]


@pytest.mark.parametrize("junk", ["???", "123", "0912345678", "🙂"])
async def test_words_that_say_nothing_are_not_kept(store: Store, junk: str) -> None:
    await _keep(House(store), junk)
    assert await _listing(store) == []


async def test_a_message_that_is_gone_or_of_somebody_else_is_not_kept(store: Store) -> None:
    house = House(store)
    conversation = await house.hear("của tôi", address="1")
    other = await house.hear("của người khác", address="2")
    async with store.write() as session:
        await privacy.erase(session, conversation, 1)
        await questions.keep(session, conversation, 1, GUESS, "asked_back", NOON)
        await questions.keep(session, conversation, 2, GUESS, "asked_back", NOON)
        await questions.keep(session, other, 99, GUESS, "asked_back", NOON)
    assert await _listing(store) == []


async def test_of_a_long_story_the_beginning_is_kept(store: Store) -> None:
    await _keep(House(store), "chuyện dài " * 300)
    (kept,) = await _listing(store)
    assert len(kept.text) == questions.LONGEST


async def test_what_the_citizen_chose_is_suggested_until_an_officer_has_decided(
    store: Store,
) -> None:
    await _keep(House(store), "một")
    async with store.write() as session:
        await questions.suggest(session, 1, "khai_sinh", "le_phi")
        await questions.suggest(session, 99, "khai_tu", "le_phi")
    (kept,) = await _listing(store)
    assert kept.suggested == ("khai_sinh", "le_phi")
    await _label(store)
    async with store.write() as session:
        await questions.suggest(session, 1, "khai_tu", "le_phi")
    (kept,) = await _listing(store, "labelled")
    assert kept.suggested == ("khai_sinh", "le_phi")


# --- decided ------------------------------------------------------------------------------


async def test_the_oldest_are_listed_first_by_commune_and_state(store: Store) -> None:
    house = House(store)
    await _keep(house, "một", "hai", "ba")
    await _label(store, 2)
    assert [q.text for q in await _listing(store)] == ["một", "ba"]
    assert [q.text for q in await _listing(store, "labelled")] == ["hai"]
    assert await _listing(store, commune="xa-khac") == []
    async with store.read() as session:
        assert [q.id for q in await questions.listing(session, HOME, "open", 1)] == [1]


async def test_a_label_says_who_gave_it_and_when_and_may_be_changed(store: Store) -> None:
    await _keep(House(store), "một")
    assert await _label(store)
    async with store.read() as session:
        kept = await questions.get(session, 1)
    assert kept is not None
    assert (kept.label, kept.decided_by, kept.decided_at, kept.state) == (
        ("khai_sinh", "le_phi"), "lan", NOON, "labelled",
    )  # fmt: skip
    async with store.write() as session:
        assert await questions.skip(session, 1, "minh" * 50, NOON)
    (kept,) = await _listing(store, "skipped")
    assert kept.label is None
    assert kept.decided_by == ("minh" * 50)[:80]
    assert await _label(store)


async def test_what_was_exported_or_is_not_there_cannot_be_decided(store: Store) -> None:
    await _keep(House(store), "một")
    await _label(store)
    await _export(store)
    assert not await _label(store, 1)
    assert not await _label(store, 99)
    async with store.write() as session:
        assert not await questions.skip(session, 1, "lan", NOON)
        assert await questions.get(session, 99) is None


async def test_an_export_takes_what_is_labelled_and_cuts_its_link(store: Store) -> None:
    house = House(store)
    conversation = await _keep(house, "một", "hai")
    await _label(store, 2)
    assert await _links(store) == [("open", conversation, 1), ("labelled", conversation, 2)]
    await _export(store)
    assert await _links(store) == [("open", conversation, 1), ("exported", None, None)]
    async with store.write() as session:
        assert await questions.to_export(session, ("labelled",)) == []
        again = await questions.to_export(session, ("labelled", "exported"))
    assert [(q.text, q.created_at) for q in again] == [("hai", MONTH)]


# --- forgotten ----------------------------------------------------------------------------


async def test_erasing_takes_every_question_but_those_that_name_nobody_any_more(
    store: Store,
) -> None:
    house = House(store)
    conversation = await _keep(house, "một", "hai", "ba", "bốn")
    await _keep(house, "của người khác", address="2")
    await _label(store, 2)
    await _export(store)
    await _label(store, 3)
    async with store.write() as session:
        await questions.skip(session, 4, "lan", NOON)
        await privacy.erase(session, conversation, 4)
    async with store.read() as session:
        left = list(await session.scalars(select(UnclearQuestion.id).order_by(UnclearQuestion.id)))
        assert (await privacy.held(session, conversation)).messages == 0
    assert left == [2, 5]


async def test_a_question_goes_with_its_message_and_a_labelled_one_loses_its_link(
    store: Store,
) -> None:
    house = House(store)
    conversation = await _keep(house, "một", "hai", "ba")
    await _label(store, 2)
    async with store.write() as session:
        await questions.skip(session, 3, "lan", NOON)
        await privacy.drop_old(session, NOON + LIFE, LIFE)
    assert [state for state, *_ in await _links(store)] == ["open", "labelled", "skipped"]
    later = NOON + LIFE + timedelta(minutes=1)
    async with store.write() as session:
        await privacy.drop_old(session, later, LIFE)
    assert await _links(store) == [("labelled", None, None)]
    (kept,) = await _listing(store, "labelled")
    assert (kept.text, kept.created_at) == ("hai", MONTH)
    async with store.write() as session:
        await questions.skip(session, 2, "lan", NOON)
        await privacy.drop_old(session, later, LIFE)
    assert await _links(store) == []
    assert (await house.view(conversation)).state is None


async def test_in_a_conversation_that_goes_on_only_labelled_links_are_cut(store: Store) -> None:
    house = House(store)
    conversation = await _keep(house, "một", "hai")
    await _label(store, 2)
    house.later(LIFE + timedelta(days=1))
    await house.hear("vẫn hỏi", address="1")
    async with store.write() as session:
        await privacy.drop_old(session, house.clock.now(), LIFE)
        held = await privacy.held(session, conversation)
    assert await _links(store) == [("open", conversation, 1), ("labelled", None, None)]
    assert held.messages == 3  # what is still linked is counted with its message
