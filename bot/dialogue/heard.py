"""What was heard, before and after understanding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dialogue import payloads
from bot.dialogue.payloads import Tap
from bot.dialogue.state import State
from bot.knowledge.library import Knowledge
from bot.messages import Channel, InboundKind
from bot.text import key
from bot.understanding.types import Understanding


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as the dialogue gets it.

    ``taps`` is what it says as buttons (a tap, or the number of a choice); only without taps
    is it free text, with its matching key and its understanding.
    """

    kind: InboundKind
    text: str = ""
    key: str = ""
    """Folded, abbreviations written out (bot.understanding.normalise)."""
    taps: tuple[Tap, ...] = ()
    understanding: Understanding | None = None
    media: str | None = None


@dataclass(frozen=True, slots=True)
class World:
    """What the dialogue may look at besides the conversation."""

    knowledge: Knowledge
    today: date
    """In Vietnam."""
    channel: Channel
    own_phone: str | None = None
    """The citizen's number where the channel is a phone."""


def taps_in(text: str, state: State) -> tuple[Tap, ...]:
    """Read ``text`` as buttons: a payload, the number of a choice, or several numbers.

    Several numbers ("1 3", "1,3") count only while papers are being ticked off.
    """
    single = payloads.read(text)
    if single is not None:
        return (single,)
    parts = key(text).split()
    if not parts or not all(p.isdigit() and len(p) <= 2 for p in parts):
        return ()
    if parts == ["0"]:
        return (Tap(payloads.BACK),) if state.walk or state.form else ()
    chosen = [payloads.read(c) for c in _numbered(parts, state.choices)]
    taps = tuple(t for t in chosen if t is not None)
    if len(parts) == 1:
        return taps
    ticking = len(taps) == len(parts) and all(t.verb == payloads.TICK for t in taps)
    return taps if ticking else ()


def _numbered(numbers: list[str], choices: tuple[str, ...]) -> list[str]:
    return [choices[int(n) - 1] for n in numbers if 0 < int(n) <= len(choices)]
