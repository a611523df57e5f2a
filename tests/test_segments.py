"""What a text costs, against the arithmetic of the standard."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.segments import BASIC, EXTENSION, Segments, count, room, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("GSM-7", 0, 1)),
        ("a" * 160, Segments("GSM-7", 160, 1)),
        ("a" * 161, Segments("GSM-7", 161, 2)),
        ("a" * 306, Segments("GSM-7", 306, 2)),
        ("a" * 307, Segments("GSM-7", 307, 3)),
        ("{" * 80, Segments("GSM-7", 160, 1)),
        ("{" * 81, Segments("GSM-7", 162, 2)),
        # 153 is odd: the bracket that would be cut moves on, one septet stays empty.
        ("{" * 152, Segments("GSM-7", 304, 2)),
        ("{" * 153, Segments("GSM-7", 306, 3)),
        ("ă" * 70, Segments("UCS-2", 70, 1)),
        ("ă" * 71, Segments("UCS-2", 71, 2)),
        ("ă" * 134, Segments("UCS-2", 134, 2)),
        ("ă" * 135, Segments("UCS-2", 135, 3)),
        ("😀" * 35, Segments("UCS-2", 70, 1)),
        ("😀" * 36, Segments("UCS-2", 72, 2)),
        ("😀" * 67, Segments("UCS-2", 134, 3)),
        ("Chào bà", Segments("GSM-7", 7, 1)),
        ("Chào xã", Segments("UCS-2", 7, 1)),
        ("5 € và 10 €", Segments("GSM-7", 13, 1)),
    ],
)
def test_known_counts(text: str, expected: Segments) -> None:
    assert count(text) == expected


def test_the_tables() -> None:
    assert len(BASIC) == 127
    assert len(EXTENSION) == 10
    vietnamese = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
    assert [c for c in vietnamese if c in BASIC] == list("àèéìòù")


def test_decomposed_letters_cost_more() -> None:
    text = "Bà con nhớ mang theo giấy chứng sinh"
    assert count(unicodedata.normalize("NFD", text)).units > count(text).units


texts = st.text(st.characters(), max_size=700) | st.text(st.sampled_from("aé{€ă😀\n"), max_size=700)


@given(texts)
def test_parts_are_the_text_and_each_fits(text: str) -> None:
    segments, parts = count(text), split(text)
    assert "".join(parts) == text
    assert segments.parts == len(parts)
    single, each = (160, 153) if segments.encoding == "GSM-7" else (70, 67)
    limit = single if len(parts) == 1 else each
    for part in parts:
        extra = EXTENSION if segments.encoding == "GSM-7" else {c for c in part if c > "\uffff"}
        assert len(part) + sum(c in extra for c in part) <= limit


@given(texts)
def test_bounds(text: str) -> None:
    segments = count(text)
    single, each = (160, 153) if segments.encoding == "GSM-7" else (70, 67)
    assert (segments.parts == 1) is (segments.units <= single)
    if segments.parts > 1:
        # At most one unit is lost at the end of each part.
        assert -(-segments.units // each) <= segments.parts
        assert (segments.parts - 1) * (each - 1) < segments.units


@given(texts)
def test_ucs2_units_are_those_of_utf16(text: str) -> None:
    segments = count(text)
    if segments.encoding == "UCS-2":
        assert segments.units == len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", 160),
        ("a" * 160, 0),
        ("a" * 161, 145),
        ("{" * 153, 153 - 2),
        ("ă" * 70, 0),
        ("ă" * 71, 63),
        ("😀" * 36, 67 - 6),
    ],
)
def test_the_room_that_is_left_in_the_last_part(text: str, left: int) -> None:
    assert room(text) == left


@given(text=st.text("aă€ 😀", max_size=400))
def test_the_room_that_is_left_costs_no_further_part(text: str) -> None:
    filler = "b" if count(text).encoding == "GSM-7" else "ơ"
    assert count(text + filler * room(text)).parts == count(text).parts
    assert count(text + filler * (room(text) + 1)).parts == count(text).parts + 1
