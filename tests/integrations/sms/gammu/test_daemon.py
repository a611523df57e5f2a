"""The modem gateway over the real gammu-smsd 1.42 (schema 17) on gammu's dummy phone."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from bot.clock import SystemClock
from bot.messages import InboundKind, ReceiptState
from bot.segments import split
from integrations.sms.gammu import KIND, GammuModem, snippet
from integrations.sms.gammu.database import GammuDatabase, address
from integrations.sms.gateway import Gateway, GatewayConfig, Tools
from integrations.sms.long_sms import header
from tests.conftest import create_database
from tests.integrations.sms.contract import (
    CITIZEN,
    COMMUNE,
    LONG,
    OFFICE,
    GatewayContract,
    outgoing,
)
from tests.integrations.sms.joining import JoiningIntake
from tests.peers import PostgresCluster, require
from tests.peers_sms import GAMMU_HINT, GAMMU_PHONE, GAMMU_TABLES, GammuSmsd, gammu_programs

pytestmark = pytest.mark.slow
TABLES = ("inbox", "outbox", "outbox_multipart", "sentitems")


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GammuSmsd]:
    """One for all tests here: it takes a second to start and one for each message."""
    smsd = GammuSmsd(require(gammu_programs(), GAMMU_HINT), tmp_path_factory.mktemp("gammu"))
    try:
        smsd.start()
        yield smsd
    finally:
        smsd.stop()


class GammuBench:
    """A gateway on the daemon's database, and the phone's folder."""

    def __init__(self, daemon: GammuSmsd) -> None:
        self.daemon = daemon
        self.intake = JoiningIntake()
        self.config = config(str(daemon.database))
        database = GammuDatabase(address(str(daemon.database)))
        self.gateway: Gateway = GammuModem(self.config, database, poll=0.1)
        self._reference = 0

    async def write(self, sender: str, text: str) -> None:
        parts = split(text)
        self._reference += 1
        for number, part in enumerate(parts, 1):
            head = header(self._reference, len(parts), number).hex().upper()
            self.daemon.receive(sender, part, head if len(parts) > 1 else "")
        before = len(self.intake.inbounds)
        await eventually(lambda: len(self.intake.inbounds) > before)

    async def repeat(self) -> None:
        self.daemon.rows("UPDATE inbox SET Processed = 'false'")

    async def shown(self, messages: int) -> list[str]:
        def texts() -> list[str]:
            rows = self.daemon.rows(
                "SELECT ID, Text FROM sentitems WHERE DestinationNumber = ?"
                " ORDER BY ID, SequencePosition",
                CITIZEN,
            )
            wholes: dict[object, str] = {}
            for number, digits in rows:
                text = bytes.fromhex(str(digits)).decode("utf-16-be")
                wholes[number] = wholes.get(number, "") + text
            return list(wholes.values())

        await eventually(
            lambda: len(texts()) >= messages and not self.daemon.rows("SELECT 1 FROM outbox")
        )
        return texts()

    async def reported(self, receipts: int) -> None:
        await eventually(lambda: len(self.intake.receipts) >= 1)
        self.daemon.report(CITIZEN)
        await eventually(lambda: len(self.intake.receipts) >= receipts)

    def lose_the_next_answer(self) -> None:
        raise NotImplementedError

    def unreachable(self) -> Gateway:
        return KIND.build(config("/nowhere/smsd.db"), Tools(SystemClock()))

    def with_a_wrong_password(self) -> Gateway:
        raise NotImplementedError


def config(database: str) -> GatewayConfig:
    options = {"database": database, "phone_id": GAMMU_PHONE}
    return GatewayConfig(COMMUNE, "modem", "gammu", OFFICE, options)


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.05)


@pytest.fixture
async def bench(daemon: GammuSmsd) -> AsyncIterator[GammuBench]:
    for table in TABLES:
        daemon.rows(f"DELETE FROM {table}")
    bench = GammuBench(daemon)
    assert isinstance(bench.gateway, GammuModem)
    listening = asyncio.create_task(bench.gateway.listen(bench.intake))
    yield bench
    listening.cancel()
    await asyncio.wait({listening})
    assert listening.cancelled(), listening.exception()
    await bench.gateway.close()


class TestGammu(GatewayContract):
    """The contract; see tests.integrations.sms.contract."""

    has_password = False
    loses_answers = False


async def test_both_directions_at_once(bench: GammuBench) -> None:
    """A citizen asks at length, is answered at length, and the answer arrives."""
    await bench.write(CITIZEN, LONG)
    await bench.gateway.send(outgoing(LONG, "hotro-7"))
    assert await bench.shown(1) == [LONG]
    heads = [str(row[0]) for row in bench.daemon.rows("SELECT UDH FROM sentitems ORDER BY 1")]
    assert heads == [header(7, len(heads), n).hex().upper() for n in range(1, len(heads) + 1)]
    assert len(heads) == len(split(LONG))
    await bench.reported(1)
    assert next(r.state for r in bench.intake.receipts) is ReceiptState.SENT


async def test_parts_that_arrive_long_after_one_another_meet(bench: GammuBench) -> None:
    """The daemon gives up waiting and stores the first; it is joined with us."""
    bench.daemon.receive(CITIZEN, "Cháu tôi mới sinh ", header(9, 2, 1).hex().upper())
    await eventually(lambda: len(bench.intake.parts) == 1)
    bench.daemon.receive(CITIZEN, "cần giấy gì", header(9, 2, 2).hex().upper())
    await eventually(lambda: len(bench.intake.inbounds) == 1)
    assert bench.intake.inbounds[0].text == "Cháu tôi mới sinh cần giấy gì"


async def test_an_emoji_cut_in_two_by_the_phone_is_whole_again(bench: GammuBench) -> None:
    raw = "mừng 👶 nhé".encode("utf-16-be")
    for number, half in ((1, raw[:12]), (2, raw[12:])):
        text = half.decode("utf-16-be", "surrogatepass")
        bench.daemon.receive(CITIZEN, text, header(3, 2, number).hex().upper())
    await eventually(lambda: len(bench.intake.inbounds) == 1)
    assert bench.intake.inbounds[0].text == "mừng 👶 nhé"


async def test_what_the_intake_did_not_take_stays_unprocessed(daemon: GammuSmsd) -> None:
    for table in TABLES:
        daemon.rows(f"DELETE FROM {table}")
    bench = GammuBench(daemon)
    assert isinstance(bench.gateway, GammuModem)
    bench.intake.fail_next = 1
    daemon.receive(CITIZEN, "KS")
    await eventually(lambda: bool(daemon.rows("SELECT 1 FROM inbox")))
    with pytest.raises(RuntimeError):
        await bench.gateway.listen(bench.intake)
    assert daemon.rows("SELECT Processed FROM inbox") == [("false",)]
    again = asyncio.create_task(bench.gateway.listen(bench.intake))
    await eventually(lambda: daemon.rows("SELECT Processed FROM inbox") == [("true",)])
    again.cancel()
    await asyncio.wait({again})
    assert [i.text for i in bench.intake.inbounds] == ["KS"]
    await bench.gateway.close()


async def test_many_messages_both_ways_while_the_file_is_shared(bench: GammuBench) -> None:
    for number in range(4):
        await bench.gateway.send(outgoing(f"Tra loi {number}", f"hotro-{100 + number}"))
        bench.daemon.receive(f"+8491200010{number}", f"hoi {number}")
    assert await bench.shown(4) == [f"Tra loi {n}" for n in range(4)]
    await eventually(lambda: len(bench.intake.inbounds) == 4)
    assert {i.kind for i in bench.intake.inbounds} == {InboundKind.TEXT}
    assert {i.text for i in bench.intake.inbounds} == {f"hoi {n}" for n in range(4)}


async def test_the_snippet_starts_a_real_daemon(tmp_path: Path) -> None:
    """What the volunteer is given is read by the daemon as it stands."""
    program = require(gammu_programs(), GAMMU_HINT)
    smsd = GammuSmsd(program, tmp_path)
    with running(program, tmp_path, snippet(config(str(smsd.database)))):
        await eventually(lambda: bool(smsd.rows("SELECT 1 FROM phones")))
    assert smsd.rows("SELECT ID FROM phones") == [(GAMMU_PHONE,)]


@pytest.mark.postgres
async def test_the_daemon_on_postgresql(postgres_cluster: PostgresCluster, tmp_path: Path) -> None:
    """Both directions once, through gammu's own tables for PostgreSQL and its native driver."""
    program = require(gammu_programs(), GAMMU_HINT)
    url = await _tables_in_postgres(postgres_cluster)
    text = snippet(replace(config(url), options={"database": url, "phone_id": GAMMU_PHONE}))
    smsd = GammuSmsd(program, tmp_path)
    gateway = KIND.build(config(url), Tools(SystemClock()))
    assert isinstance(gateway, GammuModem)
    intake = JoiningIntake()
    with running(program, tmp_path, text):
        await until(lambda: _is_well(gateway))
        listening = asyncio.create_task(gateway.listen(intake))
        smsd.receive(CITIZEN, "Cần giấy gì?")
        sent = await gateway.send(outgoing(LONG, "hotro-3"))
        await eventually(lambda: bool(intake.inbounds and intake.receipts))
        listening.cancel()
        await asyncio.wait({listening})
    assert [i.text for i in intake.inbounds] == ["Cần giấy gì?"]
    assert intake.receipts[0].provider_message_id == sent.provider_message_id
    assert intake.receipts[0].state is ReceiptState.SENT
    await gateway.close()


async def _tables_in_postgres(cluster: PostgresCluster) -> str:
    await create_database(cluster, "gammu_daemon")
    script = GAMMU_TABLES.with_name("pgsql.sql").read_text(encoding="utf-8")
    connection = await asyncpg.connect(cluster.url("gammu_daemon"))
    try:  # every server of today has the language
        await connection.execute(script.replace("CREATE LANGUAGE plpgsql;", ""))
    finally:
        await connection.close()
    return cluster.url("gammu_daemon")


async def _is_well(gateway: Gateway) -> bool:
    return (await gateway.check()).well


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():
            await asyncio.sleep(0.1)


@contextmanager
def running(program: Path, folder: Path, settings: str) -> Iterator[None]:
    """The daemon with the volunteer's file, on the dummy phone."""
    settings = settings.replace("connection = at", "model = dummy\nconnection = none")
    settings = settings.replace("device = /dev/ttyUSB2", f"device = {folder / 'phone'}")
    log = folder / "volunteer.log"
    (folder / "volunteer").write_text(settings.replace("LogFile = syslog", f"LogFile = {log}"))
    daemon = subprocess.Popen([str(program), "--config", str(folder / "volunteer")])
    try:
        yield
    finally:
        daemon.terminate()
        daemon.wait(20)
