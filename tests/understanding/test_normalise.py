from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import fold
from bot.understanding.normalise import (
    Lexicon,
    LexiconError,
    load_lexicon,
    normal_words,
    raw_words,
)
from bot.understanding.syllables import is_syllable, undo_raw_typing

ROOT = Path(__file__).resolve().parents[2]
LEXICON = Lexicon({"gks": "giấy khai sinh", "dc": "được"}, {"mô": "đâu", "khi mô": "khi nào"})


def normal(text: str, lexicon: Lexicon = LEXICON) -> str:
    return " ".join(normal_words(raw_words(text), lexicon))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Làm GKS đc không", "lam giay khai sinh duoc khong"),
        ("khôngggg", "khong"),
        ("nộp ở mô", "nop o dau mo"),
        ("khi mô xong", "khi nao xong khi mo"),
        ("dia chi o mo", "dia chi o mo"),
        ("toois muoons lafm giaays khai sinh", "toi muon lam giay khai sinh"),
        ("xin ma64u to72 khai", "xin mau to khai"),
        ("mẫu CT07 và TK1", "mau ct07 va tk1"),
    ],
)
def test_spellings_are_read(written: str, read: str) -> None:
    assert normal(written) == read


@given(st.text(alphabet="aàăâbcdđeêghiklmnoôơpqrstuưvxyỹAÀĐỆ 0123,.", max_size=100))
def test_accents_make_no_difference_to_text_without_dialect(text: str) -> None:
    without = Lexicon()
    assert normal(fold(text), without) == normal(text, without)


@pytest.mark.parametrize("word", ["khong", "nghieng", "giay", "quyen", "o", "y", "thuong"])
def test_syllables_are_known(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["gks", "online", "zalo1", "", "khongg", "wtf"])
def test_other_words_are_no_syllables(word: str) -> None:
    assert not is_syllable(word)


@given(st.lists(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789", max_size=8), max_size=12))
def test_undoing_raw_typing_keeps_the_number_of_words(words: list[str]) -> None:
    assert len(undo_raw_typing(words)) == len(words)


def test_one_raw_looking_word_in_a_sentence_is_left_alone() -> None:
    words = ["toi", "muon", "hoi", "ve", "vieecj", "dang", "ky", "tam", "tru", "cho", "em"]
    assert undo_raw_typing(words) == words


def test_the_shipped_lexicon_loads() -> None:
    lexicon = load_lexicon(ROOT / "nlu_data" / "lexicon")
    assert "khong" in normal("ko", lexicon).split()


@pytest.mark.parametrize(
    ("content", "reason"),
    [("- a\n- b\n", "teencode.yml:1"), ("ko: 5\n", "'ko'"), ('a: "b\n', "teencode.yml:")],
)
def test_a_broken_lexicon_is_named(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "teencode.yml").write_text(content, encoding="utf-8")
    with pytest.raises(LexiconError, match=reason):
        load_lexicon(tmp_path)
