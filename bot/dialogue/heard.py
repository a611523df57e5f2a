"""What was heard, before and after understanding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bot.dialogue import payloads, words
from bot.dialogue.payloads import Tap
from bot.dialogue.state import State
from bot.knowledge.library import Knowledge
from bot.messages import Channel, InboundKind
from bot.understanding.entities.kinds import Entity
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
    """Folded, abbreviations written out (bot.understanding.normalise); later a
    :class:`~bot.knowledge.times.TextKey`."""
    taps: tuple[Tap, ...] = ()
    understanding: Understanding | None = None
    media: str | None = None
    entities: tuple[Entity, ...] = ()
    """What its words name. Places are looked up when it is heard; all else, which depends on
    the day, is added before the dialogue decides (:func:`bot.dialogue.told.hear`)."""
    message: int = 0
    """Names the message in what is remembered of it; the dialogue knows no more about it."""

    @property
    def is_keyword(self) -> bool:
        """Whether the whole message is a keyword (with what may follow it)."""
        return self.understanding is not None and self.understanding.keyword is not None


@dataclass(frozen=True, slots=True)
class World:
    """What the dialogue may look at besides the conversation."""

    knowledge: Knowledge
    today: date
    """In Vietnam."""
    channel: Channel
    own_phone: str | None = None
    """The citizen's number where the channel is a phone, or where one was proved."""
    proven: bool = False
    """Whether that number is proved to be the citizen's."""
    now: datetime | None = None


def taps_in(text: str, state: State) -> tuple[Tap, ...]:
    """Read ``text`` as buttons: a payload, the number of a choice, or several numbers.

    Several numbers ("1 3", "số 1 và 3") count only while papers are being ticked off, and
    never while a form waits: "5/8" is a date then.
    """
    single = payloads.read(text)
    if single is not None:
        return (single,)
    numbers = words.numbers(text)
    if numbers == (0,):
        return (Tap(payloads.BACK),) if state.walk or state.form else ()
    if not numbers or (len(numbers) > 1 and state.form is not None):
        return ()
    chosen = [payloads.read(state.choices[n - 1]) for n in numbers if 0 < n <= len(state.choices)]
    taps = tuple(t for t in chosen if t is not None)
    if len(numbers) == 1:
        return taps
    ticking = len(taps) == len(numbers) and all(t.verb == payloads.TICK for t in taps)
    return taps if ticking else ()
