"""Training of the scorers; the only module that needs scikit-learn.

The mix is calibrated on messages that the scorers did not see: the data is cut into
blocks of neighbours (writers put variations of one sentence side by side, so a
shuffled split would flatter), some blocks are scored by a model trained on the
rest, and the mix is chosen for the likelihood of those scores.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

from bot.understanding.linear import (
    Floats,
    Head,
    Mix,
    Pair,
    PairHead,
    Scorer,
    mixed,
    softmax_table,
)
from bot.understanding.vectors import Matrix

FOLDS = 4
CALIBRATED_FOLDS = 2
"""Folds scored to calibrate: half the data is plenty for one number, and training time
is nearly all spent here."""
BLOCK = 5
"""Neighbouring examples of an intent that stay in the same fold."""
TEMPERATURES = tuple(float(t) for t in np.geomspace(0.3, 3.0, 48))

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Strengths:
    """Regularisation. ``heads``: scikit-learn's C; ``pairs``: ridge penalty."""

    heads: float = 10.0
    pairs: float = 0.5


def fit_scorer(
    rows: Matrix,
    labels: Sequence[tuple[str, str]],
    strengths: Strengths,
    on_progress: Progress = lambda _: None,
) -> Scorer:
    """Train on everything, with a mix calibrated by block cross-validation.

    ``labels`` are (procedure, aspect) of each row, in the order of the files.
    """
    on_progress("learning")
    whole = _fit(rows, labels, strengths, Mix())
    fold_of = block_folds(len(labels))
    views: list[tuple[Floats, Floats, Floats]] = []
    truths: list[Pair] = []
    for fold in range(CALIBRATED_FOLDS):
        on_progress("calibrating")
        rest, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        part = _fit(rows[rest], [labels[at] for at in rest.tolist()], strengths, Mix())
        if _same_classes(part, whole):
            views.append(part.views(rows[held]))
            truths += [_pair(whole, labels[at]) for at in held.tolist()]
    if not views:
        return whole
    joined = tuple(np.concatenate(parts) for parts in zip(*views, strict=True))
    mix = best_mix((joined[0], joined[1], joined[2]), truths, whole.log_weights())
    return replace(whole, mix=mix)


def _fit(rows: Matrix, labels: Sequence[tuple[str, str]], strengths: Strengths, mix: Mix) -> Scorer:
    procedures = fit_head(rows, [p for p, _ in labels], strengths.heads)
    aspects = fit_head(rows, [a for _, a in labels], strengths.heads)
    positions = [
        (procedures.classes.index(procedure), aspects.classes.index(aspect))
        for procedure, aspect in labels
    ]
    return Scorer(procedures, aspects, fit_pairs(rows, positions, strengths.pairs), mix)


def fit_head(rows: Matrix, targets: Sequence[str], strength: float) -> Head:
    """Logistic regression of ``targets`` (at least two kinds) on ``rows``."""
    from sklearn.linear_model import LogisticRegression

    # newton-cg reaches the optimum in a fifth of lbfgs's time here, and is deterministic
    model = LogisticRegression(
        C=strength, solver="newton-cg", multi_class="multinomial", tol=1e-2, max_iter=100
    )
    model.fit(rows.astype(np.float64), targets, sample_weight=fairness(targets))
    weights, bias = model.coef_.T, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        weights, bias = np.hstack([-weights, weights]), np.array([-bias[0], bias[0]])
    return Head(
        tuple(str(name) for name in model.classes_),
        np.ascontiguousarray(weights, dtype=np.float32),
        np.asarray(bias, dtype=np.float32),
    )


def fit_pairs(rows: Matrix, targets: Sequence[Pair], penalty: float) -> PairHead:
    """Ridge regression onto one-hot ``targets``, solved in the examples' space."""
    pairs = tuple(sorted(set(targets)))
    wanted = np.array([[target == pair for pair in pairs] for target in targets], dtype=float)
    similar = (rows @ rows.T).toarray().astype(np.float64)
    similar[np.diag_indices_from(similar)] += penalty / fairness(targets)
    duals = linalg.solve(similar, wanted, assume_a="pos", overwrite_a=True, overwrite_b=True)
    return PairHead(pairs, rows.T.tocsr(), duals.astype(np.float32))


def fairness(targets: Sequence[object]) -> Floats:
    """Weight of each example: one over the root of its class's size, mean 1.

    Half way between all examples alike (small classes lose) and all classes alike
    (the large class, "none", is no longer believed).
    """
    counts = Counter(targets)
    weights = np.array([counts[target] ** -0.5 for target in targets])
    return np.asarray(weights / weights.mean())


def block_folds(count: int, folds: int = FOLDS, block: int = BLOCK) -> NDArray[np.int64]:
    """The fold of each of ``count`` examples, given in the order of the files."""
    return (np.arange(count) // block) % folds


def best_mix(
    views: tuple[Floats, Floats, Floats], truths: Sequence[Pair], log_weights: Floats
) -> Mix:
    """The default mix, made more or less sure of itself so that ``truths`` are likeliest.

    Its proportions are not fitted: on our own data the heads alone look best, on
    questions from elsewhere the pairs help (bench/understanding_quick.py --eval).
    """
    at = np.arange(len(truths))
    procedures, aspects = np.array(truths).T

    def loss(mix: Mix) -> float:
        table = softmax_table(mixed(views, mix, log_weights))
        return float(-np.log(np.clip(table[at, procedures, aspects], 1e-12, 1.0)).sum())

    return min((Mix().sharper(temperature) for temperature in TEMPERATURES), key=loss)


def _same_classes(part: Scorer, whole: Scorer) -> bool:
    return (part.procedures.classes, part.aspects.classes) == (
        whole.procedures.classes,
        whole.aspects.classes,
    )


def _pair(scorer: Scorer, label: tuple[str, str]) -> Pair:
    return scorer.procedures.classes.index(label[0]), scorer.aspects.classes.index(label[1])
