"""The modem gateway on tables of both schemas, in SQLite and PostgreSQL, without a daemon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.clock import SystemClock
from bot.messages import InboundKind, InboundPart, ReceiptState, TemporarySendError
from integrations.sms.gammu import KIND, GammuModem, snippet
from integrations.sms.gammu.modem import LOOK_BACK, STUCK
from integrations.sms.gateway import Gateway, GatewayConfig, Tools
from integrations.testing import RecordingIntake
from tests.conftest import create_database
from tests.integrations.sms.contract import CITIZEN, COMMUNE, LONG, OFFICE, outgoing
from tests.integrations.sms.gammu.schemas import SqlDaemon
from tests.peers import PostgresCluster
from tests.peers_sms import GAMMU_PHONE

KINDS = [
    pytest.param(("sqlite", 17), id="sqlite-17"),
    pytest.param(("sqlite", 18), id="sqlite-18"),
    pytest.param(("postgresql", 17), id="postgresql-17", marks=pytest.mark.postgres),
    pytest.param(("postgresql", 18), id="postgresql-18", marks=pytest.mark.postgres),
]
_made: set[str] = set()


@dataclass
class Desk:
    """A gateway, the tables and who works on them."""

    gateway: GammuModem
    daemon: SqlDaemon
    intake: RecordingIntake

    @property
    def config(self) -> GatewayConfig:
        return self.gateway.config

    async def hear(self, rounds: int = 1) -> None:
        """Listen for some rounds."""
        async with self.listening():
            for _ in range(rounds):
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.gateway.listen(self.intake))
        try:
            yield
        finally:
            await self.settled()
            task.cancel()
            await asyncio.wait({task})
            assert task.cancelled(), task.exception()

    async def settled(self) -> None:
        """Two whole rounds have passed."""
        rounds = self.rounds
        async with asyncio.timeout(30):
            while self.rounds < rounds + 2:
                await asyncio.sleep(0.01)

    rounds: int = 0

    def states(self) -> list[ReceiptState]:
        return [receipt.state for receipt in self.intake.receipts]


class CountingIntake(RecordingIntake):
    """Keeps duplicates of receipts as well."""

    async def receipt(self, receipt: object) -> bool:
        self.receipts.append(receipt)  # type: ignore[arg-type]
        return True


@pytest.fixture(params=KINDS)
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    dialect, version = request.param
    if dialect == "sqlite":
        path = tmp_path / "smsd.db"
        path.touch()
        url, database = f"sqlite+aiosqlite:///{path}", str(path)
    else:
        cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
        database = await _empty_postgres(cluster)
        url = database.replace("postgresql://", "postgresql+asyncpg://")
    daemon = SqlDaemon(create_async_engine(url, poolclass=NullPool), version)
    await daemon.make_tables()
    await daemon.beat()
    config = GatewayConfig(
        COMMUNE, "modem", "gammu", OFFICE, {"database": database, "phone_id": GAMMU_PHONE}
    )
    gateway = KIND.build(config, Tools(SystemClock()))
    assert isinstance(gateway, GammuModem)
    desk = Desk(gateway, daemon, CountingIntake())
    gateway._poll = 0.02
    whole = gateway._round

    async def counted(*arguments: object) -> bool:
        more = await whole(*arguments)  # type: ignore[arg-type]
        desk.rounds += 1
        return more

    gateway._round = counted  # type: ignore[method-assign]
    yield desk
    await gateway.close()
    await daemon.engine.dispose()


async def _empty_postgres(cluster: PostgresCluster) -> str:
    """One database for all: each would leave hundreds of files."""
    if "smsd" not in _made:
        await create_database(cluster, "smsd")
        _made.add("smsd")
    url = cluster.url("smsd")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    finally:
        await connection.close()
    return url


# --- sending ------------------------------------------------------------------------------


async def test_a_message_is_one_row_for_this_modem(desk: Desk) -> None:
    sent = await desk.gateway.send(outgoing("Chào bà", "hotro-12"))
    (row,) = await desk.daemon.run("SELECT * FROM outbox")
    assert (row.DestinationNumber, row.TextDecoded) == (CITIZEN, "Chào bà")
    assert (row.Coding, row.SenderID) == ("Default_No_Compression", GAMMU_PHONE)
    assert row.CreatorID == f"{COMMUNE}/modem/hotro-12"
    assert row.MultiPart in (False, "false")
    assert (row.UDH, row.DeliveryReport) == (None, "yes")
    assert sent.provider_message_id == f"modem:hotro-12.{row.ID}"


async def test_a_long_message_is_split_with_headers_in_one_transaction(desk: Desk) -> None:
    await desk.gateway.send(outgoing(LONG, "hotro-513"))
    (row,) = await desk.daemon.run("SELECT * FROM outbox")
    rest = await desk.daemon.run('SELECT * FROM outbox_multipart ORDER BY "SequencePosition"')
    parts = [row, *rest]
    assert "".join(part.TextDecoded for part in parts) == LONG
    assert row.MultiPart in (True, "true")
    total = f"{len(parts):02X}"
    assert [p.UDH for p in parts] == [f"05000301{total}{n:02X}" for n in range(1, len(parts) + 1)]
    assert {p.Coding for p in parts} == {"Unicode_No_Compression"}
    assert [p.SequencePosition for p in rest] == list(range(2, len(parts) + 1))
    assert {p.ID for p in parts} == {row.ID}


@pytest.mark.parametrize("status", [None, "SendingOK", "DeliveryOK", "DeliveryPending"])
async def test_a_second_attempt_finds_the_first(desk: Desk, status: str | None) -> None:
    assert await desk.gateway.find_sent(outgoing()) is None
    first = await desk.gateway.send(outgoing())
    if status:
        await desk.daemon.sent(status)
    assert await desk.gateway.find_sent(outgoing()) == first
    assert await desk.gateway.send(outgoing()) == first
    assert len(await desk.daemon.run("SELECT 1 FROM outbox")) == (0 if status else 1)


async def test_what_failed_may_be_sent_again_and_then_the_newest_counts(desk: Desk) -> None:
    first = await desk.gateway.send(outgoing())
    await desk.daemon.sent("SendingError")
    assert await desk.gateway.find_sent(outgoing()) is None
    second = await desk.gateway.send(outgoing())
    assert second != first
    await desk.daemon.sent("SendingOK")
    assert await desk.gateway.find_sent(outgoing()) == second


async def test_attempts_at_once_make_one_row(desk: Desk) -> None:
    results = await asyncio.gather(*(desk.gateway.send(outgoing()) for _ in range(5)))
    assert len(set(results)) == 1
    assert len(await desk.daemon.run("SELECT 1 FROM outbox")) == 1


async def test_another_installation_on_the_same_tables_is_not_taken_for_ours(desk: Desk) -> None:
    other = _beside(desk, commune="song-xanh")
    first, second = await desk.gateway.send(outgoing()), await other.send(outgoing())
    assert first != second
    assert len(await desk.daemon.run("SELECT 1 FROM outbox")) == 2
    async with desk.listening():
        await desk.daemon.sent("SendingOK")
        await desk.daemon.sent("SendingOK")
    assert [r.provider_message_id for r in desk.intake.receipts] == [first.provider_message_id]
    await other.close()


async def test_nothing_is_given_to_a_modem_that_is_gone(desk: Desk) -> None:
    await desk.daemon.silent_for(150)
    with pytest.raises(TemporarySendError) as refused:
        await desk.gateway.send(outgoing())
    assert refused.value.needs_person
    assert "im lặng đã 2 phút" in refused.value.reason
    assert await desk.daemon.run("SELECT 1 FROM outbox") == []
    assert await desk.gateway.find_sent(outgoing()) is None


@pytest.mark.parametrize("version", [16, 19])
async def test_other_schemas_are_told_not_guessed(desk: Desk, version: int) -> None:
    await desk.daemon.run(f'UPDATE gammu SET "Version" = {version}')
    for trying in (desk.gateway.send, desk.gateway.find_sent):
        with pytest.raises(TemporarySendError) as refused:
            await trying(outgoing())
        assert refused.value.needs_person
        assert str(version) in refused.value.reason
    condition = await desk.gateway.check()
    assert not condition.well
    assert "17 và 18" in condition.told


# --- reports ------------------------------------------------------------------------------


async def test_each_state_is_reported_once_with_both_ids(desk: Desk) -> None:
    sent = await desk.gateway.send(outgoing("x", "hotro-77"))
    async with desk.listening():
        await desk.settled()
        assert desk.intake.receipts == []
        await desk.daemon.sent("SendingOK")
        await desk.settled()
        await desk.daemon.reports("DeliveryPending")
        await desk.settled()
        await desk.daemon.reports("DeliveryOK")
        await desk.settled()
    assert desk.states() == [ReceiptState.SENT, ReceiptState.DELIVERED]
    assert {r.own_id for r in desk.intake.receipts} == {"hotro-77"}
    ids = {r.provider_message_id for r in desk.intake.receipts}
    assert ids == {sent.provider_message_id}


@pytest.mark.parametrize("status", ["SendingError", "Error", "DeliveryFailed"])
async def test_what_broke_is_reported_as_failed(desk: Desk, status: str) -> None:
    await desk.gateway.send(outgoing())
    async with desk.listening():
        await desk.daemon.sent(status)
    assert desk.states() == [ReceiptState.FAILED]


async def test_a_long_message_arrived_when_all_its_parts_did(desk: Desk) -> None:
    text = "Giấy tờ " * 10
    await desk.gateway.send(outgoing(text))
    async with desk.listening():
        await desk.daemon.carry("SendingOK")
        await desk.settled()
        assert desk.intake.receipts == []  # the second part is still on its way
        await desk.daemon.run("DELETE FROM sentitems")
        await desk.daemon.sent("SendingOK", "SendingOK")
        await desk.settled()
        await desk.daemon.reports("DeliveryOK", 2)
        await desk.settled()
        assert desk.states() == [ReceiptState.SENT]
        await desk.daemon.reports("DeliveryOK", 1)
    assert desk.states() == [ReceiptState.SENT, ReceiptState.DELIVERED]


async def test_one_part_that_failed_is_a_message_that_failed(desk: Desk) -> None:
    await desk.gateway.send(outgoing("Giấy tờ " * 10))
    async with desk.listening():
        await desk.daemon.sent("SendingOK", "SendingError")
    assert desk.states() == [ReceiptState.FAILED]


async def test_a_restart_tells_what_was_missed_and_nothing_new_twice(desk: Desk) -> None:
    await desk.gateway.send(outgoing())
    await desk.daemon.sent("SendingOK")
    await desk.hear()
    await desk.daemon.reports("DeliveryOK")
    await desk.hear()
    await desk.hear()
    # A state that the rows were in already is told again; the intake drops it.
    assert desk.states()[:2] == [ReceiptState.SENT, ReceiptState.DELIVERED]
    assert set(desk.states()[1:]) == {ReceiptState.DELIVERED}


async def test_what_is_long_over_is_left_alone(desk: Desk) -> None:
    await desk.gateway.send(outgoing("cu", "hotro-1"))
    await desk.daemon.sent("SendingOK")
    await desk.daemon._set_back("sentitems", "UpdatedInDB", LOOK_BACK + 60)
    await desk.gateway.send(outgoing("moi", "hotro-2"))
    async with desk.listening():
        await desk.settled()
        await desk.daemon.sent("SendingOK")
    assert [r.own_id for r in desk.intake.receipts] == ["hotro-2"]


async def test_what_waits_for_a_dead_modem_goes_another_way(desk: Desk) -> None:
    sent = await desk.gateway.send(outgoing("Giấy tờ " * 10))
    await desk.daemon.waited(STUCK + 60)
    await desk.hear()
    assert desk.intake.receipts == []  # the modem is there
    await desk.daemon.silent_for(STUCK)
    await desk.hear()
    assert desk.states() == [ReceiptState.FAILED]
    assert desk.intake.receipts[0].provider_message_id == sent.provider_message_id
    assert desk.intake.receipts[0].own_id == "hotro-1"
    for table in ("outbox", "outbox_multipart"):
        assert await desk.daemon.run(f"SELECT 1 FROM {table}") == []


@pytest.mark.parametrize("why", ["young", "busy", "begun"])
async def test_what_may_have_left_is_never_taken_back(desk: Desk, why: str) -> None:
    await desk.gateway.send(outgoing("Giấy tờ " * 10))
    await desk.daemon.waited(60 if why == "young" else STUCK + 60, busy=why == "busy")
    if why == "begun":
        await desk.daemon.carry("SendingOK")
    await desk.daemon.silent_for(STUCK)
    await desk.hear()
    assert desk.intake.receipts == []
    assert len(await desk.daemon.run("SELECT 1 FROM outbox")) == 1


# --- receiving ----------------------------------------------------------------------------


async def test_what_came_is_handed_over_in_order_and_only_then_marked(desk: Desk) -> None:
    for words in ("KS", "Chào xã", ""):
        await desk.daemon.receive(CITIZEN, words)
    desk.intake.fail_next = 1
    with pytest.raises(RuntimeError):
        await desk.gateway.listen(desk.intake)
    states = await desk.daemon.run('SELECT "Processed" FROM inbox')
    assert {row.Processed for row in states} <= {False, "false"}
    await desk.hear()
    assert [i.text for i in desk.intake.inbounds] == ["KS", "Chào xã", ""]
    states = await desk.daemon.run('SELECT "Processed" FROM inbox')
    assert {row.Processed for row in states} <= {True, "true"}
    await desk.hear()
    assert desk.intake.duplicates == 0


async def test_a_failure_in_the_middle_loses_and_repeats_nothing(desk: Desk) -> None:
    for number in range(3):
        await desk.daemon.receive(f"+8491200010{number}", str(number))
    taken = 0

    class Breaking(RecordingIntake):
        async def receive(self, inbound: object) -> bool:
            nonlocal taken
            taken += 1
            if taken == 2:
                raise ZeroDivisionError
            return await desk.intake.receive(inbound)  # type: ignore[arg-type]

    with pytest.raises(ZeroDivisionError):
        await desk.gateway.listen(Breaking())
    await desk.hear()
    assert [i.text for i in desk.intake.inbounds] == ["0", "1", "2"]
    assert desk.intake.duplicates == 0


async def test_nothing_else_is_written_to_what_came_and_what_was_sent(desk: Desk) -> None:
    await desk.gateway.send(outgoing())
    await desk.daemon.sent("SendingOK")
    await desk.daemon.receive(CITIZEN, "KS")
    sent = await desk.daemon.run("SELECT * FROM sentitems")
    came = await desk.daemon.run("SELECT * FROM inbox")
    await desk.hear()
    assert await desk.daemon.run("SELECT * FROM sentitems") == sent
    (before,), (after,) = came, await desk.daemon.run("SELECT * FROM inbox")
    changed = {n for n, v in before._mapping.items() if after._mapping[n] != v}
    assert changed <= {"Processed", "UpdatedInDB"}


async def test_parts_are_handed_over_as_parts(desk: Desk) -> None:
    half = "👶".encode("utf-16-be")[:2].decode("utf-16-be", "surrogatepass")
    await desk.daemon.receive(CITIZEN, f"một {half}", "050003D30201")
    await desk.daemon.receive(CITIZEN, "hai", "06080401D30202", TextDecoded="")
    await desk.hear()
    assert desk.intake.inbounds == []
    parts = desk.intake.parts
    assert [(p.reference, p.total, p.number) for p in parts] == [("8-211", 2, 1), ("16-467", 2, 2)]
    assert [p.text for p in parts] == [f"một {half}", "hai"]
    assert {(p.gateway, p.address, p.commune) for p in parts} == {("modem", CITIZEN, COMMUNE)}


async def test_what_is_for_another_modem_stays(desk: Desk) -> None:
    await desk.daemon.receive(CITIZEN, "khác", RecipientID="sim2")
    await desk.daemon.receive(CITIZEN, "KS")
    await desk.hear()
    assert [i.text for i in desk.intake.inbounds] == ["KS"]
    other = _beside(desk, phone_id="")
    task = asyncio.create_task(other.listen(desk.intake))
    async with asyncio.timeout(20):
        while len(desk.intake.inbounds) < 2:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait({task})
    assert [i.text for i in desk.intake.inbounds] == ["KS", "khác"]
    await other.close()


@pytest.mark.parametrize(
    ("sender", "columns"),
    [
        ("VIETTEL", {}),
        ("9029", {"UDH": "050003D30201"}),
        (CITIZEN, {"Coding": "8bit", "Text": "C0FFEE", "TextDecoded": ""}),
    ],
)
async def test_machines_and_data_are_kept_without_words(
    desk: Desk, sender: str, columns: dict[str, str]
) -> None:
    await desk.daemon.receive(sender, "Khuyen mai", **columns)
    await desk.hear()
    assert desk.intake.parts == []
    (inbound,) = desk.intake.inbounds
    assert (inbound.kind, inbound.text) == (InboundKind.IGNORED, "")


async def test_tables_that_count_anew_are_not_taken_for_old_messages(desk: Desk) -> None:
    await desk.daemon.receive(CITIZEN, "KS")
    await desk.hear()
    await desk.daemon.run("DELETE FROM inbox")
    await desk.daemon.receive(CITIZEN, "KT", ID=1, ReceivingDateTime=_later(desk))
    await desk.hear()
    assert [i.text for i in desk.intake.inbounds] == ["KS", "KT"]


async def test_schema_18_counts_parts_where_there_is_no_header(desk: Desk) -> None:
    if desk.daemon.version < 18:
        pytest.skip("only since schema 18")
    for position, words in ((1, "một "), (2, "hai")):
        await desk.daemon.receive(
            CITIZEN, words, MessageID=41, SequencePosition=position, PartCount=2
        )
    await desk.hear()
    parts: list[InboundPart] = desk.intake.parts
    assert [(p.reference, p.total, p.number) for p in parts] == [("id-41", 2, 1), ("id-41", 2, 2)]


# --- how it is ----------------------------------------------------------------------------


async def test_a_modem_that_works_is_well(desk: Desk) -> None:
    await desk.gateway.send(outgoing())
    condition = await desk.gateway.check()
    assert (condition.well, condition.told) == (True, "")
    assert condition.facts == {
        "Nhà mạng": "Viettel",
        "Sóng": "60%",
        "Pin": "100%",
        "Đang chờ gửi": "1",
        "Phiên bản bảng": str(desk.daemon.version),
    }


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"Send": False}, "tắt chiều gửi"),
        ({"Receive": False}, "tắt chiều nhận"),
        ({"Signal": 0, "NetName": "ERROR"}, "không có sóng"),
        ({"Signal": 3, "NetName": ""}, "không có sóng"),
    ],
)
async def test_what_is_wrong_with_the_modem_is_told(
    desk: Desk, columns: dict[str, object], told: str
) -> None:
    flags = {n: desk.daemon._flag(v) if isinstance(v, bool) else v for n, v in columns.items()}
    await desk.daemon.beat(**flags)
    condition = await desk.gateway.check()
    assert not condition.well
    assert told in condition.told


async def test_no_modem_and_a_silent_one_are_told_apart(desk: Desk) -> None:
    await desk.daemon.silent_for(130)
    condition = await desk.gateway.check()
    assert not condition.well
    assert "im lặng đã 2 phút" in condition.told
    await desk.daemon.run("UPDATE phones SET \"ID\" = 'sim9'")
    assert "Chưa thấy modem nào" in (await desk.gateway.check()).told


async def test_a_locked_sim_is_recognised_by_its_last_messages(desk: Desk) -> None:
    for number in range(1, 4):
        assert (await desk.gateway.check()).well
        await desk.gateway.send(outgoing("x", f"hotro-{number}"))
        await desk.daemon.sent("SendingError")
    condition = await desk.gateway.check()
    assert not condition.well
    for words in ("08/2026/TT-BKHCN", "xác thực lại khuôn mặt", "30 ngày", "tổng đài"):
        assert words in condition.told
    await desk.gateway.send(outgoing("x", "hotro-9"))
    await desk.daemon.sent("SendingOKNoReport")
    assert (await desk.gateway.check()).well


# --- settings -----------------------------------------------------------------------------


@pytest.mark.parametrize("database", ["", "x", "mysql://u@h/sms", "postgresql://u@h", "sqlite://"])
def test_settings_that_cannot_be_used_are_refused(database: str) -> None:
    config = GatewayConfig(COMMUNE, "modem", "gammu", OFFICE, {"database": database})
    with pytest.raises(ValueError, match=r"[ạảệưựđ]"):
        KIND.build(config, Tools(SystemClock()))


def test_the_snippet_names_the_tables_to_load() -> None:
    config = GatewayConfig(
        COMMUNE,
        "modem",
        "gammu",
        OFFICE,
        {"database": "postgresql://sms@10.0.0.5:5433/smsd", "device": "/dev/ttyUSB3"},
    )
    text = snippet(config)
    for line in (
        "Driver = native_pgsql",
        "Host = 10.0.0.5:5433",
        "User = sms",
        "Database = smsd",
        "device = /dev/ttyUSB3",
        "PhoneID = modem",
        "Service = sql",
    ):
        assert line in text.splitlines()
    assert "pgsql.sql" in text
    file = snippet(replace(config, options={"database": "/var/lib/hotro-sms/smsd.db"}))
    assert "sqlite3 /var/lib/hotro-sms/smsd.db < " in file
    assert "DBDir = /var/lib/hotro-sms" in file.splitlines()


def _beside(desk: Desk, commune: str = COMMUNE, **options: str) -> GammuModem:
    """Another gateway on the same tables."""
    config = replace(desk.config, commune=commune, options=dict(desk.config.options) | options)
    gateway: Gateway = KIND.build(config, Tools(SystemClock()))
    assert isinstance(gateway, GammuModem)
    gateway._poll = 0.02
    return gateway


def _later(desk: Desk) -> object:
    from datetime import datetime

    moment = datetime(2027, 1, 2, 3, 4, 5)  # noqa: DTZ001 - as the tables have it
    return moment if desk.daemon.postgres else str(moment)
