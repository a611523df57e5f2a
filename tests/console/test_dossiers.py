"""Dossiers at the desk: entered, found, moved on; and who is reminded of them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.store import conversations, dossiers, refusals
from bot.store.dossiers import Record
from bot.store.models import Consent, Reminder
from tests.console.conftest import HOME, Browser, World

CODE = "H56.12-260706-0001"
PHONE = "+84912000101"


async def record(world: World, code: str = CODE) -> Record:
    async with world.store.read() as session:
        (found,) = (await dossiers.find(session, HOME, [code])).values()
    return found


async def reminders(world: World) -> list[tuple[str, str]]:
    async with world.store.read() as session:
        rows = await session.scalars(select(Reminder).order_by(Reminder.id))
        return [(row.kind, row.state) for row in rows]


async def add(lan: Browser, **more: str) -> str:
    """Enter a dossier through the form; the text of the page that follows."""
    fields = {"code": CODE, "procedure": "khai_sinh", "state": "received", "phone": "0912 000 101"}
    await lan.get("/console/dossiers/new")
    response = await lan.post("/console/dossiers/new", **fields | more)
    return await response.text()


async def test_a_dossier_is_entered_with_consent_and_its_reminders_are_shown(
    world: World, lan: Browser
) -> None:
    page = await add(lan, consent="1", appointment_day="2026-07-20", appointment_hour="09:00")
    assert "Đã ghi hồ sơ." in page
    assert page.count('data-testid="reminder"') == 2
    assert "08:30 ngày 17/7" in page
    assert await reminders(world) == [("hen", "scheduled")] * 2
    found = await record(world)
    assert (found.told.phone, found.told.procedure) == (PHONE, "khai_sinh")
    async with world.store.read() as session:
        consent = (await session.scalars(select(Consent))).one()
    assert (consent.source, consent.officer_id is not None) == ("paper", True)


async def test_without_the_tick_nobody_is_written_to_and_the_page_says_so(
    world: World, lan: Browser
) -> None:
    page = await add(lan, appointment_day="2026-07-20", appointment_hour="09:00")
    assert "chưa ký đồng ý" in page
    assert await reminders(world) == []


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    world: World, lan: Browser
) -> None:
    await lan.get("/console/dossiers/new")
    response = await lan.post(
        "/console/dossiers/new",
        code="12",
        state="received",
        phone="0243 123 456",
        appointment_hour="09:00",
        due_on="31/02/2026",
        received_on="2027-01-01",
        consent="1",
    )
    page = await response.text()
    assert response.status == 422
    for said in ("ít nhất 4", "máy bàn", "cả ngày hẹn", "không có ngày 31/2/2026", "chưa tới"):
        assert said.lower() in page.lower()
    assert 'value="0243 123 456"' in page
    assert 'name="consent" value="1" checked' in page


async def test_a_code_that_is_there_leads_to_its_dossier(world: World, lan: Browser) -> None:
    await add(lan)
    page = await add(lan, code="h56 12 260706 0001")
    assert "Đã có hồ sơ mang mã này" in page
    assert f'href="/console/dossiers/{(await record(world)).id}"' in page


async def test_one_button_moves_it_on_and_stops_what_is_over(world: World, lan: Browser) -> None:
    await add(lan, consent="1", appointment_day="2026-07-20", appointment_hour="09:00")
    there = f"/console/dossiers/{(await record(world)).id}"
    await lan.get(there)
    page = await (await lan.post(f"{there}/state", to="ready")).text()
    assert "Đã chuyển trạng thái. Tin nhắn sẽ gửi lúc 09:10 hôm nay" in page
    assert ("ket_qua", "scheduled") in await reminders(world)
    world.clock.advance(timedelta(minutes=1))
    await lan.post(f"{there}/state", to="returned")
    assert {state for _, state in await reminders(world)} == {"cancelled"}
    assert (await record(world)).told.state == "returned"


async def test_missing_papers_are_written_down_and_end_with_their_state(
    world: World, lan: Browser
) -> None:
    await add(lan, consent="1")
    there = f"/console/dossiers/{(await record(world)).id}"
    page = await (
        await lan.post(f"{there}/state", to="need_papers", missing="Giấy chứng sinh")
    ).text()
    assert "Còn thiếu: Giấy chứng sinh." in page
    assert [kind for kind, _ in await reminders(world)] == ["giay", "giay"]
    world.clock.advance(timedelta(minutes=1))
    await lan.post(f"{there}/state", to="processing")
    assert (await record(world)).told.missing == ""


async def test_no_button_leads_where_the_state_does_not_allow(world: World, lan: Browser) -> None:
    await add(lan)
    there = f"/console/dossiers/{(await record(world)).id}"
    response = await lan.post(f"{there}/state", to="returned")
    assert response.status == 409
    assert (await record(world)).told.state == "received"


async def test_it_is_changed_in_the_form_and_not_over_somebody_else(
    world: World, lan: Browser
) -> None:
    await add(lan, consent="1")
    found = await record(world)
    there, stamp = f"/console/dossiers/{found.id}", found.updated_at.isoformat()
    fields = {"state": "received", "phone": "0912000101", "procedure": "khai_sinh"}
    world.clock.advance(timedelta(minutes=1))
    response = await lan.post(there, updated=stamp, due_on="2026-07-09", **fields)
    assert "Đã lưu." in await response.text()
    world.clock.advance(timedelta(minutes=1))
    late = await lan.post(there, updated=stamp, due_on="2026-07-10", **fields)
    assert late.status == 409
    assert str((await record(world)).told.due_on) == "2026-07-09"


async def test_a_consent_is_taken_back_in_the_form(world: World, lan: Browser) -> None:
    await add(lan, consent="1", appointment_day="2026-07-20", appointment_hour="09:00")
    found = await record(world)
    response = await lan.post(
        f"/console/dossiers/{found.id}", updated=found.updated_at.isoformat(), withdraw="1",
        state="received", phone="0912000101", procedure="khai_sinh",
        appointment_day="2026-07-20", appointment_hour="09:00",
    )  # fmt: skip
    assert "chưa ký đồng ý" in await response.text()
    assert {state for _, state in await reminders(world)} == {"cancelled"}


async def test_a_number_that_said_stop_is_shown_as_such(world: World, lan: Browser) -> None:
    async with world.store.write() as session:
        now = world.clock.now()
        there = await conversations.get_or_create(session, HOME, "sms", PHONE, now)
        await refusals.stop(session, there, now)
    page = await add(lan, consent="1", appointment_day="2026-07-20", appointment_hour="09:00")
    assert "đã nhắn HUY" in page
    assert await reminders(world) == []


async def test_dossiers_are_found_by_code_and_by_number_which_stands_in_no_address(
    world: World, lan: Browser
) -> None:
    await add(lan)
    await add(lan, code="H56.12-260706-0002", phone="0987000202")
    for said, found in (("0706-0002", "-0002"), ("0912000101", "-0001"), ("912 000 101", "-0001")):
        response = await lan.post("/console/dossiers/search", q=said)
        page = await response.text()
        assert page.count('data-testid="dossier"') == 1
        assert found in page
        assert "?" not in str(response.url)
    none = await lan.post("/console/dossiers/search", q="0999999999")
    assert "Không thấy hồ sơ nào" in await none.text()


async def test_the_list_shows_what_is_open_and_each_state(world: World, lan: Browser) -> None:
    await add(lan)
    await add(lan, code="H56.12-260706-0002", state="returned", phone="")
    page = await (await lan.get("/console/dossiers")).text()
    assert page.count('data-testid="dossier"') == 1
    assert "09xx xxx 101" in page  # never all of a number in a list
    assert "0912 000 101" not in page
    for asked, count in (("returned", 1), ("all", 2), ("ready", 0), ("nonsense", 1)):
        page = await (await lan.get(f"/console/dossiers?state={asked}&page=1")).text()
        assert page.count('data-testid="dossier"') == count
    assert (await lan.get("/console/dossiers?page=99999999")).status == 200


async def test_another_commune_sees_nothing_of_it(
    world: World, lan: Browser, open_browser: Browser
) -> None:
    await add(lan)
    hai: Browser = await open_browser("hai")  # type: ignore[operator]
    there = f"/console/dossiers/{(await record(world)).id}"
    assert (await hai.get(there)).status == 404
    await hai.get("/console/dossiers")
    assert (await hai.post(f"{there}/state", to="ready")).status == 404
    assert CODE not in await (await hai.get("/console/dossiers?state=all")).text()
    assert (await hai.get("/console/dossiers/new")).status == 409


async def test_nothing_is_changed_without_the_token(world: World, lan: Browser) -> None:
    await add(lan)
    there = f"/console/dossiers/{(await record(world)).id}"
    for path in (there, f"{there}/state", "/console/dossiers/new", "/console/reminders",
                 "/console/dossiers/import", "/console/dossiers/import/confirm"):  # fmt: skip
        assert (await lan.post(path, csrf="x", to="ready")).status == 403
    assert (await record(world)).told.state == "received"
