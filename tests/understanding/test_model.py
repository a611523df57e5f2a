from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.understanding.model import Model
from bot.understanding.normalise import Lexicon
from bot.understanding.segment import tokens

QUESTIONS = {
    "khai_sinh+ho_so": "khai sinh cần giấy tờ gì",
    "khai_sinh+le_phi": "khai sinh hết bao nhiêu tiền",
    "khai_tu+ho_so": "khai tử cần giấy tờ gì",
    "khai_tu+le_phi": "khai tử hết bao nhiêu tiền",
    "none+chao": "xin chào",
}
ENDINGS = ["", " ạ", " vậy", " anh chị ơi", " cho em hỏi", " với", " thế", " nhỉ"]


@pytest.fixture(scope="module")
def model() -> Model:
    rows = [(q + end, intent) for intent, q in QUESTIONS.items() for end in ENDINGS]
    return Model.fit([tokens(text) for text, _ in rows], [i for _, i in rows], Lexicon())


@pytest.mark.parametrize("intent", QUESTIONS)
def test_questions_are_recognised_with_and_without_accents(model: Model, intent: str) -> None:
    from bot.text import fold

    question = QUESTIONS[intent]
    accented, plain = model.rank([tokens(question), tokens(fold(question).upper())], 3)
    assert f"{accented[0].procedure}+{accented[0].aspect}" == intent
    assert f"{plain[0].procedure}+{plain[0].aspect}" == intent


def test_a_ranking_is_sorted_and_of_probabilities(model: Model) -> None:
    ranked = model.rank([tokens("giấy khai sinh")], 100)[0]
    confidences = [label.confidence for label in ranked]
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1.0)


def test_small_talk_is_never_about_a_procedure(model: Model) -> None:
    for label in model.rank([tokens("chào khai sinh")], 100)[0]:
        assert label.aspect != "chao" or label.procedure == "none" or label.confidence < 1e-6


def test_a_message_with_nothing_known_has_no_confidence(model: Model) -> None:
    assert [r[0].confidence for r in model.rank([tokens("☀"), tokens("")], 5)] == [0.0, 0.0]


def test_the_question_at_the_end_of_a_story_counts(model: Model) -> None:
    story = "Nhà em ở xa lắm, đường đi khó. " * 8 + "Khai tử hết bao nhiêu tiền?"
    best = model.rank([tokens(story)], 1)[0][0]
    assert (best.procedure, best.aspect) == ("khai_tu", "le_phi")


def test_a_saved_model_ranks_the_same(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path)
    again = Model.load(tmp_path)
    messages = [tokens(q) for q in QUESTIONS.values()]
    assert again.rank(messages, 5) == model.rank(messages, 5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.npz"]


def test_a_model_of_another_format_is_refused(model: Model, tmp_path: Path) -> None:
    model.save(tmp_path)
    described = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    (tmp_path / "model.json").write_text(json.dumps({**described, "format": 0}), encoding="utf-8")
    with pytest.raises(ValueError, match="format 0"):
        Model.load(tmp_path)


def test_training_needs_contract_labels() -> None:
    with pytest.raises(ValueError, match="not procedure"):
        Model.fit([tokens("a")], ["greet"], Lexicon())
    with pytest.raises(ValueError, match="two procedures"):
        Model.fit([tokens("a")], ["none+chao"], Lexicon())
