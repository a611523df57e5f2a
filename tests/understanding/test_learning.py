from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.understanding.learning import Recipe, best_sharpness, block_folds, fit_ensemble
from bot.understanding.network import Ensemble, softmax
from bot.understanding.vectors import Row

RECIPE = Recipe(networks=2, units=16, least_steps=300, unheard=0.2)
LABELS = [("khai_sinh", "ho_so"), ("khai_tu", "le_phi"), ("none", "chao")] * 20
SIGNS = {"khai_sinh": 0, "khai_tu": 1, "none": 2}


def row(*columns: int) -> Row:
    return np.array(columns, dtype=np.int32), np.ones(len(columns), dtype=np.float32)


ROWS = [row(SIGNS[procedure], 3 + at % 5) for at, (procedure, _) in enumerate(LABELS)]


@pytest.fixture(scope="module")
def ensemble() -> Ensemble:
    return fit_ensemble(ROWS, LABELS, 8, RECIPE)


def test_what_tells_labels_apart_is_learned(ensemble: Ensemble) -> None:
    table = ensemble.table([row(0, 3), row(1, 4), row(2, 5)])
    found = [ensemble.best(one, 1)[0] for one in table]
    assert [(label.procedure, label.aspect) for label in found] == LABELS[:3]
    assert min(label.confidence for label in found) > 0.8


def test_the_same_seed_learns_the_same(ensemble: Ensemble) -> None:
    again = fit_ensemble(ROWS, LABELS, 8, RECIPE)
    assert np.array_equal(again.layers.hidden, ensemble.layers.hidden)
    assert again.sharpness == ensemble.sharpness
    other = fit_ensemble(ROWS, LABELS, 8, replace(RECIPE, seed=1))
    assert not np.array_equal(other.layers.hidden, ensemble.layers.hidden)


def test_a_table_is_of_probabilities_and_keeps_senseless_pairs_out(ensemble: Ensemble) -> None:
    table = ensemble.table([row(0), row(7)])
    assert table.sum(axis=(1, 2)) == pytest.approx(1.0, abs=1e-5)
    at = ensemble.procedures.index("khai_sinh"), ensemble.aspects.index("chao")
    assert table[:, at[0], at[1]].max() < 1e-6


def test_a_row_without_features_is_no_error(ensemble: Ensemble) -> None:
    assert ensemble.table([row()]).sum() == pytest.approx(1.0, abs=1e-5)
    assert fit_ensemble([*ROWS, row()], [*LABELS, ("none", "chao")], 8, RECIPE).layers


def test_one_message_means_the_same_alone_and_among_others(ensemble: Ensemble) -> None:
    together = ensemble.table([row(0, 3), row(1, 4), row(5)])
    assert np.allclose(together[1], ensemble.table([row(1, 4)])[0], atol=1e-6)


def test_overconfidence_is_taken_back() -> None:
    scores = np.zeros((100, 2, 1), dtype=np.float32)
    scores[:, 0, 0] = 6.0  # 99.8 % sure of the first ...
    truths = [(0, 0)] * 70 + [(1, 0)] * 30  # ... which is right 70 times of 100
    calibrated = softmax(scores * np.float32(best_sharpness(scores, truths)))
    assert calibrated[0, 0, 0] < 0.9


def test_neighbours_share_a_fold() -> None:
    assert block_folds(20, folds=2, block=5).tolist() == [0] * 5 + [1] * 5 + [0] * 5 + [1] * 5
