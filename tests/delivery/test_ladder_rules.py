"""When a due reminder may leave: holidays, pace, people, and one voice a thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from bot.channels import GatewayPlan, only_sms
from bot.clock import LOCAL
from bot.delivery.ladder import MOST_A_DAY, Rules, queue_due
from bot.messages import Channel
from bot.store import reminders
from bot.store.engine import Store
from bot.store.models import Reminder
from bot.store.reminders import NewReminder
from tests.factories import HOME, NOON, PHONE, House, worded

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


class Tet:
    """Two holidays from the seventh."""

    def is_holiday(self, day: object) -> bool:
        return str(day) in ("2026-07-07", "2026-07-08")


def _slow(commune: str, channel: Channel) -> Sequence[GatewayPlan]:
    return (GatewayPlan("sim", per_hour=10),) if channel == "sms" else ()


async def _add(house: House, key: str, due: datetime, **more: object) -> bool:
    phone = str(more.pop("phone", PHONE))
    sms = await house.hear("KS", address=phone, channel="sms")
    life = more.pop("life", 3 * DAY)
    assert isinstance(life, timedelta)
    now = house.clock.now()
    values = {"kind": "hen", "procedure": None, "words": worded(key), "thread": key} | more
    new = NewReminder(key=key, due_at=due, expires_at=due + life, **values)  # type: ignore[arg-type]
    async with house.store.write() as session:
        consent = await reminders.agree(session, HOME, sms, phone, "nhắc", "Đồng ý?", 1, now)
        return await reminders.schedule(session, HOME, sms, phone, consent, new, now)


async def _look(house: House, rules: Rules | None = None) -> int:
    async with house.store.write() as session:
        return (await queue_due(session, house.clock.now(), rules or Rules())).queued


async def _states(store: Store) -> dict[str, str]:
    async with store.read() as session:
        return {row.key: row.state for row in await session.scalars(select(Reminder))}


async def _row(store: Store, key: str) -> Reminder:
    async with store.read() as session:
        return (await session.execute(select(Reminder).where(Reminder.key == key))).scalar_one()


async def test_nothing_leaves_on_a_holiday(store: Store) -> None:
    house = House(store)
    await _add(house, "r", NOON + DAY)
    house.later(DAY)
    rules = Rules(days=lambda commune: Tet())
    assert await _look(house, rules) == 0
    after = datetime(2026, 7, 9, 7, 0, tzinfo=LOCAL)
    assert (await _row(store, "r")).look_at == after
    house.clock.set(after)
    assert await _look(house, rules) == 1


async def test_what_a_holiday_would_make_pointless_expires(store: Store) -> None:
    house = House(store)
    await _add(house, "r", NOON + DAY, life=DAY)
    house.later(DAY)
    assert await _look(house, Rules(days=lambda commune: Tet())) == 0
    assert await _states(store) == {"r": "expired"}


async def test_after_an_outage_only_the_newest_of_a_thread_goes(store: Store) -> None:
    house = House(store)
    await _add(house, "three days before", NOON + DAY, thread="d7")
    await _add(house, "one day before", NOON + 3 * DAY, thread="d7")
    await _add(house, "of another", NOON + DAY, thread="d8")
    house.later(3 * DAY)
    assert await _look(house) == 2
    assert await _states(store) == {
        "three days before": "replaced", "one day before": "queued", "of another": "queued",
    }  # fmt: skip
    assert sorted(await house.texts()) == ["of another", "one day before"]


async def test_one_that_waits_to_leave_is_replaced_by_the_next(store: Store) -> None:
    house = House(store)
    await _add(house, "first", NOON, thread="d7")
    assert await _look(house) == 1
    await _add(house, "second", NOON + HOUR, thread="d7")
    house.later(HOUR)
    assert await _look(house) == 1
    assert await _states(store) == {"first": "replaced", "second": "queued"}
    assert await house.states() == ["cancelled", "queued"]


async def test_after_an_outage_they_trickle(store: Store) -> None:
    house = House(store)
    for n in range(20):
        await _add(house, f"r{n}", NOON, phone=f"+849120001{n:02}")
    rules = Rules(only_sms, _slow)
    assert await _look(house, rules) == 1
    looks = []
    while "scheduled" in (await _states(store)).values():
        house.later(timedelta(minutes=1))
        looks.append(await _look(house, rules))
    assert sum(looks) == 19
    assert max(looks) == 1
    assert len(looks) >= 19 * 8  # one in about nine minutes: seven an hour


async def test_nobody_gets_more_than_a_few_in_a_day(store: Store) -> None:
    house = House(store)
    for n in range(MOST_A_DAY + 2):
        await _add(house, f"r{n}", NOON + n * timedelta(seconds=1))
    house.later(HOUR)
    assert await _look(house) == MOST_A_DAY
    assert await _look(house) == 0
    house.later(DAY)
    assert await _look(house) == 2


async def test_moving_a_date_there_and_back_loses_nothing(store: Store) -> None:
    house = House(store)
    await _add(house, "on 8 July", NOON + 2 * DAY)
    async with store.write() as session:
        (row,) = await session.scalars(select(Reminder))
        row.dossier_id = None
        await reminders.keep_only(session, -1, [])
        row.state = "cancelled"
    assert await _add(house, "on 8 July", NOON + 2 * DAY)
    assert await _states(store) == {"on 8 July": "scheduled"}


async def test_one_that_was_sent_is_not_scheduled_again(store: Store) -> None:
    house = House(store)
    await _add(house, "r", NOON)
    assert await _look(house) == 1
    assert not await _add(house, "r", NOON + DAY)
    house.later(2 * DAY)
    assert await _look(house) == 0
