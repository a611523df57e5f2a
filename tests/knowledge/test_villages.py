"""Villages are found as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.model import Village
from bot.knowledge.villages import find, named, twice
from bot.text import fold
from tests.factories import HOME, library

VILLAGES = (
    Village(key="dinh", name="thôn Đình"),
    Village(key="ben", name="thôn Bến", aliases=("xóm Bến", "xóm Bãi")),
    Village(key="t3", name="thôn 3"),
    Village(key="to3", name="tổ 3"),
    Village(key="dong_tren", name="thôn Đồng Trên"),
    Village(key="dong", name="thôn Đồng"),
)


@pytest.mark.parametrize(
    ("words", "village_key"),
    [
        ("thôn Đình", "dinh"),
        ("DINH", "dinh"),
        ("thon  đình.", "dinh"),
        ("xom bai", "ben"),
        ("làng Bến", "ben"),
        ("thon 03", "t3"),
        ("to 3", "to3"),
        ("thôn Đồng", "dong"),
        ("đồng trên", "dong_tren"),
        ("nhà tôi ở thôn Bến xã mình", "ben"),
        ("3", None),
        ("thôn Hạ", None),
        ("tôi ở thôn Đình hay thôn Bến", None),
        ("", None),
        ("thôn", None),
        ("ở bến", None),
    ],
)
def test_one_village_or_none(words: str, village_key: str | None) -> None:
    found = find(VILLAGES, words)
    assert (found.key if found else None) == village_key


@given(
    st.sampled_from(VILLAGES), st.booleans(), st.booleans(), st.sampled_from(["", " ", ".", "!"])
)
def test_each_village_is_found_by_its_name_however_typed(
    village: Village, plain: bool, loud: bool, tail: str
) -> None:
    words = fold(village.name) if plain else village.name
    assert find(VILLAGES, (words.upper() if loud else words) + tail) == village


@given(st.text(max_size=60))
def test_any_words_do_no_harm(words: str) -> None:
    assert find(VILLAGES, words) in {None, *VILLAGES}


def test_a_village_that_is_gone_from_the_file_is_still_called_something() -> None:
    assert named(VILLAGES, "ben") == "thôn Bến"
    assert named(VILLAGES, "old") == "old"
    assert named(VILLAGES, None) == "chưa rõ thôn"


def test_one_name_for_two_villages_is_noticed() -> None:
    double = (*VILLAGES, Village(key="bai", name="thôn Bãi", aliases=("Xom bai",)))
    assert twice(double) == [(6, "Xom bai")]
    assert twice(VILLAGES) == []
    assert twice(library().communes[HOME].villages) == []
