"""Which procedures a message names."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.text import key
from bot.understanding.naming import NAMES_FILE, NamesFileError, default_names, load_names
from bot.understanding.normalise import load_lexicon, normal_words, raw_words
from bot.understanding.types import CONTENT_ASPECTS, NONE, PROCEDURES

LEXICON = load_lexicon(NAMES_FILE.parent)
NAMES = default_names()


def words(text: str) -> list[str]:
    return normal_words(raw_words(text), LEXICON, keep_dialect=False)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("làm giấy khai sinh cần gì", ("khai_sinh",)),
        ("lam gks can j", ("khai_sinh",)),
        ("mần giấy khai sanh", ("khai_sinh",)),
        ("khai tử chứ không phải khai sinh", ("khai_tu", "khai_sinh")),
        ("xin trích lục khai sinh", ("trich_luc",)),
        ("bố em mất hôm qua", ("khai_tu",)),
        ("vợ mới sinh", ("khai_sinh",)),
        ("dkkh can gi", ("ket_hon",)),
        ("làm sổ đỏ", (NONE,)),
    ],
)
def test_names_and_hints_are_found(text: str, named: tuple[str, ...]) -> None:
    assert NAMES.find(words(text)) == named


@pytest.mark.parametrize(
    "text",
    ["còn lệ phí?", "thế làm online được không", "bao lâu có", "rồi nộp ở đâu", "tôi mất bao lâu",
     "mang theo gì nữa không", "bao giờ có", "rứa mất mấy bữa", "lam onl dc k", "con mat tien ko",
     "nhờ chồng đi được không", "có phải về quê làm không", "cuối tuần có được không"],
)  # fmt: skip
def test_follow_ups_name_nothing(text: str) -> None:
    assert NAMES.find(words(text)) == ()


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("khai tử", "khai_tu"),
        ("đăng ký kết hôn", "ket_hon"),
        ("còn khai tử thì sao?", "khai_tu"),
        ("à tôi hỏi làm giấy khai sinh cơ ạ", "khai_sinh"),
        ("thế giấy độc thân?", "tinh_trang_hon_nhan"),
        ("vậy căn cước của em", "can_cuoc"),
        ("khai tử thế nào", None),
        ("khai tử rồi", None),
        ("chưa kết hôn", "tinh_trang_hon_nhan"),
        ("có đăng ký kết hôn không", None),
        ("khai sinh với khai tử", None),
        ("lệ phí khai tử", None),
        ("mới sinh", None),
    ],
)
def test_a_name_is_all_that_is_said_or_not(text: str, only: str | None) -> None:
    assert NAMES.only(words(text)) == only


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("có cần mang hộ khẩu không", True),
        ("thế có phải công chứng không ạ", True),
        ("phải có giấy kết hôn của bố mẹ không em", True),
        ("co can cccd cua me khong", True),
        ("không có giấy chứng sinh thì sao", True),
        ("có cần photo không", True),
        ("có cần đi cả hai vợ chồng không", False),
        ("có phải làm khai tử không", False),
        ("làm hộ khẩu cần gì không", False),
        ("cần mang hộ khẩu", False),
        ("tôi cần trích lục khai sinh xin ở xã khác được không", False),
        ("em cần giấy độc thân được không", False),
        ("nhà ba người muốn nhập hộ khẩu về ông bà thì có cần mang sổ hộ khẩu không", False),
    ],
)  # fmt: skip
def test_a_question_about_one_paper_is_known(text: str, asks: bool) -> None:
    assert NAMES.asks_for_paper(words(text)) is asks


def test_every_procedure_has_names_as_they_are_compared() -> None:
    assert set(NAMES.names.values()) == set(PROCEDURES) - {NONE}
    for phrase in (*NAMES.names, *NAMES.hints, *NAMES.papers):
        assert " ".join(phrase) == key(" ".join(phrase))
    assert not set(CONTENT_ASPECTS) & set(NAMES.names.values())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("  khai_sinh: [khai sinh", "  khai_xinh: [khai sinh", "khai_xinh"),
        ("  khai_tu: [khai tu", "  khai_tu: [khai sinh", "khai sinh"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, old: str, new: str, reason: str) -> None:
    path = tmp_path / "names.yml"
    path.write_text(NAMES_FILE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(NamesFileError, match=reason):
        load_names(path)
