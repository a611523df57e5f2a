from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.spelling import Speller

UTTERANCES = [
    "dang ky khai sinh cho con can giay to gi",
    "dang ky ket hon o dau",
    "giay khai sinh mat bao nhieu tien",
    "lam giay khai sinh bao lau",
    "xin giay xac nhan doc than",
] * 3
SPELLER = Speller.fit([line.split() for line in UTTERANCES])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("khia sihn", "khia sinh"),  # "khia" can be a syllable: left alone
        ("giayy khai snih", "giay khai sinh"),
        ("dangky kethon odau", "dang ky ket hon o dau"),
        ("giaykhaisinh", "giay khai sinh"),
        ("khaii sinhh", "khai sinh"),
    ],
)
def test_slips_are_mended(typed: str, meant: str) -> None:
    assert " ".join(SPELLER.correct(typed.split())) == meant


@pytest.mark.parametrize(
    "right", ["khai sinh", "trau bo", "ct07 2026", "xyz", "a b", "qqqqqqqqqqqq"]
)
def test_what_is_right_or_unknown_stays(right: str) -> None:
    assert SPELLER.correct(right.split()) == right.split()


def test_the_neighbours_choose_between_candidates() -> None:
    speller = Speller.fit([["con", "trai"], ["con", "trai"], ["an", "chai"], ["an", "chai"]] * 2)
    assert speller.correct(["con", "tchai"])[-1] == "chai"
    assert speller.correct(["con", "trrai"]) == ["con", "trai"]


def test_a_speller_that_learned_nothing_changes_nothing() -> None:
    assert Speller().correct(["khaisinh", "zzz"]) == ["khaisinh", "zzz"]


@given(st.lists(st.text(min_size=1, max_size=30), max_size=12))
def test_nothing_is_lost_or_raised(words: list[str]) -> None:
    corrected = SPELLER.correct(words)
    assert len(corrected) >= len(words)
