"""The real Kannel, set up by our own snippet, with its fakesmsc as the operator."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

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
from integrations.bodies import MalformedBodyError
from integrations.sms.gateway import Call, CallRefusedError, Gateway, GatewayConfig, Tools
from integrations.sms.kannel import KIND, snippet
from integrations.sms.pool import Pool
from integrations.sms.webhook import routes
from integrations.testing import IntakeDownError, RecordingIntake
from tests.integrations.http import serving, until
from tests.integrations.sms.contract import (
    ACCENTED,
    CITIZEN,
    COMMUNE,
    LONG,
    OFFICE,
    GatewayContract,
    outgoing,
)
from tests.peers import free_port, require
from tests.peers_sms import KANNEL_HINT, Kannel, kannel_programs

PAYLOADS = Path(__file__).parent / "payloads" / "kannel"
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
SECRET = "khoa-trong-dia-chi-goi-ve"
CONFIG = GatewayConfig(
    commune=COMMUNE,
    name="kannel",
    kind="kannel",
    own_number=OFFICE,
    options={"url": "http://127.0.0.1:1/cgi-bin/sendsms", "user": "hotro"},
    secrets={"password": "password-for-tests", "hook_secret": SECRET},
)
PUBLIC = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Place:
    """A running Kannel, how we reach it, and the port on which it calls us."""

    kannel: Kannel
    config: GatewayConfig
    port: int


def port_with_another() -> int:
    """A free port for sendsms; the snippet puts smsbox's own twelve below it."""
    while True:
        port = free_port()
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port - 12))
            return port


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    programs = require(kannel_programs(), KANNEL_HINT)
    sendsms_port = port_with_another()
    admin_port, smsc_port, port = (free_port() for _ in range(3))
    options = {
        "url": f"http://127.0.0.1:{sendsms_port}/cgi-bin/sendsms",
        "user": "hotro",
        "admin_url": f"http://127.0.0.1:{admin_port}",
        "callback": f"http://127.0.0.1:{port}",
    }
    secrets = {**CONFIG.secrets, "admin_password": "admin-for-tests"}
    config = replace(CONFIG, options=options, secrets=secrets)
    # As the snippet says, but for the patience.
    text = snippet(config, "").replace("http-queue-delay = 10", "http-queue-delay = 1")
    kannel = Kannel(programs, tmp_path_factory.mktemp("kannel"), text, smsc_port)
    try:
        kannel.start(sendsms_port - 12, sendsms_port)
        yield Place(kannel, config, port)
    finally:
        kannel.stop()


class Losing(httpx.AsyncBaseTransport):
    """A line on which answers can be lost."""

    def __init__(self) -> None:
        self.lose = 0
        self._line = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._line.handle_async_request(request)
        if self.lose > 0:
            self.lose -= 1
            await response.aclose()
            raise httpx.ReadTimeout("lost", request=request)
        return response

    async def aclose(self) -> None:
        await self._line.aclose()


class AbsentMinded(RecordingIntake):
    """Stores what comes, but says at times that it did not."""

    def __init__(self) -> None:
        super().__init__()
        self.forget = 0

    async def receive(self, inbound: Inbound) -> bool:
        new = await super().receive(inbound)
        if self.forget > 0:
            self.forget -= 1
            raise IntakeDownError
        return new


class KannelBench:
    """Kannel, our webhook, and the gateway between them."""

    def __init__(self, place: Place, gateway: Gateway, intake: AbsentMinded, line: Losing) -> None:
        self.kannel = place.kannel
        self.place = place
        self.gateway = gateway
        self.intake: RecordingIntake = intake
        self._line = line
        self._absent_minded = intake

    async def write(self, sender: str, text: str) -> None:
        before, copies = len(self.intake.inbounds), self.intake.duplicates
        again = self._absent_minded.forget
        self.kannel.write(sender, OFFICE, text)
        await until(lambda: len(self.intake.inbounds) > before, 15)
        await until(lambda: self.intake.duplicates == copies + again, 15)

    async def repeat(self) -> None:
        """The next call is answered with 503 although its message was stored."""
        self._absent_minded.forget = 1

    async def shown(self, messages: int) -> list[str]:
        await until(lambda: len(self.kannel.received()) >= messages, 15)
        return self.kannel.received()

    async def reported(self, receipts: int) -> None:
        await until(lambda: len(self.intake.receipts) >= receipts, 15)

    def lose_the_next_answer(self) -> None:
        self._line.lose = 1

    def unreachable(self) -> Gateway:
        return KIND.build(CONFIG, Tools(FixedClock(START)))

    def with_a_wrong_password(self) -> Gateway:
        secrets = {**self.place.config.secrets, "password": "wrong"}
        return KIND.build(replace(self.place.config, secrets=secrets), Tools(FixedClock(START)))


@asynccontextmanager
async def office(place: Place) -> AsyncIterator[KannelBench]:
    """Our side, for one test."""
    clock, intake, line = FixedClock(START), AbsentMinded(), Losing()
    pool = Pool(Tools(clock, line))
    pool.take([place.config])
    (gateway,) = pool.all()
    app = web.Application()
    app.add_routes(routes(intake, pool, clock))
    async with serving(app, place.port):
        yield KannelBench(place, gateway, intake, line)
    await pool.close()


@pytest.fixture
async def bench(place: Place) -> AsyncIterator[KannelBench]:
    place.kannel.connect()
    place.kannel.forget()
    async with office(place) as bench:
        await seen(bench, "1/1")
        yield bench


async def seen(bench: KannelBench, lines: str) -> None:
    """Wait until Kannel says that so many lines to operators are up."""
    async with asyncio.timeout(15):
        while lines not in (await bench.gateway.check()).facts.values():
            await asyncio.sleep(0.05)


class TestKannel(GatewayContract):
    """The contract, over the real programs."""

    sends_once = False
    can_be_asked = False
    in_order = False  # smsbox calls us for both reports at once


async def test_a_long_text_without_diacritics_arrives_whole(bench: KannelBench) -> None:
    text = "Giay to can mang: giay chung sinh; [can cuoc] cua cha va me. " * 6
    await bench.gateway.send(outgoing(text.strip()))
    assert await bench.shown(1) == [text.strip()]


async def test_a_long_message_of_a_citizen_is_put_together(bench: KannelBench) -> None:
    words = "toi muon hoi thu tuc khai sinh cho chau ngoai cua toi, sinh o que. " * 4
    for n, part in ((2, words[153:]), (1, words[:153])):
        bench.kannel.connect(f"{CITIZEN} {OFFICE} udh-text %05%00%03%2A%02%0{n} {part}")
        await asyncio.to_thread(bench.kannel.wait_for, "fakesmsc", "sent message")
    await until(lambda: len(bench.intake.inbounds) > 0, 15)
    assert [i.text for i in bench.intake.inbounds] == [words]


async def test_what_came_while_we_were_away(place: Place) -> None:
    place.kannel.write(CITIZEN, OFFICE, "KS luc may tat")
    await asyncio.to_thread(place.kannel.wait_for, "smsbox", "Retrying request")
    async with office(place) as bench:
        await until(lambda: len(bench.intake.inbounds) > 0, 15)
        assert [i.text for i in bench.intake.inbounds] == ["KS luc may tat"]


async def test_a_failing_intake_is_called_again(bench: KannelBench) -> None:
    bench.intake.fail_next = 2
    await bench.write(CITIZEN, ACCENTED)
    assert [i.text for i in bench.intake.inbounds] == [ACCENTED]


async def test_a_message_waits_for_the_operator(bench: KannelBench) -> None:
    bench.kannel.end("fakesmsc")
    await seen(bench, "0/1")
    assert "chưa nối được" in (await bench.gateway.check()).told
    await bench.gateway.send(outgoing(LONG))
    bench.kannel.connect()
    assert await bench.shown(1) == [LONG]
    await bench.reported(2)


# --- without the programs ---------------------------------------------------------------


def sending(answer: httpx.Response, **options: str) -> tuple[Gateway, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def smsbox(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    config = replace(CONFIG, options={**CONFIG.options, **options})
    tools = Tools(FixedClock(START), httpx.MockTransport(smsbox), public_url=PUBLIC)
    return KIND.build(config, tools), seen


async def test_what_goes_to_sendsms() -> None:
    gateway, seen = sending(httpx.Response(202, text="0: Accepted for delivery"), smsc="viettel")
    await gateway.send(outgoing("Chào bà"))
    await gateway.send(outgoing("Chao xa"))
    await gateway.close()
    accented, plain = (dict(request.url.params) for request in seen)
    assert accented == {
        "username": "hotro",
        "password": "password-for-tests",
        "from": OFFICE,
        "to": CITIZEN,
        "text": "Chào bà",
        "charset": "UTF-8",
        "coding": "0",  # à is one of the few that GSM has
        "smsc": "viettel",
        "dlr-mask": "31",
        "dlr-url": f"{PUBLIC}/webhooks/sms/kannel/{COMMUNE}?k={SECRET}&own=hotro-1&dlr=%d&reply=%A",
    }
    assert (plain["coding"], plain["text"]) == ("0", "Chao xa")


async def test_a_text_beyond_gsm_goes_as_ucs2() -> None:
    gateway, seen = sending(httpx.Response(202, text="3: Queued for later delivery"))
    await gateway.send(outgoing("Chào xã"))
    assert seen[0].url.params["coding"] == "2"
    await gateway.close()


@pytest.mark.parametrize(
    ("status", "said", "kind", "needs_person"),
    [
        (403, "Authorization failed for sendsms", TemporarySendError, True),
        (403, "Not routable. Do not try again.", PermanentSendError, False),
        (400, "Missing receiver number, rejected", PermanentSendError, False),
        (404, "Unknown request", TemporarySendError, True),
        (503, "Temporal failure, try again later.", TemporarySendError, False),
        (500, "", UnknownOutcomeError, False),
        (200, "<html>proxy</html>", UnknownOutcomeError, False),
    ],
)
async def test_replies_are_sorted(
    status: int, said: str, kind: type[Exception], needs_person: bool
) -> None:
    gateway, _ = sending(httpx.Response(status, text=said))
    with pytest.raises(kind) as caught:
        await gateway.send(outgoing())
    assert type(caught.value) is kind
    assert getattr(caught.value, "needs_person", False) is needs_person
    await gateway.close()


async def test_without_reports_nobody_can_ever_tell() -> None:
    gateway = KIND.build(CONFIG, Tools(FixedClock(START)))  # no address of ours
    with pytest.raises(PermanentSendError):
        await gateway.find_sent(outgoing())
    await gateway.close()


def knock(query: str, config: GatewayConfig = CONFIG) -> list[object]:
    """Read one recorded call."""
    call = Call("GET", {}, dict(parse_qsl(query, True)), b"", "", START, query)
    assert KIND.read is not None
    return list(KIND.read(config, call).arrivals)


def recorded(name: str) -> str:
    return (PAYLOADS / f"{name}.txt").read_text(encoding="ascii").strip()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mo_gsm", "{a}[b]~ hai  cach"),
        ("mo_recoded", "Chào bà"),
        ("mo_utf16", "Chào bà"),
    ],
)
def test_messages_as_recorded(name: str, text: str) -> None:
    (inbound,) = knock(recorded(name))
    assert isinstance(inbound, Inbound)
    assert (inbound.kind, inbound.text) == (InboundKind.TEXT, text)
    assert inbound.address == CITIZEN
    assert inbound.sent_at == datetime.fromtimestamp(1795379458, UTC)
    assert inbound.provider_id == "kannel:ae44230f-4581-408c-8142-19c19c107242"


def test_binary_messages_are_nobodys_words() -> None:
    assert knock(recorded("mo_binary")) == []


@pytest.mark.parametrize(
    ("name", "state", "detail"),
    [
        ("dlr_delivered", ReceiptState.DELIVERED, ""),
        ("dlr_accepted", ReceiptState.SENT, ""),
        ("dlr_failed", ReceiptState.FAILED, "stat:UNDELIV err:005"),
        ("dlr_rejected", ReceiptState.FAILED, "NACK/11/Invalid destination address"),
    ],
)
def test_reports_as_recorded(name: str, state: ReceiptState, detail: str) -> None:
    expected = Receipt(COMMUNE, "sms", "kannel:hotro-31", state, detail=detail, own_id="hotro-31")
    assert knock(recorded(name)) == [expected]


def test_a_report_that_it_waits_changes_nothing() -> None:
    assert knock(recorded("dlr_queued")) == []


@pytest.mark.parametrize("query", ["", "k=wrong&id=1&from=0912345678&text=a", "id=1&from=1&text=a"])
def test_without_the_secret_nothing_is_read(query: str) -> None:
    with pytest.raises(CallRefusedError):
        knock(query)
    with pytest.raises(CallRefusedError):
        knock(f"k=&{query}", replace(CONFIG, secrets={}))


@pytest.mark.parametrize("query", ["", "&text=a&id=1", "&from=1&id=1", "&from=1&text=a", "&dlr=1"])
def test_what_is_neither(query: str) -> None:
    with pytest.raises(MalformedBodyError):
        knock(f"k={SECRET}{query}")


@pytest.mark.parametrize(
    ("options", "secrets", "said"),
    [
        ({"url": "127.0.0.1:13013"}, {}, "http://"),
        ({"user": ""}, {}, "tên đăng nhập"),
        ({}, {"password": 'co"ngoac'}, "Kannel"),
        ({}, {"hook_secret": "ngan"}, "16"),
        ({}, {"hook_secret": "khoa co dau cach va dai"}, "16"),
    ],
)
def test_settings_that_cannot_be_used(
    options: dict[str, str], secrets: dict[str, str], said: str
) -> None:
    config = replace(
        CONFIG,
        options={**CONFIG.options, **options},
        secrets={**CONFIG.secrets, **secrets},
    )
    with pytest.raises(ValueError, match=said):
        KIND.build(config, Tools(FixedClock(START)))


def test_a_snippet_needs_to_know_where_we_are() -> None:
    with pytest.raises(ValueError, match="callback"):
        snippet(CONFIG, "")
    text = snippet(CONFIG, f"{PUBLIC}/")
    assert f'get-url = "{PUBLIC}/webhooks/sms/kannel/{COMMUNE}?k={SECRET}&id=%I' in text
    assert "max-messages = 0" in text
