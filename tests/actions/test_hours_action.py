"""Opening hours: the centre, the police, further points and people, and days off ahead."""

from __future__ import annotations

from datetime import date

import pytest

from actions.registry import perform
from bot.clock import local_date
from bot.delivery.compose import sms_pages
from bot.dialogue.acts import OpeningHours
from bot.dialogue.outcome import Env
from bot.knowledge.library import Library
from bot.knowledge.loader import load
from bot.knowledge.model import Commune, Holidays, Person, PickUpPoint, SpecialDay
from bot.messages import Reply
from tests.actions.here import PLACE, TUESDAY, at, here, library
from tests.knowledge.conftest import FAQ

QUIET = date(2026, 12, 8)
"""A week without a day off."""
CULTURE_DAY = date(2026, 11, 24)
WEEK = "Thứ Hai đến Thứ Sáu: 7h30-11h30, 13h30-17h; Thứ Bảy: 7h30-11h30"


def told(env: Env) -> Reply:
    (reply,) = perform(OpeningHours(), env).replies
    return reply


def lines(env: Env) -> list[str]:
    return told(env).long.split("\n")


def commune(**changed: object) -> Commune:
    """The demo commune with something else in its file."""
    return library().commune(PLACE).model_copy(update=changed)


def test_the_centre_comes_first_with_hours_address_and_telephone() -> None:
    place = library().commune(PLACE)
    first, second, *_ = lines(here(at(QUIET)))
    assert first == f"{place.office} làm việc: {WEEK}."
    assert place.address in second
    assert place.phone in second
    assert told(here(at(QUIET))).short.startswith(place.office_short)


def test_the_police_are_told_with_their_own_place_and_telephone() -> None:
    police = library().commune(PLACE).police
    assert police is not None
    (line,) = [one for one in lines(here(at(QUIET))) if one.startswith(police.name)]
    for part in (WEEK, police.address, police.phone):
        assert part in line
    assert police.phone in told(here(at(QUIET))).short


def test_a_commune_without_a_police_post_tells_the_centre_only() -> None:
    assert "Công an" not in told(here(at(QUIET), commune=commune(police=None))).long


def test_further_points_and_people_are_told() -> None:
    found = lines(here(at(QUIET)))
    assert "Điểm tiếp nhận khác: Nhà văn hoá thôn Bến, thôn Bến (sáng thứ Ba)." in found
    assert "Cán bộ tư pháp - hộ tịch: chị Nguyễn Thị Mẫu." in found


def test_what_a_point_or_a_person_lacks_leaves_no_trace() -> None:
    plain = commune(
        points=(PickUpPoint(name="Nhà Tròn", address="thôn Hai"),),
        people=(Person(role="Chủ tịch", name="ông Mẫu", phone="0200 1"),),
    )
    found = lines(here(at(QUIET), commune=plain))
    assert "Điểm tiếp nhận khác: Nhà Tròn, thôn Hai." in found
    assert "Chủ tịch: ông Mẫu, 0200 1." in found
    bare = commune(points=(), people=(), police=None)
    assert len(lines(here(at(QUIET), commune=bare))) == 2


def test_a_quiet_week_tells_of_no_day_off() -> None:
    assert "nghỉ" not in told(here(at(QUIET))).long


@pytest.mark.parametrize(
    ("today", "is_told"),
    [
        (date(2026, 12, 25), False),
        (date(2026, 12, 26), True),
        (date(2027, 1, 1), True),
        (date(2027, 1, 2), False),
    ],
)
def test_a_holiday_of_the_next_seven_days_is_told(today: date, is_told: bool) -> None:
    line = "Thứ Sáu 01/01/2027 là ngày nghỉ lễ, không làm việc."
    found = told(here(at(today)))
    assert (line in found.long) == is_told
    assert ("Thứ Sáu 01/01/2027 nghỉ lễ." in found.short) == is_told


def test_every_day_of_tet_that_is_near_is_told() -> None:
    found = [one for one in lines(here(at(date(2027, 2, 3)))) if "ngày nghỉ lễ" in one]
    assert len(found) >= 5


def test_days_off_of_the_commune_are_told_and_worked_holidays_are_not() -> None:
    off = Holidays(days_off=(SpecialDay(day=date(2026, 12, 10), why="nghỉ hoán đổi"),))
    assert "Thứ Năm 10/12/2026 là ngày nghỉ lễ" in told(here(at(QUIET), holidays=off)).long
    worked = Holidays(work_days=(SpecialDay(day=date(2027, 1, 1), why="trực"),))
    assert "nghỉ" not in told(here(at(date(2026, 12, 28)), holidays=worked)).long


# --- 24 November 2026, of which nobody knows yet ----------------------------------------


@pytest.mark.parametrize("today", [date(2026, 11, 18), date(2026, 11, 22), CULTURE_DAY])
def test_a_day_of_which_nobody_knows_is_told_as_such_with_whom_to_ask(today: date) -> None:
    reply = told(here(at(today)))
    (line,) = [one for one in reply.long.split("\n") if "chưa rõ" in one]
    assert "24/11/2026 (Ngày Văn hoá Việt Nam)" in line
    assert library().commune(PLACE).phone in line
    assert "24/11/2026 chưa rõ có nghỉ không" in reply.short


@pytest.mark.parametrize("today", [date(2026, 11, 17), date(2026, 11, 25)])
def test_and_only_while_it_is_near(today: date) -> None:
    assert "chưa rõ" not in told(here(at(today))).long


KNOWN = {
    "off": "holidays: {days_off: [{day: 2026-11-24, why: nghỉ}]}",
    "worked": "holidays: {work_days: [{day: 2026-11-24, why: làm việc}]}",
    "confirmed": "confirmed: {u3: {on: 2026-11-20, by: Chủ tịch}}",
}


def knowing(what: str) -> Library:
    """The demo commune after it learnt about the day."""
    path = f"communes/{PLACE}.yaml"
    return load(FAQ, {path: (FAQ / path).read_text(encoding="utf-8") + KNOWN[what] + "\n"})


@pytest.mark.parametrize("what", KNOWN)
def test_a_day_of_which_the_commune_knows_is_not_called_uncertain(what: str) -> None:
    now = at(TUESDAY, 8)
    shown = knowing(what)
    env = Env(shown.on(local_date(now), PLACE), shown.commune(PLACE), "zalo", now, local_date(now))
    found = told(env)
    assert "chưa rõ" not in found.long
    assert ("24/11/2026 là ngày nghỉ lễ" in found.long) == (what == "off")


@pytest.mark.parametrize("today", [QUIET, CULTURE_DAY, date(2027, 2, 3)])
def test_by_sms_it_is_plain_text_page_by_page(today: date) -> None:
    pages = sms_pages(told(here(at(today), "sms")).short)
    assert all(page.isascii() and len(page) <= 306 for page in pages)
    assert "7h30-11h30" in pages[0]
