from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.decide import (
    ASK,
    NOT_OFFERED,
    OFFICER,
    WRONG_ASPECT,
    WRONG_PROCEDURE,
    cost_of_answer,
    decide,
    likeliest_procedure,
)
from bot.understanding.types import ASPECTS, PROCEDURES, Label, split_intent


def labels(**confidences: float) -> list[Label]:
    ranked = []
    for name, confidence in confidences.items():
        procedure, aspect = name.split("__")
        ranked.append(Label(procedure, aspect, confidence))
    return sorted(ranked, key=lambda label: -label.confidence)


def test_a_clear_question_is_answered() -> None:
    meant = decide("x", labels(khai_sinh__ho_so=0.9, khai_sinh__cach_lam=0.08))
    assert (meant.decision, meant.procedure, meant.aspect) == ("answer", "khai_sinh", "ho_so")
    assert meant.alternatives == ()


def test_a_certain_procedure_with_an_open_aspect_asks_for_the_aspect() -> None:
    meant = decide("x", labels(ket_hon__le_phi=0.35, ket_hon__ho_so=0.35, ket_hon__loi=0.3))
    assert (meant.decision, meant.procedure) == ("clarify", "ket_hon")
    assert [label.procedure for label in meant.alternatives] == ["ket_hon", "ket_hon"]


def test_two_plausible_procedures_are_asked_about() -> None:
    meant = decide("x", labels(trich_luc__cach_lam=0.45, dang_ky_lai__cach_lam=0.4))
    assert meant.decision == "clarify"
    assert [label.procedure for label in meant.alternatives] == ["dang_ky_lai"]


def test_nothing_plausible_goes_to_the_officer() -> None:
    assert decide("x", labels(khai_tu__loi=0.08, vneid__loi=0.07)).decision == "handover"


def test_nothing_known_goes_to_the_officer() -> None:
    meant = decide("x", [])
    assert (meant.decision, meant.procedure, meant.confidence) == ("handover", "none", 0.0)
    assert decide("x", labels(none__ngoai_pham_vi=0.0)).decision == "handover"


@pytest.mark.parametrize("aspect", ["chao", "cam_on", "khieu_nai", "gio_lam_viec"])
def test_small_talk_is_answered(aspect: str) -> None:
    assert decide("x", [Label("none", aspect, 0.8)]).decision == "smalltalk"


def test_asking_for_a_person_hands_over() -> None:
    assert decide("x", labels(none__gap_can_bo=0.8)).decision == "handover"


def test_a_question_without_procedure_is_left_to_the_conversation() -> None:
    meant = decide("x", labels(none__le_phi=0.95))
    assert (meant.decision, meant.procedure, meant.aspect) == ("clarify", "none", "le_phi")


def test_a_procedure_is_the_sum_of_its_aspects() -> None:
    ranked = labels(vneid__loi=0.3, can_cuoc__loi=0.25, can_cuoc__cach_lam=0.25)
    assert likeliest_procedure(ranked) == ("can_cuoc", 0.5)
    assert decide("x", ranked).procedure == "can_cuoc"


@pytest.mark.parametrize(
    ("of_procedure", "of_pair", "decision"),
    [
        (0.99, 0.95, "answer"),
        (0.99, 0.70, "answer"),  # the aspect in doubt: little is lost
        (0.85, 0.80, "clarify"),  # the procedure in doubt: much could be
        (0.99, 0.30, "clarify"),
    ],
)
def test_a_doubtful_procedure_weighs_more_than_a_doubtful_aspect(
    of_procedure: float, of_pair: float, decision: str
) -> None:
    ranked = labels(
        can_cuoc__ho_so=of_pair,
        can_cuoc__cach_lam=(of_procedure - of_pair) / 3,
        can_cuoc__noi_nop=(of_procedure - of_pair) / 3,
        can_cuoc__loi=(of_procedure - of_pair) / 3,
        vneid__ho_so=1 - of_procedure,
    )
    assert decide("x", ranked).decision == decision


def test_costs_are_in_the_order_of_what_a_citizen_loses() -> None:
    assert ASK < WRONG_ASPECT < OFFICER < WRONG_PROCEDURE


RANKINGS = st.lists(
    st.builds(
        Label,
        procedure=st.sampled_from(PROCEDURES),
        aspect=st.sampled_from(ASPECTS),
        confidence=st.floats(0, 1),
    ),
    max_size=10,
).map(lambda found: sorted(found, key=lambda label: -label.confidence))


@given(RANKINGS)
def test_no_ranking_asks_for_more_than_three_things_or_answers_in_doubt(
    ranked: list[Label],
) -> None:
    meant = decide("x", ranked)
    assert len(meant.alternatives) <= 2
    if meant.decision == "answer":
        _, of_procedure = likeliest_procedure(ranked)
        assert cost_of_answer(of_procedure, meant.confidence) <= min(OFFICER, ASK + NOT_OFFERED)
    assert meant.decision != "answer" or meant.procedure != "none"


def test_the_json_is_the_contract_of_hotro_understand() -> None:
    meant = decide("hỏi", labels(trich_luc__cach_lam=0.45, dang_ky_lai__cach_lam=0.41239))
    assert json.loads(json.dumps(meant.to_json())) == {
        "text": "hỏi",
        "procedure": "trich_luc",
        "aspect": "cach_lam",
        "confidence": 0.45,
        "decision": "clarify",
        "alternatives": [{"procedure": "dang_ky_lai", "aspect": "cach_lam", "confidence": 0.4124}],
    }


def test_an_intent_outside_the_contract_is_refused() -> None:
    assert split_intent("khai_sinh+ho_so") == ("khai_sinh", "ho_so")
    with pytest.raises(ValueError, match="khai_sin"):
        split_intent("khai_sin+ho_so")
