from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding.segment import Span, segment

VIETNAMESE = st.text(
    alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạấầẩẫậéèẻẽẹìíỉĩịòóỏõọúùủũụýỳỷỹỵ ,.?!0123456789/-\n"
)


def words(text: str) -> list[str]:
    return [text[span.start : span.end] for span in segment(text)]


def true_and_ordered(text: str, spans: list[Span]) -> bool:
    ends = [0, *(span.end for span in spans)]
    return all(
        end <= span.start < span.end <= len(text) for end, span in zip(ends, spans, strict=False)
    )


@pytest.mark.parametrize(
    "text",
    [
        "Uỷ ban xã có uỷ quyền được không",
        "uỷ  quyền   toà án, thuỷ lợi",
        unicodedata.normalize("NFD", "Tôi muốn đăng ký khai sinh ở Uỷ ban"),
        "khai sinh 👶🏽 cho bé",
    ],
)
def test_spans_show_every_word_even_where_underthesea_would_rewrite(text: str) -> None:
    spans = segment(text)
    assert true_and_ordered(text, spans)
    shown = "".join(text[s.start : s.end] for s in spans)
    letters = [c for c in unicodedata.normalize("NFC", text) if c.isalpha()]
    assert [c for c in unicodedata.normalize("NFC", shown) if c.isalpha()] == letters


def test_compounds_are_one_word() -> None:
    assert "khai sinh" in words("Tôi muốn đăng ký khai sinh cho con")


@pytest.mark.parametrize(
    ("text", "thing", "kind"),
    [
        ("0912.345.678 nhắn tôi", "0912.345.678", "phone"),
        ("gọi +84 912 345 678 nhé", "+84 912 345 678", "phone"),
        ("hồ sơ H01.02.03-250701-0001 tới đâu", "H01.02.03-250701-0001", "dossier"),
        ("sinh ngày 02/09/2025 ạ", "02/09/2025", "date"),
        ("xem https://dichvucong.gov.vn/a?b=1 lỗi", "https://dichvucong.gov.vn/a?b=1", "url"),
        ("so 001090012345 cua toi", "001090012345", "number"),
    ],
)
def test_things_are_one_token_of_their_kind(text: str, thing: str, kind: str) -> None:
    assert (thing, kind) in [(text[s.start : s.end], s.kind) for s in segment(text)]


def test_a_segmenter_that_fails_costs_only_the_compounds() -> None:
    def failing(text: str) -> list[str]:
        raise RuntimeError(text)

    assert [s.kind for s in segment("khai sinh", failing)] == ["word", "word"]


def test_a_segmenter_that_invents_words_is_ignored_where_it_does() -> None:
    assert segment("khai sinh", lambda _: ["không", "có", "sinh"]) == [Span(5, 9)]


@given(st.one_of(st.text(max_size=300), VIETNAMESE))
@settings(max_examples=300, deadline=None)
def test_any_text_gets_true_spans(text: str) -> None:
    assert true_and_ordered(text, segment(text))


@given(st.text(max_size=200), st.lists(st.text(max_size=8), max_size=20))
def test_any_segmenter_output_gets_true_spans(text: str, output: list[str]) -> None:
    assert true_and_ordered(text, segment(text, lambda _: output))


def test_a_megabyte_is_segmented_in_bounded_time() -> None:
    for text in ("khai sinh " * 100_000, "a" * 1_000_000, "1." * 500_000):
        assert true_and_ordered(text, segment(text))
