"""What citizens are told otherwise on one day than on another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.diff import Change, changes
from bot.knowledge.library import Library
from tests.knowledge import small
from tests.knowledge.small import NEW, OLD, TURN

DAY = timedelta(days=1)
LAST = date(2025, 6, 30)
"""The last day of the waiver."""
UNCHECKED = small.GOOD_UNTIL + DAY


def between(
    first: date, second: date, files: Mapping[str, str] | None = None, place: str = "xa-a"
) -> dict[str, Change]:
    """What changes for the first procedure, by what it is about."""
    library = small.library(files)
    found = list(changes(library, library.commune(place), first, second))
    assert {one.procedure for one in found} <= set(library.procedures)
    names = [(one.procedure, one.about) for one in found]
    assert len(names) == len(set(names))
    return {one.about: one for one in found if one.procedure == "viec"}


def test_a_law_that_follows_another_changes_answers_and_cases() -> None:
    found = between(TURN - DAY, TURN)
    assert set(found) == {"le_phi", "cach_lam", "giấy tờ khi: Đã quá", "giấy tờ khi: Chưa quá"}
    fee = found["le_phi"]
    assert fee.lines() == (["Phí 5.000 đồng."], ["Phí nay 8.000 đồng."])
    assert "Đang được miễn." in (fee.before or "")  # it stays, and is not told as a change
    gone, come = found["giấy tờ khi: Chưa quá"].lines()
    assert [line[:17] for line in gone] == ["1. Tờ khai 5.000 "]
    assert [line[:17] for line in come] == ["1. Tờ khai 8.000 "]


def test_cases_that_change_in_the_same_lines_are_told_once() -> None:
    cases = [about for about in between(TURN - DAY, TURN) if about.startswith("giấy tờ khi")]
    assert cases == ["giấy tờ khi: Đã quá", "giấy tờ khi: Chưa quá"]  # and not "Chưa rõ" again


def test_what_begins_was_not_said_before() -> None:
    begun = between(TURN - DAY, TURN)["cach_lam"]
    assert begun.before is None
    assert begun.after == "Đang chờ luật.\nCả thảy 8.000 đồng."
    assert begun.lines() == ([], ["Đang chờ luật.", "Cả thảy 8.000 đồng."])


def test_what_lapses_is_not_said_any_more() -> None:
    found = between(LAST, LAST + DAY)
    assert set(found) == {"le_phi", "loi"}
    assert found["le_phi"].lines() == (["Đang được miễn."], [])
    assert found["loi"].before == "Đang được miễn."
    assert found["loi"].after is None


def test_when_nobody_checked_again_everything_ends_each_told_once() -> None:
    found = between(small.GOOD_UNTIL, UNCHECKED)
    assert all(one.after is None for one in found.values())
    answers = {about for about in found if not about.startswith("giấy tờ khi")}
    assert answers == {"le_phi", "noi_nop", "cach_lam"}
    assert len(found) == len(answers) + 1


def test_where_nothing_changes_nothing_is_told() -> None:
    assert between(OLD, OLD + DAY) == {}
    assert between(NEW, NEW) == {}


def test_the_other_way_round_what_comes_goes() -> None:
    there, back = between(OLD, NEW), between(NEW, OLD)
    assert set(there) == set(back)
    for about, change in there.items():
        assert (change.before, change.after) == (back[about].after, back[about].before)
        assert change.lines() == back[about].lines()[::-1]


def test_answers_of_variants_are_compared_too() -> None:
    variant = """\
  - id: muon
    name: Việc muộn
    when: [{muon: [roi]}]
    answers:
      noi_nop: {facts: [fee], short: [fee]}
      loi: {facts: [place], short: [place]}
facts:
"""
    files = {"procedures/viec.yaml": small.PROCEDURE.replace("facts:\n", variant, 1)}
    found = between(TURN - DAY, TURN, files)
    assert found["noi_nop (muon)"].after == "Phí nay 8.000 đồng."
    assert "noi_nop" not in found
    assert "loi (muon)" not in found


def test_what_a_case_comes_to_belongs_to_it() -> None:
    files = {
        "procedures/viec.yaml": small.PROCEDURE.replace(
            "name: Việc thử}", "name: Việc thử, result: fee}"
        )
    }
    change = between(TURN - DAY, TURN, files)["giấy tờ khi: Chưa quá"]
    gone, come = change.lines()
    assert "5.000" in gone[0]
    assert "8.000" in come[0]
    assert len(gone) == len(come) == 2


def test_what_is_handed_over_on_both_days_is_no_change() -> None:
    handed = small.PROCEDURE.replace(
        "deadlines:\n", "  handovers: [{when: [{muon: [roi]}], reason: Cán bộ xem}]\ndeadlines:\n"
    )
    found = between(TURN - DAY, TURN, {"procedures/viec.yaml": handed})
    assert "giấy tờ khi: Đã quá" not in found
    assert "giấy tờ khi: Chưa quá" in found


def test_each_commune_has_its_own_changes() -> None:
    own = small.commune("xa-a", "tinh-mot") + small.facts(common={"fee": small.fact("Xã", value=1)})
    files = {"communes/xa-a.yaml": own}
    assert set(between(TURN - DAY, TURN, files)) == {"cach_lam"}
    assert "le_phi" in between(TURN - DAY, TURN, files, place="xa-b")


DATES = st.dates(date(2023, 1, 1), date(2028, 1, 1))


@given(one=DATES, other=DATES)
def test_a_change_is_told_exactly_when_something_turned_between(one: date, other: date) -> None:
    library: Library = small.library()
    first, second = sorted((one, other))
    turned = any(first < day <= second for day in library.turning_days())
    found = list(changes(library, library.commune("xa-a"), first, second))
    assert turned or not found
    assert all(change.before != change.after for change in found)
