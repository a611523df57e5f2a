"""The contract between the bot and its channels: two small protocols.

An adapter in ``integrations/`` turns a provider's webhook into :class:`~bot.messages.Inbound`
and :class:`~bot.messages.Receipt` objects and gives them to an :class:`Intake`; it implements
:class:`Sender` towards the provider. Adapters know nothing of the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from bot.messages import (
    Channel,
    Choice,
    Echo,
    Inbound,
    InboundPart,
    Notice,
    Outgoing,
    Receipt,
    SendResult,
)


class Intake(Protocol):
    """Where adapters leave what arrived. All calls return after the commit."""

    async def receive(self, inbound: Inbound) -> bool:
        """Store one message; False when this provider id was stored before."""
        ...

    async def part(self, part: InboundPart) -> bool:
        """Store a part of a long message; False when it was stored before."""
        ...

    async def receipt(self, receipt: Receipt) -> bool:
        """Apply one report; False when it changed nothing (late, duplicate, unknown)."""
        ...

    async def echo(self, echo: Echo) -> None:
        """Note a message that the provider says went out.

        It settles an outbox row whose outcome was unknown. When it is none of ours, an officer
        wrote it in the provider's own app: the bot falls silent for that conversation.
        """
        ...

    async def notice(self, notice: Notice) -> None:
        """Note what the provider says of the account itself."""
        ...


class Sender(Protocol):
    """Sends to one provider."""

    async def send(self, message: Outgoing) -> SendResult:
        """Send ``message``.

        Raises:
            TemporarySendError, PermanentSendError, UnknownOutcomeError: see bot.messages.
        """
        ...

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Look whether an earlier attempt with unknown outcome did arrive.

        Returns None when the provider certainly has not sent it (then it is sent again).

        Raises:
            TemporarySendError: when that cannot be told now.
        """
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One line of a conversation as the citizen sees it; ``seq`` grows with time."""

    seq: int
    author: Literal["citizen", "bot", "officer"]
    text: str
    at: datetime
    choices: tuple[Choice, ...] = ()


class Transcript(Protocol):
    """Reads a conversation back (the web chat shows it; it has no provider that keeps it)."""

    async def read(
        self, commune: str, channel: Channel, address: str, after: int = 0
    ) -> list[TranscriptLine]:
        """Lines with ``seq`` > ``after``, oldest first; empty for an unknown address."""
        ...


@dataclass(frozen=True, slots=True)
class BoardView:
    """A scanned notice board: whose it is and what it asks about."""

    code: str
    commune: str
    place: str
    procedure: str | None


class Boards(Protocol):
    """Notice boards with QR codes."""

    async def scan(self, code: str) -> BoardView | None:
        """Count one scan of ``code``; None when there is no such board."""
        ...


class Standing(StrEnum):
    """Whether a channel carries a message to somebody now."""

    FREE = "free"
    PAID = "paid"
    CLOSED = "closed"


class Reach(Protocol):
    """What a commune's account at a channel may send; asked in bot.delivery.ways only."""

    @property
    def template(self) -> str:
        """The provider's id of the approved text for reminders; "" when there is none."""
        ...

    def standing(
        self, last_interaction: datetime | None, now: datetime
    ) -> tuple[Standing, datetime | None]:
        """Whether a message composed by us may go to somebody who last wrote then.

        With it the instant at which that changes for the worse; None when it does not.
        """
        ...


@dataclass(frozen=True, slots=True)
class GatewayPlan:
    """One gateway of a commune as the choice among several sees it.

    ``share``: of messages among healthy gateways; 0: only when the others do not carry.
    Caps per minute, hour and day; 0: none. ``price``: đồng for one SMS part.
    """

    name: str
    share: int = 100
    per_minute: int = 0
    per_hour: int = 0
    per_day: int = 0
    price: int = 0


Plans = Callable[[str, Channel], Sequence[GatewayPlan]]
"""Commune and channel -> its gateways, best first; empty: the channel has no choice of them."""


def one_way(commune: str, channel: Channel) -> Sequence[GatewayPlan]:
    """Plans of an installation in which nothing is chosen."""
    return ()


Reaches = Callable[[str, Channel], Reach | None]
"""Commune and channel -> what may be sent there; None: no such account, nothing may."""


class Unlimited:
    """Reach of a channel without a window (SMS, web, the bot platform)."""

    template = ""

    def standing(
        self, last_interaction: datetime | None, now: datetime
    ) -> tuple[Standing, datetime | None]:
        """Always free to ask."""
        return Standing.FREE, None


def only_sms(commune: str, channel: Channel) -> Reach | None:
    """Reaches of an installation that has a gateway and nothing else."""
    return Unlimited() if channel == "sms" else None
