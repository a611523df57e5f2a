"""(ranked labels) -> what to do: whatever is expected to cost the citizen least. Pure.

The confidences are calibrated probabilities (bot.understanding.learning), so the expected
cost of an answer, a question back or an officer's minutes can simply be summed up. The costs
are in units of one question back; they were set by what the mistake does to a citizen and
checked on questions that no model had learned from (``hotro evaluate`` prints the outcome).
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

ASK = 1.0
"""A question back: one more message."""
NOT_OFFERED = 1.5
"""What was meant is not among the choices of the question: two messages for nothing."""
WRONG_PROCEDURE = 8.0
"""An answer about another matter: a wrong paper, maybe a journey."""
WRONG_ASPECT = 2.0
"""The right matter, but not what was asked about it: the answer's buttons lead on."""
WRONG_SMALLTALK = 2.0
"""A greeting taken for thanks."""
WRONGLY_REFUSED = 4.0
"""Told that the bot is not for this, although it is."""
OFFICER = 3.0
"""Minutes of the officer, and waiting."""
CERTAIN_PROCEDURE = 0.6
"""Least probability of the procedure to take it for known."""
SURE_PROCEDURE = 0.9
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
    plausible = [label for label in ranked if label.confidence >= PLAUSIBLE]
    only_aspect = of_procedure >= SURE_PROCEDURE and procedure != NONE
    asked = same[:MOST_CHOICES] if only_aspect else plausible
    decision = _cheapest(best, of_procedure, asked)
    others = tuple(x for x in (asked if decision == "clarify" else plausible) if x != best)
    return Understanding(text, *_fields(best), decision, others[: MOST_CHOICES - 1])


def likeliest_procedure(ranked: Iterable[Label]) -> tuple[str, float]:
    """The procedure whose labels sum to most, and that sum."""
    sums: dict[str, float] = defaultdict(float)
    for label in ranked:
        sums[label.procedure] += label.confidence
    procedure = max(sums, key=sums.__getitem__)
    return procedure, min(sums[procedure], 1.0)


def cost_of_answer(of_procedure: float, of_pair: float) -> float:
    """Expected cost of answering, from the probabilities of the procedure and of the pair."""
    return WRONG_PROCEDURE * (1 - of_procedure) + WRONG_ASPECT * (of_procedure - of_pair)


def cost_of_asking(asked: Iterable[Label]) -> float:
    """Expected cost of asking which of these (at most three are offered) is meant."""
    offered = sum(label.confidence for label in list(asked)[:MOST_CHOICES])
    return ASK + NOT_OFFERED * max(0.0, 1 - offered)


def _fields(label: Label) -> tuple[str, str, float]:
    return label.procedure, label.aspect, label.confidence


def _cheapest(best: Label, of_procedure: float, asked: Sequence[Label]) -> Decision:
    costs: dict[Decision, float] = {"handover": OFFICER}
    if any(label.aspect not in SMALLTALK_ASPECTS for label in asked):
        costs["clarify"] = cost_of_asking(asked)
    if best.aspect == "gap_can_bo":
        costs["handover"] = WRONG_SMALLTALK * (1 - best.confidence)
    elif best.aspect in SMALLTALK_ASPECTS:
        wrong = WRONGLY_REFUSED if best.aspect == "ngoai_pham_vi" else WRONG_SMALLTALK
        costs["smalltalk"] = wrong * (1 - best.confidence)
    elif best.procedure != NONE:
        costs["answer"] = cost_of_answer(of_procedure, best.confidence)
    return min(costs, key=costs.__getitem__)
