"""What every SMS gateway is to hotro: how it is set up, how it sends, how it is listened to.

A kind of gateway (a folder beside this file) says which settings it needs and makes
:class:`Gateway` objects of them. What it is told comes in one of two ways: somebody posts to
``/webhooks/sms/{name}/{commune}`` (:class:`Kind.read`), or we go and listen (:class:`Listener`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

import httpx

from bot.channels import Intake
from bot.clock import Clock
from bot.messages import Outgoing, SendResult
from integrations.inbox import Arrival


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """One SIM, modem or aggregator account that serves a commune.

    ``options`` and ``secrets`` are what its kind asks for (:attr:`Kind.fields`), as texts.
    """

    commune: str
    name: str
    """Its name in the webhook's address, in the console and in the attempts: a-z, 0-9, -."""
    kind: str
    own_number: str = ""
    """What citizens write to (E.164 or a short code); "" when it cannot receive."""
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    share: int = 100
    """Of messages among a commune's healthy gateways; 0: only when the others fail."""
    per_minute: int = 10
    """Sending caps; 0: none. A person's SIM is locked when it looks like spam
    (facts/sms_privacy.md 1.0)."""
    per_hour: int = 100
    per_day: int = 500
    price: int = 0
    """Of one part, in đồng."""

    def option(self, name: str, default: str = "") -> str:
        """An option or a secret; ``default`` when it is empty."""
        return self.options.get(name) or self.secrets.get(name) or default


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of a kind, as a form shows it."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = False
    default: str = ""
    made: bool = False
    """Left empty, hotro may make one up (a secret that only we and the gateway need to know)."""
    begins: bool = False
    """Left empty, it is the moment at which the gateway is entered."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How a gateway says it is. ``told`` is a Vietnamese sentence that says what to do when
    it is not ``well``; ``facts`` are what there is to show (signal, battery, credit)."""

    well: bool
    told: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


class Gateway(Protocol):
    """Sends through one gateway. Message ids that leave here, and that receipts carry, begin
    with ``{config.name}:``, so that two gateways cannot mean one another's messages."""

    @property
    def config(self) -> GatewayConfig:
        """How it was set up."""
        ...

    async def send(self, message: Outgoing) -> SendResult:
        """Hand over one SMS (of any number of parts).

        Raises:
            TemporarySendError: not taken; ``needs_person`` when somebody has to mend the
                gateway (password, credit, locked SIM).
            PermanentSendError: never will be taken; ``other_way`` when another gateway may.
            UnknownOutcomeError: it may have been taken.
        """
        ...

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Whether an earlier attempt with unknown outcome was taken; see bot.channels.Sender."""
        ...

    async def check(self) -> Condition:
        """Ask the gateway how it is, without sending anything; never raises."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...


@runtime_checkable
class Listener(Protocol):
    """A gateway that is asked, or connected to, for what citizens wrote and for receipts.

    One process listens at a time (a lease in ``sms_gateway_health``).
    """

    async def listen(self, intake: Intake) -> None:
        """Hand over what comes, until cancelled; nothing is taken from the gateway before the
        intake has stored it. Raises when the gateway cannot be reached: it is tried again."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request at a gateway's webhook; header names in lower case."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    raw: bytes
    content_type: str
    """Without parameters."""
    now: datetime
    raw_query: str = ""
    """As it came, for a caller whose bytes are no UTF-8."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider wants to hear once everything is stored."""

    text: str = ""
    content_type: str = "application/json"


OK = Answer('{"ok": true}')


@dataclass(frozen=True, slots=True)
class Taken:
    """What a call brought; nothing when it changes nothing."""

    arrivals: Sequence[Arrival] = ()
    answer: Answer = OK


class CallRefusedError(Exception):
    """The call is answered with ``status``; ``reason`` is a fixed word for the log."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Tools:
    """What gateways are given to work with."""

    clock: Clock
    """The machine's time: signatures, leases and polls go by it."""
    transport: httpx.AsyncBaseTransport | None = None
    """For tests."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    public_url: str = ""
    """Where this server is reached from outside: gateways are told to report there."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of gateway: what it needs, and how it is made and heard."""

    id: str
    label: str
    about: str
    """One sentence for the officer who chooses."""
    fields: Sequence[Field]
    build: Callable[[GatewayConfig, Tools], Gateway]
    """Raises ValueError, in Vietnamese, when the settings cannot be used."""
    read: Callable[[GatewayConfig, Call], Taken] | None = None
    """Reads one call at the webhook; None: nothing is posted by this kind.

    Raises CallRefusedError (signature), MalformedBodyError (not the declared body)."""
    receives: bool = True
    """Whether citizens can write to it."""
    gets: bool = False
    """Whether it calls with GET; a GET to the others is a person looking."""
    caps: tuple[int, int, int] = (10, 100, 500)
    """What is proposed per minute, hour and day; 0: none."""
