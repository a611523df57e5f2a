"""YAML with line numbers: what it understands and what it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.document import MAX_CHARS, read


def test_values_stay_what_they_look_like() -> None:
    text = """\
code: 1.001193
day: 2026-11-22
time: 13:30
no: no
number: 60
yes: true
nothing: null
quoted: "60"
list: [a, 2]
"""
    document, faults = read("x.yaml", text)
    assert faults == []
    assert document is not None
    assert document.data == {
        "code": "1.001193",
        "day": "2026-11-22",
        "time": "13:30",
        "no": "no",
        "number": 60,
        "yes": True,
        "nothing": None,
        "quoted": "60",
        "list": ["a", 2],
    }


def test_every_value_knows_its_line() -> None:
    document, _ = read("x.yaml", "a:\n  b: 1\n  c:\n    - x\n    - y: 2\n")
    assert document is not None
    assert document.line("a", "b") == 2
    assert document.line("a", "c", 1, "y") == 5
    assert document.line("a", "c", 1, "missing", "deeper") == 5
    assert document.line() == 1


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 1\na: 2\n", 2, "lặp lại"),
        ("a: &x 1\nb: 2\n", 1, "neo"),
        ("a: *x\n", 1, "neo"),
        ("a: !!python/object:os.system x\n", 1, "thẻ"),
        ("a: [1\nb: 2\n", 2, "YAML"),
        ("a: b: c\n", 1, "YAML"),
        ("? [a]\n: b\n", 1, "tên mục"),
        ("", 1, "trống"),
        ("a: 1\n---\nb: 2\n", 1, "một tài liệu"),
        ("[" * 60 + "]" * 60, 1, "quá sâu"),
        ('a: "\\ud800"', 1, "Unicode"),
        ('"\\ud800": 1', 1, "Unicode"),
    ],
)
def test_what_is_refused(text: str, line: int, word: str) -> None:
    document, faults = read("x.yaml", text)
    assert document is None
    assert faults[0].line == line
    assert word in faults[0].reason
    assert str(faults[0]).startswith(f"x.yaml:{line}: ")


def test_a_file_that_is_far_too_long_is_not_read() -> None:
    document, faults = read("x.yaml", "a" * (MAX_CHARS + 1))
    assert document is None
    assert "quá dài" in faults[0].reason


@given(st.text(max_size=300))
def test_any_text_gives_a_document_or_faults(text: str) -> None:
    document, faults = read("x.yaml", text)
    assert (document is None) == bool(faults)


@given(st.text(alphabet="ab:-[]{}&*!|>?'\"#%,\n \\u", max_size=120))
def test_any_punctuation_gives_a_document_or_faults(text: str) -> None:
    document, faults = read("x.yaml", text)
    assert (document is None) == bool(faults)
