"""The pages themselves: content, links, headers, sessions, 404s, QR codes, files."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from aiohttp import ClientResponse

from integrations.webchat.pages import HERE, Opening
from integrations.webchat.views import dialable, sms_link, spoken, zalo_link
from tests.integrations.webchat.conftest import PAGE, Site

STRICT = "default-src 'self'"
TEMPLATES = sorted((HERE / "templates").glob("*.html"))


def cookie(response: ClientResponse) -> SimpleCookie:
    return SimpleCookie(response.headers["Set-Cookie"])


async def test_page_tells_who_answers_and_what_not_to_send(site: Site) -> None:
    html = await (await (await site.client()).get(PAGE)).text()
    assert "<h1" in html
    assert "Xã Song Phượng" in html
    assert "Trợ lý tự động, không phải cán bộ" in html
    assert "số căn cước, mật khẩu hay mã OTP" in html
    assert "7:30–11:30" in html


async def test_page_offers_zalo_and_sms_with_the_procedures_keyword(site: Site) -> None:
    client = await site.client()
    html = await (await client.get(f"{PAGE}?b=BT7K&p=khai_sinh")).text()
    assert 'href="https://zalo.me/1234567890123456789"' in html
    assert 'href="sms:+84912345678?&amp;body=KS"' in html
    assert 'href="tel:02433681234"' in html
    assert 'data-start-id="start-BT7K"' in html
    assert 'data-start-text="#hoi.khai_sinh"' in html
    plain = await (await client.get(PAGE)).text()
    assert 'href="sms:+84912345678"' in plain
    assert 'data-start-text="#chao"' in plain


async def test_a_commune_without_channels_has_no_dead_links_and_is_escaped(site: Site) -> None:
    html = await (await (await site.client()).get("/chat/gia-phu")).text()
    assert "Xã &lt;Gia Phú&gt;" in html
    assert not re.search(r"zalo\.me|sms:|tel:", html)


@pytest.mark.parametrize(
    ("query", "start_id", "start_text"),
    [
        ({}, "start-0", "#chao"),
        ({"p": "khai_tu"}, "start-khai_tu", "#hoi.khai_tu"),
        ({"b": 'x"><script>', "p": "../etc"}, "start-0", "#chao"),
        ({"b": "a" * 49, "p": "a" * 41}, "start-0", "#chao"),
    ],
)
def test_opening(query: dict[str, str], start_id: str, start_text: str) -> None:
    opening = Opening.of(query)
    assert (opening.start_id, opening.start_text) == (start_id, start_text)


async def test_security_headers_everywhere(site: Site) -> None:
    client = await site.client()
    for path in (PAGE, "/chat/la", "/q/BT7K", f"{PAGE}/messages", "/chat-static/chat.js"):
        response = await client.get(path, allow_redirects=False)
        assert response.headers["Content-Security-Policy"].startswith(STRICT), path
        assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"
        assert "Server" not in response.headers or "hotro" not in response.headers["Server"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_obey_the_policy(path: Path) -> None:
    html = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)


async def test_session_cookie_is_random_private_and_of_one_commune(site: Site) -> None:
    first = cookie(await (await site.client()).get(PAGE))["hotro_chat"]
    second = cookie(await (await site.client()).get(PAGE))["hotro_chat"]
    assert re.fullmatch(r"[0-9a-f]{32}", first.value)
    assert first.value != second.value
    assert first["httponly"]
    assert first["samesite"] == "Lax"
    assert first["path"] == PAGE
    assert not first["secure"]


async def test_session_stays_over_visits_and_is_secure_behind_https(site: Site) -> None:
    client = await site.client()
    first = cookie(await client.get(PAGE))["hotro_chat"]
    again = await client.get(PAGE, headers={"X-Forwarded-Proto": "https"})
    assert cookie(again)["hotro_chat"].value == first.value
    assert cookie(again)["hotro_chat"]["secure"]


@pytest.mark.parametrize("value", ["", "short", "Z" * 32, "0" * 33, "../../etc/passwd"])
async def test_a_made_up_cookie_is_replaced(site: Site, value: str) -> None:
    client = await site.client()
    response = await client.get(PAGE, headers={"Cookie": f"hotro_chat={value}"})
    assert cookie(response)["hotro_chat"].value != value


async def test_a_new_start_forgets_the_session(site: Site) -> None:
    client = await site.visitor()
    response = await client.post(f"{PAGE}/end")
    assert response.status == 200
    assert cookie(response)["hotro_chat"]["max-age"] == "0"
    assert (await client.post(f"{PAGE}/end")).status == 401


@pytest.mark.parametrize("path", ["/chat/khong-co", "/chat/%00", "/chat/" + "x" * 500])
async def test_unknown_commune_gets_a_friendly_page(site: Site, path: str) -> None:
    response = await (await site.client()).get(path)
    assert response.status == 404
    assert "Không tìm thấy xã này" in await response.text()
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ("BT7K", "/chat/song-phuong?b=BT7K&p=khai_sinh"),
        ("ALL1", "/chat/song-phuong?b=ALL1"),
    ],
)
async def test_a_scanned_board_is_counted_and_leads_to_its_chat(
    site: Site, code: str, target: str
) -> None:
    response = await (await site.client()).get(f"/q/{code}", allow_redirects=False)
    assert response.status == 303
    assert response.headers["Location"] == target
    assert site.boards.scans == [code]


@pytest.mark.parametrize("code", ["KHONG", "LOST", "%00", "x" * 200, "%27%20OR%201=1"])
async def test_unknown_board_gets_a_friendly_page(site: Site, code: str) -> None:
    response = await (await site.client()).get(f"/q/{code}")
    assert response.status == 404
    assert "Mã QR này không còn dùng" in await response.text()


async def test_static_files_are_typed_and_revalidated(site: Site) -> None:
    client = await site.client()
    for name, kind in (("chat.js", "text/javascript"), ("chat.css", "text/css")):
        response = await client.get(f"/chat-static/{name}")
        assert response.status == 200
        assert response.content_type == kind
        assert response.headers["Cache-Control"] == "no-cache"
        again = await client.get(
            f"/chat-static/{name}", headers={"If-None-Match": response.headers["ETag"]}
        )
        assert again.status == 304
    for name in ("nothing.js", "..%2froutes.py", "%2e%2e/routes.py", "chat.py"):
        assert (await client.get(f"/chat-static/{name}")).status == 404


def test_scripts_import_only_files_that_are_there() -> None:
    static = HERE / "static"
    for script in static.glob("*.js"):
        for name in re.findall(r'from "/chat-static/([^"]+)"', script.read_text(encoding="utf-8")):
            assert (static / name).is_file(), f"{script.name} imports {name}"


@pytest.mark.parametrize(
    ("number", "plain", "read_aloud"),
    [
        ("+84 912-345-678", "+84912345678", "0912 345 678"),
        ("02433681234", "02433681234", "024 3368 1234"),
        ("0203 3825678", "02033825678", "0203 382 5678"),
        ("8088", "8088", "8088"),
        ("", "", ""),
    ],
)
def test_phone_numbers(number: str, plain: str, read_aloud: str) -> None:
    assert dialable(number) == plain
    assert spoken(number) == read_aloud


def test_links_escape_what_they_carry() -> None:
    assert sms_link("8088", "KS & KT") == "sms:8088?&body=KS%20%26%20KT"
    assert sms_link("", "KS") == ""
    assert zalo_link("1/../2") == "https://zalo.me/1%2F..%2F2"
