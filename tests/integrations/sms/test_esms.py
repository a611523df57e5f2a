"""eSMS.vn on its simulator, over real HTTP: a brand name out, a short code in."""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

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
from integrations.sms.esms import KIND
from integrations.sms.esms.gateway import domestic
from integrations.sms.esms.simulator import EsmsSimulator
from integrations.sms.gateway import Call, CallRefusedError, Gateway, GatewayConfig, Taken, Tools
from integrations.sms.pool import Pool
from integrations.sms.webhook import routes
from integrations.testing import RecordingIntake
from tests.integrations.http import serving, until
from tests.integrations.sms.contract import CITIZEN, COMMUNE, GatewayContract, outgoing

PAYLOADS = Path(__file__).parent / "payloads" / "esms"
START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HOOK, MO_KEY = "khoa-trong-dia-chi-goi-ve", "17417a0d20114d36a902e49cad0e97f3"
CONFIG = GatewayConfig(
    commune=COMMUNE,
    name="esms",
    kind="esms",
    own_number="8041",
    options={"url": "http://127.0.0.1:1", "brandname": "UBNDSPHUONG", "cpid": "cpid-1"},
    secrets={
        "api_key": "api-key-for-tests",
        "secret_key": "secret-key-for-tests",
        "hook_secret": HOOK,
        "mo_key": MO_KEY,
    },
)


@dataclass
class EsmsBench:
    """The account, our webhook, and the gateway between them."""

    provider: EsmsSimulator
    gateway: Gateway
    intake: RecordingIntake
    handset: httpx.AsyncClient
    clock: FixedClock

    async def write(self, sender: str, text: str) -> None:
        before = len(self.intake.inbounds)
        await self.handset.post(f"/handset/{sender}/send", json={"text": text})
        await self.provider.courier.idle()
        await until(lambda: len(self.intake.inbounds) > before)

    async def repeat(self) -> None:
        self.provider.world.repeat()
        await self.provider.courier.idle()

    async def shown(self, messages: int) -> list[str]:
        answer = await self.handset.get(f"/handset/{CITIZEN}/messages")
        return [m["text"] for m in answer.json()["messages"]]

    async def reported(self, receipts: int) -> None:
        await self.provider.courier.idle()
        await until(lambda: len(self.intake.receipts) >= receipts)

    def lose_the_next_answer(self) -> None:
        self.provider.faults.drop_answers, self.provider.faults.drop_seconds = 1, 0.05

    def unreachable(self) -> Gateway:
        return KIND.build(CONFIG, Tools(self.clock))

    def with_a_wrong_password(self) -> Gateway:
        secrets = {**self.gateway.config.secrets, "secret_key": "wrong"}
        return KIND.build(replace(self.gateway.config, secrets=secrets), Tools(self.clock))


@asynccontextmanager
async def account(*, hangs_behind: str = "&", in_hex: bool = False) -> AsyncIterator[EsmsBench]:
    clock, intake = FixedClock(START), RecordingIntake()
    provider = EsmsSimulator(
        clock,
        keys=("api-key-for-tests", "secret-key-for-tests"),
        brandname="UBNDSPHUONG",
        mo_key=MO_KEY,
        hangs_behind=hangs_behind,
        signs_in_hex=in_hex,
        delay_scale=0.001,
    )
    pool = Pool(Tools(clock))
    app = web.Application()
    app.add_routes(routes(intake, pool, clock))
    app.add_subapp("/esms", provider.app())
    async with serving(app) as home:
        provider.world.mo_url = f"{home}/webhooks/sms/esms/{COMMUNE}"
        options = {**CONFIG.options, "url": f"{home}/esms", "callback": home}
        pool.take([replace(CONFIG, options=options)])
        (gateway,) = pool.all()
        async with httpx.AsyncClient(base_url=f"{home}/esms") as handset:
            yield EsmsBench(provider, gateway, intake, handset, clock)
        await pool.close()


@pytest.fixture
async def bench() -> AsyncIterator[EsmsBench]:
    async with account() as bench:
        yield bench


class TestEsms(GatewayContract):
    """The contract; see tests.integrations.sms.contract."""

    reports = (ReceiptState.DELIVERED,)  # nothing is told before


class TestEsmsInAnotherReading(TestEsms):
    """What the documentation leaves open, the other way round."""

    @pytest.fixture
    async def bench(self) -> AsyncIterator[EsmsBench]:
        async with account(hangs_behind="?", in_hex=True) as bench:
            yield bench


# --- sending ----------------------------------------------------------------------------


def answering(
    answer: httpx.Response, config: GatewayConfig = CONFIG
) -> tuple[Gateway, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def provider(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer

    tools = Tools(
        FixedClock(START), httpx.MockTransport(provider), public_url="https://hotro.example.vn"
    )
    return KIND.build(config, tools), seen


async def test_what_goes_to_esms() -> None:
    gateway, seen = answering(httpx.Response(200, json={"CodeResult": "100", "SMSID": "d5"}))
    await gateway.send(outgoing("Chào bà", "hotro-9"))
    await gateway.close()
    assert seen[0].url.path == "/MainService.svc/json/SendMultipleMessage_V4_post_json/"
    assert json.loads(seen[0].content) == {
        "ApiKey": "api-key-for-tests",
        "SecretKey": "secret-key-for-tests",
        "Phone": "0912345678",
        "Content": "Chào bà",
        "Brandname": "UBNDSPHUONG",
        "SmsType": "2",
        "IsUnicode": "1",
        "Sandbox": "0",
        "RequestId": "hotro-9",
        "CallbackUrl": f"https://hotro.example.vn/webhooks/sms/esms/{COMMUNE}?k={HOOK}&own=hotro-9",
    }


@pytest.mark.parametrize(
    ("code", "kind", "needs_person", "other_way"),
    [
        ("101", TemporarySendError, True, None),
        ("103", TemporarySendError, True, None),
        ("104", TemporarySendError, True, None),
        ("140", TemporarySendError, True, None),
        ("143", TemporarySendError, True, None),
        ("108", PermanentSendError, None, False),
        ("99", PermanentSendError, None, True),
        ("146", PermanentSendError, None, True),
        ("177", PermanentSendError, None, True),
        ("201", PermanentSendError, None, True),
        ("999", PermanentSendError, None, True),
        ("124", PermanentSendError, None, True),  # used before, and not by a lost answer
        ("", UnknownOutcomeError, None, None),
    ],
)
async def test_codes_are_sorted(
    code: str, kind: type[Exception], needs_person: bool | None, other_way: bool | None
) -> None:
    gateway, _ = answering(httpx.Response(200, json={"CodeResult": code}))
    with pytest.raises(kind) as caught:
        await gateway.send(outgoing())
    assert type(caught.value) is kind
    assert getattr(caught.value, "needs_person", None) is needs_person
    assert getattr(caught.value, "other_way", None) is other_way
    await gateway.close()


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]"])
async def test_an_answer_that_is_none(body: bytes) -> None:
    gateway, _ = answering(httpx.Response(200, content=body))
    with pytest.raises(UnknownOutcomeError):
        await gateway.send(outgoing())
    await gateway.close()


@pytest.mark.parametrize(
    ("status", "taken"), [("5", True), ("7", True), ("2", True), ("4", False), (None, True)]
)
async def test_after_a_lost_answer_the_used_id_tells(status: str | None, taken: bool) -> None:
    answer = {"CodeResult": "124"} | ({"SendStatus": status} if status else {})
    gateway, _ = answering(httpx.Response(200, json=answer))
    found = await gateway.find_sent(replace(outgoing(), first_tried_at=START))
    assert (found is not None) is taken
    await gateway.close()


async def test_a_refusal_for_its_words_says_that_it_never_left() -> None:
    gateway, _ = answering(httpx.Response(200, json={"CodeResult": "146"}))
    assert await gateway.find_sent(replace(outgoing(), first_tried_at=START)) is None
    await gateway.close()


async def test_an_empty_account_tells_nothing_of_earlier_messages() -> None:
    gateway, _ = answering(httpx.Response(200, json={"CodeResult": "103"}))
    with pytest.raises(TemporarySendError):
        await gateway.find_sent(replace(outgoing(), first_tried_at=START))
    await gateway.close()


async def test_after_midnight_nobody_can_tell(bench: EsmsBench) -> None:
    bench.lose_the_next_answer()
    with pytest.raises(UnknownOutcomeError):
        await bench.gateway.send(outgoing())
    tried = replace(outgoing(), first_tried_at=START)
    bench.clock.advance(timedelta(hours=15))  # nine in the morning, until midnight
    with pytest.raises(PermanentSendError):
        await bench.gateway.find_sent(tried)
    assert await bench.shown(1) == ["Xin chao ba con"]


async def test_a_request_that_was_lost_on_its_way_is_made_good(bench: EsmsBench) -> None:
    bench.lose_the_next_answer()
    bench.provider.faults.drop_when = "before"
    with pytest.raises(UnknownOutcomeError):
        await bench.gateway.send(outgoing())
    assert await bench.shown(0) == []
    assert await bench.gateway.find_sent(replace(outgoing(), first_tried_at=START)) is not None
    assert await bench.shown(1) == ["Xin chao ba con"]


async def test_a_number_at_which_nothing_arrives(bench: EsmsBench) -> None:
    bench.provider.world.unreachable.add(CITIZEN)
    await bench.gateway.send(outgoing())
    await bench.reported(1)
    (report,) = bench.intake.receipts
    assert (report.state, report.own_id) == (ReceiptState.FAILED, "hotro-1")


async def test_the_sandbox_sends_nothing(bench: EsmsBench) -> None:
    options = {**bench.gateway.config.options, "sandbox": "yes"}
    trying = KIND.build(replace(bench.gateway.config, options=options), Tools(bench.clock))
    await trying.send(outgoing())
    await trying.close()
    await bench.provider.courier.idle()
    assert await bench.shown(0) == []
    assert bench.provider.world.balance == 1_000_000


async def test_the_balance_is_told(bench: EsmsBench) -> None:
    condition = await bench.gateway.check()
    assert condition.facts == {"Số dư": "1.000.000 đ"}
    bench.provider.world.balance = 10
    condition = await bench.gateway.check()
    assert not condition.well
    assert "nạp" in condition.told


@pytest.mark.parametrize(
    ("number", "written"),
    [("+84912345678", "0912345678"), ("+8562055512345", "8562055512345")],
)
def test_numbers_as_esms_writes_them(number: str, written: str) -> None:
    assert domestic(number) == written


@pytest.mark.parametrize("missing", ["api_key", "secret_key", "brandname"])
def test_settings_that_must_be_there(missing: str) -> None:
    options = {k: v for k, v in CONFIG.options.items() if k != missing}
    secrets = {k: v for k, v in CONFIG.secrets.items() if k != missing}
    with pytest.raises(ValueError, match="còn thiếu"):
        KIND.build(replace(CONFIG, options=options, secrets=secrets), Tools(FixedClock(START)))


# --- calls as recorded ------------------------------------------------------------------


def knock(query: str, config: GatewayConfig = CONFIG) -> Taken:
    call = Call("GET", {}, dict(parse_qsl(query, True)), b"", "", START, query)
    assert KIND.read is not None
    return KIND.read(config, call)


def recorded(name: str) -> str:
    return (PAYLOADS / f"{name}.txt").read_text(encoding="ascii").strip()


@pytest.mark.parametrize("name", ["mo_base64", "mo_base64_plus_as_space", "mo_hex"])
def test_a_message_as_recorded(name: str) -> None:
    taken = knock(recorded(name))
    (inbound,) = taken.arrivals
    assert isinstance(inbound, Inbound)
    assert (inbound.kind, inbound.address) == (InboundKind.TEXT, CITIZEN)
    assert inbound.text == "KS con toi 3 thang, can gi?"
    assert inbound.provider_id == "esms:a1b2c304"
    assert inbound.sent_at == datetime(2026, 11, 20, 1, 59, 30, tzinfo=UTC)
    assert taken.answer.content_type == "text/xml"
    assert taken.answer.text == (
        "<ClientResponse><Message></Message><Smsid>a1b2c304</Smsid>"
        "<Receiver>84912345678</Receiver></ClientResponse>"
    )


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("dlr_delivered", ReceiptState.DELIVERED),
        ("dlr_delivered_hanging", ReceiptState.DELIVERED),
        ("dlr_failed", ReceiptState.FAILED),
        ("dlr_refused", ReceiptState.FAILED),
        ("dlr_went_out", ReceiptState.SENT),
        ("dlr_waiting", None),
    ],
)
def test_reports_as_recorded(name: str, state: ReceiptState | None) -> None:
    told = [Receipt(COMMUNE, "sms", "esms:hotro-31", state, own_id="hotro-31")] if state else []
    assert list(knock(recorded(name)).arrivals) == told


@pytest.mark.parametrize(
    ("name", "value"), [("sign", "AAAA"), ("content", "TC"), ("smsid", "x"), ("cpid", "cpid-2")]
)
def test_what_was_changed_on_the_way_is_refused(name: str, value: str) -> None:
    query = dict(parse_qsl(recorded("mo_base64"))) | {name: value}
    with pytest.raises(CallRefusedError) as refused:
        knock(urlencode(query))
    assert refused.value.status == 403


@given(
    content=st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    smsid=st.text("0123456789abcdef", min_size=1, max_size=20),
    in_hex=st.booleans(),
)
def test_what_is_signed_is_taken_and_nothing_else(content: str, smsid: str, in_hex: bool) -> None:
    time = "20261120085930"
    digest = hashlib.md5(f"cpid-1{smsid}{content}{time}{MO_KEY}".encode(), usedforsecurity=False)
    sign = digest.hexdigest() if in_hex else b64encode(digest.digest()).decode()
    query = {"sender": "84912345678", "content": content, "sign": sign, "cpid": "cpid-1"}
    query |= {"smsid": smsid, "receiverTime": time}
    (inbound,) = knock(urlencode(query)).arrivals
    assert isinstance(inbound, Inbound)
    assert inbound.text == content
    for name in ("content", "smsid", "receiverTime"):
        with pytest.raises(CallRefusedError):
            knock(urlencode(query | {name: f"{query[name]}0"}))


def test_without_a_key_no_message_is_taken() -> None:
    secrets = {k: v for k, v in CONFIG.secrets.items() if k != "mo_key"}
    with pytest.raises(CallRefusedError):
        knock(recorded("mo_base64"), replace(CONFIG, secrets=secrets))


def test_a_report_needs_our_secret() -> None:
    query = recorded("dlr_delivered").replace(HOOK, "another")
    with pytest.raises(CallRefusedError):
        knock(query)
    with pytest.raises(CallRefusedError):
        knock("SendStatus=5&RequestId=hotro-31&SendSuccess=1")


@pytest.mark.parametrize("query", [f"k={HOOK}", f"k={HOOK}&SendStatus=5", f"k={HOOK}&own=hotro-1"])
def test_a_report_of_nothing(query: str) -> None:
    with pytest.raises(MalformedBodyError):
        knock(query)
