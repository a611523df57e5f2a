"""From the rankings of a message and of its pieces to one understanding. Pure.

A message is read as a whole; beside that its clauses are read when it may ask several things,
and what a correction leaves when it corrects. All of them go to the model in one batch:
:func:`read` says what to ask it, :func:`settle` makes one understanding of its answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.understanding.corrections import read_correction
from bot.understanding.decide import decide, likeliest_procedure
from bot.understanding.naming import Names
from bot.understanding.questions import split_questions, without_courtesy
from bot.understanding.types import (
    CONTENT_ASPECTS,
    NONE,
    Correction,
    Decision,
    Label,
    Understanding,
)

MOST_CLAUSES: Final = 4
"""A message of more clauses tells a story: it is read as a whole only."""
SURE: Final = 0.65
"""Least probability of what a clause asks to count as a question beside another. A question
too many that is answered costs little, one that was not asked confuses."""
NAMED_ANYWAY: Final = 0.85
"""The model is so sure of a procedure that words missing in ``names.yml`` do not count."""
NAMED_TOO: Final = 0.5
"""Least probability of a procedure that the words name as well."""
UNNAMED: Final = frozenset({NONE, "dich_vu_cong"})
"""What stands for no procedure: the portal is meant when no other procedure is named."""
SURE_TALK: Final = 0.8
"""Least probability of a clause that is no question about a procedure to count beside one."""
MOST_ASPECTS: Final = 3
_TALK: Final = frozenset({"gio_lam_viec", "gap_can_bo", "khieu_nai", "ngoai_pham_vi"})
_COURTESY: Final = frozenset({"chao", "cam_on"})

WordsOf = Callable[[str], Sequence[str]]
"""The words of a text as :class:`Names` compares them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What of a message is to be ranked: :attr:`texts`, in this order."""

    text: str
    whole: str
    """The message, or what a correction leaves of it."""
    clauses: tuple[str, ...] = ()
    correction: Correction | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The whole, and its clauses."""
        return (self.whole, *self.clauses)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one clause asks for certain; a half that it does not name is None."""

    procedure: str | None
    aspect: str | None
    confidence: float
    named: tuple[str, ...] = ()
    """Without ``procedure``: what its words name, of which the model is not sure."""


def read(text: str, names: Names) -> Reading:
    """Take ``text`` (clean, NFC) apart, where it shows parts."""
    correction = read_correction(text, names)
    whole = correction.rest if correction and correction.rest else text
    asked = without_courtesy(whole)
    clauses = split_questions(asked or whole)
    if not 2 <= len(clauses) <= MOST_CLAUSES:
        clauses = (asked,) if asked else ()
    return Reading(text, whole, clauses, correction)


def settle(
    reading: Reading, rankings: Sequence[Sequence[Label]], names: Names, words_of: WordsOf
) -> Understanding:
    """The understanding of the message, from the rankings of ``reading.texts``."""
    correction = reading.correction
    if correction is not None and not correction.rest:
        return replace(decide(reading.text, rankings[0]), correction=correction, named=())
    words = words_of(reading.whole)
    understood = _one(reading.whole, rankings[0], names, words)
    clauses = list(zip(reading.clauses, rankings[1:], strict=True))
    if understood.aspect in _COURTESY and len(clauses) == 1:
        clause, ranked = clauses[0]
        asked = _one(clause, ranked, names, words_of(clause))
        # "Cảm ơn nhé, còn lệ phí?" asks; what is polite before it says nothing.
        understood = asked if _asks(asked) else understood
    if len(clauses) > 1:
        parts = [_part(c, ranked, names, words_of(c)) for c, ranked in clauses]
        spoken_of = _spoken_of(rankings[0], understood)
        understood = _with_more(understood, _labels(parts, spoken_of))
    return replace(understood, text=reading.text, correction=correction)


def _one(text: str, ranked: Sequence[Label], names: Names, words: Sequence[str]) -> Understanding:
    understood = decide(text, ranked)
    if names.asks_for_paper(words):
        # "Có cần mang hộ khẩu không?" asks about a paper, not about what it is called after.
        return replace(understood, named=(), bare=(Label(NONE, "ho_so", 1.0),))
    named = names.find(words)
    return replace(
        understood,
        named=named,
        name_only=names.only(words) is not None,
        bare=() if named else bare_aspects(ranked),
    )


def _asks(understood: Understanding) -> bool:
    return understood.aspect in CONTENT_ASPECTS and understood.decision != "handover"


def bare_aspects(ranked: Iterable[Label]) -> tuple[Label, ...]:
    """The likeliest aspects, whatever the procedure; none when a procedure is certain."""
    ranked = list(ranked)
    if not ranked:
        return ()
    procedure, likely = likeliest_procedure(ranked)
    if procedure not in UNNAMED and likely >= NAMED_ANYWAY:
        return ()
    return likeliest_aspects(ranked)


def likeliest_aspects(ranked: Iterable[Label]) -> tuple[Label, ...]:
    """The likeliest aspects, whatever the procedure."""
    sums: dict[str, float] = defaultdict(float)
    for label in ranked:
        sums[label.aspect] += label.confidence
    likeliest = sorted(sums, key=sums.__getitem__, reverse=True)[:MOST_ASPECTS]
    return tuple(Label(NONE, aspect, min(sums[aspect], 1.0)) for aspect in likeliest)


# --- several questions --------------------------------------------------------------------


def _part(clause: str, ranked: Sequence[Label], names: Names, words: Sequence[str]) -> _Part | None:
    """What ``clause`` asks; None when that is not certain, or no question."""
    alone = names.only(words)
    if alone is not None:
        return _Part(alone, None, 1.0)
    understood = _one(clause, ranked, names, words)
    if understood.aspect in _TALK:
        sure = understood.confidence >= SURE_TALK and understood.decision != "clarify"
        return _Part(NONE, understood.aspect, understood.confidence) if sure else None
    if not understood.bare and understood.decision == "answer" and understood.confidence >= SURE:
        return _Part(understood.procedure, understood.aspect, understood.confidence)
    likeliest = next(iter(understood.bare or likeliest_aspects(ranked)), None)
    if likeliest is None or likeliest.aspect not in CONTENT_ASPECTS or likeliest.confidence < SURE:
        return None
    procedure = _named_by_both(ranked, understood.named or ())
    return _Part(procedure, likeliest.aspect, likeliest.confidence, understood.named or ())


def _named_by_both(ranked: Sequence[Label], named: Sequence[str]) -> str | None:
    """The procedure that the words name and the model finds likelier than all others together."""
    procedure, likely = likeliest_procedure(ranked)
    return procedure if procedure in named and likely >= NAMED_TOO else None


def _labels(parts: Sequence[_Part | None], spoken_of: str) -> list[Label]:
    """The questions, each half that is missing taken from the one beside it."""
    sure = [part for part in parts if part is not None]
    labels: dict[tuple[str, str], Label] = {}
    for at, part in enumerate(sure):
        others = (*reversed(sure[:at]), *sure[at + 1 :])
        procedure = part.procedure or _procedure(part, others, spoken_of)
        aspect = part.aspect or _aspect(others)
        if procedure is not None and aspect is not None:
            labels.setdefault((procedure, aspect), Label(procedure, aspect, part.confidence))
    return list(labels.values())


def _procedure(part: _Part, others: Iterable[_Part], spoken_of: str) -> str | None:
    """The procedure of another clause, or of the message; None when this one names others."""
    known = (other.procedure for other in others if other.procedure not in {None, NONE})
    procedure = next(known, None) or spoken_of
    return procedure if not part.named or procedure in part.named else None


def _aspect(others: Iterable[_Part]) -> str | None:
    return next((other.aspect for other in others if other.aspect in CONTENT_ASPECTS), None)


def _spoken_of(ranked: Sequence[Label], whole: Understanding) -> str:
    """The procedure of which the message as a whole speaks, if it surely does."""
    if whole.bare or not ranked:
        return NONE
    procedure, likely = likeliest_procedure(ranked)
    return procedure if likely >= SURE else NONE


def _with_more(whole: Understanding, labels: Sequence[Label]) -> Understanding:
    """``whole`` with the further questions; its own label only gives way to two sure ones."""
    if len(labels) < 2:
        return whole
    first, second, *more = labels
    known = whole.bare or any(whole.procedure == label.procedure for label in labels)
    fits = known and any(whole.aspect == label.aspect for label in labels)
    if whole.decision == "answer" and not fits:
        return whole  # together the words mean something else
    if not _same(whole, first):
        whole = Understanding(
            text=whole.text,
            procedure=first.procedure,
            aspect=first.aspect,
            confidence=first.confidence,
            decision=_decision(first),
            named=whole.named,
        )
    return replace(whole, second=second, third=more[0] if more else None)


def _same(whole: Understanding, first: Label) -> bool:
    """Whether the message as a whole is as surely its first question."""
    pair = (whole.procedure, whole.aspect) == (first.procedure, first.aspect)
    return pair and whole.decision == _decision(first)


def _decision(label: Label) -> Decision:
    if label.aspect == "gap_can_bo":
        return "handover"
    if label.aspect not in CONTENT_ASPECTS:
        return "smalltalk"
    return "clarify" if label.procedure == NONE else "answer"
