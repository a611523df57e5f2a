"""How fast Zalo's webhooks are taken in and answered: ``python -m bench.zalo``.

A real ``hotro web`` gets signed ``user_send_text`` events over HTTP, one after the other and 50
at a time, and a few at a time while a worker answers; Zalo wants its 200 within 2 seconds. Then
the simulator's citizens write: answers a second, with no limit of Zalo's in the way. On SQLite
and, where it is installed, on PostgreSQL. Without a trained model (``hotro train``) nothing is
answered.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg
import click

from bot.understanding.training import current_model
from integrations.zalo.oa import signature
from tests.acceptance.town import APP, OA, SECRETS, Town, town, until
from tests.factories import HOME
from tests.peers import PostgresCluster, postgres_programs

ROOT = Path(__file__).resolve().parents[1]
IN_FLIGHT = (1, 50)
FEW = 4
CITIZENS = 100
KEYWORDS = ("KS", "KT", "KH", "CT", "HN", "GIO")
HEADER = f"{'':34s}{'p50 ms':>9s}{'p99 ms':>9s}{'a second':>10s}"
_number = itertools.count(1)


@dataclass(frozen=True)
class Signed:
    """One event as Zalo posts it."""

    body: bytes
    mac: str


def event() -> Signed:
    """Another citizen's question."""
    n = next(_number)
    stamp = str(1_760_000_000_000 + n)
    told = {
        "app_id": APP,
        "event_name": "user_send_text",
        "sender": {"id": f"84120000000{n % CITIZENS:05}"},
        "recipient": {"id": OA},
        "message": {"text": KEYWORDS[n % len(KEYWORDS)], "msg_id": f"bench-{n}"},
        "timestamp": stamp,
    }
    body = json.dumps(told, separators=(",", ":")).encode()
    return Signed(body, signature.header_value(APP, body, stamp, SECRETS["oa"]))


async def posted(url: str, count: int, in_flight: int) -> tuple[list[float], float]:
    """Post ``count`` events, so many at a time; returns each one's seconds, and all of them's."""
    left = iter([event() for _ in range(count)])
    took: list[float] = []

    async def poster(http: aiohttp.ClientSession) -> None:
        for one in left:
            started = time.perf_counter()
            async with http.post(url, data=one.body, headers=_headers(one)) as answer:
                await answer.read()
                answer.raise_for_status()
            took.append(time.perf_counter() - started)

    async with aiohttp.ClientSession() as http:
        began = time.perf_counter()
        await asyncio.gather(*(poster(http) for _ in range(in_flight)))
    return took, time.perf_counter() - began


def _headers(one: Signed) -> dict[str, str]:
    return {"Content-Type": "application/json", signature.HEADER: one.mac}


def row(name: str, took: Sequence[float], seconds: float) -> str:
    """One line of the table."""
    ranked = sorted(took)
    p50, p99 = (1000 * ranked[min(len(ranked) - 1, int(len(ranked) * q))] for q in (0.5, 0.99))
    return f"{name:34s}{p50:9.1f}{p99:9.1f}{len(took) / seconds:10.0f}"


async def webhooks(made: Town, name: str, count: int) -> AsyncIterator[str]:
    """Lines on the taking in."""
    url = f"{made.address}/webhooks/zalo/{HOME}"
    await posted(url, 50, 5)  # warm
    for in_flight in IN_FLIGHT:
        took, seconds = await posted(url, count, in_flight)
        yield row(f"{name}, {in_flight} in flight", took, seconds)


async def busy(made: Town, name: str, count: int) -> str:
    """The line on the taking in while a worker writes to the same database."""
    worker = await made.start("worker")
    await worker.until_says("hotro đang trả lời")
    took, seconds = await posted(f"{made.address}/webhooks/zalo/{HOME}", count // 5, FEW)
    assert await made.open_rows(), "the worker was through too soon"
    return row(f"{name}, {FEW} in flight, worker busy", took, seconds)


async def answers(made: Town, name: str, count: int) -> str:
    """The line on the answering; what a citizen waits is from all at once to their answer."""
    await made.settled(600)  # what the first part left in the inbox
    people = [f"84130000000{n:05}" for n in range(count)]
    began = time.perf_counter()
    waited: dict[str, float] = {}
    for n, who in enumerate(people):
        made.says(who, KEYWORDS[n % len(KEYWORDS)])

    def all_answered() -> bool:
        for who in people:
            if who not in waited and made.answers(who):
                waited[who] = time.perf_counter() - began
        return len(waited) == len(people)

    await until(all_answered, 600, every=0.1)
    return row(f"{name}, {count} answers", list(waited.values()), max(waited.values()))


@asynccontextmanager
async def on_sqlite(folder: Path) -> AsyncIterator[Town]:
    """A town on a file."""
    async with town(folder, f"sqlite:///{folder / 'hotro.db'}") as made:
        yield made


@contextmanager
def postgres() -> Iterator[PostgresCluster | None]:
    """A server of its own; None where none is installed."""
    programs = postgres_programs()
    if programs is None:
        yield None
        return
    cluster = PostgresCluster(programs)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


@asynccontextmanager
async def on_postgres(folder: Path, cluster: PostgresCluster) -> AsyncIterator[Town]:
    """A town on a fresh database."""
    connection = await asyncpg.connect(cluster.url("postgres"))
    await connection.execute("CREATE DATABASE bench")
    await connection.close()
    async with town(folder, cluster.url("bench")) as made:
        yield made


async def measure(made: Town, name: str, count: int, model: Path | None) -> None:
    """All lines on one database."""
    await made.open_web()
    async for line in webhooks(made, name, count):
        click.echo(line)
    if model is not None:
        made.share_model(model)
        click.echo(await busy(made, name, count))
        click.echo(await answers(made, name, count))


async def both(count: int) -> None:
    """The whole table."""
    model = current_model(ROOT / "var" / "models")
    click.echo(HEADER)
    with tempfile.TemporaryDirectory(prefix="hotro-bench-") as name, postgres() as cluster:
        for kind in ("sqlite", "postgres"):
            (Path(name) / kind).mkdir()
        async with on_sqlite(Path(name) / "sqlite") as made:
            await measure(made, "SQLite", count, model)
        if cluster is not None:
            async with on_postgres(Path(name) / "postgres", cluster) as made:
                await measure(made, "PostgreSQL", count, model)


@click.command()
@click.option("--count", default=500, help="Messages for each line.", show_default=True)
def main(count: int) -> None:
    """Measure webhooks and answers of Zalo."""
    asyncio.run(both(count))


if __name__ == "__main__":
    main()
