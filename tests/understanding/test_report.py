"""The figures, on understandings that are written down here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.understanding.evaluation.judged import Judged
from bot.understanding.evaluation.report import Report, measure
from bot.understanding.evaluation.rows import Row
from bot.understanding.types import Decision, Label, Understanding


def judged(
    wanted: str,
    got: str,
    decision: Decision = "answer",
    confidence: float = 0.9,
    second: str | None = None,
    **fields: Any,
) -> Judged:
    """A question labelled ``wanted`` that was taken for ``got``."""
    procedure, aspect = wanted.split("+")
    row = Row(fields.pop("id", "x"), "text", procedure, aspect, **fields)
    more = Label(*second.split("+"), 0.9) if second else None
    understood = Understanding("text", *got.split("+"), confidence, decision, second=more)
    return Judged(row, understood)


def test_strict_counts_the_first_label_lenient_any() -> None:
    report = measure(
        [
            judged("khai_sinh+ho_so", "khai_sinh+ho_so"),
            judged("khai_sinh+ho_so", "khai_sinh+cach_lam", alt_aspects=("cach_lam",)),
            judged("khai_sinh+ho_so", "khai_tu+le_phi", alt_procedures=("khai_tu",)),
            judged("khai_sinh+ho_so", "ket_hon+loi"),
        ]
    )
    strict, lenient = report.total.strict, report.total.lenient
    assert (strict.procedure, strict.aspect, strict.both) == (0.5, 0.25, 0.25)
    assert (lenient.procedure, lenient.aspect, lenient.both) == (0.75, 0.5, 0.5)


def test_an_answer_about_another_procedure_is_a_wrong_answer() -> None:
    total = measure(
        [
            judged("khai_sinh+ho_so", "khai_tu+ho_so"),  # wrong
            judged("none+ngoai_pham_vi", "khai_tu+ho_so"),  # wrong
            judged("khai_sinh+ho_so", "khai_sinh+le_phi"),  # beside the point
            judged("khai_sinh+ho_so", "khai_tu+ho_so", alt_procedures=("khai_tu",)),
            judged("khai_sinh+ho_so", "khai_tu+ho_so", "clarify"),  # only asked back
        ]
    ).total
    assert (total.answered, total.wrong, total.wrong_of_answered) == (4, 2 / 5, 2 / 4)
    assert (total.wrong_aspect, total.wrong_aspect_of_answered) == (1 / 5, 1 / 4)
    assert total.decisions == {"answer": 4, "clarify": 1, "handover": 0, "smalltalk": 0}


def test_coverage_is_of_what_surely_has_an_answer() -> None:
    total = measure(
        [
            judged("khai_sinh+ho_so", "khai_sinh+ho_so"),
            judged("khai_sinh+ho_so", "khai_sinh+ho_so", "clarify"),
            judged("khai_sinh+ho_so", "khai_sinh+ho_so", alt_procedures=("none",)),
            judged("none+chao", "none+chao", "smalltalk"),
        ]
    ).total
    assert (total.in_scope, total.coverage) == (2, 0.5)


def test_where_nothing_counts_there_is_no_share() -> None:
    total = measure([judged("none+chao", "none+chao", "smalltalk")]).total
    assert total.coverage is None
    assert total.wrong_of_answered is None
    assert total.wrong == 0.0


@pytest.mark.parametrize(
    ("wanted", "got", "decision", "smalltalk", "handover"),
    [
        ("none+chao", "none+chao", "smalltalk", False, False),
        ("none+chao", "none+cam_on", "smalltalk", True, False),
        ("khai_sinh+ho_so", "none+ngoai_pham_vi", "smalltalk", True, False),
        ("none+gap_can_bo", "none+gap_can_bo", "handover", False, False),
        ("none+khieu_nai", "none+gap_can_bo", "handover", False, False),
        ("none+ngoai_pham_vi", "none+ngoai_pham_vi", "handover", False, False),
        ("khai_sinh+ho_so", "none+ngoai_pham_vi", "handover", False, True),
        ("none+gio_lam_viec", "none+gap_can_bo", "handover", False, True),
    ],
)
def test_small_talk_and_handing_over_can_be_wrong(
    wanted: str, got: str, decision: Decision, smalltalk: bool, handover: bool
) -> None:
    total = measure([judged(wanted, got, decision)]).total
    assert (total.wrong_smalltalk, total.wrong_handover) == (float(smalltalk), float(handover))


@pytest.mark.parametrize(
    ("got", "second", "found", "both"),
    [
        ("khai_sinh+ho_so", "khai_sinh+le_phi", True, True),
        ("khai_sinh+le_phi", "khai_sinh+ho_so", True, False),  # the other way round
        ("khai_sinh+loi", "khai_sinh+le_phi", True, False),
        ("khai_sinh+le_phi", None, False, False),  # the second instead of the first
        ("khai_sinh+ho_so", None, False, False),
        ("khai_sinh+ho_so", "khai_tu+le_phi", False, False),
    ],
)
def test_the_second_question_has_to_be_found_beside_the_first(
    got: str, second: str | None, found: bool, both: bool
) -> None:
    one = judged("khai_sinh+ho_so", got, second=second)
    two = Judged(
        Row("d", "t", "khai_sinh", "ho_so", second=("khai_sinh", "le_phi")), one.understood
    )
    doubles = measure([one, two]).doubles
    assert doubles is not None
    assert (doubles.n, doubles.second, doubles.both) == (1, float(found), float(both))


def test_without_a_double_there_is_no_figure_for_it() -> None:
    assert measure([judged("khai_sinh+ho_so", "khai_sinh+ho_so")]).doubles is None


def test_groups_by_kind_procedure_and_aspect() -> None:
    report = measure(
        [
            judged("khai_tu+ho_so", "khai_tu+ho_so", kind="b"),
            judged("khai_sinh+le_phi", "khai_tu+ho_so", kind="a"),
            judged("khai_sinh+ho_so", "khai_sinh+ho_so", kind="b"),
        ]
    )
    assert {kind: group.n for kind, group in report.by_kind.items()} == {"b": 2, "a": 1}
    assert list(report.by_procedure) == ["khai_sinh", "khai_tu"]  # in the contract's order
    assert {name: group.n for name, group in report.by_aspect.items()} == {"ho_so": 2, "le_phi": 1}
    assert report.by_kind["b"].strict.both == 1.0


def test_variants_are_compared_with_their_originals() -> None:
    original = judged("khai_sinh+ho_so", "khai_sinh+ho_so", id="p", file="f")
    elsewhere = judged("khai_sinh+ho_so", "khai_tu+ho_so", id="p", file="g")
    variants = [
        judged("khai_sinh+ho_so", "khai_tu+ho_so", id="v1", parent="p", kind="telex", file="f"),
        judged("khai_sinh+ho_so", "khai_sinh+ho_so", id="v2", parent="p", kind="telex", file="f"),
        judged("khai_sinh+ho_so", "khai_tu+ho_so", id="v3", parent="gone", kind="telex", file="f"),
    ]
    report = measure([original, elsewhere, *variants])
    assert list(report.variants) == ["telex"]
    telex = report.variants["telex"]
    assert (telex.n, telex.same) == (2, 0.5)
    assert (telex.originals.both, telex.variants.both) == (1.0, 0.5)
    assert report.folded is None


def test_folded_rows_are_compared_but_counted_nowhere() -> None:
    original = judged("khai_sinh+ho_so", "khai_sinh+ho_so", id="p")
    folded = judged("khai_sinh+ho_so", "khai_tu+ho_so", id="p~folded", parent="p", kind="folded")
    report = measure([original], [folded])
    assert report.folded is not None
    assert (report.folded.originals.both, report.folded.variants.both) == (1.0, 0.0)
    assert (report.total.n, report.total.lenient.both) == (1, 1.0)
    assert "folded" not in report.by_kind


def test_calibration_is_exact_on_a_known_case() -> None:
    right = [judged("khai_sinh+ho_so", "khai_sinh+ho_so", confidence=0.95)] * 3
    wrong = [judged("khai_sinh+ho_so", "khai_tu+ho_so", confidence=0.95)]
    low = [judged("khai_sinh+ho_so", "khai_tu+ho_so", confidence=0.0)]
    certain = [judged("khai_sinh+ho_so", "khai_sinh+ho_so", confidence=1.0)] * 5
    calibration = measure(right + wrong + low + certain).calibration
    first, *_, last = calibration.bands
    assert (len(calibration.bands), first.n, last.n) == (10, 1, 9)
    assert (first.low, last.high) == (0.0, 1.0)
    assert last.confidence == pytest.approx((4 * 0.95 + 5) / 9)
    assert last.right == pytest.approx(8 / 9)
    assert calibration.bands[5].right is None
    assert calibration.error == pytest.approx(abs(4 * 0.95 + 5 - 8) / 10)


def test_the_report_is_json_with_rounded_shares() -> None:
    rows = [judged("khai_sinh+ho_so", "khai_sinh+ho_so")] * 2
    report: Report = measure([*rows, judged("khai_sinh+ho_so", "khai_tu+loi", kind="typo")])
    data = json.loads(json.dumps(report.to_json()))
    assert data["total"]["strict"] == {"procedure": 0.6667, "aspect": 0.6667, "both": 0.6667}
    assert data["by_kind"]["typo"]["wrong"] == 1.0
    assert data["by_kind"]["typo"]["decisions"]["answer"] == 1
    assert len(data["calibration"]["bands"]) == 10
    assert data["doubles"] is None
