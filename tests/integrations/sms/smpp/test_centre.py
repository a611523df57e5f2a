"""The SMPP gateway against smpp34's server: out, in, reports, and what goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from bot.clock import SystemClock
from bot.messages import (
    InboundKind,
    PermanentSendError,
    ReceiptState,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.sms.gateway import Gateway, GatewayConfig, Tools
from integrations.sms.smpp import KIND, SmppGateway
from integrations.sms.smpp.session import Timing
from tests.integrations.sms.contract import (
    ACCENTED,
    CITIZEN,
    COMMUNE,
    LONG,
    OFFICE,
    GatewayContract,
    outgoing,
)
from tests.integrations.sms.joining import JoiningIntake
from tests.integrations.sms.smpp.centre import (
    DELIVER_SM_RESP,
    ENQUIRE_LINK_RESP,
    SUBMIT_SM,
    SUBMIT_SM_RESP,
    Centre,
    Porter,
)
from tests.peers import free_port

THROTTLED, QUEUE_FULL, SYSTEM_ERROR, BAD_NUMBER, BAD_SOURCE = 0x58, 0x14, 0x08, 0x0B, 0x0A
WRONG_PASSWORD, ALREADY_BOUND, BIND_FAILED = 0x0E, 0x05, 0x0D


class SmppBench:
    """A gateway that listens, and its centre."""

    def __init__(self, centre: Centre, porter: Porter) -> None:
        self.centre, self.porter = centre, porter
        self.intake = JoiningIntake()
        self.gateway: Gateway = made(centre.port)
        self._listening: asyncio.Task[None] | None = None
        self._last: tuple[str, str] = ("", "")
        self._reference = 0
        self.faults: list[Exception] = []

    @property
    def smpp(self) -> SmppGateway:
        assert isinstance(self.gateway, SmppGateway)
        return self.gateway

    async def start(self) -> None:
        self._listening = asyncio.create_task(self._listen())
        await bound(self.smpp)

    async def stop(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self.gateway.close()

    async def _listen(self) -> None:
        while True:
            try:
                await self.smpp.listen(self.intake)
            except TemporarySendError as fault:
                self.faults.append(fault)
                await asyncio.sleep(0.02)

    async def write(self, sender: str, text: str) -> None:
        self._last, self._reference = (sender, text), self._reference + 1
        await self.centre.write(sender, text, self._reference)

    async def repeat(self) -> None:
        self.centre.wire.cut()
        await eventually(lambda: not self.centre.esmes)
        await self.centre.write(*self._last, self._reference)

    async def shown(self, messages: int) -> list[str]:
        await eventually(lambda: len(self.centre.shown()) >= messages)
        return self.centre.shown()

    async def reported(self, receipts: int) -> None:
        await eventually(lambda: len(self.intake.receipts) >= receipts)

    def lose_the_next_answer(self) -> None:
        self.centre.wire.drop_next(SUBMIT_SM_RESP)

    def unreachable(self) -> Gateway:
        return made(free_port())

    def with_a_wrong_password(self) -> Gateway:
        self.porter.status = WRONG_PASSWORD
        return made(self.porter.port)


def made(port: int, own_number: str = OFFICE, **options: str) -> SmppGateway:
    options = {"host": "127.0.0.1", "port": str(port), "system_id": "hotro"} | options
    config = GatewayConfig(
        COMMUNE, "smpp", "smpp", own_number, options, {"password": "mat-khau-dai"}
    )
    gateway = KIND.build(config, Tools(SystemClock()))
    assert isinstance(gateway, SmppGateway)
    gateway._scale = 0.01
    return gateway


async def bound(gateway: SmppGateway) -> None:
    """It listens, and knows it."""
    await eventually(lambda: gateway._link.shared is not None)


async def eventually(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def centre() -> AsyncIterator[Centre]:
    centre = Centre()
    await centre.start()
    yield centre
    await centre.stop()


@pytest.fixture
async def porter() -> AsyncIterator[Porter]:
    porter = Porter(WRONG_PASSWORD)
    await porter.start()
    yield porter
    await porter.stop()


@pytest.fixture
async def bench(centre: Centre, porter: Porter) -> AsyncIterator[SmppBench]:
    bench = SmppBench(centre, porter)
    await bench.start()
    yield bench
    await bench.stop()


class TestSmpp(GatewayContract):
    """The contract; see tests.integrations.sms.contract."""

    sends_once = False
    can_be_asked = False
    reports = (ReceiptState.DELIVERED,)


# --- sending ------------------------------------------------------------------------------


async def test_one_connection_carries_both_ways(bench: SmppBench) -> None:
    await bench.gateway.send(outgoing())
    await bench.write(CITIZEN, "KS")
    await bench.reported(1)
    assert bench.centre.wire.connections == 1


@pytest.mark.parametrize("way", ["udh", "sar", "payload"])
@pytest.mark.parametrize("text", [LONG, "Giay to can mang theo: " * 10], ids=["ucs2", "gsm"])
async def test_long_messages_go_out_each_way(centre: Centre, way: str, text: str) -> None:
    gateway = made(centre.port, long=way)
    await gateway.send(outgoing(text))
    assert centre.shown() == [text]
    assert len(centre.taken) == 1 if way == "payload" else len(centre.taken) > 1
    assert {event.data_coding for event in centre.taken} == {0 if text.isascii() else 8}
    assert {event.destination_addr for event in centre.taken} == {CITIZEN.removeprefix("+")}
    await gateway.close()


@pytest.mark.parametrize(
    ("own", "options", "shown"),
    [
        ("8088", {}, ("8088", 0, 1)),
        (OFFICE, {}, (OFFICE.removeprefix("+"), 1, 1)),
        ("", {"source": "UBND XA"}, ("UBND XA", 5, 0)),
        ("8088", {"source_ton": "3", "source_npi": "0"}, ("8088", 3, 0)),
    ],
)
async def test_the_sender_is_written_as_centres_want_it(
    centre: Centre, own: str, options: dict[str, str], shown: tuple[str, int, int]
) -> None:
    gateway = made(centre.port, own, **options)
    await gateway.send(outgoing())
    (event,) = centre.taken
    assert (event.source_addr, event.source_addr_ton, event.source_addr_npi) == shown
    await gateway.close()


async def test_a_text_outside_of_the_centres_alphabet_goes_as_ucs2(centre: Centre) -> None:
    gateway = made(centre.port, alphabet="ascii")
    text = "5£ mot ban. " * 12
    await gateway.send(outgoing(text))
    assert centre.shown() == [text]
    assert {event.data_coding for event in centre.taken} == {8}
    await gateway.close()


@pytest.mark.parametrize("status", [THROTTLED, QUEUE_FULL])
async def test_throttled_means_later(bench: SmppBench, status: int) -> None:
    bench.centre.refuse = [status]
    with pytest.raises(TemporarySendError) as refused:
        await bench.gateway.send(outgoing())
    assert refused.value.retry_after
    assert not refused.value.needs_person
    await bench.gateway.send(outgoing())
    assert bench.centre.shown() == ["Xin chao ba con"]


async def test_a_part_that_is_throttled_is_offered_again_and_no_part_twice(
    bench: SmppBench,
) -> None:
    bench.centre.refuse = [0, THROTTLED, THROTTLED, 0, SYSTEM_ERROR]
    with pytest.raises(TemporarySendError):
        await bench.gateway.send(outgoing(LONG))
    assert len(bench.centre.taken) == 2
    await bench.gateway.send(outgoing(LONG))
    assert bench.centre.shown() == [LONG]
    numbers = [event.short_message[5] for event in bench.centre.taken]
    assert numbers == sorted(set(numbers))


async def test_what_the_centre_never_takes_is_told(bench: SmppBench) -> None:
    bench.centre.refuse = [BAD_NUMBER]
    with pytest.raises(PermanentSendError) as number:
        await bench.gateway.send(outgoing())
    assert number.value.other_way
    bench.centre.refuse = [BAD_SOURCE]
    with pytest.raises(TemporarySendError) as source:
        await bench.gateway.send(outgoing())
    assert source.value.needs_person


async def test_a_connection_lost_before_the_last_part_leaves_no_doubt(bench: SmppBench) -> None:
    bench.lose_the_next_answer()
    with pytest.raises(TemporarySendError):
        await bench.gateway.send(outgoing(LONG))
    await bench.gateway.send(outgoing(LONG))
    assert bench.centre.shown() == [LONG]
    first, second = (event.short_message[:6] for event in bench.centre.taken[:2])
    assert first == second  # the same part under the same reference: one on the phone


async def test_a_request_that_never_left_is_only_late(bench: SmppBench) -> None:
    bench.centre.reports = False
    bench.centre.wire.drop_next(SUBMIT_SM)
    with pytest.raises(UnknownOutcomeError):  # it left us; how far it came nobody knows
        await bench.gateway.send(outgoing())
    assert bench.centre.taken == []
    with pytest.raises(TemporarySendError):
        await bench.gateway.find_sent(outgoing())


async def test_a_second_look_knows_what_this_process_sent(bench: SmppBench) -> None:
    sent = await bench.gateway.send(outgoing())
    assert await bench.gateway.find_sent(outgoing()) == sent


async def test_a_centre_that_does_not_answer_is_given_up(centre: Centre) -> None:
    gateway = made(centre.port)
    gateway._link._timing = Timing(answer=0.2)
    held = asyncio.Event()
    submitted = centre._submitted
    centre._submitted = lambda event: held.set() or centre.taken.append(event)  # type: ignore[method-assign,assignment,func-returns-value]
    with pytest.raises(UnknownOutcomeError):
        await gateway.send(outgoing())
    assert held.is_set()
    centre._submitted = submitted  # type: ignore[method-assign]
    await gateway.send(outgoing("Tin sau", "hotro-2"))
    await gateway.close()


# --- reports ------------------------------------------------------------------------------


async def test_a_long_message_is_delivered_when_all_its_parts_are(bench: SmppBench) -> None:
    bench.centre.reports = False
    sent = await bench.gateway.send(outgoing(LONG))
    ids = [f"id{n:04}" for n in range(1, len(bench.centre.taken) + 1)]
    assert len(ids) > 2
    assert sent.provider_message_id == f"smpp:{ids[-1]}"
    for one in reversed(ids):
        assert bench.intake.receipts == []
        await bench.centre.report(one)
    (receipt,) = bench.intake.receipts
    assert receipt.state is ReceiptState.DELIVERED
    assert receipt.provider_message_id == sent.provider_message_id
    assert receipt.own_id == "hotro-1"


@pytest.mark.parametrize("stat", ["UNDELIV", "EXPIRED", "REJECTD", "DELETED"])
async def test_one_part_that_failed_fails_the_message(bench: SmppBench, stat: str) -> None:
    bench.centre.reports = False
    sent = await bench.gateway.send(outgoing(LONG))
    await bench.centre.report("id0002", stat=stat)
    (receipt,) = bench.intake.receipts
    assert receipt.state is ReceiptState.FAILED
    assert receipt.provider_message_id == sent.provider_message_id
    assert receipt.detail == f"{stat} 00A"


async def test_after_a_restart_the_last_part_decides(bench: SmppBench) -> None:
    other = made(bench.centre.port)
    bench.centre.reports = False
    sent = await other.send(outgoing(LONG))
    await other.close()
    await bench.centre.report(sent.provider_message_id.removeprefix("smpp:"))
    (receipt,) = bench.intake.receipts
    assert receipt.state is ReceiptState.DELIVERED
    assert receipt.provider_message_id == sent.provider_message_id


async def test_reports_that_say_nothing_new_are_acknowledged_and_dropped(bench: SmppBench) -> None:
    assert await bench.centre.report("id1", stat="UNKNOWN") == 0
    assert await bench.centre.report("", stat="DELIVRD") == 0
    assert await bench.centre.deliver(CITIZEN, b"no report at all", esm_class=0x04) == 0
    assert await bench.centre.deliver(CITIZEN, b"id:x stat:ENROUTE", esm_class=0x20) == 0
    assert bench.intake.receipts == []
    assert bench.intake.inbounds == []


async def test_ids_in_another_base_are_understood(centre: Centre) -> None:
    gateway = made(centre.port, ids="hex-dec")
    intake = JoiningIntake()
    listening = asyncio.create_task(gateway.listen(intake))
    await bound(gateway)
    accept = centre._submitted
    centre.reports = False
    centre._submitted = lambda event: event.accept("1F4A")  # type: ignore[method-assign]
    sent = await gateway.send(outgoing())
    assert sent.provider_message_id == "smpp:8010"
    await centre.report("8010")
    assert [r.own_id for r in intake.receipts] == ["hotro-1"]
    centre._submitted = accept  # type: ignore[method-assign]
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await gateway.close()


async def test_a_lost_answer_is_settled_by_the_report_on_that_number_only(
    bench: SmppBench,
) -> None:
    bench.centre.reports = False
    bench.lose_the_next_answer()
    with pytest.raises(UnknownOutcomeError):
        await bench.gateway.send(outgoing())
    await bench.centre.report("zzz", sender="84900000009")
    await bench.centre.report("id0001")
    assert [r.own_id for r in bench.intake.receipts] == ["", "hotro-1"]


# --- receiving ----------------------------------------------------------------------------


async def test_nothing_is_acknowledged_before_it_is_stored(bench: SmppBench) -> None:
    bench.intake.fail_next = 1
    assert await bench.centre.deliver(CITIZEN, b"KS") != 0
    assert await bench.centre.deliver(CITIZEN, b"KS") == 0
    assert [i.text for i in bench.intake.inbounds] == ["KS"]


@pytest.mark.parametrize("way", ["udh", "sar"])
async def test_long_messages_come_in_each_way(bench: SmppBench, way: str) -> None:
    await bench.centre.write(CITIZEN, LONG, 300 if way == "sar" else 3, way)
    assert [i.text for i in bench.intake.inbounds] == [LONG]
    assert {p.gateway for p in bench.intake.parts} == {"smpp"}


async def test_an_acknowledgement_that_was_lost_makes_no_second_message(bench: SmppBench) -> None:
    bench.centre.wire.drop_next(DELIVER_SM_RESP)
    await bench.centre.write(CITIZEN, "1")  # the centre tries until it is taken
    assert [i.text for i in bench.intake.inbounds] == ["1"]
    assert bench.intake.duplicates == 1
    await bench.centre.write(CITIZEN, "1")  # the next question got the same answer
    assert [i.text for i in bench.intake.inbounds] == ["1", "1"]


async def test_strange_deliveries_are_taken_and_do_not_end_the_connection(
    bench: SmppBench,
) -> None:
    half = "mừng 👶".encode("utf-16-be")[:-2]
    for message, more in (
        (b"", {}),
        (half, {"data_coding": 8}),
        (half + b"\x00", {"data_coding": 8}),
        (b"\xff\xfe\x80", {"data_coding": 0}),
        (b"KS", {"data_coding": 0xF1}),
        (b"\x00\x01", {"data_coding": 0x04}),
        (b"\x40\x41", {"esm_class": 0x40}),
    ):
        assert await bench.centre.deliver(CITIZEN, message, **more) == 0
    assert bench.centre.wire.connections == 1
    kinds = [i.kind for i in bench.intake.inbounds]
    assert kinds.count(InboundKind.IGNORED) == 1
    assert bench.intake.inbounds[1].text == "mừng "
    assert bench.intake.inbounds[4].text == "KS"


async def test_a_killed_connection_is_made_again_and_nothing_is_lost(bench: SmppBench) -> None:
    await bench.write(CITIZEN, "KS")
    bench.centre.wire.cut()
    await eventually(lambda: bool(bench.faults))
    await bench.write(CITIZEN, ACCENTED)
    await bench.gateway.send(outgoing())
    assert [i.text for i in bench.intake.inbounds] == ["KS", ACCENTED]
    assert bench.centre.shown() == ["Xin chao ba con"]


async def test_a_centre_that_unbinds_is_bound_again(bench: SmppBench) -> None:
    await (await bench.centre.listener()).unbind()
    await eventually(lambda: bool(bench.faults))
    await bench.write(CITIZEN, "KS")
    assert [i.text for i in bench.intake.inbounds] == ["KS"]


async def test_a_slow_store_does_not_hold_up_what_is_sent(bench: SmppBench) -> None:
    gate = asyncio.Event()
    receive = bench.intake.receive

    async def slow(inbound: object) -> bool:
        await gate.wait()
        return await receive(inbound)  # type: ignore[arg-type]

    bench.intake.receive = slow  # type: ignore[method-assign,assignment]
    delivering = asyncio.create_task(bench.centre.deliver(CITIZEN, b"KS"))
    await bench.gateway.send(outgoing())
    assert not delivering.done()
    gate.set()
    assert await delivering == 0


# --- connections --------------------------------------------------------------------------


async def test_a_process_that_does_not_listen_sends_by_itself(bench: SmppBench) -> None:
    other = made(bench.centre.port)
    await other.send(outgoing())
    await other.send(outgoing("Tin sau", "hotro-2"))
    assert bench.centre.wire.connections == 2
    assert sorted(esme.can_receive for esme in bench.centre.esmes) == [False, True]
    other._link._idle = 0.01
    await other.send(outgoing("Tin cuoi", "hotro-3"))
    await eventually(lambda: len(bench.centre.esmes) == 1)
    await other.close()


@pytest.mark.parametrize("listens", [True, False])
async def test_a_connection_is_not_closed_under_a_message(centre: Centre, listens: bool) -> None:
    gateway = made(centre.port)
    listening = asyncio.create_task(gateway.listen(JoiningIntake()))
    if listens:
        await bound(gateway)
    else:
        listening.cancel()
    held = []
    centre._submitted = held.append  # type: ignore[method-assign]
    sending = asyncio.create_task(gateway.send(outgoing()))
    await eventually(lambda: bool(held))
    listening.cancel()
    closing = asyncio.create_task(gateway.close())
    await asyncio.sleep(0.1)
    assert not closing.done()
    held[0].accept("x1")
    assert (await sending).provider_message_id == "smpp:x1"
    await closing
    await asyncio.gather(listening, return_exceptions=True)


async def test_where_only_one_bind_is_allowed_another_process_waits(bench: SmppBench) -> None:
    other = made(bench.centre.port, second="no")
    with pytest.raises(TemporarySendError) as waits:
        await other.send(outgoing())
    assert not waits.value.needs_person
    assert (await other.check()).well
    assert bench.centre.taken == []
    assert len(bench.centre.esmes) == 1
    await other.close()


async def test_listening_takes_the_place_of_an_own_transmitter(centre: Centre) -> None:
    gateway = made(centre.port)
    await gateway.send(outgoing())
    assert [esme.can_receive for esme in centre.esmes] == [False]
    listening = asyncio.create_task(gateway.listen(JoiningIntake()))
    await bound(gateway)
    await eventually(lambda: len(centre.esmes) == 1)
    await gateway.send(outgoing("Tin sau", "hotro-2"))
    assert centre.wire.connections == 2
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await eventually(lambda: not centre.esmes)
    await gateway.close()


async def test_two_connections_where_the_account_has_them(centre: Centre) -> None:
    centre.reports = False
    gateway = made(centre.port, bind="separate")
    intake = JoiningIntake()
    listening = asyncio.create_task(gateway.listen(intake))
    await gateway.send(outgoing())
    receiver = await centre.listener()
    passed: list[int] = []
    centre.wire.drop = lambda command, inward: bool(passed.append(command))  # type: ignore[func-returns-value]
    # smpp34 1.5 refuses the answer of a receiver, also of its own client: nobody waits for it.
    writing = asyncio.ensure_future(receiver.deliver_sm("8088", b"KS", source_addr="84912345678"))
    await eventually(lambda: DELIVER_SM_RESP in passed)
    assert [i.text for i in intake.inbounds] == ["KS"]
    assert sorted(esme.can_receive for esme in centre.esmes) == [False, True]
    for task in (writing, listening):
        task.cancel()
    await asyncio.gather(writing, listening, return_exceptions=True)
    await gateway.close()


async def test_an_account_that_only_sends_is_not_listened_to(centre: Centre) -> None:
    gateway = made(centre.port, bind="transmitter")
    listening = asyncio.create_task(gateway.listen(JoiningIntake()))
    await gateway.send(outgoing())
    assert [esme.can_receive for esme in centre.esmes] == [False]
    assert not listening.done()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await gateway.close()


@pytest.mark.parametrize(
    ("status", "needs_person"),
    [(WRONG_PASSWORD, True), (0x0F, True), (BIND_FAILED, True), (ALREADY_BOUND, False), (8, False)],
)
async def test_why_we_are_not_admitted_is_told(
    porter: Porter, status: int, needs_person: bool
) -> None:
    porter.status = status
    gateway = made(porter.port)
    for trying in (gateway.send(outgoing()), gateway.listen(JoiningIntake())):
        with pytest.raises(TemporarySendError) as refused:
            await trying
        assert refused.value.needs_person is needs_person
    condition = await gateway.check()
    assert not condition.well
    assert condition.told.endswith(".")
    await gateway.close()


async def test_a_refused_transmitter_is_not_tried_at_once_again(porter: Porter) -> None:
    gateway = made(porter.port)
    for _ in range(5):
        with pytest.raises(TemporarySendError) as refused:
            await gateway.send(outgoing())
    assert porter.binds == 1
    assert refused.value.retry_after
    assert refused.value.needs_person
    await gateway.close()


async def test_the_centre_is_asked_whether_it_is_there(centre: Centre) -> None:
    gateway = made(centre.port)
    gateway._link._timing = Timing(keep_alive=0.01)
    passed: list[int] = []
    centre.wire.drop = lambda command, inward: bool(passed.append(command))  # type: ignore[func-returns-value]
    listening = asyncio.create_task(gateway.listen(JoiningIntake()))
    await eventually(lambda: passed.count(ENQUIRE_LINK_RESP) > 2)
    assert (await gateway.check()).facts == {"Kết nối": "đang mở, gửi và nhận"}
    assert not listening.done()
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await gateway.close()


# --- settings -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"host": ""},
        {"system_id": ""},
        {"port": "x"},
        {"port": "70000"},
        {"bind": "both"},
        {"long": "auto"},
        {"ids": "oct"},
        {"alphabet": "utf-8"},
        {"source": "Ủy ban"},
        {"source": "UBND XA SONG PHUONG"},
        {"source_ton": "99"},
        {"system_id": "hỗ trợ"},
    ],
)
def test_settings_that_cannot_be_used_are_refused(options: dict[str, str]) -> None:
    config = made(2775).config
    with pytest.raises(ValueError, match=r"[ạảầậệịộọốựừơủấớ]"):
        KIND.build(replace(config, options=dict(config.options) | options), Tools(SystemClock()))
