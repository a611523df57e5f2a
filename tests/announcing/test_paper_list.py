"""A paper list: read strictly, told by line, never against somebody's will."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.announcing import paper_list
from bot.announcing.paper_list import Plan
from bot.knowledge.model import Village
from bot.store import audience, conversations, refusals, subscriptions
from bot.store.engine import Store
from bot.store.models import Consent
from bot.tables import TableError
from tests.factories import HOME, House
from tests.notices import Hall

VILLAGES = (Village(key="ben", name="thôn Bến"), Village(key="dinh", name="thôn Đình"))
TODAY = date(2026, 7, 6)
HEAD = "Họ tên;SĐT;Thôn;Ngày ký\n"


def _read(rows: str) -> paper_list.Reading:
    return paper_list.read((HEAD + rows).encode(), VILLAGES, TODAY)


def test_what_is_needed_is_taken_and_nothing_else() -> None:
    (entry,) = _read("Nguyễn Văn A;0912.345.678;ben;5/7/2026\n").entries
    assert entry == paper_list.Entry(2, "+84912345678", "ben", date(2026, 7, 5))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("A;;ben;5/7/2026", "thiếu số điện thoại"),
        ("A;0200 3812 345;ben;5/7/2026", "số máy bàn không nhận được tin nhắn: ghi số di động"),
        ("A;12345;ben;5/7/2026", "5 chữ số"),
        ("A;0912345678;ben;", "thiếu ngày đồng ý"),
        ("A;0912345678;ben;31/2/2026", "không có ngày 31/2/2026"),
        ("A;0912345678;ben;7/7/2026", "ngày đồng ý 07/07/2026 chưa tới"),
        ("A;0912345678;thôn Hạ;5/7/2026", "các thôn của xã: thôn Bến, thôn Đình"),
    ],
)
def test_faults_are_told_by_line(row: str, says: str) -> None:
    found = _read(f"A;0912345670;ben;5/7/2026\n{row}\n")
    (fault,) = found.faults
    assert fault.line == 3
    assert says in fault.sentence
    assert "để trống" not in fault.sentence
    assert len(found.entries) == 1


def test_a_number_twice_is_told() -> None:
    found = _read("A;0912345678;ben;5/7/2026\nB;+84 912 345 678;dinh;5/7/2026\n")
    assert [(f.line, f.sentence) for f in found.faults] == [(3, "số điện thoại này đã có ở dòng 2")]


@pytest.mark.parametrize("head", ["SĐT;Thôn", "Thôn;Ngày ký", "A;B"])
def test_a_column_that_is_missing(head: str) -> None:
    with pytest.raises(TableError, match="thiếu cột"):
        paper_list.read(f"{head}\n1;2;3\n".encode(), VILLAGES, TODAY)


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(raw: bytes) -> None:
    try:
        found = paper_list.read(b"so dien thoai;thon;ngay ky\n" + raw, VILLAGES, TODAY)
    except TableError:
        return
    assert all(one.phone.startswith("+84") and one.signed_on <= TODAY for one in found.entries)


# --- against what is there --------------------------------------------------------------------


@pytest.fixture
def hall(store: Store) -> Hall:
    return Hall(House(store))


async def _take_up(hall: Hall, rows: str) -> tuple[Plan, int]:
    lan = await hall.officer("lan")
    async with hall.house.store.read() as session:
        found = await paper_list.plan(session, HOME, _read(rows))
    return found, await paper_list.apply(hall.house.store, HOME, found, lan, hall.now)


async def test_the_same_list_twice_adds_nobody_and_moves_who_moved(hall: Hall) -> None:
    rows = "".join(f"x;0912{n:06};ben;5/7/2026\n" for n in range(60))
    found, fresh = await _take_up(hall, rows)
    assert (len(found.new), len(found.again), fresh) == (60, 0, 60)
    found, fresh = await _take_up(hall, rows.replace("ben", "dinh", 1))
    assert (len(found.new), len(found.again), fresh) == (0, 60, 0)
    async with hall.house.store.read() as session:
        assert await audience.counts(session, HOME) == {"ben": 59, "dinh": 1}
        assert await session.scalar(select(func.count()).select_from(Consent)) == 60


async def test_who_is_known_by_zalo_is_not_new(hall: Hall) -> None:
    row = "x;0912345678;ben;5/7/2026\n"
    async with hall.house.store.write() as session:
        phone = await conversations.get_or_create(session, HOME, "sms", "+84912345678", hall.now)
    await hall.joins("zalo", linked=phone)
    found, fresh = await _take_up(hall, row)
    assert (len(found.again), fresh) == (1, 0)


@pytest.mark.parametrize("how", ["stop", "desk"])
async def test_an_older_signature_does_not_bring_back_who_left(hall: Hall, how: str) -> None:
    row = "x;0912345678;ben;{day}/7/2026\n"
    await _take_up(hall, row.format(day=1))
    async with hall.house.store.write() as session:
        phone = await conversations.find(session, HOME, "sms", "+84912345678")
        assert phone is not None
        leave = refusals.stop if how == "stop" else subscriptions.end_all
        await leave(session, phone, hall.now)
    for day in (5, 6):  # before, and on the same day
        found, fresh = await _take_up(hall, row.format(day=day))
        assert fresh == 0
        assert "đã thôi nhận ngày 06/07/2026, sau khi ký" in found.faults[0].sentence
    hall.house.later(timedelta(days=2))
    lan = await hall.officer("lan")
    reading = paper_list.read(
        (HEAD + row.format(day=7)).encode(), VILLAGES, TODAY + timedelta(days=2)
    )
    async with hall.house.store.read() as session:
        found = await paper_list.plan(session, HOME, reading)
    assert await paper_list.apply(hall.house.store, HOME, found, lan, hall.now) == 1
    async with hall.house.store.read() as session:
        assert not await refusals.refused(session, phone)
