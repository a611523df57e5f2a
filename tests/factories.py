"""Short ways to make what the store and delivery tests need: real parts, few fakes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from actions.registry import perform
from bot.clock import FixedClock
from bot.delivery.intake import StoreIntake
from bot.delivery.sender import Outbound
from bot.delivery.turns import Turns
from bot.delivery.wakeups import LocalWakeups, Topic
from bot.delivery.worker import Worker
from bot.knowledge.library import Library
from bot.knowledge.loader import load
from bot.messages import Channel, Echo, Inbound, InboundKind, Outgoing, SendResult
from bot.store import conversations, outbox
from bot.store.engine import Store
from bot.store.models import InboxRow, Officer, OutboxRow
from bot.store.outbox import Claimed, Draft
from bot.store.reminders import Words
from bot.understanding.client import NluClient, NluUnavailable
from bot.understanding.facade import Understander
from bot.understanding.normalise import load_lexicon
from bot.understanding.types import Label

ROOT = Path(__file__).resolve().parents[1]
HOME = "hoa-mai"
CITIZEN = "8412000000000000101"
PHONE = "+84912000101"
NOON = datetime(2026, 7, 6, 5, 0, tzinfo=UTC)
"""A Monday, 12:00 in Vietnam."""
MINUTE = timedelta(minutes=1)

_number = itertools.count(1)


def inbound(text: str = "KS", address: str = CITIZEN, **more: Any) -> Inbound:
    """One message of a citizen on Zalo, unless ``more`` says otherwise."""
    values: dict[str, Any] = {
        "commune": HOME,
        "channel": "zalo",
        "address": address,
        "provider_id": f"m{next(_number)}",
        "kind": InboundKind.TEXT,
        "text": text,
    }
    return Inbound(**(values | more))


def echoed(provider_message_id: str, text: str, *, by_human: bool = False) -> Echo:
    """Zalo shows that ``text`` went out to the citizen."""
    return Echo(HOME, "zalo", CITIZEN, provider_message_id, text, by_human)


def worded(text: str) -> Words:
    """A reminder that says the same by every way."""
    return Words(text, text)


@cache
def library() -> Library:
    """The real content."""
    return load(ROOT / "faq")


class FakeModel:
    """Stands for the model's process: everything asks about the fee of a birth registration.

    ``gate``: answers wait for it. ``down``: there is no model.
    """

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = asyncio.Event()
        self.down = False

    async def parse(self, texts: Sequence[str]) -> list[list[Label]]:
        if not texts:
            return []
        self.asked.set()
        await self.gate.wait()
        if self.down:
            raise NluUnavailable("missing: no trained model")
        return [[Label("khai_sinh", "le_phi", 0.99)] for _ in texts]


class CountingWakeups(LocalWakeups):
    """Local ones that count the notices."""

    def __init__(self) -> None:
        super().__init__()
        self.notices: list[Topic] = []

    def notify(self, topic: Topic) -> None:
        self.notices.append(topic)
        super().notify(topic)


@dataclass(frozen=True)
class Step:
    """What a scripted provider does with one send."""

    error: Exception | None = None
    arrives: bool = True
    then: Callable[[], Any] | None = None
    """Awaited before the answer: something happens meanwhile."""


OK = Step()


class ScriptedSender:
    """A provider that follows a script, then takes everything.

    ``arrived`` is what the citizen has; ``looked_for`` which messages were asked for.
    """

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.arrived: list[Outgoing] = []
        self.tried: list[str] = []
        self.looked_for: list[str] = []
        self.look_error: Exception | None = None
        self.while_looking: Callable[[], Any] | None = None

    @property
    def texts(self) -> list[str]:
        """What the citizen reads, in order."""
        return [message.text for message in self.arrived]

    async def send(self, message: Outgoing) -> SendResult:
        step = self.script.pop(0) if self.script else OK
        self.tried.append(message.text)
        if step.error is None or step.arrives:
            self.arrived.append(message)
        if step.then is not None:
            await step.then()
        if step.error is not None:
            raise step.error
        return SendResult(f"p-{message.id}")

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        self.looked_for.append(message.text)
        if self.look_error is not None:
            raise self.look_error
        there = any(one.id == message.id for one in self.arrived)
        if self.while_looking is not None:
            await self.while_looking()
        return SendResult(f"p-{message.id}") if there else None

    async def close(self) -> None:
        return None


@dataclass
class House:
    """Everything between intake and sender on one store; clocks stand still."""

    store: Store
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    wall: FixedClock = field(default_factory=lambda: FixedClock(NOON))
    wakeups: CountingWakeups = field(default_factory=CountingWakeups)
    model: FakeModel = field(default_factory=FakeModel)
    provider: ScriptedSender = field(default_factory=ScriptedSender)

    @property
    def intake(self) -> StoreIntake:
        return StoreIntake(self.store, self.clock, self.wall, self.wakeups)

    def turns(self, **more: Any) -> Turns:
        """Real turns with the real content and actions; only the model is a fake."""
        return Turns(
            self.store,
            more.pop("library", library),
            Understander(cast("NluClient", self.model)),
            more.pop("perform", perform),
            self.clock,
            self.wall,
            load_lexicon(ROOT / "nlu_data" / "lexicon"),
            **more,
        )

    def worker(self, **more: Any) -> Worker:
        return Worker(self.store, self.turns(**more), self.wakeups, self.wall)

    def outbound(self, **more: Any) -> Outbound:
        senders: dict[Channel, Any] = dict.fromkeys(("zalo", "sms"), self.provider)
        return Outbound(
            self.store, more.pop("senders", senders), self.wakeups, self.clock, self.wall, **more
        )

    def later(self, by: timedelta) -> None:
        """Both clocks move on."""
        self.clock.advance(by)
        self.wall.advance(by)

    # --- a citizen, the bot, an officer ---------------------------------------------

    async def hear(self, *texts: str, address: str = CITIZEN, channel: Channel = "zalo") -> int:
        """The citizen writes ``texts``; returns the conversation's id."""
        for text in texts:
            await self.intake.receive(inbound(text, address, channel=channel))
        async with self.store.read() as session:
            found = await conversations.find(session, HOME, channel, address)
        assert found is not None
        return found

    async def queue(self, conversation: int, *texts: str, **more: Any) -> list[int]:
        """Queue messages of the bot; returns the rows' ids."""
        ids = []
        async with self.store.write() as session:
            for text in texts:
                draft = Draft(f"t:{next(_number)}", more.get("author", "bot"), text)
                draft = Draft(**(_fields(draft) | more))
                row_id = await outbox.queue(session, conversation, draft, self.clock.now())
                assert row_id is not None
                ids.append(row_id)
        return ids

    async def claim(self, worker: str = "s1", limit: int = 10) -> list[Claimed]:
        """Lease sendable rows for a minute."""
        async with self.store.write() as session:
            return await outbox.claim(
                session, worker, self.clock.now(), self.wall.now(), MINUTE, limit
            )

    async def officer(self, username: str = "lan") -> int:
        """Somebody of the console."""
        async with self.store.write() as session:
            row = Officer(
                commune=HOME,
                username=username,
                name=username.title(),
                password_hash="-",
                created_at=self.clock.now(),
            )
            session.add(row)
            await session.flush()
            return row.id

    async def view(self, conversation: int) -> conversations.ConversationView:
        async with self.store.read() as session:
            found = await conversations.get(session, conversation)
        assert found is not None
        return found

    async def inbox_states(self) -> list[str]:
        async with self.store.read() as session:
            return list(await session.scalars(select(InboxRow.state).order_by(InboxRow.id)))

    async def outbox_rows(self, conversation: int | None = None) -> list[OutboxRow]:
        query = select(OutboxRow).order_by(OutboxRow.id)
        if conversation is not None:
            query = query.where(OutboxRow.conversation_id == conversation)
        async with self.store.read() as session:
            return list(await session.scalars(query))

    async def states(self, conversation: int | None = None) -> list[str]:
        """The states of the outbox rows, in order."""
        return [row.state for row in await self.outbox_rows(conversation)]

    async def texts(self, conversation: int | None = None) -> list[str]:
        """What the outbox rows say, in order."""
        async with self.store.read() as session:
            return [
                outbox.opened(session, row.body_enc).text
                for row in await self.outbox_rows(conversation)
            ]


def _fields(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in Draft.__slots__}
