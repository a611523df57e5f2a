"""Every kind of gateway: its reader takes anything, and its settings explain themselves."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_plus

import httpx
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.clock import FixedClock
from bot.messages import Inbound, Receipt
from integrations.bodies import MalformedBodyError
from integrations.sms import signature
from integrations.sms.gateway import Call, CallRefusedError, GatewayConfig, Tools
from integrations.sms.kinds import KINDS
from integrations.sms.pool import Pool
from integrations.sms.webhook import MAX_BODY, routes
from integrations.testing import RecordingIntake
from tests.integrations.http import serving
from tests.integrations.sms.contract import COMMUNE

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
HOOK = "khoa-trong-dia-chi-goi-ve"
OPTIONS = {"url": "http://127.0.0.1:1", "user": "hotro", "brandname": "UBND", "cpid": "cpid-1"}
SECRETS = {
    "password": "x",
    "token": "x",
    "api_key": "x",
    "secret_key": "x",
    "secret": HOOK,
    "signing_key": HOOK,
    "hook_secret": HOOK,
    "mo_key": "17417a0d20114d36a902e49cad0e97f3",
}
CALLED = sorted(kind.id for kind in KINDS.values() if kind.read is not None)
POSTED = sorted(kind.id for kind in KINDS.values() if kind.read is not None and not kind.gets)


def config(kind: str) -> GatewayConfig:
    return GatewayConfig(COMMUNE, kind, kind, "+84900000001", OPTIONS, SECRETS)


def is_sorted(kind: str, call: Call) -> None:
    """What every reader keeps to, whatever it is given."""
    read = KINDS[kind].read
    assert read is not None
    try:
        taken = read(config(kind), call)
    except (MalformedBodyError, CallRefusedError):
        return
    for arrival in taken.arrivals:
        assert isinstance(arrival, Inbound | Receipt)
        known = arrival.provider_id if isinstance(arrival, Inbound) else arrival.provider_message_id
        assert known.startswith(f"{kind}:")
        assert len(known) <= 200
        # Whatever is stored can be written to a file and a database.
        json.dumps([str(arrival), taken.answer.text], ensure_ascii=False).encode()
        assert "\x00" not in known


texts = st.text(st.characters(), max_size=40)
names = st.sampled_from(
    ["k", "id", "own", "from", "sender", "text", "content", "dlr", "reply", "ts", "coding",
     "charset", "sign", "cpid", "smsid", "receiverTime", "SendStatus", "SendSuccess", "RequestId"]
)  # fmt: skip
likely = st.sampled_from(
    ["", "1", "8", "5", "4", "2", "hotro-1", "+84912345678", "UTF-16BE", "2026", "cpid-1", HOOK]
)
queries = st.dictionaries(names, likely | texts, max_size=12)


@pytest.mark.parametrize("kind", CALLED)
@given(query=queries, raw=st.binary(max_size=60), raw_query=texts)
def test_any_call_is_taken_or_refused(
    kind: str, query: dict[str, str], raw: bytes, raw_query: str
) -> None:
    is_sorted(kind, Call("GET", {}, query, raw, "", NOW, raw_query))
    is_sorted(kind, Call("GET", {}, query | {"k": HOOK}, raw, "", NOW, raw_query))


values: st.SearchStrategy[object] = st.one_of(
    st.none(), st.booleans(), st.integers(), texts, st.floats(), st.just([])
)
near = st.fixed_dictionaries(
    {},
    optional={
        "event": values | st.sampled_from(["sms:received", "sms:sent", "receipt"]),
        "id": values,
        "from": values | st.just("0912345678"),
        "text": values,
        "status": values | st.just("sent"),
        "received_at": values,
        "payload": values
        | st.fixed_dictionaries(
            {},
            optional={
                "sender": values | st.just("VIETTEL"),
                "phoneNumber": values,
                "message": values,
                "messageId": values | st.just("hotro-1"),
                "simNumber": values,
                "receivedAt": values
                | st.sampled_from(["2026-11-20T09:00:00+07:00", "0001-01-01T00:00:00+14:00"]),
                "reason": values,
            },
        ),
    },
)


@pytest.mark.parametrize("kind", POSTED)
@given(body=near | st.binary(max_size=80))
def test_any_signed_body_is_taken_or_malformed(kind: str, body: dict[str, object] | bytes) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {k.lower(): v for k, v in signature.headers(HOOK, raw, NOW).items()}
    is_sorted(kind, Call("POST", headers, {}, raw, "application/json", NOW))


@pytest.mark.parametrize("kind", POSTED)
@given(raw=st.binary(max_size=60), key=st.text(max_size=10), at=st.text(max_size=12))
def test_nothing_is_taken_that_is_not_signed(kind: str, raw: bytes, key: str, at: str) -> None:
    given_ = {"x-signature": signature.sign(key, raw, at), "x-timestamp": at}
    read = KINDS[kind].read
    assert read is not None
    with pytest.raises(CallRefusedError):
        read(config(kind), Call("POST", given_, {}, raw, "application/json", NOW))


@given(text=texts)
def test_a_text_comes_through_kannel_as_it_was(text: str) -> None:
    written = text.encode("utf-8", "ignore").decode()
    start = f"k={HOOK}&id=1&from=%2B84912345678&text="
    assert heard("kannel", start + quote_plus(written, safe="")) == written
    # And as bare UTF-16, of which no single byte need be a letter.
    bare = "".join(f"%{byte:02X}" for byte in written.encode("utf-16-be"))
    assert heard("kannel", f"{start}{bare}&charset=UTF-16BE") == written


def heard(kind: str, raw_query: str) -> str:
    """The text of a call by GET, its query taken apart as the web server does it."""
    query = dict(URL(f"http://hotro/?{raw_query}", encoded=True).query)
    read = KINDS[kind].read
    assert read is not None
    (inbound,) = read(config(kind), Call("GET", {}, query, b"", "", NOW, raw_query)).arrivals
    assert isinstance(inbound, Inbound)
    return inbound.text


# --- the webhook over real HTTP ---------------------------------------------------------


@pytest.fixture
async def door() -> AsyncIterator[tuple[httpx.AsyncClient, RecordingIntake]]:
    clock, intake = FixedClock(NOW), RecordingIntake()
    pool = Pool(Tools(clock))
    pool.take([config(kind) for kind in CALLED])
    app = web.Application()
    app.add_routes(routes(intake, pool, clock))
    async with serving(app) as address, httpx.AsyncClient(base_url=address) as http:
        yield http, intake
    await pool.close()


@pytest.mark.parametrize("kind", CALLED)
async def test_a_person_looks_whether_the_address_exists(
    door: tuple[httpx.AsyncClient, RecordingIntake], kind: str
) -> None:
    http, intake = door
    answer = await http.get(f"/webhooks/sms/{kind}/{COMMUNE}")
    assert (answer.status_code, answer.text) == (200, "ok")
    assert (await http.get(f"/webhooks/sms/{kind}/elsewhere")).status_code == 404
    assert (await http.post(f"/webhooks/sms/other/{COMMUNE}", content=b"{}")).status_code == 404
    assert intake.inbounds == []


@pytest.mark.parametrize("kind", CALLED)
async def test_too_much_is_not_read(
    door: tuple[httpx.AsyncClient, RecordingIntake], kind: str
) -> None:
    http, _ = door
    much = b"a" * (MAX_BODY + 1)
    assert (await http.post(f"/webhooks/sms/{kind}/{COMMUNE}", content=much)).status_code == 413


async def test_calls_by_get(door: tuple[httpx.AsyncClient, RecordingIntake]) -> None:
    http, intake = door
    path, query = f"/webhooks/sms/kannel/{COMMUNE}", _recorded("kannel/mo_utf16.txt")
    assert (await http.get(f"{path}?{query.replace(HOOK, 'wrong')}")).status_code == 403
    assert (await http.get(f"{path}?k={HOOK}")).status_code == 400
    intake.fail_next = 1
    assert (await http.get(f"{path}?{query}")).status_code == 503
    answer = await http.get(f"{path}?{query}")
    assert (answer.status_code, answer.text) == (200, "")
    assert [i.text for i in intake.inbounds] == ["Chào bà"]
    path, query = f"/webhooks/sms/esms/{COMMUNE}", _recorded("esms/mo_base64.txt")
    answer = await http.get(f"{path}?{query}")
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert "<Message></Message>" in answer.text


async def test_a_gateway_that_cannot_be_built_still_hears() -> None:
    clock, intake = FixedClock(NOW), RecordingIntake()
    pool = Pool(Tools(clock))
    pool.take([replace(config("kannel"), options={"url": "nowhere"})])
    assert pool.faults
    app = web.Application()
    app.add_routes(routes(intake, pool, clock))
    async with serving(app) as address, httpx.AsyncClient(base_url=address) as http:
        query = _recorded("kannel/mo_gsm.txt")
        answer = await http.get(f"/webhooks/sms/kannel/{COMMUNE}?{query}")
        assert answer.status_code == 200
    assert len(intake.inbounds) == 1


def _recorded(name: str) -> str:
    return (PAYLOADS / name).read_text(encoding="ascii").strip()


# --- the kinds themselves ---------------------------------------------------------------


def test_the_kinds_that_there_are() -> None:
    assert set(KINDS) == {"generic", "smsgate", "gammu", "kannel", "esms", "smpp"}
    assert all(kind.id == name for name, kind in KINDS.items())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_kind_explains_itself(kind: str) -> None:
    found = KINDS[kind]
    assert found.label
    assert found.about.endswith(".")
    names = [field.name for field in found.fields]
    assert len(set(names)) == len(names)
    assert all(field.label for field in found.fields)
    assert all(field.secret for field in found.fields if field.made)
    assert found.read is None or any(field.secret for field in found.fields)


@pytest.mark.parametrize("kind", CALLED)
def test_every_kind_that_is_called_has_recorded_payloads(kind: str) -> None:
    assert list((PAYLOADS / kind).iterdir())
