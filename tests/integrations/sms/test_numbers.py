"""Phone numbers: one spelling for storage, and nobody answered who is a machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.sms.numbers import is_answerable, normalise

OWN = "0900000001"


@pytest.mark.parametrize(
    "raw",
    [
        "0912345678",
        "+84912345678",
        "84912345678",
        "0912 345 678",
        "0912.345.678",
        " +84 912-345-678 ",
        "(091) 2345678",
    ],
)
def test_one_number_has_one_spelling(raw: str) -> None:
    assert normalise(raw) == "+84912345678"
    assert is_answerable(raw, OWN)


def test_landlines_and_foreign_numbers() -> None:
    assert normalise("02438123456") == "+842438123456"
    assert normalise("+8562055512345") == "+8562055512345"
    assert normalise("0842345678") == "+84842345678"


@pytest.mark.parametrize(
    "raw",
    ["", "VIETTEL", "Mobifone", "191", "9029", "888888", "+84", "++84912345678", "0912345678x"],
)
def test_names_and_short_codes_are_no_numbers(raw: str) -> None:
    assert normalise(raw) is None
    assert not is_answerable(raw, OWN)


@pytest.mark.parametrize("raw", ["19001009", "18008098", "+84900000001", "0900000001"])
def test_service_lines_and_ourselves_are_never_answered(raw: str) -> None:
    assert not is_answerable(raw, OWN)


@given(st.text(max_size=40) | st.from_regex(r"\+?[0-9 ]{0,20}", fullmatch=True))
def test_any_text_is_judged(raw: str) -> None:
    number = normalise(raw)
    if number is None:
        assert not is_answerable(raw)
    else:
        assert number.startswith("+")
        assert number[1:].isdecimal()
        assert normalise(number) == number
