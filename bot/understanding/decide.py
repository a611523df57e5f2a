"""(ranked labels) -> what to do. Pure.

A wrong answer is worse than a question: answer only when procedure and aspect are
both likely, ask when two or three meanings are, hand over when none is. The
thresholds were chosen on predictions of ``nlu_data`` by models that had not seen the
message (``bench/understanding_quick.py`` repeats it), ``ANSWER`` finally on the
development set, whose questions are closer to what people ask.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from bot.understanding.types import (
    NONE,
    SMALLTALK_ASPECTS,
    Decision,
    Label,
    Understanding,
)

ANSWER = 0.65
"""Least probability of procedure and aspect together to answer at once. At 0.65 about one
answer in nine was wrong on the development set (one in six on held-out utterances of our
own), at 0.5 one in six, at 0.8 one in sixteen (but then every second question was asked
back)."""
SMALLTALK = 0.55
"""Least probability of one small-talk aspect to answer it. Lower, because the mistake is
small: a greeting taken for thanks; "out of scope" is the exception."""
OUT_OF_SCOPE = 0.6
"""Least probability to tell a citizen that the bot is not for this."""
CERTAIN_PROCEDURE = 0.6
"""Least probability of the procedure to ask only for the aspect."""
PLAUSIBLE = 0.12
"""Least probability of a meaning to be worth asking about."""
MOST_CHOICES = 3


def decide(text: str, ranked: Sequence[Label]) -> Understanding:
    """Turn the model's ranking for ``text`` into an understanding.

    The procedure is the one with the largest sum over its aspects, the aspect the
    likeliest one of that procedure, the confidence that pair's probability.
    """
    if not ranked or ranked[0].confidence <= 0:
        return Understanding(text, NONE, "ngoai_pham_vi", 0.0, "handover")
    procedure, of_procedure = likeliest_procedure(ranked)
    same = [label for label in ranked if label.procedure == procedure]
    best = same[0]
    decision, asked = _decision(best, of_procedure, same, ranked)
    others = tuple(label for label in asked if label != best)
    return Understanding(text, *_fields(best), decision, others[: MOST_CHOICES - 1])


def likeliest_procedure(ranked: Iterable[Label]) -> tuple[str, float]:
    """The procedure whose labels sum to most, and that sum."""
    sums: dict[str, float] = defaultdict(float)
    for label in ranked:
        sums[label.procedure] += label.confidence
    procedure = max(sums, key=sums.__getitem__)
    return procedure, sums[procedure]


def _fields(label: Label) -> tuple[str, str, float]:
    return label.procedure, label.aspect, label.confidence


def _decision(
    best: Label, of_procedure: float, same: Sequence[Label], ranked: Sequence[Label]
) -> tuple[Decision, Sequence[Label]]:
    """The decision, and the labels that stay in question."""
    plausible = [label for label in ranked if label.confidence >= PLAUSIBLE]
    enough = OUT_OF_SCOPE if best.aspect == "ngoai_pham_vi" else SMALLTALK
    if best.aspect in SMALLTALK_ASPECTS and best.confidence >= enough:
        return ("handover" if best.aspect == "gap_can_bo" else "smalltalk"), plausible
    if best.procedure == NONE:
        return ("clarify" if plausible else "handover"), plausible
    if best.confidence >= ANSWER:
        return "answer", plausible
    if of_procedure >= CERTAIN_PROCEDURE:
        return "clarify", same[:MOST_CHOICES]
    return ("clarify" if plausible else "handover"), plausible
