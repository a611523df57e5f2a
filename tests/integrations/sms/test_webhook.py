"""The generic gateway's webhook, over real HTTP, each step with what may go wrong in it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.clock import FixedClock
from bot.messages import InboundKind, Receipt, ReceiptState
from integrations.bodies import MalformedBodyError
from integrations.sms import signature
from integrations.sms.gateway import Call, CallRefusedError, Tools
from integrations.sms.generic_http import KIND
from integrations.sms.generic_http.payload import FORM
from integrations.sms.pool import Pool
from integrations.sms.webhook import MAX_BODY, routes
from integrations.testing import RecordingIntake
from tests.integrations.http import serving
from tests.integrations.sms.conftest import (
    CITIZEN,
    COMMUNE,
    GATEWAY,
    OFFICE,
    SECRET,
    START,
    TOKEN,
)

PATH = f"/webhooks/sms/generic/{COMMUNE}"
MESSAGE = {"id": "m1", "from": "0912345678", "to": OFFICE, "text": "KS"}
JSON = "application/json"


@dataclass
class Door:
    """The webhook alone, and somebody who knocks."""

    http: httpx.AsyncClient
    intake: RecordingIntake
    clock: FixedClock

    async def knock(
        self,
        raw: bytes,
        *,
        path: str = PATH,
        kind: str = JSON,
        at: datetime = START,
        secret: str = SECRET,
        **headers: str,
    ) -> int:
        """POST ``raw``, signed at ``at``; ``headers`` with _ replace what is sent."""
        signed = {"Content-Type": kind} | signature.headers(secret, raw, at)
        signed |= {name.replace("_", "-"): value for name, value in headers.items()}
        return (await self.http.post(path, content=raw, headers=signed)).status_code


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    intake, clock = RecordingIntake(), FixedClock(START)
    app, pool = web.Application(), Pool(Tools(clock))
    pool.take([GATEWAY])
    app.add_routes(routes(intake, pool, clock))
    async with serving(app) as address, httpx.AsyncClient(base_url=address) as http:
        yield Door(http, intake, clock)
    await pool.close()


def message(**changes: object) -> bytes:
    return json.dumps(MESSAGE | changes, ensure_ascii=False).encode("utf-8", "surrogatepass")


async def test_json_and_form_say_the_same(door: Door) -> None:
    stamp = "2026-11-20T08:59:00+07:00"
    text = "Khai sinh: cần gì? 1+1 & 2"
    assert await door.knock(message(text=text, received_at=stamp)) == 200
    form = urlencode(MESSAGE | {"text": text, "received_at": stamp, "id": "m2"}).encode()
    assert await door.knock(form, kind=f"{FORM}; charset=utf-8") == 200
    one, other = door.intake.inbounds
    assert (one.provider_id, other.provider_id) == ("generic:m1", "generic:m2")
    for inbound in (one, other):
        assert (inbound.kind, inbound.text) == (InboundKind.TEXT, text)
        assert (inbound.address, inbound.commune) == (CITIZEN, COMMUNE)
        assert inbound.sent_at == datetime(2026, 11, 20, 1, 59, tzinfo=UTC)


async def test_a_second_copy_is_acknowledged(door: Door) -> None:
    assert await door.knock(message(id=77)) == 200
    assert await door.knock(message(id=77)) == 200
    assert [i.provider_id for i in door.intake.inbounds] == ["generic:77"]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("sent", ReceiptState.SENT),
        ("Delivered", ReceiptState.DELIVERED),
        ("failed", ReceiptState.FAILED),
        ("expired", ReceiptState.FAILED),
        ("queued", None),
        ("whatever", None),
    ],
)
async def test_receipts(door: Door, status: str, state: ReceiptState | None) -> None:
    raw = json.dumps({"event": "receipt", "id": "o1", "status": status}).encode()
    assert await door.knock(raw) == 200
    told = [Receipt(COMMUNE, "sms", "generic:o1", state, own_id="o1")] if state else []
    assert door.intake.receipts == told


async def test_unsigned_is_refused_and_not_stored(door: Door) -> None:
    raw = message(text="bí mật của bà")
    now = str(int(START.timestamp()))
    with capture_logs() as logs:
        assert await door.knock(raw, X_Signature="") == 401
        assert await door.knock(raw, X_Signature="0" * 64) == 401
        assert await door.knock(raw, X_Timestamp="") == 401
        assert await door.knock(raw, X_Timestamp="soon") == 401
        assert await door.knock(raw, X_Timestamp="9" * 30) == 401
        assert await door.knock(raw, X_Timestamp=str(int(now) + 1)) == 401
        assert await door.knock(raw, secret="another") == 401
        assert await door.knock(b"{", secret="another") == 401
    assert not door.intake.inbounds
    assert "bí mật" not in str(logs)
    assert "0912345678" not in str(logs)
    assert SECRET not in str(logs)


@pytest.mark.parametrize(
    ("shift", "status"),
    [
        (timedelta(minutes=5), 200),
        (timedelta(minutes=5, seconds=1), 401),
        (timedelta(minutes=-6), 200),
        (timedelta(days=-3), 200),
        (timedelta(days=-3, seconds=-1), 401),
    ],
)
async def test_old_stamps_of_repeats_are_taken_future_ones_not(
    door: Door, shift: timedelta, status: int
) -> None:
    assert await door.knock(message(), at=START + shift) == status


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"{}",
        b'{"id":"1","from":"0912345678"}',
        b'{"id":"","from":"0912345678","text":"a"}',
        b'{"id":"1","from":"0912345678","text":["a"]}',
        b'{"id":true,"from":"0912345678","text":"a"}',
        b'{"event":"receipt","id":"1"}',
        b'{"id":"1","from":"' + b"9" * 300 + b'","text":"a"}',
    ],
)
async def test_malformed_bodies(door: Door, raw: bytes) -> None:
    assert await door.knock(raw) == 400
    assert not door.intake.inbounds


@pytest.mark.parametrize(
    "raw", [b"", b"a", b"id=%FF&from=0912345678&text=a", b"&".join([b"a=1"] * 30)]
)
async def test_malformed_forms(door: Door, raw: bytes) -> None:
    assert await door.knock(raw, kind=FORM) == 400


async def test_unknown_places(door: Door) -> None:
    assert await door.knock(message(), path=f"/webhooks/sms/other/{COMMUNE}") == 404
    assert await door.knock(message(), path="/webhooks/sms/generic/elsewhere") == 404
    assert (await door.http.get(PATH)).text == "ok"
    assert (await door.http.get("/webhooks/sms/generic/elsewhere")).status_code == 404


async def test_a_megabyte_is_too_large(door: Door) -> None:
    assert await door.knock(message(text="a" * 1_000_000)) == 413
    assert await door.knock(message(text="a" * (MAX_BODY - 1000))) == 200


async def test_odd_texts_are_taken(door: Door) -> None:
    for n, text in enumerate(("", "a\x00b", "👨‍👩‍👧", "\u202etxet")):
        assert await door.knock(message(id=n, text=text)) == 200
    raw = b'{"id":"s","from":"0912345678","text":"\\ud800b"}'
    assert await door.knock(raw) == 200
    assert [i.text for i in door.intake.inbounds] == ["", "a\x00b", "👨‍👩‍👧", "\u202etxet", "b"]


async def test_hostile_ids_are_hashed(door: Door) -> None:
    assert await door.knock(message(id="x\x00y", **{"from": "Công ty\x00"})) == 200
    (inbound,) = door.intake.inbounds
    assert "\x00" not in inbound.provider_id + inbound.address
    assert inbound.kind is InboundKind.IGNORED


async def test_odd_times_do_not_cost_the_message(door: Door) -> None:
    for n, at in enumerate(("", "yesterday", "2026-11-20T09:00:00", "9999-12-31T23:59:59-23:00")):
        assert await door.knock(message(id=n, received_at=at)) == 200
    assert [i.sent_at for i in door.intake.inbounds] == [None] * 4


async def test_a_failing_intake_asks_for_a_repeat(door: Door) -> None:
    door.intake.fail_next = 1
    assert await door.knock(message()) == 503
    assert await door.knock(message()) == 200
    assert len(door.intake.inbounds) == 1


def test_a_gateway_prints_no_secret() -> None:
    assert SECRET not in repr(GATEWAY)
    assert TOKEN not in repr(GATEWAY)


def test_an_empty_secret_verifies_nothing() -> None:
    assert not signature.verify("", b"x", "1", signature.sign("", b"x", "1"))


@given(st.binary(max_size=200), st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_what_is_signed_verifies(raw: bytes, timestamp: str, secret: str) -> None:
    given_ = signature.sign(secret, raw, timestamp)
    assert signature.verify(secret, raw, timestamp, given_)
    assert not signature.verify(secret, raw + b"x", timestamp, given_)


values = st.none() | st.booleans() | st.integers() | st.text(st.characters()) | st.floats()
near_bodies = st.fixed_dictionaries(
    {},
    optional={
        "id": values,
        "from": values | st.just("0912345678"),
        "text": values,
        "event": values | st.just("receipt"),
        "status": values | st.just("sent"),
        "received_at": values | st.just("2026-11-20T09:00:00+07:00"),
    },
)


@given(near_bodies | st.binary(max_size=100), st.sampled_from([JSON, FORM]))
def test_any_body_is_sorted_or_malformed(body: dict[str, object] | bytes, kind: str) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        taken = KIND.read(GATEWAY, signed(raw, kind)) if KIND.read else None
    except MalformedBodyError:
        return
    assert taken is not None
    assert len(taken.arrivals) <= 1


def signed(raw: bytes, kind: str) -> Call:
    """A call as the webhook makes it of a request."""
    headers = signature.headers(SECRET, raw, START)
    lower = {name.lower(): value for name, value in headers.items()}
    return Call("POST", lower, {}, raw, kind, START)


def test_an_unsigned_call_is_refused_before_it_is_read() -> None:
    call = Call("POST", {}, {}, b"{", JSON, START)
    assert KIND.read is not None
    with pytest.raises(CallRefusedError) as refused:
        KIND.read(GATEWAY, call)
    assert refused.value.status == 401
