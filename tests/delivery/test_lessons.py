"""What a turn teaches is written in its transaction, once, and goes when the citizen says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.turns import LostLease
from bot.store import inbox, outbox, questions
from bot.store.engine import Store
from bot.store.questions import QuestionView
from bot.understanding.types import Label
from tests.factories import HOME, NOON, FakeModel, House

VAGUE = "làm giấy cho cháu Trần Gia Bảo"
NOISE = "abc xyz"
BOOK = {
    VAGUE: [Label("khai_sinh", "ho_so", 0.3), Label("chung_thuc", "ho_so", 0.25)],
    NOISE: [Label("khai_sinh", "ho_so", 0.05)],
}


class Unsure(FakeModel):
    """Is unsure of the book's texts; everything else asks about the fee of a registration."""

    async def parse(self, texts: Sequence[str]) -> list[list[Label]]:
        sure = await super().parse(texts)
        return [BOOK.get(text, labels) for text, labels in zip(texts, sure, strict=True)]


def _house(store: Store) -> House:
    return House(store, model=Unsure())


async def _kept(store: Store) -> list[QuestionView]:
    async with store.read() as session:
        return await questions.listing(session, None, "open", 100)


async def test_what_was_not_understood_is_kept_masked_with_what_was_chosen_then(
    store: Store,
) -> None:
    house = _house(store)
    await house.hear(VAGUE, "2", "KS PHI")
    await house.worker().drain()
    (kept,) = await _kept(store)
    assert kept.text == "làm giấy cho cháu [tên]"
    assert kept.guess == questions.Guess("khai_sinh", "ho_so", 0.3, "clarify")
    assert (kept.why, kept.suggested) == ("asked_back", ("chung_thuc", "ho_so"))
    assert (kept.commune, kept.created_at) == (HOME, NOON)


async def test_a_sure_answer_is_kept_when_the_citizen_corrects_it(store: Store) -> None:
    house = _house(store)
    await house.hear("cho tôi hỏi khai tử hết mấy đồng", "#hoi.khai_tu.le_phi", "GIO", NOISE, NOISE)
    await house.worker().drain()
    kept = await _kept(store)
    assert [(q.text, q.why) for q in kept] == [
        ("cho tôi hỏi khai tử hết mấy đồng", "corrected"),
        (NOISE, "not_understood"),
        (NOISE, "handed_over"),
    ]
    assert kept[0].suggested == ("khai_tu", "le_phi")


async def test_keywords_numbers_and_clear_questions_are_not_kept(store: Store) -> None:
    house = _house(store)
    await house.hear("KS PHI", "1", "có", "lệ phí khai sinh", "GAP")
    await house.worker().drain()
    assert await _kept(store) == []


async def test_a_turn_that_fails_at_its_end_and_is_repeated_keeps_its_question_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = _house(store)
    await house.hear(VAGUE)
    failures, real = [OSError("the database went away")], outbox.queue

    async def queue(*arguments: Any) -> int | None:
        if failures:
            raise failures.pop()
        return await real(*arguments)

    monkeypatch.setattr(outbox, "queue", queue)
    worker = house.worker()
    await worker.drain()
    assert (worker.failed, await _kept(store)) == (1, [])
    house.later(timedelta(seconds=2))
    await worker.drain()
    assert len(await _kept(store)) == 1


async def test_who_has_not_the_lease_keeps_nothing(store: Store) -> None:
    house = _house(store)
    conversation = await house.hear(VAGUE)
    async with store.read() as session:
        row = await inbox.next_new(session, conversation, NOON)
    assert row is not None
    with pytest.raises(LostLease):
        await house.turns().handle(row, "somebody else")
    assert await _kept(store) == []


async def test_erasing_by_message_takes_the_questions_with_it(store: Store) -> None:
    house = _house(store)
    await house.hear(NOISE)
    await house.hear(VAGUE, address="2")
    await house.worker().drain()
    assert len(await _kept(store)) == 2
    await house.hear("XOA", "CO")
    await house.worker().drain()
    (left,) = await _kept(store)
    assert left.text == "làm giấy cho cháu [tên]"
