"""What a tapped button says. A typed payload cannot be told from a tap (facts/zalo.md 1.3),
so none of them does anything that the citizen could not ask for in words."""

from __future__ import annotations

from dataclasses import dataclass

MARK = "#"
LONGEST = 400
"""A button that starts a checklist carries the case that was told."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A verb and its arguments: ``#hoi.khai_sinh.le_phi``."""

    verb: str
    args: tuple[str, ...] = ()

    def arg(self, n: int) -> str:
        """The n-th argument, or ""."""
        return self.args[n] if n < len(self.args) else ""


def tap(verb: str, *args: str) -> str:
    """Write a payload."""
    return MARK + ".".join((verb, *args))


def read(text: str) -> Tap | None:
    """Read a payload; None for ordinary text."""
    if not text.startswith(MARK) or len(text) > LONGEST or " " in text.strip():
        return None
    verb, *args = text.strip()[1:].split(".")
    return Tap(verb, tuple(args)) if verb in VERBS else None


ASK = "hoi"
"""procedure[, aspect]: ask about it; without an aspect, its menu."""
WALK = "buoc"
"""procedure: walk its checklist."""
RESUME = "tieptuc"
"""Go on with the walk that was left."""
REPLY = "tl"
"""procedure, question, option: answer a checklist question."""
BACK = "lui"
LEAVE = "thoi"
TICK = "co"
"""paper: I have it (again: I do not)."""
TICK_ALL = "codu"
REMIND = "nhac"
"""kind: offer a reminder of that kind (han, giay, hen)."""
WHEN = "sau"
"""days: remind after so many days."""
AGREE = "dongy"
REFUSE = "khong"
PERSON = "canbo"
MENU = "menu"
MORE = "tiep"
PROVE = "xacnhan"
"""Prove that a telephone number is one's own."""
STOP = "thoitin"
"""Stop everything that is sent unasked."""
STOP_ONE = "thoinhac"
"""number: stop the reminder of that line of the list."""
ERASE = "xoa"
ERASE_YES = "xoahet"
HELLO = "chao"

VERBS = frozenset(
    {
        ASK, WALK, RESUME, REPLY, BACK, LEAVE, TICK, TICK_ALL, REMIND, WHEN, AGREE, REFUSE,
        PERSON, MENU, MORE, PROVE, STOP, STOP_ONE, ERASE, ERASE_YES, HELLO,
    }
)  # fmt: skip
