from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import fold
from bot.understanding.arguments import READERS, dossier_code, number, secret
from bot.understanding.facade import from_keyword
from bot.understanding.keywords import (
    MAX_WITH_ARGUMENT,
    KeywordFileError,
    KeywordHit,
    conflicts,
    default_grammar,
    laid_over,
    load_grammar,
    match,
)


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("KS", KeywordHit("khai_sinh", "khai_sinh")),
        (" ks. ", KeywordHit("khai_sinh", "khai_sinh")),
        ("K S", KeywordHit("khai_sinh", "khai_sinh")),
        ("K.S.", KeywordHit("khai_sinh", "khai_sinh")),
        ("kt", KeywordHit("khai_tu", "khai_tu")),
        ("Kh", KeywordHit("ket_hon", "ket_hon")),
        ("CT", KeywordHit("chung_thuc", "chung_thuc")),
        ("hn", KeywordHit("tinh_trang_hon_nhan", "tinh_trang_hon_nhan")),
        ("KS PHI", KeywordHit("khai_sinh", "khai_sinh", "le_phi")),
        ("phí ks", KeywordHit("khai_sinh", "khai_sinh", "le_phi")),
        ("KS HỒ SƠ", KeywordHit("khai_sinh", "khai_sinh", "ho_so")),
        ("ks online", KeywordHit("khai_sinh", "khai_sinh", "truc_tuyen")),
        ("CT GIO", KeywordHit("chung_thuc", "chung_thuc", "gio_lam_viec")),
        ("dk ks", KeywordHit("khai_sinh", "khai_sinh", "cach_lam")),
        ("giờ", KeywordHit("hours", None, "gio_lam_viec")),
        ("GẶP!", KeywordHit("person", None, "gap_can_bo")),
        ("CB", KeywordHit("person", None, "gap_can_bo")),
        ("hủy", KeywordHit("stop")),
        ("STOP", KeywordHit("stop")),
        ("TC", KeywordHit("stop")),
        ("tiếp", KeywordHit("next")),
        ("Xoá", KeywordHit("erase")),
        ("dữ liệu", KeywordHit("my_data")),
        ("TG", KeywordHit("help")),
        ("giúp", KeywordHit("help")),
        ("?", KeywordHit("help")),
    ],
)
def test_keywords_match_whatever_their_case_accents_and_punctuation(
    text: str, hit: KeywordHit
) -> None:
    assert match(text) == hit


@pytest.mark.parametrize(
    "text",
    [
        "gap cháu bé cần giấy tờ gì",
        "xoá đăng ký thường trú",
        "hủy hồ sơ giúp em",
        "ks cho con toi can gi",
        "giờ này còn làm không",
        "đúng",
        "tiếp nhận hồ sơ ở đâu",
        "khai sinh lỗi",
        "phí",
        "hồ sơ",
        "",
        "hồ sơ của tôi đến đâu rồi",
        "HS của em nộp hôm 5 tháng 11 sao chưa có",
        "HS 5/12",
        "nhắc 5/12",
        "nhắc tôi ngày 5/12 nhé",
        "huỷ giúp em hồ sơ 15 ngày trước",
        "đk ban sao",
        "dk xe may",
        "đăng ký thường trú ở thôn Bến",
        "mã số thuế",
        "dung",
        "Tâm Anh",
        "??",
        "😀",
        "KS " * 5000,
    ],
)
def test_free_text_is_no_keyword(text: str) -> None:
    assert match(text) is None


def test_every_main_procedure_has_a_keyword() -> None:
    found = {hit.procedure for word in ("KS", "KT", "KH", "CT", "HN") if (hit := match(word))}
    assert found == {"khai_sinh", "khai_tu", "ket_hon", "chung_thuc", "tinh_trang_hon_nhan"}


def test_the_phrases_of_a_command_all_match_it() -> None:
    phrases = default_grammar().phrases("stop")
    assert {"huy", "tc", "stop"} <= set(phrases)
    assert all(match(phrase) == KeywordHit("stop") for phrase in phrases)


@pytest.mark.parametrize(
    ("text", "decision", "procedure", "aspect"),
    [
        ("KS", "answer", "khai_sinh", "cach_lam"),
        ("KS PHI", "answer", "khai_sinh", "le_phi"),
        ("GIO", "smalltalk", "none", "gio_lam_viec"),
        ("CT GIO", "smalltalk", "chung_thuc", "gio_lam_viec"),
        ("GAP", "handover", "none", "gap_can_bo"),
        ("HUY", "smalltalk", "none", "cach_lam"),
    ],
)
def test_a_keyword_is_understood_with_certainty(
    text: str, decision: str, procedure: str, aspect: str
) -> None:
    hit = match(text)
    assert hit is not None
    meant = from_keyword(text, hit)
    assert (meant.decision, meant.procedure, meant.aspect) == (decision, procedure, aspect)
    assert (meant.confidence, meant.keyword) == (1.0, hit.name)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("keywords: [{name: x, procedure: nope, words: [A]}]\naspects: {}", "no such procedure"),
        ("keywords: [{name: x, aspect: nope, words: [A]}]\naspects: {}", "no such aspect"),
        ("keywords: []\naspects: {nope: [A]}", "no such aspect"),
        (
            "keywords: [{name: x, words: [A]}, {name: y, words: [à]}]\naspects: {}",
            "in two entries",
        ),
        (
            "keywords: [{name: x, words: [A], argument: [nope]}]\naspects: {}",
            "no such argument",
        ),
    ],
)
def test_a_broken_grammar_is_named(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "keywords.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(KeywordFileError, match=reason):
        load_grammar(path)


# --- arguments --------------------------------------------------------------------------

CODE = "H562311200001"


@pytest.mark.parametrize(
    ("text", "name", "argument"),
    [
        ("HS H56-231120-0001", "dossier", CODE),
        ("hs: H56-231120-0001", "dossier", CODE),
        ("Hs.h56 231120 0001", "dossier", CODE),
        ("HSH562311200001", "dossier", CODE),
        ("HS 000.00.08.H56-231120-0001", "dossier", f"0000008{CODE}"),
        ("HS000.00.08.H56-231120-0001", "dossier", f"0000008{CODE}"),
        ("hồ sơ H56–231120–0001 ạ", "dossier", CODE),
        ("mã hồ sơ 1187", "dossier", "1187"),
        ("HS 123 cam on", "dossier", "123"),
        ("Dạ HS123 cảm ơn cán bộ.", "dossier", "123"),
        ("em oi hs 123 nhé", "dossier", "123"),
        ("H56-231120-0001", "dossier", CODE),
        (" h56 231120 0001. ", "dossier", CODE),
        ("HS", "dossier", None),
        ("NHAC", "remind", None),
        ("nhắc h56-231120-0001", "remind", CODE),
        ("HUY 2", "stop", "2"),
        ("huỷ2", "stop", "2"),
        ("HUY số 2 nhé", "stop", "2"),
        ("HUY H56-231120-0001", "stop", CODE),
        ("STOP 12345", "stop", "12345"),
        ("Stop. Thank you", "stop", None),
        ("HUY, cảm ơn!", "stop", None),
        ("Thôi nhắc ạ", "stop", None),
        ("đừng nhắn tin", "stop", None),
        ("MA 123456", "prove", "123456"),
        ("mã: 123 456", "prove", "123456"),
        ("Mã xác nhận là 123456", "prove", "123456"),
        ("DK", "subscribe", None),
        ("ĐK", "subscribe", None),
        ("DK thôn Xa Lắc", "subscribe", "thon xa lac"),
        ("DK KS", "khai_sinh", None),
        ("HS KHAI SINH", "khai_sinh", None),
    ],
)
def test_what_stands_after_a_keyword_is_read_in_one_spelling(
    text: str, name: str, argument: str | None
) -> None:
    hit = match(text)
    assert hit is not None
    assert (hit.name, hit.argument) == (name, argument)


def test_an_argument_is_handed_on_with_the_understanding() -> None:
    hit = match("HS H56-231120-0001")
    assert hit is not None
    meant = from_keyword("HS H56-231120-0001", hit)
    assert (meant.keyword, meant.argument) == ("dossier", CODE)
    assert (meant.decision, meant.procedure, meant.aspect) == ("answer", "none", "trang_thai")


@pytest.mark.parametrize(
    "text",
    ["DK DNC", "HUY DNC", "dk dnc.", "TTTB", "KTTK", "S 84912345678 rac", "DK 4G", "TC DATA"],
)
def test_what_is_meant_for_the_telephone_company_is_not_taken(text: str) -> None:
    assert match(text) is None


WORDS = sorted({text for text, hit in default_grammar().hits.items() if text != "?"})
ARGUMENTS = ["HS H56-231120-0001", "HUY 2", "NHAC 12345", "MA 123456", "DK thon Xa"]
MARKS = st.lists(st.sampled_from("\u0300\u0301\u0303\u0309\u0323\u0302\u031b"), max_size=2)


@st.composite
def disguised(draw: st.DrawFn, text: str) -> str:
    """``text`` in another case, with diacritics strewn in and marks around it."""
    letters = []
    for letter in text:
        letters.append(draw(st.sampled_from([letter.lower(), letter.upper()])))
        if letter.lower() in "aeiouy":
            letters += draw(MARKS)
    around = st.sampled_from(["", " ", ".", "! ", " - ", '"', "…"])
    return unicodedata.normalize("NFC", draw(around) + "".join(letters) + draw(around))


@given(data=st.data(), text=st.sampled_from([*WORDS, *ARGUMENTS]))
def test_case_accents_and_marks_change_no_keyword(data: st.DataObject, text: str) -> None:
    assert match(data.draw(disguised(text))) == match(text)


@given(text=st.text(max_size=100) | st.lists(st.sampled_from(
    ["hs", "HUY", "dk", "ma", "nhac", "thôn", "H56", "231120", "0001", "2", "-", ".", " ", "cảm ơn"]
), max_size=9).map(" ".join))  # fmt: skip
def test_matching_never_fails_and_an_argument_reads_as_itself(text: str) -> None:
    hit = match(text)
    if hit is None or hit.argument is None:
        return
    assert len(text) <= MAX_WITH_ARGUMENT
    assert any(reader(hit.argument) == hit.argument for reader in READERS.values())


@given(text=st.text(max_size=60) | st.text("H56-. 0123/áđ:", max_size=30))
def test_every_reader_takes_its_own_spelling(text: str) -> None:
    for reader in READERS.values():
        read = reader(text)
        assert read is None or reader(read) == read


@given(
    province=st.integers(1, 63),
    day=st.dates().map("{:%y%m%d}".format),
    number=st.integers(0, 999999),
    gap=st.sampled_from(["-", " - ", " ", ".", "", "–"]),
    lower=st.booleans(),
)
def test_a_code_is_found_however_it_is_typed(
    province: int, day: str, number: int, gap: str, lower: bool
) -> None:
    plain = f"H{province:02}{day}{number:04}"
    typed = gap.join((f"H{province:02}", day, f"{number:04}"))
    assert dossier_code(typed.lower() if lower else typed) == plain


def test_numbers_and_secrets_are_what_they_seem() -> None:
    assert (number("số 3"), number("03"), number("0"), number("123")) == ("3", "3", None, None)
    assert (secret("1234"), secret("123"), secret("1234567")) == ("1234", None, None)


# --- a commune's own words --------------------------------------------------------------

OWN = [(("SINH", "DE CON"), "khai_sinh"), (("LE PHI SINH",), "khai_sinh+le_phi"),
       (("MAY GIO",), "hours")]  # fmt: skip


def test_a_commune_adds_words_to_the_shipped_ones() -> None:
    grammar = laid_over(default_grammar(), OWN)
    assert conflicts(default_grammar(), OWN) == []
    assert grammar.match("sinh!") == KeywordHit("khai_sinh", "khai_sinh")
    assert grammar.match("Đẻ con phí") == KeywordHit("khai_sinh", "khai_sinh", "le_phi")
    assert grammar.match("lệ phí sinh") == KeywordHit("khai_sinh", "khai_sinh", "le_phi")
    assert grammar.match("Mấy giờ ạ") == KeywordHit("hours", None, "gio_lam_viec")
    assert grammar.match("KS") == match("KS")


def test_villages_make_arguments_of_their_names() -> None:
    grammar = laid_over(default_grammar(), [], lambda words: {"ben": "ben"}.get(fold(words)))
    assert grammar.match("DK BEN") == replace(match("DK") or KeywordHit("-"), argument="ben")
    assert grammar.match("DK Chợ") is None


@pytest.mark.parametrize(
    ("words", "means", "reason"),
    [
        (("KT",), "khai_sinh", "đã dùng cho “khai_tu”"),
        (("Huỷ",), "hours", "đã dùng cho “stop”"),
        (("HUY 3",), "hours", "đã dùng cho “stop”"),
        (("A1", "a1"), "hours", ""),
        (("A1", "A1"), "nope", "không có việc “nope”"),
        (("A1",), "hours+le_phi", "không có việc"),
        (("A1",), "khai_sinh+nope", "không có việc"),
        (("DK DNC",), "hours", "nhà mạng"),
        (("12",), "hours", "số chọn"),
        (("?!",), "hours", "không dùng làm từ khoá được"),
        (("x" * 50,), "hours", "không dùng làm từ khoá được"),
    ],
)
def test_words_that_cannot_be_used_are_named_and_left_out(
    words: tuple[str, ...], means: str, reason: str
) -> None:
    found = conflicts(default_grammar(), [(words, means)])
    assert bool(found) == bool(reason)
    assert all(reason in one.reason for one in found)
    grammar = laid_over(default_grammar(), [(words, means)])
    if reason:
        assert [grammar.match(word) for word in words] == [match(word) for word in words]


def test_the_same_word_for_two_things_is_a_conflict() -> None:
    (found,) = conflicts(default_grammar(), [(("A1",), "hours"), (("á1",), "help")])
    assert (found.entry, found.word) == (1, 0)
