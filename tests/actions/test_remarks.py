"""What is said before an answer because of what the question told: deadlines, old names."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions import remarks
from actions.phrasing import day
from actions.registry import perform
from actions.remarks import DEADLINE_ASPECTS, PLACE_ASPECTS, Remarks
from bot.delivery.compose import sms_pages
from bot.dialogue.acts import AnswerAspect
from bot.dialogue.outcome import Env
from bot.knowledge.model import Holidays, SpecialDay
from bot.understanding.entities import Place
from tests.actions.here import TUESDAY, at, here

THREAT = re.compile(r"phạt|vi phạm|xử lý|cưỡng chế|trái phép|truy cứu")
BIRTH, DEATH = "khai_sinh", "khai_tu"


def days_of(procedure: str, env: Env | None = None) -> int:
    """How many days the law gives."""
    knowledge = (env or here()).knowledge
    known = knowledge.procedure(procedure)
    value = knowledge.fact(known, known.deadlines[0].fact).value
    assert isinstance(value, int)
    return value


def before(
    procedure: str = BIRTH,
    aspect: str = "thoi_gian",
    env: Env | None = None,
    since: date | None = None,
    places: tuple[Place, ...] = (),
    **more: bool | tuple[str, ...],
) -> Remarks:
    """What stands before the answer."""
    env = env or here()
    act = AnswerAspect(procedure, aspect, since=since, places=places, **more)  # type: ignore[arg-type]
    return remarks.of(act, env, env.knowledge.procedure(procedure))


def due(last: date, procedure: str = BIRTH, today: date = TUESDAY, **more: object) -> Remarks:
    """What is said today of a deadline that ends on ``last``."""
    env = here(at(today), **more)  # type: ignore[arg-type]
    return before(procedure, env=env, since=last - timedelta(days=days_of(procedure, env)))


# --- deadlines --------------------------------------------------------------------------


@pytest.mark.parametrize("procedure", [BIRTH, DEATH])
def test_days_that_are_left_are_counted_to_the_last_day_of_the_law(procedure: str) -> None:
    last = TUESDAY + timedelta(days=9)
    found = due(last, procedure)
    since = last - timedelta(days=days_of(procedure))
    (line,) = found.long
    assert f"Tính từ ngày {since.day}/{since.month}/{since.year}" in line
    assert f"đến hết {day(last)}" in line
    assert "còn 9 ngày" in line
    (short,) = found.short
    assert "còn 9 ngày" in short
    assert sms_pages(short)[0].isascii()


def test_the_last_day_itself_is_told_as_today() -> None:
    (line,) = due(TUESDAY).long
    assert f"hôm nay ({day(TUESDAY)}) là ngày cuối" in line
    assert "còn" not in line
    (yesterday,) = due(TUESDAY + timedelta(days=1)).long
    assert "còn 1 ngày" in yesterday


@pytest.mark.parametrize("procedure", [BIRTH, DEATH])
@pytest.mark.parametrize("late", [1, 30, 400])
def test_whoever_is_late_is_told_that_it_is_accepted_and_never_threatened(
    procedure: str, late: int
) -> None:
    env = here()
    found = due(TUESDAY - timedelta(days=late), procedure)
    known = env.knowledge.procedure(procedure)
    accepted = known.deadlines[0].late
    assert accepted is not None
    over, kind = found.long
    assert "đã qua" in over
    assert "đừng lo" in over
    assert kind == env.knowledge.fact(known, accepted).long
    assert "được" in kind
    assert "yên tâm" in found.short[0]
    for text in (*found.long, *found.short):
        assert not THREAT.search(text.lower()), text


@given(left=st.integers(-4000, 4000))
def test_nobody_is_ever_threatened_nor_sent_to_a_closed_office(left: int) -> None:
    found = due(TUESDAY + timedelta(days=left))
    assert len(found.long) == len(found.short) > 0
    for text in (*found.long, *found.short):
        assert not THREAT.search(text.lower()), text
        assert "{" not in text
    advised = [line for line in found.long if "ngày nghỉ" in line]
    assert not any(name in line for line in advised for name in ("Thứ Bảy", "Chủ Nhật"))


@pytest.mark.parametrize(
    ("last", "come_by"),
    [
        (date(2026, 12, 6), date(2026, 12, 4)),
        (date(2026, 12, 5), date(2026, 12, 4)),
        (date(2027, 1, 1), date(2026, 12, 31)),
        (date(2027, 1, 3), date(2026, 12, 31)),
    ],
    ids=["Sunday", "Saturday", "New Year", "after New Year"],
)
def test_a_last_day_on_which_nobody_works_brings_the_working_day_before_it(
    last: date, come_by: date
) -> None:
    found = due(last)
    assert len(found.long) == 2
    assert found.long[1].startswith("Hôm đó là ngày nghỉ")
    assert f"chậm nhất {day(come_by)}" in found.long[1]
    assert day(come_by) in found.short[1]


def test_a_swapped_day_off_counts_as_one() -> None:
    monday = date(2026, 12, 7)
    assert len(due(monday).long) == 1
    off = Holidays(days_off=(SpecialDay(day=monday, why="nghỉ hoán đổi"),))
    assert day(date(2026, 12, 4)) in due(monday, holidays=off).long[1]
    worked = Holidays(work_days=(SpecialDay(day=date(2026, 12, 5), why="làm bù"),))
    assert len(due(date(2026, 12, 5), holidays=worked).long) == 1


def test_a_working_day_that_is_over_is_not_advised() -> None:
    saturday, sunday = date(2026, 12, 5), date(2026, 12, 6)
    assert len(due(sunday, today=saturday).long) == 1
    assert len(due(sunday, today=saturday - timedelta(days=1)).long) == 2


def test_a_deadline_is_said_once_and_only_where_it_matters() -> None:
    since = TUESDAY - timedelta(days=3)
    for aspect in ("thoi_gian", "ho_so", "noi_nop", "truc_tuyen", "loi"):
        said = before(aspect=aspect, since=since).long
        assert bool(said) == (aspect in DEADLINE_ASPECTS), aspect
    assert before(since=since, before=("ho_so",)).long == []
    assert before().long == []


def test_a_deadline_that_is_law_no_more_is_not_counted() -> None:
    assert due_on(date(2040, 1, 2)).long == []


def due_on(today: date) -> Remarks:
    return before(env=here(at(today)), since=today - timedelta(days=3))


# --- places -----------------------------------------------------------------------------

OURS = Place("xã Hoa Đông", ("xã Hoa Mai",))
OLD_NAME = "old_names_ok"


@pytest.mark.parametrize("place", [OURS, Place("Xã Mai Thượng"), Place("Xã Hoa Đông, Huyện Cũ")])
def test_a_commune_that_became_ours_is_served_here_with_its_old_papers(place: Place) -> None:
    found = before(aspect="noi_nop", places=(place,))
    name = place.name.partition(",")[0].replace("xã", "Xã")
    assert found.long[0] == f"{name} nay thuộc xã Hoa Mai; bà con làm ngay tại đây."
    assert found.long[1] == here().knowledge.fact(None, OLD_NAME).long
    assert f"{name} nay thuộc xã Hoa Mai" in found.short[0]
    assert len(found.short) == 2


def test_a_commune_that_is_known_to_have_become_ours_needs_no_entry_of_the_officer() -> None:
    place = Place("Xã Cũ, Huyện Cũ, Tỉnh mẫu", ("Xã Hoa Mai, Tỉnh mẫu",))
    found = before(aspect="noi_nop", places=(place,))
    assert found.long[0].startswith("Xã Cũ nay thuộc xã Hoa Mai")


def test_a_commune_of_our_name_in_another_province_is_not_ours() -> None:
    place = Place("Xã Cũ, Huyện Xa, Tỉnh Xa", ("Xã Hoa Mai, Tỉnh Xa",))
    found = before(aspect="noi_nop", places=(place,))
    assert not any("làm ngay tại đây" in line for line in found.long)


def test_a_commune_that_went_elsewhere_is_called_by_its_name_of_today() -> None:
    place = Place("Xã Song Phượng, Huyện Đan Phượng", ("Xã Đan Phượng, Thành phố Hà Nội",))
    found = before(aspect="noi_nop", places=(place,))
    assert found.long == ["Xã Song Phượng nay là xã Đan Phượng, thành phố Hà Nội."]
    assert found.short == found.long


def test_a_divided_commune_is_named_with_all_its_parts_and_asked_by_hamlet() -> None:
    place = Place("Xã Cũ, Huyện A", ("Xã Một, Tỉnh B", "Xã Hai, Tỉnh B"))
    (line,) = before(aspect="noi_nop", places=(place,)).long
    assert line.startswith("Xã Cũ đã chia về nhiều nơi: xã Một, tỉnh B; xã Hai, tỉnh B.")
    assert "thôn" in line


@pytest.mark.parametrize(
    "place",
    [
        Place("Xã Hoa Mai, Tỉnh mẫu", ("Xã Hoa Mai, Tỉnh mẫu",)),
        Place("Xã Đan Phượng, Thành phố Hà Nội", ("Xã Đan Phượng, Thành phố Hà Nội",)),
        Place("Xã Không Rõ", ()),
    ],
    ids=["ours", "one of today", "unknown"],
)
def test_a_name_of_today_and_one_that_nobody_knows_bring_no_word(place: Place) -> None:
    assert before(aspect="noi_nop", places=(place,)) == Remarks()


def test_places_are_spoken_of_where_it_matters_once_and_two_of_them_at_most() -> None:
    for aspect in ("noi_nop", "dieu_kien", "cach_lam", "ho_so", "thoi_gian"):
        said = before(aspect=aspect, places=(OURS,)).long
        assert bool(said) == (aspect in PLACE_ASPECTS), aspect
    assert before(aspect="noi_nop", places=(OURS,), before=("cach_lam",)).long == []
    many = tuple(Place(f"Xã Cũ {n}", (f"Xã Mới {n}",)) for n in range(4))
    assert len(before(aspect="noi_nop", places=many).long) == 2


# --- districts --------------------------------------------------------------------------


def test_whoever_asks_for_the_district_hears_that_there_is_none() -> None:
    found = before(aspect="noi_nop", district=True)
    assert found.long == [here().knowledge.fact(None, "no_district").long]
    assert "không còn huyện" in found.long[0]
    assert found.short == [here().knowledge.fact(None, "no_district").short]
    assert before(aspect="noi_nop").long == []


def test_all_of_it_stands_before_the_answer() -> None:
    act = AnswerAspect(BIRTH, "noi_nop", places=(OURS,), district=True)
    (reply,) = perform(act, here()).replies
    (plain,) = perform(AnswerAspect(BIRTH, "noi_nop"), here()).replies
    said = before(aspect="noi_nop", places=(OURS,), district=True)
    assert reply.long == "\n\n".join([*said.long, plain.long])
    assert reply.short == " ".join([*said.short, plain.short])
    assert reply.choices == plain.choices
