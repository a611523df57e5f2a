"""What a file leaves out is taken from its sources and its head, and nothing else is touched."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.complete import HEAD, completed
from bot.knowledge.model import Source
from tests.knowledge import small

EARLY, LATE, TURN, END = date(2020, 1, 1), date(2024, 7, 1), date(2025, 3, 1), date(2027, 2, 28)
SOURCES = {
    "A": Source(title="Luật", holds_from=EARLY, holds_to=END),
    "B": Source(title="Nghị định", holds_from=LATE),
    "C": Source(title="Thí điểm", holds_from=EARLY, holds_to=TURN),
    "D": Source(title="Trang thông tin"),
}
HEADED = {"checked_on": "2026-11-22", "checked_by": "Nhóm", "recheck_days": 365}


def done(item: dict[str, Any], **head: Any) -> dict[str, Any]:
    """One fact after completion, in a file with such a head."""
    tree = {**head, "facts": {"f": {"long": "x", **item}}}
    fact: dict[str, Any] = completed(tree, SOURCES, HEADED)["facts"]["f"]
    return fact


@pytest.mark.parametrize(
    ("cited", "holds_from", "holds_to"),
    [
        (["A"], EARLY, END),
        (["A", "B"], LATE, END),
        (["B", "A Điều 3"], LATE, END),
        (["A", "C"], EARLY, TURN),
        (["B", "C khoản 1", "A"], LATE, TURN),
        (["B", "D"], LATE, None),
    ],
)
def test_a_fact_holds_from_the_latest_start_to_the_earliest_end_of_its_sources(
    cited: list[str], holds_from: date, holds_to: date | None
) -> None:
    fact = done({"sources": cited})
    assert fact["holds_from"] == holds_from
    assert fact.get("holds_to") == holds_to


def test_sources_that_name_no_day_leave_it_to_the_fact() -> None:
    assert "holds_from" not in done({"sources": ["D"]})
    assert done({"sources": ["D"], "holds_from": "2023-01-01"})["holds_from"] == "2023-01-01"


def test_what_a_fact_says_itself_is_kept() -> None:
    own = {
        "sources": ["A", "B"],
        "holds_from": "2026-01-01",
        "holds_to": None,
        "checked_on": "2026-06-01",
        "checked_by": "Cán bộ",
        "recheck_days": 30,
    }
    assert done(own) == {"long": "x", **own}


def test_the_head_of_the_file_stands_in_for_the_fact_and_that_of_common_for_the_file() -> None:
    fact = done({"sources": ["A"]}, checked_by="Cán bộ xã", recheck_days=None)
    assert {name: fact[name] for name in HEAD} == {**HEADED, "checked_by": "Cán bộ xã"}


def test_every_version_has_its_own_dates() -> None:
    tree = {"facts": {"f": [{"long": "x", "sources": ["C"]}, {"long": "y", "sources": ["B"]}]}}
    versions = completed(tree, SOURCES, {})["facts"]["f"]
    assert [(v["holds_from"], v.get("holds_to")) for v in versions] == [(EARLY, TURN), (LATE, None)]


def test_papers_are_completed_like_facts() -> None:
    tree = {"papers": {"p": {"name": "x", "sources": ["A", "B"]}}}
    paper = completed(tree, SOURCES, HEADED)["papers"]["p"]
    assert (paper["holds_from"], paper["checked_by"]) == (LATE, "Nhóm")


def test_facts_of_a_layer_stand_one_deeper() -> None:
    tree = {"facts": {"common": {"f": {"long": "x", "sources": ["A"]}}, "viec": {}}}
    facts = completed(tree, SOURCES, HEADED, layer=True)["facts"]
    assert facts["common"]["f"]["holds_from"] == EARLY
    assert facts["viec"] == {}


def test_a_source_that_is_not_there_is_told_once_and_not_as_a_missing_day() -> None:
    fact = done({"sources": ["A", "NOPE Điều 1"]})
    assert fact["holds_from"] == EARLY
    assert isinstance(done({"sources": ["NOPE"]})["holds_from"], date)


def test_whole_files_are_completed_from_head_and_sources() -> None:
    library = small.library(
        tinh_mot="sources:\n  TINH: {title: Nghị quyết tỉnh, holds_from: 2024-09-01}\n"
        + small.facts(common={"fee": small.fact("x", value=1, source="TINH")})
    )
    old, new = library.common.facts["fee"]
    assert (old.holds_from, old.holds_to) == (date(2020, 1, 1), date(2024, 12, 31))
    assert (new.holds_from, new.holds_to) == (date(2025, 1, 1), None)
    (card,) = library.common.papers["card"]
    (form,) = library.procedures["viec"].papers["form"]  # its file has no head of its own
    assert card.checked_by == form.checked_by == "Người soạn"
    assert card.recheck_days == form.recheck_days == 1000
    (layered,) = library.provinces["tinh-mot"].facts["common"]["fee"]
    assert layered.holds_from == date(2024, 9, 1)


NAMES = ["facts", "papers", "common", "f", "long", "sources", "holds_from", *HEAD]
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["A", "B 1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=25,
)
TREE = st.dictionaries(st.sampled_from(NAMES), PLAIN, max_size=5)


@given(tree=PLAIN | TREE, head=st.dictionaries(st.sampled_from(HEAD), PLAIN))
def test_any_plain_data_is_survived_and_left_as_it_was(tree: Any, head: dict[str, Any]) -> None:
    before = deepcopy(tree)
    found = completed(tree, SOURCES, head)
    assert tree == before
    if isinstance(tree, dict):
        assert list(found) == list(tree)
        assert completed(found, SOURCES, head) == found
    else:
        assert found == tree


@given(
    item=st.dictionaries(st.sampled_from(["sources", "holds_from", "holds_to", *HEAD]), PLAIN),
    head=st.dictionaries(st.sampled_from(HEAD), PLAIN),
)
def test_what_is_written_always_wins(item: dict[str, Any], head: dict[str, Any]) -> None:
    fact = done(item, **head)
    assert {name: fact[name] for name in item} == item
