"""Faults that can be switched on while a simulator runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from integrations.bodies import MalformedBodyError


@dataclass(slots=True)
class Faults:
    """All off. A whole number says how many of the next occasions go wrong; -1 is all.

    drop_answers        sends that are accepted and never answered: the client times out
    server_errors       API calls answered with HTTP 500 and not carried out
    rate_limits         sends refused as over the limit per minute
    duplicate_webhooks  webhooks that are posted twice
    lost_acks           webhooks whose 200 is taken as lost, so that they come again
    echo_first          the echo of a send arrives before the answer of the send
    latency             seconds before each API answer
    drop_seconds        how long a dropped answer keeps the client waiting
    """

    drop_answers: int = 0
    server_errors: int = 0
    rate_limits: int = 0
    duplicate_webhooks: int = 0
    lost_acks: int = 0
    echo_first: bool = False
    latency: float = 0.0
    drop_seconds: float = 30.0

    def take(self, name: str) -> bool:
        """Whether the fault ``name`` strikes now; counts it down."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left != 0

    def as_dict(self) -> dict[str, object]:
        """The current switches."""
        return asdict(self)

    def update(self, changes: Mapping[str, object]) -> None:
        """Set switches by name.

        Raises:
            MalformedBodyError: an unknown switch, or a value of another kind.
        """
        kinds = {one.name: type(getattr(self, one.name)) for one in fields(self)}
        for name, value in changes.items():
            if name not in kinds:
                raise MalformedBodyError("unknown fault")
            if kinds[name] is float and type(value) is int:
                value = float(value)
            if type(value) is not kinds[name]:
                raise MalformedBodyError("fault of another kind")
        for name, value in changes.items():
            setattr(self, name, kinds[name](value))
