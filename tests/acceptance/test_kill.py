"""What is acknowledged is answered once and in order, whoever is killed in between.

Real processes, real HTTP, real databases. A failure names the seed that repeats the plan.
"""

from __future__ import annotations

import asyncio
import os
import random
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import pytest

from tests.acceptance.town import Process, Town, in_order, until

FIRST = "TG"
"""Everybody's first message: its answer also says that a machine speaks."""
KEYWORDS = ["KS", "KT", "KH", "CT", "HN", "GIO", "KS PHI"]
FREE_TEXTS = [
    "đăng ký khai tử mất bao nhiêu tiền",
    "dang ky ket hon o dau",
    "làm giấy khai sinh bao lâu thì có",
]
ZALO, SMS = "8412000000009{:03}", "+84912009{:03}"
SEED = int(os.environ.get("HOTRO_TEST_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)


@dataclass
class Storm:
    """How hard it blows."""

    town: Town
    workers: int
    citizens: int
    messages: int
    kills: int
    questions: list[str]

    def __post_init__(self) -> None:
        self.random = random.Random(SEED)
        self.expected: dict[tuple[str, str], list[str]] = {}
        self.asked: dict[str, list[str]] = {}
        self.killed_in_a_send = 0
        self.work_left_behind = 0
        self.orphans: list[Path] = []

    async def blow(self) -> None:
        """Learn the answers in calm weather, then push and kill, then wait for calm."""
        await self.town.open_web()
        workers = [await self.town.start("worker") for _ in range(self.workers)]
        await self._learn()
        pushing = asyncio.create_task(self._push())
        for n in range(self.kills):
            victim = n % len(workers)
            await self._strike(workers[victim], provider_hangs=n % 2 == 0)
            workers[victim] = await self.town.start("worker")
        await pushing
        await self.town.settled()
        # The model's process notices that nobody asks it any more.
        assert self.orphans
        await until(lambda: not any(orphan.exists() for orphan in self.orphans))

    async def _learn(self) -> None:
        """For each question a citizen asks it, after the message that everybody begins with."""
        asked = {
            number.format(900 + n): question
            for number in (ZALO, SMS)
            for n, question in enumerate([FIRST, *self.questions])
        }
        for who, question in asked.items():
            self.town.says(who, FIRST)
            if question != FIRST:
                self.town.says(who, question)
        await self.town.settled()
        for who, question in asked.items():
            first = self.expected.get((who[0], FIRST), [])
            self.expected[who[0], question] = self.town.answers(who)[len(first) :]
        for kind in (ZALO[0], SMS[0]):
            different = {tuple(self.expected[kind, question]) for question in self.questions}
            assert len(different - {()}) == len(self.questions), "answers that cannot be told apart"

    async def _push(self) -> None:
        """Everybody asks, in turns, some of it twice; a little at a time."""
        people = [(ZALO if n % 2 else SMS).format(n) for n in range(1, self.citizens + 1)]
        self.asked = {who: [] for who in people}
        for n, who in zip(range(self.messages), cycle(people), strict=False):
            question = self._another(who)
            if n % 20 == 0:
                for simulator in (self.town.zalo, self.town.sms):
                    simulator.faults.duplicate_webhooks = 2
                    simulator.faults.lost_acks = 1
            self.asked[who].append(question)
            self.town.says(who, question)
            await asyncio.sleep(0.03)

    def _another(self, who: str) -> str:
        """Not a fourth time the same: that is taken for a machine (bot.delivery.flood)."""
        asked = self.asked[who]
        left = [one for one in self.questions if asked.count(one) < 3]
        return self.random.choice(left) if asked else FIRST

    async def _strike(self, worker: Process, provider_hangs: bool) -> None:
        """Kill at a random moment of its work, or while a provider has taken a message."""
        before = self._shown()
        await until(lambda: self._shown() > before or not self._all_asked(), every=0.005)
        await asyncio.sleep(self.random.uniform(0, 0.4))
        if provider_hangs:
            faults = [self.town.zalo.faults, self.town.sms.faults]
            for one in faults:
                one.drop_answers, one.drop_seconds = 2, 20.0
            try:
                await until(lambda: min(one.drop_answers for one in faults) < 2, 5, 0.005)
                self.killed_in_a_send += 1
            except TimeoutError:
                pass  # nothing was being sent any more
            for one in faults:
                one.drop_answers = 0
        self.orphans += [Path(f"/proc/{pid}") for pid in worker.children()]
        await worker.kill()
        self.work_left_behind += bool(await self.town.open_rows())

    def _shown(self) -> int:
        return sum(len(self.town.answers(who)) for who in self.asked)

    def _all_asked(self) -> bool:
        return sum(map(len, self.asked.values())) >= self.messages

    def check(self) -> None:
        """Each citizen has exactly the answers to their questions, in their order."""
        assert sum(map(len, self.asked.values())) == self.messages
        overtaken = self.town.zalo.courier.overtaken | self.town.sms.courier.overtaken
        for who, questions in self.asked.items():
            wanted = in_order(self.expected, who[0], questions)
            got = self.town.answers(who)
            if who in overtaken:
                # The web process was too slow for the provider: the repeat came after younger
                # messages, and those were answered first, as they should be.
                wanted, got = sorted(wanted), sorted(got)
            assert got == wanted, f"{who} asked {questions}; seed {SEED}"
        assert len(overtaken) < self.citizens, "no order was seen at all"


@pytest.mark.slow
async def test_every_message_is_answered_once_in_order_though_the_worker_is_killed(
    sqlite_town: Town, model: Path
) -> None:
    sqlite_town.share_model(model)
    storm = Storm(sqlite_town, 1, 20, 200, 4, questions=KEYWORDS + FREE_TEXTS)
    await storm.blow()
    storm.check()
    assert storm.work_left_behind >= 2
    assert storm.killed_in_a_send > 0
    assert await sqlite_town.metric("hotro_duplicates_total") >= 20


@pytest.mark.slow
@pytest.mark.postgres
async def test_two_workers_on_postgresql_answer_once_in_order_though_both_are_killed(
    postgres_town: Town, model: Path
) -> None:
    postgres_town.share_model(model)
    storm = Storm(postgres_town, 2, 6, 60, 2, questions=KEYWORDS)
    await storm.blow()
    storm.check()
    assert storm.work_left_behind > 0
