"""SMS gateways: how they are set up, how they do, and what was tried with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from bot.store import gateway_trials, gateways, outbox
from bot.store.engine import Store
from bot.store.gateways import GatewayView, Source
from bot.store.models import SmsGatewayHealth
from bot.store.outbox import Draft
from tests.factories import HOME, MINUTE, NOON, PHONE, House, inbound

OTHER = "+84912000202"


def _view(name: str = "viettel", **secrets: str) -> GatewayView:
    settings = {"own_number": "+84900000113", "share": 100, "options": {"url": "http://máy"}}
    return GatewayView(HOME, name, "generic", settings, secrets)


async def _put(store: Store, view: GatewayView) -> str:
    async with store.write() as session:
        await gateways.put(session, view, NOON)
    async with store.read() as session:
        return await gateways.stamp(session)


# --- how they are set up ------------------------------------------------------------------


async def test_a_gateway_is_kept_and_its_secrets_are_sealed(store: Store) -> None:
    view = _view(token="bí mật lắm")
    await _put(store, view)
    async with store.read() as session:
        assert await gateways.get(session, HOME, "viettel") == view
        assert await gateways.listing(session) == [view]
        assert await gateways.get(session, "song-xanh", "viettel") is None
        assert await gateways.names(session, HOME) == {"viettel"}
        assert await gateways.names(session, "song-xanh") == set()
    async with store.engine.connect() as connection:
        text = repr((await connection.exec_driver_sql("SELECT * FROM sms_gateway")).all())
    assert "http://máy" in text
    assert "bí mật" not in text
    assert "bí mật" not in repr(view)


async def test_the_stamp_moves_with_every_change_also_when_the_clock_does_not(
    store: Store,
) -> None:
    async with store.read() as session:
        seen = [await gateways.stamp(session)]
    for view in (_view(), _view(token="a"), _view(token="b"), _view("vina")):
        seen.append(await _put(store, view))
    async with store.write() as session:
        assert await gateways.remove(session, HOME, "viettel")
        assert not await gateways.remove(session, HOME, "viettel")
    async with store.read() as session:
        seen.append(await gateways.stamp(session))
    assert len(set(seen)) == len(seen)


async def test_a_machine_whose_clock_is_behind_moves_the_stamp(store: Store) -> None:
    before = await _put(store, _view())
    async with store.write() as session:
        await gateways.put(session, _view("vina"), NOON - timedelta(hours=1))
    async with store.write() as session:
        await gateways.remove(session, HOME, "vina")
    after = await _put(store, _view(token="neu"))
    assert after != before


async def test_what_changes_at_once_in_two_places_is_both_noticed(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    stores = [open_store(database_url) for _ in range(4)]
    await asyncio.gather(
        *(_put(store, _view(f"g{n}")) for n, store in enumerate(stores)),
    )
    async with stores[0].read() as session:
        changed = await session.scalars(gateways.select(gateways.SmsGatewayRow.changed_at))
        instants = list(changed)
    assert len(set(instants)) == len(instants) == 4


# --- how they do --------------------------------------------------------------------------


async def test_what_is_seen_of_a_gateway_without_a_row_of_its_own(store: Store) -> None:
    async with store.write() as session:
        await gateways.note_problem(session, HOME, "file", "sending", "hết tiền")
        await gateways.note_standing(session, HOME, "file", {"facts": {"Pin": "80%"}, "well": True})
        await gateways.note_standing(session, HOME, "file", {"well": False})
    async with store.read() as session:
        found = (await gateways.health(session, HOME))["file"]
        assert await gateways.problems(session) == {(HOME, "file"): {"sending": "hết tiền"}}
        assert await gateways.health(session, "song-xanh") == {}
    assert (found.problem, found.weight) == ("hết tiền", 100)
    assert (found.standing["facts"], found.standing["well"]) == ({"Pin": "80%"}, False)
    async with store.write() as session:
        await gateways.note_problem(session, HOME, "file", "sending", "")
    async with store.read() as session:
        assert await gateways.problems(session) == {}


async def test_noting_leaves_the_weight_alone(store: Store) -> None:
    async with store.write() as session:
        await gateways.ensure(session, HOME, "viettel")
        row = await session.get_one(SmsGatewayHealth, (HOME, "viettel"))
        row.weight, row.weight_at = 45, NOON
    async with store.write() as session:
        await gateways.ensure(session, HOME, "viettel")
        await gateways.note_problem(session, HOME, "viettel", "asking", "x")
        await gateways.note_standing(session, HOME, "viettel", {"a": 1})
        assert await gateways.lease(session, HOME, "viettel", "me", NOON, NOON + MINUTE)
    async with store.read() as session:
        found = (await gateways.health(session, HOME))["viettel"]
    assert (found.weight, found.weight_at) == (45, NOON)


async def test_a_removed_gateway_leaves_nothing(store: Store) -> None:
    await _put(store, _view())
    async with store.write() as session:
        await gateways.note_problem(session, HOME, "viettel", "asking", "x")
        await gateways.note_problem(session, HOME, "vina", "asking", "y")
        assert await gateways.remove(session, HOME, "viettel")
    async with store.read() as session:
        assert set(await gateways.health(session, HOME)) == {"vina"}


async def test_what_one_found_out_is_not_over_because_another_sees_it_work(store: Store) -> None:
    async def told(source: Source, sentence: str) -> str:
        async with store.write() as session:
            await gateways.note_problem(session, HOME, "viettel", source, sentence)
        async with store.read() as session:
            return (await gateways.health(session, HOME))["viettel"].problem

    assert await told("listening", "") == ""
    assert await told("listening", "không nghe được") == "không nghe được"
    assert await told("sending", "") == "không nghe được"
    assert await told("sending", "hết tiền") == "hết tiền"
    assert await told("asking", "pin yếu") == "hết tiền"
    assert await told("sending", "") == "không nghe được"
    assert await told("listening", "") == "pin yếu"
    assert await told("asking", "") == ""


async def test_one_process_listens_and_another_takes_over(store: Store) -> None:
    async def lease(owner: str, seconds: int) -> bool:
        now = NOON + timedelta(seconds=seconds)
        async with store.write() as session:
            return await gateways.lease(session, HOME, "viettel", owner, now, now + MINUTE)

    assert await lease("a", 0)
    assert not await lease("b", 10)
    assert await lease("a", 30)
    assert not await lease("b", 70)
    assert await lease("b", 91)
    assert not await lease("a", 92)
    async with store.write() as session:
        await gateways.release(session, HOME, "viettel", "a")  # not its own any more
    assert not await lease("a", 93)
    async with store.write() as session:
        await gateways.release(session, HOME, "viettel", "b")
    assert await lease("a", 94)


async def test_of_many_at_once_one_listens(
    database_url: str, open_store: Callable[[str], Store]
) -> None:
    async def lease(store: Store, owner: str) -> bool:
        async with store.write() as session:
            return await gateways.lease(session, HOME, "viettel", owner, NOON, NOON + MINUTE)

    stores = [open_store(database_url) for _ in range(4)]
    won = await asyncio.gather(*(lease(one, str(n)) for n, one in enumerate(stores)))
    assert sum(won) == 1


# --- trying them --------------------------------------------------------------------------


def _draft(key: str, officer: int | None = None) -> Draft:
    return Draft(f"{gateway_trials.KEY}viettel:{key}", "officer", "Tin thu", officer_id=officer)


async def _try(house: House, key: str, officer: int | None = None, **more: object) -> bool:
    name, others = str(more.get("name", "viettel")), ("vina", "esms")
    async with house.store.write() as session:
        return await gateway_trials.begin(
            session, HOME, name, _draft(key, officer), PHONE, others, house.clock.now()
        )


async def test_a_trial_goes_by_this_gateway_and_is_remembered(store: Store) -> None:
    house = House(store)
    officer = await house.officer()
    assert await _try(house, "1", officer)
    assert not await _try(house, "1", officer)  # the same form again
    [row] = await house.outbox_rows()
    assert (row.author, row.officer_id, row.tried, row.bulk) == ("officer", officer, "vina,esms", 0)
    async with store.read() as session:
        [one] = await gateway_trials.listing(session, HOME, "viettel")
        assert await gateway_trials.listing(session, HOME, "vina") == []
    assert (one.number, one.state, one.at) == (PHONE, "queued", NOON)


async def test_trials_are_counted_by_officer_and_hour(store: Store) -> None:
    house = House(store)
    lan, minh = await house.officer("lan"), await house.officer("minh")
    await _try(house, "1", lan)
    house.later(timedelta(minutes=40))
    await _try(house, "2", lan)
    await _try(house, "3", lan, name="vina")
    await _try(house, "4", minh)
    async with store.read() as session:
        hour_ago = house.clock.now() + timedelta(minutes=21) - timedelta(hours=1)
        assert await gateway_trials.count(session, HOME, lan, hour_ago) == 2
        assert await gateway_trials.count(session, HOME, lan, NOON - MINUTE) == 3
        assert await gateway_trials.count(session, HOME, minh, NOON - MINUTE) == 1
        assert await gateway_trials.count(session, HOME, None, NOON - MINUTE) == 0
        assert await gateway_trials.count(session, "song-xanh", lan, NOON - MINUTE) == 0


async def test_only_the_last_trials_are_remembered(store: Store) -> None:
    house = House(store)
    for number in range(gateway_trials.KEPT + 3):
        await _try(house, str(number))
    async with store.read() as session:
        found = await gateway_trials.listing(session, HOME, "viettel")
    assert len(found) == gateway_trials.KEPT


async def test_more_names_than_the_row_can_hold_are_left_out(store: Store) -> None:
    house = House(store)
    many = [f"gateway-number-{n:04}" for n in range(9)]
    async with store.write() as session:
        assert await gateway_trials.begin(
            session, HOME, "viettel", _draft("1"), PHONE, many, house.clock.now()
        )
    assert [row.tried for row in await house.outbox_rows()] == [""]


async def test_what_came_through_a_gateway(store: Store) -> None:
    house = House(store)
    for name, text in (("viettel", "THU 4821"), ("viettel-2", "KS"), ("viettel", "HN")):
        await house.intake.receive(
            inbound(text, OTHER, channel="sms", provider_id=f"{name}:{text}")
        )
    await house.intake.receive(inbound("trên Zalo"))
    async with store.read() as session:
        found = await gateway_trials.came(session, HOME, "viettel")
        latest = await gateway_trials.last_came(session, HOME)
        assert await gateway_trials.came(session, "song-xanh", "viettel") == []
    assert [(one.text, one.number) for one in found] == [("HN", OTHER), ("THU 4821", OTHER)]
    assert latest == {"viettel": NOON, "viettel-2": NOON}


async def test_a_trial_tells_what_this_gateway_made_of_it(store: Store) -> None:
    from bot.store import attempts
    from bot.store.attempts import Cost
    from bot.store.models import OutboxRow

    house = House(store)
    await _try(house, "1")
    [claimed] = await house.claim()
    async with store.write() as session:
        row = await session.get_one(OutboxRow, claimed.row_id)
        for gateway, state, error in (("viettel", "failed", "hết tiền"), ("vina", "accepted", "")):
            await attempts.begin(session, row, gateway, Cost(1, 350), NOON)
            await session.flush()
            await attempts.end(session, row.id, state, NOON, error=error)
        row.gateway = "vina"
        await outbox.mark_sent(session, row.id, "s1", "vina:7", NOON)
    async with store.read() as session:
        [one] = await gateway_trials.listing(session, HOME, "viettel")
    assert (one.state, one.error, one.gateway) == ("failed", "hết tiền", "vina")
