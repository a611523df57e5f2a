"""What a commune's file adds to the keywords, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.knowledge.errors import ContentFault
from bot.knowledge.keywords import grammar_of, keyword_faults
from bot.knowledge.loader import build, laid_over, parse, read_texts
from bot.knowledge.model import Commune
from tests.knowledge.conftest import FAQ

FILE = "communes/hoa-mai.yaml"


def with_more(more: str) -> dict[str, str]:
    texts = read_texts(FAQ)[0]
    return laid_over(texts, {FILE: f"{texts[FILE]}\n{more}"})


def commune(more: str) -> Commune:
    return build(with_more(more)).communes["hoa-mai"]


def faults(more: str) -> Sequence[ContentFault]:
    content = parse(with_more(more))
    assert content.faults == []
    return list(keyword_faults(content.documents[FILE], content.communes["hoa-mai"]))


def test_the_villages_of_the_shipped_commune_can_be_subscribed_to() -> None:
    grammar = grammar_of(commune(""))
    for said in ("DK Bến", "dk thon ben", "ĐK xóm bãi nhé", "DK thôn BẾN."):
        hit = grammar.match(said)
        assert hit is not None
        assert (hit.name, hit.argument) == ("subscribe", "ben")


def test_a_sentence_that_begins_like_it_is_left_to_the_understanding() -> None:
    grammar = grammar_of(commune(""))
    assert grammar.match("đk kết hôn ở thôn Bến cần gì") is None
    assert grammar.match("dk nhap hoc cho chau o xom bai the nao") is None


def test_own_words_count_in_that_commune_only() -> None:
    grammar = grammar_of(commune('keywords:\n  - {words: [SINH, "1022"], means: khai_sinh}'))
    hit = grammar.match("1022")
    assert hit is not None
    assert hit.procedure == "khai_sinh"
    assert grammar_of(commune("")).match("SINH") is None


def test_one_word_needs_no_list() -> None:
    assert grammar_of(commune("keywords:\n  - {words: SINH, means: khai_sinh}")).match("sinh")


@pytest.mark.parametrize(
    ("entry", "reason", "line"),
    [
        ("{words: [SINH, KT], means: khai_sinh}", "đã dùng cho “khai_tu”", 2),
        ("{words: HUY, means: hours}", "đã dùng cho “stop”", 2),
        ("{words: [A1], means: khong_co}", "không có việc “khong_co”", 2),
    ],
)
def test_a_word_that_is_taken_is_a_fault_with_its_line(entry: str, reason: str, line: int) -> None:
    own = read_texts(FAQ)[0][FILE].count("\n") + 1
    (fault,) = faults(f"keywords:\n  - {entry}")
    assert reason in fault.reason
    assert fault.line == own + line
    assert fault.file == f"faq/{FILE}"


def test_a_faulty_word_does_not_stop_the_others() -> None:
    grammar = grammar_of(commune("keywords:\n  - {words: [SINH, HUY], means: khai_sinh}"))
    stop, birth = grammar.match("HUY"), grammar.match("SINH")
    assert stop is not None
    assert birth is not None
    assert (stop.name, birth.name) == ("stop", "khai_sinh")
