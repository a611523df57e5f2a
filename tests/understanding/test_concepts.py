from __future__ import annotations

from pathlib import Path

import pytest

from bot.understanding.concepts import concept_features, find_concepts, longest
from bot.understanding.normalise import LexiconError, load_lexicon
from tests.understanding.conftest import ROOT

PHRASES = {
    "giay khai sinh": ("birth", "paper"),
    "khai sinh": ("birth",),
    "mat": ("lost", "death"),
    "bao nhieu tien": ("fee",),
}


def test_phrases_are_found_also_inside_others() -> None:
    words = ["mat", "giay", "khai", "sinh"]
    assert find_concepts(words, PHRASES, longest(PHRASES)) == {"birth", "paper", "lost", "death"}
    assert find_concepts(["khai", "tu", "sinh"], PHRASES, 3) == set()
    assert find_concepts([], PHRASES, 3) == set()


def test_two_concepts_together_are_a_feature() -> None:
    assert concept_features({"lost", "birth"}) == ["birth", "lost", "birth&lost"]


def test_the_shipped_concepts_load() -> None:
    concepts = load_lexicon(ROOT / "nlu_data" / "lexicon").concepts
    assert "hoi_tien" in concepts["le phi"]
    assert all(phrase == phrase.lower() and phrase.isascii() for phrase in concepts)


def test_a_word_that_yaml_takes_for_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "concepts.yml").write_text("vay_von: [vay, no]\n", encoding="utf-8")
    with pytest.raises(LexiconError, match="vay_von"):
        load_lexicon(tmp_path)
