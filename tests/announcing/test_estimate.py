"""What an announcement costs is told before it goes, and is what it then costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.announcing.desk import NO_WAY, AnnouncementDesk, Faulty, Office
from bot.announcing.estimate import Estimate, duration, price_each
from bot.announcing.way import choose
from bot.channels import GatewayPlan, Reach, Standing, Unlimited, only_sms
from bot.messages import Channel
from bot.segments import count
from bot.store import outbox
from bot.store.audience import Audience, Contact
from bot.store.engine import Store
from bot.store.models import OutboxRow
from tests.factories import HOME, NOON, House, library
from tests.notices import PLAN, Hall, Windowed, reaches

TWO_DAYS = timedelta(days=2)


@pytest.fixture
def hall(store: Store) -> Hall:
    return Hall(House(store))


def _desk(hall: Hall) -> AnnouncementDesk:
    return AnnouncementDesk(
        Office(hall.house.store, library, reaches, hall.plans, hall.house.clock)
    )


async def test_the_estimate_is_what_it_then_is(hall: Hall) -> None:
    """Known and new numbers, chats that are free or closed, people without any way."""
    known = await hall.people(2)
    for one in known:
        await hall.house.queue(one, "Da tra loi")
    await hall.people(3)
    closed = [await hall.joins("sms") for _ in range(2)]
    for phone in closed:
        await hall.joins("zalo", linked=phone)
    await hall.joins("zalo")
    hall.house.later(TWO_DAYS)
    fresh = [await hall.joins("zalo") for _ in range(2)]
    await hall.joins("zalo", linked=known[0])
    body = "Mời bà con họp lúc 19h30 tối nay tại nhà văn hoá thôn, mỗi nhà một người. "
    draft = hall.draft(sms_text=body + "Nhớ mang theo sổ hộ nghèo nếu nhà có sổ.")
    found = await _desk(hall).estimate(HOME, draft)
    assert (found.people, found.chat, found.sms, found.unreachable) == (10, 3, 6, 1)
    assert (found.first, found.parts_each, found.parts_first) == (5, 1, 2)
    assert (found.parts, found.price) == (11, 11 * 350)
    assert found.price_most == 12 * 350
    assert Estimate.read(found.dump()) == found
    await hall.approved(sms_text=draft.sms_text)
    while await hall.look():
        pass
    async with hall.house.store.read() as session:
        rows = list(await session.scalars(select(OutboxRow).where(OutboxRow.author == "notice")))
        texts = [outbox.opened(session, row.body_enc).text for row in rows if row.channel == "sms"]
    assert sum(count(text).parts for text in texts) == found.parts
    assert len(rows) == found.chat + found.sms
    assert len(fresh) == 2


async def test_it_is_told_how_things_stand_when_it_begins(hall: Hall) -> None:
    phone = await hall.joins("sms")
    await hall.joins("zalo", linked=phone)
    desk, later = _desk(hall), hall.now + timedelta(days=3)
    assert (await desk.estimate(HOME, hall.draft())).chat == 1
    found = await desk.estimate(
        HOME, hall.draft(start_at=later, expires_at=later + timedelta(days=1))
    )
    assert (found.chat, found.sms) == (0, 1)


async def test_when_nobody_can_be_reached_nothing_is_submitted(hall: Hall) -> None:
    await hall.joins("zalo")
    hall.house.later(TWO_DAYS)
    lan, desk = await hall.officer("lan"), _desk(hall)
    made = await desk.save(HOME, lan, hall.draft())
    with pytest.raises(Faulty) as caught:
        await desk.submit(HOME, made, lan)
    assert caught.value.fields == {"audience": NO_WAY}


def test_how_long_it_takes() -> None:
    assert duration(100, ()) == timedelta(0)
    second = timedelta(seconds=1)
    assert abs(duration(70, [PLAN]) - timedelta(hours=1)) < second, "70 per cent of 100 an hour"
    assert abs(duration(350, [PLAN]) - timedelta(hours=5)) < second
    slow = GatewayPlan("sim", per_hour=1000, per_day=100)
    assert duration(70, [slow]) < timedelta(hours=1)
    assert duration(71, [slow]) == timedelta(days=1)


def test_the_price_is_that_of_the_dearest_gateway_that_carries() -> None:
    standby = GatewayPlan("b", share=0, price=900)
    assert price_each([PLAN, standby, GatewayPlan("c", price=400)]) == 400
    assert price_each([standby]) == 900
    assert price_each([]) == 0


# --- the way ----------------------------------------------------------------------------------

PHONE = Contact(1, "sms", None, stopped=False)
FREE = Contact(2, "zalo", NOON, stopped=False)
OLD = Contact(3, "zalo", NOON - TWO_DAYS, stopped=False)
GONE = Contact(4, "zalo", NOON, stopped=True)
WEB = Contact(5, "web", NOON, stopped=False)


@pytest.mark.parametrize(
    ("contacts", "wanted"),
    [
        ([PHONE, FREE], FREE),
        ([PHONE, OLD, FREE], FREE),
        ([PHONE, OLD], PHONE),
        ([PHONE, GONE], PHONE),
        ([OLD], None),
        ([GONE], None),
        ([WEB], None),
        ([], None),
    ],
)
def test_the_chat_while_it_is_free_else_sms(
    contacts: list[Contact], wanted: Contact | None
) -> None:
    assert choose(contacts, HOME, reaches, NOON) == wanted


def test_after_a_chat_that_failed_only_sms() -> None:
    assert choose([PHONE, FREE], HOME, reaches, NOON, only_sms=True) == PHONE
    assert choose([FREE], HOME, reaches, NOON, only_sms=True) is None


def test_without_a_gateway_there_is_no_sms() -> None:
    def no_gateway(commune: str, channel: Channel) -> Reach | None:
        return Windowed() if channel == "zalo" else None

    assert choose([PHONE, OLD], HOME, no_gateway, NOON) is None
    assert choose([PHONE, FREE], HOME, only_sms, NOON) == PHONE


def test_the_allowance_of_the_account_is_used_last() -> None:
    class Paid:
        template = ""

        def standing(self, last: object, now: object) -> tuple[Standing, None]:
            return Standing.PAID, None

    def paid(commune: str, channel: Channel) -> Reach | None:
        return {"zalo": Paid(), "sms": Unlimited()}.get(channel)

    assert choose([PHONE, OLD], HOME, paid, NOON) == PHONE
    assert choose([OLD], HOME, paid, NOON) == OLD
    assert Audience.read(Audience(("ben", "")).dump()).villages == ("", "ben")
