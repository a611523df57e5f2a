"""Faults that can be switched on while a simulator runs."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from integrations.bodies import MalformedBodyError

BEFORE, AFTER, RANDOM = "before", "after", "random"
_NUMBERS = (int, float)


@dataclass(slots=True)
class Faults:
    """All off. A whole number says how many of the next occasions go wrong; -1 is all.

    drop_answers        sends that are never answered: the client times out
    drop_when           "after" such a send was carried out, "before" it was, or "random"
    server_errors       API calls answered with HTTP 500 and not carried out
    html_bodies         API calls answered with HTTP 200 and a web page, not carried out
    empty_bodies        API calls that are carried out and answered with HTTP 200 and nothing
    unauthorized        API calls answered with HTTP 401 and not carried out
    rate_limits         calls refused as over the limit per minute
    lose_refresh        token refreshes that rotate the pair and never answer
    duplicate_webhooks  webhooks that are posted twice
    reorder_webhooks    webhooks held back until the next of the same person was posted
    lost_acks           webhooks whose 200 is taken as lost, so that they come again
    refuse              error code -> how many of the next sends are refused with it
    rates               name of a counted fault above -> share (0 to 1) of all occasions
    seed                of the random numbers behind ``rates`` and ``drop_when``
    echo_first          the echo of a send arrives before the answer of the send
    latency             seconds before each API answer
    webhook_delay       seconds before each first attempt of a webhook
    hold_seconds        longest time that ``reorder_webhooks`` holds one back
    drop_seconds        how long a dropped answer keeps the client waiting
    """

    drop_answers: int = 0
    drop_when: str = AFTER
    server_errors: int = 0
    html_bodies: int = 0
    empty_bodies: int = 0
    unauthorized: int = 0
    rate_limits: int = 0
    lose_refresh: int = 0
    duplicate_webhooks: int = 0
    reorder_webhooks: int = 0
    lost_acks: int = 0
    refuse: dict[str, int] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)
    seed: int = 0
    echo_first: bool = False
    latency: float = 0.0
    webhook_delay: float = 0.0
    hold_seconds: float = 1.0
    drop_seconds: float = 30.0
    _random: random.Random = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def take(self, name: str) -> bool:
        """Whether the fault ``name`` strikes now; counts it down."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        if left != 0:
            return True
        rate = self.rates.get(name, 0.0)
        return rate > 0 and self._random.random() < rate

    def drops(self, when: str) -> bool:
        """Whether a send loses its answer; asked once ``BEFORE`` and once ``AFTER`` it is done."""
        if self.drop_when == RANDOM:
            if when == BEFORE and self._random.random() < 0.5:
                return False
        elif self.drop_when != when:
            return False
        return self.take("drop_answers")

    def refusal(self) -> int:
        """The code with which this send is refused, or 0; counts it down."""
        for code, left in self.refuse.items():
            if left > 0:
                self.refuse[code] = left - 1
            if left != 0:
                return int(code)
        return 0

    def as_dict(self) -> dict[str, object]:
        """The current switches."""
        return {name: getattr(self, name) for name in _names()}

    def update(self, changes: Mapping[str, object]) -> None:
        """Set switches by name; a new ``seed`` starts the random numbers again.

        Raises:
            MalformedBodyError: an unknown switch, or a value of another kind; nothing is set.
        """
        values = {name: self._checked(name, value) for name, value in changes.items()}
        for name, value in values.items():
            setattr(self, name, value)
        if "seed" in values:
            self._random = random.Random(self.seed)

    def _checked(self, name: str, value: object) -> object:
        if name not in _names():
            raise MalformedBodyError("unknown fault")
        kind = type(getattr(self, name))
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind or (
            name == "drop_when" and value not in (BEFORE, AFTER, RANDOM)
        ):
            raise MalformedBodyError("fault of another kind")
        if name == "rates":
            return _rates(value)
        return _refusals(value) if name == "refuse" else value


def counted() -> frozenset[str]:
    """The faults that are counted, and may have a rate."""
    return frozenset(name for name in _names() if type(getattr(Faults(), name)) is int) - {"seed"}


def _names() -> tuple[str, ...]:
    return tuple(name for name in Faults.__slots__ if not name.startswith("_"))


def _rates(value: object) -> dict[str, float]:
    rates = value if isinstance(value, dict) else {}
    known = counted()
    for name, rate in rates.items():
        if name not in known or type(rate) not in _NUMBERS or not 0 <= rate <= 1:
            raise MalformedBodyError("rates are shares of known faults")
    return {name: float(rate) for name, rate in rates.items()}


def _refusals(value: object) -> dict[str, int]:
    refusals = value if isinstance(value, dict) else {}
    for code, left in refusals.items():
        if not code.removeprefix("-").isdecimal() or int(code) == 0 or type(left) is not int:
            raise MalformedBodyError("refuse maps an error code to a number")
    return dict(refusals)
