"""Views never raise, keep the labels, and are the same every time."""

from __future__ import annotations

import subprocess
import sys
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from bot.text import fold
from bot.understanding.evaluation.rows import Row
from bot.understanding.normalise import Lexicon, normal_words, raw_words
from bot.understanding.views import FOLDED, VIEWS, derive, folded_rows, telex, view
from tests.understanding.conftest import ROOT

TEXT = "Đăng ký khai sinh cho con ở đâu và mất bao nhiêu tiền?"
names = st.sampled_from(sorted(VIEWS))
vietnamese = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạếềểễệốồổỗộớờởỡợứừửữựĐÂ .,?1", max_size=60)
texts = st.one_of(st.text(max_size=60), vietnamese)


def row(text: str = TEXT, row_id: str = "a1", kind: str = "accented") -> Row:
    return Row(row_id, text, "khai_sinh", "noi_nop", ("none",), ("le_phi",), kind, file="a.jsonl")


@given(texts, names, st.text(max_size=8))
def test_any_text_has_every_view(text: str, name: str, row_id: str) -> None:
    original = row(text, row_id)
    made = view(original, name)
    assert view(original, name) == made
    assert (made.procedures, made.aspects) == (original.procedures, original.aspects)
    assert (made.kind, made.parent, made.file) == (name, row_id, "a.jsonl")
    assert made.id != original.id


@given(vietnamese)
def test_a_view_is_still_the_same_question(text: str) -> None:
    plain = view(row(text), "unaccented").text
    assert plain == fold(text)
    assert fold(view(row(text), "half").text) == plain
    assert view(row(text), "glued").text.replace(" ", "") == text.replace(" ", "")
    assert abs(len(view(row(text), "typos").text) - len(text)) <= 2


def test_what_views_look_like() -> None:
    assert {name: view(row(), name).text for name in VIEWS} == {
        "unaccented": "Dang ky khai sinh cho con o dau va mat bao nhieu tien?",
        "half": "Đăng ky khai sinh cho con o đâu và mat bao nhieu tiền?",
        "telex": "Ddawng kys khai sinh cho con owr ddaau vaf maast bao nhieeu tieefn?",
        "glued": "Đăngký khai sinh cho con ở đâu và mất baonhiêu tiền?",
        "typos": "Đăng ký kai sinh cho con ở đâu và mất bao nhiiêu tiền?",
    }


def test_telex_is_what_the_keys_are() -> None:
    class Always(Random):
        def __init__(self, value: float) -> None:
            super().__init__()
            self.value = value

        def random(self) -> float:
            return self.value

    assert telex("đường HỘ KHẨU của Ông Ở xã", Always(0.0)) == (
        "dduowngf HOOJ KHAAUR cuar Oong OWr xax".replace("OWr", "Owr")
    )
    assert telex("đường của mượn", Always(0.9)) == "dduowfng cura muowjn"


def test_raw_telex_is_understood_back() -> None:
    read = normal_words(raw_words(view(row(), "telex").text), Lexicon())
    assert read == fold(TEXT).lower().replace("?", "").split()


def test_half_is_between_none_and_all() -> None:
    made = view(row(), "half").text
    assert made not in {TEXT, fold(TEXT)}
    kept = sum(fold(word) != word for word in made.split())
    assert kept == sum(fold(word) != word for word in TEXT.split()) / 2


@given(vietnamese, st.integers(0, 50))
def test_a_text_with_words_gets_a_slip(text: str, number: int) -> None:
    made = view(row(text, str(number)), "typos").text
    assert (made != text) == any(letter.isalpha() for letter in text)


def test_views_are_made_of_plainly_written_rows_that_change() -> None:
    rows = [
        row(row_id="1"),
        row("khai sinh", row_id="2"),
        row(row_id="3", kind="teencode"),
        row(row_id="4", kind="real"),
    ]
    assert [new.parent for new in derive(rows, "unaccented", 10)] == ["1", "4"]


def test_a_sample_is_of_the_wanted_size_in_order_and_the_same_again() -> None:
    rows = [row(row_id=f"{number:03}") for number in range(100)]
    sample = [new.parent for new in derive(rows, "half", 20)]
    assert len(sample) == 20
    assert sample == sorted(filter(None, sample))
    assert derive(rows, "half", 20) == derive(rows, "half", 20)
    assert len(derive(rows, "half", 1000)) == 100


def test_accented_rows_are_folded_once_and_derived_ones_not() -> None:
    rows = [row(row_id="1"), row("khai sinh", row_id="2"), row(row_id="3", kind="story")]
    derived = view(rows[0], "typos")
    found = folded_rows([*rows, derived])
    assert [(new.parent, new.kind) for new in found] == [("1", FOLDED), ("3", FOLDED)]
    assert found[0].text == fold(TEXT)


def test_another_process_makes_the_same_views() -> None:
    code = (
        "from tests.understanding.test_views import row, VIEWS, view\n"
        "print([view(row(), name).text for name in VIEWS])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert out.strip() == str([view(row(), name).text for name in VIEWS])
