"""How a commune's SMS gateways stand, and what may be done about them: for desk and commands.

The composition root implements it (bot.sms_desk).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.smstext import Preview


class SmsFault(Exception):
    """It did not work; the message is a Vietnamese sentence for whoever tried."""


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One setting that a kind of gateway asks for."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = False
    default: str = ""
    made: bool = False
    """A secret that is made up here when the form leaves it empty."""


@dataclass(frozen=True, slots=True)
class KindLine:
    """One kind of gateway, to choose from."""

    id: str
    label: str
    about: str
    fields: tuple[FieldLine, ...]
    receives: bool
    posts: bool
    """It posts what comes to a webhook of ours."""
    caps: tuple[int, int, int]
    """What is proposed per minute, hour and day."""
    connects: bool = False
    """We can register the webhook there ourselves."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What a gateway did in the last 24 hours, and how much of its caps is used."""

    sent: int = 0
    failed: int = 0
    parts: int = 0
    price: int = 0
    """In đồng."""
    minute: int = 0
    hour: int = 0
    day: int = 0
    """Tries in the last minute, hour and day, against the caps."""


@dataclass(frozen=True, slots=True)
class GatewayLine:
    """One gateway as the page shows it. Secrets are never shown."""

    name: str
    kind: KindLine
    own_number: str = ""
    share: int = 100
    per_minute: int = 0
    per_hour: int = 0
    per_day: int = 0
    price: int = 0
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    """Names of those that are there."""
    from_file: bool = False
    """It stands in hotro.toml only; what is entered here goes over that."""
    fault: str = ""
    """Why it cannot be used as it is set."""
    problem: str = ""
    """What a person has to mend."""
    weight: int = 100
    """Per cent of its share that it gets now."""
    facts: tuple[tuple[str, str], ...] = ()
    """What it told of itself when it was last asked."""
    asked_at: datetime | None = None
    heard_at: datetime | None = None
    """When a message last came through it (of the recent ones)."""
    counted: Counted = Counted()
    webhook_url: str = ""
    copies: bool = False
    """There is something to be entered at the gateway (``SmsDesk.snippets``)."""

    @property
    def trouble(self) -> str:
        """What somebody has to do, "" when nothing."""
        return self.fault or self.problem


@dataclass(frozen=True, slots=True)
class Trial:
    """A message that was sent to try a gateway."""

    at: datetime
    number: str
    """E.164."""
    state: str
    """waiting, sent, delivered, failed, unknown, or other: another gateway carried it."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Hearing:
    """Trying whether a gateway receives: write ``THU <code>`` to its number."""

    code: str
    at: datetime | None = None
    """When it came."""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Snippet:
    """What has to be entered at the gateway: a key, or lines of its own configuration."""

    title: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as a telephone gets it, at the price of the commune's dearest gateway."""

    preview: Preview
    notes: tuple[str, ...] = ()
    """What to mind, in Vietnamese: words that turn their meaning without diacritics."""


class SmsDesk(Protocol):
    """Every method raises :class:`SmsFault` when it cannot do what it says."""

    def kinds(self) -> Sequence[KindLine]:
        """All kinds, the simplest first."""
        ...

    async def gateways(self, commune: str) -> Sequence[GatewayLine]:
        """A commune's gateways; never asks them."""
        ...

    async def gateway(self, commune: str, name: str) -> GatewayLine:
        """One of them."""
        ...

    async def troubles(self, commune: str) -> Mapping[str, str]:
        """Gateway -> what a person has to mend."""
        ...

    async def save(
        self, commune: str, name: str, kind: str, values: Mapping[str, str], *, new: bool = False
    ) -> GatewayLine:
        """Keep what was entered: own_number, share, per_minute, per_hour, per_day, price and
        the kind's fields. Only the names that are given change; an empty secret stays.

        Args:
            new: there must be none of that name yet.
        """
        ...

    async def remove(self, commune: str, name: str) -> bool:
        """Forget what was entered; True when it stands in hotro.toml and goes on as it is there."""
        ...

    async def check(self, commune: str, name: str) -> GatewayLine:
        """Ask the gateway how it is, and keep what it told. Raises when it is not well."""
        ...

    async def test(
        self, commune: str, name: str, number: str, key: str, officer_id: int | None
    ) -> None:
        """Send a message to ``number`` through it; the same ``key`` sends once."""
        ...

    async def tests(self, commune: str, name: str) -> Sequence[Trial]:
        """What became of the last ones, newest first."""
        ...

    async def hearing(self, commune: str, name: str) -> Hearing:
        """What to write to its number, and whether that came."""
        ...

    async def connect(self, commune: str, name: str) -> str:
        """Register our webhook at the gateway; returns what was done, in Vietnamese."""
        ...

    async def snippets(self, commune: str, name: str) -> Sequence[Snippet]:
        """What to copy to the gateway; there are keys in it."""
        ...

    def preview(self, commune: str, text: str) -> Shown:
        """``text`` as an old telephone shows it, and what it costs."""
        ...
