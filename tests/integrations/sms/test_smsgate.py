"""SMSGate on a simulated phone, over real HTTP: pushed to us, asked by us, and both at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from bot.clock import FixedClock
from bot.messages import (
    Inbound,
    InboundKind,
    PermanentSendError,
    Receipt,
    ReceiptState,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.sms import signature
from integrations.sms.gateway import Call, CallRefusedError, Gateway, GatewayConfig, Listener, Tools
from integrations.sms.pool import Pool
from integrations.sms.smsgate import KIND, connect, polling
from integrations.sms.smsgate.simulator import SmsGatePhone
from integrations.sms.webhook import routes
from integrations.testing import RecordingIntake
from tests.integrations.http import serving, until
from tests.integrations.sms.contract import (
    CITIZEN,
    COMMUNE,
    OFFICE,
    GatewayContract,
    outgoing,
)

PAYLOADS = Path(__file__).parent / "payloads" / "smsgate"
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
KEY = "signing-key-for-tests"
CONFIG = GatewayConfig(
    commune=COMMUNE,
    name="dt-xa",
    kind="smsgate",
    own_number=OFFICE,
    options={"url": "http://127.0.0.1:1", "user": "sms"},
    secrets={"password": "password-for-tests", "signing_key": KEY},
)


@dataclass
class SmsGateBench:
    """One phone, one gateway, one webhook."""

    phone: SmsGatePhone
    gateway: Gateway
    intake: RecordingIntake
    handset: httpx.AsyncClient
    tools: Tools
    home: str

    async def write(self, sender: str, text: str) -> None:
        before = len(self.intake.inbounds)
        await self.handset.post(f"/handset/{sender}/send", json={"text": text})
        await self.phone.courier.idle()
        await until(lambda: len(self.intake.inbounds) > before)

    async def repeat(self) -> None:
        bubble = self.phone.world.inbox()[0]
        payload = json.loads((PAYLOADS / "sms_received.json").read_text(encoding="utf-8"))
        sms = payload["payload"] | {"sender": bubble.address, "message": bubble.wire}
        sms["receivedAt"] = bubble.at.isoformat()
        self.phone.world.emit("sms:received", bubble.address, sms)
        await self.phone.courier.idle()

    async def shown(self, messages: int) -> list[str]:
        await self.phone.world.idle()
        answer = await self.handset.get(f"/handset/{CITIZEN}/messages")
        return [m["text"] for m in answer.json()["messages"]]

    async def reported(self, receipts: int) -> None:
        await self.phone.world.idle()
        await until(lambda: len(self.intake.receipts) >= receipts)

    def lose_the_next_answer(self) -> None:
        self.phone.faults.drop_answers, self.phone.faults.drop_seconds = 1, 0.05

    def unreachable(self) -> Gateway:
        return KIND.build(CONFIG, self.tools)

    def with_a_wrong_password(self) -> Gateway:
        wrong = {"password": "wrong", "signing_key": KEY}
        return KIND.build(replace(self.gateway.config, secrets=wrong), self.tools)


@asynccontextmanager
async def village(config: GatewayConfig, *, is_old: bool = False) -> AsyncIterator[SmsGateBench]:
    clock, intake = FixedClock(START), RecordingIntake()
    phone = SmsGatePhone(
        clock,
        user="sms",
        password="password-for-tests",
        own_number=OFFICE,
        is_old=is_old,
        delay_scale=0.001,
    )
    tools = Tools(clock)
    pool = Pool(tools)
    hotro = web.Application()
    hotro.add_routes(routes(intake, pool, clock))
    # Two servers: the phone's own address has no path, as in a village hall.
    async with serving(hotro) as home, serving(phone.app()) as address:
        pool.take([replace(config, options={**config.options, "url": address})])
        (gateway,) = pool.all()
        async with httpx.AsyncClient(base_url=address) as handset:
            yield SmsGateBench(phone, gateway, intake, handset, tools, home)
        await pool.close()


@pytest.fixture
async def pushed() -> AsyncIterator[SmsGateBench]:
    async with village(CONFIG) as bench:
        await connect(bench.gateway.config, bench.tools, bench.home)
        yield bench


@pytest.fixture
async def polled(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SmsGateBench]:
    monkeypatch.setattr(polling, "EVERY", 0.01)
    async with village(replace(CONFIG, options={**CONFIG.options, "poll": "yes"})) as bench:
        listening = asyncio.create_task(bench_listener(bench).listen(bench.intake))
        yield bench
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


def bench_listener(bench: SmsGateBench) -> Listener:
    assert isinstance(bench.gateway, Listener)
    return bench.gateway


class TestPushed(GatewayContract):
    """The phone posts to us."""

    @pytest.fixture
    def bench(self, pushed: SmsGateBench) -> SmsGateBench:
        return pushed


class TestPolled(GatewayContract):
    """The phone is asked."""

    reports = (ReceiptState.DELIVERED,)  # it was there when we looked

    @pytest.fixture
    def bench(self, polled: SmsGateBench, monkeypatch: pytest.MonkeyPatch) -> SmsGateBench:
        monkeypatch.setattr(polling, "STATES_EVERY", 1)
        return polled


# --- sending ----------------------------------------------------------------------------


async def test_what_goes_to_the_phone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[httpx.Request] = []

    def phone(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202, json={"id": "hotro-1", "state": "Pending"})

    options = {**CONFIG.options, "sim": "2", "device": "yVULogr4Y1ksRfnos1Dsw"}
    config = replace(CONFIG, options=options | {"url": "https://api.example.vn/3rdparty/v1/"})
    gateway = KIND.build(config, Tools(FixedClock(START), httpx.MockTransport(phone)))
    await gateway.send(outgoing("Chào bà"))
    await gateway.close()
    (request,) = seen
    assert str(request.url) == "https://api.example.vn/3rdparty/v1/messages"
    assert request.headers["Authorization"].startswith("Basic ")
    assert json.loads(request.content) == {
        "id": "hotro-1",
        "textMessage": {"text": "Chào bà"},
        "phoneNumbers": [CITIZEN],
        "withDeliveryReport": True,
        "simNumber": 2,
        "deviceId": "yVULogr4Y1ksRfnos1Dsw",
    }


@pytest.mark.parametrize(
    ("status", "said", "kind", "needs_person"),
    [
        (400, "invalid phone number", PermanentSendError, False),
        (400, "Invalid device ID", TemporarySendError, True),
        (401, "", TemporarySendError, True),
        (404, "", TemporarySendError, True),
        (429, "", TemporarySendError, False),
        (500, "", UnknownOutcomeError, False),
        (502, "", UnknownOutcomeError, False),
        (503, "queue limit exceeded", TemporarySendError, False),
    ],
)
async def test_refusals_are_sorted(
    status: int, said: str, kind: type[Exception], needs_person: bool
) -> None:
    answer = httpx.Response(status, json={"message": said})
    tools = Tools(FixedClock(START), httpx.MockTransport(lambda request: answer))
    gateway = KIND.build(CONFIG, tools)
    with pytest.raises(kind) as caught:
        await gateway.send(outgoing())
    assert type(caught.value) is kind
    assert getattr(caught.value, "needs_person", False) is needs_person
    await gateway.close()


async def test_a_full_queue_is_worth_another_try(pushed: SmsGateBench) -> None:
    pushed.phone.faults.rate_limits = 1
    with pytest.raises(TemporarySendError):
        await pushed.gateway.send(outgoing())
    await pushed.gateway.send(outgoing())
    assert await pushed.shown(1) == ["Xin chao ba con"]


@pytest.mark.parametrize(("code", "word"), [(1, "GENERIC_FAILURE"), (5, "LIMIT_EXCEEDED")])
async def test_what_android_refuses_is_reported(pushed: SmsGateBench, code: int, word: str) -> None:
    pushed.phone.faults.refuse = {str(code): 1}
    await pushed.gateway.send(outgoing())
    await pushed.reported(1)
    (report,) = pushed.intake.receipts
    assert (report.state, report.own_id) == (ReceiptState.FAILED, "hotro-1")
    assert word in report.detail
    assert await pushed.shown(0) == []


async def test_what_failed_on_the_phone_is_not_sent_there_again(pushed: SmsGateBench) -> None:
    pushed.phone.faults.refuse = {"1": 1}
    await pushed.gateway.send(outgoing())
    await pushed.reported(1)
    with pytest.raises(PermanentSendError) as refused:
        await pushed.gateway.send(outgoing())
    assert refused.value.other_way


async def test_a_request_that_never_reached_the_phone_is_sent_again(pushed: SmsGateBench) -> None:
    faults = pushed.phone.faults
    faults.drop_answers, faults.drop_seconds, faults.drop_when = 1, 0.05, "before"
    with pytest.raises(UnknownOutcomeError):
        await pushed.gateway.send(outgoing())
    assert await pushed.gateway.find_sent(outgoing()) is None


async def test_a_phone_in_trouble_cannot_say_whether_it_took_a_message(
    pushed: SmsGateBench,
) -> None:
    pushed.phone.faults.server_errors = 1
    with pytest.raises(TemporarySendError):
        await pushed.gateway.find_sent(outgoing())


async def test_reports_of_each_part_are_one(pushed: SmsGateBench) -> None:
    await pushed.gateway.send(outgoing("a" * 400))
    await pushed.reported(2)
    await pushed.phone.world.idle()
    states = [receipt.state for receipt in pushed.intake.receipts]
    assert states == [ReceiptState.SENT, ReceiptState.DELIVERED]


# --- receiving --------------------------------------------------------------------------


async def test_pushed_and_polled_it_is_one_message(polled: SmsGateBench) -> None:
    await connect(polled.gateway.config, polled.tools, polled.home)
    asked = ["Câu hỏi 1", "KS", "👨‍👩‍👧 câu hỏi 2"]
    for text in asked:
        await polled.write(CITIZEN, text)
    # Each has come twice, on whichever way was faster first.
    await until(lambda: polled.intake.duplicates == len(asked))
    assert sorted(inbound.text for inbound in polled.intake.inbounds) == sorted(asked)


async def test_two_registrations_are_one_message(pushed: SmsGateBench) -> None:
    url = str(pushed.phone.world.webhooks()[0]["url"])
    pushed.phone.world.register("another", url, "sms:received")
    await pushed.write(CITIZEN, "KS")
    assert len(pushed.intake.inbounds) == 1
    assert pushed.intake.duplicates == 1


async def test_the_same_words_later_are_another_message(pushed: SmsGateBench) -> None:
    await pushed.write(CITIZEN, "1")
    clock = pushed.tools.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(seconds=1))
    await pushed.write(CITIZEN, "1")
    assert [inbound.text for inbound in pushed.intake.inbounds] == ["1", "1"]


async def test_more_than_a_page_is_read_and_nothing_left_out(polled: SmsGateBench) -> None:
    clock = polled.tools.clock
    assert isinstance(clock, FixedClock)
    for n in range(polling.PAGE * 2 + 7):
        polled.phone.world.write(CITIZEN, f"tin {n}")
        clock.advance(timedelta(seconds=1))
    wanted = [f"tin {n}" for n in range(polling.PAGE * 2 + 7)]
    await until(lambda: len(polled.intake.inbounds) >= len(wanted))
    # What comes while pages are turned may be handed over later, but nothing is left out.
    assert sorted(i.text for i in polled.intake.inbounds) == sorted(wanted)


async def test_an_intake_that_fails_gets_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(polling, "EVERY", 0.01)
    async with village(replace(CONFIG, options={**CONFIG.options, "poll": "yes"})) as bench:
        bench.phone.world.write(CITIZEN, "mot")
        bench.phone.world.write(CITIZEN, "hai")
        bench.intake.fail_next = 1
        listener = bench_listener(bench)
        with pytest.raises(RuntimeError):
            await listener.listen(bench.intake)
        again = asyncio.create_task(listener.listen(bench.intake))
        await until(lambda: len(bench.intake.inbounds) == 2)
        again.cancel()
        assert [i.text for i in bench.intake.inbounds] == ["mot", "hai"]


async def test_what_came_before_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "EVERY", 0.01)
    since = (START + timedelta(minutes=1)).isoformat()
    options = {**CONFIG.options, "poll": "yes", "since": since}
    async with village(replace(CONFIG, options=options)) as bench:
        clock = bench.tools.clock
        assert isinstance(clock, FixedClock)
        bench.phone.world.write(CITIZEN, "việc riêng")
        clock.advance(timedelta(minutes=2))
        bench.phone.world.write(CITIZEN, "KS")
        listening = asyncio.create_task(bench_listener(bench).listen(bench.intake))
        await until(lambda: len(bench.intake.inbounds) > 0)
        listening.cancel()
        assert [i.text for i in bench.intake.inbounds] == ["KS"]


async def test_an_old_application_has_no_inbox(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {**CONFIG.options, "poll": "yes"}
    async with village(replace(CONFIG, options=options), is_old=True) as bench:
        with pytest.raises(TemporarySendError) as refused:
            await bench_listener(bench).listen(bench.intake)
        assert refused.value.needs_person


async def test_an_old_application_pushes_and_repeats_safely() -> None:
    async with village(CONFIG, is_old=True) as bench:
        await connect(bench.gateway.config, bench.tools, bench.home)
        bench.phone.world.signing_key = KEY  # typed in by hand
        await bench.write(CITIZEN, "KS")
        assert bench.intake.inbounds[0].address == CITIZEN
        await bench.gateway.send(outgoing())
        with pytest.raises(UnknownOutcomeError):  # its database refuses the id, with a 500
            await bench.gateway.send(outgoing())
        assert await bench.gateway.find_sent(outgoing()) is not None
        assert await bench.shown(2) == ["KS", "Xin chao ba con"]


# --- webhooks as recorded ---------------------------------------------------------------


def knock(name: str, config: GatewayConfig = CONFIG, **changes: object) -> list[object]:
    """Read a recorded payload, signed as the phone does."""
    envelope = json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))
    envelope["payload"] |= changes
    raw = json.dumps(envelope, ensure_ascii=False).encode()
    headers = {k.lower(): v for k, v in signature.headers(KEY, raw, START).items()}
    assert KIND.read is not None
    taken = KIND.read(config, Call("POST", headers, {}, raw, "application/json", START))
    return list(taken.arrivals)


def test_a_received_message() -> None:
    (inbound,) = knock("sms_received")
    assert isinstance(inbound, Inbound)
    assert (inbound.kind, inbound.address) == (InboundKind.TEXT, "+84987654321")
    assert inbound.text == "Làm khai sinh cần giấy tờ gì ạ?"
    assert inbound.sent_at == datetime(2026, 11, 20, 1, 59, 30, tzinfo=UTC)
    assert inbound.provider_id.startswith(f"dt-xa:sms-{int(inbound.sent_at.timestamp())}-")
    (older,) = knock("sms_received_2025")
    assert isinstance(older, Inbound)
    assert (older.address, older.text) == ("+84987654321", "KS")


@pytest.mark.parametrize(
    ("name", "state", "detail"),
    [
        ("sms_sent", ReceiptState.SENT, ""),
        ("sms_delivered", ReceiptState.DELIVERED, ""),
        ("sms_failed", ReceiptState.FAILED, "Send result: RESULT_ERROR_LIMIT_EXCEEDED"),
        ("sms_cancelled", ReceiptState.FAILED, ""),
    ],
)
def test_reports(name: str, state: ReceiptState, detail: str) -> None:
    assert knock(name) == [
        Receipt(COMMUNE, "sms", "dt-xa:hotro-31", state, detail=detail, own_id="hotro-31")
    ]


@pytest.mark.parametrize("name", ["system_ping", "mms_received"])
def test_what_asks_for_nothing(name: str) -> None:
    assert knock(name) == []


def test_another_sim_of_the_phone_is_private() -> None:
    options = {**CONFIG.options, "sim": "1"}
    assert knock("sms_received", replace(CONFIG, options=options), simNumber=2) == []
    assert len(knock("sms_received", replace(CONFIG, options=options), simNumber=1)) == 1
    assert len(knock("sms_received", replace(CONFIG, options=options), simNumber=None)) == 1


def test_a_time_that_cannot_be_read_does_not_cost_the_message() -> None:
    (inbound,) = knock("sms_received", receivedAt="hôm qua")
    assert isinstance(inbound, Inbound)
    assert (inbound.provider_id, inbound.sent_at) == ("dt-xa:Ey6ECgOkVVFjz3CL48B8C", None)


def test_without_a_key_nothing_is_taken() -> None:
    with pytest.raises(CallRefusedError):
        knock("sms_received", replace(CONFIG, secrets={"password": "x"}))


# --- connecting -------------------------------------------------------------------------


async def test_connecting_is_done_once(pushed: SmsGateBench) -> None:
    world = pushed.phone.world
    assert world.signing_key == KEY
    assert sorted(str(row["event"]) for row in world.webhooks()) == [
        "sms:cancelled",
        "sms:delivered",
        "sms:failed",
        "sms:received",
        "sms:sent",
        "system:ping",
    ]
    told = await connect(pushed.gateway.config, pushed.tools, pushed.home)
    assert told.startswith("Điện thoại đã nối từ trước.")
    assert len(world.webhooks()) == 6


async def test_an_earlier_address_of_ours_is_removed(pushed: SmsGateBench) -> None:
    world = pushed.phone.world
    old = f"https://cu.example.vn/webhooks/sms/dt-xa/{COMMUNE}"
    world.register("old", old, "sms:received")
    world.register("theirs", "https://khac.example.vn/sms", "sms:received")
    told = await connect(pushed.gateway.config, pushed.tools, pushed.home)
    assert "đã bỏ 1 địa chỉ cũ" in told
    urls = [row["url"] for row in world.webhooks()]
    assert old not in urls
    assert "https://khac.example.vn/sms" in urls


async def test_an_address_that_the_phone_does_not_call(pushed: SmsGateBench) -> None:
    told = await connect(pushed.gateway.config, pushed.tools, "http://192.168.1.5:8000")
    assert "https" in told
    assert "Tự hỏi tin" in told


@pytest.mark.parametrize(
    ("options", "secrets", "said"),
    [
        ({"url": "192.168.1.9:8080", "user": "sms"}, {"password": "x"}, "http://"),
        ({"url": "http://127.0.0.1:1", "user": "sms"}, {}, "mật khẩu"),
        ({"url": "http://127.0.0.1:1", "user": "sms"}, {"password": "x"}, "không kết nối được"),
    ],
)
async def test_connecting_says_what_is_wrong(
    options: dict[str, str], secrets: dict[str, str], said: str
) -> None:
    config = replace(CONFIG, options=options, secrets=secrets)
    assert said in await connect(config, Tools(FixedClock(START)), "https://hotro.example.vn")


async def test_a_wrong_password_is_told(pushed: SmsGateBench) -> None:
    config = replace(pushed.gateway.config, secrets={"password": "wrong"})
    assert "mã truy cập" in await connect(config, pushed.tools, pushed.home)


# --- health -----------------------------------------------------------------------------


async def test_the_phone_tells_how_it_is(pushed: SmsGateBench) -> None:
    condition = await pushed.gateway.check()
    assert condition.well
    assert condition.facts["Pin"] == "94 % (đang sạc)"
    pushed.phone.world.battery, pushed.phone.world.is_charging = 9, False
    condition = await pushed.gateway.check()
    assert not condition.well
    assert "9 %" in condition.told
    pushed.phone.world.failed = 3
    assert "khuôn mặt" in (await pushed.gateway.check()).told


async def test_a_server_in_front_that_tells_nothing_is_well() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        return (
            httpx.Response(200, json=[]) if "webhooks" in request.url.path else httpx.Response(404)
        )

    tools = Tools(FixedClock(START), httpx.MockTransport(server))
    gateway = KIND.build(CONFIG, tools)
    assert (await gateway.check()).well
    await gateway.close()
