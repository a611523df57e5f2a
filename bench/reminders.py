"""What a million scheduled reminders cost: ``python -m bench.reminders``.

A million reminders of 124 communes are scheduled over a year; then it is measured what one look
of the scheduler costs when nothing is due, when some are (they are queued), and how many SMS a
second leave into a gateway on this machine through the real sender. On SQLite and, where it is
installed, on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import click
from sqlalchemy import func, insert, select, text

from bot.channels import only_sms
from bot.clock import FixedClock, SystemClock
from bot.delivery.ladder import Rules, queue_due
from bot.delivery.sender import Outbound
from bot.delivery.wakeups import LocalWakeups
from bot.store.engine import Store
from bot.store.migrate import upgrade
from bot.store.models import Consent, Conversation, OutboxRow, Reminder
from bot.store.vault import Vault
from integrations.sms.gateway import GatewayConfig, Tools
from integrations.sms.pool import Pool
from integrations.sms.sender import SmsSender
from tests.acceptance.local_gateway import running
from tests.peers import PostgresCluster, free_port, postgres_programs

START = datetime(2026, 7, 6, 1, 30, tzinfo=UTC)
"""A Monday, 08:30 in Vietnam."""
COMMUNES = [f"xa-{n:03}" for n in range(124)]
PEOPLE = 5_300
YEAR = timedelta(days=365)
CHUNK = 10_000
LOOKS = 50


def line(name: str, took: Sequence[float], each: int = 1) -> str:
    """p50 and p99 in ms of one look; with ``each`` how much that is for one reminder."""
    ranked = sorted(took)
    p50, p99 = (1000 * ranked[min(len(ranked) - 1, int(len(ranked) * q))] for q in (0.5, 0.99))
    return f"{name:44s}{p50:9.2f}{p99:9.2f}{p50 / each:12.3f}"


async def fill(store: Store, count: int) -> float:
    """Schedule ``count`` reminders; returns the seconds."""
    began = time.perf_counter()
    async with store.write() as session:
        vault = store.vault
        people = [
            {
                "id": n + 1,
                "commune": COMMUNES[n % len(COMMUNES)],
                "channel": "sms",
                "address_hash": f"{n:064}",
                "address_enc": vault.encrypt(f"+8491{n:07}"),
                "owner": "bot",
                "created_at": START,
                "last_seq": 0,
            }
            for n in range(PEOPLE)
        ]
        await session.execute(insert(Conversation), people)
        consents = [
            {
                "id": one["id"],
                "commune": one["commune"],
                "conversation_id": one["id"],
                "subject_hash": one["address_hash"],
                "purpose": "nhắc",
                "text_shown": "-",
                "source": "paper",
                "given_at": START,
            }
            for one in people
        ]
        await session.execute(insert(Consent), consents)
    body = store.vault.seal({"sms": "UBND xa: ho so da co ket qua", "chat": "-", "fields": {}})
    for start in range(0, count, CHUNK):
        rows = [_reminder(n, count, body) for n in range(start, min(start + CHUNK, count))]
        async with store.write() as session:
            await session.execute(insert(Reminder), rows)
    async with store.write() as session:
        await session.execute(text("ANALYZE"))
    return time.perf_counter() - began


def _reminder(n: int, count: int, body: str) -> dict[str, object]:
    person = n * 7919 % PEOPLE
    due = START + timedelta(hours=1) + YEAR * n / count
    return {
        "key": f"r{n}",
        "commune": COMMUNES[person % len(COMMUNES)],
        "conversation_id": person + 1,
        "target_id": person + 1,
        "consent_id": person + 1,
        "thread": f"d{n}",
        "kind": "ket_qua",
        "body_enc": body,
        "due_at": due,
        "look_at": due,
        "expires_at": due + timedelta(days=7),
        "state": "scheduled",
        "tried": "",
        "created_at": START,
    }


async def looks(store: Store, name: str) -> AsyncIterator[str]:
    """Lines on the looking."""
    rules = Rules(only_sms)

    async def look(now: datetime) -> tuple[float, int]:
        began = time.perf_counter()
        async with store.write() as session:
            found = await queue_due(session, now, rules)
        return time.perf_counter() - began, found.queued

    idle = [(await look(START))[0] for _ in range(LOOKS)]
    yield line(f"{name}: a look, nothing due", idle)
    now, took, queued = START + timedelta(hours=1), [], 0
    for _ in range(LOOKS):
        now += timedelta(minutes=13)
        seconds, count = await look(now)
        took.append(seconds)
        queued += count
        while count == 100:
            _, count = await look(now)
            queued += count
    each = max(1, round(queued / LOOKS))
    yield line(f"{name}: a look, {each} due (queued)", took, each)


async def sends(store: Store, name: str) -> str:
    """The line on the sending: what is queued goes into a gateway of its own process."""
    async with store.write() as session:
        queued = (
            await session.execute(
                select(OutboxRow.commune, func.count())
                .where(OutboxRow.state == "queued")
                .group_by(OutboxRow.commune)
            )
        ).all()
    assert sum(count for _, count in queued) > 0, "nothing was due"
    with tempfile.TemporaryDirectory() as folder, running(free_port(), Path(folder) / "log") as url:
        pool = Pool(Tools(SystemClock()))
        pool.take(
            GatewayConfig(
                commune,
                "local",
                "generic",
                options={"url": url},
                secrets={"token": "t", "secret": "s"},
            )
            for commune, _ in queued
        )
        clock = FixedClock(START + timedelta(days=1, hours=2))
        crew = Outbound(
            store, {"sms": SmsSender(pool)}, LocalWakeups(), clock, SystemClock(), concurrency=8
        )
        began = time.perf_counter()
        await crew.drain()
        seconds = time.perf_counter() - began
        sent = len((Path(folder) / "log").read_text().splitlines())
        await pool.close()
    rate = f"{sent} SMS in {seconds:.1f} s: {sent / seconds:.0f} a second"
    return f"{name}: into the local gateway {rate}"


@asynccontextmanager
async def databases(folder: Path) -> AsyncIterator[dict[str, str]]:
    """The addresses of empty databases."""
    found = {"SQLite": f"sqlite:///{folder / 'bench.db'}"}
    programs = postgres_programs()
    if programs is None:
        yield found
        return
    cluster = PostgresCluster(programs)
    cluster.start()
    try:
        connection = await asyncpg.connect(cluster.url("postgres"))
        await connection.execute("CREATE DATABASE bench")
        await connection.close()
        yield {**found, "PostgreSQL": cluster.url("bench")}
    finally:
        cluster.stop()


async def run(count: int) -> None:
    """Measure on each database and print."""
    with tempfile.TemporaryDirectory() as folder:
        async with databases(Path(folder)) as addresses:
            print(f"{'':44s}{'p50 ms':>9s}{'p99 ms':>9s}{'ms each':>12s}")
            for name, url in addresses.items():
                store = Store(url, Vault("a secret for the bench"))
                await upgrade(store)
                seconds = await fill(store, count)
                print(
                    f"{name}: {count} scheduled in {seconds:.0f} s: {count / seconds:.0f} a second"
                )
                async for one in looks(store, name):
                    print(one)
                print(await sends(store, name))
                await store.close()


@click.command()
@click.option("--count", default=1_000_000, show_default=True)
def main(count: int) -> None:
    """Schedule, look, send."""
    asyncio.run(run(count))


if __name__ == "__main__":
    main()
