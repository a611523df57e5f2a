"""Consent, codes, and tokens that rotate (fact sheet 2)."""

from __future__ import annotations

import asyncio
import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import FixedClock
from integrations.zalo.simulator.tokens import challenge_of
from tests.integrations.zalo.simulator.conftest import (
    ACCESS,
    APP,
    OA,
    REFRESH,
    SECRETS,
    START,
    Lab,
    laboratory,
)

PERMISSION, TOKEN = "/v4/oa/permission", "/v4/oa/access_token"
BACK = "https://hotro.example.vn/zalo/xong?tinh=1"
SECRET = {"secret_key": SECRETS["app_secret"]}
VERIFIER = "v" * 43


async def grant(lab: Lab, headers: dict[str, str] = SECRET, **form: str) -> dict[str, Any]:
    answer = await lab.http.post(TOKEN, data={"app_id": APP} | form, headers=headers)
    assert answer.status_code == 200
    result: dict[str, Any] = answer.json()
    return result


async def refresh(lab: Lab, token: str) -> dict[str, Any]:
    return await grant(lab, grant_type="refresh_token", refresh_token=token)


async def works(lab: Lab, token: str) -> int:
    answer = await lab.http.get("/v2.0/oa/getoa", headers={"access_token": token})
    return int(answer.json()["error"])


async def agree(lab: Lab, **query: str) -> dict[str, str]:
    """Press the page's button and give what stands in the redirect."""
    page = await lab.http.get(PERMISSION, params={"app_id": APP, "redirect_uri": BACK} | query)
    assert page.status_code == 200
    assert "Đồng ý" in page.text
    fields = {
        name: html.unescape(value)
        for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page.text)
    }
    answer = await lab.http.post(PERMISSION, data=fields)
    assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == BACK.split("?")[0]
    return {name: values[0] for name, values in parse_qs(target.query).items()}


async def test_from_consent_to_a_working_token(lab: Lab) -> None:
    challenge = challenge_of(VERIFIER)
    back = await agree(lab, code_challenge=challenge, state='"><b>&')
    assert (back["tinh"], back["oa_id"], back["state"]) == ("1", OA, '"><b>&')
    form = {"grant_type": "authorization_code", "code": back["code"], "code_verifier": VERIFIER}
    pair = await grant(lab, **form)
    assert pair["expires_in"] == "90000"
    assert await works(lab, pair["access_token"]) == 0
    again = await grant(lab, **form)
    assert again["error"] < 0
    assert {"error_name", "error_reason", "error_description", "ref_doc"} <= set(again)
    assert "access_token" not in again


async def test_a_code_is_good_for_ten_minutes_and_its_verifier(lab: Lab) -> None:
    code = (await agree(lab, code_challenge=challenge_of(VERIFIER)))["code"]
    wrong = await grant(lab, grant_type="authorization_code", code=code, code_verifier="x" * 43)
    assert wrong["error_name"] == "Invalid code verifier"
    code = (await agree(lab))["code"]
    lab.clock.advance(timedelta(minutes=10))
    assert (await grant(lab, grant_type="authorization_code", code=code))[
        "error_name"
    ] == "Invalid code"
    code = (await agree(lab))["code"]
    assert "access_token" in await grant(lab, grant_type="authorization_code", code=code)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"app_id": "1"}, "-14002"),
        ({"redirect_uri": "https://example.vn/other"}, "-14003"),
        ({"redirect_uri": "javascript:alert(1)"}, "-14003"),
        ({"redirect_uri": ""}, "-14003"),
    ],
)
async def test_consent_that_cannot_be_asked(query: dict[str, str], code: str) -> None:
    async with laboratory(redirect_uri=BACK) as lab:
        asked = {"app_id": APP, "redirect_uri": BACK} | query
        for answer in (
            await lab.http.get(PERMISSION, params=asked),
            await lab.http.post(PERMISSION, data=asked),
        ):
            assert answer.status_code == 400
            assert code in answer.text
        await agree(lab)


async def test_a_refresh_ends_both_old_tokens(lab: Lab) -> None:
    assert await works(lab, ACCESS) == 0
    pair = await refresh(lab, REFRESH)
    assert await works(lab, ACCESS) == -216
    assert await works(lab, pair["access_token"]) == 0
    dead = await refresh(lab, REFRESH)
    assert dead["error"] == -14014
    assert await works(lab, pair["access_token"]) == 0
    assert "access_token" in await refresh(lab, pair["refresh_token"])


async def test_the_code_of_a_dead_refresh_token_can_be_chosen() -> None:
    async with laboratory(dead_code=-118) as lab:
        assert (await refresh(lab, "nobody"))["error"] == -118


async def test_of_many_refreshes_one_wins(lab: Lab) -> None:
    answers = await asyncio.gather(*(refresh(lab, REFRESH) for _ in range(8)))
    assert sum("access_token" in one for one in answers) == 1


async def test_tokens_end_by_the_clock(lab: Lab) -> None:
    lab.clock.advance(timedelta(hours=25) - timedelta(seconds=1))
    assert await works(lab, ACCESS) == 0
    lab.clock.advance(timedelta(seconds=1))
    assert await works(lab, ACCESS) == -220
    pair = await refresh(lab, REFRESH)
    lab.clock.advance(timedelta(days=90))
    assert (await refresh(lab, pair["refresh_token"]))["error"] == -14014


async def test_a_token_without_a_refresh_token_never_ends() -> None:
    async with laboratory(refresh_token="") as lab:
        lab.clock.advance(timedelta(days=365))
        assert await works(lab, ACCESS) == 0
        assert (await refresh(lab, ""))["error"] == -14014


@pytest.mark.parametrize(
    ("headers", "form", "code"),
    [
        ({}, {}, -14004),
        ({"secret_key": "wrong"}, {}, -14004),
        (SECRET, {"app_id": "1"}, -14002),
        (SECRET, {"grant_type": "password"}, -14005),
    ],
)
async def test_who_may_refresh(
    lab: Lab, headers: dict[str, str], form: dict[str, str], code: int
) -> None:
    whole = {"app_id": APP, "grant_type": "refresh_token", "refresh_token": REFRESH} | form
    assert (await grant(lab, headers, **whole))["error"] == code
    assert await works(lab, ACCESS) == 0


async def test_a_json_body_is_not_read(lab: Lab) -> None:
    body = {"app_id": APP, "grant_type": "refresh_token", "refresh_token": REFRESH}
    assert (await lab.http.post(TOKEN, json=body, headers=SECRET)).json()["error"] == -14002


async def test_a_lost_refresh_has_rotated(lab: Lab) -> None:
    await lab.http.post("/faults", json={"lose_refresh": 1, "drop_seconds": 0.01})
    with pytest.raises(httpx.RemoteProtocolError):
        await refresh(lab, REFRESH)
    assert await works(lab, ACCESS) == -216
    assert (await refresh(lab, REFRESH))["error"] == -14014


async def test_tokens_and_codes_survive_a_restart(tmp_path: Path) -> None:
    state, clock = tmp_path / "zalo.sqlite", FixedClock(START)
    async with laboratory(state, clock=clock) as lab:
        pair = await refresh(lab, REFRESH)
        code = (await agree(lab))["code"]
    async with laboratory(state, clock=clock) as lab:
        assert await works(lab, pair["access_token"]) == 0
        # The constructor's first pair was replaced in the earlier life and stays dead.
        assert await works(lab, ACCESS) == -216
        assert "access_token" in await grant(lab, grant_type="authorization_code", code=code)


async def test_a_revoked_app(lab: Lab) -> None:
    await lab.act("/console/revoke")
    assert await works(lab, ACCESS) == -216
    assert (await refresh(lab, REFRESH))["error"] == -14014


@given(st.text())
def test_a_challenge_is_43_url_safe_characters(verifier: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", challenge_of(verifier))


def test_the_challenge_of_rfc_7636() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
