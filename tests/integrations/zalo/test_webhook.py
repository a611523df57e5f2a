"""The webhook's steps, over real HTTP, each with what may go wrong in it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.messages import InboundKind
from integrations.testing import RecordingIntake
from integrations.zalo.account import ZaloAccount
from integrations.zalo.oa import signature
from integrations.zalo.webhook import MAX_BODY, routes
from tests.integrations.http import serving
from tests.integrations.zalo.conftest import ACCOUNT, COMMUNE, USER
from tests.integrations.zalo.test_events import FILES

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
    stored = len(door.intake.inbounds) + len(door.intake.receipts) + len(door.intake.echoes)
    assert stored >= 1
    assert await door.knock(raw) == 200
    assert len(door.intake.inbounds) <= 1


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


async def test_an_oa_of_nobody_is_kept_aside(door: Door) -> None:
    raw = text_event("chào", replace(ACCOUNT, oa_id="1"))
    assert await door.knock(raw) == 200
    assert [i.kind for i in door.intake.inbounds] == [InboundKind.IGNORED]


async def test_an_account_prints_no_secret() -> None:
    assert ACCOUNT.oa_secret not in repr(ACCOUNT)
