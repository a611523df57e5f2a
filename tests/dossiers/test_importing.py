"""A file is tried first, then applied; the same file again changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from bot.clock import local_date
from bot.dossiers import importing, saving, sheet
from bot.dossiers.importing import Report
from bot.dossiers.sheet import Reader, Sheet
from bot.knowledge.library import Knowledge
from bot.store import dossiers, refusals
from bot.store.dossiers import Draft, Record
from bot.store.engine import Store
from bot.store.models import Consent, Dossier, DossierEvent, Reminder
from tests.factories import HOME, NOON, PHONE, House, library

TODAY = local_date(NOON)
DAY = timedelta(days=1)
NAMES = "Mã hồ sơ;Số điện thoại;Tên thủ tục;Trạng thái;Ngày chuyển trạng thái;Đồng ý nhận tin"


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def knowledge() -> Knowledge:
    return library().on(TODAY, HOME)


def file(*lines: str, names: str = NAMES) -> Sheet:
    return sheet.read("\n".join([names, *lines]).encode(), Reader.of(knowledge()))


async def look(house: House, given: Sheet, **more: bool) -> Report:
    return await importing.look(house.store, knowledge(), given, house.clock.now(), **more)


async def apply(house: House, given: Sheet, **more: bool) -> Report:
    return await importing.apply(house.store, knowledge(), given, None, house.clock.now(), **more)


async def record(house: House, code: str) -> Record:
    async with house.store.read() as session:
        return (await dossiers.find(session, HOME, [code]))[dossiers.code_key(code)]


async def counted(house: House, model: type) -> int:
    async with house.store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


THREE = (
    "H56-0001;0912000101;Thủ tục đăng ký khai sinh;Đang xử lý;06/07/2026;có",
    "H56-0002;0912000102;Thủ tục đăng ký kết hôn;Đã có kết quả;06/07/2026;",
    "H56-0003;;Cấp giấy phép xây dựng;Đã trả kết quả;01/07/2026;",
)


async def test_a_dry_run_writes_nothing_and_says_what_would_be(house: House) -> None:
    report = await look(house, file(*THREE))
    assert report.counts == {"new": 3, "changed": 0, "unchanged": 0, "older": 0}
    assert [change.line for change in report.changes] == [2, 3, 4]
    assert report.changes[2].foreign == "Cấp giấy phép xây dựng"
    assert await counted(house, Dossier) == 0


async def test_a_file_is_applied_and_the_same_again_changes_nothing(house: House) -> None:
    first = await apply(house, file(*THREE))
    assert first.counts["new"] == 3
    assert first.last_line == 4
    held = await record(house, "H56-0001")
    assert (held.told.phone, held.told.procedure, held.source) == (PHONE, "khai_sinh", "import")
    before = [await counted(house, one) for one in (Dossier, DossierEvent, Consent, Reminder)]
    assert before[2] == 1
    house.later(DAY)
    for report in (await look(house, file(*THREE)), await apply(house, file(*THREE))):
        assert report.counts == {"new": 0, "changed": 0, "unchanged": 3, "older": 0}
        assert report.changes == []
    again = [await counted(house, one) for one in (Dossier, DossierEvent, Consent, Reminder)]
    assert again == before


async def test_the_same_file_without_dates_of_states_changes_nothing_on_another_day(
    house: House,
) -> None:
    names = "Mã hồ sơ;Trạng thái"
    await apply(house, file("H56-0001;Đang xử lý", names=names))
    house.later(3 * DAY)
    report = await apply(house, file("H56-0001;Đang xử lý", names=names))
    assert report.counts["unchanged"] == 1
    await apply(house, file("H56-0001;Đã có kết quả", names=names))
    held = await record(house, "H56-0001")
    assert (held.told.state, held.told.state_on) == ("ready", TODAY + 3 * DAY)


async def test_what_the_file_does_not_say_stays(house: House) -> None:
    async with house.store.write() as session:
        draft = Draft("H56-0001", "received", TODAY, "khai_sinh", phone=PHONE, due_on=TODAY + DAY)
        await saving.save(session, knowledge(), draft, None, NOON)
    line = "h56 0001;;;Đang xử lý;06/07/2026;"
    report = await look(house, file(line))
    (change,) = report.changes
    assert [(one.name, one.before, one.after) for one in change.differences] == [
        ("state", "received", "processing")
    ]
    await apply(house, file(line))
    held = await record(house, "H56-0001")
    assert held.told == replace(draft, state="processing")


async def test_a_file_that_is_older_than_the_desk_is_told_and_changes_nothing(house: House) -> None:
    async with house.store.write() as session:
        draft = Draft("H56-0001", "ready", TODAY, "khai_sinh")
        await saving.save(session, knowledge(), draft, None, NOON)
    report = await apply(house, file("H56-0001;;;Đang xử lý;03/07/2026;"))
    assert report.counts["older"] == 1
    assert (await record(house, "H56-0001")).told.state == "ready"
    # Without a date it cannot be known; going back is pointed out.
    report = await look(house, file("H56-0001;Đang xử lý", names="Mã hồ sơ;Trạng thái"))
    assert report.changes[0].backwards


async def test_lines_with_faults_are_left_out_and_the_others_applied(house: House) -> None:
    given = file(THREE[0], "H56-0009;0912;Khai sinh;Đang xử lý;06/07/2026;", THREE[1])
    assert (given.faulty, len(given.lines)) == (1, 2)
    await apply(house, given)
    assert await counted(house, Dossier) == 2


async def test_an_officer_may_say_that_all_have_signed(house: House) -> None:
    await apply(house, file(*THREE), all_agreed=True)
    assert await counted(house, Consent) == 2  # the third left no number
    report = await look(house, file(*THREE), all_agreed=True)
    assert report.counts["unchanged"] == 3


async def test_a_no_in_the_file_counts_for_more_than_what_is_said_of_all(house: House) -> None:
    no = "H56-0002;0912000102;Thủ tục đăng ký kết hôn;Đã có kết quả;06/07/2026;không"
    await apply(house, file(no), all_agreed=True)
    assert await counted(house, Consent) == 0


async def test_a_consent_that_comes_later_is_a_change_and_once_only(house: House) -> None:
    await apply(house, file(THREE[1]))
    assert await counted(house, Reminder) == 0
    report = await look(house, file(THREE[1]), all_agreed=True)
    assert [one.name for one in report.changes[0].differences] == ["consent"]
    done = await apply(house, file(THREE[1]), all_agreed=True)
    assert (done.counts["changed"], done.planned) == (1, 2)
    assert (await look(house, file(THREE[1]), all_agreed=True)).counts["unchanged"] == 1


async def test_nobody_who_said_stop_is_brought_back_by_a_file(house: House) -> None:
    await apply(house, file(THREE[0]))
    there = await house.hear("HUY", address=PHONE, channel="sms")
    async with house.store.write() as session:
        await refusals.stop(session, there, NOON)
    report = await apply(house, file(THREE[0]), all_agreed=True)
    assert report.counts["unchanged"] == 1
    assert await counted(house, Consent) == 1


async def test_no_number_that_was_erased_is_brought_back_by_a_file(house: House) -> None:
    await apply(house, file(THREE[0]))
    there = await house.hear("XOA", address=PHONE, channel="sms")
    async with house.store.write() as session:
        await dossiers.erase_of(session, there, NOON)
    report = await apply(house, file(THREE[0]), all_agreed=True)
    assert report.counts["unchanged"] == 1
    assert (await record(house, "H56-0001")).told.phone is None


async def test_it_stops_between_two_transactions_and_goes_on_where_it_was(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "WRITE_BATCH", 2)
    lines = [f"H56-{n:04d};;Khai sinh;Đang xử lý;06/07/2026;" for n in range(1, 8)]
    told: list[int] = []

    class Interrupted(Exception):
        pass

    async def progress(report: Report) -> None:
        told.append(report.last_line)
        if report.last_line == 5:
            raise Interrupted

    with pytest.raises(Interrupted):
        await importing.apply(house.store, knowledge(), file(*lines), None, NOON, progress=progress)
    assert (told, await counted(house, Dossier)) == ([3, 5], 4)
    report = await apply(house, file(*lines))
    assert report.counts == {"new": 3, "changed": 0, "unchanged": 4, "older": 0}


async def test_old_and_finished_dossiers_come_without_numbers_and_stay_the_same(
    house: House,
) -> None:
    line = "H56-0005;0912000105;Khai sinh;Đã trả kết quả;01/01/2026;có"
    await apply(house, file(line))
    assert (await record(house, "H56-0005")).told.phone is None
    assert (await apply(house, file(line))).counts["unchanged"] == 1
    assert (await record(house, "H56-0005")).told.state_on == date(2026, 1, 1)
