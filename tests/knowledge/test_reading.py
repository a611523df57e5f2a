"""How long sentences are, which abbreviations nobody explained, and what is looked at."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.document import Document, read
from bot.knowledge.loader import read_texts
from bot.knowledge.reading import (
    COMFORTABLE,
    EXPLAINED,
    MAX_SYLLABLES,
    abbreviations,
    read_aloud,
    sentences,
    spoken,
)
from tests.knowledge.conftest import FAQ


def document(text: str, file: str = "faq/x.yaml") -> Document:
    found, faults = read(file, text)
    assert faults == []
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Mang theo căn cước.", [("Mang theo căn cước.", 4)]),
        ("Đi sớm! Mấy giờ? Bảy.", [("Đi sớm!", 2), ("Mấy giờ?", 2), ("Bảy.", 1)]),
        ("Phải nộp: bản sao; thẻ", [("Phải nộp:", 2), ("bản sao;", 2), ("thẻ", 1)]),
        ("Dòng một\nDòng hai\n\nBa", [("Dòng một", 2), ("Dòng hai", 2), ("Ba", 1)]),
        ("Hết 8.000 đồng lúc 7h30.", [("Hết 8.000 đồng lúc 7h30.", 6)]),
        ("Vào dichvucong.gov.vn xem.", [("Vào dichvucong.gov.vn xem.", 5)]),
        ("Cha, mẹ (hoặc ông bà) đi.", [("Cha, mẹ (hoặc ông bà) đi.", 6)]),
        ("", []),
        (" ... – ! \n", []),
    ],
)
def test_syllables_are_counted_sentence_by_sentence(
    text: str, counted: list[tuple[str, int]]
) -> None:
    assert list(sentences(text)) == counted


@given(st.text(alphabet="aăđ ,.:;!?\n(7", max_size=80))
def test_no_syllable_is_lost_between_sentences(text: str) -> None:
    found = list(sentences(text))
    assert sum(count for _, count in found) == len(re.findall(r"\w+", text))
    assert all(count > 0 and sentence == sentence.strip() for sentence, count in found)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Mang thẻ BHYT và sổ BHXH.", ["BHYT", "BHXH"]),
        ("Theo NĐ-CP số 18/2026/NĐ-CP.", ["NĐ", "CP", "NĐ", "CP"]),
        ("UBND xã, mã OTP, mẫu CT01, thẻ SIM, quét QR.", []),
        ("Giờ GMT+7 và mẫu TK3", ["GMT", "TK3"]),
        ("Ông A và bà B, Đ.", []),
        ("VNeID, Zalo, dichvucong.gov.vn", []),
        ("Chỗ {BHYT.value} được điền, còn TTHC thì không.", ["TTHC"]),
    ],
)
def test_words_in_capitals_that_nobody_explained_are_named(text: str, unknown: list[str]) -> None:
    assert abbreviations(text) == unknown


def test_keywords_of_procedures_are_known_where_they_are_told() -> None:
    assert abbreviations("Nhắn LKS hoặc TL.") == ["LKS", "TL"]
    assert abbreviations("Nhắn LKS hoặc TL.", ["LKS", "TL"]) == []
    assert "LKS" not in EXPLAINED


CONTENT = """\
id: KS
name: Tên việc BTP
keyword: KS
variants:
  - {id: thuong, name: Tên chính thức BTP}
facts:
  f: {long: Câu dài., short: Cau ngan., sources: [LHT Điều 1]}
papers:
  p: {name: Giấy, short: giay, where: Ở xã., waived: Có trên hệ thống.}
checklist:
  questions:
    - {ask: Hỏi gì?, why: Vì sao., short: Hoi, options: [{label: Nút, short: nut, cues: [nói]}]}
  papers:
    - {paper: p, case: nếu có, case_short: neu co}
"""


def test_what_citizens_read_is_looked_at_and_official_names_are_not() -> None:
    assert [text for _, text in spoken(document(CONTENT))] == [
        "Tên việc BTP",
        "Câu dài.",
        "Giấy",
        "Ở xã.",
        "Có trên hệ thống.",
        "Hỏi gì?",
        "Vì sao.",
        "Nút",
        "nếu có",
    ]
    sources = document("LHT:\n  title: Luật BTP\n  name: x\nsources:\n  A: {name: Luật BTP}\n")
    assert [path for path, _ in spoken(sources)] == [("LHT", "name")]


def test_the_longest_sentence_comes_first_with_its_place() -> None:
    files = [document("a: {long: Một hai.}\nb:\n  long: Một hai ba. Bốn.\n", "faq/b.yaml")]
    files.append(document("c: {long: Một hai ba.}\n", "faq/a.yaml"))
    found = [(one.file, one.line, one.text, one.syllables) for one in read_aloud(files)]
    assert found == [
        ("faq/a.yaml", 1, "Một hai ba.", 3),
        ("faq/b.yaml", 3, "Một hai ba. Bốn.".partition(" Bốn")[0], 3),
        ("faq/b.yaml", 1, "Một hai.", 2),
        ("faq/b.yaml", 3, "Bốn.", 1),
    ]
    assert read_aloud([]) == []


def test_nothing_that_is_shipped_takes_more_than_a_breath_and_most_is_comfortable() -> None:
    texts, _ = read_texts(FAQ)
    counts = [one.syllables for one in read_aloud(document(t, n) for n, t in texts.items())]
    assert max(counts) <= MAX_SYLLABLES
    assert sum(count <= COMFORTABLE for count in counts) / len(counts) > 0.9
