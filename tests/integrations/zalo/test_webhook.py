"""The webhook's steps, over real HTTP, each with what may go wrong in it."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.messages import Inbound, InboundKind
from integrations.fields import scalar
from integrations.testing import RecordingIntake
from integrations.zalo.account import ZaloAccount
from integrations.zalo.oa import signature
from integrations.zalo.webhook import MAX_BODY, routes
from tests.integrations.http import serving
from tests.integrations.zalo.conftest import ACCOUNT, COMMUNE, USER
from tests.integrations.zalo.test_events import FILES, GROUP, any_object

PATH = f"/webhooks/zalo/{COMMUNE}"


@dataclass
class Door:
    """The webhook alone, and somebody who knocks."""

    http: httpx.AsyncClient
    intake: RecordingIntake
    accounts: dict[str, ZaloAccount]

    async def knock(self, raw: bytes, header: str | None = None, path: str = PATH) -> int:
        """POST ``raw``; signed properly unless ``header`` says otherwise."""
        header = sign(raw) if header is None else header
        headers = {signature.HEADER: header} if header else {}
        return (await self.http.post(path, content=raw, headers=headers)).status_code


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    intake, accounts = RecordingIntake(), {COMMUNE: ACCOUNT}
    app = web.Application()
    app.add_routes(routes(intake, accounts))
    async with serving(app) as address, httpx.AsyncClient(base_url=address, timeout=20) as http:
        yield Door(http, intake, accounts)


def sign(raw: bytes, account: ZaloAccount = ACCOUNT) -> str:
    try:
        timestamp = str(json.loads(raw)["timestamp"])
    except (ValueError, KeyError, TypeError):
        timestamp = "1"
    return signature.header_value(account.app_id, raw, timestamp, account.oa_secret)


def text_event(text: str, account: ZaloAccount = ACCOUNT) -> bytes:
    payload = json.loads(FILES["user_send_text"].read_bytes())
    payload["message"]["text"] = text
    payload["recipient"]["id"] = account.oa_id
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("name", sorted(FILES))
async def test_every_recorded_event_is_acknowledged(door: Door, name: str) -> None:
    raw = FILES[name].read_bytes()
    assert await door.knock(raw) == 200
    kept = door.intake
    assert len(kept.inbounds) + len(kept.receipts) + len(kept.echoes) >= 1
    before = (list(kept.inbounds), list(kept.receipts))
    assert await door.knock(raw) == 200
    assert (kept.inbounds, kept.receipts) == before
    assert set(kept.echoes) == set(kept.echoes[:1])


async def test_a_look_at_the_address(door: Door) -> None:
    assert (await door.http.get(PATH)).text == "ok"
    assert (await door.http.get("/webhooks/zalo/elsewhere")).status_code == 404


@pytest.mark.parametrize("header", ["", "mac=", "mac=00", f"mac={'0' * 64}", "mac=ạ".encode()])
async def test_unsigned_is_refused_and_not_stored(door: Door, header: str) -> None:
    with capture_logs() as logs:
        assert await door.knock(text_event("bí mật của bà"), header) == 401
    assert not door.intake.inbounds
    assert "bí mật" not in str(logs)
    assert USER not in str(logs)
    assert ACCOUNT.oa_secret not in str(logs)


async def test_a_keyed_hash_is_refused(door: Door) -> None:
    raw = text_event("một")
    secret, stamp = ACCOUNT.oa_secret.encode(), str(json.loads(raw)["timestamp"]).encode()
    for said in (raw, ACCOUNT.app_id.encode() + raw + stamp):
        keyed = hmac.new(secret, said, "sha256").hexdigest()
        assert await door.knock(raw, f"mac={keyed}") == 401


async def test_another_oas_secret_is_refused(door: Door) -> None:
    raw = text_event("một")
    assert await door.knock(raw, sign(raw, replace(ACCOUNT, oa_secret="of-another-oa"))) == 401
    assert not door.intake.inbounds


async def test_a_signature_over_other_bytes_is_refused(door: Door) -> None:
    raw = text_event("một")
    spaced = json.dumps(json.loads(raw), ensure_ascii=False).encode()
    assert await door.knock(spaced, sign(raw)) == 401


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"null", b"[" * 100_000, b"a=1&b=2"]
)
async def test_malformed_bodies(door: Door, raw: bytes) -> None:
    assert await door.knock(raw, "mac=00") == 400
    assert await door.knock(raw, "") == 401
    assert not door.intake.inbounds


async def test_a_body_without_a_time_cannot_be_verified(door: Door) -> None:
    assert await door.knock(b'{"event_name":"follow"}') == 401


@pytest.mark.parametrize("path", ["/webhooks/zalo/elsewhere", "/webhooks/zalo/%00"])
async def test_an_unknown_commune(door: Door, path: str) -> None:
    assert await door.knock(text_event("x"), path=path) == 404


async def test_a_megabyte_null_bytes_and_emoji_are_taken(door: Door) -> None:
    for text in ("a" * 1_000_000, "a\x00b", "👨‍👩‍👧‍👦" * 200, "\u202etxet", ""):
        raw = text_event(text).replace(b"a1b2c3d4e5f60718", f"m{len(text)}x".encode())
        assert await door.knock(raw) == 200
    assert [len(i.text) for i in door.intake.inbounds] == [1_000_000, 3, 1400, 5, 0]


async def test_too_large_is_refused_announced_or_not(door: Door) -> None:
    raw = b" " * (MAX_BODY + 1)
    assert await door.knock(raw) == 413

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 65536 + 1):
            yield b" " * 65536

    headers = {signature.HEADER: "mac=00"}
    assert (await door.http.post(PATH, content=chunks(), headers=headers)).status_code == 413


async def test_a_failing_intake_asks_for_a_repeat(door: Door) -> None:
    door.intake.fail_next = 1
    raw = text_event("còn đó không")
    with capture_logs() as logs:
        assert await door.knock(raw) == 503
    assert logs[0]["error"] == "IntakeDownError"
    assert await door.knock(raw) == 200
    assert [i.text for i in door.intake.inbounds] == ["còn đó không"]


async def test_a_failing_notice_is_not_lost(door: Door) -> None:
    """The row of the event is stored first; the repeat brings the notice only."""
    raw = FILES["permission_revoked"].read_bytes()
    receive = door.intake.receive

    async def receive_then_fail(inbound: Inbound) -> bool:
        stored = await receive(inbound)
        door.intake.fail_next = 1
        return stored

    door.intake.receive = receive_then_fail  # type: ignore[method-assign]
    assert await door.knock(raw) == 503
    door.intake.fail_next = 0
    door.intake.receive = receive  # type: ignore[method-assign]
    assert await door.knock(raw) == 200
    assert (len(door.intake.inbounds), len(door.intake.notices)) == (1, 1)


async def test_while_the_secret_is_unknown_events_are_dropped(door: Door) -> None:
    """Zalo tests the address before its console shows the secret (fact sheet 3.1)."""
    door.accounts[COMMUNE] = replace(ACCOUNT, oa_secret="")
    assert await door.knock(text_event("x"), "") == 200
    assert await door.knock(b"anything", "") == 200
    assert not door.intake.inbounds


async def test_events_of_a_shared_app_go_to_the_commune_of_their_oa(door: Door) -> None:
    other = replace(ACCOUNT, oa_id="2220001112223334445", oa_secret="another-secret")
    door.accounts["huong-dao"] = other
    raw = text_event("chào", other)
    assert await door.knock(raw) == 401
    assert await door.knock(raw, sign(raw, other)) == 200
    assert [i.commune for i in door.intake.inbounds] == ["huong-dao"]


@pytest.mark.parametrize("name", ["oa_send_hologram", "event_of_next_year"])
async def test_so_do_events_whose_sides_are_not_known_yet(door: Door, name: str) -> None:
    other = replace(ACCOUNT, oa_id="2220001112223334445", oa_secret="another-secret")
    door.accounts["huong-dao"] = other
    payload = json.loads(FILES["user_send_text"].read_bytes()) | {"event_name": name}
    for sender, recipient in ((USER, other.oa_id), (other.oa_id, USER)):
        payload |= {"sender": {"id": sender}, "recipient": {"id": recipient}}
        raw = json.dumps(payload).encode()
        assert await door.knock(raw, sign(raw, other)) == 200
    communes = [inbound.commune for inbound in door.intake.inbounds]
    communes += [echo.commune for echo in door.intake.echoes]
    assert set(communes) == {"huong-dao"}


async def test_a_group_tells_the_commune_where_the_oa_is_not_named(door: Door) -> None:
    raw = FILES["user_send_group_text_quote_copy"].read_bytes()
    other = replace(ACCOUNT, oa_id="2", oa_secret="another-secret", officer_group=GROUP)
    door.accounts["huong-dao"] = other
    assert await door.knock(raw) == 401
    assert await door.knock(raw, sign(raw, other)) == 200
    assert [(i.commune, i.kind) for i in door.intake.inbounds] == [("huong-dao", InboundKind.GROUP)]


async def test_the_group_of_another_app_is_not_ours(door: Door) -> None:
    raw = FILES["user_send_group_text_quote_copy"].read_bytes()
    other = replace(ACCOUNT, app_id="9", oa_id="2", officer_group=GROUP)
    door.accounts["huong-dao"] = other
    assert await door.knock(raw) == 200
    assert [(i.commune, i.kind) for i in door.intake.inbounds] == [(COMMUNE, InboundKind.IGNORED)]


async def test_one_commune_of_a_shared_app_may_still_be_setting_up(door: Door) -> None:
    """Refusing its events would let Zalo switch off the address of all (fact sheet 3.1)."""
    other = replace(ACCOUNT, oa_id="2220001112223334445", oa_secret="")
    door.accounts["huong-dao"] = other
    with capture_logs() as logs:
        assert await door.knock(text_event("chào", other), "mac=00") == 200
    assert (logs[0]["event"], logs[0]["commune"]) == ("zalo.dropped_without_secret", "huong-dao")
    assert not door.intake.inbounds
    there = "/webhooks/zalo/huong-dao"
    assert await door.knock(text_event("của xã kia"), path=there) == 200
    assert await door.knock(text_event("của xã kia"), "mac=00", there) == 401
    assert [i.commune for i in door.intake.inbounds] == [COMMUNE]


async def test_an_oa_of_nobody_is_kept_aside(door: Door) -> None:
    raw = text_event("chào", replace(ACCOUNT, oa_id="1"))
    assert await door.knock(raw) == 200
    assert [i.kind for i in door.intake.inbounds] == [InboundKind.IGNORED]


@settings(max_examples=20, deadline=None)
@given(st.lists(any_object, min_size=5, max_size=5))
async def test_any_signed_object_is_acknowledged(payloads: list[dict[str, object]]) -> None:
    app = web.Application()
    app.add_routes(routes(RecordingIntake(), {COMMUNE: ACCOUNT}))
    async with serving(app) as address, httpx.AsyncClient(base_url=address) as http:
        for payload in payloads:
            raw = json.dumps(payload).encode()
            at = scalar(payload.get("timestamp"))
            mac = signature.header_value(ACCOUNT.app_id, raw, at, ACCOUNT.oa_secret)
            headers = {signature.HEADER: mac}
            assert (await http.post(PATH, content=raw, headers=headers)).status_code == 200
            assert (await http.post(PATH, content=raw)).status_code == 401


async def test_an_account_prints_no_secret() -> None:
    assert ACCOUNT.oa_secret not in repr(ACCOUNT)
