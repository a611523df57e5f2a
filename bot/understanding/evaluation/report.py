"""The figures of many judged questions. Pure; shares are 0..1, None where nothing counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, get_args

from bot.understanding.evaluation.judged import Judged
from bot.understanding.types import ASPECTS, PROCEDURES, Decision

BANDS: Final = 10
DECISIONS: Final[tuple[Decision, ...]] = get_args(Decision)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Shares of questions of which that part is right."""

    procedure: float
    aspect: float
    both: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How well a group of questions was understood, and what was done about them."""

    n: int
    strict: Accuracy
    lenient: Accuracy
    in_scope: int
    """Questions that are surely about a procedure."""
    coverage: float | None
    """Share of these that were answered outright."""
    answered: int
    wrong: float
    """Answered about a wrong procedure: share of all questions ..."""
    wrong_of_answered: float | None
    """... and of the answered ones."""
    wrong_aspect: float
    """Answered about the right procedure but another aspect: share of all questions ..."""
    wrong_aspect_of_answered: float | None
    """... and of the answered ones."""
    wrong_smalltalk: float
    """Taken for small talk, or a wrong kind of it: share of all questions."""
    wrong_handover: float
    """Handed over without need: share of all questions."""
    decisions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Doubles:
    """Messages with two questions; ``both`` where the first was right as well (strict)."""

    n: int
    second: float
    both: float


@dataclass(frozen=True, slots=True)
class Variants:
    """Questions written in another way, beside the same questions as they were (lenient)."""

    n: int
    originals: Accuracy
    variants: Accuracy
    same: float
    """Share that is understood just as the original."""


@dataclass(frozen=True, slots=True)
class Band:
    """Questions whose confidence is in ``low``..``high``."""

    low: float
    high: float
    n: int
    confidence: float | None
    right: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """Whether confidences are what they say: share right (both, lenient) by confidence."""

    error: float
    """Expected calibration error: mean distance of a band's two shares, by its size."""
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one model on one set of questions."""

    total: Figures
    by_kind: Mapping[str, Figures]
    by_procedure: Mapping[str, Figures]
    by_aspect: Mapping[str, Figures]
    doubles: Doubles | None
    variants: Mapping[str, Variants]
    """By kind of variant; the originals are rows of the same file."""
    folded: Variants | None
    """Every accented question beside itself without diacritics."""
    calibration: Calibration

    def to_json(self) -> dict[str, Any]:
        """For machines; shares rounded to four decimals."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded


def measure(judged: Sequence[Judged], folded: Sequence[Judged] = ()) -> Report:
    """The figures of ``judged``, which must not be empty.

    ``folded`` are further rows, for comparison only: accented rows of ``judged`` without
    their diacritics, their ``parent`` being the accented row's id.
    """
    by_kind = _groups(judged, lambda one: one.row.kind)
    return Report(
        total=_figures(judged),
        by_kind={kind: _figures(group) for kind, group in by_kind.items()},
        by_procedure=_by(judged, lambda one: one.row.procedure, PROCEDURES),
        by_aspect=_by(judged, lambda one: one.row.aspect, ASPECTS),
        doubles=_doubles([one for one in judged if one.row.second]),
        variants={
            kind: found
            for kind, group in by_kind.items()
            if (found := _variants(group, judged)) is not None
        },
        folded=_variants(folded, judged),
        calibration=_calibration(judged),
    )


def _groups(
    judged: Iterable[Judged], name: Callable[[Judged], str]
) -> Mapping[str, Sequence[Judged]]:
    """By ``name``, in the order of their first row."""
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[name(one)].append(one)
    return groups


def _by(
    judged: Iterable[Judged], name: Callable[[Judged], str], order: Sequence[str]
) -> dict[str, Figures]:
    groups = _groups(judged, name)
    return {label: _figures(groups[label]) for label in order if label in groups}


def _figures(judged: Sequence[Judged]) -> Figures:
    answered = [one for one in judged if one.answered]
    in_scope = [one for one in judged if one.row.in_scope]
    decisions = Counter(one.understood.decision for one in judged)
    return Figures(
        n=len(judged),
        strict=_accuracy(judged, lenient=False),
        lenient=_accuracy(judged),
        in_scope=len(in_scope),
        coverage=_share(one.answered for one in in_scope),
        answered=len(answered),
        wrong=_share(one.wrong_answer for one in judged) or 0.0,
        wrong_of_answered=_share(one.wrong_answer for one in answered),
        wrong_aspect=_share(one.wrong_aspect for one in judged) or 0.0,
        wrong_aspect_of_answered=_share(one.wrong_aspect for one in answered),
        wrong_smalltalk=_share(one.wrong_smalltalk for one in judged) or 0.0,
        wrong_handover=_share(one.wrong_handover for one in judged) or 0.0,
        decisions={decision: decisions[decision] for decision in DECISIONS},
    )


def _accuracy(judged: Iterable[Judged], lenient: bool = True) -> Accuracy:
    judged = list(judged)
    return Accuracy(
        _share(one.right("procedure", lenient) for one in judged) or 0.0,
        _share(one.right("aspect", lenient) for one in judged) or 0.0,
        _share(one.right("both", lenient) for one in judged) or 0.0,
    )


def _share(values: Iterable[bool]) -> float | None:
    values = list(values)
    return sum(values) / len(values) if values else None


def _doubles(judged: Sequence[Judged]) -> Doubles | None:
    if not judged:
        return None
    both = (one.second_found and one.right("both", lenient=False) for one in judged)
    return Doubles(
        len(judged), _share(one.second_found for one in judged) or 0.0, _share(both) or 0.0
    )


def _variants(group: Iterable[Judged], judged: Iterable[Judged]) -> Variants | None:
    """Those of ``group`` whose parent is in ``judged``, beside their parents."""
    originals = {(one.row.file, one.row.id): one for one in judged}
    pairs = [
        (originals[found], one)
        for one in group
        if one.row.parent and (found := (one.row.file, one.row.parent)) in originals
    ]
    if not pairs:
        return None
    return Variants(
        n=len(pairs),
        originals=_accuracy(original for original, _ in pairs),
        variants=_accuracy(variant for _, variant in pairs),
        same=_share(_label(original) == _label(variant) for original, variant in pairs) or 0.0,
    )


def _label(one: Judged) -> tuple[str, str]:
    return one.understood.procedure, one.understood.aspect


def _calibration(judged: Sequence[Judged]) -> Calibration:
    groups: dict[int, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[min(int(one.understood.confidence * BANDS), BANDS - 1)].append(one)
    bands = tuple(_band(index, groups[index]) for index in range(BANDS))
    gaps = (
        band.n * abs(band.confidence - band.right)
        for band in bands
        if band.confidence is not None and band.right is not None
    )
    return Calibration(sum(gaps) / len(judged), bands)


def _band(index: int, judged: Sequence[Judged]) -> Band:
    confidence = sum(one.understood.confidence for one in judged)
    return Band(
        low=index / BANDS,
        high=(index + 1) / BANDS,
        n=len(judged),
        confidence=confidence / len(judged) if judged else None,
        right=_share(one.right("both") for one in judged),
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {name: _rounded(inner) for name, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list | tuple) else value
