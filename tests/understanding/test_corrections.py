"""Corrections: what they leave, and what only looks like one."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.understanding.corrections import read_correction
from bot.understanding.naming import default_names
from bot.understanding.training_data import read_examples
from bot.understanding.types import Correction

ROOT = Path(__file__).resolve().parents[2]
NAMES = default_names()

MEANT = [
    ("không, ý tôi là khai tử", "khai tử"),
    ("nhầm, đăng ký kết hôn cơ", "đăng ký kết hôn"),
    ("tôi hỏi lệ phí mà", "lệ phí"),
    ("ý là online ấy", "online"),
    ("ý tôi hỏi là nộp ở đâu", "nộp ở đâu"),
    ("không phải, tôi hỏi giấy tờ", "giấy tờ"),
    ("không phải thế, tôi hỏi làm khai tử ở đâu", "làm khai tử ở đâu"),
    ("hỏi khai tử mà", "khai tử"),
    ("em hỏi phí cơ", "phí"),
    ("mình muốn hỏi kết hôn cơ ạ", "kết hôn"),
    ("em nhầm, khai tử ạ", "khai tử"),
    ("hỏi nhầm, khai tử", "khai tử"),
    ("a nhầm, ý em là lệ phí khai tử", "lệ phí khai tử"),
    ("không tôi hỏi khai tử", "khai tử"),
    ("dạ không, ý con là làm online ạ", "làm online"),
    ("ủa không, tôi hỏi khai tử cơ mà", "khai tử"),
    ("khai tử cơ mà", "khai tử"),
    ("kết hôn kìa", "kết hôn"),
    ("không, làm online", "làm online"),
    ("không, ý tôi là làm khai tử cần gì?", "làm khai tử cần gì?"),
    # dialect, chat spelling, no diacritics
    ("tui nói khai tử mờ", "khai tử"),
    ("hổng phải, ý tui là khai tử", "khai tử"),
    ("không phải rứa, tui hỏi khai tử", "khai tử"),
    ("lộn rồi, tui hỏi kết hôn", "kết hôn"),
    ("y e la ks", "ks"),
    ("kp, e hoi le phi", "le phi"),
    ("kg phai, hoi le phi", "le phi"),
    ("khong, khai tu", "khai tu"),
    ("khong phai toi hoi le phi", "le phi"),
    ("ko, y m la dk ket hon", "dk ket hon"),
    ("nham roi, khai tu co", "khai tu"),
    ("khai tu co", "khai tu"),
    ("toi hoi le phi ma", "le phi"),
]
DENIED = [
    ("không phải khai sinh, khai tử", "khai tử", ("khai_sinh",)),
    ("khong phai khai sinh ma la khai tu", "khai tu", ("khai_sinh",)),
    ("khai tử chứ không phải khai sinh", "khai tử", ("khai_sinh",)),
    ("tôi hỏi khai tử chứ không phải khai sinh", "khai tử", ("khai_sinh",)),
    ("y minh la khai tu chu khong phai khai sinh", "khai tu", ("khai_sinh",)),
    ("k phải ks, kt", "kt", ("khai_sinh",)),
    ("không phải lệ phí, tôi hỏi nộp ở đâu", "nộp ở đâu", ()),
    ("không phải khai sinh", "", ("khai_sinh",)),
    ("tôi không hỏi khai sinh", "", ("khai_sinh",)),
    ("không hỏi khai sinh đâu", "", ("khai_sinh",)),
]
NOTHING_MEANT = [
    "nhầm rồi", "không phải thế", "ý tôi không phải vậy", "bạn hiểu sai ý tôi rồi", "không đúng",
    "trả lời nhầm rồi", "đâu phải hỏi cái đó", "sai rồi", "khong phai vay", "lộn rồi ad ơi",
    "không phải cái đó", "hiểu nhầm rồi", "ko phai y do",
]  # fmt: skip
NO_CORRECTION = [
    "giấy khai sinh ghi nhầm tên thì sao", "nhầm tên trong khai sinh", "sai tên rồi",
    "in sai rồi, giờ sửa ở đâu", "em khai nhầm rồi, giờ sửa sao",
    "không phải đóng tiền đúng không", "không phải nộp lệ phí à, thế nộp ở đâu",
    "không có giấy chứng sinh thì làm được không", "không có, mẹ cháu giữ rồi",
    "không phải làm lại giấy khai sinh đúng không", "không phải khai tử à?",
    "không, mẹ cháu đi khai", "không, cảm ơn", "không", "chưa", "khai tử có mất tiền không",
    "ý kiến đóng góp gửi đâu", "sao y bản chính ở đâu", "y tế xã ở đâu", "bao lau thi co",
    "báo tử thì ra chỗ mô rứa", "hồi mô thì có", "tôi hỏi lệ phí khai sinh",
    "hỏi về khai tử", "tôi muốn hỏi kết hôn", "làm khai sinh cần gì", "nói nhảm", "",
    "con lớn rồi, giờ mới khai sinh", "nhà trọ chủ không cho nhập khẩu thì sao", "mấy chú ơi",
]  # fmt: skip


@pytest.mark.parametrize(("text", "rest"), MEANT)
def test_what_is_meant_is_what_a_correction_leaves(text: str, rest: str) -> None:
    assert read_correction(text, NAMES) == Correction(rest)


@pytest.mark.parametrize(("text", "rest", "denied"), DENIED)
def test_what_is_denied_is_told_apart(text: str, rest: str, denied: tuple[str, ...]) -> None:
    assert read_correction(text, NAMES) == Correction(rest, denied)


@pytest.mark.parametrize("text", NOTHING_MEANT)
def test_a_correction_may_say_nothing_else(text: str) -> None:
    assert read_correction(text, NAMES) == Correction("")


@pytest.mark.parametrize("text", NO_CORRECTION)
def test_a_question_or_an_answer_is_no_correction(text: str) -> None:
    assert read_correction(text, NAMES) is None


def test_hardly_any_utterance_that_we_train_on_looks_like_one() -> None:
    texts = [example.text for example in read_examples(ROOT / "nlu_data")]
    found = [text for text in texts if read_correction(text, NAMES)]
    assert len(found) <= len(texts) / 1000, found


def test_text_that_is_not_nfc_is_left_alone() -> None:
    text = unicodedata.normalize("NFD", "không, ý tôi là khai tử")
    assert read_correction(text, NAMES) is None


PARTS = [
    "không", "không phải", ",", "ý", "tôi", "là", "khai tử", "nhầm", "rồi", "cơ", "mà", "hỏi",
    "lệ phí", "chứ", "kp", "k", "e", "y", "sai", "đâu", "ạ", "?", "thế", "hiểu", "🙂", ".",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=80) | st.lists(st.sampled_from(PARTS), max_size=12).map(" ".join))
def test_of_any_text_a_correction_leaves_some_of_its_words(text: str) -> None:
    correction = read_correction(text, NAMES)
    if correction is not None:
        assert correction.rest.removesuffix("?") in text
        assert correction.rest != text
