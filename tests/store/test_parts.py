"""Long SMS are put together once, whatever order, copies and mixtures their parts come in."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.messages import InboundPart
from bot.store import parts, transcript
from bot.store.engine import Store
from bot.store.models import InboxRow, SmsPart
from bot.store.parts import MISSING, PATIENCE, REMEMBERED, REUSED, joined
from bot.store.vault import VaultError
from bot.text import MASK
from tests.factories import HOME, MINUTE, PHONE, House

OTHER = "+84912000202"
_number = itertools.count(1)


def part(
    number: int, text: str, *, total: int = 2, reference: str = "8-17", **more: str
) -> InboundPart:
    return InboundPart(
        commune=HOME,
        channel="sms",
        gateway=more.get("gateway", "modem"),
        address=more.get("address", PHONE),
        provider_id=more.get("provider_id", f"modem:p{next(_number)}"),
        reference=reference,
        total=total,
        number=number,
        text=text,
    )


async def heard(house: House) -> list[str]:
    """The texts of the inbox, in order of arrival."""
    async with house.store.read() as session:
        ids = await session.scalars(select(InboxRow.conversation_id).distinct())
        lines = [line for one in ids for line in await transcript.read(session, one)]
    return [line.text for line in lines]


async def swept(house: House) -> int:
    """How many the scheduler hands over now."""
    async with house.store.write() as session:
        return len(await parts.sweep(session, house.clock.now(), house.wall.now()))


async def rows(house: House) -> list[SmsPart]:
    async with house.store.read() as session:
        return list(await session.scalars(select(SmsPart).order_by(SmsPart.id)))


async def test_the_last_part_makes_one_message_with_the_id_of_the_first(store: Store) -> None:
    house = House(store)
    assert await house.intake.part(part(2, "giấy gì?", provider_id="modem:b"))
    assert await heard(house) == []
    assert house.wakeups.notices == []
    assert await house.intake.part(part(1, "Cháu tôi mới sinh, cần ", provider_id="modem:a"))
    assert await heard(house) == ["Cháu tôi mới sinh, cần giấy gì?"]
    assert house.wakeups.notices == ["inbox"]
    async with store.read() as session:
        assert list(await session.scalars(select(InboxRow.provider_id))) == ["modem:b"]


async def test_a_copy_changes_nothing_before_and_after_the_whole_is_made(store: Store) -> None:
    house = House(store)
    intake = house.intake
    one, two = part(1, "một "), part(2, "hai")
    assert await intake.part(one)
    assert not await intake.part(one)
    assert await intake.part(two)
    for again in (two, one, two):
        assert not await intake.part(again)
    assert await heard(house) == ["một hai"]
    assert intake.duplicates["sms"] == 4
    assert intake.received["sms", "text"] == 1


async def test_a_copy_under_another_id_is_known_by_its_words(store: Store) -> None:
    house = House(store)
    for number, text in ((1, "một "), (1, "một "), (2, "hai"), (2, "hai"), (1, "một ")):
        await house.intake.part(part(number, text))
    assert await heard(house) == ["một hai"]
    house.later(REUSED + MINUTE)
    for number, text in ((1, "một "), (2, "hai")):
        assert await house.intake.part(part(number, text))
    assert await heard(house) == ["một hai", "một hai"]


async def test_a_phone_that_always_uses_one_reference_is_understood(store: Store) -> None:
    house = House(store)
    for whole in (("a1", "a2"), ("b1", "b2"), ("c1", "c2")):
        for number, text in enumerate(whole, 1):
            assert await house.intake.part(part(number, text))
    assert await heard(house) == ["a1a2", "b1b2", "c1c2"]


async def test_a_reference_that_is_used_again_cuts_short_what_waited(store: Store) -> None:
    house = House(store)
    await house.intake.part(part(1, "đầu cũ"))
    await house.intake.part(part(1, "đầu mới "))
    assert await heard(house) == [f"đầu cũ {MISSING}"]
    await house.intake.part(part(2, "cuối mới"))
    assert await heard(house) == [f"đầu cũ {MISSING}", "đầu mới cuối mới"]


async def test_another_total_or_an_old_rest_is_another_message(store: Store) -> None:
    house = House(store)
    await house.intake.part(part(1, "của hai", total=2))
    await house.intake.part(part(2, "của ba", total=3))
    assert await heard(house) == [f"của hai {MISSING}"]
    house.later(REUSED)
    await house.intake.part(part(1, "mới", total=3))
    assert await heard(house) == [f"của hai {MISSING}", f"{MISSING} của ba {MISSING}"]


async def test_gateways_senders_and_references_do_not_mix(store: Store) -> None:
    house = House(store)
    await house.intake.part(part(1, "một"))
    await house.intake.part(part(2, "khác cổng", gateway="esms"))
    await house.intake.part(part(2, "khác người", address=OTHER))
    await house.intake.part(part(2, "khác số", reference="8-18"))
    assert await heard(house) == []
    assert len(await rows(house)) == 4


async def test_what_stays_incomplete_is_handed_over_with_its_gaps(store: Store) -> None:
    house = House(store)
    await house.intake.part(part(2, "giữa", total=4))
    house.later(PATIENCE)
    assert await swept(house) == 0
    house.later(MINUTE)
    assert await swept(house) == 1
    assert await heard(house) == [f"{MISSING} giữa {MISSING}"]
    assert await swept(house) == 0


async def test_what_comes_too_late_is_not_lost_either(store: Store) -> None:
    house = House(store)
    await house.intake.part(part(1, "đầu"))
    house.later(PATIENCE + MINUTE)
    await swept(house)
    assert await house.intake.part(part(2, "đuôi"))
    house.later(PATIENCE + MINUTE)
    await swept(house)
    assert await heard(house) == [f"đầu {MISSING}", f"{MISSING} đuôi"]


async def test_words_are_erased_with_the_whole_and_its_traces_after_a_day(store: Store) -> None:
    house = House(store)
    for number, text in ((1, "đám cưới "), (2, "cháu Hương")):
        await house.intake.part(part(number, text))
    for row in await rows(house):
        assert row.sender_enc == ""
        with pytest.raises(VaultError):
            store.vault.decrypt(row.text_enc)
    house.later(REMEMBERED - MINUTE)
    await swept(house)
    assert len(await rows(house)) == 2
    house.later(2 * MINUTE)
    await swept(house)
    assert await rows(house) == []


async def test_nothing_that_waits_can_be_read_in_the_table(store: Store) -> None:
    house = House(store)
    await house.intake.part(part(1, "đám cưới cháu Hương"))
    (row,) = await rows(house)
    kept = " ".join(str(value) for value in vars(row).values())
    assert "Hương" not in kept
    assert PHONE.removeprefix("+84") not in kept


async def test_an_identity_number_that_was_cut_in_two_is_masked(store: Store) -> None:
    house = House(store)
    await house.intake.part(part(1, "số tôi là 001090"))
    await house.intake.part(part(2, "012345 nhé"))
    assert await heard(house) == [f"số tôi là {MASK} nhé"]


async def test_an_emoji_and_an_accent_that_were_cut_in_two_meet_again(store: Store) -> None:
    house = House(store)
    first, second = "👶".encode("utf-16-be")[:2], "👶".encode("utf-16-be")[2:]
    halves = [half.decode("utf-16-be", "surrogatepass") for half in (first, second)]
    await house.intake.part(part(1, "sinh e" + halves[0], total=3))
    await house.intake.part(part(2, halves[1] + " e", total=3))
    await house.intake.part(part(3, "\u0302 m", total=3))
    assert await heard(house) == ["sinh e👶 ê m"]


@pytest.mark.parametrize(("number", "total"), [(0, 2), (3, 2), (1, 1), (1, 0), (-1, 3)])
async def test_a_part_that_cannot_be_one_is_a_message(
    store: Store, number: int, total: int
) -> None:
    house = House(store)
    one = part(number, "nguyên", total=total)
    assert await house.intake.part(one)
    assert not await house.intake.part(one)
    assert await heard(house) == ["nguyên"]


async def test_parts_that_arrive_at_once_on_two_machines_make_one_message(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    houses = [House(open_store(database_url)) for _ in range(2)]
    pieces = [part(n, f"{n}.", total=5) for n in range(1, 6)]
    await asyncio.gather(*(h.intake.part(one) for one in pieces for h in houses))
    assert await heard(houses[0]) == ["1.2.3.4.5."]


async def test_two_sweeps_at_once_hand_over_once(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    houses = [House(open_store(database_url)) for _ in range(2)]
    for n in range(4):
        await houses[0].intake.part(part(1, f"đầu {n}", address=f"+8491200030{n}"))
    for house in houses:
        house.later(PATIENCE + MINUTE)
    done = await asyncio.gather(*(swept(house) for house in houses))
    assert sum(done) == 4
    assert len(await heard(houses[0])) == 4


def test_gaps_are_marked_once_for_each_run() -> None:
    assert joined({1: "a", 4: "d"}, 5) == f"a {MISSING} d {MISSING}"
    assert joined({1: "a", 2: "b"}, 2) == "ab"
    assert joined({}, 2) == f" {MISSING}"


@st.composite
def mixtures(draw: st.DrawFn) -> list[tuple[int, int, int, int]]:
    """(phone, reference, total, number) of parts of several messages, mixed, with copies."""
    wholes = draw(
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(2, 4)),
            min_size=1,
            max_size=4,
            unique_by=lambda whole: whole[:2],
        )
    )
    pieces = [(p, r, t, n) for p, r, t in wholes for n in range(1, t + 1)]
    copies = draw(st.lists(st.sampled_from(pieces), max_size=6))
    return draw(st.permutations(pieces + copies))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mixture=mixtures(), same_ids=st.booleans())
async def test_each_text_arrives_exactly_once(
    store: Store, mixture: list[tuple[int, int, int, int]], same_ids: bool
) -> None:
    house = House(store)
    run = next(_number)
    for phone, reference, total, number in mixture:
        name = f"{run}.{phone}.{reference}"
        more = {"provider_id": f"modem:{name}.{number}"} if same_ids else {}
        address = f"+8491{run:06d}{phone}"
        text = f"<{name}.{number}>"
        await house.intake.part(
            part(number, text, total=total, reference=f"8-{reference}", address=address, **more)
        )
    expected = {"".join(f"<{run}.{p}.{r}.{n}>" for n in range(1, t + 1)) for p, r, t, _ in mixture}
    got = [text for text in await heard(house) if text.startswith(f"<{run}.")]
    assert sorted(got) == sorted(expected)
    house.later(timedelta(days=2))
    assert await swept(house) == 0


async def test_a_database_that_fails_in_between_keeps_nothing(store: Store) -> None:
    house = House(store)
    await house.intake.part(part(1, "một "))
    with pytest.raises(ZeroDivisionError):
        await _killed_at_the_last_part(house)
    assert await heard(house) == []
    assert await house.intake.part(part(2, "hai"))
    assert await heard(house) == ["một hai"]


async def _killed_at_the_last_part(house: House) -> None:
    async with house.store.write() as session:
        added = await parts.add(session, part(2, "hai"), house.clock.now(), house.wall.now())
        assert 1 / (len(added.made) - 1)
