"""What understanding a message yields. Imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

Decision = Literal["answer", "clarify", "handover", "smalltalk"]

NONE: Final = "none"
"""The procedure of a message that names none."""

PROCEDURES: Final[tuple[str, ...]] = (
    "khai_sinh",
    "khai_tu",
    "ket_hon",
    "tinh_trang_hon_nhan",
    "chung_thuc",
    "trich_luc",
    "cai_chinh",
    "dang_ky_lai",
    "nhan_cha_me_con",
    "giam_ho",
    "vneid",
    "can_cuoc",
    "thuong_tru",
    "tam_tru",
    "xac_nhan_cu_tru",
    "lien_thong_khai_sinh",
    "lien_thong_khai_tu",
    "dich_vu_cong",
    NONE,
)

CONTENT_ASPECTS: Final[tuple[str, ...]] = (
    "ho_so",
    "thoi_gian",
    "le_phi",
    "noi_nop",
    "truc_tuyen",
    "dieu_kien",
    "cach_lam",
    "loi",
    "trang_thai",
)
"""Aspects of a procedure: what about it is asked."""

SMALLTALK_ASPECTS: Final[tuple[str, ...]] = (
    "chao",
    "cam_on",
    "gap_can_bo",
    "khieu_nai",
    "gio_lam_viec",
    "ngoai_pham_vi",
)
"""Aspects that belong to no procedure (their procedure is ``none``)."""

ASPECTS: Final[tuple[str, ...]] = CONTENT_ASPECTS + SMALLTALK_ASPECTS


@dataclass(frozen=True, slots=True)
class Label:
    """One candidate meaning; ``confidence`` is a probability in 0..1."""

    procedure: str
    aspect: str
    confidence: float

    def to_json(self) -> dict[str, Any]:
        """The label as ``hotro understand`` prints it, confidence to four decimals."""
        return {
            "procedure": self.procedure,
            "aspect": self.aspect,
            "confidence": round(self.confidence, 4),
        }


@dataclass(frozen=True, slots=True)
class Correction:
    """The citizen says that something else was meant."""

    rest: str
    """In their words what they do mean; "" when they do not say it."""
    denied: tuple[str, ...] = ()
    """Procedures that they say they did not mean."""


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message is taken to mean and what to do with that.

    ``alternatives`` are at most three other meanings, likeliest first; when
    ``decision`` is ``clarify`` they and the first meaning are what to ask about.
    ``keyword`` names the SMS keyword when the message was one (``keywords.yml``), ``argument``
    what stood after it, in one spelling (the code of "HS h56 231120 0001").
    What stands below it is for the conversation and no part of the contract's JSON.
    """

    text: str
    procedure: str
    aspect: str
    confidence: float
    decision: Decision
    alternatives: tuple[Label, ...] = ()
    keyword: str | None = None
    argument: str | None = None
    second: Label | None = None
    """A second question of the same message, as sure as an answer needs; ``none`` stands
    for a procedure that neither question names."""
    third: Label | None = None
    """A third one; there are no more."""
    correction: Correction | None = None
    """Set when it corrects what we understood; the meaning is that of ``correction.rest``."""
    named: tuple[str, ...] | None = None
    """Procedures that its words name or hint at; None when nobody looked."""
    name_only: bool = False
    """It says nothing but the name of a procedure ("còn khai tử?")."""
    bare: tuple[Label, ...] = ()
    """When its words name no procedure: the likeliest aspects, whatever the procedure."""

    @property
    def questions(self) -> tuple[Label, ...]:
        """The questions of the message in their order; one, two or three."""
        first = Label(self.procedure, self.aspect, self.confidence)
        return tuple(label for label in (first, self.second, self.third) if label is not None)

    def to_json(self) -> dict[str, Any]:
        """The object that ``hotro understand`` prints for one line."""
        return {
            "text": self.text,
            "procedure": self.procedure,
            "aspect": self.aspect,
            "confidence": round(self.confidence, 4),
            "decision": self.decision,
            "alternatives": [label.to_json() for label in self.alternatives],
        }


def split_intent(intent: str) -> tuple[str, str]:
    """Split ``khai_sinh+ho_so`` into procedure and aspect.

    Raises:
        ValueError: if either half is not one of the contract's names.
    """
    procedure, _, aspect = intent.partition("+")
    if procedure not in PROCEDURES or aspect not in ASPECTS:
        raise ValueError(f"not procedure+aspect: {intent!r}")
    return procedure, aspect
