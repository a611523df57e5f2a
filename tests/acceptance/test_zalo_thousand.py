"""A thousand messages of a hundred people through a Zalo that doubles, reorders and drops.

Real processes between the strict simulator: 5 % of the webhooks come twice, 2 % too late, 1 %
of the sends lose their answer (before or after Zalo took the message), the OA's limit a minute
is met, and the access token ends in the middle. A failure names the seed that repeats it.
"""

from __future__ import annotations

import asyncio
import os
import random
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.store.engine import vault_of
from bot.store.models import Conversation, HandOver, InboxRow
from integrations.simulation.faults import RANDOM, Faults
from integrations.zalo.simulator import Policy
from tests.acceptance.town import Town, town

FIRST = "TG"
"""Everybody's first message: its answer also says that a machine speaks."""
KEYWORDS = ["KS", "KT", "KH", "CT", "HN", "GIO", "KS PHI"]
NUMBER = "8412000000008{:03}"
LEASE = 45.0
"""Seconds, as installed: nobody is killed here, and a busy machine is no reason to send twice."""
PAUSE = 0.04
"""Seconds between two messages of the crowd."""
AT_ONCE = 3
"""Questions that somebody types without waiting: what is held back can be overtaken."""
RATES = {"duplicate_webhooks": 0.05, "reorder_webhooks": 0.02, "drop_answers": 0.01}
ARRIVED = {"sent", "delivered", "seen"}
SEED = int(os.environ.get("HOTRO_TEST_SEED", "31"))


class Struck(Faults):
    """Faults that count how often they struck."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.struck: Counter[str] = Counter()

    def take(self, name: str) -> bool:
        strikes = super().take(name)
        self.struck[name] += strikes
        return strikes


@dataclass(frozen=True)
class Size:
    """How many write how much, and the limits: what we keep to, what Zalo really allows."""

    messages: int
    citizens: int
    workers: int
    per_minute: int
    allowed: int


class Crowd:
    """Asks, and knows what was asked and what each question is answered with."""

    def __init__(self, town: Town, size: Size, faults: Struck) -> None:
        self.town = town
        self.size = size
        self.faults = faults
        self.random = random.Random(SEED)
        self.expected: dict[str, str] = {}
        self.asked: dict[str, list[str]] = {}

    async def learn(self) -> None:
        """In calm weather somebody asks each question, after what everybody begins with."""
        asked = {NUMBER.format(900 + n): text for n, text in enumerate([FIRST, *KEYWORDS])}
        for who, question in asked.items():
            for text in dict.fromkeys([FIRST, question]):
                self.town.says(who, text)
        await self.town.settled()
        for who, question in asked.items():
            answers = self.town.answers(who)
            assert len(answers) == 1 + (question != FIRST), f"{question} is not one bubble"
            self.expected[question] = answers[-1]
        assert len(set(self.expected.values())) == len(self.expected), "answers look alike"

    async def push(self) -> None:
        """Everybody begins, then all ask in turns; half-way the access token ends."""
        people = [NUMBER.format(n) for n in range(self.size.citizens)]
        for who in people:
            await self._ask(who, FIRST)
        # What is held back must not be overtaken by a second message: the machine presents
        # itself to whatever comes first.
        await self.town.zalo.courier.idle()
        turns = (self.size.messages - len(people)) // AT_ONCE
        for n, who in enumerate(islice(cycle(people), turns)):
            if n == turns // 2:
                self.town.zalo.tokens.expire()
            await self._ask(who, *self.random.choices(KEYWORDS, k=AT_ONCE))

    async def _ask(self, who: str, *questions: str) -> None:
        for question in questions:
            self.asked.setdefault(who, []).append(question)
            self.town.says(who, question)
        await asyncio.sleep(PAUSE * len(questions))

    def check(self, came: Mapping[str, Sequence[str]]) -> None:
        """Each has exactly the answers to their questions, in the order in which these ``came``."""
        assert sum(map(len, self.asked.values())) == self.size.messages
        sends, overtaken = self.town.zalo.world.sends, self.town.zalo.courier.overtaken
        for who, questions in self.asked.items():
            assert sorted(came[who]) == sorted(questions), f"seed {SEED}"
            wanted = [self.expected[question] for question in came[who]]
            assert self.town.answers(who) == wanted, f"{who} asked {questions}; seed {SEED}"
            assert sends[who] == len(questions), f"{who} was written to twice; seed {SEED}"
        other = {who for who, questions in self.asked.items() if came[who] != questions}
        assert other <= overtaken
        # Of few messages none may happen to be overtaken.
        assert other or self.size.messages < 1000, f"nothing came in another order; seed {SEED}"


@asynccontextmanager
async def storm(folder: Path, database: str, size: Size) -> AsyncIterator[Crowd]:
    """A town with a connected OA whose limit is below what hotro was told."""
    faults = Struck(seed=SEED, drop_when=RANDOM, drop_seconds=1.0, hold_seconds=1.0)
    policy = Policy(free_replies=None, per_minute=size.allowed)
    async with town(
        folder, database, policy=policy, faults=faults, connected=True, delay_scale=0.01
    ) as made:
        made.lease = LEASE
        await made.connect(per_minute=size.per_minute)
        yield Crowd(made, size, faults)


async def blow(crowd: Crowd, model: Path) -> Sequence[str]:
    """Everything from the start to the calm after it; returns what the workers logged."""
    made = crowd.town
    made.share_model(model)
    await made.open_web()
    workers = [await made.start("worker") for _ in range(crowd.size.workers)]
    for worker in workers:
        await worker.until_says("hotro đang trả lời")
    await crowd.learn()
    crowd.faults.rates = dict(RATES)
    await crowd.push()
    await made.settled(200)
    await made.heard_all()  # the last receipts
    return [worker.said for worker in workers]


async def arrivals(made: Town) -> dict[str, list[str]]:
    """What each citizen wrote, in the order in which it was committed."""
    found: dict[str, list[str]] = {}
    rows = (
        select(InboxRow.text_enc, Conversation.address_enc)
        .join(Conversation, Conversation.id == InboxRow.conversation_id)
        .where(InboxRow.kind == "text", InboxRow.text_enc.is_not(None))
        .order_by(InboxRow.id)
    )
    async with made.store() as store, store.read() as session:
        vault = vault_of(session)
        for text, address in await session.execute(rows):
            found.setdefault(vault.decrypt(address), []).append(vault.decrypt(str(text)))
    return found


async def check_store(crowd: Crowd) -> None:
    """Every message is done and every answer arrived; nobody was called for help."""
    states = await crowd.town.outbox_states()
    learned = 2 * len(KEYWORDS) + 1
    assert set(states) <= ARRIVED, states
    assert sum(states.values()) == crowd.size.messages + learned
    async with crowd.town.store() as store, store.read() as session:
        inbox = await session.execute(
            select(InboxRow.state, func.count()).where(InboxRow.kind == "text").group_by("state")
        )
        assert {str(s): n for s, n in inbox} == {"done": crowd.size.messages + learned}
        assert await session.scalar(select(func.count()).select_from(HandOver)) == 0


async def check_everything(crowd: Crowd, said: Sequence[str]) -> None:
    """What must hold, and that the storm really blew."""
    await check_store(crowd)
    crowd.check(await arrivals(crowd.town))
    for name in RATES:
        assert crowd.faults.struck[name] > 0, f"{name}; seed {SEED}"
    assert await crowd.town.metric("hotro_duplicates_total") > 0
    if not any("code=-32" in log for log in said):
        # On a busy machine fewer leave a minute than are allowed; all else must hold.
        warnings.warn("the limit a minute was never met", stacklevel=2)
    tokens = await crowd.town.tokens()
    assert (tokens.version, tokens.problem) == (2, "")
    assert "Traceback" not in "".join(said)


@pytest.mark.slow
async def test_a_thousand_messages_are_answered_once_each(tmp_path: Path, model: Path) -> None:
    size = Size(messages=1000, citizens=100, workers=1, per_minute=1500, allowed=600)
    async with storm(tmp_path, f"sqlite:///{tmp_path / 'hotro.db'}", size) as crowd:
        await check_everything(crowd, await blow(crowd, model))


@pytest.mark.slow
@pytest.mark.postgres
async def test_two_workers_that_do_not_know_each_others_count(
    tmp_path: Path, postgres_url: str, model: Path
) -> None:
    """Without Redis each keeps to the limit by itself, and both together are over it."""
    size = Size(messages=300, citizens=60, workers=2, per_minute=240, allowed=240)
    async with storm(tmp_path, postgres_url, size) as crowd:
        await check_everything(crowd, await blow(crowd, model))
