"""Consent, exchange and refresh on the wire, and every way in which they fail."""

from __future__ import annotations

import base64
import hashlib
import string
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.zalo.oa.errors import (
    GrantDeadError,
    NotSentError,
    OAuthRefusedError,
    ThrottledError,
    UnknownOutcomeError,
    ZaloError,
)
from integrations.zalo.oa.oauth import OAuthClient, TokenPair, challenge, consent_url, new_verifier
from integrations.zalo.oa.rules import CODE_SPENT
from tests.integrations.zalo.oa.conftest import START, Ticking, Zalo

GRANTED: dict[str, object] = {
    "access_token": "a2",
    "refresh_token": "r2",
    "expires_in": "90000",
}
DEAD: dict[str, object] = {
    "error": -14014,
    "error_name": "Invalid refresh token",
    "error_reason": "used",
    "error_description": "refresh token r1 was used",
    "ref_doc": "https://a.vn",
}


@pytest.fixture
def oauth(http: httpx.AsyncClient, clock: Ticking) -> OAuthClient:
    return OAuthClient("900", "app-secret", http, clock)


def test_pkce_as_zalo_checks_it() -> None:
    verifier = new_verifier()
    assert len(verifier) == 43
    assert set(verifier) <= set(string.ascii_letters + string.digits + "-_")
    digest = hashlib.sha256(verifier.encode()).digest()
    assert base64.urlsafe_b64decode(challenge(verifier) + "=") == digest
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == (
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )  # RFC 7636, appendix B


def test_the_consent_page() -> None:
    url = urlsplit(consent_url("900", "https://xa.vn/cb?x=1", "st", code_challenge="ch"))
    assert f"{url.scheme}://{url.netloc}{url.path}" == (
        "https://oauth.zaloapp.com/v4/oa/permission"
    )
    assert parse_qs(url.query) == {
        "app_id": ["900"],
        "redirect_uri": ["https://xa.vn/cb?x=1"],
        "code_challenge": ["ch"],
        "state": ["st"],
    }
    assert "code_challenge" not in consent_url("900", "u", "s", host="http://127.0.0.1:1/sim/")


async def test_the_exchange(oauth: OAuthClient, zalo: Zalo) -> None:
    zalo.answers = [GRANTED | {"refresh_token_expires_in": "7776001"}]
    pair = await oauth.exchange("code", "verifier")
    assert pair == TokenPair(
        "a2", "r2", START + timedelta(hours=25), START + timedelta(seconds=7776001)
    )
    assert str(zalo.last.url) == "https://oauth.zaloapp.com/v4/oa/access_token"
    assert zalo.last.method == "POST"
    assert zalo.last.headers["secret_key"] == "app-secret"
    assert zalo.last.headers["content-type"] == "application/x-www-form-urlencoded"
    assert zalo.form == {
        "app_id": "900",
        "code": "code",
        "code_verifier": "verifier",
        "grant_type": "authorization_code",
    }
    await oauth.exchange("code")
    assert "code_verifier" not in zalo.form
    for secret in ("a2", "r2"):
        assert secret not in repr(pair)


@pytest.mark.parametrize("expires_in", ["90000", 90000, None, "soon", 0, -1, 10**12])
async def test_the_refresh(oauth: OAuthClient, zalo: Zalo, expires_in: object) -> None:
    zalo.answers = [GRANTED | {"expires_in": expires_in}]
    pair = await oauth.refresh("r1")
    assert pair.access_expires_at == START + timedelta(hours=25)
    assert pair.refresh_expires_at == START + timedelta(days=90)
    assert zalo.form == {"app_id": "900", "refresh_token": "r1", "grant_type": "refresh_token"}


@pytest.mark.parametrize("code", [-14014, -14020, -118, "-14014"])
async def test_a_dead_grant(oauth: OAuthClient, zalo: Zalo, code: object) -> None:
    zalo.answers = [DEAD | {"error": code}]
    with pytest.raises(GrantDeadError) as caught:
        await oauth.refresh("r1")
    assert "cấp quyền lại" in caught.value.reason
    assert "r1" not in str(caught.value)


async def test_a_spent_code_is_no_dead_grant(oauth: OAuthClient, zalo: Zalo) -> None:
    zalo.answers = [DEAD]
    with pytest.raises(OAuthRefusedError, match=CODE_SPENT) as caught:
        await oauth.exchange("code")
    assert not isinstance(caught.value, GrantDeadError)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"error": -14003, "error_name": "x"}, OAuthRefusedError),
        ({"error": -14999}, OAuthRefusedError),
        (httpx.Response(400, json={"error": -14002}), OAuthRefusedError),
        (httpx.Response(401, text="no"), OAuthRefusedError),
        (httpx.Response(403, json={}), OAuthRefusedError),
        (httpx.Response(401, json=DEAD), GrantDeadError),
        (httpx.Response(429, headers={"Retry-After": "7"}), ThrottledError),
        (httpx.Response(503), ThrottledError),
        (httpx.Response(502, text="<html>"), UnknownOutcomeError),
        (httpx.Response(200, text=""), UnknownOutcomeError),
        (httpx.Response(200, text="<html>"), UnknownOutcomeError),
        ({}, UnknownOutcomeError),
        ({"error": 0}, UnknownOutcomeError),
        ({"access_token": "a2"}, UnknownOutcomeError),
        ({"refresh_token": "r2"}, UnknownOutcomeError),
        ({"access_token": "", "refresh_token": "r2"}, UnknownOutcomeError),
        ({"access_token": None, "refresh_token": "r2"}, UnknownOutcomeError),
        (httpx.ReadTimeout("x"), UnknownOutcomeError),
        (httpx.RemoteProtocolError("x"), UnknownOutcomeError),
        (httpx.ConnectError("x"), NotSentError),
    ],
)
async def test_every_other_failure(
    oauth: OAuthClient, zalo: Zalo, answer: Any, kind: type[ZaloError]
) -> None:
    zalo.answers = [answer]
    with pytest.raises(ZaloError) as caught:
        await oauth.refresh("r1")
    assert type(caught.value) is kind


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)
KEYS = st.sampled_from(["access_token", "refresh_token", "expires_in", "error", "error_name"])


@given(st.dictionaries(KEYS, JSON))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_a_pair_needs_both_tokens_whatever_zalo_says(
    oauth: OAuthClient, zalo: Zalo, body: dict[str, Any]
) -> None:
    zalo.answers = [body]
    try:
        pair = await oauth.refresh("r1")
    except ZaloError:
        return
    assert pair.access == body["access_token"] != ""
    assert pair.refresh == body["refresh_token"] != ""
    assert pair.access_expires_at > START
