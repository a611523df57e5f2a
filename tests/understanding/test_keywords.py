from __future__ import annotations

from pathlib import Path

import pytest

from bot.understanding.facade import from_keyword
from bot.understanding.keywords import (
    KeywordFileError,
    KeywordHit,
    default_grammar,
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
    ],
)
def test_a_broken_grammar_is_named(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "keywords.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(KeywordFileError, match=reason):
        load_grammar(path)
