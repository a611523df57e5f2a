"""Cleaning, folding, masking and the characters of an SMS."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import MASK, clean, fold, for_sms, key, mask_ids

GSM_BASIC = frozenset(string.ascii_letters + string.digits + " \n@$_!\"#%&'()*+,-./:;<=>?")
SEPARATORS = st.sampled_from(["", " ", ".", "-", " - ", ", ", "\u00a0", "_", "\n"])


@pytest.mark.parametrize(
    "number",
    ["001090012345", "001 090 012 345", "0010.9001.2345", "001-090-012345", "001 - 090 - 012345",
     "0 0 1 0 9 0 0 1 2 3 4 5", "001090\u00a0012345", "００１０９００１２３４５", "012345678",
     "123456789"],
)  # fmt: skip
def test_an_identity_number_is_hidden_however_it_is_grouped(number: str) -> None:
    assert mask_ids(f"cccd {number} nhé") == f"cccd {MASK} nhé"
    assert mask_ids(number) == MASK


@given(digits=st.from_regex(r"0[0-9]{11}", fullmatch=True), gap=SEPARATORS)
def test_any_twelve_digits_in_threes_or_fours_are_hidden(digits: str, gap: str) -> None:
    threes = gap.join(re.findall("...", digits))
    fours = gap.join(re.findall("....", digits))
    for number in (digits, threes, fours):
        masked = mask_ids(f"số {number}.")
        assert masked == f"số {MASK}."


@given(digits=st.from_regex(r"0[35789][0-9]{8}", fullmatch=True), beside=st.integers(0, 99))
def test_a_phone_number_stays_also_beside_another_number(digits: str, beside: int) -> None:
    grouped = f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    abroad = f"+84{digits[1:]}"
    for phone in (digits, grouped, abroad, abroad[1:]):
        for said in (f"gọi {phone} nhé", f"gọi {phone} {beside:02}h", f"{beside:02} {phone}"):
            assert mask_ids(said) == said


def test_two_numbers_beside_each_other_are_told_apart() -> None:
    said = "sđt 0912345678, cccd 001090012345"
    assert mask_ids(said) == f"sđt 0912345678, cccd {MASK}"
    assert mask_ids("001090012345 0912345678") == f"{MASK} 0912345678"


@pytest.mark.parametrize(
    "said",
    ["000.00.08.H56-231120-0001", "hồ sơ H56.08-231120-0001", "G01.899.108.000-230805-0012",
     "HS h56 231120 0001", "HSH562311200001", "nhach56.231120.0001", "H56_231120_0001",
     "ngày 05/08/2026 10h30", "5/8/2026", "1.001193", "8.000 đồng", "113", "thửa 123 tờ 45"],
)  # fmt: skip
def test_codes_dates_and_amounts_stay(said: str) -> None:
    assert mask_ids(said) == said


@pytest.mark.parametrize("said", ["căn cướch001011512345", "H56 239920 0001", "K001011512345"])
def test_twelve_digits_after_a_letter_are_no_code_by_that_alone(said: str) -> None:
    assert MASK in mask_ids(said)


@given(st.text(max_size=200))
def test_cleaning_any_text_leaves_nothing_hidden_and_cleans_once(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not re.search(r"[\x00-\x08\x0e-\x1f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", cleaned)


@given(st.text(max_size=200), st.integers(1, 50))
def test_cleaning_keeps_to_its_limit(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit


def test_cleaning_drops_what_databases_and_eyes_do_not_take() -> None:
    assert clean("ch\x00ào \ud83d bà\u202e con\u2067") == "chào  bà con"
    assert clean("e\u0302\u0301") == "ế"


@given(st.text())
def test_an_sms_has_only_characters_of_one_septet(text: str) -> None:
    assert set(for_sms(text)) <= GSM_BASIC


def test_an_sms_reads_like_the_text_without_its_diacritics() -> None:
    assert for_sms("“Giấy khai sinh” – Đường…  số {5}") == '"Giay khai sinh" - Duong... so (5)'


@given(st.text())
def test_a_key_is_plain_words_and_its_own_key(text: str) -> None:
    assert re.fullmatch(r"[0-9a-z ]*", key(text))
    assert key(key(text)) == key(text)


def test_folding_keeps_case_and_folds_both_forms_alike() -> None:
    assert fold("Đặng Thuỳ Trâm") == "Dang Thuy Tram"
    assert fold("e\u0302\u0301") == fold("ế") == "e"
