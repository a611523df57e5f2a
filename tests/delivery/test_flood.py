"""Limits that a person never meets, and machines that answer machines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery import flood
from bot.delivery.flood import ECHO, IN_A_DAY, IN_SHORT_TIME, SAME, SAME_SHORT, Seen, decide
from bot.store.engine import Store
from bot.store.migrate import upgrade
from bot.store.models import HandOver
from bot.understanding.types import Label
from tests.factories import PHONE, FakeModel, House

SECOND = timedelta(seconds=1)
OTHER = "+84912000202"


# --- the decision -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (Seen(), "answer"),
        (Seen(same=SAME - 1, short_time=IN_SHORT_TIME - 1, day=IN_A_DAY - 1), "answer"),
        (Seen(same=SAME), "same"),
        (Seen(same=SAME_SHORT - 1, is_short=True), "answer"),
        (Seen(same=SAME_SHORT, is_short=True), "same"),
        (Seen(short_time=IN_SHORT_TIME), "often"),
        (Seen(day=IN_A_DAY), "daily"),
        (Seen(echo=True), "echo"),
        (Seen(ours=True), "machine"),
    ],
)
def test_what_is_too_much(seen: Seen, verdict: str) -> None:
    assert decide(seen) == verdict


def test_a_wish_to_stop_is_heard_however_much_was_written_but_once() -> None:
    assert decide(Seen(short_time=999, day=9999), urgent=True) == "answer"
    assert decide(Seen(same=SAME), urgent=True) == "same"


# --- one number -------------------------------------------------------------------------


async def texts_of(house: House) -> list[str]:
    await house.worker().drain()
    return await house.texts()


async def reasons(store: Store) -> list[str]:
    async with store.read() as session:
        return list(await session.scalars(select(HandOver.reason)))


async def test_the_fourth_of_the_same_words_in_five_minutes_is_kept_and_not_answered(
    store: Store,
) -> None:
    house = House(store)
    worker = house.worker()
    for text in ("KS PHI", "ks phí", "KS PHI.", "KS PHI", "Ks phi!"):
        await house.hear(text, address=PHONE, channel="sms")
    await worker.drain()
    assert len(await house.texts()) == 3
    assert await house.inbox_states() == ["done"] * 5
    assert await reasons(store) == [flood.REASON]
    await house.hear("KT PHI", address=PHONE, channel="sms")
    assert len(await texts_of(house)) == 4  # other words are answered
    house.later(timedelta(minutes=6))
    await house.hear("KS PHI", address=PHONE, channel="sms")
    assert len(await texts_of(house)) == 5


async def test_a_walk_through_the_papers_may_need_the_same_number_many_times(
    store: Store,
) -> None:
    house = House(store)
    await house.hear("KS", *["1"] * 9, address=PHONE, channel="sms")
    texts = await texts_of(house)
    assert len(texts) >= 10
    assert await reasons(store) == []


async def test_a_machine_that_only_says_ok_is_left_after_a_while(store: Store) -> None:
    house = House(store)
    await house.hear(*["OK"] * 20, address=PHONE, channel="sms")
    assert len(await texts_of(house)) <= SAME_SHORT


async def test_the_metric_counts_what_was_not_answered(store: Store) -> None:
    house = House(store)
    turns = house.turns()
    worker = house.worker()
    worker._turns = turns
    await house.hear(*["KS PHI"] * 5, address=PHONE, channel="sms")
    await worker.drain()
    assert turns.muted == {"same": 2}


async def test_on_zalo_nothing_is_muted(store: Store) -> None:
    house = House(store)
    await house.hear(*["KS PHI"] * 6)
    assert len(await texts_of(house)) == 6


async def test_thirty_answers_in_ten_minutes_are_enough_but_stop_is_obeyed(store: Store) -> None:
    house = House(store)
    words = [f"{word} {aspect}" for word in ("KS", "KT", "KH", "CT", "HN", "TL", "CC", "HK")
             for aspect in ("PHI", "GIO", "HS", "ONLINE", "O DAU")]  # fmt: skip
    await house.hear(*words, address=PHONE, channel="sms")
    assert len(await texts_of(house)) == IN_SHORT_TIME
    assert len(await reasons(store)) == 1
    await house.hear("TC", address=PHONE, channel="sms")
    assert "khong gui tin nhac" in (await texts_of(house))[-1]
    await house.hear("KS PHI", address=PHONE, channel="sms")
    assert len(await texts_of(house)) == IN_SHORT_TIME + 1
    house.later(timedelta(minutes=11))
    await house.hear("KS PHI", address=PHONE, channel="sms")
    assert len(await texts_of(house)) == IN_SHORT_TIME + 2


async def test_a_hundred_answers_a_day_are_enough(store: Store) -> None:
    house = House(store)
    worker = house.worker()
    for n in range(IN_A_DAY + 10):
        await house.hear(["KS PHI", "KT PHI", "KH PHI", "CT PHI"][n % 4], address=PHONE,
                         channel="sms")  # fmt: skip
        await worker.drain()
        house.later(timedelta(minutes=2))
    assert len(await house.texts()) == IN_A_DAY
    assert len(await reasons(store)) == 1


async def test_an_officer_who_has_closed_it_is_not_told_again_the_same_day(store: Store) -> None:
    house = House(store)
    await house.hear(*["KS PHI"] * 4, address=PHONE, channel="sms")
    await house.worker().drain()
    async with store.write() as session:
        row = (await session.scalars(select(HandOver))).one()
        row.closed_at = house.clock.now()
    await house.hear(*["KS PHI"] * 2, address=PHONE, channel="sms")
    await house.worker().drain()
    assert len(await reasons(store)) == 1


async def test_our_own_words_sent_back_are_not_answered(store: Store) -> None:
    house = House(store)
    await house.hear("KS PHI", address=PHONE, channel="sms")
    (said,) = await texts_of(house)
    assert len(said) > ECHO
    await house.hear(f"Re: {said} --- da chuyen tiep", address=PHONE, channel="sms")
    assert await texts_of(house) == [said]


async def test_another_commune_of_this_installation_is_not_answered(store: Store) -> None:
    house = House(store)
    await house.hear("KS PHI", address="+84900000113", channel="sms")
    assert await texts_of(house) == []
    assert await reasons(store) == []


# --- two machines -----------------------------------------------------------------------

Machine = Callable[[str], str | None]


async def wired(house: House, machine: Machine, first: str, rounds: int = 60) -> int:
    """Our number and a machine's, each reading what the other sends; how many messages of ours
    went out before nothing moved any more."""
    worker, heard, said = house.worker(), first, 0
    for _ in range(rounds):
        await house.hear(heard, address=OTHER, channel="sms")
        await worker.drain()
        texts = await house.texts()
        if len(texts) == said:
            return said
        said = len(texts)
        answer = machine(texts[-1])
        if answer is None:
            return said
        heard = answer
        house.later(3 * SECOND)
    return said


async def test_a_machine_that_always_says_the_same_is_left_after_three(store: Store) -> None:
    house = House(store)
    busy = "Toi dang lai xe, se goi lai sau. Tin nhan tu dong."
    assert await wired(house, lambda _: busy, busy) <= 3
    assert len(await reasons(store)) == 1


async def test_a_machine_that_alternates_is_left_after_few(store: Store) -> None:
    house = House(store)
    answers = ["KS PHI", "KT PHI"]

    def machine(_: str) -> str:
        answers.reverse()
        return answers[0]

    assert await wired(house, machine, "KS PHI") <= 6


async def test_a_machine_that_counts_is_left_when_it_is_not_understood(store: Store) -> None:
    """Each of its texts is new: help, an officer, then nothing."""

    class Puzzled(FakeModel):
        async def parse(self, texts):  # type: ignore[no-untyped-def]
            return [[Label("none", "ngoai_pham_vi", 0.1)] for _ in texts]

    house = House(store, model=Puzzled())
    numbers = iter(range(1000))

    def machine(_: str) -> str:
        return f"xqz tin so {next(numbers)} vwk"

    assert await wired(house, machine, "xqz bat dau vwk") <= 3


async def test_a_machine_that_counts_and_is_understood_meets_the_limit(store: Store) -> None:
    house = House(store)  # takes everything for a question about the fee
    numbers = iter(range(1000))
    assert await wired(house, lambda _: f"cau hoi so {next(numbers)}", "cau hoi") == IN_SHORT_TIME


async def test_a_machine_that_quotes_us_is_left_at_once(store: Store) -> None:
    house = House(store)
    assert await wired(house, lambda text: f"Ban da gui: {text}", "KS PHI") == 1


async def test_two_of_our_own_kind_wired_to_each_other_die_out(
    store: Store, open_store: Callable[[str], Store], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Two installations that know nothing of each other, as two communes' SIMs might."""
    far_store = open_store(f"sqlite:///{tmp_path_factory.mktemp('far') / 'far.db'}")
    await upgrade(far_store)
    near, far = House(store), House(far_store)
    sent = 0
    heard = [0, 0]
    await near.hear("KS PHI", address=OTHER, channel="sms")
    for _ in range(60):
        moved = 0
        for n, (house, other) in enumerate(((near, far), (far, near))):
            await house.worker().drain()
            new = (await house.texts())[heard[n] :]
            heard[n] += len(new)
            moved += len(new)
            for text in new:
                await other.hear(text, address=OTHER, channel="sms")
        sent += moved
        near.later(3 * SECOND)
        far.later(3 * SECOND)
        if moved == 0:
            break
    assert moved == 0
    assert sent <= 8
