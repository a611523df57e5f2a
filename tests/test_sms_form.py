"""What is typed about a gateway: any text is either understood or refused with a sentence."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sms_account import FieldLine, KindLine, SmsFault
from bot.sms_form import NUMBERS, OWN, Entry, entered
from integrations.sms.numbers import normalise

KIND = KindLine(
    "kiểu", "Kiểu", "",
    (
        FieldLine("url", "Địa chỉ", required=True),
        FieldLine("token", "Mã", secret=True, required=True),
        FieldLine("key", "Khoá", secret=True, made=True),
        FieldLine("poll", "Tự hỏi", default="no"),
    ),
    receives=True, posts=True, caps=(10, 100, 500),
)  # fmt: skip
THERE = Entry("", {"share": 100}, {"url": "http://x", "poll": "yes"}, {"token": "t", "key": "k"})

told = st.dictionaries(
    st.sampled_from([*OWN, "url", "token", "key", "poll"]),
    st.text() | st.text("0123456789+. ") | st.integers().map(str),
)


@given(told)
def test_any_text_is_taken_or_refused(values: dict[str, str]) -> None:
    with suppress(SmsFault):
        found = entered(KIND, values, THERE, normalise)
        assert all(0 <= n <= NUMBERS[name][1] for name, n in found.numbers.items())
        assert found.options["url"]
        assert found.secrets["token"]
        assert found.secrets["key"]
        # What was taken is taken again, and means the same.
        again = {"own_number": found.own_number, **{n: str(v) for n, v in found.numbers.items()}}
        same = entered(KIND, again, found, normalise)
        assert same == found


def test_an_empty_secret_stays_and_an_empty_option_goes() -> None:
    found = entered(KIND, {"token": " ", "key": "", "poll": ""}, THERE, normalise)
    assert found.secrets == {"token": "t", "key": "k"}
    assert found.options == {"url": "http://x"}


def test_a_key_is_made_where_none_is_given() -> None:
    one, two = (entered(KIND, {"url": "u", "token": "t"}, Entry(), normalise) for _ in range(2))
    assert len(one.secrets["key"]) >= 24
    assert one.secrets["key"] != two.secrets["key"]
    assert "t" in one.secrets["token"]
    assert one.secrets["key"] not in repr(one)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("0912 345 678", "+84912345678"),
        ("+84912345678", "+84912345678"),
        ("8041", "8041"),
        ("UBND-HMAI", "UBND-HMAI"),
    ],
)
def test_a_gateway_is_a_telephone_a_short_code_or_a_name(typed: str, kept: str) -> None:
    assert entered(KIND, {"own_number": typed}, THERE, normalise).own_number == kept


@pytest.mark.parametrize("typed", ["xã Hoa Mai", "UBND XA HOA MAI", "12", "+84", "a\nb"])
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(SmsFault, match="Số của cổng"):
        entered(KIND, {"own_number": typed}, THERE, normalise)
